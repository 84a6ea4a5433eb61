//! What of a run is in no file, and how that is told.

use std::{fmt, path::Path};

/// How much of what a run has taken is in no file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Unsaved {
    pub(crate) points: u64,
    /// Texts, messages, histograms, artifacts.
    pub(crate) events: u64,
    /// Pictures, tables, plots and files that are on their way, or are not there any more.
    pub(crate) media: u64,
}

impl fmt::Display for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events =
            format!("{} (texts, messages, histograms, artifacts)", counted(self.events, "event"));
        let media = format!("{} of media", counted(self.media, "item"));
        let all = [
            (self.points, counted(self.points, "point")),
            (self.events, events),
            (self.media, media),
        ];
        let missing: Vec<String> =
            all.iter().filter(|(count, _)| *count > 0).map(|(_, words)| words.clone()).collect();
        match missing.as_slice() {
            // Nobody knows better what holds it up.
            [] => f.write_str("0 points are missing"),
            [one] => write!(f, "{one} {} missing", are(self.points + self.events + self.media)),
            [before @ .., last] => write!(f, "{} and {last} are missing", before.join(", ")),
        }
    }
}

/// Why not all of a run could be saved, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    pub(crate) hint: String,
}

impl Failure {
    /// The disk is to blame, or nobody knows.
    pub(crate) fn of_disk(reason: String, folder: &Path) -> Self {
        Self { reason, hint: format!("check the disk that holds {}", folder.display()) }
    }

    /// What was written once is not there any more.
    pub(crate) fn gone(
        missing: Unsaved,
        points: u64,
        trouble: Option<&str>,
        folder: &Path,
    ) -> Self {
        let trouble = trouble.unwrap_or("nobody knows where they went");
        let reason = format!("of {points} points, {missing}: {trouble}");
        let hint = format!(
            "something removed or changed files of {} while the training ran, such as `rm` or \
             `git stash -u`; bring them back from where they went",
            folder.display()
        );
        Self { reason, hint }
    }
}

fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_named() {
        let shown = |points, events| Unsaved { points, events, media: 0 }.to_string();
        assert_eq!(shown(12, 0), "12 points are missing");
        assert_eq!(shown(0, 1), "1 event (texts, messages, histograms, artifacts) is missing");
        let all = Unsaved { points: 2, events: 0, media: 3 }.to_string();
        assert_eq!(all, "2 points and 3 items of media are missing");
        assert_eq!(
            shown(1, 2),
            "1 point and 2 events (texts, messages, histograms, artifacts) are missing"
        );
    }
}
