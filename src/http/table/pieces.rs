//! Pieces of a long answer, and the sheets that they are written on.
//!
//! Lives here: a body that leaves piece by piece, and memory that is written on again. Does not
//! live here: what is written (`json`). Invariant: a sheet is blank when it is taken, and no more
//! than [`KEPT`] wait to be taken.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

/// Bytes that an answer is sent in at a time, and of the longest that is sent in one.
pub const SLICE: usize = 64 << 10;
/// Sheets that wait: as many as a long answer has.
const KEPT: usize = 96;
/// Sheets that have grown larger are not kept.
const LARGEST: usize = 512 << 10;

/// Used sheets. Fresh memory of an answer of 24 MB costs the kernel thousands of page faults.
static USED: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// A buffer that is kept for the next answer when this one has been sent.
#[derive(Debug, Default)]
pub(super) struct Sheet(Vec<u8>);

impl Sheet {
    /// A blank one.
    pub fn take() -> Self {
        let used = USED.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self(used.unwrap_or_default())
    }

    /// What is written on it; the sheet comes back with the last of it.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl Deref for Sheet {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Sheet {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for Sheet {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        let mut sheet = std::mem::take(&mut self.0);
        sheet.clear();
        let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() < KEPT && sheet.capacity() <= LARGEST {
            used.push(sheet);
        }
    }
}

/// A body of several pieces.
#[derive(Debug)]
pub struct Pieces(VecDeque<Bytes>);

impl Pieces {
    /// The body that these make together.
    pub fn of(pieces: Vec<Bytes>) -> Self {
        Self(pieces.into_iter().filter(|piece| !piece.is_empty()).collect())
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        let bytes = self.0.iter().fold(0_usize, |sum, piece| sum.saturating_add(piece.len()));
        BodySize::Sized(u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let pieces = &mut self.get_mut().0;
        Poll::Ready(pieces.pop_front().map(Ok))
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        match self.0.len() {
            0 => Ok(Bytes::new()),
            1 => self.0.into_iter().next().ok_or_else(|| Self(VecDeque::new())),
            // A short answer is sent at once.
            _ if self.0.iter().map(Bytes::len).sum::<usize>() <= SLICE => {
                Ok(self.0.into_iter().collect::<Vec<_>>().concat().into())
            }
            _ => Err(self),
        }
    }
}
