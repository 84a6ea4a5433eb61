//! The path under which a proxy shows the server, where that is not its root.

use std::str::FromStr;

use axum::http::Uri;

/// Nothing, or a path such as `/tracker` without a slash at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl FromStr for BasePath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = text.trim_end_matches('/');
        let is_plain = |part: &str| {
            let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            !matches!(part, "" | "." | "..") && part.bytes().all(is_known)
        };
        match path.strip_prefix('/') {
            None if text == "/" => Ok(Self::default()),
            Some(rest) if rest.split('/').all(is_plain) => Ok(Self(path.to_owned())),
            _ => {
                Err("a path begins with / and has letters, digits and -._~ alone, such as /tracker")
            }
        }
    }
}

impl BasePath {
    /// The path as it stands before every address of the page: empty, or without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same target without the path. A proxy may have taken it away already, so that what does
    /// not begin with it stays as it is.
    pub(crate) fn strip(&self, uri: &Uri) -> Option<Uri> {
        let target = uri.path_and_query()?.as_str();
        let rest = target.strip_prefix(self.0.as_str()).filter(|_| !self.0.is_empty())?;
        match rest.bytes().next() {
            Some(b'/') => rest.parse().ok(),
            None | Some(b'?') => format!("/{rest}").parse().ok(),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_are_base_paths() {
        for (text, wanted) in [("/", ""), ("/a", "/a"), ("/a/", "/a"), ("/a/b-1._~", "/a/b-1._~")] {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), wanted);
        }
        for wrong in
            ["", "a", "//", "//a", "/a//b", "/..", "/a/../b", "/a b", "/<b>", "/a?b", "/%2f"]
        {
            assert!(wrong.parse::<BasePath>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_target_loses_the_path_whether_or_not_a_proxy_took_it() {
        let base: BasePath = "/a/b".parse().unwrap();
        let stripped = |target: &str| {
            let uri = target.parse().unwrap();
            base.strip(&uri).unwrap_or(uri).to_string()
        };
        for (target, wanted) in [
            ("/a/b", "/"),
            ("/a/b/", "/"),
            ("/a/b?x=1", "/?x=1"),
            ("/a/b/api/v1/runs?project=x", "/api/v1/runs?project=x"),
            ("/a/bc", "/a/bc"),
            ("/api/v1/runs", "/api/v1/runs"),
            ("/", "/"),
        ] {
            assert_eq!(stripped(target), wanted, "{target}");
        }
        let none = BasePath::default();
        assert_eq!(none.strip(&"/a".parse().unwrap()), None);
    }
}
