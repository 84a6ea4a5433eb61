//! Environment variables that turn something off.

use std::env;

use crate::{console::notice, error::excerpt};

/// Whether an environment variable leaves something on: the word `off` turns it off, `on` and nothing do not.
/// What is misspelt counts as `misspelt` says, and is told; `purpose` is what it is on for.
pub(crate) fn is_on(variable: &str, off: &str, misspelt: bool, purpose: &str) -> bool {
    let said = match env::var(variable) {
        Err(env::VarError::NotPresent) => return true,
        said => said.unwrap_or_else(|_| "no text".to_owned()),
    };
    match said.as_str() {
        "" | "on" => true,
        said if said == off => false,
        other => {
            let taken_for = if misspelt { "on" } else { off };
            notice::warn(
                &format!("{variable} is `{}`, which counts as `{taken_for}`", excerpt(other)),
                &format!("set it to `{off}`, or to `on` or nothing {purpose}"),
            );
            misspelt
        }
    }
}
