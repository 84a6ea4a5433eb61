//! Environment variables that turn something on or off.

use std::env;

use crate::{console::notice, error::excerpt};

/// Whether an environment variable leaves something on: the word `off` turns it off, `on` and nothing do not.
/// What is misspelt counts as `misspelt` says, and is told; `purpose` is what it is on for.
pub(crate) fn is_on(variable: &str, off: &str, misspelt: bool, purpose: &str) -> bool {
    match said(variable).as_str() {
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

/// Whether an environment variable turns something on that is off by default: by the word `on`. What is
/// misspelt leaves it off, and is told; `purpose` is what it would be on for.
pub(crate) fn is_turned_on(variable: &str, purpose: &str) -> bool {
    match said(variable).as_str() {
        "on" => true,
        "" | "off" => false,
        other => {
            notice::warn(
                &format!("{variable} is `{}`, which counts as `off`", excerpt(other)),
                &format!("set it to `on` {purpose}, or to `off` or nothing"),
            );
            false
        }
    }
}

fn said(variable: &str) -> String {
    match env::var(variable) {
        Err(env::VarError::NotPresent) => String::new(),
        said => said.unwrap_or_else(|_| "no text".to_owned()),
    }
}
