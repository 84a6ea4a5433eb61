//! Groups as JSON. Runs are named by id.

use tracker_core::stats::Interval;

use crate::{
    answers::{
        command::comparison::{Groups, Ruling as Said, Spread, Verdict, Verdicts},
        in_order::InOrder,
        value::Value,
    },
    command::compare::groups::{
        Grouped,
        verdict::{Against, Ruling, Verdicts as Found},
    },
};

impl<'a> Grouped<'a> {
    pub(crate) fn answer(&'a self) -> Groups<'a> {
        let runs = self.groups.iter().map(|group| {
            (
                group.name.as_str(),
                group.sides.iter().map(|side| side.run.info().id.as_str()).collect(),
            )
        });
        let metrics = self.compared.metrics.iter();
        let metrics = metrics.map(|metric| (metric.as_str(), self.spreads(metric)));
        Groups {
            by: self.by,
            at: self.at.to_string(),
            baseline: self.name(self.baseline),
            paired_by: &self.pairing.paths,
            runs: runs.collect(),
            metrics: metrics.collect(),
            verdicts: self.verdicts().map(|verdicts| self.verdicts_answer(&verdicts)),
            notes: self.telling_metric().map(|metric| self.notes(metric)).unwrap_or_default(),
        }
    }

    fn spreads(&'a self, metric: &str) -> InOrder<&'a str, Spread> {
        let groups = self.groups.iter().zip(self.results(metric));
        let spreads = groups.filter_map(|(group, results)| {
            let spread = results.spread()?;
            let spread = Spread {
                mean: Value(spread.mean),
                deviation: spread.std.map(Value),
                interval: spread.interval.map(pair),
                runs: spread.n,
                diverged: results.diverged,
                missing: results.missing,
                early: results.early,
            };
            Some((group.name.as_str(), spread))
        });
        spreads.collect()
    }

    fn verdicts_answer(&'a self, found: &Found<'a>) -> Verdicts<'a> {
        let middle = self.groups.iter().zip(self.interquartile_means(found.metric));
        let middle = middle.filter_map(|(group, middle)| {
            let (middle, interval) = middle?;
            Some((group.name.as_str(), (Value(middle), interval.map(pair))))
        });
        Verdicts {
            metric: found.metric,
            level: found.level,
            interquartile_means: middle.collect(),
            of_groups: found
                .against
                .iter()
                .map(|against| (self.name(against.group), self.verdict_answer(found, against)))
                .collect(),
        }
    }

    fn verdict_answer(&self, found: &Found<'_>, against: &Against) -> Verdict {
        let difference = against.difference.as_ref();
        Verdict {
            ruling: match against.ruling {
                Ruling::Better => Said::Better,
                Ruling::Worse => Said::Worse,
                Ruling::Greater => Said::Greater,
                Ruling::Less => Said::Less,
                Ruling::NotShown => Said::NotShown,
                Ruling::TooFew(_) => Said::TooFew,
                Ruling::NoSpread => Said::NoSpread,
            },
            difference: difference.map(|found| Value(found.mean)),
            interval: against.interval.map(pair),
            p: difference.map(|found| found.p),
            p_holm: against.p,
            pairs: difference.and_then(|found| found.pairs),
            runs: difference.map(|found| found.n),
            better: against.better.map(|better| better.probability),
            better_interval: against.better.and_then(|better| better.interval).map(pair),
            text: self.sentence(found, against),
        }
    }

    fn name(&'a self, place: usize) -> &'a str {
        self.groups.get(place).map_or("", |group| group.name.as_str())
    }
}

fn pair(interval: Interval) -> [Value; 2] {
    [Value(interval.low), Value(interval.high)]
}
