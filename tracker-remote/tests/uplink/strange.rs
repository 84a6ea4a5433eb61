//! Buckets that answer strangely: what is told, and that all is there once they answer as they should.

use std::{
    io::Read,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use tracker_remote::{Check, Place, Trouble, Uplink};

use crate::{
    moto::Moto,
    proxy::{Answer, proxy},
    support::{Local, bucket, fetched},
};

fn xml(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>")
}

/// Sends through a bucket that is odd from its request of this number on, then through the same one when it is well again:
/// what was told first.
fn told(
    moto: &Moto,
    from: u64,
    odd: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> (Trouble, String) {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = Arc::clone(&is_well);
    let endpoint =
        proxy(
            moto.port,
            move |number, head| {
                if number < from || well.load(SeqCst) { Answer::Pass } else { odd(head) }
            },
        );
    let (local, place) = (Local::ended(), bucket(&endpoint, "runs"));
    let mut uplink = Uplink::new(&place, &local.path()).unwrap();
    let error = uplink.send().unwrap_err();
    is_well.store(true, SeqCst);
    goes_well(&mut uplink, &place, &local);
    (Trouble::of(&error), error.to_string())
}

fn goes_well(uplink: &mut Uplink, place: &Place, local: &Local) {
    assert!(uplink.send().unwrap().all);
    assert_eq!(fetched(place, &local.path()), local.points());
    assert_eq!(uplink.check(Check::Deep).unwrap(), []);
}

#[test]
fn what_a_bucket_refuses_at_once_or_in_the_middle_is_told_and_all_is_there_afterwards() {
    let Some(moto) = Moto::start() else { return };
    for (status, code, trouble, hint) in [
        ("403 Forbidden", "InvalidAccessKeyId", Trouble::Credentials, "AWS_SECRET_ACCESS_KEY"),
        ("400 Bad Request", "ExpiredToken", Trouble::Credentials, "AWS_SESSION_TOKEN"),
        ("403 Forbidden", "RequestTimeTooSkewed", Trouble::Clock, "clock"),
        ("403 Forbidden", "AccessDenied", Trouble::Denied, "s3:PutObject"),
        ("403 Forbidden", "QuotaExceeded", Trouble::Full, "make room"),
        ("507 Insufficient Storage", "InsufficientStorage", Trouble::Full, "make room"),
        ("503 Slow Down", "SlowDown", Trouble::Throttled, "--limit"),
        ("500 Internal Server Error", "InternalError", Trouble::Away, "network"),
        ("404 Not Found", "NoSuchBucket", Trouble::NoBucket, "TRACKER_SYNC"),
    ] {
        for from in [0, 8] {
            let (found, text) = told(&moto, from, move |_| Answer::Instead(status, xml(code)));
            assert_eq!(found, trouble, "{code}: {text}");
            assert!(text.contains("hint: ") && text.contains(hint), "{text}");
        }
    }
}

#[test]
fn a_bucket_that_may_only_be_read_is_told_with_what_is_to_be_allowed() {
    let Some(moto) = Moto::start() else { return };
    let (found, text) = told(&moto, 0, |head| {
        let writes = ["PUT ", "POST ", "DELETE "].iter().any(|method| head.starts_with(method));
        if writes { Answer::Instead("403 Forbidden", xml("AccessDenied")) } else { Answer::Pass }
    });
    assert_eq!(found, Trouble::Denied, "{text}");
    assert!(text.contains("s3:PutObject"), "{text}");
}

#[test]
fn answers_that_are_no_answers_are_taken_for_none() {
    let Some(moto) = Moto::start() else { return };
    // An error that is called a success, as S3 may for long uploads, and a page of a hotel.
    for body in [xml("InternalError"), "<html>welcome</html>".to_owned()] {
        for from in [0, 8] {
            let body = body.clone();
            let (found, text) = told(&moto, from, move |_| Answer::Instead("200 OK", body.clone()));
            assert!(matches!(found, Trouble::Away | Trouble::Other), "{text}");
            assert!(text.contains("hint: "), "{text}");
        }
    }
    let cuts = |head: &str| if head.starts_with("GET ") { Answer::Cut } else { Answer::Pass };
    let (found, text) = told(&moto, 0, cuts);
    assert_eq!(found, Trouble::Away, "{text}");
}

#[test]
fn etags_that_are_not_true_are_told() {
    let Some(moto) = Moto::start() else { return };
    let endpoint = proxy(moto.port, |_, _| Answer::OtherTag);
    let (local, place) = (Local::new(), bucket(&endpoint, "runs"));
    let mut uplink = Uplink::new(&place, &local.path()).unwrap();
    let mut sent = uplink.send().map(drop);
    for turn in 0..3 {
        local.log(turn * 10..(turn + 1) * 10);
        local.flush();
        sent = sent.and_then(|()| uplink.send().map(drop));
    }
    let text = sent.unwrap_err().to_string();
    assert!(text.contains("ETag") && text.contains("hint: "), "{text}");
}

#[test]
fn another_host_to_which_a_bucket_sends_gets_no_credentials() {
    let Some(moto) = Moto::start() else { return };
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || {
        for stream in other.incoming() {
            let mut buffer = [0; 1 << 14];
            let count = stream.unwrap().read(&mut buffer).unwrap_or(0);
            sender.send(String::from_utf8_lossy(&buffer[..count]).into_owned()).unwrap();
        }
    });
    let redirect: &'static str =
        format!("307 Temporary Redirect\nLocation: http://localhost:{port}/x").leak();
    let (found, text) = told(&moto, 0, move |_| Answer::Instead(redirect, String::new()));
    assert_eq!(found, Trouble::Away, "{text}");
    while let Ok(request) = asked.recv_timeout(Duration::from_millis(200)) {
        let request = request.to_lowercase();
        assert!(
            !request.contains("authorization") && !request.contains("x-amz-security"),
            "{request}"
        );
    }
}
