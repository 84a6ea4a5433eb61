//! A comparison as JSON. Runs are named by id; a run without a setting or metric is left out.

use serde_json::{Map, Value, json};

use crate::{
    args::Compare,
    command::compare::{Compared, Side, best_of},
    view::{
        config_diff::Setting,
        run_json::{self, run_json, summary_json},
    },
};

impl Compared {
    pub(crate) fn to_json(&self, args: &Compare) -> Value {
        let runs: Vec<Value> = self
            .sides
            .iter()
            .map(|side| Value::Object(run_json(&side.run, &side.summaries)))
            .collect();
        let packages: Map<String, Value> = self
            .packages
            .differing()
            .into_iter()
            .map(|package| (package.name.to_owned(), self.versions_json(&package.versions)))
            .collect();
        json!({
            "version": run_json::VERSION,
            "runs": runs,
            "config": self.config_json(args.diff),
            "provenance": self.of_each(|side| Some(json!(side.run.info().provenance))),
            "packages": packages,
            "metrics": self.metrics_json(),
            "code": self.code_json(args.code),
            "code_differences": args.code.then(|| self.code_differences_json()),
            "groups": args.group.as_deref().map(|by| self.groups_json(by)),
        })
    }

    fn versions_json(&self, versions: &[Option<&str>]) -> Value {
        let sides = self.sides.iter().zip(versions);
        let known: Map<String, Value> =
            sides.filter_map(|(side, version)| Some((id(side), json!((*version)?)))).collect();
        Value::Object(known)
    }

    fn config_json(&self, only_differences: bool) -> Map<String, Value> {
        let settings = self.settings();
        let wanted = settings.iter().filter(|setting| setting.differs() || !only_differences);
        wanted.map(|setting| (setting.path.clone(), self.setting_json(setting))).collect()
    }

    fn setting_json(&self, setting: &Setting<'_>) -> Value {
        let sides = self.sides.iter().zip(&setting.values);
        let values: Map<String, Value> =
            sides.filter_map(|(side, value)| Some((id(side), (*value)?.clone()))).collect();
        json!({ "differs": setting.differs(), "values": values })
    }

    fn metrics_json(&self) -> Map<String, Value> {
        self.metrics.iter().map(|metric| (metric.clone(), self.metric_json(metric))).collect()
    }

    fn metric_json(&self, metric: &str) -> Value {
        let definition = self.definition(metric);
        let bests = best_of(&self.values(metric, |summary| summary.best), definition.direction);
        let sides = self.sides.iter().zip(bests);
        let best: Vec<String> =
            sides.filter(|(_, is_best)| *is_best).map(|(side, _)| id(side)).collect();
        json!({
            "direction": definition.direction,
            "unit": definition.unit,
            "values": self.of_each(|side| side.summaries.get(metric).map(summary_json)),
            "best": best,
        })
    }

    fn of_each(&self, value: impl Fn(&Side) -> Option<Value>) -> Map<String, Value> {
        self.sides.iter().filter_map(|side| Some((id(side), value(side)?))).collect()
    }
}

fn id(side: &Side) -> String {
    side.run.info().id.to_string()
}
