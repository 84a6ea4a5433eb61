//! Where the benchmarks put their files.

use tempfile::TempDir;

/// A folder that is removed with the value. It lies in Cargo's target folder and not in `/tmp`,
/// which is memory on many machines: tracker must show what it costs on a disk.
pub(crate) fn folder() -> TempDir {
    let parent = env!("CARGO_TARGET_TMPDIR");
    std::fs::create_dir_all(parent).unwrap();
    tempfile::tempdir_in(parent).unwrap()
}
