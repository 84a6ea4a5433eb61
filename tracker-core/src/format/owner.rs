//! Whose process a writer is, and whether it lives: the contents of `live/<writer>/lock`.

use std::{env, fs};

use serde::{Deserialize, Serialize};

/// A process in a form that other processes can look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) host: String,
    /// Changes with every boot; empty where the system has no such id.
    pub(crate) boot: String,
    pub(crate) pid: u32,
    /// When the process started, in clock ticks since boot; 0 where unknown.
    pub(crate) started: u64,
}

impl Owner {
    /// This process.
    pub(crate) fn this_process() -> Self {
        let pid = std::process::id();
        Self { host: host_name(), boot: boot_id(), pid, started: process_start(pid).unwrap_or(0) }
    }

    /// Whether the owner ran under the kernel that runs now, be it in another container. Where
    /// boots have no id, the machine's name decides.
    pub(crate) fn is_of_this_boot(&self) -> bool {
        self.boot == boot_id() && (!self.boot.is_empty() || self.is_of_this_host())
    }

    pub(crate) fn is_of_this_host(&self) -> bool {
        self.host == host_name()
    }

    /// Whether the process is gone, for an owner of this boot and host. `false` where that is
    /// unknown.
    pub(crate) fn is_gone(&self) -> bool {
        self.started != 0 && process_start(self.pid) != Some(self.started)
    }
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
        assert!(!owner.is_gone());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_reused_process_number_is_another_process() {
        let owner = Owner { started: 1, ..Owner::this_process() };
        assert!(owner.is_of_this_boot() && owner.is_gone());
    }
}
