//! Long answers, slice by slice, as fast as the client reads.
//!
//! Lives here: the body that holds an answer's room until its last slice is on its way. Does not
//! live here: who reads nothing at all; the socket's own time-out ends that (`server`). Invariant:
//! an answer is not copied as a whole, and no client reads it as slowly as it likes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use super::{Taken, too_slow_at};

/// Bytes of a slice, and of the longest answer that is sent in one.
pub(super) const SLICE: usize = 64 << 10;

pub(super) struct Slices {
    rest: Bytes,
    sent: usize,
    began: Instant,
    patience: Duration,
    _room: Taken,
}

impl Slices {
    pub(super) fn new(rest: Bytes, room: Taken, patience: Duration) -> Self {
        Self { rest, sent: 0, began: Instant::now(), patience, _room: room }
    }
}

impl MessageBody for Slices {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        if Instant::now() > too_slow_at(this.began, this.patience, this.sent) {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        let slice = this.rest.split_to(SLICE.min(this.rest.len()));
        this.sent = this.sent.saturating_add(slice.len());
        Poll::Ready(Some(Ok(slice)))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::super::Room;
    use super::*;

    fn sliced(patience: Duration) -> Vec<Result<usize, io::ErrorKind>> {
        let room = Room::of(1);
        let bytes = Bytes::from(vec![7; 2 * SLICE + 1]);
        let mut body = Slices::new(bytes, room.take(1).unwrap(), patience);
        assert_eq!(body.size(), BodySize::Sized(2 * 65_536 + 1));
        std::thread::sleep(Duration::from_millis(1));
        let mut context = Context::from_waker(Waker::noop());
        let mut slices = Vec::new();
        while let Poll::Ready(Some(slice)) = Pin::new(&mut body).poll_next(&mut context) {
            assert!(room.take(1).is_none(), "its room is not free yet");
            slices.push(slice.map(|slice| slice.len()).map_err(|error| error.kind()));
            if slices.last().is_some_and(Result::is_err) {
                break;
            }
        }
        drop(body);
        assert!(room.take(1).is_some());
        slices
    }

    #[test]
    fn an_answer_leaves_in_slices_unless_its_reader_is_too_slow() {
        assert_eq!(sliced(Duration::from_secs(60)), [Ok(SLICE), Ok(SLICE), Ok(1)]);
        assert_eq!(sliced(Duration::ZERO), [Err(io::ErrorKind::TimedOut)]);
    }
}
