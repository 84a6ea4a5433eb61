//! What is known of a run beside what it logged, as records of W&B.

use prost::Message;
use serde_json::Value;
use tracker_core::{Alert, Direction, Level, State, read::RunInfo};

use super::{
    names,
    record::{
        AlertRecord, ExitRecord, Item, MetricOptions, MetricRecord, RunRecord, Time, Updates,
    },
    target::SYSTEM,
};
use crate::{Account, words};

/// The longest tag that W&B takes.
const MOST_OF_TAG: usize = 64;

/// Name, project, group, tags, notes and settings.
pub(super) fn run(info: &RunInfo, account: &mut Account) -> RunRecord {
    let item = |(key, value): (&String, &Value)| Item::new(key.clone(), value.to_string());
    let config = Updates { update: info.config.iter().map(item).collect() };
    let project = names::project(&info.project);
    account.rename(&info.project, &project);
    let is_short = |tag: &String| tag.chars().count() <= MOST_OF_TAG;
    let (tags, long): (Vec<_>, Vec<_>) = info.tags.iter().cloned().partition(is_short);
    account.keep("settings", config.update.len() as u64);
    account.keep("tags", tags.len() as u64);
    let why = format!("W&B takes none of more than {MOST_OF_TAG} characters");
    account.leave_out("tags", why, long.len() as u64);
    account.leave_out(words::FACTS, "W&B has no place for them", info.about.len() as u64);
    let is_fork = u64::from(info.parent.is_some());
    account.leave_out("lineage", "W&B knows parents of its own server alone", is_fork);
    RunRecord {
        run_id: info.id.as_str().to_owned(),
        project,
        config: config.encode_to_vec(),
        run_group: info.group.clone().unwrap_or_default(),
        display_name: info.name.clone(),
        notes: info.notes.clone().unwrap_or_default(),
        tags,
        host: info.provenance.host.clone(),
        start_time: Some(Time::of(info.started_at.as_micros())),
        ..RunRecord::default()
    }
}

/// What metrics mean, of those of which W&B can keep it.
pub(super) fn metrics(info: &RunInfo, account: &mut Account) -> Vec<MetricRecord> {
    let mut records = Vec::new();
    for (metric, definition) in &info.definitions {
        let unit = u64::from(definition.unit.is_some());
        account.leave_out("units of metrics", "W&B has none", unit);
        let name = u64::from(definition.display_name.is_some());
        account.leave_out("names of metrics for people", "W&B has none", name);
        let goal = match definition.direction {
            Some(Direction::Lower) => 1,
            Some(Direction::Higher) => 2,
            _ => 0,
        };
        if metric.starts_with(SYSTEM) || goal == 0 && !definition.hidden {
            continue;
        }
        let options = Some(MetricOptions { hidden: definition.hidden, defined: true });
        let name = names::there(metric);
        records.push(MetricRecord { name, options, goal, ..MetricRecord::default() });
    }
    account.keep("definitions of metrics", records.len() as u64);
    records
}

/// An alert; what stands beside its text is W&B's second line.
pub(super) fn alert(alert: &Alert) -> AlertRecord {
    let level = match alert.level {
        Level::Warning => "WARN",
        Level::Error => "ERROR",
        _ => "INFO",
    };
    let step = alert.step.map(|step| format!("step {step}"));
    let facts = [alert.metric.clone(), step, alert.hint.clone()];
    let text = facts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    AlertRecord { title: alert.text.clone(), text, level: level.to_owned() }
}

/// How a run that lasted so many microseconds ended; `None` of one that goes on.
pub(super) fn exit(
    state: State,
    info: &RunInfo,
    lasted: i64,
    account: &mut Account,
) -> Option<ExitRecord> {
    let exit_code = match state {
        State::Running => return None,
        State::Finished | State::Ended => 0,
        State::Stopped => 255,
        _ => 1,
    };
    let said = u64::from(info.message.is_some());
    account.leave_out("words beside the state", "W&B has a number alone", said);
    let runtime = i32::try_from(lasted / 1_000_000).unwrap_or(i32::MAX);
    Some(ExitRecord { exit_code, runtime })
}
