//! What differs between two runs, in a line.

use serde_json::{Map, Value};

use crate::{
    format::run_file::SinceLast,
    read::{
        Code, ComparedPackages, ComparedSetting, Patch, RunReader, compared_settings, shown_setting,
    },
    value::words::{plural, seen},
};

/// The most characters of the line.
const MOST: usize = 160;

/// The most characters of a name or a value in it.
const MOST_OF_VALUE: usize = 24;

/// What a change of the code is called where it is counted.
const CODE: &str = "change";

/// Digits that tell two commits apart.
const COMMIT: usize = 7;

/// The line as it is said.
pub(crate) fn line(since: &SinceLast) -> String {
    beginning(&since.name) + &since.text
}

fn beginning(name: &str) -> String {
    format!("tracker: since the last run ({}): ", cut(name))
}

/// What differs in settings, code and packages, as much of it as fits in a line that begins with the name of
/// the earlier run. `None` if the packages of a run cannot be read.
pub(crate) fn differences(before: &RunReader, own: &RunReader, name: &str) -> Option<String> {
    let room = MOST.saturating_sub(beginning(name).chars().count());
    let runs = [before, own];
    let codes = runs.map(|run| run.code().ok().flatten());
    let is_code_known = codes.iter().all(Option::is_some);
    let kinds = [
        Kind { what: "setting", told: settings(runs.map(|run| &run.info().config)) },
        Kind { what: CODE, told: code(runs, &codes) },
        Kind { what: "package", told: packages(before, own)? },
    ];
    if kinds.iter().all(|kind| kind.told.is_empty()) {
        let code = if is_code_known { ", code" } else { "" };
        return Some(format!("nothing differs in settings{code} and packages"));
    }
    Some(fitting(&kinds, room))
}

/// Differences of one kind.
struct Kind {
    /// What one of them is called where they are counted.
    what: &'static str,
    told: Vec<String>,
}

impl Kind {
    /// The first of them, and how many more there are.
    fn beginning(&self, shown: usize) -> Vec<String> {
        let rest = self.told.len().saturating_sub(shown);
        let mut parts: Vec<String> = self.told.iter().take(shown).cloned().collect();
        if rest > 0 {
            let more = if shown > 0 { "more " } else { "" };
            let ending = if rest == 1 { "" } else { "s" };
            parts.push(format!("{rest} {more}{}{ending}", self.what));
        }
        parts
    }
}

/// As many of each kind as have room, the first ones; the others are counted.
fn fitting(kinds: &[Kind], room: usize) -> String {
    let mut shown: Vec<usize> = kinds.iter().map(|kind| kind.told.len()).collect();
    loop {
        let parts = kinds.iter().zip(&shown).flat_map(|(kind, shown)| kind.beginning(*shown));
        let text = parts.collect::<Vec<_>>().join(", ");
        if text.chars().count() <= room {
            return text;
        }
        // The kind of which most is told gives way, and code, of which one thing is told, last.
        let told = kinds.iter().zip(&mut shown).filter(|(_, shown)| **shown > 0);
        match told.max_by_key(|(kind, shown)| (kind.what != CODE, **shown)) {
            Some((_, most)) => *most -= 1,
            None => return text.chars().take(room).collect(),
        }
    }
}

fn settings(configs: [&Map<String, Value>; 2]) -> Vec<String> {
    let differing = compared_settings(&configs).into_iter().filter(ComparedSetting::differs);
    let told = differing.map(|setting| {
        let value = |at: usize| shown_setting(setting.values.get(at).copied().flatten());
        change(&setting.path, &value(0), &value(1))
    });
    told.collect()
}

/// Another commit; of the same one, other changes since.
fn code(runs: [&RunReader; 2], codes: &[Option<Code>; 2]) -> Vec<String> {
    let commits = runs.map(|run| run.info().provenance.git_commit.as_deref());
    let [before, own] = commits.map(|commit| commit.and_then(|digits| digits.get(..COMMIT)));
    if commits[0] != commits[1] {
        return vec![change("commit", before.unwrap_or("–"), own.unwrap_or("–"))];
    }
    let [Some(before), Some(own)] = codes else { return Vec::new() };
    let patches = runs.map(|run| run.patch().ok().flatten());
    let bytes = patches.each_ref().map(|patch| patch.as_ref().map(Patch::as_bytes));
    if before.files == own.files && bytes[0] == bytes[1] {
        return Vec::new();
    }
    let files = own.files.len() as u64;
    let told = match files {
        0 => "no uncommitted changes any more".to_owned(),
        _ => format!("other uncommitted changes ({})", plural(files, "file")),
    };
    vec![told]
}

fn packages(before: &RunReader, own: &RunReader) -> Option<Vec<String>> {
    let packages = ComparedPackages::of(&[before.clone(), own.clone()]);
    if !packages.warnings().is_empty() {
        return None;
    }
    let differing = packages.differing().into_iter().map(|package| {
        let version = |at: usize| package.versions.get(at).copied().flatten().unwrap_or("–");
        change(package.name, version(0), version(1))
    });
    Some(differing.collect())
}

fn change(name: &str, before: &str, now: &str) -> String {
    format!("{} {} → {}", cut(name), cut(before), cut(now))
}

/// One line of few characters, all of which are seen.
fn cut(text: &str) -> String {
    let line: String = seen(text).replace('\n', " ");
    if line.chars().count() <= MOST_OF_VALUE {
        return line;
    }
    let mut beginning: String = line.chars().take(MOST_OF_VALUE - 1).collect();
    beginning.push('…');
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(what: &'static str, count: usize) -> Kind {
        Kind { what, told: (0..count).map(|at| format!("{what}{at} 1 → 2")).collect() }
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let kinds = [kind("setting", 30), kind(CODE, 1), kind("package", 2)];
        let text = fitting(&kinds, 100);
        assert!(text.chars().count() <= 100, "{text}");
        assert!(
            text.starts_with("setting0 1 → 2, ") && text.contains(" more settings, "),
            "{text}"
        );
        assert!(text.contains("change0"), "{text}");
        let short = fitting(&kinds, 40);
        assert_eq!(short, "30 settings, change0 1 → 2, 2 packages");
        assert!(fitting(&kinds, 5).chars().count() <= 5);
    }

    #[test]
    fn a_long_value_is_cut_and_has_no_line_of_its_own() {
        let told = change("name", "a\nb", &"x".repeat(100));
        assert_eq!(told, format!("name a b → {}…", "x".repeat(23)));
    }
}
