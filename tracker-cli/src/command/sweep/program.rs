//! The program that trains, kept as it was when the study began.

use std::{
    env::consts::{ARCH, OS},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tracker_core::studies::StudyFolder;

use crate::{
    command::sweep::cargo::{CargoRun, cargo_run},
    platform::is_of_another_user,
    terminal::{printer, text::clean},
};

/// The words of the command as they are started: those of `cargo run` with the program that it built, which is copied
/// into the study's folder, so that what is edited later trains no trial. Others stay as they are.
///
/// With `anew`, it is built again: while no trial has come to anything, what is edited is what people mean.
pub(crate) fn words_to_start(
    folder: &StudyFolder,
    words: &[String],
    anew: bool,
) -> Result<Vec<String>> {
    let Some(run) = cargo_run(words)? else { return Ok(words.to_vec()) };
    let copy = folder.programs()?.join(name_of(&run));
    if is_of_another_user(&copy) {
        bail!(
            "{} was built by another user\nhint: name a program that is built already in the place of `cargo run`",
            clean(&copy.display().to_string())
        );
    }
    if anew || !is_program(&copy) {
        keep(&run.build()?, &copy)?;
    } else {
        printer::note("the program is the one that was built when the study began");
    }
    let program = copy.to_string_lossy().into_owned();
    Ok([vec![program], run.arguments].concat())
}

/// A name for what these words build on this kind of machine.
fn name_of(run: &CargoRun) -> String {
    let words = run.words();
    let named = words.windows(2).rev().find_map(|pair| match pair {
        [option, name] => {
            matches!(&**option, "--bin" | "--example" | "-p" | "--package").then_some(name)
        }
        _ => None,
    });
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    let name: String =
        named.map_or("program", |name| name).chars().filter(is_plain).take(64).collect();
    format!("{name}-{:08x}-{ARCH}-{OS}{}", hash(&words), std::env::consts::EXE_SUFFIX)
}

/// FNV-1a of the words (Fowler, Noll, Vo): which programs are the same, from one version of Rust to the next.
fn hash(words: &[String]) -> u32 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folder is no link, and this looks at what is in it"
)]
fn is_program(copy: &Path) -> bool {
    copy.symlink_metadata().is_ok_and(|known| known.is_file() && known.len() > 0)
}

/// Copies a program. Whoever starts it while it is copied gets the whole one: it gets its name at the end.
#[expect(
    clippy::disallowed_methods,
    reason = "a program of cargo's, into a folder that is no link"
)]
fn keep(built: &Path, copy: &Path) -> Result<()> {
    let mut unfinished = PathBuf::from(copy);
    unfinished.set_extension(format!("{}.tmp", std::process::id()));
    let copied = fs::copy(built, &unfinished).and_then(|_| fs::rename(&unfinished, copy));
    copied.with_context(|| {
        format!(
            "failed to copy {} to {}\nhint: check the permissions of the study's folder, and whether its disk is full",
            clean(&built.display().to_string()),
            clean(&copy.display().to_string())
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        name_of(&cargo_run(&words).unwrap().unwrap())
    }

    #[test]
    fn what_is_built_by_other_words_has_another_name_and_other_arguments_make_no_difference() {
        let one = name("cargo run --release -p candle-mnist -- --lr {lr}");
        assert!(one.starts_with("candle-mnist-") && one.contains(ARCH), "{one}");
        assert_eq!(one, name("cargo run --release -p candle-mnist -- {args}"));
        assert_ne!(one, name("cargo run -p candle-mnist -- {args}"));
        assert!(name("cargo run -p ../x --bin a/b -- {args}").starts_with("ab-"));
        assert!(name("cargo run -- {args}").starts_with("program-"));
    }
}
