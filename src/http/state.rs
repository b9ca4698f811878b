//! What every handler shares.
//!
//! Lives here: the book and the mode of service. Does not live here: anything that changes.
//! Invariant: a demo needs no key and is reached from this machine only.

use std::sync::Arc;

use crate::service::book::Book;

use super::limits::Limits;
use super::words::Language;

/// How callers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By keys.
    Keys,
    /// A demo on loopback: everybody is its single user.
    Demo,
}

/// The shared state of the server.
#[derive(Clone)]
pub struct App {
    pub book: Book,
    pub mode: Mode,
    /// The language where a request names none.
    pub language: Language,
    pub limits: Arc<Limits>,
}
