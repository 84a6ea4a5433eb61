//! Names of saved views, each of which is a file's name too.

use std::{fmt, str::FromStr};

use crate::{
    Error,
    error::excerpt,
    value::file_name::{SIGNS, clash, unusable},
};

/// The name of a saved view. A file has it, on every system: it leads to no other folder, is no
/// device's, and differs from others in more than capitals.
///
/// ```
/// use tracker_core::read::ViewName;
///
/// assert_eq!("losses of seeds".parse::<ViewName>()?.as_str(), "losses of seeds");
/// assert!("../losses".parse::<ViewName>().is_err());
/// # Ok::<(), tracker_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewName(String);

impl ViewName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both would be one file where capitals make no difference.
    pub(crate) fn clashes_with(&self, other: &Self) -> bool {
        clash(&self.0, &other.0)
    }
}

impl fmt::Display for ViewName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ViewName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let Some(reason) = unusable(name) else { return Ok(Self(name.to_owned())) };
        Err(Error::InvalidName {
            what: "name of a view",
            name: excerpt(name),
            reason,
            hint: format!("a view is a file: use letters, digits and any of `{SIGNS}`"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_language_are_names() {
        for name in [
            "a",
            "losses, seeds 0-4",
            "Verlust für 学習",
            "v1.2 (final)",
            "console",
            "x".repeat(100).as_str(),
        ] {
            assert_eq!(name.parse::<ViewName>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn what_leads_elsewhere_or_is_no_file_on_some_system_is_refused() {
        let long = "x".repeat(101);
        for name in [
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "a\\b",
            "C:a",
            "a\0",
            "a\n",
            ".hidden",
            "a.",
            " a",
            "a ",
            "con",
            "NUL.json",
            "Com1",
            "lpt9.x",
            "aux .b",
            "a*",
            "a?",
            "<a>",
            "a|b",
            "\"a\"",
            "\u{202e}a",
            "u\u{308}",
            &long,
        ] {
            let error = name.parse::<ViewName>().unwrap_err();
            assert!(matches!(error, Error::InvalidName { .. }), "{name:?}: {error}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn capitals_make_no_other_name() {
        let name = |text: &str| text.parse::<ViewName>().unwrap();
        assert!(name("Losses").clashes_with(&name("losses")));
        assert!(name("Übersicht").clashes_with(&name("übersicht")));
        assert!(!name("losses").clashes_with(&name("losses 2")));
    }
}
