//! The one table of problem codes: the stable word and the HTTP status of each.
//!
//! Does not live here: which failure gets which (`causes`), the words for people (`words`).
//! Invariant: a word that has been published keeps its meaning and its status.

macro_rules! codes {
    ($($name:ident = $word:literal, $status:literal;)*) => {
        /// Every problem that the service can answer with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            /// The whole table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", 400;
    IdempotencyKeyMissing = "idempotency_key_missing", 400;
    InvalidParameter = "invalid_parameter", 400;
    InvalidCursor = "invalid_cursor", 400;
    Unauthenticated = "unauthenticated", 401;
    Forbidden = "forbidden", 403;
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    NotAcceptable = "not_acceptable", 406;
    RequestTimeout = "request_timeout", 408;
    UnknownReference = "unknown_reference", 409;
    InsufficientStock = "insufficient_stock", 409;
    LotExpired = "lot_expired", 409;
    NegativeHistory = "negative_history", 409;
    DepotClosed = "depot_closed", 409;
    DocumentExists = "document_exists", 409;
    AlreadyReversed = "already_reversed", 409;
    NotReversible = "not_reversible", 409;
    ReversalBeforeTarget = "reversal_before_target", 409;
    PlanState = "plan_state", 409;
    PlanLine = "plan_line", 409;
    EventState = "event_state", 409;
    ReferenceConflict = "reference_conflict", 409;
    ImportRefused = "import_refused", 409;
    PreconditionFailed = "precondition_failed", 412;
    BodyTooLarge = "body_too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    InvalidValue = "invalid_value", 422;
    IdempotencyKeyReused = "idempotency_key_reused", 422;
    AsOfUnsupported = "as_of_unsupported", 422;
    PreconditionRequired = "precondition_required", 428;
    RateLimited = "rate_limited", 429;
    Internal = "internal", 500;
    Overloaded = "overloaded", 503;
    Unavailable = "unavailable", 503;
    OutcomeUnknown = "outcome_unknown", 503;
    NoSpace = "no_space", 507;
}
