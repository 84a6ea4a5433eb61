//! Changes a head, whoever else changes it meanwhile.

use std::{io, thread, time::Duration};

use object_store::{PutMode, path::Path as Name};
use tracker_core::RunId;

use crate::{
    Error, Head, MOST_HEAD, Result, names::ProjectNames, objects::lies, requests::Requests,
};

/// How often to try again when others write the head at the same time.
const TRIES: u64 = 20;

/// What is to become of a head.
pub(crate) enum Change {
    /// It stays as it is.
    Not,
    /// It is replaced.
    To(Head),
}

/// Has `how` say what becomes of a head, which it may have to say several times, each time of the head that is there
/// then. The head as it is now.
pub(crate) fn change(
    requests: &Requests,
    name: &Name,
    mut how: impl FnMut(&Head) -> Result<Change>,
) -> Result<Head> {
    let mut before: Option<Option<String>> = None;
    for tried in 1..=TRIES {
        let got = requests.get_if_changed(name, None, MOST_HEAD as u64);
        let got = got.and_then(|got| got.ok_or_else(|| io::ErrorKind::NotFound.into()));
        let got = got.map_err(|error| requests.told("read", error))?;
        let e_tag = got.version.e_tag.clone();
        if e_tag.is_some() && before.as_ref() == Some(&e_tag) {
            return Err(lies(name.as_ref()));
        }
        let head = Head::read(name.as_ref(), &got.bytes)?;
        let new = match how(&head)? {
            Change::Not => return Ok(head),
            Change::To(new) => new,
        };
        let bytes = serde_json::to_vec(&new).map_err(|error| {
            Error::damaged(name.as_ref(), format!("it cannot be written: {error}"))
        })?;
        if requests.swap(name, bytes, Some(&got.version))?.is_done() {
            return Ok(new);
        }
        before = Some(e_tag);
        thread::sleep(Duration::from_millis(10 + 7 * tried));
    }
    Err(requests.crowded(name))
}

/// Says that the head of a run has changed that may be old, which lists would see a minute later. Who may not write it does
/// without.
pub(crate) fn tell_lists(requests: &Requests, project: &ProjectNames) {
    let one = RunId::generate().to_string().into_bytes();
    let _ = requests.put(&project.changed(), one, PutMode::Overwrite);
}
