//! Files that go beside the points: long ones, which go on after a kill, and many.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use object_store::{
    MultipartId, PutPayload, PutResult, Result,
    memory::InMemory,
    multipart::{MultipartStore, PartId},
    path::Path,
};
use tracker_remote::{Check, FollowOptions, Place, Uplink};

use crate::{
    store::{Odd, generic},
    support::{Local, fetched, objects, put},
};

/// Uploads in parts, of which so many more arrive, and none while they are held.
#[derive(Debug)]
struct Parts {
    inner: Arc<InMemory>,
    left: AtomicU64,
    arrived: AtomicU64,
    is_held: AtomicBool,
    /// It says once, at the end, that it does not have the parts.
    loses: AtomicBool,
}

impl Parts {
    fn new(left: u64) -> Arc<Self> {
        let (left, arrived) = (AtomicU64::new(left), AtomicU64::new(0));
        let [is_held, loses] = [false; 2].map(AtomicBool::new);
        Arc::new(Self { inner: Arc::default(), left, arrived, is_held, loses })
    }

    fn place(self: &Arc<Self>) -> Place {
        Place::of("parts", Arc::clone(&self.inner) as _).with_parts(Arc::clone(self) as _)
    }
}

// The trait is one of async functions in boxes; these are their signatures as they become.
impl MultipartStore for Parts {
    fn create_multipart<'a, 'b, 'c>(&'a self, path: &'b Path) -> BoxFuture<'c, Result<MultipartId>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.inner.create_multipart(path)
    }

    fn put_part<'a, 'b, 'd, 'c>(
        &'a self,
        path: &'b Path,
        id: &'d MultipartId,
        number: usize,
        data: PutPayload,
    ) -> BoxFuture<'c, Result<PartId>>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            while self.is_held.load(SeqCst) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let left = self.left.load(SeqCst).checked_sub(1);
            self.left.store(left.ok_or_else(|| generic("the link is cut"))?, SeqCst);
            self.arrived.fetch_add(1, SeqCst);
            self.inner.put_part(path, id, number, data).await
        })
    }

    fn complete_multipart<'a, 'b, 'd, 'c>(
        &'a self,
        path: &'b Path,
        id: &'d MultipartId,
        parts: Vec<PartId>,
    ) -> BoxFuture<'c, Result<PutResult>>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        if self.loses.swap(false, SeqCst) {
            return Box::pin(async { Err(generic("status code: 400: <Code>InvalidPart</Code>")) });
        }
        self.inner.complete_multipart(path, id, parts)
    }

    fn abort_multipart<'a, 'b, 'd, 'c>(
        &'a self,
        path: &'b Path,
        id: &'d MultipartId,
    ) -> BoxFuture<'c, Result<()>>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        self.inner.abort_multipart(path, id)
    }
}

/// Bytes of so many parts, none of them like another one.
fn long(parts: u32) -> Vec<u8> {
    (0..parts << 22).flat_map(u32::to_le_bytes).collect()
}

fn ended_with(contents: &[u8]) -> Local {
    let local = Local::new();
    local.write_file("long.bin", contents);
    local.run.finish().unwrap();
    local
}

#[test]
fn an_upload_whose_sender_died_goes_on_and_sends_no_part_twice() {
    let contents = long(5);
    let local = ended_with(&contents);
    let parts = Parts::new(2);
    for _ in 0..2 {
        assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().is_err());
        parts.left.store(1, SeqCst);
    }
    parts.left.store(100, SeqCst);
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().unwrap().all);
    assert_eq!(parts.arrived.load(SeqCst), 5);
    assert!(objects(&parts.place()).values().any(|bytes| *bytes == contents));
}

#[test]
fn of_a_file_that_changed_while_its_sender_was_dead_nothing_old_is_taken() {
    let mut contents = long(3);
    let local = ended_with(&contents);
    let parts = Parts::new(2);
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().is_err());
    contents[20 << 20] ^= 1;
    local.write_file("long.bin", &contents);
    parts.left.store(100, SeqCst);
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().unwrap().all);
    let there = objects(&parts.place());
    assert_eq!(there.values().filter(|bytes| bytes.len() == contents.len()).count(), 1);
    assert!(there.values().any(|bytes| *bytes == contents));
    let notes = fs::read_dir(local.path().join("followers")).unwrap();
    let notes = notes.map(|entry| entry.unwrap().path());
    let left = notes.into_iter().find(|path| path.to_string_lossy().contains("/uploads-")).unwrap();
    assert_eq!(fs::read_to_string(left).unwrap(), "{}", "the upload of the old contents was ended");
}

#[test]
fn an_upload_that_the_place_knows_no_more_begins_anew() {
    let contents = long(3);
    let local = ended_with(&contents);
    let parts = Parts::new(2);
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().is_err());
    // The bucket's rule has removed it: another store knows nothing of its id.
    let other = Parts::new(100);
    assert!(Uplink::new(&other.place(), &local.path()).unwrap().send().unwrap().all);
    assert!(objects(&other.place()).values().any(|bytes| *bytes == contents));
}

#[test]
fn parts_that_the_place_has_lost_are_sent_anew() {
    let local = ended_with(&long(2));
    let parts = Parts::new(100);
    parts.loses.store(true, SeqCst);
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().is_err());
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().unwrap().all);
    assert_eq!(parts.arrived.load(SeqCst), 4);
}

#[test]
fn points_go_on_while_a_long_file_is_on_its_way() {
    let local = Arc::new(Local::new());
    local.write_file("long.bin", &long(4));
    let parts = Parts::new(100);
    parts.is_held.store(true, SeqCst);
    let place = parts.place();
    let sender = {
        let (place, local) = (place.clone(), Arc::clone(&local));
        thread::spawn(move || {
            let mut uplink = Uplink::new(&place, &local.path()).unwrap();
            let every = Duration::from_millis(100);
            let options = FollowOptions { every, ..FollowOptions::default() };
            uplink.follow(&options, || false).unwrap()
        })
    };
    let began = Instant::now();
    while !objects(&place).keys().any(|name| name.contains("/heads/")) {
        assert!(began.elapsed() < Duration::from_mins(1));
        thread::sleep(Duration::from_millis(20));
    }
    for turn in 0..10 {
        local.log(turn * 10..(turn + 1) * 10);
        local.flush();
        while fetched(&place, &local.path()).len() < 20 * (turn as usize + 1) {
            assert!(began.elapsed() < Duration::from_mins(1));
            thread::sleep(Duration::from_millis(20));
        }
    }
    println!("ten turns of points in {:?}", began.elapsed());
    assert_eq!(parts.arrived.load(SeqCst), 0);
    parts.is_held.store(false, SeqCst);
    local.run.finish().unwrap();
    assert!(sender.join().unwrap().all);
    assert!(objects(&place).values().any(|bytes| bytes.len() == 64 << 20));
}

#[test]
fn a_next_sender_of_many_files_asks_for_none_of_them() {
    let local = Local::new();
    for number in 0..1_500 {
        local.write_file(&format!("{}/{number}.txt", number % 7), format!("{number}").as_bytes());
    }
    local.run.finish().unwrap();
    let inner = Place::memory();
    let operations = |place: &Place| {
        let (counted, count) = Odd::place(place, |_, _, _| None);
        let mut uplink = Uplink::new(&counted, &local.path()).unwrap();
        assert!(uplink.send().unwrap().all);
        let first = count.load(SeqCst);
        assert!(uplink.send().unwrap().all);
        (first, count.load(SeqCst) - first)
    };
    let (first, second) = operations(&inner);
    let (next, _) = operations(&inner);
    println!("1,500 files: {first} operations, then {second}, by the next sender {next}");
    assert!(first >= 1_500 && second <= 5 && next <= 20, "{first}, {second}, {next}");
    local.write_file("0/new.txt", b"new");
    assert!(operations(&inner).0 <= 25);
    let found = Uplink::new(&inner, &local.path()).unwrap().check(Check::Deep).unwrap();
    assert_eq!(found, []);
}

#[test]
fn contents_that_somebody_changed_there_are_told_and_the_points_go_on() {
    let (local, place) = (Local::new(), Place::memory());
    local.write_file("model.bin", b"1234");
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let blob = objects(&place).into_keys().find(|name| name.contains("/blobs/")).unwrap();
    put(&place, &Path::from(blob.as_str()), b"abcd".to_vec());
    let found = Uplink::new(&place, &local.path()).unwrap().check(Check::Deep).unwrap();
    let told = found.iter().find(|found| found.path == "files/model.bin").unwrap();
    assert!(told.what.contains("other contents") && told.what.contains(&blob), "{}", told.what);
    // Nobody knows its hash any more, so that it is sent again.
    fs::remove_dir_all(local.path().join("followers")).unwrap();
    let mut uplink = Uplink::new(&place, &local.path()).unwrap();
    for turn in 0..2 {
        local.log(turn * 100..(turn + 1) * 100);
        local.flush();
        assert!(!uplink.send().unwrap().all);
        assert_eq!(fetched(&place, &local.path()), local.points());
    }
    local.run.finish().unwrap();
    let error = uplink.send().unwrap_err().to_string();
    assert!(error.contains("files/model.bin") && error.contains("--check=deep"), "{error}");
    crate::support::delete(&place, &blob);
    assert!(Uplink::new(&place, &local.path()).unwrap().send().unwrap().all);
}

#[test]
fn a_short_file_waits_for_no_long_one() {
    for count in [1, 20] {
        let local = Arc::new(Local::new());
        for number in 0..count {
            local.write_file(&format!("long-{number}.bin"), &[number]);
            let path = local.path().join(format!("files/long-{number}.bin"));
            fs::File::options().write(true).open(path).unwrap().set_len((16 << 20) + 1).unwrap();
        }
        let parts = Parts::new(100);
        parts.is_held.store(true, SeqCst);
        let is_over = Arc::new(AtomicBool::new(false));
        let sender = {
            let (place, local, is_over) = (parts.place(), Arc::clone(&local), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut uplink = Uplink::new(&place, &local.path()).unwrap();
                let every = Duration::from_millis(100);
                let options = FollowOptions { every, ..FollowOptions::default() };
                uplink.follow(&options, || is_over.load(SeqCst)).unwrap();
            })
        };
        thread::sleep(Duration::from_secs(1));
        local.write_file("short.txt", b"short");
        let began = Instant::now();
        while !objects(&parts.place()).values().any(|bytes| bytes == b"short") {
            assert!(began.elapsed() < Duration::from_secs(30), "{count} long files hold it up");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(parts.arrived.load(SeqCst), 0);
        is_over.store(true, SeqCst);
        sender.join().unwrap();
    }
}

#[test]
fn long_files_that_wait_for_each_other_are_all_sent() {
    let local = Local::new();
    for number in 0..5 {
        local.write_file(&format!("long-{number}.bin"), &[number]);
        let path = local.path().join(format!("files/long-{number}.bin"));
        fs::File::options().write(true).open(path).unwrap().set_len((16 << 20) + 1).unwrap();
    }
    local.run.finish().unwrap();
    let parts = Parts::new(10);
    assert!(Uplink::new(&parts.place(), &local.path()).unwrap().send().unwrap().all);
    assert_eq!(parts.arrived.load(SeqCst), 10);
}
