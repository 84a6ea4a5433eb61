//! Where a run lies, for people: the folder of one that is here, the name in its place of one that is read from afar.

use std::{
    borrow::Cow,
    path::{Component, Path},
};

use tracker_core::read::{RunReader, mount};

/// Where the run lies.
pub(crate) fn where_from(run: &RunReader) -> Cow<'_, str> {
    let folder = run.path();
    let place = folder.ancestors().nth(2).and_then(mount::place_of);
    let mut names = folder.components().rev();
    match (place, names.next(), names.next()) {
        (Some(place), Some(Component::Normal(run)), Some(Component::Normal(project))) => {
            let [project, run] = [project, run].map(|name| Path::new(name).to_string_lossy());
            format!("{}/{project}/runs/{run}", place.trim_end_matches('/')).into()
        }
        _ => folder.to_string_lossy(),
    }
}
