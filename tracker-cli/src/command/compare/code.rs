//! How the code of runs differs: their commits, and what was changed beside them.

use std::collections::BTreeMap;

use tracker_core::read::{ChangedFile, Code, PatchKept};

use crate::{
    command::compare::{Compared, Side},
    terminal::{
        table::{Align, Grid},
        text::{bold, clean, code_line, paint_line},
    },
    view::{
        patch::{self, FilePatch},
        provenance_text::{git_line, short_commit},
    },
};

/// What is known of one run's code.
#[derive(Debug, Default)]
pub(crate) struct RunCode {
    pub(crate) code: Option<Code>,
    files: Vec<FilePatch>,
}

/// In which of two runs a file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    First,
    Second,
    Alike,
    Differently,
    /// In both, and what was changed in one of them is not recorded.
    Unknown,
}

/// A file that was changed in one of two runs, or in both.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) path: &'a str,
    first: Option<Change<'a>>,
    second: Option<Change<'a>>,
}

/// What a run says of a file.
#[derive(Debug, Clone, Copy)]
struct Change<'a> {
    file: &'a ChangedFile,
    patch: Option<&'a FilePatch>,
}

impl RunCode {
    /// Of a run whose code cannot be read, nothing is known, and a warning says so.
    pub(crate) fn of(side: &Side, warnings: &mut Vec<String>) -> Self {
        let mut told = |error: tracker_core::Error| warnings.push(error.to_string());
        let code = side.run.code().unwrap_or_else(|error| {
            told(error);
            None
        });
        let Some(code) = code else { return Self::default() };
        let patch = side.run.patch().unwrap_or_else(|error| {
            told(error);
            None
        });
        let mut files = patch.map(|patch| patch::files(patch.as_bytes())).unwrap_or_default();
        if code.patch_kept == PatchKept::Cut {
            // Nobody knows how its changes go on.
            files.pop();
        }
        Self { code: Some(code), files }
    }

    fn changes(&self) -> BTreeMap<&str, Change<'_>> {
        let files = self.code.iter().flat_map(|code| &code.files);
        let change =
            |file: &'_ ChangedFile| self.files.iter().find(|patch| patch.path == file.path);
        files.map(|file| (file.path.as_str(), Change { file, patch: change(file) })).collect()
    }

    fn is_cut(&self) -> bool {
        let is_cut = |code: &Code| code.files_cut || code.patch_kept == PatchKept::Cut;
        self.code.as_ref().is_some_and(is_cut)
    }
}

impl Pair<'_> {
    pub(crate) fn changed(&self) -> Changed {
        let (first, second) = match (&self.first, &self.second) {
            (_, None) => return Changed::First,
            (None, _) => return Changed::Second,
            (Some(first), Some(second)) => (first.patch, second.patch),
        };
        match (first, second) {
            (Some(first), Some(second)) if first.is_like(second) => Changed::Alike,
            (Some(_), Some(_)) => Changed::Differently,
            _ => Changed::Unknown,
        }
    }

    /// The words for people, with the letters of the runs.
    fn told(&self, first: &str, second: &str) -> String {
        let only = |letter: &str, change: Option<Change<'_>>| {
            let status = change.map_or("changed", |change| change.file.status.as_str());
            let count = change.and_then(|change| change.patch).map(FilePatch::count);
            let count = count.map(|(added, removed)| format!(", +{added} −{removed}"));
            format!("only in {letter}: {status}{}", count.unwrap_or_default())
        };
        match self.changed() {
            Changed::First => only(first, self.first),
            Changed::Second => only(second, self.second),
            Changed::Alike => "in both alike".to_owned(),
            Changed::Differently => "in both, differently".to_owned(),
            Changed::Unknown => "in both; what was changed is not recorded".to_owned(),
        }
    }

    /// The hunks of each that the other has not.
    fn hunks(&self, letters: [&str; 2]) -> String {
        let patch = |change: Option<Change<'_>>| -> Option<FilePatch> { change?.patch.cloned() };
        let (first, second) = (patch(self.first), patch(self.second));
        let mut text = Vec::new();
        for (own, other, letter) in [(&first, &second, letters[0]), (&second, &first, letters[1])] {
            let Some(own) = own else { continue };
            let hunks = match other {
                Some(other) => own.hunks_beyond(other),
                None => own.hunks.iter().collect(),
            };
            if hunks.is_empty() {
                continue;
            }
            let title = format!("{}, in {letter}", code_line(self.path));
            text.push(format!("\n{}\n", bold(&title)));
            for hunk in hunks {
                let lines = std::iter::once(&hunk.place).chain(&hunk.lines);
                text.extend(lines.map(|line| format!("{}\n", paint_line(line))));
            }
        }
        text.concat()
    }
}

pub(crate) fn pairs<'a>(first: &'a RunCode, second: &'a RunCode) -> Vec<Pair<'a>> {
    let (first, mut second) = (first.changes(), second.changes());
    let mut pairs: Vec<Pair<'a>> = first
        .into_iter()
        .map(|(path, change)| Pair { path, first: Some(change), second: second.remove(path) })
        .collect();
    pairs.extend(second.into_iter().map(|(path, change)| Pair {
        path,
        first: None,
        second: Some(change),
    }));
    pairs.sort_by_key(|pair| pair.path);
    pairs
}

impl Compared {
    /// The code of each run, and what differs between the first and each of the others.
    pub(crate) fn code_text(&self, width: u16) -> String {
        let mut grid = Grid::new([Align::Left], width);
        for (side, known) in self.sides.iter().zip(&self.codes) {
            let line = git_line(&side.run.info().provenance, known.code.as_ref());
            let line = if line.is_empty() { "no commit is known".to_owned() } else { line };
            let cut = if known.is_cut() { "; not all of it was recorded" } else { "" };
            grid.row([side.letter.clone(), clean(&format!("{line}{cut}"))]);
        }
        let mut page = self.legend(width) + &grid.section("Code");
        let mut sides = self.sides.iter().zip(&self.codes);
        let Some(first) = sides.next() else { return page };
        for second in sides {
            page += &against(first, second, width);
        }
        page
    }
}

impl Changed {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Alike => "alike",
            Self::Differently => "differently",
            Self::Unknown => "unknown",
        }
    }
}

fn against(first: (&Side, &RunCode), second: (&Side, &RunCode), width: u16) -> String {
    let letters = [first.0.letter.as_str(), second.0.letter.as_str()];
    let title = format!("{} beside {}", letters[1], letters[0]);
    let commit = |side: &Side, known: &RunCode| -> Option<String> {
        let asked = known.code.as_ref().and_then(|code| code.commit.clone());
        asked.or_else(|| side.run.info().provenance.git_commit.clone())
    };
    let commits = (commit(first.0, first.1), commit(second.0, second.1));
    let said = match &commits {
        (Some(a), Some(b)) if a == b => "the same commit".to_owned(),
        (Some(a), Some(b)) => {
            format!("other commits; to see it: git diff {} {}", short_commit(a), short_commit(b))
        }
        _ => "a commit is not known".to_owned(),
    };
    let page = format!("\n{}\n  {}\n", bold(&title), clean(&said));
    if first.1.code.is_none() || second.1.code.is_none() {
        return page + "  nobody knows which files were changed in both\n";
    }
    let pairs = pairs(first.1, second.1);
    if pairs.is_empty() {
        return page + "  no changes in both\n";
    }
    let mut grid = Grid::new([Align::Left], width);
    for pair in &pairs {
        grid.row([clean(pair.path), clean(&pair.told(letters[0], letters[1]))]);
    }
    let list = grid.lines().join("\n  ");
    page + "  " + &list + "\n" + &pairs.iter().map(|pair| pair.hunks(letters)).collect::<String>()
}
