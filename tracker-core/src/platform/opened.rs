//! Which files a thread opens, for tests that count them.

use std::{
    cell::RefCell,
    ffi::{OsStr, OsString},
};

thread_local! {
    static OPENED: RefCell<Option<Vec<OsString>>> = const { RefCell::new(None) };
}

/// A file of this name is opened.
pub(crate) fn note(name: &OsStr) {
    OPENED.with_borrow_mut(|opened| {
        if let Some(names) = opened {
            names.push(name.to_owned());
        }
    });
}

/// Does some work, and gives the names of the files that it opened, each as often as it did.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, Vec<OsString>) {
    OPENED.set(Some(Vec::new()));
    let result = work();
    (result, OPENED.take().unwrap_or_default())
}
