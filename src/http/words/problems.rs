//! The texts of problems: title and detail, Chinese and English.
//!
//! Lives here: one row per code. Does not live here: statuses. Invariant: `{name}` in a detail is a
//! fact that the problem carries.

use super::super::problem::Code;

/// Title (zh, en) and detail (zh, en).
type Texts = (&'static str, &'static str, &'static str, &'static str);

/// The texts of a code; the internal error's where one has no row, which a test forbids.
pub(super) fn texts(code: Code) -> Texts {
    let row = TABLE.iter().find(|(of, _)| *of == code);
    row.map_or(INTERNAL, |(_, texts)| *texts)
}

const INTERNAL: Texts = (
    "内部错误",
    "Internal error",
    "服务内部错误;请将 request_id 告知管理员。",
    "The service failed inside; tell the administrator the request_id.",
);

const TABLE: &[(Code, Texts)] = &[
    (
        Code::MalformedJson,
        (
            "请求体不是有效的 JSON",
            "Malformed JSON",
            "请求体无法解析;{faults} 处问题见 errors。",
            "The body cannot be read; see errors ({faults}).",
        ),
    ),
    (
        Code::IdempotencyKeyMissing,
        (
            "缺少 Idempotency-Key",
            "Idempotency-Key is missing",
            "写入请求须带 Idempotency-Key 请求头(1 至 128 个可见 ASCII 字符),重复提交才不会重复记账。",
            "A writing POST needs an Idempotency-Key header of 1 to 128 visible ASCII characters.",
        ),
    ),
    (
        Code::InvalidParameter,
        (
            "查询参数有误",
            "Invalid query parameter",
            "{faults} 个查询参数有误,见 errors。",
            "Wrong query parameters: {faults}; see errors.",
        ),
    ),
    (
        Code::InvalidCursor,
        (
            "游标无效",
            "Invalid cursor",
            "游标无法识别,或属于另一组筛选条件;请从第一页重新开始。",
            "The cursor is unknown or belongs to other filters; start again without one.",
        ),
    ),
    (
        Code::Unauthenticated,
        (
            "未认证",
            "Unauthenticated",
            "请在 Authorization: Bearer 中提供有效的密钥。",
            "Give a valid key as Authorization: Bearer.",
        ),
    ),
    (
        Code::Forbidden,
        (
            "无权进行此操作",
            "Forbidden",
            "该角色不允许此操作;演示服务只应答本机。",
            "The role may not do this; a demo answers this machine only.",
        ),
    ),
    (
        Code::NotFound,
        (
            "未找到",
            "Not found",
            "没有此对象,或不在您的辖区内。",
            "There is no such thing here, or it is outside your region.",
        ),
    ),
    (
        Code::MethodNotAllowed,
        (
            "不支持此方法",
            "Method not allowed",
            "该路径不支持此方法;可用方法见 Allow。",
            "This path does not take this method; Allow names those it takes.",
        ),
    ),
    (
        Code::NotAcceptable,
        (
            "无法提供所要求的格式",
            "Not acceptable",
            "可用格式: json, csv。",
            "The formats are json and csv.",
        ),
    ),
    (
        Code::BodyTooLarge,
        (
            "请求体过大",
            "Body too large",
            "请求体不得超过 1 MiB,导入文件不得超过 8 MiB。",
            "The body may have 1 MiB at most, an imported file 8 MiB.",
        ),
    ),
    (
        Code::UnsupportedMediaType,
        (
            "不支持的内容类型",
            "Unsupported media type",
            "请以 application/json 发送请求体;导入文件用 text/csv 或 application/x-ndjson。",
            "Send the body as application/json, a file to import as text/csv or \
             application/x-ndjson.",
        ),
    ),
    (
        Code::InvalidValue,
        (
            "数值有误",
            "Invalid values",
            "{faults} 处数值有误,见 errors;未执行任何操作。",
            "Values that cannot be: {faults}; see errors. Nothing was done.",
        ),
    ),
    (
        Code::PreconditionFailed,
        (
            "对象已被修改",
            "Precondition failed",
            "{name} 不是您所指的状态(已存在、不存在或已被修改);请重新读取。",
            "{name} is not in the state you named: it exists, is missing or has changed; read it.",
        ),
    ),
    (
        Code::PreconditionRequired,
        (
            "须给出条件",
            "Precondition required",
            "新建请带 If-None-Match: *,修改请带 If-Match 与所读到的 ETag。",
            "Give If-None-Match: * to create, or If-Match with the ETag you read to replace.",
        ),
    ),
    (
        Code::UnknownReference,
        (
            "引用的对象不存在",
            "Unknown reference",
            "没有代码为 {name} 的 {kind}({pointer}),或不在您的辖区内。",
            "No {kind} has the code {name} ({pointer}), or it is outside your region.",
        ),
    ),
    (
        Code::InsufficientStock,
        (
            "库存不足",
            "Insufficient stock",
            "第 {line} 行: {depot} 中 {owner} 的 {item} 可用 {have},需要 {need};另有 {unusable} 已过期或超储存年限。",
            "Line {line}: {depot} has {have} usable {item} of {owner}, {need} are needed; \
             {unusable} more are past their date.",
        ),
    ),
    (
        Code::LotExpired,
        (
            "批次已过期",
            "Lot expired",
            "第 {line} 行: {item} 批次 {lot_no} 最后可用日为 {last_usable_on},业务日期为 {occurred_on}。",
            "Line {line}: lot {lot_no} of {item} was last usable on {last_usable_on}, \
             the movement is of {occurred_on}.",
        ),
    ),
    (
        Code::NegativeHistory,
        (
            "补录会使后续库存为负",
            "Negative history",
            "第 {line} 行: {depot} 的 {item} 在 {at} 只有 {have},需要 {need}。",
            "Line {line}: {depot} had only {have} of {item} at {at}, {need} are needed.",
        ),
    ),
    (
        Code::DepotClosed,
        (
            "库点不收发物资",
            "Depot closed",
            "库点 {depot} 的状态为 {depot_status}。",
            "Depot {depot} is {depot_status}.",
        ),
    ),
    (
        Code::DocumentExists,
        (
            "单据已入账",
            "Document exists",
            "单据 {document_no} 已记为第 {seq} 号({movement_id});确需重复请置 repeat_of_document 为 true。",
            "Document {document_no} is already booked as entry {seq} ({movement_id}); \
             set repeat_of_document to book it again.",
        ),
    ),
    (
        Code::AlreadyReversed,
        (
            "已冲正",
            "Already reversed",
            "该笔已由第 {seq} 号({movement_id})冲正。",
            "Entry {seq} ({movement_id}) has already reversed it.",
        ),
    ),
    (
        Code::NotReversible,
        (
            "不可冲正",
            "Not reversible",
            "冲正本身不可再冲正;请重新记账。",
            "A reversal is not reversed; book the movement anew.",
        ),
    ),
    (
        Code::ReversalBeforeTarget,
        (
            "冲正早于原业务",
            "Reversal before its target",
            "原业务发生于 {target_occurred_at},冲正不得更早。",
            "The target occurred at {target_occurred_at}; its reversal cannot be earlier.",
        ),
    ),
    (
        Code::PlanState,
        (
            "计划状态不允许",
            "Plan state",
            "计划 {plan} 的状态为 {state},不能转为 {wanted}。",
            "Plan {plan} is {state}; it cannot be {wanted}.",
        ),
    ),
    (
        Code::PlanLine,
        (
            "订单号所指计划行不符",
            "Plan line",
            "订单号 {order_no} 所指的计划行不可收货({reason};计划状态: {state};物资: {item})。",
            "Order number {order_no} names no plan line that can be received ({reason}; \
             state of the plan: {state}; item of the line: {item}).",
        ),
    ),
    (
        Code::EventState,
        (
            "事件状态不允许",
            "Event state",
            "事件 {event} 的状态为 {state},不能为其发放物资。",
            "Event {event} is {state}; nothing is issued for it.",
        ),
    ),
    (
        Code::ReferenceConflict,
        (
            "与已有数据冲突",
            "Reference conflict",
            "{kind} {name} 与 {with} 冲突: 同一条目在同一天只能有一个标准。",
            "{kind} {name} contradicts {with}: one line has one quota on any day.",
        ),
    ),
    (
        Code::ImportRefused,
        (
            "导入被拒绝",
            "Import refused",
            "{refused} 笔业务被拒绝,见 errors;整个文件未入账。",
            "Refused movements: {refused}; see errors. Nothing of the file was booked.",
        ),
    ),
    (
        Code::IdempotencyKeyReused,
        (
            "Idempotency-Key 已用于其他请求",
            "Idempotency-Key reused",
            "键 {key} 已用于另一请求;请换一个新键。",
            "The key {key} was used for another request; take a new one.",
        ),
    ),
    (
        Code::AsOfUnsupported,
        (
            "不支持过去的日期",
            "as_of unsupported",
            "只有库存可以查询过去的日期。",
            "Only stock answers for past dates.",
        ),
    ),
    (
        Code::RequestTimeout,
        (
            "请求体传输过慢",
            "Request timeout",
            "请求体未在时限内送达,未写入任何内容;请检查网络后以同一键重试。",
            "The body did not arrive in time; nothing was written. Try again with the same key.",
        ),
    ),
    (
        Code::RateLimited,
        (
            "请求过于频繁",
            "Rate limited",
            "该密钥(或该地址)的请求过于频繁,未写入任何内容;请按 Retry-After 稍后以同一键重试。",
            "Too many requests under this key or from this address; nothing was written. \
             Try again after Retry-After with the same key.",
        ),
    ),
    (
        Code::Overloaded,
        (
            "系统繁忙",
            "Overloaded",
            "等待处理的请求过多;请稍后以同一键重试。",
            "Too much is waiting; try again soon with the same key.",
        ),
    ),
    (
        Code::Unavailable,
        (
            "数据库暂不可用",
            "Unavailable",
            "数据库暂不可用,未写入任何内容;请稍后重试。",
            "The database does not answer; nothing was written. Try again soon.",
        ),
    ),
    (
        Code::OutcomeUnknown,
        (
            "结果未知",
            "Outcome unknown",
            "提交时失去连接,结果未知;请以同一键重复请求,系统会告知结果。",
            "The outcome is unknown; repeat the request with the same key to learn it.",
        ),
    ),
    (
        Code::NoSpace,
        (
            "磁盘空间不足",
            "No space",
            "数据库所在磁盘已满,未写入任何内容。",
            "The disk of the database is full; nothing was written.",
        ),
    ),
    (Code::Internal, INTERNAL),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_row() {
        for code in Code::ALL {
            assert!(TABLE.iter().any(|(of, _)| of == code), "{code:?}");
        }
    }
}
