//! What a value should have been, in Chinese.
//!
//! Lives here: phrases of the rules, longest first. Does not live here: the rules. Invariant:
//! numbers, codes and words of the wire stay as they are.

/// English phrase and its Chinese; applied in this order.
const PHRASES: &[(&str, &str)] = &[
    (
        "a division code of 2, 4, 6, 9 or 12 digits without a zero group inside",
        "2、4、6、9 或 12 位区划代码,中间不得有全零段",
    ),
    (
        "a division code of 12 digits (2+2+2+3+3) or its first 2, 4, 6 or 9; ",
        "12 位区划代码(2+2+2+3+3)或其前 2、4、6、9 位;",
    ),
    ("an item code", "物资代码"),
    ("percent-encoded UTF-8", "百分号编码的 UTF-8"),
    ("the name once", "该名称只出现一次"),
    (" parameters", " 个参数"),
    ("a multiple of ", "以下数的整倍数: "),
    ("a line of the plan: ", "计划行号: "),
    ("a UUID such as ", "UUID,如 "),
    ("another region", "另一区划"),
    ("another than on line ", "与该行不同: 第 "),
    ("another than those before it", "与前面各项不同的值"),
    (": highest first", "(由高到低排列)"),
    ("absent where item is given", "已提供 item 时不提供"),
    ("absent for life kind none", "life 的 kind 为 none 时不提供"),
    ("absent for a province", "省级不提供"),
    ("another point than the first", "与起点不同的点"),
    ("when it began", "开始时间"),
    ("absent in a drill and for an event that is closed", "演练或事件已结束时不提供"),
    ("with `reopens_h`", "使用 reopens_h 时须提供"),
    (" with `shock`", "(使用 shock 时)"),
    (" pairs of an area and a depot in detail", " 个区域与库点的组合(明细)"),
    ("no digits after a group of zeros", "全零段之后不得再有数字"),
    (
        "expires_on, or produced_on: this item is not issued after a date",
        "expires_on 或 produced_on: 该物资过期不得发放",
    ),
    ("a movement type that can be booked directly", "可直接记账的业务类型"),
    ("YYYY-MM-DD or an RFC 3339 instant with offset", "YYYY-MM-DD 或带时区的 RFC 3339 时间"),
    ("a date from 1950 to 2199 as YYYY-MM-DD", "1950 至 2199 年的日期,格式 YYYY-MM-DD"),
    ("a date from 1950 to 2199", "1950 至 2199 年的日期"),
    ("each index once a side", "每侧每个序号只出现一次"),
    ("indices from 0 without a gap", "从 0 起连续的序号"),
    ("another place than at index ", "与该序号不同的地点: "),
    ("the code of a depot", "库点代码"),
    ("source or destination", "source 或 destination"),
    (" rows, one a source of the places", " 行,每个出发地一行"),
    (" entries, one a destination", " 项,每个目的地一项"),
    ("an array of rows, one a source", "行的数组,每个出发地一行"),
    ("an array of times", "时间的数组"),
    ("a time in seconds, or null", "以秒计的时间,或 null"),
    ("seconds, or null", "秒数,或 null"),
    ("seconds from ", "秒数: "),
    (", or null", ",或 null"),
    ("a table that is `Ok`, not ", "`Ok` 的时间表,而非 "),
    ("the pair of its row and column", "与所在行列一致的一对"),
    (" pairs: fewer sources at a time", " 对: 每次减少出发地"),
    ("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"),
    ("an instant as ", "时间,如 "),
    ("at most five minutes after ", "不晚于当前时间五分钟: "),
    ("a whole number of fen from ", "整数(分): "),
    ("a whole number from ", "整数: "),
    ("a whole number, 0 or more", "不小于 0 的整数"),
    ("a whole number within bounds", "允许范围内的整数"),
    ("a whole number", "整数"),
    ("a time of day such as ", "时刻,如 "),
    ("a code of 1 to 40 letters, digits, `-`, `_` or `.`", "1 至 40 位字母、数字或 - _ . 的代码"),
    (
        " letters, digits, `-`, `_` or `.`, a letter or digit first",
        " 位字母、数字或 - _ .,首位为字母或数字",
    ),
    ("a region above this one; only a province has none", "上级区划;只有省级没有上级"),
    (
        "a region whose people are counted: its population or planned_displaced",
        "有人口数据的区划: population 或 planned_displaced",
    ),
    ("a tier of which the region has regions", "该区划内存在的层级"),
    ("an item that serves a need, or basis absolute", "供给某项需求的物资,或依据 absolute"),
    ("absent: a need has no packs", "不提供: 需求没有包装"),
    ("; these add to ", ",现合计为 "),
    ("shares that add to ", "比例合计为 "),
    ("a day within the rule's dates: ", "规则有效期内的日期: "),
    ("a region within ", "以下区划之内: "),
    ("absent with roads: they are closed from the start", "有 roads 时不提供: 路段自开始即阻断"),
    ("absent with roads", "有 roads 时不提供"),
    ("absent with basis ", "依据为以下时不提供: "),
    ("absent with planned_displaced_from given", "planned_displaced_from 为 given 时不提供"),
    ("absent with ", "在以下情况不提供: "),
    ("mode=thousandths;mode=thousandths;…", "方式=千分之;方式=千分之;…"),
    ("a region of a tier above ", "更高层级的区划,高于 "),
    ("first and last month as MM-MM, such as ", "起止月份 MM-MM,如 "),
    ("an area that lies in no other area of the scenario", "不在本情景其他区域之内的区域"),
    ("people displaced: the region has no planned figure", "转移人数: 该区划没有计划转移人口"),
    ("absent where the road stays closed", "道路持续中断时不提供"),
    ("later than it closes", "晚于阻断时间"),
    ("later than ", "晚于 "),
    ("a region, or roads", "区划,或 roads"),
    ("absent but with kind ", "仅在以下类型时提供: "),
    ("a depot with kind pair", "类型为 pair 时的库点"),
    ("stretches with kind roads", "类型为 roads 时的路段"),
    ("a depot outside the region", "不在该区划之内的库点"),
    ("a time apart from ", "与以下登记不重叠的时间: "),
    (", which closes the same", ",其阻断的是同一对象"),
    ("absent in a drill: nothing of it may be booked", "演练时不提供: 演练不得记账"),
    ("an instant such as ", "时间,如 "),
    ("fewer areas or a narrower scope: at most ", "减少区域或缩小范围: 至多 "),
    (" pairs of an area and a depot that may serve it", " 个区域与可用库点的组合"),
    ("each area once", "每个区域只出现一次"),
    ("each depot once", "每个库点只出现一次"),
    ("fewer areas, a narrower scope or no detail: at most ", "减少区域、缩小范围或不要明细: 至多 "),
    (" areas in detail", " 个区域(明细)"),
    (" areas", " 个区域"),
    ("text without control characters", "不含控制字符的文本"),
    (", no control characters", ",不含控制字符"),
    ("a text without ; and =", "不含 ; 和 = 的文本"),
    ("absent except in relocate", "仅 relocate 可提供"),
    ("another owner than `owner`", "与 owner 不同的所有单位"),
    ("absent except in condition_change", "仅 condition_change 可提供"),
    ("absent for this movement type", "此类业务不提供"),
    ("another condition than `condition`", "与 condition 不同的状态"),
    ("another depot than `from`", "与 from 不同的库点"),
    ("good: only good stock is issued", "good: 只发放完好物资"),
    ("not before produced_on", "不早于 produced_on"),
    ("not after today", "不晚于今天"),
    (" with `explain` and `tier`", "(同时使用 explain 与 tier 时)"),
    ("either item or need", "item 与 need 二者之一"),
    (", as in the path", ",与路径一致"),
    ("name=value pairs", "name=value 形式的参数"),
    ("the parameter once", "该参数只出现一次"),
    ("the new condition", "新的状态"),
    ("a lot of the account", "该账户持有的批次"),
    (" of this lot in all", "(该批次合计)"),
    ("a quantity, or a lot", "数量或批次"),
    ("absent where a lot is named", "指定批次时不提供"),
    (" or more where no lot is named", " 或以上(未指定批次时)"),
    (
        "the months of a delivery: the item's life rule names none",
        "到货后的可用月数: 该物资未规定储存年限",
    ),
    ("a division code of 2 to 12 digits", "2 至 12 位区划代码"),
    ("a division code", "区划代码"),
    ("a complete record", "完整的记录"),
    ("a depot code", "库点代码"),
    ("one of the columns ", "以下列之一: "),
    ("one of ", "以下之一: "),
    ("at least one movement", "至少一笔业务"),
    ("at least one person", "至少一人"),
    ("at least one row", "至少一行"),
    ("at least one tier", "至少一个层级"),
    ("at least one mode", "至少一种储备方式"),
    ("at least one ", "至少一个 "),
    ("a row of at most ", "每行不超过 "),
    ("a line of at most ", "每行不超过 "),
    ("a smaller region or a higher tier: at most ", "缩小区划或提高层级: 至多 "),
    ("at most ", "不超过 "),
    ("not before ", "不早于 "),
    ("given with ", "须同时提供 "),
    ("a header row: ", "表头行: "),
    ("a column of this name", "该名称的列"),
    ("each column once", "每列只出现一次"),
    ("a document number, by which the import is resumed", "单据号,导入据此续传"),
    ("a number of its own; line ", "各单据自有的单据号;第 "),
    (" has the same", " 行与此相同"),
    ("as on line ", "与该行一致: 第 "),
    ("true or false", "true 或 false"),
    ("UTF-8 text", "UTF-8 文本"),
    ("an object", "对象"),
    ("an array", "数组"),
    ("a string", "字符串"),
    ("one value", "一个值"),
    ("a value", "一个值"),
    (" characters", " 个字符"),
    (" entries", " 项"),
    (" decimals", " 位小数"),
    (" lines, not ", " 行,而非 "),
    (" cells, not ", " 个单元格,而非 "),
    (", every quote closed", ",引号须成对"),
    (" bytes", " 字节"),
    ("a number that no document before has", "之前的单据未用过的单据号"),
    (" lines of movements", " 行明细"),
    ("; column ", ";第几列: "),
    (" or more", " 或以上"),
    (" or later", " 或以后"),
    (" or earlier", " 或以前"),
    (", from 1950 to 2199", ",1950 至 2199 年"),
    (" to ", " 至 "),
    (" or a tier below it", " 或其下的层级"),
    ("a tier below ", "低于以下层级: "),
    ("a region that has a position, or lies in one that has", "自身或上级有坐标的区划"),
    (
        "seven digits (GB/T 38565): 1, 2 or 3, then three groups of two, none after a group 00",
        "7 位数字(GB/T 38565): 首位 1、2 或 3,其后三组各两位,00 之后不得再有数字",
    ),
    (" or ", " 或 "),
];

/// The Chinese of an expectation.
pub(super) fn chinese(expected: &str) -> String {
    PHRASES.iter().fold(expected.to_string(), |text, (en, zh)| text.replace(en, zh))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_words_are_told_in_chinese() {
        assert_eq!(chinese("1 to 500 lines, not 501"), "1 至 500 行,而非 501");
        assert_eq!(chinese("one of 床, 箱"), "以下之一: 床, 箱");
        assert_eq!(chinese("a date as YYYY-MM-DD"), "YYYY-MM-DD 格式的日期");
        let shares = chinese("shares that add to 1000; these add to 900");
        assert_eq!(shares, "比例合计为 1000,现合计为 900");
        assert_eq!(chinese("at least one person"), "至少一人");
        assert_eq!(chinese("city or a tier below it"), "city 或其下的层级");
        assert_eq!(chinese("0 to 100 with `shock`"), "0 至 100(使用 shock 时)");
        assert_eq!(chinese("with `reopens_h`"), "使用 reopens_h 时须提供");
        assert_eq!(chinese("a tier below city: highest first"), "低于以下层级: city(由高到低排列)");
        assert_eq!(
            chinese("a region that has a position, or lies in one that has"),
            "自身或上级有坐标的区划"
        );
        assert_eq!(chinese("a whole number, 0 or more"), "不小于 0 的整数");
        assert_eq!(chinese("seconds from 0 to 2592000, or null"), "秒数: 0 至 2592000,或 null");
    }

    #[test]
    fn no_phrase_is_taken_apart_by_one_that_goes_before() {
        for (at, (phrase, _)) in PHRASES.iter().enumerate() {
            let earlier = PHRASES.iter().take(at).find(|(part, _)| phrase.contains(part));
            assert_eq!(earlier, None, "{phrase}");
        }
    }
}
