//! What pictures and tables cost: the log call, the thread that stores them, and who reads tables:
//! `cargo bench -p tracker-core --bench media`.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tracker_core::{
    Image, Table, Tracker, init,
    read::{MediaTable, RunReader},
};

fn main() {
    let folder = tempfile::tempdir().unwrap();
    paced(folder.path());
    for (side, channels, count) in [(224, 1, 500), (256, 3, 200), (1_024, 3, 10)] {
        stored(folder.path(), side, channels, count);
    }
    table(folder.path());
}

/// Something like a photograph: neither flat nor noise.
fn picture(side: u32, channels: u32, seed: u32) -> Image {
    let pixel = |at: u32| {
        let (x, y) = (at / channels % side, at / channels / side);
        let wave =
            ((x + seed) as f32 * 0.05).sin() * ((y * (1 + at % channels)) as f32 * 0.03).cos();
        let noise = at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 29;
        ((wave * 120.0 + 124.0) as i32).unsigned_abs() as u8 ^ noise as u8
    };
    let pixels = (0..side * side * channels).map(pixel).collect();
    match channels {
        1 => Image::gray8(side, side, pixels).unwrap(),
        _ => Image::rgb8(side, side, pixels).unwrap(),
    }
}

fn start(store: &Path) -> tracker_core::Run {
    init("media").dir(store).signals(false).code_changes(false).start().unwrap()
}

/// Five seconds of 100 pictures a second, as a training would log them.
fn paced(store: &Path) {
    let pictures: Vec<Image> = (0..500).map(|seed| picture(224, 3, seed)).collect();
    let run = start(store);
    let mut calls: Vec<Duration> = Vec::new();
    for (step, picture) in pictures.into_iter().enumerate() {
        let begun = Instant::now();
        run.log_media("samples", step, picture);
        calls.push(begun.elapsed());
        thread::sleep(Duration::from_millis(10).saturating_sub(begun.elapsed()));
    }
    let problems = run.finish().unwrap().problems().len();
    calls.sort_unstable();
    let [median, most, longest] = [50, 99, 100].map(|share| calls[(calls.len() - 1) * share / 100]);
    println!(
        "100 pictures of 224² RGB a second: a call takes {median:?}, 99 of 100 at most {most:?}, the \
         longest {longest:?}; {problems} problems"
    );
}

fn stored(store: &Path, side: u32, channels: u32, count: u32) {
    let pictures: Vec<Image> = (0..count).map(|seed| picture(side, channels, seed)).collect();
    let run = start(store);
    let begun = Instant::now();
    for (step, picture) in pictures.into_iter().enumerate() {
        run.log_media("samples", step, picture);
        if step % 50 == 49 {
            run.flush(Duration::from_mins(1)).unwrap();
        }
    }
    run.flush(Duration::from_mins(1)).unwrap();
    let each = begun.elapsed().as_secs_f64() * 1e3 / f64::from(count);
    let problems = run.finish().unwrap().problems().len();
    println!(
        "{side}² × {channels}: {each:.2} ms a picture, hashed and stored; {problems} problems"
    );
}

fn table(store: &Path) {
    let mut table = Table::new(["id", "a", "b", "c", "d", "text", "label", "good"]).key("id");
    for row in 0..200_000_u32 {
        let number = f64::from(row.wrapping_mul(2_654_435_761)) / 7.0;
        let label = format!("label {}", row % 10);
        table.push([
            row.into(),
            number.into(),
            (number * 2.0).into(),
            number.sin().into(),
            number.cos().into(),
            format!("a text of row {row}").into(),
            label.into(),
            (row % 3 == 0).into(),
        ]);
    }
    let run = start(store);
    let begun = Instant::now();
    run.log_media("table", 1_u64, table);
    let call = begun.elapsed();
    run.flush(Duration::from_mins(5)).unwrap();
    let written = begun.elapsed();
    let path = run.path().to_owned();
    println!("{:?}", run.finish().unwrap().problems());
    let run = RunReader::open(path).unwrap();
    let item = run.media("table").unwrap().remove(0).items.remove(0);
    let open = || {
        let hash = item.file().unwrap().sha256.as_str();
        MediaTable::open(run.media_file(hash).unwrap()).unwrap()
    };
    let begun = Instant::now();
    let first = open();
    (0..8).for_each(|column| drop(first.column(column, 0..100).unwrap()));
    let first = begun.elapsed();
    let begun = Instant::now();
    let all = open();
    (0..8).for_each(|column| drop(all.column(column, 0..200_000).unwrap()));
    let all = begun.elapsed();
    let sorted = |column: usize| {
        let begun = Instant::now();
        let table = open();
        let cells = table.column(column, 0..200_000).unwrap();
        let key = |row: &usize| format!("{:?}", cells[*row]);
        let mut rows: Vec<usize> = (0..200_000).collect();
        rows.sort_by_cached_key(key);
        (0..8).for_each(|column| drop(table.cells(column, &rows[..100]).unwrap()));
        begun.elapsed()
    };
    let sorted = [sorted(1), sorted(5)];
    let bytes = item.file().unwrap().bytes;
    println!("200,000 rows × 8: the call {call:?}, stored after {written:?}, {bytes} bytes");
    println!(
        "    the first 100 rows {first:?}, all {all:?}, 100 sorted by numbers and by texts {sorted:?}"
    );
}
