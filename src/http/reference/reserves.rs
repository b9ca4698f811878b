//! Agreements, capacities and pledges on the wire.
//!
//! Lives here: their shapes and bounds. Does not live here: what they give within hours. Invariant:
//! none ends before it begins, and no reliability is more than all.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::ItemStatus;
use crate::domain::quantity::MAX_QUANTITY;
use crate::domain::quota_rule::WHOLE;
use crate::domain::reference::Record;
use crate::domain::refusal::Fault;
use crate::domain::reserve::{Agreement, Capacity, MAX_HOURS, Pledge, Terms};

use super::check::{Check, fraction};
use super::regions::both_or_none;
use super::words;

/// A register's shape: what all have in common, around its own fields.
macro_rules! shape {
    ($(#[$meta:meta])* $name:ident, $domain:ident,
     $(#[$org_meta:meta])* $organization:ty,
     { $($(#[$own_meta:meta])* $own:ident: $kind:ty = $read:expr,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Short code.
            #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-AG-01"))]
            pub code: String,
            #[schema(min_length = 1, max_length = 200, examples("示例"))]
            pub name: String,
            /// The region whose account it stands behind.
            #[schema(
                pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
                examples("371300000000")
            )]
            pub region: String,
            $(#[$org_meta])*
            pub organization: $organization,
            #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("QUILT"))]
            pub item: String,
            $($(#[$own_meta])* pub $own: $kind,)*
            /// First day of validity.
            #[schema(format = Date, examples("2022-01-01"))]
            pub valid_from: String,
            /// Last day of validity.
            #[schema(format = Date, examples("2026-12-31"))]
            pub valid_to: String,
            /// Thousandths that a prudent view counts on; absent means all of it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(minimum = 0, maximum = 1000, examples(900))]
            pub reliability_permille: Option<i64>,
            /// Degrees east; together with `lat` or not at all.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(minimum = -180, maximum = 180)]
            pub lon: Option<f64>,
            /// Degrees north.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(minimum = -90, maximum = 90)]
            pub lat: Option<f64>,
            /// The paper that binds.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(min_length = 1, max_length = 200, examples("示例协议(非真实)"))]
            pub document: Option<String>,
            #[schema(schema_with = words::item_status_schema)]
            pub status: String,
        }

        impl $name {
            fn terms(&self, check: &mut Check) -> Option<Terms> {
                let organization: Option<String> = self.organization.clone().into();
                let code = check.code("/code", &self.code);
                let name = check.name("/name", self.name.clone());
                let region = check.region("/region", &self.region);
                let organization =
                    organization.map(|text| check.code("/organization", &text)).map_or(
                        Some(None),
                        |code| code.map(Some),
                    );
                let item = check.code("/item", &self.item);
                let valid_from = check.date("/valid_from", &self.valid_from);
                let valid_to = check.date("/valid_to", &self.valid_to);
                check.in_order("/valid_to", valid_from, valid_to);
                let reliability = share(check, "/reliability_permille", self.reliability_permille);
                let location = both_or_none(check, self.lon, self.lat);
                let document =
                    self.document.clone().and_then(|text| check.name("/document", text));
                let statuses = words::item_statuses();
                let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
                Some(Terms {
                    code: code?,
                    name: name?,
                    region: region?,
                    organization: organization?,
                    item: item?,
                    valid_from: valid_from?,
                    valid_to: valid_to?,
                    reliability_permille: reliability?,
                    location,
                    document,
                    status: status?,
                })
            }

            /// The record that this shape describes.
            ///
            /// # Errors
            /// Every fault, with JSON pointers.
            pub fn to_record(self) -> Result<Record, Vec<Fault>> {
                let mut check = Check::default();
                let terms = self.terms(&mut check);
                $(let $own = {
                    let pointer = concat!("/", stringify!($own));
                    let read: fn(&mut Check, &str, $kind) -> _ = $read;
                    read(&mut check, pointer, self.$own)
                };)*
                let built = || Some(Record::$domain($domain { terms: terms?, $($own: $own?,)* }));
                let built = built();
                check.finish(built)
            }
        }

        impl From<&$domain> for $name {
            fn from(row: &$domain) -> Self {
                let terms = &row.terms;
                let organization = terms.organization.as_ref().map(ToString::to_string);
                Self {
                    code: terms.code.to_string(),
                    name: terms.name.clone(),
                    region: terms.region.to_string(),
                    organization: organization.wire(),
                    item: terms.item.to_string(),
                    $($own: row.$own.wire(),)*
                    valid_from: terms.valid_from.to_string(),
                    valid_to: terms.valid_to.to_string(),
                    reliability_permille: terms.reliability_permille.map(i64::from),
                    lon: terms.location.map(|point| fraction(point.lon_e6.into(), 6)),
                    lat: terms.location.map(|point| fraction(point.lat_e6.into(), 6)),
                    document: terms.document.clone(),
                    status: terms.status.as_str().to_string(),
                }
            }
        }
    };
}

/// A domain value as it is written.
trait Wire<T> {
    fn wire(self) -> T;
}

macro_rules! wires {
    ($($from:ty => $to:ty: $turn:expr;)*) => { $(
        impl Wire<$to> for $from {
            fn wire(self) -> $to {
                let turn: fn($from) -> $to = $turn;
                turn(self)
            }
        }
    )* };
}

wires! {
    i64 => i64: |value| value;
    Option<i64> => Option<i64>: |value| value;
    u32 => i64: i64::from;
    Option<u32> => Option<i64>: |value| value.map(i64::from);
    Option<NaiveDate> => Option<String>: |day| day.map(|day| day.to_string());
    Option<String> => Option<String>: |text| text;
    Option<String> => String: Option::unwrap_or_default;
}

fn quantity(check: &mut Check, pointer: &str, value: i64) -> Option<i64> {
    check.whole(pointer, value, 0..=MAX_QUANTITY)
}

fn hours(check: &mut Check, pointer: &str, value: i64) -> Option<u32> {
    check.whole(pointer, value, 0..=i64::from(MAX_HOURS))
}

/// A value that may be absent; a faulty one is none.
fn optional<T, U>(value: Option<T>, read: impl FnOnce(T) -> Option<U>) -> Option<Option<U>> {
    match value {
        None => Some(None),
        Some(value) => read(value).map(Some),
    }
}

fn share(check: &mut Check, pointer: &str, value: Option<i64>) -> Option<Option<u32>> {
    optional(value, |value| check.whole(pointer, value, 0..=i64::from(WHOLE)))
}

fn stock(check: &mut Check, pointer: &str, value: Option<i64>) -> Option<Option<i64>> {
    optional(value, |value| quantity(check, pointer, value))
}

fn day(check: &mut Check, pointer: &str, value: Option<String>) -> Option<Option<NaiveDate>> {
    optional(value, |text| check.date(pointer, &text))
}

shape! {
    /// Goods that an enterprise keeps under contract (协议储备).
    AgreementDto, Agreement,
    /// The enterprise.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-YJ"))]
    String,
    {
        /// What is contracted, in the item's base unit.
        #[schema(minimum = 0, maximum = 1000000000000_i64, examples(5000))]
        contract_quantity: i64 = quantity,
        /// What the enterprise has declared to hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 0, maximum = 1000000000000_i64)]
        declared_stock: Option<i64> = stock,
        /// When it declared it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(format = Date)]
        declared_on: Option<String> = day,
        /// Hours from the decision until the goods can leave.
        #[schema(minimum = 0, maximum = 8760, examples(6))]
        response_hours: i64 = hours,
    }
}

shape! {
    /// Goods that an enterprise can make (产能储备).
    CapacityDto, Capacity,
    /// The enterprise.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-YJ"))]
    String,
    {
        /// Base units a day once it runs.
        #[schema(minimum = 0, maximum = 1000000000000_i64, examples(5000))]
        daily_rate: i64 = quantity,
        /// Hours from the decision until it runs.
        #[schema(minimum = 0, maximum = 8760, examples(24))]
        startup_hours: i64 = hours,
        /// Lying ready, whatever the hour.
        #[schema(minimum = 0, maximum = 1000000000000_i64, examples(800))]
        finished_goods: i64 = quantity,
        /// The raw material's bound on all of it.
        #[schema(minimum = 0, maximum = 1000000000000_i64, examples(20000))]
        limit: i64 = quantity,
        /// When the enterprise declared these figures.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(format = Date)]
        declared_on: Option<String> = day,
    }
}

shape! {
    /// Goods that somebody has promised (社会化储备).
    PledgeDto, Pledge,
    /// Who promises; absent where it is nobody of the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    Option<String>,
    {
        /// Base units promised.
        #[schema(minimum = 0, maximum = 1000000000000_i64, examples(500))]
        pledged_quantity: i64 = quantity,
        /// Thousandths of it that are expected to come; the city profile's by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 0, maximum = 1000)]
        fulfilment_permille: Option<i64> = share,
        /// Hours from the decision until the goods can leave.
        #[schema(minimum = 0, maximum = 8760, examples(24))]
        response_hours: i64 = hours,
    }
}
