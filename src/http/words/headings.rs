//! CSV headings in Chinese.
//!
//! Lives here: one row per field name. Does not live here: the order of columns. Invariant: the
//! English heading is the field's own name.

use super::Language;

const CHINESE: &[(&str, &str)] = &[
    ("area_km2", "面积(平方公里)"),
    ("as_of", "统计日期"),
    ("attainment_rate", "达标率"),
    ("basis", "依据"),
    ("binding.need", "制约需求"),
    ("binding.reason", "制约原因"),
    ("binding.short", "制约缺口"),
    ("code", "代码"),
    ("compliant", "达标"),
    ("condition", "状态"),
    ("coverage", "覆盖率"),
    ("custodian", "保管单位"),
    ("custody_region", "存放区划"),
    ("custody_region_name", "存放区划名称"),
    ("damaged", "残损"),
    ("depot", "库点"),
    ("depot_count", "库点数"),
    ("depot_name", "库点名称"),
    ("document", "文件"),
    ("document_no", "单据号"),
    ("due_on", "应轮换日"),
    ("earliest_expiry", "最早到期"),
    ("effective", "有效库存"),
    ("expired", "过期"),
    ("expires_on", "有效期至"),
    ("expiring_180d", "180天内到期"),
    ("expiring_30d", "30天内到期"),
    ("expiring_365d", "365天内到期"),
    ("expiring_90d", "90天内到期"),
    ("fill_rate", "满足率"),
    ("floor", "下限"),
    ("full_at_min", "全覆盖时间(分钟)"),
    ("function_class", "功能类别"),
    ("gap", "缺口"),
    ("gap_net", "净缺口"),
    ("gap_sum", "缺口合计"),
    ("handled_by", "经办人"),
    ("id", "编号"),
    ("in_transit", "在途"),
    ("item", "物资"),
    ("item_name", "物资名称"),
    ("kind", "类型"),
    ("last_movement_at", "最近收发"),
    ("last_usable_on", "最后可用日"),
    ("lat", "纬度"),
    ("layers.city", "市级累计覆盖"),
    ("layers.county", "县级累计覆盖"),
    ("layers.isolated", "孤岛覆盖"),
    ("layers.own", "本级覆盖"),
    ("layers.province", "省级累计覆盖"),
    ("location_source", "坐标来源"),
    ("lon", "经度"),
    ("lot_id", "批次编号"),
    ("lot_no", "批号"),
    ("mode", "储备方式"),
    ("name", "名称"),
    ("name_en", "英文名称"),
    ("need", "需求"),
    ("needs", "各项需求"),
    ("occurred_at", "业务时间"),
    ("on_hand", "现有量"),
    ("on_loan", "借出"),
    ("organization", "单位"),
    ("overdue_storage", "超储存年限"),
    ("owner", "所有单位"),
    ("owner_region", "所有区划"),
    ("owner_tier", "所有层级"),
    ("parent", "上级区划"),
    ("persons_covered", "覆盖人数"),
    ("planned_displaced", "预案转移人口"),
    ("population", "人口"),
    ("population_source", "人口来源"),
    ("quantity", "数量"),
    ("quarantine", "待检"),
    ("quota", "标准"),
    ("recorded_at", "记录时间"),
    ("recorded_by", "记录人"),
    ("redistributable", "可调剂"),
    ("region", "区划"),
    ("region_name", "区划名称"),
    ("reserved", "预留"),
    ("seq", "序号"),
    ("spec", "规格"),
    ("status", "状态"),
    ("surplus", "富余"),
    ("surplus_sum", "富余合计"),
    ("target", "标准"),
    ("tier", "层级"),
    ("travel", "行程来源"),
    ("type", "类别"),
    ("unit", "单位"),
];

/// The heading of a column.
pub fn heading(field: &str, language: Language) -> &str {
    match language {
        Language::En => field,
        Language::Zh => CHINESE
            .binary_search_by(|(name, _)| (*name).cmp(field))
            .ok()
            .and_then(|at| CHINESE.get(at))
            .map_or(field, |(_, chinese)| *chinese),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(CHINESE.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(heading("gap", Language::Zh), "缺口");
        assert_eq!(heading("gap", Language::En), "gap");
    }
}
