//! Groups as a table for a paper or a spreadsheet.

use clap::ValueEnum;
use tracker_core::{Definition, stats::Spread};

use crate::{
    terminal::{plot::arrow, text::clean},
    view::groups::{
        Group, Grouped,
        verdict::{Against, Ruling, Verdicts},
        words::{Scale, reach},
    },
};

/// The columns of metrics, unless `--metric` names others.
const MOST_METRICS: usize = 3;

/// What a table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A table of Markdown.
    Markdown,
    /// A table of LaTeX with the lines of booktabs.
    Latex,
    /// Comma-separated values with all numbers, a line a metric and group.
    Csv,
}

/// A table as text, cell by cell.
struct Table {
    title: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// What stands below.
    notes: Vec<String>,
}

struct Cell {
    text: String,
    is_best: bool,
}

impl Cell {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_best: false }
    }
}

impl Grouped<'_> {
    /// A line a group. CSV has a line a metric and group, and all that is known of it.
    pub(crate) fn table(&self, format: TableFormat) -> String {
        match format {
            TableFormat::Markdown => markdown(&self.cells()),
            TableFormat::Latex => latex(&self.cells()),
            TableFormat::Csv => self.spreadsheet(),
        }
    }

    fn cells(&self) -> Table {
        let verdicts = self.verdicts();
        let mut title = vec![clean(self.asked.by.name()), "n".to_owned()];
        let results = self.telling_metric().map(|metric| self.results(metric)).unwrap_or_default();
        let row = |(place, group): (usize, &Group<'_>)| {
            let n = results.get(place).map_or(group.members.len(), |results| results.samples.len());
            vec![Cell::plain(clean(&group.name)), Cell::plain(n.to_string())]
        };
        let mut rows: Vec<Vec<Cell>> = self.groups.iter().enumerate().map(row).collect();
        for metric in self.table_metrics() {
            let name = self.column_title(metric);
            let cells = self.metric_column(metric);
            title.push(name);
            rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
        }
        if let Some(verdicts) = &verdicts {
            title.push(format!("against {}", clean(&self.label(self.baseline))));
            title.push("p".to_owned());
            for (place, row) in rows.iter_mut().enumerate() {
                let against = verdicts.against.iter().find(|against| against.group == place);
                row.extend(self.verdict_cells(verdicts, against).map(Cell::plain));
            }
        }
        let rows = rows.into_iter().enumerate().filter(|(place, _)| self.is_compared(*place));
        let rows = rows.map(|(_, row)| row).collect();
        Table { title, rows, notes: self.below(verdicts.as_ref()) }
    }

    /// Those with a direction that tell most, or all that were named.
    fn table_metrics(&self) -> Vec<&str> {
        let all = self.metrics();
        if !self.asked.is_own_choice {
            return all.collect();
        }
        let has_direction = |metric: &&str| self.definition(metric).direction.is_some();
        let chosen: Vec<&str> = all.filter(has_direction).take(MOST_METRICS).collect();
        if chosen.is_empty() { self.telling_metric().into_iter().collect() } else { chosen }
    }

    fn metric_column(&self, metric: &str) -> Vec<Cell> {
        let definition = self.definition(metric);
        let cells =
            self.spreads_and_best(metric, &definition).into_iter().map(|(spread, is_best)| {
                let text = spread.map_or("–".to_owned(), |spread| mean_text(spread, &definition));
                Cell { text, is_best }
            });
        cells.collect()
    }

    /// A metric with an arrow to its better values, and the unit of the column.
    pub(crate) fn column_title(&self, metric: &str) -> String {
        let definition = self.definition(metric);
        let unit = Scale::of_values(&definition, 1.0).unit().to_owned();
        let unit = if unit.is_empty() { unit } else { format!(" ({})", clean(&unit)) };
        format!("{}{}{unit}", clean(metric), arrow(&definition))
    }

    fn verdict_cells(&self, verdicts: &Verdicts<'_>, against: Option<&Against>) -> [String; 2] {
        let Some(against) = against else { return [String::new(), String::new()] };
        let Some(shown) = self.shown_difference(verdicts, against) else {
            let why = match against.ruling {
                Ruling::TooFew(n) => format!("not enough: {n}"),
                _ => "no spread".to_owned(),
            };
            return [why, String::new()];
        };
        let p = against.p.map(|p| if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") });
        [shown, p.unwrap_or_default()]
    }

    fn below(&self, verdicts: Option<&Verdicts<'_>>) -> Vec<String> {
        let mut notes = vec!["Mean ± reach of the 95 % interval (Student's t).".to_owned()];
        if let Some(verdicts) = verdicts {
            let metric = clean(verdicts.metric);
            for against in &verdicts.against {
                notes.push(format!("By {metric}: {}.", clean(&self.sentence(verdicts, against))));
            }
            if verdicts.decided > 1 {
                notes.push(format!(
                    "p after Holm for {} comparisons, their intervals of {:.1} %.",
                    verdicts.decided,
                    verdicts.level * 100.0
                ));
            }
        }
        let metric = self.telling_metric();
        let said = metric.map(|metric| self.notes(metric)).unwrap_or_default();
        notes.extend(said.iter().map(|note| format!("{}.", clean(note))));
        notes
    }
}

/// `91.50 ± 0.59`, in the unit of the column's title.
pub(crate) fn mean_text(spread: Spread, definition: &Definition) -> String {
    let reach_of_mean = reach(spread.mean, spread.interval);
    // Results that are all the same have an interval of no width, from which no digits follow.
    let digits = if reach_of_mean > 0.0 { reach_of_mean } else { reach(spread.mean, None) };
    let scale = Scale::of_values(definition, digits);
    let interval = spread.interval.map(|_| format!(" ± {}", scale.number(reach_of_mean)));
    format!("{}{}", scale.number(spread.mean), interval.unwrap_or_default())
}

fn markdown(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(table.title.iter().map(|title| markdown_text(title)).collect());
    let aligns = table.title.iter().enumerate();
    text += &line(aligns.map(|(at, _)| if at == 0 { ":--" } else { "--:" }.to_owned()).collect());
    for row in &table.rows {
        let cell = |cell: &Cell| {
            let text = markdown_text(&cell.text);
            if cell.is_best { format!("**{text}**") } else { text }
        };
        text += &line(row.iter().map(cell).collect());
    }
    let notes: Vec<String> = table.notes.iter().map(|note| markdown_text(note)).collect();
    format!("{text}\n{}\n", notes.join("\n"))
}

/// A text that Markdown shows as it is.
fn markdown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '#' | '&' | '~' | '$')
        {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

fn latex(table: &Table) -> String {
    let columns = "r".repeat(table.title.len().saturating_sub(1));
    let line = |cells: Vec<String>| format!("{} \\\\\n", cells.join(" & "));
    let mut text =
        format!("% needs \\usepackage{{booktabs}}\n\\begin{{tabular}}{{l{columns}}}\n\\toprule\n");
    text += &line(table.title.iter().map(|title| latex_text(title)).collect());
    text += "\\midrule\n";
    for row in &table.rows {
        let cell = |cell: &Cell| {
            let text = latex_text(&cell.text);
            if cell.is_best { format!("\\textbf{{{text}}}") } else { text }
        };
        text += &line(row.iter().map(cell).collect());
    }
    text += "\\bottomrule\n\\end{tabular}\n";
    let notes: Vec<String> = table.notes.iter().map(|note| format!("% {note}\n")).collect();
    text + &notes.concat()
}

/// A text that LaTeX shows as it is.
fn latex_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => shown += "\\textbackslash{}",
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => shown.extend(['\\', c]),
            '^' => shown += "\\textasciicircum{}",
            '~' => shown += "\\textasciitilde{}",
            '<' => shown += "$<$",
            '>' => shown += "$>$",
            '±' => shown += "$\\pm$",
            '−' => shown += "$-$",
            '–' => shown += "--",
            '↑' => shown += "$\\uparrow$",
            '↓' => shown += "$\\downarrow$",
            '→' => shown += "$\\rightarrow$",
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use tracker_core::stats::spread;

    use super::*;

    #[test]
    fn a_mean_of_results_that_are_all_the_same_is_a_plain_number() {
        let told = |values: &[f64]| mean_text(spread(values).unwrap(), &Definition::new());
        assert_eq!(told(&[1.0, 1.0, 1.0]), "1.000 ± 0.000");
        assert_eq!(told(&[1.0]), "1.000");
    }

    #[test]
    fn texts_mean_nothing_to_latex_and_markdown() {
        assert_eq!(
            latex_text("50 % of a_b \\x{1}^2 ↑"),
            "50 \\% of a\\_b \\textbackslash{}x\\{1\\}\\textasciicircum{}2 $\\uparrow$"
        );
        assert_eq!(markdown_text("a|b_c *d* <i>"), "a\\|b\\_c \\*d\\* \\<i\\>");
    }
}
