//! What was changed in the code of runs since their commits, as JSON.

use tracker_core::read::{Code, Patch, PatchKept, RunReader};

use crate::{
    answers::page::code::{Code as ComparedCode, RunCode, RunPatch},
    ui::failure::Answer,
};

/// The most bytes of patches that a comparison sends: of each run, its equal share.
const MOST_COMPARED: usize = 4 << 20;

/// What the run's own page says of its code, but for the patch.
pub(crate) fn of_run(code: Code) -> RunCode {
    let Code { commit, files, files_cut, patch_kept, .. } = code;
    RunCode { commit, files, files_cut, patch_kept }
}

/// What `/runs/ID/patch` answers.
pub(crate) fn patch(run: &RunReader) -> Answer<RunPatch> {
    let kept = run.code()?.map(|code| code.patch_kept);
    let diff = run.patch()?.map(|patch| patch.to_text());
    Ok(RunPatch { diff, diff_cut: kept == Some(PatchKept::Cut) })
}

/// The code of each run. What cannot be read costs itself and a warning.
pub(crate) fn of_comparison(runs: &[RunReader], warnings: &mut Vec<String>) -> Vec<ComparedCode> {
    let share = MOST_COMPARED / runs.len().max(1);
    runs.iter().map(|run| compared(run, share, warnings)).collect()
}

fn compared(run: &RunReader, share: usize, warnings: &mut Vec<String>) -> ComparedCode {
    let read = run.code().and_then(|code| Ok((code, run.patch()?)));
    let (code, patch) = read.unwrap_or_else(|error| {
        warnings.push(error.to_string());
        (None, None)
    });
    let provenance = &run.info().provenance;
    let asked = code.as_ref().and_then(|code| code.commit.clone());
    let kept = code.as_ref().map(|code| code.patch_kept);
    let (diff, is_cut) = patch.map_or((None, false), |patch| {
        let (text, is_cut) = beginning(&patch, share);
        (Some(text), is_cut)
    });
    ComparedCode {
        commit: asked.or_else(|| provenance.git_commit.clone()),
        branch: provenance.git_branch.clone(),
        dirty: code.as_ref().map(|code| code.dirty).or(provenance.git_dirty),
        files_cut: code.as_ref().is_some_and(|code| code.files_cut),
        files: code.map(|code| code.files),
        diff,
        diff_cut: is_cut || kept == Some(PatchKept::Cut),
    }
}

/// The first bytes of a patch, up to the end of a line, and whether that is not all.
fn beginning(patch: &Patch, most: usize) -> (String, bool) {
    let bytes = patch.as_bytes();
    let Some(first) = bytes.get(..most).filter(|first| first.len() < bytes.len()) else {
        return (patch.to_text(), false);
    };
    let end = first.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    (Patch::legible(first.get(..end).unwrap_or_default()), true)
}
