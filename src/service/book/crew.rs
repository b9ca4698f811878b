//! The crew: two threads with one pen, so that a batch is planned while the one before is written.
//!
//! Lives here: who plans, who writes, and when they change over. Does not live here: what is
//! written (`committer`) and decided (`planning`). Invariant: batches are written in the order in
//! which they were taken from the queue, and none whose beginning is not the book's end.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::position::Position;
use crate::store::fault::Stored;
use crate::store::head::End;

use super::committer::Committer;
use super::jobs::PostRequest;
use super::now;
use super::office::{self, Office, Work};
use super::planning::{Planned, Sheet};

/// How often whoever waits for the pen looks whether more can be planned.
const GLANCE: Duration = Duration::from_micros(200);

/// The book as it will be when all that was planned is written.
struct Ahead {
    position: Position,
    end: End,
}

struct Crew {
    office: Arc<Office>,
    turn: u64,
    /// Held by the one that plans: takes from the queue.
    ahead: Mutex<Ahead>,
    /// What is written with; not there while the other writes.
    pen: Mutex<Option<Box<Committer>>>,
    returned: Condvar,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the two threads of a committer's turn.
///
/// # Errors
/// `Unusable` when there are no threads to be had; the turn is then over.
pub(super) fn start(committer: Committer) -> Stored<()> {
    let (position, end) = committer.stands_at();
    let crew = Arc::new(Crew {
        office: Arc::clone(committer.office()),
        turn: committer.turn(),
        ahead: Mutex::new(Ahead { position, end }),
        pen: Mutex::new(Some(Box::new(committer))),
        returned: Condvar::new(),
    });
    for name in ["committer-a", "committer-b"] {
        let crew = Arc::clone(&crew);
        office::start(name, move || Member(crew).run())?;
    }
    Ok(())
}

/// One of the two; tells the office should it die.
struct Member(Arc<Crew>);

impl Drop for Member {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.office.vacate(self.0.turn);
        }
    }
}

/// Posts that go into one transaction, and what they come to where nothing had to be read.
struct Batch {
    requests: Vec<PostRequest>,
    sheet: Option<Sheet>,
}

impl Member {
    fn run(self) {
        while self.turn().is_some() {}
    }

    /// Plans one batch, hands the planning over, and writes it; nothing when the turn is over.
    fn turn(&self) -> Option<()> {
        let crew = &self.0;
        let mut ahead = held(&crew.ahead);
        let Some(work) = crew.office.next(crew.turn) else {
            // Whatever was taken before is written first.
            crew.take_pen(|| {})?.stop();
            return None;
        };
        let Work::Post(requests) = work else {
            let mut pen = crew.take_pen(|| {})?;
            pen.turn_the_day();
            pen.work(work);
            (ahead.position, ahead.end) = pen.stands_at();
            crew.return_pen(pen);
            return Some(());
        };
        let sheet = crew.is_today(&ahead).then(|| crew.blank(&ahead));
        let mut batch = Batch { requests: Vec::new(), sheet };
        batch.add(requests);
        batch.add(crew.office.more(crew.turn, batch.lines()));
        let mut pen = crew.take_pen(|| batch.add(crew.office.more(crew.turn, batch.lines())))?;
        pen.turn_the_day();
        let Batch { requests, sheet } = batch;
        let planned = sheet.map(Sheet::done).filter(|planned| pen.goes_on_from(planned));
        match planned {
            Some(planned) => {
                (ahead.position, ahead.end) = (planned.overlay.clone(), planned.to());
                drop(ahead);
                crew.write(pen, &requests, Some(planned));
            }
            // What it comes to is known when it is written.
            None => {
                let answers = pen.post(&requests, None);
                (ahead.position, ahead.end) = pen.stands_at();
                crew.return_pen(pen);
                answers.tell();
            }
        }
        Some(())
    }
}

impl Crew {
    fn blank(&self, ahead: &Ahead) -> Sheet {
        Sheet::blank(&ahead.position, &ahead.end, &self.office.known)
    }

    fn is_today(&self, ahead: &Ahead) -> bool {
        let today = self.office.today();
        ahead.position.index().is_none_or(|index| index.day() == today)
    }

    /// Waits until the other has written, and does `meanwhile` again and again; nothing when the
    /// turn is over.
    fn take_pen(&self, mut meanwhile: impl FnMut()) -> Option<Box<Committer>> {
        let mut pen = held(&self.pen);
        loop {
            if let Some(pen) = pen.take() {
                return Some(pen);
            }
            if !self.office.is_open_to(self.turn) {
                return None;
            }
            let waited = self.returned.wait_timeout(pen, GLANCE);
            (pen, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if pen.is_none() {
                drop(pen);
                meanwhile();
                pen = held(&self.pen);
            }
        }
    }

    fn return_pen(&self, pen: Box<Committer>) {
        *held(&self.pen) = Some(pen);
        self.returned.notify_one();
    }

    /// Writes, lets the other go on, and answers then.
    fn write(&self, mut pen: Box<Committer>, requests: &[PostRequest], planned: Option<Planned>) {
        let answers = pen.post(requests, planned);
        self.return_pen(pen);
        answers.tell();
    }
}

impl Batch {
    fn lines(&self) -> usize {
        self.requests.iter().map(PostRequest::lines).sum()
    }

    fn add(&mut self, requests: Vec<PostRequest>) {
        for request in requests {
            let sheet = self.sheet.as_mut();
            let added = sheet.map(|sheet| sheet.add_unread(&request, now()));
            // The transaction that reads decides the whole batch, and says what was wrong.
            if !matches!(added, Some(Ok(true))) {
                self.sheet = None;
            }
            self.requests.push(request);
        }
    }
}
