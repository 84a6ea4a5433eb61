//! Pictures, tables, plots and files: what is logged is there, and what is not there was told.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    collections::HashSet,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant, SystemTime},
};

use common::{SIGKILL, command, on_its_way, only_run, role, signal, start, wait, wait_until};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracker_core::{
    Cell, ConfusionMatrix, Error, Image, Media, MediaFile, MediaSource, PrCurve, Report, RocCurve,
    Run, Step, Table, Timestamp, Tracker, init,
    read::{MediaItem, MediaTable, RunReader, Store, TableCell},
    upkeep,
};

/// The process that trains in the way that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn actor() {
    match role().as_deref() {
        Some("logs-until-killed") => {
            let run = init("media").start().unwrap();
            for step in 0_u64.. {
                run.log_media("samples", step, [noise(step, 64), noise(step + 1, 64)]);
                if step == 50 {
                    on_its_way();
                }
                thread::sleep(Duration::from_micros(300));
            }
        }
        Some("rank") => {
            let run = init("media").start().unwrap();
            for step in 0..50_u64 {
                run.log_media("samples", step, noise(step % 5, 32));
            }
            assert_eq!(run.finish().unwrap().problems(), []);
        }
        Some("full-disk") => {
            let run = init("media").start().unwrap();
            run.log_media("small", 1_u64, noise(1, 64));
            run.flush(Duration::from_secs(30)).unwrap();
            let maximum = getrlimit(Resource::Fsize).maximum;
            setrlimit(Resource::Fsize, Rlimit { current: Some(64 << 10), maximum }).unwrap();
            run.log_media("large", 1_u64, [noise(2, 400), noise(3, 400)]);
            run.log_media("small", 2_u64, noise(4, 64));
            let report = run.finish().unwrap();
            println!("{} failed", problem(&report, "media-write-failed"));
        }
        Some("limited") => {
            let run = init("media").start().unwrap();
            for step in 0..4_u64 {
                run.log_media("samples", step, noise(step, 100));
            }
            let report = run.finish().unwrap();
            let count = problem(&report, "media-limit");
            println!("kept {} of 4", 4 - count);
        }
        _ => {}
    }
}

fn start_run(store: &Path) -> Run {
    init("media").dir(store).signals(false).code_changes(false).start().unwrap()
}

fn gray(value: u8) -> Image {
    Image::gray8(2, 2, vec![value; 4]).unwrap()
}

/// A picture that no compression makes small, another one for each seed.
fn noise(seed: u64, side: u32) -> Image {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let pixels = (0..side * side).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    });
    Image::gray8(side, side, pixels.collect()).unwrap()
}

fn problem(report: &Report, kind: &str) -> u64 {
    let of_kind = report.problems().iter().filter(|problem| problem.kind.starts_with(kind));
    of_kind.map(|problem| problem.count).sum()
}

fn items(run: &RunReader, name: &str) -> Vec<MediaItem> {
    run.media(name).unwrap().into_iter().flat_map(|row| row.items).collect()
}

fn bytes(run: &RunReader, item: &MediaItem) -> Vec<u8> {
    let file = item.file().unwrap();
    let mut contents = run.media_file(file.sha256.as_str()).unwrap();
    assert_eq!((contents.bytes, contents.extension), (file.bytes, file.ext));
    let mut bytes = Vec::new();
    contents.file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn files(run: &Path) -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(run.join("media")) else { return Vec::new() };
    let inside = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    folders.flat_map(|folder| inside(folder.unwrap().path())).collect()
}

/// Every item that a line names has its file, whole.
fn assert_all_files_are_there(run: &RunReader) -> u64 {
    let mut count = 0;
    for name in run.media_names().unwrap() {
        for item in items(run, &name) {
            assert_eq!(bytes(run, &item).len() as u64, item.file().unwrap().bytes);
            count += 1;
        }
    }
    count
}

#[test]
fn all_kinds_of_media_are_read_as_they_were_logged() {
    let store = tempfile::tempdir().unwrap();
    let page = store.path().join("page.html");
    fs::write(&page, "<p>hello").unwrap();
    let run = start_run(store.path());
    run.log_media(
        "image",
        7_u64,
        Image::rgb8(1, 2, vec![1, 2, 3, 4, 5, 6]).unwrap().caption("7 → 1"),
    );
    run.log_media("page", 7_u64, MediaFile::of(&page).unwrap().caption("a page"));
    run.log_media("tone", 7_u64, MediaFile::wav(8_000, 1, &[0.0, 0.5]).unwrap());
    run.log_media("matrix", 7_u64, ConfusionMatrix::new(["cat", "dog"]).add(0, 1));
    run.log_media("pr", 7_u64, PrCurve::of(&[0.1, 0.9], &[false, true]).unwrap());
    run.log_media("roc", 7_u64, RocCurve::of(&[0.1, 0.9], &[false, true]).unwrap());
    run.finish().unwrap();
    let run = only_run(store.path());
    assert_eq!(run.media_names().unwrap(), ["image", "matrix", "page", "pr", "roc", "tone"]);
    let [image] = &items(&run, "image")[..] else { panic!() };
    let MediaItem::Image { width: 1, height: 2, caption, .. } = image else { panic!("{image:?}") };
    assert_eq!(caption.as_deref(), Some("7 → 1"));
    let png = bytes(&run, image);
    assert!(png.starts_with(b"\x89PNG"));
    assert_eq!(bytes(&run, &items(&run, "page")[0]), b"<p>hello");
    assert!(bytes(&run, &items(&run, "tone")[0]).starts_with(b"RIFF"));
    let MediaItem::ConfusionMatrix(matrix) = &items(&run, "matrix")[0] else { panic!() };
    assert_eq!(matrix.count(0, 1), 1);
    let MediaItem::PrCurve(curve) = &items(&run, "pr")[0] else { panic!() };
    assert_eq!(curve.area, 1.0);
    let MediaItem::RocCurve(curve) = &items(&run, "roc")[0] else { panic!() };
    assert_eq!(curve.area, 1.0);
}

#[test]
fn a_table_is_read_cell_by_cell_with_its_pictures_beside_it() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let mut table = Table::new(["id", "image", "text", "good"]).key("id");
    for id in 0..40_000_u32 {
        let image = if id % 10_000 == 0 { Cell::Image(gray(id as u8)) } else { Cell::Null };
        let text = if id == 3 { Cell::Null } else { format!("row {id}").into() };
        table.push([id.into(), image, text, (id % 2 == 0).into()]);
    }
    run.log_media("predictions", 1_u64, table);
    run.finish().unwrap();
    let run = only_run(store.path());
    let item = items(&run, "predictions").remove(0);
    assert!(matches!(item, MediaItem::Table { rows: 40_000, columns: 4, .. }), "{item:?}");
    let file = run.media_file(item.file().unwrap().sha256.as_str()).unwrap();
    let table = MediaTable::open(file).unwrap();
    assert_eq!((table.rows(), table.key()), (40_000, Some(0)));
    let ids = table.column(0, 16_380..16_390).unwrap();
    assert_eq!(ids[5], TableCell::Number(16_385.0));
    let texts = table.column(2, 0..40_000).unwrap();
    assert_eq!(
        (&texts[3], &texts[39_999]),
        (&TableCell::Null, &TableCell::Text("row 39999".into()))
    );
    assert_eq!(table.column(3, 39_999..50_000).unwrap(), [TableCell::Bool(false)]);
    let pictures = table.column(1, 0..40_000).unwrap();
    let hashes = pictures.iter().filter_map(|cell| match cell {
        TableCell::Image(hash) => Some(hash.as_str().to_owned()),
        _ => None,
    });
    let hashes: Vec<String> = hashes.collect();
    assert_eq!(hashes.len(), 4);
    for hash in &hashes {
        run.media_file(hash).unwrap();
    }
    let some = table.cells(0, &[39_999, 3, 16_384]).unwrap();
    assert_eq!(some, [39_999.0, 3.0, 16_384.0].map(TableCell::Number));
    table.cells(0, &[40_000]).unwrap_err();
    table.column(4, 0..1).unwrap_err();
}

#[test]
fn what_is_logged_twice_is_stored_once() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    for step in 0..10_u64 {
        run.log_media("same", step, [gray(1), gray(1)]);
    }
    let folder = run.path().to_owned();
    run.finish().unwrap();
    assert_eq!(files(&folder).len(), 1);
    assert_eq!(assert_all_files_are_there(&only_run(store.path())), 20);
}

#[test]
fn a_flush_waits_for_media_and_the_time_is_that_of_the_call() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let (slow, release) = Slow::pair();
    let before = Timestamp::now();
    run.log_media("slow", 1_u64, Media::Later(slow));
    run.log_media("samples", 1_u64, gray(1));
    let after = Timestamp::now();
    run.flush(Duration::from_millis(200)).unwrap_err();
    release.send(()).unwrap();
    run.flush(Duration::from_secs(30)).unwrap();
    let reader = run.reader().unwrap();
    for name in ["slow", "samples"] {
        let [row] = &reader.media_at(name, 1_u64).unwrap()[..] else { panic!("{name}") };
        // The run's clock and this one are not read at the same moment; the flush waited for longer.
        let (time, slack) = (row.time.as_micros(), 100_000);
        let is_of_call = time >= before.as_micros() - slack && time <= after.as_micros() + slack;
        assert!(is_of_call, "{name}: {} to {after}, not {}", before, row.time);
    }
    assert!(reader.media_at("samples", 2_u64).unwrap().is_empty());
    run.finish().unwrap();
}

/// A source that makes its picture once it is told to.
#[derive(Debug)]
struct Slow(parking_lot::Mutex<mpsc::Receiver<()>>);

impl Slow {
    fn pair() -> (Arc<dyn MediaSource>, mpsc::Sender<()>) {
        let (release, released) = mpsc::channel();
        (Arc::new(Self(parking_lot::Mutex::new(released))), release)
    }
}

impl MediaSource for Slow {
    fn bytes(&self) -> usize {
        0
    }

    fn make(&self) -> Result<Vec<Media>, Error> {
        let _ = self.0.lock().recv();
        Ok(vec![gray(9).into()])
    }
}

#[test]
fn what_finds_no_place_is_counted_so_that_all_numbers_add_up() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let (slow, release) = Slow::pair();
    run.log_media("samples", 0_u64, Media::Later(slow));
    let logged = 3_000;
    for step in 0..logged {
        run.log_media("samples", step, gray(step as u8));
    }
    release.send(()).unwrap();
    let report = run.finish().unwrap();
    let dropped = problem(&report, "media-dropped");
    assert!(dropped > 1_000, "{dropped}");
    let stored = assert_all_files_are_there(&only_run(store.path()));
    assert_eq!(stored + dropped, logged + 1);
}

#[test]
fn no_log_call_of_many_pictures_waits_for_them() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let pictures: Vec<Image> = (0..100).map(|seed| noise(seed, 224)).collect();
    let mut longest = Duration::ZERO;
    for (step, picture) in pictures.into_iter().enumerate() {
        let begun = Instant::now();
        run.log_media("samples", step, picture);
        longest = longest.max(begun.elapsed());
    }
    let report = run.finish().unwrap();
    println!("the longest call took {longest:?}");
    assert_eq!(report.problems(), []);
    assert_eq!(assert_all_files_are_there(&only_run(store.path())), 100);
}

#[test]
fn what_cannot_be_kept_is_a_problem_and_the_rest_is_there() {
    #[derive(Debug)]
    struct Source(fn() -> Result<Vec<Media>, Error>);
    impl MediaSource for Source {
        fn bytes(&self) -> usize {
            1
        }
        fn make(&self) -> Result<Vec<Media>, Error> {
            (self.0)()
        }
    }
    let later = |make| Media::Later(Arc::new(Source(make)));
    let store = tempfile::tempdir().unwrap();
    let path = store.path().join("note.txt");
    fs::write(&path, "a note").unwrap();
    let note = MediaFile::of(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let run = start_run(store.path());
    let none: [&str; 0] = [];
    run.log_media(
        "all",
        1_u64,
        vec![
            Media::from(gray(1)),
            note.into(),
            Table::new(["a"]).row([]).into(),
            Table::new(["a"]).key("a").row([1.into()]).row([1.into()]).into(),
            ConfusionMatrix::new(none).into(),
            later(|| panic!("no pictures today")),
            later(|| Image::gray8(0, 0, Vec::new()).map(|image| vec![image.into()])),
            later(|| Ok(vec![Media::Later(Arc::new(Source(|| Ok(Vec::new()))))])),
            gray(2).into(),
        ],
    );
    run.log_media("many", 1_u64, vec![gray(1); 100]);
    run.log_media("", 1_u64, gray(1));
    let report = run.finish().unwrap();
    assert_eq!(problem(&report, "media-not-kept"), 6);
    assert_eq!(problem(&report, "media-source-panicked"), 1);
    assert_eq!(problem(&report, "too-many-media"), 36);
    let told = report.problems().iter().find(|problem| problem.kind == "media-source-panicked");
    assert!(told.unwrap().message.contains("no pictures today"));
    assert!(report.problems().iter().all(|problem| !problem.hint.is_empty()));
    let run = only_run(store.path());
    assert_eq!(items(&run, "all").len(), 2);
    assert_eq!(items(&run, "many").len(), 64);
}

#[test]
fn media_after_the_end_are_counted_and_not_stored() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    run.finish().unwrap();
    run.log_media("late", 1_u64, gray(1));
    assert!(run.status().problems.iter().any(|problem| problem.kind == "logged-after-finish"));
    assert!(only_run(store.path()).media_names().unwrap().is_empty());
}

#[test]
fn a_killed_process_has_the_file_of_every_line() {
    let store = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let child = start(command("actor", "logs-until-killed", store.path()), store.path());
        thread::sleep(Duration::from_millis(150));
        signal(&child, SIGKILL);
        wait(child);
        fs::remove_file(store.path().join("ack")).unwrap();
    }
    for run in Store::open(store.path()).unwrap().runs().unwrap().runs {
        assert!(assert_all_files_are_there(&run) > 0);
    }
}

#[test]
fn a_run_keeps_no_more_bytes_than_its_limit_also_when_it_goes_on() {
    let store = tempfile::tempdir().unwrap();
    let train = |id: &str| {
        let mut command = command("actor", "limited", store.path());
        let output = command.env("TRACKER_MEDIA_LIMIT", "25kB").env("TRACKER_RUN_ID", id).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let id = tracker_core::RunId::generate();
    let told = train(id.as_str());
    assert!(told.contains("kept 2 of 4"), "{told}");
    let again = train(id.as_str());
    assert!(again.contains("kept 2 of 4"), "the same two are there already: {again}");
    let run = only_run(store.path());
    assert_eq!(files(run.path()).len(), 2);
}

#[test]
fn what_a_disk_refuses_is_told_and_what_comes_later_is_there() {
    let store = tempfile::tempdir().unwrap();
    let output = command("actor", "full-disk", store.path()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("2 failed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
    let run = only_run(store.path());
    assert_eq!(run.media_names().unwrap(), ["small"]);
    assert_eq!(assert_all_files_are_there(&run), 2);
    let is_unfinished = |path: &PathBuf| path.extension().is_some_and(|end| end == "tmp");
    assert!(!files(run.path()).iter().any(is_unfinished), "a full disk needs the space");
}

#[test]
fn a_source_that_panics_wherever_it_is_asked_ends_no_training() {
    #[derive(Debug)]
    struct Panics;
    impl MediaSource for Panics {
        fn bytes(&self) -> usize {
            panic!("in bytes")
        }
        fn make(&self) -> Result<Vec<Media>, Error> {
            Ok(vec![gray(1).into()])
        }
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in drop")
        }
    }
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    run.log_media("samples", 1_u64, Media::Later(Arc::new(Panics)));
    run.log_media("samples", 2_u64, gray(2));
    run.finish().unwrap();
    assert_eq!(assert_all_files_are_there(&only_run(store.path())), 2);
}

#[test]
fn a_resumed_training_takes_back_what_was_logged_beyond_its_checkpoint() {
    let store = tempfile::tempdir().unwrap();
    let log = |run: &Run, steps: std::ops::Range<u64>, value: u8| {
        steps.for_each(|step| run.log_media("samples", step, gray(value)));
    };
    let first = start_run(store.path());
    let id = first.id().to_string();
    log(&first, 0..10, 1);
    first.finish().unwrap();
    let again = init("media").dir(store.path()).signals(false).resume(&id).start().unwrap();
    again.resume_after(4_u64).unwrap();
    log(&again, 5..7, 2);
    again.finish().unwrap();
    let run = only_run(store.path());
    let steps: Vec<Step> = run.media("samples").unwrap().iter().map(|row| row.step).collect();
    assert_eq!(steps, (0..7).map(Step).collect::<Vec<_>>());
    let hashes: HashSet<_> =
        items(&run, "samples").iter().map(|item| item.file().unwrap().sha256.clone()).collect();
    assert_eq!(hashes.len(), 2);
    let now = run.snapshot().unwrap();
    assert_eq!(now.media_steps("samples").unwrap(), steps);
    assert_eq!(now.media("samples", 5..=6).unwrap().len(), 2);
    assert_eq!(now.media_names().unwrap(), ["samples"]);
}

#[test]
fn a_file_that_somebody_removes_is_told_by_finish() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    run.log_media("samples", 1_u64, [gray(1), gray(2)]);
    run.flush(Duration::from_secs(30)).unwrap();
    fs::remove_file(&files(run.path())[0]).unwrap();
    let error = run.finish().unwrap_err().to_string();
    assert!(error.contains("1 item of media is missing") && error.contains("is gone"), "{error}");
}

fn make_old(path: &Path) {
    let hours_ago = SystemTime::now() - Duration::from_hours(3);
    File::options().write(true).open(path).unwrap().set_modified(hours_ago).unwrap();
}

#[test]
fn what_no_line_names_is_garbage_once_it_is_old_and_nobody_writes() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let table = Table::new(["image"]).row([gray(3).into()]);
    run.log_media("table", 1_u64, table);
    run.log_media("samples", 1_u64, gray(1));
    run.flush(Duration::from_secs(30)).unwrap();
    let folder = run.path().to_owned();
    let ours = files(&folder);
    assert_eq!(ours.len(), 3);
    fs::create_dir_all(folder.join("media/00")).unwrap();
    let unnamed = folder.join(format!("media/00/{}.png", "0".repeat(64)));
    let unfinished = folder.join(format!("media/00/{}.png.r0a1.tmp", "1".repeat(64)));
    let young = folder.join(format!("media/00/{}.png", "2".repeat(64)));
    let others = folder.join("media/00/notes.txt");
    for path in [&unnamed, &unfinished, &young, &others] {
        fs::write(path, "x").unwrap();
    }
    for path in ours.iter().chain([&unnamed, &unfinished, &others]) {
        make_old(path);
    }
    let garbage = || -> HashSet<PathBuf> {
        let found = upkeep::garbage(&Store::open(store.path()).unwrap()).unwrap();
        found.iter().map(|garbage| garbage.path().to_owned()).collect()
    };
    assert_eq!(garbage(), HashSet::new(), "the run lives");
    run.finish().unwrap();
    assert_eq!(garbage(), HashSet::from([unnamed, unfinished]));
    // Nobody knows what a line names that cannot be read.
    let events = folder.join("events-r0a1.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    fs::write(&events, text.replacen("\"time\"", "\"t", 1)).unwrap();
    assert_eq!(garbage(), HashSet::new());
}

#[test]
fn nothing_but_a_hash_leads_to_a_file_and_no_link_is_followed() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    run.log_media("samples", 1_u64, gray(1));
    run.finish().unwrap();
    let run = only_run(store.path());
    for bad in ["", "..", "../run.json", "/etc/passwd", &"g".repeat(64), &"0".repeat(64)] {
        let error = run.media_file(bad).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
    }
    let file = files(run.path()).remove(0);
    let hash = file.file_stem().unwrap().to_str().unwrap().to_owned();
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    run.media_file(&hash).unwrap_err();
    fs::remove_file(&file).unwrap();
    let folder = file.parent().unwrap();
    fs::remove_dir(folder).unwrap();
    let outside = store.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join(file.file_name().unwrap()), "secret").unwrap();
    std::os::unix::fs::symlink(&outside, folder).unwrap();
    run.media_file(&hash).unwrap_err();
}

#[test]
fn a_line_whose_hash_is_none_is_left_out_with_a_warning() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    run.log_media("samples", 1_u64, gray(1));
    run.log_media("samples", 2_u64, gray(2));
    let folder = run.path().to_owned();
    run.finish().unwrap();
    let events = folder.join("events-r0a1.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    let hash = text.split("\"sha256\":\"").nth(1).unwrap()[..64].to_owned();
    fs::write(&events, text.replace(&hash, "../../../../etc/passwd")).unwrap();
    let run = only_run(store.path());
    assert_eq!(run.media("samples").unwrap().len(), 1);
    assert_eq!(run.warnings().len(), 1);
}

#[test]
fn two_ranks_share_files_and_keep_their_own_lines() {
    let store = tempfile::tempdir().unwrap();
    let id = tracker_core::RunId::generate();
    let rank = |rank: &str| {
        let mut command = command("actor", "rank", store.path());
        command.env("TRACKER_RUN_ID", id.as_str()).env("TRACKER_RANK", rank).spawn().unwrap()
    };
    for child in ["0", "1"].map(rank) {
        assert!(wait(child).success());
    }
    let run = only_run(store.path());
    assert_eq!(files(run.path()).len(), 5);
    assert_eq!(assert_all_files_are_there(&run), 100);
}

#[test]
fn a_tables_file_that_was_changed_in_any_byte_harms_nobody() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let mut table = Table::new(["a", "b", "c"]);
    (0..200_u32).for_each(|n| table.push([n.into(), n.to_string().into(), (n % 3 == 0).into()]));
    run.log_media("table", 1_u64, table);
    run.finish().unwrap();
    let run = only_run(store.path());
    let file = files(run.path()).remove(0);
    let hash = file.file_stem().unwrap().to_str().unwrap().to_owned();
    let whole = fs::read(&file).unwrap();
    let read = || {
        let table = MediaTable::open(run.media_file(&hash).unwrap())?;
        (0..table.columns().len()).try_for_each(|column| table.column(column, 0..500).map(drop))
    };
    read().unwrap();
    for at in 0..whole.len() {
        for change in [0xff, 0x01, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            fs::write(&file, bytes).unwrap();
            // An error or other cells, and never a panic.
            let _ = read();
        }
    }
    for cut in (0..whole.len()).step_by(7) {
        fs::write(&file, &whole[..cut]).unwrap();
        read().unwrap_err();
    }
}

#[test]
fn a_wait_for_media_ends_with_their_source() {
    let store = tempfile::tempdir().unwrap();
    let run = start_run(store.path());
    let (slow, release) = Slow::pair();
    run.log_media("slow", 1_u64, Media::Later(slow));
    // Nobody will ever tell it to go on; the channel closes.
    drop(release);
    run.finish().unwrap();
    wait_until(|| only_run(store.path()).media_names().unwrap() == ["slow"]);
}
