//! Other programs, whose failure is an error with their words.

use std::{
    error::Error,
    process::{Command, Stdio},
};

/// Runs a command and returns what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} failed with {}:\n{words}", output.status).into())
}
