//! Studies as JSON.

use axum::http::StatusCode;
use serde_json::{Map, Value as Json};
use tracker_core::{Error, studies::StudyFolder};
use tracker_study::{
    DIVERGED, Domain, Metric, Parameter, Plan, Space, StudyState, Trial, TrialState, front, surface,
};

use crate::{
    answers::{
        importance::StudyImportance,
        page::studies::{
            Studies, StudyCondition, StudyDetail, StudyInList, StudyInShort, StudyMetric,
            StudyParameter, StudySurface, StudyTrial,
        },
        trial_counts::TrialCounts,
        value::Value,
    },
    ui::{
        failure::{Answer, Failure},
        state::App,
    },
    view::study::{goal_word, state_word, which_word},
};

/// How many trials an answer has at most.
pub(crate) const MOST_TRIALS: usize = 1_000;

/// How many values on the way an answer has at most over all its trials, and how many a trial has.
const MOST_ON_THE_WAY: usize = 50_000;
const MOST_OF_TRIAL: usize = 100;

/// How many warnings an answer has.
const MOST_WARNINGS: usize = 50;

/// All studies, or those of a project.
pub(crate) fn list(app: &App, project: Option<&str>) -> Answer<Studies> {
    let Some(store) = app.library().store() else { return Ok(Studies { studies: Vec::new() }) };
    let folders = store.studies()?;
    let wanted =
        folders.iter().filter(|folder| project.is_none_or(|name| name == folder.project()));
    let studies = wanted.map(|folder| {
        let read = app.studies().read(folder, |study| in_short(&study.plan, study));
        let (told, problem) = match read {
            Ok(told) => (Some(told), None),
            Err(error) => (None, Some(Failure::from(error).words().0.to_owned())),
        };
        StudyInList {
            project: folder.project().to_owned(),
            name: folder.name().to_owned(),
            told,
            problem,
        }
    });
    Ok(Studies { studies: studies.collect() })
}

/// One study with `count` of its trials from number `from` on.
pub(crate) fn detail(
    app: &App,
    project: &str,
    name: &str,
    (from, count): (usize, usize),
) -> Answer<StudyDetail> {
    let folder = known(app, project, name)?;
    let told = app.studies().read(&folder, |study| {
        let plan = &study.plan;
        let trials = study.trials.iter().skip(from).take(count.min(MOST_TRIALS));
        let each = (MOST_ON_THE_WAY / trials.len().max(1)).min(MOST_OF_TRIAL);
        StudyDetail {
            project: folder.project().to_owned(),
            name: folder.name().to_owned(),
            short: in_short(plan, study),
            early_terminate: plan.to_json().get("early_terminate").cloned().unwrap_or_default(),
            revision: study.revision,
            parameters: plan
                .space
                .parameters()
                .iter()
                .map(|one| parameter(&plan.space, one))
                .collect(),
            importance: StudyImportance::of_study(plan, &study.trials),
            front_trials: front(&plan.metrics, &study.trials),
            from,
            listed: trials.map(|one| trial(&plan.space, one, each)).collect(),
            warnings: study.warnings.iter().take(MOST_WARNINGS).cloned().collect(),
        }
    });
    Ok(told?)
}

/// What is expected over two parameters; without means where too little is known.
pub(crate) fn expected(
    app: &App,
    (project, name): (&str, &str),
    [x, y]: [&str; 2],
    metric: Option<&str>,
) -> Answer<StudySurface> {
    let folder = known(app, project, name)?;
    // The process is fitted without the journal, which others wait for.
    let (plan, trials) =
        app.studies().read(&folder, |study| (study.plan.clone(), study.trials.clone()))?;
    let place = metric.map_or(Some(0), |name| plan.metrics.iter().position(|one| one.name == name));
    let metric = place.and_then(|place| Some((place, plan.metrics.get(place)?)));
    let (place, metric) =
        metric.ok_or_else(|| Failure::bad_request("`metric` is none of the study"))?;
    let parameter = |name: &str| {
        let found = plan.space.get(name);
        found.ok_or_else(|| Failure::bad_request(format!("the study does not vary `{name:.80}`")))
    };
    let [across, up] = [parameter(x)?, parameter(y)?];
    let told = surface(&plan.space, &plan.metrics, place, &trials, [x, y]);
    let (x_values, y_values, means, around) = told.map_or_else(Default::default, |told| {
        let means = told.means.into_iter();
        let means = means.map(|row| row.into_iter().map(|mean| mean.map(Value)).collect());
        (
            shown(&across.domain, &told.across),
            shown(&up.domain, &told.up),
            means.collect::<Vec<Vec<Option<Value>>>>(),
            plan.space.values(&told.around),
        )
    });
    let [x, y] = [x.to_owned(), y.to_owned()];
    Ok(StudySurface { metric: metric.name.clone(), x, y, x_values, y_values, means, around })
}

/// The folder of a study, which must have begun.
fn known(app: &App, project: &str, name: &str) -> Answer<StudyFolder> {
    let missing = || Failure::not_found(format!("there is no study {name:.80}"));
    let store = app.library().store().ok_or_else(missing)?;
    match StudyFolder::open(&store, project, name) {
        Ok(folder) if folder.has_journal() => Ok(folder),
        Err(error @ Error::InvalidName { .. }) => Err(error.into()),
        _ => Err(missing()),
    }
}

fn in_short(plan: &Plan, study: &StudyState) -> StudyInShort {
    let front = front(&plan.metrics, &study.trials);
    let best = front.first().filter(|_| plan.metrics.len() == 1);
    let best = best.and_then(|number| study.trials.get(*number));
    let values = best.map(|trial| trial.values.iter().map(|value| Value(*value)).collect());
    StudyInShort {
        method: plan.to_json().get("method").and_then(Json::as_str).unwrap_or_default().to_owned(),
        metrics: plan.metrics.iter().map(metric).collect(),
        run_cap: plan.run_cap,
        trials: TrialCounts::of(&study.trials),
        asked_to_stop: study.asked_to_stop,
        best: best.map(|trial| trial.number),
        best_values: values.unwrap_or_default(),
        best_params: best.map_or_else(Map::new, |trial| plan.space.values(&trial.params)),
        front: front.len(),
    }
}

fn metric(metric: &Metric) -> StudyMetric {
    StudyMetric {
        name: metric.name.clone(),
        goal: goal_word(metric.goal),
        value: which_word(metric.value),
    }
}

fn parameter(space: &Space, parameter: &Parameter) -> StudyParameter {
    let condition = |condition: &tracker_study::Condition| {
        let domain = space.get(&condition.parameter).map(|other| &other.domain);
        let value = |place: &usize| domain?.value(*place as f64);
        StudyCondition {
            parameter: condition.parameter.clone(),
            values: condition.choices.iter().filter_map(value).collect(),
        }
    };
    let mut told = StudyParameter {
        name: parameter.name.clone(),
        kind: "choice",
        low: None,
        high: None,
        log: false,
        step: None,
        choices: Vec::new(),
        disabled: Vec::new(),
        when: parameter.when.iter().map(condition).collect(),
    };
    match &parameter.domain {
        Domain::Float { low, high, log, step } => {
            (told.kind, told.low, told.high) = ("float", Some(*low), Some(*high));
            (told.log, told.step) = (*log, *step);
        }
        Domain::Int { low, high, log, step } => {
            (told.kind, told.low, told.high) = ("int", Some(*low as f64), Some(*high as f64));
            (told.log, told.step) = (*log, Some(*step as f64));
        }
        Domain::Choice { choices, disabled } => {
            told.choices.clone_from(choices);
            told.disabled = disabled.iter().copied().collect();
        }
        _ => {}
    }
    told
}

fn trial(space: &Space, trial: &Trial, most_on_the_way: usize) -> StudyTrial {
    let is_waiting = trial.state == TrialState::Waiting && trial.params.is_empty();
    StudyTrial {
        number: trial.number,
        state: state_word(trial.state),
        params: if is_waiting { trial.fixed.clone() } else { space.values(&trial.params) },
        values: trial.values.iter().map(|value| Value(*value)).collect(),
        on_the_way: on_the_way(trial, most_on_the_way),
        reported: trial.intermediate.len(),
        run: trial.run.as_ref().map(ToString::to_string),
        started_at: trial.started,
        ended_at: trial.ended,
        diverged: trial.attributes.get(DIVERGED).is_some_and(|value| value == true),
    }
}

/// At most so many of a trial's values on the way, evenly spread, with the first and the last; two at least.
fn on_the_way(trial: &Trial, most: usize) -> Vec<(u64, Value)> {
    let all: Vec<(u64, Value)> =
        trial.intermediate.iter().map(|(nth, value)| (*nth, Value(*value))).collect();
    let most = most.max(2);
    if all.len() <= most {
        return all;
    }
    (0..most).map(|at| all[at * (all.len() - 1) / (most - 1)]).collect()
}

fn shown(domain: &Domain, values: &[f64]) -> Vec<Json> {
    values.iter().map(|value| domain.value(*value).unwrap_or_default()).collect()
}

impl From<tracker_study::Error> for Failure {
    fn from(error: tracker_study::Error) -> Self {
        if let tracker_study::Error::Store(error) = error {
            return error.into();
        }
        let text = error.to_string();
        let (error, hint) =
            text.split_once("\nhint: ").unwrap_or((&text, "`tracker study show` reads it too"));
        // A file that another program wrote is in the way of what was asked for.
        Self::new(StatusCode::CONFLICT, error, hint)
    }
}

#[cfg(test)]
mod tests {
    use tracker_study::Params;

    use super::*;

    #[test]
    fn values_on_the_way_are_thinned_and_keep_both_ends() {
        let mut trial = Trial::new(0, Params::new());
        trial.intermediate = (1..=1_000).map(|nth| (nth, nth as f64)).collect();
        let thinned = on_the_way(&trial, 50);
        assert_eq!(thinned.len(), 50);
        assert_eq!((thinned[0].0, thinned[49].0), (1, 1_000));
        assert_eq!(on_the_way(&trial, 0).len(), 2);
        assert_eq!(on_the_way(&trial, 5_000).len(), 1_000);
    }
}
