//! Words for people, in Chinese and English.
//!
//! Lives here: languages, and the texts of problems and faults. Does not live here: codes and
//! statuses. Invariant: each text exists in both languages; machines read codes, never these.

mod expected;
mod headings;
mod problems;
mod sentences;
mod struck;
mod telling;

use serde_json::{Map, Value};

use crate::domain::catalogue::FunctionClass;
use crate::domain::explanation::Reason;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::unknown::Unknown;

use super::problem::Code;

pub use headings::heading;
pub use struck::{Struck, struck};
pub use telling::{because, explained, offered, order_note, priced, projected, purchased};

/// A language that the service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    Zh,
    #[default]
    En,
}

impl Language {
    /// The tag as in `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language of a tag or a locale name such as `zh_CN.UTF-8`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', '.', ';']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The best language of an `Accept-Language` header.
    pub fn from_accept(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for part in header.split(',') {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let weight = permille(weight);
            let Some(language) = Self::from_tag(tag) else {
                continue;
            };
            if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// One of two texts.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// The name of a thing in the language of the request being served.
pub fn local(zh: &str, en: &str) -> String {
    super::context::current().language.pick(zh, en).to_string()
}

/// The name of a function class.
pub fn class_name(class: FunctionClass, language: Language) -> &'static str {
    match class {
        FunctionClass::Living => language.pick("生活保障", "daily living"),
        FunctionClass::Medical => language.pick("医疗卫生", "medical"),
        FunctionClass::Rescue => language.pick("抢险救援", "rescue"),
    }
}

/// Why goods do not count.
pub fn reason(reason: Reason, language: Language) -> &'static str {
    let (zh, en) = match reason {
        Reason::Expired => ("过期", "expired"),
        Reason::OverdueStorage => ("超储存年限", "past storage life"),
        Reason::Quarantine => ("待检", "in quarantine"),
        Reason::Damaged => ("残损", "damaged"),
        Reason::InTransit => ("在途", "in transit"),
        Reason::OnLoan => ("借出", "on loan"),
        Reason::OwnedAbove => ("上级所有", "owned above"),
    };
    language.pick(zh, en)
}

/// What is missing.
pub fn missing(why: Unknown, language: Language) -> &'static str {
    let (zh, en) = match why {
        Unknown::NoRegister => ("没有登记", "no register tells it"),
        Unknown::NoDeclaration => ("从未申报", "never declared"),
        Unknown::OldDeclaration => ("申报已过期", "declared too long ago"),
        Unknown::NoFulfilment => ("未设兑现比例", "nobody says how much of it is to be expected"),
        Unknown::NoProfile => ("没有城市参数", "no city profile says within which hours"),
        Unknown::NoPopulation => ("人口未知", "nobody has told how many people there are"),
    };
    language.pick(zh, en)
}

/// A quality value such as `0.8` in thousandths.
pub fn permille(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths = digits.parse::<u16>().unwrap_or(0);
    whole.parse::<u16>().unwrap_or(0).saturating_mul(1_000).saturating_add(thousandths).min(1_000)
}

/// The title of a problem.
pub fn title(code: Code, language: Language) -> &'static str {
    let (zh, en, _, _) = problems::texts(code);
    language.pick(zh, en)
}

/// The detail of a problem, filled with its facts: `{name}` is replaced by the fact of that name.
pub fn detail(code: Code, facts: &Map<String, Value>, faults: usize, language: Language) -> String {
    let (_, _, zh, en) = problems::texts(code);
    let mut text = language.pick(zh, en).replace("{faults}", &faults.to_string());
    for (name, value) in facts {
        let place = format!("{{{name}}}");
        if text.contains(&place) {
            let shown = match value {
                Value::String(text) => text.clone(),
                Value::Null => "-".to_string(),
                other => other.to_string(),
            };
            text = text.replace(&place, &shown);
        }
    }
    text
}

/// What is wrong with one value and what would be right.
pub fn fault(fault: &Fault, language: Language) -> String {
    let (zh, en) = match fault.code {
        FaultCode::Required => ("缺少该值", "is missing"),
        FaultCode::NotAllowed => ("此处不应提供该值", "must not be given here"),
        FaultCode::WrongType => ("类型不对", "is of the wrong type"),
        FaultCode::UnknownField => ("没有此字段或参数", "is not a known field or parameter"),
        FaultCode::Malformed => ("格式不对", "is malformed"),
        FaultCode::OutOfRange => ("超出允许范围", "is out of range"),
        FaultCode::UnknownValue => ("不是允许的取值", "is not an admitted value"),
        FaultCode::DateOrder => ("日期先后不对", "is in the wrong order with another date"),
        FaultCode::InFuture => ("时间在未来", "lies in the future"),
        FaultCode::UnknownUnit => ("不是该物资的计量单位或包装", "is not a unit of the item"),
        FaultCode::ExpiryRequired => ("缺少日期", "is missing"),
        FaultCode::Hierarchy => ("区划层级不符", "does not fit the hierarchy"),
        FaultCode::Duplicate => ("重复", "is a duplicate"),
        FaultCode::Disagrees => {
            ("与同一单据的其他行不一致", "disagrees with its document's first row")
        }
    };
    match language {
        Language::Zh => format!("{zh};应为: {}", expected::chinese(&fault.expected)),
        Language::En => format!("{en}; expected: {}", fault.expected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_weighed() {
        assert_eq!(Language::from_accept("zh-CN,zh;q=0.9,en;q=0.8"), Some(Language::Zh));
        assert_eq!(Language::from_accept("en;q=0.9, zh;q=0.95"), Some(Language::Zh));
        assert_eq!(Language::from_accept("fr, de"), None);
        assert_eq!(Language::from_accept("zh;q=0, en;q=0.1"), Some(Language::En));
        assert_eq!(Language::from_tag("zh_CN.UTF-8"), Some(Language::Zh));
    }

    #[test]
    fn every_problem_has_words_in_both_languages() {
        for code in Code::ALL {
            let (zh, en, zh_detail, en_detail) = problems::texts(*code);
            assert!(!zh.is_ascii(), "{code:?}");
            assert!(!zh_detail.is_ascii(), "{code:?}");
            assert!(en.is_ascii() && en_detail.is_ascii(), "{code:?}");
        }
    }
}
