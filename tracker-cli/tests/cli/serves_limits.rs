//! What is too much, too slow or too early for the server, and how it ends.

use std::{
    io::{
        ErrorKind::{ConnectionReset, WouldBlock},
        Read, Write,
    },
    net::TcpStream,
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    server::{Answer, PATIENCE, Server},
    support::Store,
};

#[test]
fn what_is_too_large_is_refused_and_the_server_goes_on() {
    let server = Server::of(&Store::new());
    let body = " ".repeat(2 << 20);
    let answer = server.post_with("/api/v1/curves", "Content-Type: application/json\r\n", &body);
    assert!([0, 400].contains(&answer.status), "{}", answer.status);
    let header = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: {}", "x".repeat(1 << 20));
    assert!([0, 431].contains(&server.status(&header)));
    let query = format!("/api/v1/runs?project={}", "%00'\"<script>".repeat(500));
    assert!([200, 400].contains(&server.get(&query.replace(['<', '>', '"'], "")).status));
    for noise in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        assert_ne!(server.raw(noise).status, 200);
    }
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn a_body_without_an_end_is_cut() {
    let server = Server::of(&Store::new());
    let host = server.authority();
    for (request, status) in [
        ("POST /api/v1/curves HTTP/1.1\r\nContent-Type: application/json", 400),
        ("POST /api/v1/curves HTTP/1.1\r\nContent-Type: text/plain", 403),
        ("POST /api/v1/runs/x/edit HTTP/1.1\r\nContent-Type: application/json", 400),
        ("POST / HTTP/1.1\r\nContent-Type: application/json", 405),
        ("GET /api/v1/store HTTP/1.1", 200),
        ("GET /missing HTTP/1.1", 404),
    ] {
        let mut socket = server.connect();
        write!(socket, "{request}\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        // The server hangs up, before or while it is read.
        let sent = (0..1_000).take_while(|_| socket.write_all(chunk.as_bytes()).is_ok()).count();
        assert!(sent < 1_000, "{request}");
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes);
        // What was still on its way may have cost the answer.
        assert!([0, status].contains(&Answer::of(&bytes).status), "{request}");
    }
    assert_eq!(server.get("/").status, 200);
}

/// As many clients as the server takes at a time, each slow in its own way. All of them wait for
/// its patience together.
#[test]
fn slow_clients_are_cut_and_the_next_one_is_served() {
    const PLACES: usize = 256;
    let server = Server::of(&Store::new());
    let host = server.authority();
    let beginnings = [
        String::new(),
        "GET / HTTP/1.1\r\nHo".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: "),
        format!(
            "POST /api/v1/curves HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: 100\r\n\r\n{{"
        ),
        format!("GET /app.css HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    ];
    let mut slow: Vec<TcpStream> = (0..PLACES).map(|_| server.connect()).collect();
    for (socket, beginning) in slow.iter_mut().zip(beginnings.iter().cycle()) {
        socket.write_all(beginning.as_bytes()).unwrap();
    }
    // Clients that go on, a byte at a time, are not quicker.
    let mut dripping: Vec<TcpStream> = [2, 3].map(|kind| slow[kind].try_clone().unwrap()).into();
    let drip = thread::spawn(move || {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            dripping.retain_mut(|socket| socket.write_all(b" ").is_ok());
            if dripping.is_empty() {
                return true;
            }
            thread::sleep(Duration::from_millis(100));
        }
        false
    });
    assert_eq!(server.get("/").status, 200, "as soon as there is a place");
    let is_cut = |socket: &TcpStream| {
        socket.set_nonblocking(true).unwrap();
        let is_waiting = socket.peek(&mut [0]).is_err_and(|error| error.kind() == WouldBlock);
        socket.set_nonblocking(false).unwrap();
        !is_waiting
    };
    // Those that asked for the style sheet have bytes to read anyway.
    let asked_nothing = |at: usize| at % beginnings.len() < beginnings.len() - 1;
    let mut silent = slow.iter().enumerate().filter(|(at, _)| asked_nothing(*at));
    assert!(silent.any(|(_, socket)| is_cut(socket)), "there was none before");
    for (socket, beginning) in slow.iter_mut().zip(beginnings.iter().cycle()) {
        let mut bytes = Vec::new();
        let end = socket.read_to_end(&mut bytes);
        let is_cut = end.is_ok() || end.is_err_and(|error| error.kind() == ConnectionReset);
        assert!(is_cut, "{beginning}");
        let status = Answer::of(&bytes).status;
        let wanted: &[u16] = match beginning {
            asked if asked.starts_with("POST") => &[400],
            asked if asked.contains("app.css") => &[200],
            _ => &[0, 408],
        };
        assert!(wanted.contains(&status), "{beginning}: {status}");
    }
    assert!(drip.join().unwrap(), "drops keep no connection open");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_hint() {
    let store = Store::new();
    let server = Server::of(&store);
    let output = store.tracker(&["ui", "--no-open", "--port", &server.port.to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: another `tracker ui`"));
}

/// How the server ends after a signal, with pages that listen to it.
fn ends_after(signal: Signal) -> ExitStatus {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    let mut server = Server::of(&store);
    let mut pages: Vec<_> = (0..3).map(|_| server.follow("/api/v1/live")).collect();
    let _asking = server.connect();
    kill_process(Pid::from_child(&server.child), signal).unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < PATIENCE, "the server goes on");
        thread::sleep(Duration::from_millis(5));
    };
    assert!(pages.iter_mut().all(|page| page.next().is_none()));
    assert!(TcpStream::connect(("127.0.0.1", server.port)).is_err());
    run.finish().unwrap();
    status
}

/// Its note says to press Ctrl-C, so that is no failure.
#[test]
fn ctrl_c_ends_the_server_at_once_and_well() {
    assert_eq!(ends_after(Signal::INT).code(), Some(0));
}

#[test]
fn a_server_that_is_terminated_says_so_by_its_status() {
    assert_eq!(ends_after(Signal::TERM).signal(), Some(Signal::TERM.as_raw()));
}
