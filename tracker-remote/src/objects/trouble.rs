//! What can be the matter with a place, and what to do about it.

use std::error::Error as _;

use object_store::Error as StoreError;

use crate::{Error, Place};

/// What kind of thing keeps a place from taking what is sent. One of a kind is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Trouble {
    /// The credentials are missing, wrong or no longer valid.
    Credentials,
    /// This machine's clock, or the place's, is minutes away from what it should say.
    Clock,
    /// The credentials are good and do not allow it.
    Denied,
    /// There is no such bucket.
    NoBucket,
    /// The place asks to be asked less often.
    Throttled,
    /// The place is full, or the account's share of it is used up.
    Full,
    /// The place does not answer, or answers something else.
    Away,
    /// This folder is not the one whose run lies there. Trying again does not help.
    Elsewhere,
    /// Something on this machine, or in what lies there.
    Other,
}

impl Trouble {
    /// What kind of trouble an error is.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Away { source, .. } => of_store(source),
            Error::Elsewhere { .. } => Self::Elsewhere,
            _ => Self::Other,
        }
    }

    /// Whether it may go by itself, or be mended, so that trying again helps.
    pub(crate) fn is_tried_again(self) -> bool {
        !matches!(self, Self::Elsewhere | Self::Other)
    }

    /// Whether only a person can end it.
    pub(crate) fn needs_a_person(self) -> bool {
        matches!(self, Self::Credentials | Self::Clock | Self::Denied | Self::NoBucket)
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Credentials => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) anew, then \
                 run `tracker sync`; nothing is lost, the run's folder has all"
            }
            Self::Clock => {
                "set this machine's clock, as `timedatectl set-ntp true` does; nothing is lost, the \
                 run's folder has all"
            }
            Self::Denied => {
                "allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket for these \
                 credentials; nothing is lost, the run's folder has all"
            }
            Self::NoBucket => {
                "make the bucket or folder, or correct TRACKER_SYNC or --to; nothing is lost"
            }
            Self::Throttled => {
                "it is tried again more slowly; `--limit 1MB/s` sends less at a time"
            }
            Self::Full => {
                "make room there or raise its quota; nothing is lost, and it is tried again"
            }
            _ => "check the network, and AWS_ENDPOINT_URL and AWS_REGION; it is tried again",
        }
    }

    fn hint_of_a_folder(self) -> &'static str {
        match self {
            Self::Full => self.hint(),
            Self::NoBucket => {
                "make the folder, or mount its disk; nothing is lost, and it is tried again"
            }
            _ => {
                "let this user read and write there, or name another folder; nothing is lost, the run's folder has all"
            }
        }
    }
}

fn of_store(error: &StoreError) -> Trouble {
    let text = all_of(error);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // What a place calls it says more than the number of its answer, which is often 403.
    if has(&["RequestTimeTooSkewed", "RequestExpired", "not yet valid"]) {
        Trouble::Clock
    } else if has(FULL) {
        Trouble::Full
    } else if matches!(error, StoreError::Unauthenticated { .. }) || has(CREDENTIALS) {
        Trouble::Credentials
    } else if matches!(error, StoreError::PermissionDenied { .. })
        || has(&["AccessDenied", "status code: 403", "Permission denied", "Read-only file system"])
    {
        Trouble::Denied
    } else if has(&["NoSuchBucket"]) || matches!(error, StoreError::NotFound { .. }) {
        Trouble::NoBucket
    } else if has(&["SlowDown", "status code: 503", "status code: 429", "TooManyRequests"]) {
        Trouble::Throttled
    } else {
        Trouble::Away
    }
}

const FULL: &[&str] = &[
    "status code: 507",
    "InsufficientStorage",
    "QuotaExceeded",
    "XMinioStorageFull",
    "No space left",
];

const CREDENTIALS: &[&str] = &[
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "TokenRefreshRequired",
    "status code: 401",
    "Missing AccessKeyId",
    "169.254.169.254",
];

/// What an error and all that it comes from say.
fn all_of(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// The error of an operation at a place, with the way out.
pub(crate) fn away(action: &'static str, place: &Place, source: StoreError) -> Error {
    let trouble = of_store(&source);
    let hint = if place.is_folder() { trouble.hint_of_a_folder() } else { trouble.hint() };
    let hint = hint.to_owned();
    Error::Away { action, place: place.to_string(), hint, source: Box::new(source) }
}

/// Of a place that says that nothing has changed and that something has.
pub(crate) fn lies(object: &str) -> Error {
    Error::Damaged {
        object: object.to_owned(),
        reason: "its place tells one ETag and asks for another one".into(),
        hint: "use a place that keeps to If-Match, as S3 does; a cache or proxy before it may be \
               what changes ETags"
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> StoreError {
        StoreError::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn each_kind_of_trouble_is_told_by_what_a_place_says() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Place::parse(scratch.path().to_str().unwrap()).unwrap();
        for (text, expected) in [
            ("status code: 403: <Code>InvalidAccessKeyId</Code>", Trouble::Credentials),
            ("status code: 400: <Code>ExpiredToken</Code>", Trouble::Credentials),
            ("status code: 403: <Code>RequestTimeTooSkewed</Code>", Trouble::Clock),
            ("status code: 403: <Code>QuotaExceeded</Code>", Trouble::Full),
            ("status code: 403: <Code>AccessDenied</Code>", Trouble::Denied),
            ("status code: 404: <Code>NoSuchBucket</Code>", Trouble::NoBucket),
            ("status code: 503 Service Unavailable: SlowDown", Trouble::Throttled),
            ("status code: 507 Insufficient Storage", Trouble::Full),
            ("connection refused", Trouble::Away),
        ] {
            assert_eq!(of_store(&generic(text)), expected, "{text}");
            let told = away("list", &Place::memory(), generic(text)).to_string();
            assert!(told.contains("hint: ") && told.contains(text), "{told}");
            let of_a_folder = away("list", &folder, generic(text)).to_string();
            assert!(!of_a_folder.contains("AWS") && !of_a_folder.contains("s3:"), "{of_a_folder}");
        }
    }
}
