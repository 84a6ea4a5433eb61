//! Whose process a writer is, and whether it lives: the contents of `live/<writer>/lock`.

use std::{env, fs, os::unix::fs::MetadataExt};

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// A process in a form that other processes can look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) host: String,
    /// Changes with every boot; empty where the system has no such id.
    pub(crate) boot: String,
    pub(crate) pid: u32,
    /// When the process started, in clock ticks since boot; 0 where unknown.
    pub(crate) started: u64,
    /// The namespace in which `pid` is the process's number: elsewhere, another process may have
    /// it. 0 where unknown, as to trackers before 0.2.
    #[serde(default)]
    pub(crate) pid_namespace: u64,
    /// Whether the lock could be taken: where it could not, a free one says nothing.
    #[serde(default = "yes")]
    pub(crate) is_locked: bool,
}

fn yes() -> bool {
    true
}

impl Owner {
    /// This process, which holds the lock of its live folder.
    pub(crate) fn this_process() -> Self {
        let pid = std::process::id();
        Self {
            host: host_name(),
            boot: boot_id(),
            pid,
            started: process_start(pid).unwrap_or(0),
            pid_namespace: pid_namespace(),
            is_locked: true,
        }
    }

    /// Whether the owner ran under the kernel that runs now, be it in another container. Where
    /// boots have no id, the machine's name decides.
    pub(crate) fn is_of_this_boot(&self) -> bool {
        self.boot == boot_id() && (!self.boot.is_empty() || self.is_of_this_host())
    }

    pub(crate) fn is_of_this_host(&self) -> bool {
        self.host == host_name()
    }

    /// Whether the process is gone; `None` where its number means nothing to this one, which may be
    /// in another container.
    pub(crate) fn is_gone(&self) -> Option<bool> {
        let is_same_namespace = self.pid_namespace != 0 && self.pid_namespace == pid_namespace();
        let is_trusted = is_same_namespace || Fault::ProcessNumberTrustedAnywhere.is_planted();
        let is_known = self.is_of_this_boot() && self.started != 0 && is_trusted;
        is_known.then(|| process_start(self.pid) != Some(self.started))
    }
}

/// The number of this process's namespace of process numbers; 0 where the system has none, or `/proc`
/// shows those of another one.
#[expect(clippy::disallowed_methods, reason = "the kernel's own files")]
fn pid_namespace() -> u64 {
    let is_own = fs::read_link("/proc/self")
        .is_ok_and(|own| own.to_str() == Some(&std::process::id().to_string()));
    let namespace = is_own.then(|| fs::metadata("/proc/self/ns/pid").ok()).flatten();
    namespace.map_or(0, |namespace| namespace.ino())
}

/// The machine's name.
pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// This process's user and machine, such as `alice@host`.
pub(crate) fn this_user() -> String {
    format!("{}@{}", user_name().as_deref().unwrap_or("somebody"), host_name())
}

/// The user as the environment says; none in many containers.
pub(crate) fn user_name() -> Option<String> {
    let named = |name| env::var(name).ok().filter(|user| !user.is_empty());
    named("USER").or_else(|| named("LOGNAME"))
}

#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
pub(crate) fn boot_id() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Field 22 of `/proc/<pid>/stat`, see `proc_pid_stat(5)`. The command's name before it may hold
/// spaces and brackets, so counting begins behind the last bracket.
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
fn process_start(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_of_this_boot() {
        let owner = Owner::this_process();
        assert!(owner.is_of_this_host());
        assert_ne!(owner.is_gone(), Some(true));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_reused_process_number_is_another_process() {
        let owner = Owner { started: 1, ..Owner::this_process() };
        assert_eq!(owner.is_gone(), Some(true));
    }

    #[test]
    fn a_process_number_of_another_namespace_means_nothing() {
        let own = Owner::this_process();
        for pid_namespace in [own.pid_namespace + 1, 0] {
            let owner = Owner { started: 1, pid_namespace, ..own.clone() };
            assert_eq!(owner.is_gone(), None);
        }
    }

    #[test]
    fn an_owner_that_version_0_1_wrote_is_read() {
        let text = br#"{"host":"a","boot":"b","pid":7,"started":9}"#;
        let owner: Owner = serde_json::from_slice(text).unwrap();
        assert_eq!((owner.pid, owner.pid_namespace, owner.is_locked), (7, 0, true));
    }
}
