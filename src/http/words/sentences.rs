//! Sentences that a planner can read aloud: one template a sentence, in Chinese and English.
//!
//! Lives here: the templates and their filling. Does not live here: which sentences a figure needs
//! (`telling`). Invariant: both texts of a sentence name the same facts.

use super::Language;

macro_rules! sentences {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        /// Every sentence there is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Sentence { $($name),* }

        impl Sentence {
            #[cfg(test)]
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            fn texts(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($zh, $en)),* }
            }
        }
    };
}

sentences! {
    NoQuota =
        "{on},{region}自身没有{goods}的储备标准,不计缺口。",
        "On {on}, {region} has no quota of its own for {goods}, so it has no gap of its own.";
    MustHold =
        "{on},{region}应储备{goods} {quota} {unit},下限 {floor} {unit}。",
        "On {on}, {region} must hold {quota} {unit} of {goods}, and never less than {floor}.";
    RestsOn =
        "标准依据: {document}。",
        "The quota rests on {document}.";
    Holds =
        "现有效库存 {effective} {unit}。",
        "{effective} {unit} count.";
    Lacks =
        "现有效库存 {effective} {unit},缺 {gap} {unit}。",
        "{effective} {unit} count, so {gap} are missing.";
    Meets =
        "现有效库存 {effective} {unit},恰好达到标准。",
        "{effective} {unit} count: exactly what the quota asks.";
    Exceeds =
        "现有效库存 {effective} {unit},超出标准 {surplus} {unit}。",
        "{effective} {unit} count, {surplus} more than the quota asks.";
    BelowFloor =
        "已低于下限 {floor} {unit}。",
        "That is below the floor of {floor} {unit}.";
    Perishing =
        "其中 {perishing} {unit} 将在 {days} 天内失效。",
        "Of these, {perishing} {unit} end within {days} days.";
    PerishingByItem =
        "其中 {perishing} {unit} 已进入各物资的临期天数。",
        "Of these, {perishing} {unit} are within the days that their items name before they end.";
    Excluded =
        "另有 {amount} {unit} 不计入: {reasons}。",
        "{amount} {unit} more do not count: {reasons}.";
    OwnedAbove =
        "此处为上级代储 {amount} {unit},不计入本级。",
        "{amount} {unit} lie here for a region above and are not counted.";
    RollUp =
        "{region}及以下 {lines} 项标准,缺口合计 {gap_sum} {unit},富余合计 {surplus_sum} {unit}; \
         内部可调剂 {redistributable} {unit},净缺口 {gap_net} {unit}。",
        "In {region} and below, {lines} quotas lack {gap_sum} {unit} together while {surplus_sum} \
         are to spare: {redistributable} can be moved inside, {gap_net} cannot.";
    AboveGives =
        "{region}有富余 {spare} {unit},可支援 {gives} {unit}。",
        "{region} has {spare} {unit} to spare and could give {gives}.";
    ToBuy =
        "其余 {to_buy} {unit} 需要采购。",
        "{to_buy} {unit} remain to be bought.";
    ToAskOrBuy =
        "其余 {to_buy} {unit} 需向上级申请或采购。",
        "{to_buy} {unit} remain to be asked for from above or bought.";
    NothingToBuy =
        "无需采购。",
        "Nothing needs to be bought.";
    DonorsGive =
        "{region}缺{goods} {gap} {unit}: {donors} 处可调入 {proposed} {unit},\
         其余 {remaining} {unit} 需采购。",
        "{region} lacks {gap} {unit} of {goods}: {proposed} can come from {donors} depots, \
         {remaining} remain to be bought.";
    NoGap =
        "{region}的{goods}没有缺口。",
        "{region} lacks no {goods}.";
    FirstDonor =
        "首先由{donor}从{depot}调出 {quantity} {goods_unit}。",
        "First, {donor} would give {quantity} {goods_unit} from {depot}.";
    ArrivesIn =
        "约需 {minutes} 分钟到达。",
        "They could arrive in about {minutes} minutes.";
    NeedsOrder =
        "{donor}的物资须由{above}下令调用,并应予以补偿。",
        "Goods of {donor} move by order of {above} and are to be compensated.";
    UnknownStock =
        "该储备方式的库存没有登记,因此未知。",
        "No register tells the stock of this reserve mode, so it is unknown.";
    UnknownFor =
        "{region}该储备方式可用多少未知: {why}。",
        "How much {region} can count on in this reserve mode is unknown: {why}.";
    Uncounted =
        "该标准按人口计算,而{region}的人口未知,标准存疑。",
        "The quota counts people, and nobody has told how many {region} has: it is in doubt.";
    SourceGives =
        "{source}可提供 {available} {unit}。",
        "{source} gives {available} {unit}.";
    SourceDoubted =
        "{source}另有 {unconfirmed} {unit} 未计入: {why}。",
        "{unconfirmed} {unit} more of {source} are not counted: {why}.";
    Balanced =
        "{from} 至 {to},{region}的{goods}始终不低于下限。",
        "From {from} to {to}, the {goods} of {region} never fall below the floor.";
    NoFloor =
        "{from} 至 {to},{region}没有{goods}的储备标准,没有下限可守。",
        "From {from} to {to}, {region} has no quota for {goods} and so no floor to keep.";
    Breaks =
        "{on} 起,{region}的{goods}剩 {effective} {unit},比下限 {floor} {unit} 少 {short} {unit}。",
        "From {on}, {region} has {effective} {unit} of {goods} left, {short} less than the floor \
         of {floor}.";
    LotsEnd =
        "前一日有 {lots} 笔库存失效,共 {amount} {unit}。",
        "The day before, {lots} balance(s) with {amount} {unit} reach their last usable day.";
    QuotaBegins =
        "当日有新的储备标准生效。",
        "On that day a quota comes into force.";
    Repair =
        "须在 {by} 当日或之前补充 {short} {unit}。",
        "{short} {unit} must come in by {by}.";
    RepairAll =
        "缺得最多的是 {on},缺 {short} {unit};补足此数并用到 {to},全程达标。",
        "Most is missing from {on}, {short} {unit}: as many that last until {to} repair it all.";
    PlanGap =
        "{on},{accounts} 个账户共应储备{goods} {quota} {unit},有效库存 {effective} {unit},\
         净缺口 {net_gap} {unit}。",
        "On {on}, the quotas of {accounts} account(s) ask for {quota} {unit} of {goods}; \
         {effective} count, so {net_gap} are missing.";
    PlanEnding =
        "其中 {ending} {unit} 到 {until} 失效;超出标准的 {beyond} {unit} 不必更新,\
         须更新 {expiring} {unit}。",
        "{ending} of these end by {until}; {beyond} of them lie above the quotas, so {expiring} \
         must be replaced.";
    PlanGrowth =
        "计划增长 {growth} {unit}。",
        "Growth is planned to be {growth} {unit}.";
    PlanInbound =
        "其他计划的 {orders} 行在 {until} 前到货 {inbound} {unit}。",
        "{orders} lines of other plans bring {inbound} {unit} by {until}.";
    PlanPacks =
        "{net_gap} + {expiring} + {growth} − {inbound} = {wanted} {unit};按每包 {pack} {unit} \
         取整,须采购 {proposed} {unit}。",
        "{net_gap} + {expiring} + {growth} - {inbound} = {wanted} {unit}: in packs of {pack}, \
         {proposed} are to be bought.";
    PlanQuantity =
        "计划采购 {quantity} {unit}。",
        "The plan buys {quantity} {unit}.";
    PlanDiffers =
        "计划编制时为: {planned};其后标准、在途或物资资料有变。",
        "When the plan was drafted it was: {planned}. Quotas, orders, packs or the book have \
         changed since.";
    PlanBudget =
        "至本行累计 {cumulative} 分,预算 {budget} 分。",
        "Up to this line the plan costs {cumulative} fen of a budget of {budget}.";
    PlanUnpriced =
        "单价未知,金额不计入合计。",
        "Its price is unknown, so it is in no sum.";
    CoveredWhole =
        "{region}的 {people} 人在 {full} 分钟时全部得到保障,距时限 {minutes} 分钟。",
        "All {people} people of {region} are covered after {full} minutes, {minutes} minutes \
         before the limit.";
    CoveredPart =
        "{region} {people} 人中,{hours} 小时内可保障 {persons} 人,制约的是{goods}。",
        "Within {hours} hours, {persons} of {people} people of {region} are covered; what binds \
         is {goods}.";
    WaitFor =
        "{depot}的物资在 {at} 分钟到达后,{goods}即可满足。",
        "With the goods of {depot}, there after {at} minutes, {goods} is met.";
    NeverThere =
        "再等也不够: 还缺{goods} {short_ever} {unit},须采购或前置。",
        "Waiting does not help: {short_ever} {unit} of {goods} must be bought or brought nearer.";
    WithoutDepot =
        "如失去{depot},只能保障 {persons} 人,最缺的是{goods}。",
        "Without {depot}, {persons} people would be covered, and {goods} would be served least.";
    AirLifts =
        "如道路中断,{base}(距 {km} 公里)每架可飞 {sorties} 架次,按重量可保障 {lifted} 人。",
        "Were it cut off, machines of {base}, {km} km away, could fly {sorties} times each and \
         bring enough for {lifted} people by weight.";
    AirBeyond =
        "{base}距 {km} 公里,超出其 {radius} 公里的飞行半径。",
        "{base} is {km} km away, beyond its radius of {radius} km.";
    BreachDays =
        "期内共有 {days} 天低于下限。",
        "In all, {days} days are below the floor.";
}

/// A sentence in a language, `{name}` replaced by the fact of that name.
pub fn say(sentence: Sentence, facts: &[(&str, String)], language: Language) -> String {
    let (zh, en) = sentence.texts();
    let mut text = language.pick(zh, en).to_string();
    for (name, value) in facts {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> std::collections::BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn both_texts_name_the_same_facts() {
        for sentence in Sentence::ALL {
            let (zh, en) = sentence.texts();
            assert!(!zh.is_ascii() && en.is_ascii(), "{sentence:?}");
            assert!(zh.ends_with('。') && en.ends_with('.'), "{sentence:?}");
            let unit = |places: std::collections::BTreeSet<_>| -> Vec<_> {
                places.into_iter().filter(|name| *name != "unit").collect()
            };
            assert_eq!(unit(places(zh)), unit(places(en)), "{sentence:?}");
        }
    }

    #[test]
    fn facts_are_filled_in() {
        let facts = [("to_buy", 180.to_string()), ("unit", "床".to_string())];
        assert_eq!(say(Sentence::ToBuy, &facts, Language::Zh), "其余 180 床 需要采购。");
        let english = say(Sentence::ToBuy, &facts, Language::En);
        assert_eq!(english, "180 床 remain to be bought.");
    }
}
