//! What of a run came over to another tool, and what did not.

use std::fmt::Write;

use tracker_core::{read::RunReader, text::plural};
use tracker_export::{Destination, Tally};

use crate::terminal::text::{bold, clean, more};

/// How many reasons and names are told.
const MOST: usize = 8;

/// Some lines for people.
pub(crate) fn text(run: &RunReader, destination: &Destination, tally: &Tally) -> String {
    let kept: Vec<String> = tally.kept.iter().map(|(what, count)| counted(*count, what)).collect();
    let kept = if kept.is_empty() { "nothing".to_owned() } else { kept.join(", ") };
    let mut text = format!(
        "wrote {} to {} in {}: {}\n",
        bold(&clean(&run.info().name)),
        destination.neighbour.title(),
        clean(&destination.place),
        clean(&kept)
    );
    for left_out in tally.left_out.iter().take(MOST) {
        let what = counted(left_out.count, &left_out.what);
        let _ = writeln!(text, "  left out: {}: {}", clean(&what), clean(&left_out.why));
    }
    if let Some(more) = more(tally.left_out.len(), MOST, "--json names all reasons") {
        let _ = writeln!(text, "  {more}");
    }
    for (from, to) in tally.renamed.iter().take(MOST) {
        let _ = writeln!(text, "  named otherwise: {} is {}", clean(from), clean(to));
    }
    if let Some(more) = more(tally.renamed.len(), MOST, "--json has all names") {
        let _ = writeln!(text, "  {more}");
    }
    text
}

/// What to type next.
pub(crate) fn next_step(destination: &Destination) -> String {
    format!("next: `{}`", destination.next_step())
}

pub(crate) fn runs(count: usize) -> String {
    plural(count as u64, "run")
}

/// `1 point`, `2 points`, from the plural.
fn counted(count: u64, what: &str) -> String {
    match what.strip_suffix('s') {
        Some(one) if count == 1 && !what.contains(' ') => format!("1 {one}"),
        _ => format!("{count} {what}"),
    }
}
