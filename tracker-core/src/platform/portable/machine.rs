//! Which machine this is, and whose the process, as far as the environment says.

use std::env;

/// The machine's name, where the system gives it to every process.
pub(crate) fn host_name() -> String {
    named(&["COMPUTERNAME"]).unwrap_or_else(|| "unknown".into())
}

/// This process's user and machine, such as `alice@host`.
pub(crate) fn this_user() -> String {
    format!("{}@{}", user_name().as_deref().unwrap_or("somebody"), host_name())
}

/// The user as the environment says.
pub(crate) fn user_name() -> Option<String> {
    named(&["USER", "USERNAME", "LOGNAME"])
}

/// Empty: the standard library knows of no id that changes with every boot.
pub(crate) fn boot_id() -> String {
    String::new()
}

/// The name of the operating system, such as `windows`.
pub(crate) fn system() -> String {
    env::consts::OS.into()
}

/// 0: users have no numbers.
pub(crate) fn user_number() -> u32 {
    0
}

/// Whether this process may do with a file of this owner as it likes. The system says so when it
/// tries.
pub(crate) fn may_act_as(_: u32) -> bool {
    true
}

fn named(variables: &[&str]) -> Option<String> {
    variables.iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
}
