//! What is changed in a run's folder.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::random::Random;

/// What was done to which file.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) kind: &'static str,
    /// Read by whoever looks at what failed.
    #[expect(dead_code, reason = "it is printed with `Debug`")]
    file: PathBuf,
}

type Mutation = fn(&Path, &[PathBuf], &mut Random) -> Option<()>;

const KINDS: [(&str, Mutation); 14] = [
    ("bits are flipped", flip_bits),
    ("bits near the end are flipped", flip_at_the_end),
    ("the end is cut off", truncate),
    ("bytes are added", extend),
    ("a stretch is zero", zero),
    ("a stretch of another file is put in", splice),
    ("a number is extreme", extreme_number),
    ("a value of JSON is another", change_json),
    ("a value of JSON is another", change_json),
    ("the file is gone", remove),
    ("the file has another's name", rename),
    ("the file is a folder", make_folder),
    ("the file is a link", make_link),
    ("the file is a pipe", make_pipe),
];

/// Changes something in one file of the run. `None` if that kind of change does not fit it.
pub(crate) fn change(run: &Path, random: &mut Random) -> Option<Change> {
    let files = files(run);
    let file = random.pick(&files).clone();
    let (kind, mutation) = *random.pick(&KINDS);
    mutation(&file, &files, random)?;
    Some(Change { kind, file })
}

/// All that is no folder, in an order that does not depend on the disk.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    // A run of which all was removed is none: its folder stays to be looked at.
    if found.is_empty() { vec![folder.join("run.json")] } else { found }
}

/// The contents of a regular file, if there are any.
fn contents(file: &Path) -> Option<Vec<u8>> {
    if !fs::symlink_metadata(file).ok()?.is_file() {
        return None;
    }
    fs::read(file).ok().filter(|bytes| !bytes.is_empty())
}

fn flip_bits(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    let mut bytes = contents(file)?;
    for _ in 0..=random.below(8) {
        let place = random.below(bytes.len());
        bytes[place] ^= 1 << random.below(8);
    }
    fs::write(file, bytes).ok()
}

/// Where a part keeps its footer, and a file of lines the line that was written last.
fn flip_at_the_end(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    let mut bytes = contents(file)?;
    let tail = bytes.len().min(2_048);
    for _ in 0..=random.below(4) {
        let place = bytes.len() - 1 - random.below(tail);
        bytes[place] ^= 1 << random.below(8);
    }
    fs::write(file, bytes).ok()
}

fn truncate(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    let mut bytes = contents(file)?;
    bytes.truncate(random.below(bytes.len()));
    fs::write(file, bytes).ok()
}

fn extend(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    let mut bytes = contents(file)?;
    let count = random.below(4_096);
    let more = if random.below(2) == 0 { vec![0; count] } else { random.bytes(count) };
    bytes.extend(more);
    fs::write(file, bytes).ok()
}

fn zero(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    let mut bytes = contents(file)?;
    let from = random.below(bytes.len());
    let to = (from + random.below(512)).min(bytes.len());
    bytes[from..to].fill(0);
    fs::write(file, bytes).ok()
}

fn splice(file: &Path, files: &[PathBuf], random: &mut Random) -> Option<()> {
    let mut bytes = contents(file)?;
    let other = contents(random.pick(files).as_path())?;
    let from = random.below(other.len());
    let stretch = &other[from..(from + random.below(1_024)).min(other.len())];
    let at = random.below(bytes.len());
    let until = (at + random.below(stretch.len() + 1)).min(bytes.len());
    bytes.splice(at..until, stretch.iter().copied());
    fs::write(file, bytes).ok()
}

/// Lengths, counts and offsets are such numbers.
fn extreme_number(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    const EXTREMES: [u64; 9] =
        [0, 1, 0x7f, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 32, i64::MAX as u64, u64::MAX];
    let mut bytes = contents(file)?;
    let number = random.pick(&EXTREMES).to_le_bytes();
    let width = if random.below(2) == 0 { 4 } else { 8 };
    let place = random.below(bytes.len() / 4 + 1) * 4;
    let stretch = bytes.get_mut(place..place + width)?;
    stretch.copy_from_slice(&number[..width]);
    fs::write(file, bytes).ok()
}

/// Changes one value of a JSON file, or of one line of a file of lines.
fn change_json(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    let text = String::from_utf8(contents(file)?).ok()?;
    let text = if let Ok(mut whole) = serde_json::from_str::<Value>(&text) {
        change_value(&mut whole, random);
        whole.to_string()
    } else {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let line = random.below(lines.len());
        let mut value = serde_json::from_str(lines.get(line)?).ok()?;
        change_value(&mut value, random);
        lines[line] = value.to_string();
        lines.join("\n") + "\n"
    };
    fs::write(file, text).ok()
}

/// Goes down at random, and puts something else where it stops.
fn change_value(value: &mut Value, random: &mut Random) {
    let stops = random.below(4) == 0;
    match value {
        Value::Object(fields) if !fields.is_empty() && !stops => {
            let place = random.below(fields.len());
            if let Some(field) = fields.values_mut().nth(place) {
                change_value(field, random);
            }
        }
        Value::Array(items) if !items.is_empty() && !stops => {
            let place = random.below(items.len());
            change_value(&mut items[place], random);
        }
        value => *value = another(random),
    }
}

fn another(random: &mut Random) -> Value {
    match random.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(i64::MIN),
        5 => json!(1e308),
        6 => json!(-0.0),
        7 => json!(""),
        8 => json!("\u{1b}]0;title\u{7}\u{202e}\u{0}"),
        9 => json!("x".repeat(1_000_000)),
        10 => json!(["../../../../etc/passwd", "/etc/passwd"]),
        11 => (0..100).fold(json!(1), |inner, _| json!([inner])),
        12 => json!("9999-12-31T23:59:59.999999Z"),
        _ => json!({ "a": { "b": [1, "two", null] } }),
    }
}

fn remove(file: &Path, _: &[PathBuf], _: &mut Random) -> Option<()> {
    fs::remove_file(file).ok()
}

fn rename(file: &Path, files: &[PathBuf], random: &mut Random) -> Option<()> {
    // Neither may have become a pipe, which would wait for its other end.
    let target = random.pick(files);
    fs::write(target, contents(file).filter(|_| contents(target).is_some())?).ok()
}

fn make_folder(file: &Path, _: &[PathBuf], random: &mut Random) -> Option<()> {
    fs::remove_file(file).ok()?;
    fs::create_dir(file).ok()?;
    if random.below(2) == 0 { fs::write(file.join("inner"), "text").ok() } else { Some(()) }
}

fn make_link(file: &Path, files: &[PathBuf], random: &mut Random) -> Option<()> {
    let targets =
        ["../../../outside/secret", "../../../outside", ".", "/dev/zero", "/proc/self/mem"];
    let other = random.pick(files).clone();
    let target = match random.below(targets.len() + 1) {
        place if place < targets.len() => PathBuf::from(targets[place]),
        _ => other,
    };
    fs::remove_file(file).ok()?;
    symlink(target, file).ok()
}

fn make_pipe(file: &Path, _: &[PathBuf], _: &mut Random) -> Option<()> {
    fs::remove_file(file).ok()?;
    Command::new("mkfifo").arg(file).status().ok().map(|_| ())
}
