//! A comparison as JSON. Runs are named by id.

use tracker_core::read::ComparedSetting;

use crate::{
    answers::{
        command::{
            code::Code,
            comparison::{ByRun, Comparison, Metric, Setting},
            groups::Groups,
            run::Run,
        },
        in_order::InOrder,
    },
    args::Compare,
    command::compare::{Compared, Side, code::pairs},
    view::{best_values::best_of, groups::Grouped},
};

impl Compared {
    pub(crate) fn answer<'a>(
        &'a self,
        args: &Compare,
        groups: Option<&'a Grouped<'a>>,
    ) -> Comparison<'a> {
        Comparison {
            runs: self.sides.iter().map(|side| Run::of(&side.run, &side.summaries)).collect(),
            config: self.settings_answer(args.diff),
            provenance: self.of_each(|side| Some(&side.run.info().provenance)),
            packages: self.differing_packages(),
            metrics: self.metrics.iter().map(|name| (name.as_str(), self.metric(name))).collect(),
            code: self.code(args.code),
            code_differences: args.code.then(|| self.code_differences()),
            groups: groups.map(Groups::of),
        }
    }

    fn settings_answer(&self, only_differences: bool) -> InOrder<String, Setting<'_>> {
        let settings = self.settings().into_iter();
        let wanted = settings.filter(|setting| setting.differs() || !only_differences);
        wanted.map(|setting| (setting.path.clone(), self.setting(&setting))).collect()
    }

    fn setting<'a>(&'a self, setting: &ComparedSetting<'a>) -> Setting<'a> {
        Setting { differs: setting.differs(), values: self.known(&setting.values) }
    }

    fn differing_packages(&self) -> InOrder<&str, ByRun<'_, &str>> {
        let packages = self.packages.differing().into_iter();
        packages.map(|package| (package.name, self.known(&package.versions))).collect()
    }

    fn metric(&self, name: &str) -> Metric<'_> {
        let known = self.definitions.get(name);
        let direction = known.and_then(|known| known.direction);
        let bests = best_of(&self.values(name, |summary| summary.best), direction);
        let best = self.sides.iter().zip(bests).filter(|(_, is_best)| *is_best);
        Metric {
            direction,
            unit: known.and_then(|known| known.unit.as_deref()),
            values: self.of_each(|side| side.summaries.get(name).map(Into::into)),
            best: best.map(|(side, _)| id(side)).collect(),
        }
    }

    fn code(&self, with_patch: bool) -> ByRun<'_, Option<Code<'_>>> {
        let codes = self.codes.iter().map(|known| known.code.as_ref());
        let of_run = |side: &Side, code| {
            if with_patch { Code::whole(&side.run, code) } else { Code::Files(code) }
        };
        let sides = self.sides.iter().zip(codes);
        sides.map(|(side, code)| (id(side), code.map(|code| of_run(side, code)))).collect()
    }

    /// For each run but the first: what was changed in it, in the first, or in both.
    fn code_differences(&self) -> ByRun<'_, InOrder<&str, &'static str>> {
        let mut sides = self.sides.iter().zip(&self.codes);
        let first = sides.next();
        let of_run = |(side, second)| {
            let pairs = first.map(|(_, first)| pairs(first, second)).unwrap_or_default();
            let files = pairs.iter().map(|pair| (pair.path, pair.changed().word()));
            (id(side), files.collect())
        };
        sides.map(of_run).collect()
    }

    fn of_each<'a, T>(&'a self, value: impl Fn(&'a Side) -> Option<T>) -> ByRun<'a, T> {
        self.sides.iter().filter_map(|side| Some((id(side), value(side)?))).collect()
    }

    /// Those of each run's values that there are.
    fn known<'a, T: Copy>(&'a self, values: &[Option<T>]) -> ByRun<'a, T> {
        let sides = self.sides.iter().zip(values);
        sides.filter_map(|(side, value)| Some((id(side), (*value)?))).collect()
    }
}

fn id(side: &Side) -> &str {
    side.run.info().id.as_str()
}
