//! Verdicts as sentences that one may print.

use tracker_core::{
    Definition,
    stats::{Difference, FEWEST, Interval},
    text::plural,
};

use crate::view::groups::{
    Grouped,
    verdict::{Against, Ruling, Verdicts},
};

/// How a value and its interval are shown: with two digits of how far the interval reaches.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    factor: f64,
    /// With the space before it.
    unit: String,
    /// `None` where values are too small or too great to be read without an exponent.
    decimals: Option<usize>,
}

impl Scale {
    /// For values of a metric.
    pub(crate) fn of_values(definition: &Definition, reach: f64) -> Self {
        Self::new(definition, "%", reach)
    }

    /// For differences of a metric's values: those of shares are percentage points.
    pub(crate) fn of_differences(definition: &Definition, reach: f64) -> Self {
        Self::new(definition, "pp", reach)
    }

    #[expect(clippy::cast_sign_loss, reason = "decimals are none or more")]
    fn new(definition: &Definition, unit_of_shares: &str, reach: f64) -> Self {
        let (factor, unit) = match definition.unit.as_deref() {
            Some("%") => (100.0, format!(" {unit_of_shares}")),
            Some(unit) if !unit.is_empty() => (1.0, format!(" {unit}")),
            _ => (1.0, String::new()),
        };
        let digits = 1.0 - (reach * factor).abs().log10().floor();
        let decimals = (-6.0..=7.0).contains(&digits).then_some(digits.max(0.0) as usize);
        Self { factor, unit, decimals }
    }

    pub(crate) fn unit(&self) -> &str {
        self.unit.trim_start()
    }

    /// Without the unit, with a true minus.
    pub(crate) fn number(&self, value: f64) -> String {
        let value = value * self.factor;
        let text = match self.decimals {
            Some(decimals) => format!("{value:.decimals$}"),
            None => format!("{value:.2e}"),
        };
        let is_zero = !text.contains(|c: char| c.is_ascii_digit() && c != '0');
        match text.strip_prefix('-') {
            Some(text) if is_zero => text.to_owned(),
            Some(text) => format!("−{text}"),
            None => text,
        }
    }

    pub(crate) fn interval(&self, interval: Interval) -> String {
        format!("[{}, {}]", self.number(interval.low), self.number(interval.high))
    }

    /// `0.42 pp [0.15, 0.69]`
    pub(crate) fn with_interval(&self, value: f64, interval: Option<Interval>) -> String {
        let value = format!("{}{}", self.number(value), self.unit);
        interval.map_or(value.clone(), |interval| format!("{value} {}", self.interval(interval)))
    }
}

/// How far an interval reaches from its middle; without one, so that four digits of the value are shown.
pub(crate) fn reach(value: f64, interval: Option<Interval>) -> f64 {
    interval.map_or(value.abs() / 100.0, |interval| (interval.high - interval.low) / 2.0)
}

impl Grouped<'_> {
    /// `b is better than a by 0.42 pp [0.15, 0.69], 5 seeds each, paired`
    pub(crate) fn sentence(&self, verdicts: &Verdicts<'_>, against: &Against) -> String {
        let [baseline, other] = [self.baseline, against.group].map(|place| self.label(place));
        let found =
            against.difference.as_ref().map(|found| self.difference(verdicts, against, found));
        let found = found.unwrap_or_default();
        match against.ruling {
            Ruling::Better => format!("{other} is better than {baseline} by {found}"),
            Ruling::Worse => format!("{other} is worse than {baseline} by {found}"),
            Ruling::Greater => format!("{other} is greater than {baseline} by {found}"),
            Ruling::Less => format!("{other} is less than {baseline} by {found}"),
            Ruling::NotShown => format!("{other} and {baseline}: no difference shown: {found}"),
            Ruling::TooFew(n) => format!(
                "{other} and {baseline}: not enough {}s: {n}, and {FEWEST} are needed",
                self.pairing.thing()
            ),
            Ruling::NoSpread => format!(
                "{other} and {baseline}: no verdict: results within a group are the same, so that nothing tells chance \
                 from more; do the seeds change anything?"
            ),
        }
    }

    /// The difference with its interval, and of how many runs. What is better or greater is so by a positive number.
    fn difference(&self, verdicts: &Verdicts<'_>, against: &Against, found: &Difference) -> String {
        let is_turned = match against.ruling {
            Ruling::Better | Ruling::Worse | Ruling::Greater | Ruling::Less => found.mean < 0.0,
            _ => false,
        };
        let turn = |interval: Interval| {
            if is_turned { Interval { low: -interval.high, high: -interval.low } } else { interval }
        };
        let mean = if is_turned { -found.mean } else { found.mean };
        let interval = against.interval.map(turn);
        let definition = self.definition(verdicts.metric);
        let scale = Scale::of_differences(&definition, reach(mean, interval));
        format!("{}, {}", scale.with_interval(mean, interval), self.sizes(against.group, found))
    }

    /// The difference as it is, with its interval: `−0.42 pp [−0.69, −0.15]`.
    pub(crate) fn shown_difference(
        &self,
        verdicts: &Verdicts<'_>,
        against: &Against,
    ) -> Option<String> {
        let mean = against.difference?.mean;
        let definition = self.definition(verdicts.metric);
        let scale = Scale::of_differences(&definition, reach(mean, against.interval));
        Some(scale.with_interval(mean, against.interval))
    }

    fn sizes(&self, group: usize, found: &Difference) -> String {
        let [baseline, other] = found.n;
        let Some(pairs) = found.pairs else {
            let runs = plural(baseline as u64, "run");
            let both = if baseline == other {
                format!("{runs} each")
            } else {
                format!("{other} and {runs}")
            };
            return both;
        };
        let paired = format!("{} each, paired", plural(pairs as u64, self.pairing.thing()));
        let all = [group, self.baseline].map(|place| self.group_size(place));
        if all == [pairs, pairs] {
            paired
        } else {
            format!("{paired}, of {} and {} runs", all[0], all[1])
        }
    }

    /// How sure that is, and how much it means from one run to the next.
    pub(crate) fn details(&self, verdicts: &Verdicts<'_>, against: &Against) -> String {
        let mut parts = Vec::new();
        if self.pairing.is_asked && against.difference.is_some_and(|found| found.pairs.is_none()) {
            let paths = self.pairing.paths.join(", ");
            parts.push(format!("not paired, as fewer than {FEWEST} runs share {paths}"));
        }
        if let Some(p) = against.p {
            let of_several = match verdicts.decided {
                0 | 1 => String::new(),
                several => format!(
                    " (Holm, {several} comparisons; interval of {:.1} %)",
                    verdicts.level * 100.0
                ),
            };
            parts.push(format!("p {}{of_several}", shown_p(p)));
        }
        // Of one or two runs, a share of cases says nothing.
        let is_told = !matches!(against.ruling, Ruling::TooFew(_));
        if let Some(better) = against.better.filter(|_| is_told) {
            let [baseline, other] = [self.baseline, against.group].map(|place| self.label(place));
            let verb = if verdicts.direction.is_some() { "does better than" } else { "is above" };
            let interval = better.interval.map(|interval| {
                format!(" [{:.0}, {:.0}]", interval.low * 100.0, interval.high * 100.0)
            });
            parts.push(format!(
                "a run of {other} {verb} one of {baseline} in {:.0} %{} of cases",
                better.probability * 100.0,
                interval.unwrap_or_default()
            ));
        }
        parts.join("; ")
    }

    fn group_size(&self, place: usize) -> usize {
        self.groups.get(place).map_or(0, |group| group.members.len())
    }
}

fn shown_p(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("= {p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_as_many_digits_as_their_interval_allows() {
        let shares = Definition::new().unit("%");
        let points = |value, low, high| {
            let interval = Interval { low, high };
            let scale = Scale::of_differences(&shares, reach(value, Some(interval)));
            scale.with_interval(value, Some(interval))
        };
        assert_eq!(points(0.0042, 0.0015, 0.0069), "0.42 pp [0.15, 0.69]");
        assert_eq!(points(0.001, -0.003, 0.005), "0.10 pp [−0.30, 0.50]");
        assert_eq!(points(0.1, -0.2, 0.4), "10 pp [−20, 40]");
        let plain = |value| Scale::of_values(&Definition::new(), reach(value, None)).number(value);
        assert_eq!(
            [0.123_456, 1234.5, -0.000_1, 0.0].map(plain),
            ["0.1235", "1234", "−0.0001000", "0.00e0"]
        );
        let seconds = Scale::of_values(&Definition::new().unit("s"), 0.1);
        assert_eq!(seconds.with_interval(-0.001, None), "0.00 s");
    }

    #[test]
    fn small_probabilities_are_not_zero() {
        assert_eq!(
            [0.0, 0.0009, 0.012_34, 1.0].map(shown_p),
            ["< 0.001", "< 0.001", "= 0.012", "= 1.000"]
        );
    }
}
