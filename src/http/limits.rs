//! Limits: what one caller, one slow client, or all of them together may take of the service.
//!
//! Lives here: the middleware that every request passes, and the memory that bodies and answers
//! share. Does not live here: how long a write or a computation may take (`service::book`).
//! Invariant: a write that was booked is never answered as if it had been turned away.

mod answers;
mod bodies;
mod rate;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};

use crate::service::access::authenticate;

use super::access::bearer;
use super::problem::{Code, Problem};
use super::state::{App, Mode};
use super::table::SLICE;
use answers::Slices;
pub use bodies::code_of;
use bodies::{Held, Watched};
use rate::{Holder, Rate};

/// Bytes of bodies that are read or worked on at a time, each body's first few aside.
const BODIES: usize = 64 << 20;
/// Bytes of answers on their way at a time, short ones aside.
const ANSWERS: usize = 128 << 20;
/// How fast a client must send and read when its patience is used up: so many bytes a second.
const LEAST_PACE: usize = 64 << 10;
/// What machines ask again and again; it costs next to nothing and must be answered.
const WATCHING: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The limits of one server.
pub struct Limits {
    patience: Duration,
    rate: Option<Rate>,
    bodies: Arc<Room>,
    answers: Arc<Room>,
}

impl Limits {
    /// At most so many requests a second under one key (0 is any number), and so much patience
    /// with a client that is slow.
    pub fn new(rate: u32, patience: Duration) -> Self {
        Self {
            patience,
            rate: Rate::new(rate),
            bodies: Room::of(BODIES),
            answers: Room::of(ANSWERS),
        }
    }

    /// How long a client may send nothing of a body, or leave an answer unread.
    pub fn patience(&self) -> Duration {
        self.patience
    }
}

/// When a client that has moved so many bytes since `began` is too slow.
fn too_slow_at(began: Instant, patience: Duration, bytes: usize) -> Instant {
    let earned = u64::try_from(bytes / LEAST_PACE).unwrap_or(u64::MAX);
    began + patience + Duration::from_secs(earned)
}

/// Memory that many share.
struct Room {
    taken: AtomicUsize,
    most: usize,
}

/// A part of it, given back at the end.
struct Taken {
    room: Arc<Room>,
    bytes: usize,
}

impl Room {
    fn of(most: usize) -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), most })
    }

    /// Takes a part if it is free; what is larger than the whole gets in alone.
    fn take(self: &Arc<Self>, bytes: usize) -> Option<Taken> {
        let fits = |taken: usize| {
            let all = taken.saturating_add(bytes);
            (taken == 0 || all <= self.most).then_some(all)
        };
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits).ok()?;
        Some(Taken { room: Arc::clone(self), bytes })
    }

    /// Takes a part in any case.
    fn take_anyway(self: &Arc<Self>, bytes: usize) -> Taken {
        self.taken.fetch_add(bytes, Ordering::AcqRel);
        Taken { room: Arc::clone(self), bytes }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// Under which name a request counts: its key's holder, or where it comes from.
fn holder_of(request: &ServiceRequest, app: &App) -> Holder {
    let key = bearer(request.request()).filter(|_| app.mode == Mode::Keys);
    let known = key.and_then(|key| authenticate(&app.book.snapshot(), key).ok());
    if let Some((principal, _)) = known {
        return Holder::Key(principal.id);
    }
    let ip = request.peer_addr().map(|peer| peer.ip());
    Holder::Address(match ip {
        // Whoever has one address of such a network has all of them.
        Some(IpAddr::V6(v6)) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        Some(v4) => v4,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    })
}

fn is_too_many(request: &ServiceRequest, app: &App) -> bool {
    let Some(rate) = &app.limits.rate else { return false };
    !WATCHING.contains(&request.path()) && !rate.admits(holder_of(request, app))
}

/// Turns away who asks too often, watches the body as it comes, and sends the answer in slices.
///
/// # Errors
/// What the inner services return.
pub async fn within_limits<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    if is_too_many(&request, &app) {
        return Ok(request.into_response(Problem::new(Code::RateLimited).error_response()));
    }
    let limits = &app.limits;
    // Given back when the request is answered, not when its body has been read.
    let held = Held::default();
    match request.take_payload() {
        Payload::None => {}
        payload => {
            let room = Arc::clone(&limits.bodies);
            let watched = Watched::new(payload, room, held.clone(), limits.patience);
            request.set_payload(Payload::Stream { payload: Box::pin(watched) });
        }
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = next.call(request).await?;
    drop(held);
    Ok(in_slices(response, limits, reads))
}

/// The answer in slices, if there is room for it.
fn in_slices<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    limits: &Limits,
    reads: bool,
) -> ServiceResponse<BoxBody> {
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
        BodySize::None | BodySize::Stream => 0,
    };
    if bytes <= SLICE {
        return response.map_into_boxed_body();
    }
    let taken =
        if reads { limits.answers.take(bytes) } else { Some(limits.answers.take_anyway(bytes)) };
    let Some(taken) = taken else {
        let problem = Problem::new(Code::Overloaded).error_response();
        return response.into_response(problem);
    };
    response.map_body(|_, body| Slices::new(body.boxed(), taken, limits.patience).boxed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_shared_and_given_back() {
        let room = Room::of(10);
        let first = room.take(6).unwrap();
        assert!(room.take(5).is_none(), "there is room for four");
        let second = room.take(4).unwrap();
        drop(first);
        assert!(room.take(7).is_none());
        drop(second);
        let large = room.take(11).expect("alone, anything fits");
        assert!(room.take(1).is_none());
        drop(room.take_anyway(3));
        drop(large);
        assert_eq!(room.taken.load(Ordering::Acquire), 0);
    }

    #[test]
    fn without_room_a_read_is_turned_away_and_a_write_is_not() {
        let limits = Limits::new(0, Duration::from_secs(30));
        let answer = |bytes: usize, reads: bool| {
            let body = actix_web::HttpResponse::Ok().body(vec![7_u8; bytes]);
            let response = actix_web::test::TestRequest::default().to_srv_response(body);
            in_slices(response, &limits, reads).status().as_u16()
        };
        assert_eq!(answer(SLICE + 1, true), 200);
        let _others = limits.answers.take_anyway(ANSWERS - SLICE);
        assert_eq!([answer(SLICE + 1, true), answer(SLICE, true)], [503, 200]);
        assert_eq!(answer(SLICE + 1, false), 200, "it was booked");
    }

    #[test]
    fn what_has_moved_earns_time() {
        let (began, patience) = (Instant::now(), Duration::from_secs(30));
        assert_eq!(too_slow_at(began, patience, LEAST_PACE - 1), began + patience);
        let later = too_slow_at(began, patience, 8 << 20);
        assert_eq!(later, began + patience + Duration::from_secs(128));
    }
}
