//! Runs of one group, most often seeds of one experiment: the mean of their results, and its spread.

use std::collections::BTreeMap;

use tracker_core::{Definition, Direction, read::settings_by_path, text::shown_value};

use crate::{
    command::compare::{Compared, Side, best_of},
    terminal::{
        plot::arrow,
        table::{Align, Grid, MISSING},
        text::clean,
    },
    view::{config_diff::shown, metric_order},
};

/// The results of a group by one metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    /// The standard deviation of a sample, over n - 1; `None` of a single run.
    pub(crate) deviation: Option<f64>,
    pub(crate) runs: usize,
}

impl Spread {
    /// Of finite values; `None` of none.
    fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        (!values.is_empty()).then_some(Self { mean, deviation, runs: values.len() })
    }

    fn text(self, definition: &Definition) -> String {
        let mean = shown_value(self.mean, definition);
        let spread = self.deviation.map(|value| format!(" ± {}", shown_value(value, definition)));
        clean(&format!("{mean}{} (n = {})", spread.unwrap_or_default(), self.runs))
    }
}

impl Compared {
    /// A column a group and a row a metric, the best mean marked.
    pub(crate) fn groups_text(&self, by: &str, width: u16) -> String {
        let groups = self.groups(by);
        let mut grid = Grid::new([Align::Left, Align::Right], width);
        grid.header(std::iter::once(String::new()).chain(groups.keys().map(|name| clean(name))));
        for metric in &self.metrics {
            let definition = self.definition(metric);
            let spreads = spreads(&groups, metric, definition.direction);
            let means: Vec<Option<f64>> =
                spreads.iter().map(|spread| spread.map(|spread| spread.mean)).collect();
            let best = best_of(&means, definition.direction);
            let cells = spreads.iter().zip(best).map(|(spread, is_best)| {
                let text = spread.map_or(MISSING.to_owned(), |spread| spread.text(&definition));
                if is_best { format!("{text} *") } else { format!("{text}\u{a0}\u{a0}") }
            });
            let which = metric_order::which(definition.direction);
            let name = format!("{}{} ({which})", clean(metric), arrow(&definition));
            grid.row(std::iter::once(name).chain(cells));
        }
        grid.section(&format!("Groups by {} (mean ± standard deviation)", clean(by)))
    }

    pub(crate) fn groups(&self, by: &str) -> BTreeMap<String, Vec<&Side>> {
        let mut groups: BTreeMap<String, Vec<&Side>> = BTreeMap::new();
        for side in &self.sides {
            groups.entry(group_of(side, by)).or_default().push(side);
        }
        groups
    }
}

/// Of the best values where the metric has a direction, else of the last; finite ones alone.
pub(crate) fn spreads(
    groups: &BTreeMap<String, Vec<&Side>>,
    metric: &str,
    direction: Option<Direction>,
) -> Vec<Option<Spread>> {
    let value = |side: &&Side| {
        let summary = side.summaries.get(metric)?;
        Some(summary.telling(direction)).filter(|value| value.is_finite())
    };
    let of_group =
        |sides: &Vec<&Side>| Spread::of(&sides.iter().filter_map(value).collect::<Vec<f64>>());
    groups.values().map(of_group).collect()
}

/// What a run has in `group`, `project` or the setting of this path.
fn group_of(side: &Side, by: &str) -> String {
    let info = side.run.info();
    let value = match by {
        "group" => info.group.clone(),
        "project" => Some(info.project.clone()),
        path => {
            let settings = settings_by_path(&info.config);
            let found = settings.into_iter().find(|(known, _)| known == path);
            found.map(|(_, value)| shown(Some(value)))
        }
    };
    value.unwrap_or_else(|| "none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_that_of_a_sample() {
        let spread = Spread::of(&[1.0, 3.0]).unwrap();
        assert_eq!((spread.mean, spread.runs), (2.0, 2));
        assert!((spread.deviation.unwrap() - 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Spread::of(&[4.0]).unwrap().deviation, None);
        assert_eq!(Spread::of(&[]), None);
    }
}
