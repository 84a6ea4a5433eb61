//! Which machine this is, and whose the process.

use std::{env, fs, sync::LazyLock};

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

/// Changes with every boot; empty where the system has no such id.
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
pub(crate) fn boot_id() -> String {
    // Every look at a run that lives asks for it, and no process outlives a boot.
    static ID: LazyLock<String> = LazyLock::new(|| {
        let id = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        id.map(|id| id.trim().to_owned()).unwrap_or_default()
    });
    ID.clone()
}

/// The name and release of the operating system, such as `Linux 6.1.0`.
pub(crate) fn system() -> String {
    let system = rustix::system::uname();
    let words = [system.sysname(), system.release()];
    words.map(|word| word.to_string_lossy().into_owned()).join(" ")
}

/// The number of the user who runs this process.
pub(crate) fn user_number() -> u32 {
    rustix::process::getuid().as_raw()
}

/// Whether this process may do with a file of this owner as it likes.
pub(crate) fn may_act_as(owner: u32) -> bool {
    let user = rustix::process::geteuid();
    user.is_root() || user.as_raw() == owner
}
