//! Long answers, slice by slice, as fast as the client reads.
//!
//! Lives here: the body that holds an answer's room until its last slice is on its way. Does not
//! live here: who reads nothing at all; the socket's own time-out ends that (`server`). Invariant:
//! an answer is not copied as a whole, and no client reads it as slowly as it likes.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use super::super::table::SLICE;
use super::{Taken, too_slow_at};

pub(super) struct Slices {
    rest: BoxBody,
    /// What of it has come and is not sent yet.
    piece: Bytes,
    sent: usize,
    began: Instant,
    patience: Duration,
    _room: Taken,
}

impl Slices {
    pub(super) fn new(rest: BoxBody, room: Taken, patience: Duration) -> Self {
        Self { rest, piece: Bytes::new(), sent: 0, began: Instant::now(), patience, _room: room }
    }
}

impl MessageBody for Slices {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.rest.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let over = matches!(this.rest.size(), BodySize::None | BodySize::Sized(0));
        if this.piece.is_empty() && over {
            return Poll::Ready(None);
        }
        if Instant::now() > too_slow_at(this.began, this.patience, this.sent) {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())));
        }
        if this.piece.is_empty() {
            match Pin::new(&mut this.rest).poll_next(context) {
                Poll::Ready(Some(Ok(piece))) => this.piece = piece,
                other => return other,
            }
        }
        let slice = this.piece.split_to(SLICE.min(this.piece.len()));
        this.sent = this.sent.saturating_add(slice.len());
        Poll::Ready(Some(Ok(slice)))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::super::Room;
    use super::*;
    use crate::http::table::Pieces;

    fn sliced(patience: Duration) -> Vec<Result<usize, String>> {
        let room = Room::of(1);
        let pieces = [vec![7; SLICE + 1], vec![7; SLICE]].map(Bytes::from);
        let pieces = BoxBody::new(Pieces::of(pieces.to_vec()));
        let mut body = Slices::new(pieces, room.take(1).unwrap(), patience);
        assert_eq!(body.size(), BodySize::Sized(2 * 65_536 + 1));
        std::thread::sleep(Duration::from_millis(1));
        let mut context = Context::from_waker(Waker::noop());
        let mut slices = Vec::new();
        while let Poll::Ready(Some(slice)) = Pin::new(&mut body).poll_next(&mut context) {
            assert!(room.take(1).is_none(), "its room is not free yet");
            slices.push(slice.map(|slice| slice.len()).map_err(|error| error.to_string()));
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
        assert_eq!(sliced(Duration::from_secs(60)), [Ok(SLICE), Ok(1), Ok(SLICE)]);
        assert_eq!(
            sliced(Duration::ZERO),
            [Err(io::Error::from(io::ErrorKind::TimedOut).to_string())]
        );
    }
}
