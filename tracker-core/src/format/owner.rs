//! Whose process a writer is, and whether it lives: the contents of `live/<writer>/lock`.

use serde::{Deserialize, Serialize};

use crate::{
    fault::Fault,
    platform::{
        machine::{boot_id, host_name},
        process::{pid_namespace, process_start},
    },
};

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

/// The host and the boot of one that is in a copy alone.
const ELSEWHERE: &str = "elsewhere";

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

    /// That of a writer in a copy of a run that was brought here: no process of any machine writes to the copy.
    pub(crate) fn elsewhere() -> Self {
        let (host, boot) = (ELSEWHERE.to_owned(), ELSEWHERE.to_owned());
        Self { host, boot, pid: 0, started: 0, pid_namespace: 0, is_locked: false }
    }

    pub(crate) fn is_elsewhere(&self) -> bool {
        (self.host.as_str(), self.boot.as_str(), self.pid) == (ELSEWHERE, ELSEWHERE, 0)
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
