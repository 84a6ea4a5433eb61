//! Names and domains in words.

use crate::Domain;

/// The beginning of a text that may be long or hold control characters, safe to print.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Which values a parameter may have.
pub(crate) fn domain(domain: &Domain) -> String {
    match domain {
        Domain::Float { low, high, .. } => format!("it is a number from {low} to {high}"),
        Domain::Int { low, high, .. } => format!("it is a whole number from {low} to {high}"),
        Domain::Choice { choices, .. } => {
            let shown: Vec<String> =
                choices.iter().take(10).map(|choice| excerpt(&choice.to_string())).collect();
            let more = if choices.len() > shown.len() { ", …" } else { "" };
            format!("it is one of {}{more}", shown.join(", "))
        }
    }
}

/// The known name that is most like one that is not known, if any is like it.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name: Vec<char> = name.to_lowercase().chars().take(64).collect();
    let near =
        known.iter().map(|known| (distance(&name, known), *known)).min_by_key(|near| near.0)?;
    (near.0 <= 1 + near.1.len() / 3).then_some(near.1)
}

/// How many letters are to be added, taken away, or replaced (Levenshtein, 1966).
fn distance(one: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=one.len()).collect();
    for (place, letter) in other.chars().enumerate() {
        let mut diagonal = place;
        if let Some(first) = row.first_mut() {
            *first = place + 1;
        }
        for (at, known) in one.iter().enumerate() {
            let replaced = diagonal + usize::from(*known != letter);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_typo_is_near_to_the_one_that_was_meant() {
        let known = ["metric", "method", "parameters", "run_cap"];
        for (typed, meant) in [
            ("metrik", "metric"),
            ("paramters", "parameters"),
            ("runcap", "run_cap"),
            ("Method", "method"),
        ] {
            assert_eq!(nearest(typed, &known), Some(meant));
        }
        assert_eq!(nearest("entity", &known), None);
        assert_eq!(nearest("", &[]), None);
    }
}
