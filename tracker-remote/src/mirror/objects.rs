//! What a place has of one run, as a look at it said.

use std::collections::BTreeMap;

use object_store::{ObjectMeta, path::Path as Name};
use tracker_core::{Writer, replica::PartRange};

use super::shown::{EDITS, is_plain};
use crate::{
    End, Tail,
    head::is_document,
    names::{Object, PIECE, RunNames, log_of},
};

/// The most bytes of a file that is put together again from pieces. Logs have 33 MB, messages 64 MiB.
const MOST_GROWN: u64 = 4 << 30;

/// The objects of a run.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// Files that never change, by their paths in the run's folder.
    pub(crate) files: BTreeMap<String, FileObject>,
    /// The pieces of files that grow, each from and to a place, in their order.
    pieces: BTreeMap<String, Vec<(u64, u64)>>,
    /// The writers of whom there is a tail.
    pub(crate) tails: Vec<Writer>,
    /// What tells this list of the user's own files from others, if there is one.
    pub(crate) manifest: Option<String>,
}

/// A file that never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileObject {
    pub(crate) length: u64,
    pub(crate) tag: String,
}

/// What is known of a file that grows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grown {
    /// The pieces from its beginning up to the first gap.
    pub(crate) pieces: Vec<(u64, u64)>,
    /// Whether the end in a tail goes on from there.
    pub(crate) end: Option<u64>,
    /// The first byte that is missing, and the one behind the last.
    pub(crate) gap: Option<(u64, u64)>,
}

impl Objects {
    /// Of what was listed below a run's name. What is none of tracker's objects is passed over.
    pub(crate) fn of(names: &RunNames, listed: &[ObjectMeta]) -> Self {
        let mut all = Self::default();
        for object in listed {
            match names.object(&object.location) {
                Some(Object::File(path)) if is_of_the_place(&path) => {
                    let tag = object.e_tag.clone().unwrap_or_default();
                    all.files.insert(path, FileObject { length: object.size, tag });
                }
                Some(Object::Piece { file, from, to })
                    if is_growing(&file) && to - from <= PIECE && to <= MOST_GROWN =>
                {
                    all.pieces.entry(file).or_default().push((from, to));
                }
                Some(Object::Tail(writer)) => all.tails.push(writer),
                Some(Object::Manifest) => {
                    let time = || format!("{} {}", object.size, object.last_modified);
                    all.manifest = Some(object.e_tag.clone().unwrap_or_else(time));
                }
                _ => {}
            }
        }
        all.pieces.values_mut().for_each(|pieces| pieces.sort_unstable());
        all
    }

    /// The files that grow, which these tails know too.
    pub(crate) fn growing<'a>(&'a self, tails: &'a BTreeMap<Writer, Tail>) -> Vec<&'a str> {
        let ends = tails.values().flat_map(|tail| tail.ends.keys());
        let mut all: Vec<&str> = self.pieces.keys().chain(ends).map(String::as_str).collect();
        all.retain(|file| is_growing(file));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The writer of each part, and its first and last point.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Writer, u64, u64)> {
        self.files.keys().filter_map(|path| part(path))
    }

    /// Whether the log of this writer that begins with this point is in a part.
    pub(crate) fn is_sealed(&self, (writer, first): (Writer, u64)) -> bool {
        self.parts().any(|(of, from, to)| of == writer && (from..=to).contains(&first))
    }

    /// Points that are in no part though there are some behind them, and in no log; in words.
    pub(crate) fn gaps(&self, tails: &BTreeMap<Writer, Tail>, place: &Name) -> Vec<String> {
        let mut parts: Vec<(Writer, u64, u64)> = self.parts().collect();
        parts.sort_unstable();
        let logs: Vec<(Writer, u64)> = self.growing(tails).into_iter().filter_map(log_of).collect();
        let mut next: BTreeMap<Writer, u64> = BTreeMap::new();
        let mut gaps = Vec::new();
        for (writer, from, to) in parts {
            let at = next.entry(writer).or_default();
            let is_in_log =
                logs.iter().any(|(of, first)| *of == writer && (*at..from).contains(first));
            if from > *at && !is_in_log {
                gaps.push(format!(
                    "points {} to {} of writer {writer} are not in {place}: somebody has removed a part there",
                    *at,
                    from - 1,
                ));
            }
            *at = (*at).max(to.saturating_add(1));
        }
        gaps
    }

    /// What there is of a file that grows, with its end in a tail.
    pub(crate) fn grown(&self, file: &str, end: Option<&End>) -> Grown {
        let (mut at, mut pieces) = (0, Vec::new());
        let listed = self.pieces.get(file).map_or(&[][..], Vec::as_slice);
        for (from, to) in listed {
            if *from == at {
                pieces.push((*from, *to));
                at = *to;
            }
        }
        let last = listed.iter().map(|(_, to)| *to).max().unwrap_or(0);
        match end.filter(|end| end.to() <= MOST_GROWN) {
            Some(end) if end.from <= at => Grown { pieces, end: Some(end.from), gap: None },
            Some(end) => Grown { pieces, end: None, gap: Some((at, end.from)) },
            None if last > at => Grown { pieces, end: None, gap: Some((at, last)) },
            None => Grown { pieces, end: None, gap: None },
        }
    }
}

/// Whether a file may grow by pieces: what a head has whole, and what never changes, do not.
fn is_growing(file: &str) -> bool {
    log_of(file).is_some() || (is_plain(file) && !is_of_the_head(file))
}

fn is_of_the_place(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    let is_elsewhere = matches!(&*names, ["live" | "followers", ..]);
    let is_heads = matches!(&*names, [name] if is_of_the_head(name));
    !is_elsewhere && !is_heads && names.iter().all(|name| is_plain(name))
}

/// Whether a head has a file of this name whole, or all lines of it.
pub(crate) fn is_of_the_head(name: &str) -> bool {
    is_document(name) || name == EDITS
}

/// Whether a small file may be replaced as a whole by what a tail says.
pub(crate) fn is_whole(path: &str) -> bool {
    is_of_the_place(path) && !path.starts_with("scalars/") && !path.starts_with("media/")
}

/// The first and last place of the points of a part, and whose they are.
pub(crate) fn part(path: &str) -> Option<(Writer, u64, u64)> {
    let part = PartRange::of_path(path).filter(|part| part.first <= part.last)?;
    Some((part.writer, part.first, part.last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(pieces: &[(u64, u64)]) -> Objects {
        let pieces = [("events-r0a1.jsonl".to_owned(), pieces.to_vec())].into();
        Objects { pieces, ..Objects::default() }
    }

    #[test]
    fn a_file_is_known_up_to_its_first_gap() {
        let file = "events-r0a1.jsonl";
        let whole = objects(&[(0, 4), (4, 8)]).grown(file, Some(&End::new(8, vec![1])));
        assert_eq!(whole, Grown { pieces: vec![(0, 4), (4, 8)], end: Some(8), gap: None });
        let cut = objects(&[(0, 4), (8, 12)]).grown(file, Some(&End::new(12, vec![1])));
        assert_eq!(cut, Grown { pieces: vec![(0, 4)], end: None, gap: Some((4, 12)) });
        let none = objects(&[]).grown(file, Some(&End::new(4, vec![1])));
        assert_eq!(none.gap, Some((0, 4)));
        let ended = objects(&[(4, 8)]).grown(file, None);
        assert_eq!(ended.gap, Some((0, 8)));
    }

    #[test]
    fn what_is_no_file_of_a_run_is_passed_over() {
        for bad in
            ["run.json", "edits.jsonl", "live/r0a1/lock", "summary-r0a1.json", "followers/a.json"]
        {
            assert!(!is_of_the_place(bad), "{bad}");
            assert!(!is_growing(bad), "{bad}");
        }
        assert!(is_of_the_place("media/ab/abc.png") && is_growing("live/r0a1/log-0"));
        assert_eq!(
            part("scalars/r0a1-0-99.parquet").map(|(_, first, last)| (first, last)),
            Some((0, 99))
        );
        assert_eq!(part("scalars/r0a1-9-0.parquet"), None);
        assert_eq!(log_of("live/r0a1/log-7").map(|(_, first)| first), Some(7));
    }
}
