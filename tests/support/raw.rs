//! One connection by hand: requests as bytes, at any pace; answers as they come, or never read.
//!
//! The polite client is in `client`. Invariant: nothing is sent or read but what a test asks for.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct Raw {
    pub stream: TcpStream,
    /// What has come of the answer under way.
    received: Vec<u8>,
}

/// A request as it goes over the wire; `length` is announced, whatever is sent.
pub fn request(method: &str, path: &str, key: &str, more: &str, length: usize) -> String {
    let body =
        if method == "GET" { String::new() } else { format!("content-length: {length}\r\n") };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         {more}{body}\r\n"
    )
}

/// A movement as it goes over the wire.
pub fn post(path: &str, key: &str, idempotency_key: &str, body: &str) -> String {
    let more = format!("content-type: application/json\r\nidempotency-key: {idempotency_key}\r\n");
    request("POST", path, key, &more, body.len()) + body
}

impl Raw {
    pub fn connect(base: &str) -> Self {
        let stream = TcpStream::connect(base.trim_start_matches("http://")).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        Self { stream, received: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// The next answer, head and body; nothing where it has not come whole and the socket is not to
    /// be waited for.
    pub fn reply(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = whole(&self.received) {
                let rest = self.received.split_off(end);
                let text = String::from_utf8_lossy(&self.received).into_owned();
                self.received = rest;
                return Ok(Some(text));
            }
            let mut part = [0; 16_384];
            match self.stream.read(&mut part) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.received.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Where the first answer ends, if all of it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = header(&text, "content-length").parse::<usize>().unwrap_or(0);
    (bytes.len() >= head + length).then_some(head + length)
}

/// The status of an answer.
pub fn status(reply: &str) -> u16 {
    reply.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status")
}

/// A header of an answer, or nothing.
pub fn header<'a>(reply: &'a str, name: &str) -> &'a str {
    let lines = reply.lines().take_while(|line| !line.is_empty());
    let fields = lines.filter_map(|line| line.split_once(':'));
    let mut found = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
    found.next().map_or("", |(_, value)| value.trim())
}
