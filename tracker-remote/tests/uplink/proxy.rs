//! What stands between a sender and its bucket, and does with a request what a test says.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// What becomes of a request.
pub(crate) enum Answer {
    /// It goes to the bucket, and the bucket's answer comes back.
    Pass,
    /// It does not get there; this comes back.
    Instead(&'static str, String),
    /// Of the bucket's answer the end is missing.
    Cut,
    /// The bucket's answer with another `ETag`.
    OtherTag,
}

type Rule = dyn Fn(u64, &str) -> Answer + Send + Sync;

/// Listens until the test's process ends. Gives where.
pub(crate) fn proxy(
    upstream: u16,
    rule: impl Fn(u64, &str) -> Answer + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let rule: Arc<Rule> = Arc::new(rule);
    thread::spawn(move || {
        for (number, stream) in (0..).zip(listener.incoming()) {
            let (rule, Ok(stream)) = (Arc::clone(&rule), stream) else { continue };
            thread::spawn(move || serve(stream, upstream, number, &*rule));
        }
    });
    endpoint
}

/// One request a connection.
fn serve(mut client: TcpStream, upstream: u16, number: u64, rule: &Rule) -> Option<()> {
    let request = read_request(&mut client)?;
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let answer = match rule(number, &head) {
        Answer::Pass => forward(&request, end, upstream)?,
        Answer::Instead(status, body) => {
            let length = body.len();
            let (status, more) = status.split_once('\n').unwrap_or((status, "X: y"));
            format!("HTTP/1.1 {status}\r\n{more}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
                .into_bytes()
        }
        Answer::Cut => {
            let mut answer = forward(&request, end, upstream)?;
            let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
            answer.truncate(head + (answer.len() - head) / 2);
            answer
        }
        Answer::OtherTag => other_tag(&forward(&request, end, upstream)?),
    };
    client.write_all(&answer).ok()
}

fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 1 << 14];
    loop {
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if request.len() >= end + 4 + length {
                return Some(request);
            }
        }
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
    }
}

fn forward(request: &[u8], end: usize, upstream: u16) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).ok()?;
    server.write_all(&request[..end]).ok()?;
    server.write_all(b"\r\nConnection: close").ok()?;
    server.write_all(&request[end..]).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    Some(answer)
}

fn other_tag(answer: &[u8]) -> Vec<u8> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let lines: Vec<&str> = head
        .split("\r\n")
        .map(|line| {
            let is_tag = line.to_lowercase().starts_with("etag:");
            if is_tag { "ETag: \"11111111111111111111111111111111\"" } else { line }
        })
        .collect();
    [lines.join("\r\n").into_bytes(), answer[end..].to_vec()].concat()
}
