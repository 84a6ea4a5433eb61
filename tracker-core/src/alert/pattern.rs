//! Names with stars in them.

/// Whether `name` is what `pattern` means, where `*` stands for any text, slashes included.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let middle: Vec<&str> = parts.collect();
    let Some((last, middle)) = middle.split_last() else { return rest.is_empty() };
    let mut rest = rest;
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_everything_else_for_itself() {
        for (pattern, name, is_match) in [
            ("train/loss", "train/loss", true),
            ("train/loss", "train/loss2", false),
            ("*loss", "loss", true),
            ("*loss", "batch/train/loss", true),
            ("*loss", "loss/total", false),
            ("*", "", true),
            ("a*b*c", "a/b/b/c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("*é*", "caffè é", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, name), is_match, "{pattern} {name}");
        }
    }
}
