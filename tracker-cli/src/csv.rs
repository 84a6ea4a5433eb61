//! Cells of comma-separated values.

use tracker_core::is_unseen;

/// What a spreadsheet takes for the beginning of a formula, in the width of any script.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A text as a cell (RFC 4180) that no spreadsheet takes for a formula: an apostrophe stands before
/// what could begin one. Every text of a table goes through here, those of its first line too.
pub(crate) fn cell(text: &str) -> String {
    let first_seen = text.chars().find(|c| !c.is_whitespace() && !is_unseen(*c));
    let is_formula = first_seen.is_some_and(|c| FORMULA.contains(&c));
    let mark = if is_formula || text.starts_with(['\t', '\r', '\n']) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{mark}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(cell("train/loss"), "train/loss");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
    }

    #[test]
    fn what_could_be_a_formula_is_shielded() {
        for (text, wanted) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            (" =1", "' =1"),
            ("\u{feff}\u{200b}=1", "'\u{feff}\u{200b}=1"),
            ("\t=1", "'\t=1"),
            ("\nx", "\"'\nx\""),
            ("=A1,\"x\"", "\"'=A1,\"\"x\"\"\""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), wanted);
        }
    }
}
