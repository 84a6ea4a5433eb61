//! Cells of comma-separated values.

use tracker_core::text::is_unseen;

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
    fn text_is_quoted_where_it_must_be_and_shielded_where_a_spreadsheet_would_compute_it() {
        // The page saves tables by the same cases.
        let cases = include_str!("../../web/tests/csv_cases.json");
        for (text, wanted) in serde_json::from_str::<Vec<(String, String)>>(cases).unwrap() {
            assert_eq!(cell(&text), wanted, "{text:?}");
        }
    }
}
