//! The HTTP server: limits, the demo's guard, start and graceful stop.
//!
//! Lives here: how the application is put together. Does not live here: paths (`routes`).
//! Invariant: a demo answers nobody but this machine.

use std::any::Any;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::middleware::{Next, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App as Application, Error, HttpServer, ResponseError, web};

use super::context::with_context;
use super::extract::MAX_BODY;
use super::limits::{code_of, within_limits};
use super::problem::{Code, Problem};
use super::routes;
use super::state::{App, Mode};

/// How long a client may take to send its request head.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a stop waits for requests under way, in seconds.
const SHUTDOWN_S: u64 = 20;
/// How long a connection may rest between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long a connection that ends may take to do so.
const DISCONNECT: Duration = Duration::from_secs(1);

/// A server that listens already.
pub struct Running {
    /// Where it listens; the port is real even where 0 was asked for.
    pub address: SocketAddr,
    /// Stops it.
    pub handle: ServerHandle,
    /// Ends when the server has stopped.
    pub server: actix_web::dev::Server,
}

/// Binds and builds the server, with so many connections at a time; those that come beyond wait
/// to be let in. Await `server` to run it.
///
/// # Errors
/// One clear line where the address cannot be bound, or is not loopback in a demo.
pub fn bind(app: App, bind: SocketAddr, max_connections: NonZeroUsize) -> std::io::Result<Running> {
    if app.mode == Mode::Demo && !bind.ip().is_loopback() {
        let text = format!("a demo listens on this machine only, not on {bind}");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, text));
    }
    let patience = app.limits.patience();
    let workers = std::thread::available_parallelism()?;
    let data = web::Data::new(app);
    let server = HttpServer::new(move || {
        Application::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .wrap(from_fn(guard_demo))
            .wrap(from_fn(too_large_is_a_problem))
            .wrap(from_fn(within_limits))
            .wrap(from_fn(with_context))
            .configure(routes::configure)
    })
    .workers(workers.get())
    .on_connect(move |connection, _| give_up_on_the_deaf(connection, patience))
    .client_request_timeout(CLIENT_TIMEOUT)
    .client_disconnect_timeout(DISCONNECT)
    .keep_alive(KEEP_ALIVE)
    // The end of a long answer does not wait until the client has confirmed its beginning.
    .tcp_nodelay(true)
    .shutdown_timeout(SHUTDOWN_S)
    .max_connections(max_connections.get().div_ceil(workers.get()))
    .disable_signals()
    .bind(bind)?;
    let address = server.addrs().first().copied().unwrap_or(bind);
    let server = server.run();
    Ok(Running { address, handle: server.handle(), server })
}

/// Lets the kernel end a connection whose client takes nothing of what was sent to it.
fn give_up_on_the_deaf(connection: &dyn Any, patience: Duration) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(patience)) {
        tracing::warn!(%error, "a client that does not read will not be given up");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, patience);
}

/// Whether a header's host is this machine.
fn is_local(value: &str) -> bool {
    let host = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

/// Refuses requests to a demo that were not meant for this machine.
async fn guard_demo<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let demo = request.app_data::<web::Data<App>>().is_some_and(|app| app.mode == Mode::Demo);
    if demo {
        for name in [HOST, ORIGIN] {
            let given = request.headers().get(&name).map(|value| value.to_str().map(is_local));
            if matches!(given, Some(Ok(false) | Err(_))) {
                let response = Problem::new(Code::Forbidden).error_response();
                return Ok(request.into_response(response.map_into_right_body()));
            }
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Tells a body over the limit as a problem, before it is read where its length is announced.
async fn too_large_is_a_problem<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let length = request
        .headers()
        .get(actix_web::http::header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    let most = routes::most_bytes(request.path());
    if length.is_some_and(|length| length > most) {
        let response = Problem::new(Code::BodyTooLarge).error_response();
        return Ok(request.into_response(response.map_into_right_body()));
    }
    let response = next.call(request).await?;
    let unread = response.response().error().and_then(|error| error.as_error::<PayloadError>());
    let Some(code) = unread.map(code_of) else {
        return Ok(response.map_into_left_body());
    };
    let problem = Problem::new(code).error_response();
    Ok(response.into_response(problem.map_into_right_body()))
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_this_machine_is_local() {
        for near in ["localhost", "127.0.0.1:8080", "[::1]:80", "http://localhost:3000"] {
            assert!(is_local(near), "{near}");
        }
        for far in ["example.org", "127.0.0.1.example.org", "null", "http://10.0.0.1"] {
            assert!(!is_local(far), "{far}");
        }
    }
}
