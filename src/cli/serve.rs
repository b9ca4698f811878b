//! `serve`: open the book and answer until told to stop.
//!
//! Lives here: start, signals and graceful stop. Does not live here: paths. Invariant: on a stop
//! every request under way is answered, and the committer finishes what is queued.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Common, Serve};
use crate::http::limits::Limits;
use crate::http::server;
use crate::http::state::{App, Mode};
use crate::service::book::Book;

use super::{Done, Failed, block_on, database, demo, language, say};

pub(super) fn run(common: &Common, options: &Serve) -> Done {
    if options.demo {
        let demo = demo::open(common, options)?;
        return serve(common, options, &demo.book, Mode::Demo);
    }
    let book = Book::open(&database(common)?)?;
    if block_on(async { Ok(crate::service::planting::planted_demo(&book).await?) })?.is_some() {
        book.close();
        let text = "the database is a demo; serve it with --demo, or name another database";
        return Err(Failed(text.to_string()));
    }
    serve(common, options, &book, Mode::Keys)
}

fn serve(common: &Common, options: &Serve, book: &Book, mode: Mode) -> Done {
    let language = language(common);
    let patience = Duration::from_secs(options.client_timeout.into());
    let limits = Arc::new(Limits::new(options.rate_limit, patience));
    let app = App { book: book.clone(), mode, language, limits };
    let outcome = actix_web::rt::System::new().block_on(async {
        // Before anyone can connect: a stop in the first moment is a graceful one too.
        let mut stop = Stop::watch().map_err(|error| Failed(format!("signals: {error}")))?;
        let running = server::bind(app, options.bind, options.max_connections)
            .map_err(|error| Failed(format!("{}: {error}", options.bind)))?;
        if mode == Mode::Demo {
            demo::greet(running.address, language);
        }
        say(&format!("http://{} serves {}", running.address, book.address()));
        let handle = running.handle.clone();
        actix_web::rt::spawn(async move {
            stop.asked().await;
            tracing::info!("stopping");
            handle.stop(true).await;
        });
        running.server.await?;
        Ok(())
    });
    book.close();
    outcome
}

/// The signals that ask for a graceful stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn watch() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
