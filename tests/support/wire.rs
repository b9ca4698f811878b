//! A wire to PostgreSQL that a test can cut, hold, slow down, half-open, close and blacken.
//!
//! Lives here: what a test asks of the wire, and who is let in. How one link carries messages is in
//! `link`. Invariant: what passes is neither changed nor put in another order.

mod link;

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use link::{Link, Message};

/// How the links carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Pass,
    /// Each message waits so long.
    Delay(Duration),
    /// Bytes are held back both ways, and go on when the wire passes again.
    Hold,
    /// What the frontend sends is held back; what the server sends goes on.
    HoldFrontend,
}

/// What happens to those who come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Nobody listens.
    Refuse,
    /// They are let in, and nobody says a word.
    Blackhole,
}

/// At which message of the frontend the trap springs, counted from the arming over all links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Message(u64),
    Commit,
}

/// What the trap does to the link of that message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Cut; the message has not gone on.
    CutBefore,
    /// Cut when the message has gone on and the server has answered what it had to answer.
    CutAfter,
    /// Silence for ever, both ends open; the message has not gone on.
    SilenceBefore,
    /// Silence for ever, both ends open; the message has gone on.
    SilenceAfter,
    /// Nothing more passes until the wire is told to release it; the message has gone on.
    HoldAfter,
}

struct Shared {
    target: AtomicU16,
    flow: Mutex<Flow>,
    door: Mutex<Door>,
    trap: Mutex<Option<(At, Deed)>>,
    /// Messages of the frontend since the arming.
    messages: AtomicU64,
    links: Mutex<Vec<Arc<Link>>>,
    over: AtomicBool,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn flow(&self) -> Flow {
        *held(&self.flow)
    }

    /// Counts a message; what the trap does at it, if it is the one.
    fn count(&self, message: &Message) -> Option<Deed> {
        let mut trap = held(&self.trap);
        let nth = self.messages.fetch_add(1, Ordering::SeqCst) + 1;
        let (at, deed) = (*trap)?;
        let springs = match at {
            At::Message(wanted) => nth == wanted,
            At::Commit => message.is_commit(deed),
        };
        if springs {
            *trap = None;
        }
        springs.then_some(deed)
    }
}

pub struct Wire {
    shared: Arc<Shared>,
    port: u16,
    doorman: Option<JoinHandle<()>>,
}

impl Wire {
    /// A wire to the server at a loopback port.
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared {
            target: AtomicU16::new(target),
            flow: Mutex::new(Flow::Pass),
            door: Mutex::new(Door::Open),
            trap: Mutex::new(None),
            messages: AtomicU64::new(0),
            links: Mutex::new(Vec::new()),
            over: AtomicBool::new(false),
        });
        let theirs = Arc::clone(&shared);
        let doorman = std::thread::spawn(move || keep_door(&theirs, listener, port));
        Self { shared, port, doorman: Some(doorman) }
    }

    /// The same URL by way of the wire.
    pub fn through(&self, url: &str) -> String {
        let target = self.shared.target.load(Ordering::SeqCst);
        url.replace(&format!(":{target}/"), &format!(":{}/", self.port))
    }

    /// Links made from now on lead to another server.
    pub fn lead_to(&self, target: u16) {
        self.shared.target.store(target, Ordering::SeqCst);
    }

    pub fn flow(&self, flow: Flow) {
        *held(&self.shared.flow) = flow;
    }

    pub fn door(&self, door: Door) {
        *held(&self.shared.door) = door;
        // The doorman looks up once a millisecond or so.
        std::thread::sleep(Duration::from_millis(10));
    }

    /// Counts from one again; the trap springs once.
    pub fn arm(&self, at: At, deed: Deed) {
        let mut trap = held(&self.shared.trap);
        self.shared.messages.store(0, Ordering::SeqCst);
        *trap = Some((at, deed));
    }

    /// Takes the trap away; whether it was still there.
    pub fn disarm(&self) -> bool {
        held(&self.shared.trap).take().is_some()
    }

    /// Cuts every link there is.
    pub fn cut(&self) {
        self.each(Link::cut);
    }

    /// The service finds every link closed, the server learns nothing.
    pub fn close_clients(&self) {
        self.each(Link::close_client);
    }

    /// The server finds every link closed, the service learns nothing.
    pub fn close_servers(&self) {
        self.each(Link::close_server);
    }

    /// Nobody learns anything on any link there is, for ever.
    pub fn silence(&self) {
        self.each(Link::silence);
    }

    /// What was held on a link by the trap goes on.
    pub fn release(&self) {
        self.each(Link::release);
    }

    /// All links that were silenced or half-opened are closed at both ends.
    pub fn bury(&self) {
        self.each(|link| {
            if link.is_silent() {
                link.cut();
            }
        });
    }

    fn each(&self, deed: impl Fn(&Link)) {
        held(&self.shared.links).iter().for_each(|link| deed(link));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.flow(Flow::Pass);
        if let Some(doorman) = self.doorman.take() {
            let _ended = doorman.join();
        }
        self.cut();
    }
}

fn keep_door(shared: &Arc<Shared>, listener: TcpListener, port: u16) {
    let unblocked = |listener: TcpListener| listener.set_nonblocking(true).map(|()| listener);
    let mut listener = unblocked(listener).ok();
    while !shared.over.load(Ordering::SeqCst) {
        let door = *held(&shared.door);
        if door == Door::Refuse {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(("127.0.0.1", port)).and_then(unblocked).ok();
        }
        match listener.as_ref().map(TcpListener::accept) {
            Some(Ok((client, _))) => let_in(shared, client, door),
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

fn let_in(shared: &Arc<Shared>, client: TcpStream, door: Door) {
    let target = shared.target.load(Ordering::SeqCst);
    let link = match door {
        Door::Blackhole => Link::to_nowhere(client),
        _ => match TcpStream::connect(("127.0.0.1", target)) {
            Ok(server) => Link::between(client, server),
            Err(_) => return,
        },
    };
    let link = Arc::new(link);
    let mut links = held(&shared.links);
    links.retain(|link| Arc::strong_count(link) > 1 || link.is_silent());
    links.push(Arc::clone(&link));
    drop(links);
    link::carry(&link, shared);
}
