//! Groups for people: the table of all metrics, and at the end the verdict.

use tracker_core::{Definition, stats::Spread, text::shown_value};

use crate::{
    terminal::{
        plot::arrow,
        table::{Align, Grid, MISSING, NO_BREAK},
        text::clean,
    },
    view::groups::{Grouped, Scale, reach},
};

impl Grouped<'_> {
    pub(crate) fn to_text(&self, width: u16) -> String {
        self.means(width) + &self.verdict(width)
    }

    /// A column a group and a row a metric, the best mean marked.
    fn means(&self, width: u16) -> String {
        let mut grid = Grid::new([Align::Left, Align::Right], width);
        let names = self.groups().iter().map(|group| clean(&group.name));
        grid.header(std::iter::once(String::new()).chain(names));
        for metric in self.metrics() {
            let definition = self.definition(metric);
            let cells =
                self.spreads_and_best(metric, &definition).into_iter().map(|(spread, is_best)| {
                    let text =
                        spread.map_or(MISSING.to_owned(), |spread| told(spread, &definition));
                    if is_best {
                        format!("{text}{NO_BREAK}*")
                    } else {
                        format!("{text}{NO_BREAK}{NO_BREAK}")
                    }
                });
            let which = self.which(&definition);
            let name = format!("{}{} ({which})", clean(metric), arrow(&definition));
            grid.row(std::iter::once(name).chain(cells));
        }
        grid.section(&format!("Groups by {} (mean ± standard deviation)", clean(self.by().name())))
    }

    /// By the metric that tells most: means with their intervals, a sentence a group, and what has to be said.
    fn verdict(&self, width: u16) -> String {
        let Some(metric) = self.telling_metric() else { return String::new() };
        let definition = self.definition(metric);
        let which = self.which(&definition);
        let title = format!("Verdict by {}{} ({which})", clean(metric), arrow(&definition));
        let table = self.intervals(metric, &definition, width).section(&title);
        let said = self.said(metric);
        if said.is_empty() {
            return table;
        }
        let mut grid = Grid::new([Align::Left], width.saturating_sub(2));
        for line in said {
            grid.row([line]);
        }
        let lines: Vec<String> =
            grid.lines().into_iter().map(|line| format!("  {line}\n")).collect();
        format!("{table}\n{}", lines.concat())
    }

    /// The sentences, each with its details, and the notes.
    fn said(&self, metric: &str) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(verdicts) = self.verdicts() {
            for against in &verdicts.against {
                said.push(clean(&self.sentence(&verdicts, against)));
                let details = clean(&self.details(&verdicts, against));
                said.extend(
                    (!details.is_empty()).then(|| format!("{NO_BREAK}{NO_BREAK}{details}")),
                );
            }
        }
        said.extend(self.notes(metric).iter().map(|note| clean(note)));
        if self.of() < 2 {
            said.push("`--group=PATH` makes groups by a setting".to_owned());
        }
        said
    }

    fn intervals(&self, metric: &str, definition: &Definition, width: u16) -> Grid {
        let mut grid = Grid::new([Align::Left, Align::Right, Align::Left], width);
        grid.header(["", "n", "mean, 95 % interval", "interquartile mean"]);
        let middle = self.interquartile_means(metric).into_iter();
        for ((place, results), middle) in self.results(metric).iter().enumerate().zip(middle) {
            let spread = results.spread();
            let shown = |value: f64, interval| {
                Scale::of_values(definition, reach(value, interval)).with_interval(value, interval)
            };
            let mean = spread.map(|spread| shown(spread.mean, spread.interval));
            let middle = middle.map(|(middle, interval)| shown(middle, interval));
            grid.row([
                clean(&self.label(place)),
                results.samples.len().to_string(),
                mean.map_or(MISSING.to_owned(), |text| clean(&text)),
                middle.map_or(MISSING.to_owned(), |text| clean(&text)),
            ]);
        }
        grid
    }
}

fn told(spread: Spread, definition: &Definition) -> String {
    let mean = shown_value(spread.mean, definition);
    let std = spread.std.map(|value| format!(" ± {}", shown_value(value, definition)));
    let count = format!("(n = {})", spread.n).replace(' ', &NO_BREAK.to_string());
    clean(&format!("{mean}{} {count}", std.unwrap_or_default()))
}
