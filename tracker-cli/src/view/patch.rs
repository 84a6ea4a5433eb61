//! A patch of `git diff`, file by file.

mod quoted;

use tracker_core::read::Patch;

/// What a patch says of one file, as text that can be read. Bytes that are no UTF-8 are written as
/// `\xe9`; control characters are as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilePatch {
    /// Its path now, or the one that it had if it is gone.
    pub(crate) path: String,
    /// The lines above the first hunk, but for the paths: modes, renames, blobs.
    pub(crate) head: Vec<String>,
    pub(crate) hunks: Vec<Hunk>,
    /// Whether its contents are no text, so that the patch does not have them.
    pub(crate) is_binary: bool,
}

/// A place in a file with changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// Where it is: `@@ -1,3 +1,4 @@ fn main`.
    pub(crate) place: String,
    /// Its lines, each with its sign.
    pub(crate) lines: Vec<String>,
}

impl FilePatch {
    /// Whether this says the same as another patch of the file. Line numbers do not count: a change
    /// further up moves them.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let lines = |patch: &Self| -> Vec<Vec<String>> {
            patch.hunks.iter().map(|hunk| hunk.lines.clone()).collect()
        };
        let head = |patch: &Self| -> Vec<String> {
            // The names of blobs say no more than the hunks do, where there are any.
            let counts = |line: &&String| self.is_binary || !line.starts_with("index ");
            patch.head.iter().filter(counts).cloned().collect()
        };
        self.is_binary == other.is_binary
            && lines(self) == lines(other)
            && head(self) == head(other)
    }

    /// The hunks that another patch of the file has not.
    pub(crate) fn hunks_beyond<'a>(&'a self, other: &Self) -> Vec<&'a Hunk> {
        let is_new = |hunk: &&Hunk| other.hunks.iter().all(|known| known.lines != hunk.lines);
        self.hunks.iter().filter(is_new).collect()
    }

    /// How many lines were added, and how many removed.
    pub(crate) fn count(&self) -> (usize, usize) {
        let lines = || self.hunks.iter().flat_map(|hunk| &hunk.lines);
        let with = |sign| lines().filter(|line| line.starts_with(sign)).count();
        (with('+'), with('-'))
    }

    fn of(section: &[u8]) -> Self {
        let text = Patch::legible(section);
        // Not `lines`, which takes a change of line endings away.
        let mut lines = text.strip_suffix('\n').unwrap_or(&text).split('\n');
        let first = lines.next().unwrap_or_default();
        let (mut old, mut new) = (None, None);
        let mut patch =
            Self { path: String::new(), head: Vec::new(), hunks: Vec::new(), is_binary: false };
        for line in lines {
            if let Some(hunk) = patch.hunks.last_mut()
                && !line.starts_with("@@ ")
            {
                hunk.lines.push(line.to_owned());
            } else if line.starts_with("@@ ") {
                patch.hunks.push(Hunk { place: line.to_owned(), lines: Vec::new() });
            } else if let Some(path) = line.strip_prefix("--- ") {
                old = quoted::path(path, "a/").or(old);
            } else if let Some(path) = line.strip_prefix("+++ ") {
                new = quoted::path(path, "b/").or(new);
            } else if let Some(path) = after_any(line, ["rename from ", "copy from "]) {
                old = quoted::path(path, "");
            } else if let Some(path) = after_any(line, ["rename to ", "copy to "]) {
                new = quoted::path(path, "");
            } else {
                patch.is_binary |= line.starts_with("Binary files ");
                patch.head.push(line.to_owned());
            }
        }
        patch.path = new.or(old).unwrap_or_else(|| quoted::of_head(first));
        patch
    }
}

fn after_any<'a>(line: &'a str, beginnings: [&str; 2]) -> Option<&'a str> {
    beginnings.into_iter().find_map(|beginning| line.strip_prefix(beginning))
}

/// The files of a patch, in its order.
pub(crate) fn files(patch: &[u8]) -> Vec<FilePatch> {
    sections(patch).into_iter().map(FilePatch::of).collect()
}

/// The patch without files that are no text, which `git apply` would refuse it for; and how many
/// these were.
pub(crate) fn without_binary(patch: &[u8]) -> (Vec<u8>, u64) {
    let (binary, text): (Vec<&[u8]>, Vec<&[u8]>) =
        sections(patch).into_iter().partition(|section| FilePatch::of(section).is_binary);
    (text.concat(), binary.len() as u64)
}

/// The parts of a patch that are about one file each.
fn sections(patch: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    // The lines of the hunk that are still to come, on the old and the new side: a line in a hunk
    // may look like anything.
    let mut left = (0, 0);
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        match line.first() {
            Some(b'+') if left.1 > 0 => left.1 -= 1,
            Some(b'-') if left.0 > 0 => left.0 -= 1,
            // Some settings leave the space of an empty line out.
            Some(b' ' | b'\n') if left.0 > 0 && left.1 > 0 => left = (left.0 - 1, left.1 - 1),
            _ if line.starts_with(b"diff --git ") => {
                starts.push(at);
                left = (0, 0);
            }
            _ if line.starts_with(b"@@ ") => left = lines_of(line),
            _ => {}
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([patch.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| patch.get(*start..end)).collect()
}

/// How many lines of the old and the new file a hunk covers: 3 and 4 of `@@ -1,3 +1,4 @@`.
fn lines_of(place: &[u8]) -> (u64, u64) {
    let place = String::from_utf8_lossy(place);
    let mut words = place.split(' ').skip(1);
    let mut count = |sign: char| {
        let range = words.next().and_then(|word| word.strip_prefix(sign)).unwrap_or_default();
        let count = range.split_once(',').map_or("1", |(_, count)| count);
        count.parse().unwrap_or(0)
    };
    (count('-'), count('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "diff --git a/x.rs b/x.rs
index 1..2 100644
--- a/x.rs
+++ b/x.rs
@@ -1,3 +1,3 @@ fn main
 same
--- a/looks like a head
+++ b/so does this
 diff --git a/no b/no
@@ -9 +9,2 @@
-old
+new
+more
\\ No newline at end of file
diff --git a/picture.png b/picture.png
index 3..4 100644
Binary files a/picture.png and b/picture.png differ
";

    #[test]
    fn a_patch_falls_into_its_files_and_hunks() {
        let files = files(TWO.as_bytes());
        let told: Vec<_> =
            files.iter().map(|file| (file.path.as_str(), file.hunks.len(), file.count())).collect();
        assert_eq!(told, [("x.rs", 2, (3, 2)), ("picture.png", 0, (0, 0))]);
        assert_eq!(files[0].hunks[1].lines.last().unwrap(), "\\ No newline at end of file");
        assert!(files[1].is_binary);
    }

    #[test]
    fn files_that_are_no_text_are_taken_out() {
        let (text, left_out) = without_binary(TWO.as_bytes());
        assert!(TWO.as_bytes().starts_with(&text) && text.ends_with(b"end of file\n"));
        assert_eq!(left_out, 1);
    }

    #[test]
    fn the_same_change_further_down_is_the_same_change() {
        let of = |text: &str| files(text.as_bytes()).remove(0);
        let first = of(TWO);
        let moved =
            TWO.replace("@@ -9 +9,2 @@", "@@ -90 +90,2 @@").replace("index 1..2", "index 5..6");
        assert!(first.is_like(&of(&moved)));
        let other = of(&TWO.replace("+more", "+less"));
        assert!(!first.is_like(&other));
        let hunks = first.hunks_beyond(&other);
        assert_eq!((hunks.len(), hunks[0].place.as_str()), (1, "@@ -9 +9,2 @@"));
    }

    #[test]
    fn a_file_that_moved_has_its_new_path_as_it_is() {
        let moved = "diff --git a/x b/b/x\nsimilarity index 100%\nrename from x\nrename to b/x\n";
        assert_eq!(files(moved.as_bytes())[0].path, "b/x");
        let copied = "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n";
        assert_eq!(files(copied.as_bytes())[0].path, "y");
    }

    #[test]
    fn other_line_endings_are_another_change() {
        let of = |text: &str| files(text.as_bytes()).remove(0);
        assert!(!of(TWO).is_like(&of(&TWO.replace("+new\n", "+new\r\n"))));
    }

    #[test]
    fn pictures_are_alike_if_their_blobs_are() {
        let picture = |text: &str| files(text.as_bytes()).remove(1);
        assert!(picture(TWO).is_like(&picture(TWO)));
        assert!(!picture(TWO).is_like(&picture(&TWO.replace("3..4", "3..5"))));
    }

    #[test]
    fn what_is_no_patch_has_no_files_and_a_cut_one_has_what_is_left() {
        assert_eq!(files(b"\xff\0 nonsense\n@@ -x +y @@\n"), []);
        for end in 0..TWO.len() {
            files(&TWO.as_bytes()[..end]);
        }
    }
}
