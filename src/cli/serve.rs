//! `serve`: open the book and answer until told to stop.
//!
//! Lives here: start, signals and graceful stop. Does not live here: paths. Invariant: on a stop
//! every request under way is answered, and the committer finishes what is queued.

use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Common, Serve};
use crate::http::server;
use crate::http::state::{App, Mode};
use crate::service::book::Book;

use super::{Done, database, language, say};

pub(super) fn run(common: &Common, options: &Serve) -> Done {
    let book = Book::open(&database(common)?)?;
    let app = App {
        book: book.clone(),
        mode: Mode::Keys,
        language: language(common),
    };
    let outcome = actix_web::rt::System::new().block_on(async {
        let running = server::bind(app, options.bind)?;
        say(&format!(
            "http://{} serves {}",
            running.address,
            book.address()
        ));
        let handle = running.handle.clone();
        actix_web::rt::spawn(async move {
            if stop_asked().await.is_ok() {
                tracing::info!("stopping");
                handle.stop(true).await;
            }
        });
        running.server.await?;
        Ok(())
    });
    book.close();
    outcome
}

async fn stop_asked() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
