//! Processes by their numbers.

use std::{fs, os::unix::fs::MetadataExt};

/// The number of this process's namespace of process numbers; 0 where the system has none, or `/proc`
/// shows those of another one.
#[expect(clippy::disallowed_methods, reason = "the kernel's own files")]
pub(crate) fn pid_namespace() -> u64 {
    let is_own = fs::read_link("/proc/self")
        .is_ok_and(|own| own.to_str() == Some(&std::process::id().to_string()));
    let namespace = is_own.then(|| fs::metadata("/proc/self/ns/pid").ok()).flatten();
    namespace.map_or(0, |namespace| namespace.ino())
}

/// When a process started, in clock ticks since boot: field 22 of `/proc/<pid>/stat`, see `proc_pid_stat(5)`. The command's name before it may hold
/// spaces and brackets, so counting begins behind the last bracket.
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
pub(crate) fn process_start(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19)?.parse().ok()
}
