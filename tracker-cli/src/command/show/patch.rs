//! `tracker show --patch`: the changes of a run's code since its commit, and nothing else.

use std::io::Write;

use anyhow::{Result, bail};
use tracker_core::{
    read::{Code, FileStatus, PatchKept, RunReader},
    text::plural,
};

use crate::{
    terminal::{
        printer,
        text::{code_line, paint_line},
    },
    view::patch::{self, FilePatch},
};

/// Prints the patch: to a terminal for people, elsewhere byte for byte, for `git apply`.
pub(crate) fn print(run: &RunReader) -> Result<()> {
    let name = &run.info().name;
    let Some(code) = run.code()? else {
        bail!(
            "nobody knows whether {name} had changes beside its commit\nhint: they are recorded \
             when a run starts in a git repository, unless it or TRACKER_CODE_CHANGES says no"
        );
    };
    let patch = match run.patch()? {
        Some(patch) => patch,
        None if code.patch_kept == PatchKept::None => {
            tell_untracked(&code);
            printer::note(&format!("no file that git tracks was changed in {name}"));
            return Ok(());
        }
        None => bail!(
            "git did not give the patch of {name}\nhint: `tracker show {name}` names the files"
        ),
    };
    let (text, binary) = patch::without_binary(patch.as_bytes());
    if printer::is_terminal() {
        let files = patch::files(patch.as_bytes());
        printer::text(&files.iter().flat_map(shown).collect::<String>())?;
    } else {
        let mut out = printer::data();
        out.write_all(&text)?;
        out.flush()?;
    }
    if code.patch_kept == PatchKept::Cut {
        printer::warning(&"the patch is cut: only its first MiB was recorded");
    }
    if binary > 0 {
        let files = plural(binary, "changed file");
        printer::warning(&format!("{files} with other contents than text cannot be restored"));
    }
    tell_untracked(&code);
    Ok(())
}

fn tell_untracked(code: &Code) {
    let untracked = code.files.iter().filter(|file| file.status == FileStatus::Untracked);
    let paths: Vec<&str> = untracked.map(|file| file.path.as_str()).collect();
    if !paths.is_empty() {
        printer::warning(&format!(
            "what git did not track is not in the patch: {}",
            paths.join(", ")
        ));
    }
}

fn shown(file: &FilePatch) -> Vec<String> {
    let mut lines = vec![format!("{}\n", crate::terminal::text::bold(&code_line(&file.path)))];
    lines.extend(file.head.iter().map(|line| format!("{}\n", code_line(line))));
    for hunk in &file.hunks {
        lines.push(format!("{}\n", paint_line(&hunk.place)));
        lines.extend(hunk.lines.iter().map(|line| format!("{}\n", paint_line(line))));
    }
    lines
}
