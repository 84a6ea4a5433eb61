//! What a report opens with: a saved view, or what an address of the page shows.

use anyhow::{Result, anyhow, bail};
use tracker_core::read::{RunReader, Store};

use crate::answers::page::report::OpensWith;

/// What `--view` means: the name of a saved view, which has no slash, or an address.
pub(crate) fn opening(store: &Store, runs: &[RunReader], view: &str) -> Result<OpensWith> {
    if view.contains('/') {
        return of_address(view).map_err(|reason| {
            anyhow!(
                "{reason}\nhint: copy it from the browser while `tracker ui` shows the view, and put it in quotes"
            )
        });
    }
    let Some(project) = runs.first().map(|run| run.info().project.clone()) else {
        bail!("a view needs a run\nhint: name the runs to show");
    };
    if let Some(other) = runs.iter().find(|run| run.info().project != project) {
        bail!(
            "the runs are of {project} and {}, and a view is of one project\n\
             hint: name runs of one project, or an address of the page in place of the view",
            other.info().project
        );
    }
    let shown = store.project(&project).view(&view.parse()?)?.shown;
    Ok(OpensWith::View { project, shown })
}

/// The page's own part of an address, whatever server and base path stand before it.
pub(crate) fn of_address(address: &str) -> Result<OpensWith, String> {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    let is_place =
        |at: usize| ["/p/", "/r/", "/c?"].iter().any(|start| path[at..].starts_with(start));
    let before_query = path.find('?').unwrap_or(path.len());
    let start =
        path.match_indices('/').map(|(at, _)| at).find(|&at| at <= before_query && is_place(at));
    match start {
        Some(start) => Ok(OpensWith::Address { address: path[start..].to_owned() }),
        None => Err("this is no address of the page's projects, runs or comparisons".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_stands_behind_server_and_base_path() {
        for (address, wanted) in [
            ("http://127.0.0.1:7788/p/mnist?q=a/p/b", "/p/mnist?q=a/p/b"),
            ("https://lab.test/tracker/r/01K?tab=charts", "/r/01K?tab=charts"),
            ("/c?run=a&run=b", "/c?run=a&run=b"),
            ("/p/mnist", "/p/mnist"),
        ] {
            let found = of_address(address).map(|opens| serde_json::json!(opens));
            assert_eq!(found, Ok(serde_json::json!({ "address": wanted })));
        }
        for address in ["/", "http://127.0.0.1/", "/api/v1/store", "/x?a=/p/b", "//"] {
            assert!(of_address(address).is_err(), "{address}");
        }
    }
}
