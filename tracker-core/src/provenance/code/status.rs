//! The output of `git status --porcelain=v2 --branch -z`.
//! <https://git-scm.com/docs/git-status#_porcelain_format_version_2>

use crate::format::code_file::{ChangedFile, FileStatus, legible};

/// What git says of the working directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) commit: Option<String>,
    pub(super) files: Vec<ChangedFile>,
    /// Whether a file that git tracks was changed.
    pub(super) has_patch: bool,
}

/// Reads what git said; `None` if it did not even say at which commit it is. A last record that was
/// cut is left out by whoever cuts it.
pub(super) fn parse(bytes: &[u8]) -> Option<Status> {
    let mut status = Status::default();
    let mut is_known = false;
    let mut records = bytes.split(|byte| *byte == 0);
    while let Some(record) = records.next() {
        if let Some(commit) = record.strip_prefix(b"# branch.oid ") {
            is_known = true;
            status.commit = Some(legible(commit)).filter(|commit| commit != "(initial)");
            continue;
        }
        let Some(mut file) = changed_file(record) else { continue };
        if record.first() == Some(&b'2') {
            file.from = records.next().filter(|from| !from.is_empty()).map(legible);
        }
        status.has_patch |= file.status != FileStatus::Untracked;
        status.files.push(file);
    }
    is_known.then_some(status)
}

/// The file that a record is about: the path is its last field, and may hold spaces.
fn changed_file(record: &[u8]) -> Option<ChangedFile> {
    let fields = match record.first()? {
        b'1' => 9,
        b'2' => 10,
        b'u' => 11,
        b'?' => 2,
        _ => return None,
    };
    let fields: Vec<&[u8]> = record.splitn(fields, |byte| *byte == b' ').collect();
    let path = legible(fields.last()?);
    let status = match fields.as_slice() {
        [b"?", _] => FileStatus::Untracked,
        [b"u", ..] => FileStatus::Unmerged,
        [_, _, [b'S', ..], ..] => FileStatus::Submodule,
        [_, [index, tree], ..] => of_letters(*index, *tree),
        _ => return None,
    };
    Some(ChangedFile { path, status, from: None })
}

/// What became of a file between the commit and the working directory.
fn of_letters(index: u8, tree: u8) -> FileStatus {
    match (index, tree) {
        (_, b'D') | (b'D', _) => FileStatus::Deleted,
        (b'A', _) | (_, b'A') => FileStatus::Added,
        (b'R', _) | (_, b'R') => FileStatus::Renamed,
        (b'C', _) | (_, b'C') => FileStatus::Copied,
        _ => FileStatus::Modified,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str, status: FileStatus, from: Option<&str>) -> ChangedFile {
        ChangedFile { path: path.into(), status, from: from.map(str::to_owned) }
    }

    #[test]
    fn every_kind_of_record_is_read() {
        let records: [&[u8]; 10] = [
            b"# branch.oid 0123abcd",
            b"# branch.head main",
            b"1 .M N... 100644 100644 100644 0123 0123 src/a file.rs",
            b"1 A. N... 000000 100644 100644 0000 0123 new",
            b"1 .D N... 100644 100644 000000 0123 0123 gone",
            b"2 R. N... 100644 100644 100644 0123 0123 R100 to",
            b"from",
            b"u UU N... 100644 100644 100644 100644 0123 0123 0123 both",
            b"1 .M S.M. 160000 160000 160000 0123 0123 sub",
            b"? caf\xe9\nx",
        ];
        let status = parse(&records.join(&b"\0"[..])).unwrap();
        assert_eq!(status.commit.as_deref(), Some("0123abcd"));
        assert!(status.has_patch);
        let wanted = [
            file("src/a file.rs", FileStatus::Modified, None),
            file("new", FileStatus::Added, None),
            file("gone", FileStatus::Deleted, None),
            file("to", FileStatus::Renamed, Some("from")),
            file("both", FileStatus::Unmerged, None),
            file("sub", FileStatus::Submodule, None),
            file("caf\\xe9\nx", FileStatus::Untracked, None),
        ];
        assert_eq!(status.files, wanted);
    }

    #[test]
    fn a_repository_without_a_commit_has_none() {
        let status = parse(b"# branch.oid (initial)\0? new\0").unwrap();
        assert_eq!((status.commit, status.files.len(), status.has_patch), (None, 1, false));
    }

    #[test]
    fn a_program_that_does_not_name_a_commit_is_not_git() {
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"? new\0"), None);
    }

    proptest! {
        #[test]
        fn no_output_makes_it_panic(bytes in prop::collection::vec(prop::sample::select(b"12u?# \0.MSxR".to_vec()), 0..80)) {
            let _ = parse(&bytes);
        }
    }
}
