//! Groups as comma-separated values, with all digits.

use crate::view::{
    csv,
    groups::{Grouped, verdict::Against},
};

const TITLE: &str = "metric,group,runs,n,diverged,missing,mean,std,low,high,interquartile_mean,\
                     interquartile_low,interquartile_high,baseline,difference,difference_low,\
                     difference_high,p,p_holm,pairs,better,better_low,better_high\n";

impl Grouped<'_> {
    /// A line a metric and group. The metric that has verdicts has more.
    pub(crate) fn spreadsheet(&self) -> String {
        let verdicts = self.verdicts();
        let telling = self.telling_metric();
        let mut text = TITLE.to_owned();
        for metric in self.metrics() {
            let is_telling = telling == Some(metric);
            let middle = if is_telling { self.interquartile_means(metric) } else { Vec::new() };
            let groups = self.groups.iter().zip(self.results(metric)).enumerate();
            for (place, (group, results)) in groups.filter(|(place, _)| self.is_compared(*place)) {
                let spread = results.spread();
                let interval = spread.and_then(|spread| spread.interval);
                let middle = middle.get(place).copied().flatten();
                let of_middle = middle.and_then(|(_, interval)| interval);
                let counts =
                    [results.found.len(), results.samples.len(), results.diverged, results.missing];
                let numbers = [
                    spread.map(|spread| spread.mean),
                    spread.and_then(|spread| spread.std),
                    interval.map(|interval| interval.low),
                    interval.map(|interval| interval.high),
                    middle.map(|(middle, _)| middle),
                    of_middle.map(|interval| interval.low),
                    of_middle.map(|interval| interval.high),
                ];
                let against = verdicts.iter().filter(|_| is_telling).flat_map(|all| &all.against);
                let against = against.into_iter().find(|against| against.group == place);
                let mut cells = vec![csv::cell(metric), csv::cell(&group.name)];
                cells.extend(counts.map(|count| count.to_string()));
                cells.extend(numbers.map(number));
                cells.extend(self.cells_of_verdict(against));
                text += &cells.join(",");
                text.push('\n');
            }
        }
        text
    }

    fn cells_of_verdict(&self, against: Option<&Against>) -> Vec<String> {
        let baseline = self.groups.get(self.baseline).filter(|_| against.is_some());
        let found = against.and_then(|against| against.difference);
        let interval = against.and_then(|against| against.interval);
        let better = against.and_then(|against| against.better);
        let of_better = better.and_then(|better| better.interval);
        let pairs = found.and_then(|found| found.pairs).map(|pairs| pairs.to_string());
        vec![
            baseline.map(|group| csv::cell(&group.name)).unwrap_or_default(),
            number(found.map(|found| found.mean)),
            number(interval.map(|interval| interval.low)),
            number(interval.map(|interval| interval.high)),
            number(found.map(|found| found.p)),
            number(against.and_then(|against| against.p)),
            pairs.unwrap_or_default(),
            number(better.map(|better| better.probability)),
            number(of_better.map(|interval| interval.low)),
            number(of_better.map(|interval| interval.high)),
        ]
    }
}

/// With all digits.
fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
