//! What a place says of itself: that it is one, and in which format.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tracker_core::RunId;

use crate::{Error, Place, Result, names::STORE};

/// The format in which this program puts runs into a place.
const KNOWN: u32 = 1;

/// The most bytes of the object.
pub(crate) const MOST: u64 = 64 << 10;

#[derive(Debug, Serialize, Deserialize)]
struct Store {
    format: u32,
    store: String,
}

/// What a place gets that is none yet.
pub(crate) fn new() -> Bytes {
    let store = RunId::generate().to_string();
    serde_json::json!(Store { format: KNOWN, store }).to_string().into()
}

/// Whether this program may read and write a place that says this.
///
/// # Errors
/// If a newer tracker made it, or something else.
pub(crate) fn check(place: &Place, said: &[u8]) -> Result<()> {
    let refused = |reason: String, hint: &str| Error::NoPlace {
        place: place.to_string(),
        reason,
        hint: hint.to_owned(),
    };
    match serde_json::from_slice::<Store>(said) {
        Ok(store) if store.format <= KNOWN => Ok(()),
        Ok(store) => Err(refused(
            format!("it has format {}, and this program knows {KNOWN}", store.format),
            "a newer tracker made it; update this program",
        )),
        Err(error) => Err(refused(
            format!("{STORE} there is not tracker's: {error}"),
            "name another folder or prefix; if nothing but tracker writes there, remove that object, and the next sender \
             makes it anew",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_a_newer_tracker_and_one_of_somebody_else_are_told_apart() {
        let place = Place::memory();
        check(&place, &new()).unwrap();
        let told = |said: &str| check(&place, said.as_bytes()).unwrap_err().to_string();
        let newer = told(r#"{"format":2,"store":"01JZXW5M4B6Q8T2V9Y3C7D0E1F","more":[]}"#);
        assert!(newer.contains("format 2") && newer.contains("update this program"), "{newer}");
        for other in ["", "{}", "[1]", r#"{"name":"a tracker of parcels"}"#] {
            assert!(told(other).contains("is not tracker's"), "{other}");
        }
    }
}
