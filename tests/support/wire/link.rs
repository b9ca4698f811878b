//! One link of the wire: the frontend's messages one way, the server's bytes the other.
//!
//! Who decides what happens is in `wire`. Invariant: a message goes on whole or not at all.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Deed, Flow, Shared};

/// First messages that ask for encryption; another first message follows.
const ENCRYPTION_REQUESTS: [u32; 2] = [80_877_103, 80_877_104];

/// One message of the frontend; the first has no type byte.
pub(super) struct Message {
    kind: Option<u8>,
    bytes: Vec<u8>,
    /// The first and the last message that make a write durable: both are COMMIT, or the first and
    /// the last of those that run a statement which is a transaction of its own.
    begins_commit: bool,
    is_commit: bool,
}

impl Message {
    /// Whether a trap at COMMIT springs here.
    pub(super) fn is_commit(&self, deed: Deed) -> bool {
        match deed {
            Deed::CutBefore | Deed::SilenceBefore => self.begins_commit,
            Deed::CutAfter | Deed::SilenceAfter | Deed::HoldAfter => self.is_commit,
        }
    }

    fn says(&self, words: &[u8]) -> bool {
        self.bytes.windows(words.len()).any(|part| part == words)
    }

    /// The name at the `nth` place of a message that starts with names.
    fn name(&self, nth: usize) -> Vec<u8> {
        let names = self.bytes.get(5..).unwrap_or_default();
        names.split(|byte| *byte == 0).nth(nth).unwrap_or_default().to_vec()
    }

    /// Whether the server answers it at once.
    fn asks(&self) -> bool {
        matches!(self.kind, None | Some(b'Q' | b'S' | b'H' | b'p'))
    }
}

/// Puts the bytes of one link together to messages.
#[derive(Default)]
struct Frames {
    waiting: Vec<u8>,
    begun: bool,
    /// Whether the session is between BEGIN and its end.
    in_transaction: bool,
    /// The prepared statements that append a batch, and whether one is being run by itself.
    appends: Vec<Vec<u8>>,
    at_once: bool,
}

impl Frames {
    fn take(&mut self, bytes: &[u8]) -> Vec<Message> {
        self.waiting.extend_from_slice(bytes);
        std::iter::from_fn(|| self.next()).collect()
    }

    fn next(&mut self) -> Option<Message> {
        let before = usize::from(self.begun);
        let number = |at: usize| {
            let bytes = self.waiting.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let whole = before + usize::try_from(number(before)?).ok()?;
        if self.waiting.len() < whole {
            return None;
        }
        let encryption = !self.begun && number(4).is_some_and(|n| ENCRYPTION_REQUESTS.contains(&n));
        let bytes: Vec<u8> = self.waiting.drain(..whole).collect();
        let kind = self.begun.then(|| bytes[0]);
        self.begun = self.begun || !encryption;
        let (begins_commit, is_commit) = (false, false);
        let mut message = Message { kind, bytes, begins_commit, is_commit };
        self.note(&mut message);
        Some(message)
    }

    /// Follows what the session does, as far as COMMITs are concerned.
    fn note(&mut self, message: &mut Message) {
        match message.kind {
            Some(b'Q') => {
                let commits = message.says(b"COMMIT");
                let ends = commits || message.says(b"ROLLBACK");
                self.in_transaction = message.says(b"BEGIN") || (self.in_transaction && !ends);
                (message.begins_commit, message.is_commit) = (commits, commits);
            }
            Some(b'P') if message.says(b"WITH moved AS") => self.appends.push(message.name(0)),
            Some(b'B') => {
                self.at_once = !self.in_transaction && self.appends.contains(&message.name(1));
                message.begins_commit = self.at_once;
            }
            Some(b'S') => message.is_commit = std::mem::take(&mut self.at_once),
            _ => {}
        }
    }
}

pub(super) struct Link {
    client: TcpStream,
    server: Option<TcpStream>,
    /// What still comes is thrown away, and an end of one side is not told to the other.
    silent: AtomicBool,
    /// Nothing passes for now.
    is_held: AtomicBool,
    /// The next answer of the server is the last thing that happens.
    last_answer: AtomicBool,
    is_cut: AtomicBool,
}

impl Link {
    fn new(client: TcpStream, server: Option<TcpStream>) -> Self {
        for stream in [Some(&client), server.as_ref()].into_iter().flatten() {
            let _slower = stream.set_nodelay(true);
        }
        let silent = AtomicBool::new(server.is_none());
        let (is_held, last_answer, is_cut) = Default::default();
        Self { client, server, silent, is_held, last_answer, is_cut }
    }

    pub(super) fn between(client: TcpStream, server: TcpStream) -> Self {
        Self::new(client, Some(server))
    }

    pub(super) fn to_nowhere(client: TcpStream) -> Self {
        Self::new(client, None)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::SeqCst)
    }

    pub(super) fn silence(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    pub(super) fn release(&self) {
        self.is_held.store(false, Ordering::SeqCst);
    }

    pub(super) fn close_client(&self) {
        self.silence();
        let _gone = self.client.shutdown(Shutdown::Both);
    }

    pub(super) fn close_server(&self) {
        self.silence();
        if let Some(server) = &self.server {
            let _gone = server.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.close_client();
        self.close_server();
    }

    /// One side has ended: the other is told, unless the link is silent.
    fn end(&self) {
        if !self.is_silent() {
            self.cut();
        }
    }

    /// Waits while the wire holds; whether to deliver.
    fn may_pass(&self, shared: &Shared, up: bool) -> bool {
        loop {
            match shared.flow() {
                _ if self.is_cut.load(Ordering::SeqCst) => break,
                _ if self.is_held.load(Ordering::SeqCst) => pause(),
                Flow::Pass => break,
                Flow::HoldFrontend if !up => break,
                Flow::Delay(pause) => {
                    std::thread::sleep(pause);
                    break;
                }
                Flow::Hold | Flow::HoldFrontend => pause(),
            }
        }
        !self.is_silent()
    }

    /// Carries one message up; whether the link goes on.
    fn forward(&self, shared: &Shared, message: &Message, server: &TcpStream) -> bool {
        if !self.may_pass(shared, true) {
            return true;
        }
        let deed = shared.count(message);
        match deed {
            Some(Deed::CutBefore) => {
                self.cut();
                return false;
            }
            Some(Deed::SilenceBefore) => {
                self.silence();
                return true;
            }
            Some(Deed::HoldAfter) => self.is_held.store(true, Ordering::SeqCst),
            Some(Deed::CutAfter) if message.asks() => {
                self.last_answer.store(true, Ordering::SeqCst)
            }
            _ => {}
        }
        let mut to = server;
        let sent = to.write_all(&message.bytes).is_ok();
        match deed {
            Some(Deed::SilenceAfter) => self.silence(),
            Some(Deed::CutAfter) if !message.asks() => self.cut(),
            _ => {}
        }
        sent
    }

    fn carry_up(&self, shared: &Shared) {
        let mut frames = Frames::default();
        let mut bytes = vec![0; 1 << 16];
        let mut from = &self.client;
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let messages = frames.take(&bytes[..read]);
            let Some(server) = &self.server else { continue };
            if !messages.iter().all(|message| self.forward(shared, message, server)) {
                break;
            }
        }
        self.end();
    }

    fn carry_down(&self, shared: &Shared) {
        let Some(mut from) = self.server.as_ref() else { return };
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            // The server has answered, so what was asked is done; only now is the link cut.
            if self.last_answer.load(Ordering::SeqCst) {
                self.cut();
                break;
            }
            let mut to = &self.client;
            if self.may_pass(shared, false) && to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        self.end();
    }
}

fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}

pub(super) fn carry(link: &Arc<Link>, shared: &Arc<Shared>) {
    for way in [Link::carry_up, Link::carry_down] {
        let (link, shared) = (Arc::clone(link), Arc::clone(shared));
        std::thread::spawn(move || way(&link, &shared));
    }
}
