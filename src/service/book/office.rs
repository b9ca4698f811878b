//! The committer's office: the queue, who holds the office, and who is still to be answered.
//!
//! Lives here: the taking over from a committer that a call to the database has left silent. Does
//! not live here: the writing. Invariant: only the holder takes from the queue, publishes and
//! answers; whoever was relieved does none of it, whatever comes of the call it hangs in.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::NaiveDate;
use tokio::sync::{mpsc, oneshot};

use crate::domain::position::Position;
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head::End;
use crate::store::pulse::Pulse;
use crate::telemetry;

use super::super::failure::Failure;
use super::Calendar;
use super::committer::Committer;
use super::crew;
use super::jobs::{
    Amendment, ImportRequest, Imported, Job, Kept, KeyedAmendment, Outcome, PostRequest, Reply,
};
use super::known::Known;

/// Lines that one transaction takes at most, beyond its first request.
const BATCH_LINES: usize = 2_000;
/// Committers relieved that may still hang in a call.
const MOST_ABANDONED: usize = 8;
/// How often the watchdog looks.
const TICK: Duration = Duration::from_millis(100);
/// How long a close waits for the committer.
const CLOSE_WAIT: Duration = Duration::from_secs(20);

/// What the holder is to do; who is to be answered stays in the office.
pub(super) enum Work {
    Post(Vec<PostRequest>),
    Import(Box<ImportRequest>),
    Amend(Box<Amendment>),
    Keyed(Box<KeyedAmendment>),
    CatchUp,
}

/// Those who wait for the holder's answer.
pub(super) enum Unanswered {
    Nobody,
    /// In the order of the requests; nothing where it was answered early.
    Posts(Vec<Option<oneshot::Sender<Reply<Outcome>>>>),
    Import(oneshot::Sender<Reply<Imported>>),
    Amend(oneshot::Sender<Reply<i64>>),
    Keyed(oneshot::Sender<Reply<Kept>>),
    CatchUp(oneshot::Sender<Stored<()>>),
}

impl Unanswered {
    /// Tells everybody that nobody knows.
    fn give_up(self) {
        match self {
            Self::Nobody => {}
            Self::Posts(replies) => {
                for reply in replies.into_iter().flatten() {
                    let _gone = reply.send(Err(Failure::OutcomeUnknown));
                }
            }
            Self::Import(reply) => {
                let _gone = reply.send(Err(Failure::OutcomeUnknown));
            }
            Self::Amend(reply) => {
                let _gone = reply.send(Err(Failure::OutcomeUnknown));
            }
            Self::Keyed(reply) => {
                let _gone = reply.send(Err(Failure::OutcomeUnknown));
            }
            Self::CatchUp(reply) => {
                let _gone = reply.send(Err(StoreFault::Lost("the database is silent".to_string())));
            }
        }
    }
}

struct Queue {
    jobs: mpsc::Receiver<Job>,
    /// Taken out behind a batch that it could not join.
    waiting: Option<Job>,
}

struct Holder {
    /// The number of the crew that holds the office.
    turn: u64,
    pulse: Arc<Pulse>,
    /// The batch that is written, and behind it the one that is planned meanwhile.
    unanswered: VecDeque<Unanswered>,
    /// Nobody holds it: too many were relieved, or the last one died.
    vacant: bool,
    /// Relieved and not come back.
    abandoned: usize,
    over: bool,
}

pub(super) struct Office {
    pub url: DatabaseUrl,
    /// What the book may hold; whoever holds the office goes on with it.
    pub known: Arc<Known>,
    published: Arc<ArcSwap<Position>>,
    calendar: Calendar,
    queue: Mutex<Queue>,
    holder: Mutex<Holder>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Office {
    /// The day of which the index is to be.
    pub(super) fn today(&self) -> NaiveDate {
        (self.calendar)()
    }

    /// Opens the office: the first crew, on a connection that is there, and the watchdog.
    ///
    /// # Errors
    /// `Unusable` when there are no threads to be had.
    pub(super) fn open(
        url: DatabaseUrl,
        (db, end): (Db, End),
        (published, known): (Arc<ArcSwap<Position>>, Arc<Known>),
        (jobs, calendar): (mpsc::Receiver<Job>, Calendar),
    ) -> Stored<Arc<Self>> {
        let pulse = Pulse::new(url.call_patience());
        let holder = Holder {
            turn: 1,
            pulse: Arc::clone(&pulse),
            unanswered: VecDeque::new(),
            vacant: false,
            abandoned: 0,
            over: false,
        };
        let office = Arc::new(Self {
            url,
            published,
            known,
            calendar,
            queue: Mutex::new(Queue { jobs, waiting: None }),
            holder: Mutex::new(holder),
        });
        crew::start(Committer::new(Arc::clone(&office), 1, pulse, Some((db, end))))?;
        let watched = Arc::downgrade(&office);
        start("watchdog", move || watch(&watched))?;
        Ok(office)
    }

    /// The last Position published.
    pub(super) fn position(&self) -> Position {
        Position::clone(&self.published.load())
    }

    pub(super) fn is_held_by(&self, turn: u64) -> bool {
        held(&self.holder).turn == turn
    }

    /// Whether `turn` holds the office and has not ended it.
    pub(super) fn is_open_to(&self, turn: u64) -> bool {
        let holder = held(&self.holder);
        holder.turn == turn && !holder.over
    }

    /// Waits for something to do; nothing when the office is over, or held by another.
    pub(super) fn next(&self, turn: u64) -> Option<Work> {
        let mut queue = held(&self.queue);
        if !self.is_held_by(turn) {
            return None;
        }
        let job = queue.waiting.take().or_else(|| queue.jobs.blocking_recv())?;
        let mut holder = held(&self.holder);
        if holder.turn != turn {
            // Relieved while it waited.
            queue.waiting = Some(job);
            return None;
        }
        let (work, unanswered) = match job {
            Job::Post(request, reply) => {
                (Work::Post(vec![*request]), Unanswered::Posts(vec![Some(reply)]))
            }
            Job::Import(request, reply) => (Work::Import(request), Unanswered::Import(reply)),
            Job::Amend(amendment, reply) => (Work::Amend(amendment), Unanswered::Amend(reply)),
            Job::Keyed(request, reply) => (Work::Keyed(request), Unanswered::Keyed(reply)),
            Job::CatchUp(reply) => (Work::CatchUp, Unanswered::CatchUp(reply)),
            Job::Stop => {
                // For the other of the crew as well.
                queue.waiting = Some(Job::Stop);
                return None;
            }
        };
        holder.unanswered.push_back(unanswered);
        Some(work)
    }

    /// The waiting posts that go into one transaction with those taken last, which have so many
    /// lines.
    pub(super) fn more(&self, turn: u64, lines: usize) -> Vec<PostRequest> {
        let mut queue = held(&self.queue);
        let mut holder = held(&self.holder);
        let mut requests = Vec::new();
        if holder.turn != turn {
            return requests;
        }
        let Some(Unanswered::Posts(replies)) = holder.unanswered.back_mut() else {
            return requests;
        };
        let mut lines = lines;
        while lines < BATCH_LINES && queue.waiting.is_none() {
            match queue.jobs.try_recv() {
                Ok(Job::Post(request, reply)) => {
                    lines += request.lines();
                    requests.push(*request);
                    replies.push(Some(reply));
                }
                Ok(other) => queue.waiting = Some(other),
                Err(_) => break,
            }
        }
        requests
    }

    /// Publishes, if `turn` still holds the office.
    pub(super) fn publish(&self, turn: u64, position: &Position) {
        let holder = held(&self.holder);
        if holder.turn == turn {
            self.published.store(Arc::new(position.clone()));
        }
    }

    /// Who is to be answered for the batch that is written, if `turn` still holds the office; else
    /// the watchdog has told them.
    pub(super) fn unanswered(&self, turn: u64) -> Unanswered {
        let mut holder = held(&self.holder);
        if holder.turn != turn {
            return Unanswered::Nobody;
        }
        holder.unanswered.pop_front().unwrap_or(Unanswered::Nobody)
    }

    /// Answers some of the posts before the others.
    pub(super) fn answer_early(
        &self,
        turn: u64,
        answers: impl Iterator<Item = (usize, Reply<Outcome>)>,
    ) {
        let mut holder = held(&self.holder);
        if holder.turn != turn {
            return;
        }
        let Some(Unanswered::Posts(replies)) = holder.unanswered.front_mut() else { return };
        for (nth, answer) in answers {
            if let Some(reply) = replies.get_mut(nth).and_then(Option::take) {
                let _gone = reply.send(answer);
            }
        }
    }

    /// Somebody of this turn's crew has died.
    pub(super) fn vacate(&self, turn: u64) {
        let mut holder = held(&self.holder);
        holder.vacant |= holder.turn == turn;
    }

    /// The crew of this turn has ended.
    pub(super) fn leave(&self, turn: u64, over: bool) {
        let mut holder = held(&self.holder);
        if holder.turn == turn {
            holder.over |= over;
            holder.vacant = true;
        } else {
            holder.abandoned = holder.abandoned.saturating_sub(1);
        }
    }

    /// Waits until the committer has finished what was queued, a bounded time.
    pub(super) fn close(&self) {
        let deadline = Instant::now() + CLOSE_WAIT;
        while !held(&self.holder).over {
            if Instant::now() > deadline {
                tracing::error!("the committer does not end");
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Relieves a holder whose call is silent for too long, and fills a vacant office.
    fn relieve(self: &Arc<Self>) {
        let mut holder = held(&self.holder);
        let silent = !holder.vacant && holder.pulse.is_overdue();
        if !silent && !holder.vacant {
            return;
        }
        if silent {
            holder.abandoned += 1;
            telemetry::count_abandoned_committer();
            tracing::error!(
                hanging = holder.abandoned,
                "the database is silent; its committer was given up"
            );
        }
        holder.turn += 1;
        let unanswered = std::mem::take(&mut holder.unanswered);
        // Before anybody is told or takes over, so that who comes again is not turned away as well.
        self.turn_away();
        let pulse = Pulse::new(self.url.call_patience());
        holder.pulse = Arc::clone(&pulse);
        holder.vacant = holder.abandoned >= MOST_ABANDONED;
        let turn = holder.turn;
        let vacant = holder.vacant;
        drop(holder);
        unanswered.into_iter().for_each(Unanswered::give_up);
        if !vacant {
            let committer = Committer::new(Arc::clone(self), turn, pulse, None);
            // One that does not start is dropped, and leaves the office vacant.
            if let Err(fault) = crew::start(committer) {
                tracing::error!(%fault, "nobody to write");
            }
        }
    }

    /// Tells those who queue for a silent database to come again.
    fn turn_away(&self) {
        let Ok(mut queue) = self.queue.try_lock() else { return };
        while let Some(job) = queue.waiting.take().or_else(|| queue.jobs.try_recv().ok()) {
            match job {
                Job::Post(_, reply) => {
                    let _gone = reply.send(Err(Failure::Unavailable));
                }
                Job::Import(_, reply) => {
                    let _gone = reply.send(Err(Failure::Unavailable));
                }
                Job::Amend(_, reply) => {
                    let _gone = reply.send(Err(Failure::Unavailable));
                }
                Job::Keyed(_, reply) => {
                    let _gone = reply.send(Err(Failure::Unavailable));
                }
                Job::CatchUp(reply) => {
                    Unanswered::CatchUp(reply).give_up();
                }
                Job::Stop => {
                    queue.waiting = Some(Job::Stop);
                    return;
                }
            }
        }
    }
}

pub(super) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Stored<()> {
    let thread = std::thread::Builder::new().name(name.to_string()).spawn(work);
    thread.map(|_| ()).map_err(|error| StoreFault::Unusable(format!("no thread: {error}")))
}

/// The watchdog: as long as there is an office.
fn watch(office: &Weak<Office>) {
    loop {
        std::thread::sleep(TICK);
        match office.upgrade() {
            Some(office) if !held(&office.holder).over => office.relieve(),
            _ => return,
        }
    }
}
