//! Bodies as they come: how slow a client may be, and how much all may hold.
//!
//! Lives here: the stream around a request's payload. Does not live here: the most bytes of one
//! body (`server`, `extract`). Invariant: the first bytes of a body need no room, so that large
//! bodies cannot keep an ordinary movement out.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::time::{Sleep, sleep_until};

use super::super::problem::Code;
use super::{Room, Taken, too_slow_at};

/// Bytes of each body that are bounded by the number of connections alone.
const UNCOUNTED: usize = 16 << 10;

/// What a request's body has taken of the room.
#[derive(Clone, Default)]
pub(super) struct Held(Rc<RefCell<Vec<Taken>>>);

/// A payload that is watched.
pub(super) struct Watched {
    inner: Payload,
    room: Arc<Room>,
    held: Held,
    patience: Duration,
    began: Instant,
    received: usize,
    /// Made when there is something to wait for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(super) fn new(inner: Payload, room: Arc<Room>, held: Held, patience: Duration) -> Self {
        Self { inner, room, held, patience, began: Instant::now(), received: 0, timer: None }
    }

    /// Makes room for what has come.
    fn receive(&mut self, chunk: Bytes) -> Result<Bytes, PayloadError> {
        self.received = self.received.saturating_add(chunk.len());
        if self.received > UNCOUNTED {
            let full = || PayloadError::Io(io::ErrorKind::OutOfMemory.into());
            let taken = self.room.take(chunk.len()).ok_or_else(full)?;
            self.held.0.borrow_mut().push(taken);
        }
        Ok(chunk)
    }

    /// Waits for the client, as long as there is patience.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let end = too_slow_at(self.began, self.patience, self.received).into();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(context)
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match Pin::new(&mut this.inner).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => Poll::Ready(Some(this.receive(chunk))),
            Poll::Ready(other) => Poll::Ready(other),
            Poll::Pending => this.wait(context).map(|()| {
                let slow = io::Error::from(io::ErrorKind::TimedOut);
                Some(Err(PayloadError::Io(slow)))
            }),
        }
    }
}

/// What is told of a body that could not be read.
pub fn code_of(error: &PayloadError) -> Code {
    match error {
        PayloadError::Overflow => Code::BodyTooLarge,
        PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut => Code::RequestTimeout,
        PayloadError::Io(error) if error.kind() == io::ErrorKind::OutOfMemory => Code::Overloaded,
        _ => Code::MalformedJson,
    }
}
