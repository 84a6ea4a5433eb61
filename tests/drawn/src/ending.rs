//! What two trainings share that are the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use burn_pack::Reader;

/// How a training ended.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ending {
    /// The bits of all weights.
    pub(crate) weights: Vec<u64>,
    /// What was decided on the way, and what on, in the order in which it was.
    pub(crate) decisions: Vec<String>,
    /// The files that the framework left, by their path. A record is read: Burn writes the tensors of an
    /// optimizer in any order.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What happened in it that not every training has.
    pub(crate) marks: BTreeSet<&'static str>,
}

impl Ending {
    /// Writes down a decision.
    pub(crate) fn decide(&mut self, decision: impl Into<String>) {
        self.decisions.push(decision.into());
    }

    /// Writes down, bit for bit, numbers that something is decided on.
    pub(crate) fn decide_on(&mut self, numbers: impl IntoIterator<Item = f64>) {
        for number in numbers {
            self.decide(format!("{number:?}, 0x{:x}", number.to_bits()));
        }
    }

    /// Takes over the bits of weights.
    pub(crate) fn weigh(&mut self, values: impl IntoIterator<Item = f64>) {
        for value in values {
            if !value.is_finite() {
                self.marks.insert("weights that are no numbers");
            }
            self.weights.push(value.to_bits());
        }
    }

    /// Takes over all files below a folder but those with this name.
    pub(crate) fn keep_files(&mut self, folder: &Path, but: &str) {
        self.keep_files_of(folder, folder, but);
    }

    fn keep_files_of(&mut self, root: &Path, folder: &Path, but: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.keep_files_of(root, &path, but);
            } else if path.file_name().is_none_or(|name| name != but) {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                let is_record = path.extension().is_some_and(|extension| extension == "bpk");
                let bytes = if is_record { record(&path) } else { fs::read(&path).unwrap() };
                self.files.insert(name, bytes);
            }
        }
    }

    /// In words, where this ending is another than that of the training without tracking.
    pub(crate) fn difference(&self, bare: &Self) -> Option<String> {
        let of_decisions = || first_difference(&self.decisions, &bare.decisions);
        let names = |ending: &Self| ending.files.keys().cloned().collect::<Vec<_>>();
        let of_names = || first_difference(&names(self), &names(bare));
        let of_weights = || first_difference(&self.weights, &bare.weights);
        let of_bytes = || {
            let differs = |name: &&String| self.files[*name] != bare.files[*name];
            let name = self.files.keys().find(differs)?;
            let difference = first_difference(&lines(&self.files[name]), &lines(&bare.files[name]));
            Some(format!("{name}: {}", difference?))
        };
        let in_words = |what: &str, difference: Option<String>| {
            difference.map(|difference| format!("{what} differ: {difference}"))
        };
        in_words("decisions", of_decisions())
            .or_else(|| in_words("names of files", of_names()))
            .or_else(|| in_words("weights", of_weights()))
            .or_else(|| in_words("bytes of files", of_bytes()))
            .or_else(|| (self != bare).then(|| format!("{:?} {:?}", self.marks, bare.marks)))
    }
}

/// All that a record of Burn's holds, in the order of its names.
fn record(path: &Path) -> Vec<u8> {
    let reader = Reader::from_file(path).unwrap();
    let about = format!("{:?}\n{:?}", reader.metadata(), reader.scalars());
    let tensors = reader.into_tensors().unwrap().into_iter();
    let mut lines: Vec<String> = tensors
        .map(|tensor| {
            let (name, dtype, shape, id, bytes) = tensor.into_parts().unwrap();
            format!("{name} {dtype:?} {shape:?} {id:?} {:x?}", &bytes[..])
        })
        .collect();
    lines.sort();
    (about + "\n" + &lines.join("\n")).into_bytes()
}

/// What is compared of a file: lines of a text, or of what is none, in pieces that can be shown.
fn lines(bytes: &[u8]) -> Vec<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.lines().map(ToOwned::to_owned).collect(),
        Err(_) => bytes.chunks(16).map(|piece| piece.escape_ascii().to_string()).collect(),
    }
}

fn first_difference<T: PartialEq + std::fmt::Debug>(own: &[T], bare: &[T]) -> Option<String> {
    let place = (0..own.len().max(bare.len())).find(|place| own.get(*place) != bare.get(*place))?;
    Some(format!("{:?} instead of {:?} at {place}", own.get(place), bare.get(place)))
}
