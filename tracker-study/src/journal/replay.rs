//! Makes the state of a study from the lines of a journal, by Optuna's rules.

use serde_json::{Map, Value};

use super::{
    derived::Derived,
    distribution::{are_compatible, of_text},
    json,
    names::{self, FIXED, METRICS, RUN, SPACE, STOP, rung_of, state_of},
    state::StudyState,
    tail::Line,
};
use crate::{Domain, Goal, Params, Plan, Trial, TrialState};

/// How many studies one file may have.
const MOST_STUDIES: usize = 10_000;

/// How many trials of a study are kept: ten times as many as a study of ours has.
const MOST_TRIALS: usize = 100_000;

/// How many warnings are kept one by one.
const MOST_WARNINGS: usize = 20;

/// All that a journal's lines have said so far.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) state: StudyState,
    /// The study's number within the file, once it is made.
    pub(super) study: Option<u64>,
    /// The names of all studies of the file, by their numbers; `None` for one that was removed.
    studies: Vec<Option<String>>,
    /// The number within the study of each trial of the file; `None` if it is another study's.
    trials: Vec<Option<usize>>,
    /// The other way round.
    pub(super) trial_ids: Vec<u64>,
    derived: Derived,
    untold: u64,
}

/// Why a line says nothing.
enum Skip {
    /// Optuna passes over it too: it is of another study, or of a trial that has ended.
    Quiet,
    /// It is told: it is no line that Optuna or tracker writes.
    Told(String),
    /// It is told, and nothing more is written: who wrote it knows more than this program.
    Newer(String),
}

type Taken<T = ()> = Result<T, Skip>;

impl Replay {
    /// Nothing yet of the study that this plan names.
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            state: StudyState::new(plan),
            study: None,
            studies: Vec::new(),
            trials: Vec::new(),
            trial_ids: Vec::new(),
            derived: Derived::default(),
            untold: 0,
        }
    }

    /// The number within the file that the next trial gets.
    pub(super) fn next_trial(&self) -> u64 {
        self.trials.len() as u64
    }

    /// The number within the file that the next study gets.
    pub(super) fn next_study(&self) -> u64 {
        self.studies.len() as u64
    }

    /// The names of the studies that the file has.
    pub(super) fn names(&self) -> Vec<&str> {
        self.studies.iter().flatten().map(String::as_str).take(MOST_WARNINGS).collect()
    }

    /// Takes in a line.
    pub(super) fn take(&mut self, line: &Line<'_>) {
        let Some(bytes) = line.bytes else {
            return self.warn(line.number, "is longer than 1 MiB");
        };
        let taken = match json::read(bytes) {
            Ok(Value::Object(fields)) => self.apply(&fields),
            Ok(_) => Err(Skip::Told("is no record of a journal".to_owned())),
            Err(error) => {
                Err(Skip::Told(format!("is no JSON, {error}; Optuna does not open this journal")))
            }
        };
        match taken {
            Ok(()) | Err(Skip::Quiet) => {}
            Err(Skip::Told(why)) => self.warn(line.number, &why),
            Err(Skip::Newer(why)) => {
                self.state.closed.get_or_insert_with(|| format!("line {} {why}", line.number));
                self.warn(line.number, &why);
            }
        }
    }

    /// What is to be done when all lines there are were taken in.
    pub(super) fn settle(&mut self) {
        if self.state.revision == 0 && self.study.is_some() {
            self.derived.lay_over(&mut self.state.plan);
        }
    }

    fn warn(&mut self, line: u64, why: &str) {
        let warnings = &mut self.state.warnings;
        if warnings.len() < MOST_WARNINGS {
            warnings.push(format!("line {line} of the journal {why}"));
            return;
        }
        self.untold += 1;
        warnings.truncate(MOST_WARNINGS);
        warnings.push(format!("{} more lines of the journal could not be read", self.untold));
    }

    fn apply(&mut self, fields: &Map<String, Value>) -> Taken {
        match whole(fields, "op_code")? {
            0 => self.create_study(fields),
            1 => self.delete_study(fields),
            2 => self.study_attribute(fields),
            3 => self.study_system_attribute(fields),
            4 => self.create_trial(fields),
            5 => self.set_param(fields),
            6 => self.set_state(fields),
            7 => self.set_intermediate(fields),
            8 => self.trial_attribute(fields),
            9 => self.trial_system_attribute(fields),
            // It discards trials, for a program that keeps no list of them; Optuna passes over it.
            10 => Ok(()),
            code => Err(Skip::Newer(format!(
                "has the operation {code}, which a newer Optuna wrote; what it says is not known"
            ))),
        }
    }

    fn create_study(&mut self, fields: &Map<String, Value>) -> Taken {
        let name = text(fields, "study_name")?;
        if self.studies.iter().flatten().any(|other| other == name) {
            return Err(Skip::Quiet);
        }
        if self.studies.len() >= MOST_STUDIES {
            return Err(Skip::Told(format!("has more than {MOST_STUDIES} studies")));
        }
        if name == self.state.name {
            let goals = goals(fields)?;
            self.study = Some(self.studies.len() as u64);
            self.derived.set_goals(goals);
        }
        self.studies.push(Some(name.to_owned()));
        Ok(())
    }

    fn delete_study(&mut self, fields: &Map<String, Value>) -> Taken {
        let study = self.study_of(fields)?;
        if self.study == Some(study as u64) {
            let (project, name) = (self.state.plan.project.clone(), self.state.name.clone());
            let warnings = std::mem::take(&mut self.state.warnings);
            let closed = self.state.closed.take();
            self.state = StudyState::new(Plan::unknown(project, name));
            (self.state.warnings, self.state.closed) = (warnings, closed);
            (self.study, self.derived) = (None, Derived::default());
            self.trial_ids.clear();
            self.trials.iter_mut().for_each(|trial| *trial = None);
        }
        if let Some(name) = self.studies.get_mut(study) {
            *name = None;
        }
        Ok(())
    }

    fn study_attribute(&mut self, fields: &Map<String, Value>) -> Taken {
        self.our_study(fields)?;
        let (key, value) = one(fields, "user_attr")?;
        match key.as_str() {
            SPACE => self.set_plan(value)?,
            STOP => self.state.asked_to_stop = !value.is_null() && value != false,
            _ => {
                self.state.attributes.insert(key.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn set_plan(&mut self, value: &Value) -> Taken {
        let unknown =
            |why: String| Skip::Newer(format!("has a plan that this tracker does not know: {why}"));
        let revision =
            value.get("revision").and_then(Value::as_u64).filter(|revision| *revision > 0);
        let revision = revision.ok_or_else(|| unknown("it has no revision".to_owned()))?;
        let plan = Plan::from_json(value.get("plan").unwrap_or(&Value::Null));
        let mut plan = plan.map_err(|error| unknown(error.to_string().replace('\n', "; ")))?;
        // The folder may have another place by now.
        plan.project.clone_from(&self.state.plan.project);
        plan.name.clone_from(&self.state.name);
        (self.state.plan, self.state.revision) = (plan, revision);
        Ok(())
    }

    fn study_system_attribute(&mut self, fields: &Map<String, Value>) -> Taken {
        self.our_study(fields)?;
        let (key, value) = one(fields, "system_attr")?;
        if let (METRICS, Some(names)) = (key.as_str(), value.as_array()) {
            self.derived.set_names(names.iter().filter_map(Value::as_str));
        }
        Ok(())
    }

    fn create_trial(&mut self, fields: &Map<String, Value>) -> Taken {
        let study = self.study_of(fields)?;
        let id = self.trials.len() as u64;
        if self.study != Some(study as u64) {
            self.trials.push(None);
            return Ok(());
        }
        let number = self.state.trials.len();
        if number >= MOST_TRIALS {
            self.trials.push(None);
            return Err(Skip::Told(format!("begins a trial beyond the first {MOST_TRIALS}")));
        }
        let trial = self.new_trial(number, fields);
        self.trials.push(Some(number));
        self.trial_ids.push(id);
        self.state.trials.push(trial);
        Ok(())
    }

    /// What is wrong with one part of a trial costs that part: without the trial, all later ones would have other numbers.
    fn new_trial(&mut self, number: usize, fields: &Map<String, Value>) -> Trial {
        let mut trial = Trial::new(number, Params::new());
        let code = fields.get("state").map_or(Some(0), Value::as_u64);
        trial.state = code.and_then(state_of).unwrap_or(TrialState::Failed);
        let distributions = fields.get("distributions").and_then(Value::as_object);
        for (name, value) in object(fields, "params") {
            let text = distributions.and_then(|all| all.get(name)).and_then(Value::as_str);
            let Some((domain, value)) = text.and_then(of_text).zip(json::float(value)) else {
                continue;
            };
            self.add_param(&mut trial.params, name, domain, value);
        }
        trial.values = match (fields.get("values"), fields.get("value")) {
            (Some(Value::Array(values)), _) => values.iter().filter_map(json::float).collect(),
            (_, Some(value)) => json::float(value).into_iter().collect(),
            _ => Vec::new(),
        };
        for (n, value) in object(fields, "intermediate_values") {
            trial.intermediate.extend(n.parse().ok().zip(json::float(value)));
        }
        for (key, value) in object(fields, "user_attrs") {
            set_attribute(&mut trial, key, value);
        }
        for (key, value) in object(fields, "system_attrs") {
            set_system_attribute(&mut trial, key, value);
        }
        trial.started = time(fields, "datetime_start");
        trial.ended = time(fields, "datetime_complete");
        trial
    }

    /// Adds a value in the form that it has in the plan, where a list of choices may have another order.
    fn add_param(&mut self, params: &mut Params, name: &str, domain: Domain, value: f64) {
        let planned = self.state.plan.space.get(name).map(|parameter| &parameter.domain);
        let in_plan = match (&domain, planned.filter(|_| self.state.revision > 0)) {
            (Domain::Choice { .. }, Some(planned)) => {
                domain.value(value).and_then(|chosen| planned.internal(&chosen))
            }
            (Domain::Choice { .. }, None) => domain.value(value).map(|_| value),
            _ => value.is_finite().then_some(value),
        };
        if let Some(value) = in_plan {
            params.insert(name.to_owned(), value);
        }
        self.derived.see(name, domain);
    }

    fn set_param(&mut self, fields: &Map<String, Value>) -> Taken {
        let number = self.open_trial(fields)?;
        let name = text(fields, "param_name")?;
        let value = float(fields, "param_value_internal")?;
        let domain = of_text(text(fields, "distribution")?)
            .ok_or_else(|| Skip::Told("has a distribution that is not known".to_owned()))?;
        if self.derived.first(name).is_some_and(|first| !are_compatible(first, &domain)) {
            return Err(Skip::Quiet);
        }
        let mut params = std::mem::take(&mut self.state.trials[number].params);
        self.add_param(&mut params, name, domain, value);
        self.state.trials[number].params = params;
        Ok(())
    }

    fn set_state(&mut self, fields: &Map<String, Value>) -> Taken {
        let number = self.open_trial(fields)?;
        let state = state_of(whole(fields, "state")?)
            .ok_or_else(|| Skip::Newer("has a trial's state that is not known".to_owned()))?;
        let trial = &mut self.state.trials[number];
        if (trial.state, state) == (TrialState::Running, TrialState::Running) {
            // Of two who claim a trial, the first has it.
            return Err(Skip::Quiet);
        }
        trial.state = state;
        if state == TrialState::Waiting {
            // What was logged belongs to the run that was stopped; the next one begins at its first value.
            trial.intermediate.clear();
            trial.rungs.clear();
        }
        if state == TrialState::Running {
            trial.started = time(fields, "datetime_start");
        }
        if trial.has_ended() {
            trial.ended = time(fields, "datetime_complete");
        }
        if let Some(Value::Array(values)) = fields.get("values") {
            trial.values = values.iter().filter_map(json::float).collect();
        }
        Ok(())
    }

    fn set_intermediate(&mut self, fields: &Map<String, Value>) -> Taken {
        let number = self.open_trial(fields)?;
        let value = float(fields, "intermediate_value")?;
        // Optuna knows steps below zero; a run's values are counted from 1.
        let n = whole(fields, "step").map_err(|_| Skip::Quiet)?;
        self.state.trials[number].intermediate.insert(n, value);
        Ok(())
    }

    fn trial_attribute(&mut self, fields: &Map<String, Value>) -> Taken {
        let number = self.open_trial(fields)?;
        let (key, value) = one(fields, "user_attr")?;
        set_attribute(&mut self.state.trials[number], key, value);
        Ok(())
    }

    fn trial_system_attribute(&mut self, fields: &Map<String, Value>) -> Taken {
        let number = self.open_trial(fields)?;
        let (key, value) = one(fields, "system_attr")?;
        set_system_attribute(&mut self.state.trials[number], key, value);
        Ok(())
    }

    /// The study that a line is of, if there is one.
    fn study_of(&self, fields: &Map<String, Value>) -> Taken<usize> {
        let study = usize::try_from(whole(fields, "study_id")?).unwrap_or(usize::MAX);
        match self.studies.get(study) {
            Some(Some(_)) => Ok(study),
            _ => Err(Skip::Quiet),
        }
    }

    fn our_study(&self, fields: &Map<String, Value>) -> Taken {
        let study = self.study_of(fields)? as u64;
        if self.study == Some(study) { Ok(()) } else { Err(Skip::Quiet) }
    }

    /// The number of the trial that a line is of, if it is ours and has not ended.
    fn open_trial(&self, fields: &Map<String, Value>) -> Taken<usize> {
        let id = usize::try_from(whole(fields, "trial_id")?).unwrap_or(usize::MAX);
        let number = self.trials.get(id).copied().flatten().ok_or(Skip::Quiet)?;
        let is_open = self.state.trials.get(number).is_some_and(|trial| !trial.has_ended());
        if is_open { Ok(number) } else { Err(Skip::Quiet) }
    }
}

fn set_attribute(trial: &mut Trial, key: &str, value: &Value) {
    if key == RUN {
        trial.run = value.as_str().and_then(|run| run.parse().ok());
    } else {
        trial.attributes.insert(key.to_owned(), value.clone());
    }
}

fn set_system_attribute(trial: &mut Trial, key: &str, value: &Value) {
    if key == FIXED {
        trial.fixed = value.as_object().cloned().unwrap_or_default();
    } else if let (Some(rung), Some(value)) = (rung_of(key), json::float(value)) {
        trial.rungs.insert(rung, value);
    }
}

fn goals(fields: &Map<String, Value>) -> Taken<Vec<Goal>> {
    let directions = fields.get("directions").and_then(Value::as_array);
    let goal = |code: &Value| match code.as_u64() {
        Some(2) => Goal::Maximize,
        // Optuna has a direction that is not set, and takes it for this one.
        _ => Goal::Minimize,
    };
    let goals: Option<Vec<Goal>> = directions.map(|codes| codes.iter().map(goal).collect());
    goals.filter(|goals| !goals.is_empty()).ok_or_else(|| missing("directions"))
}

fn missing(field: &str) -> Skip {
    Skip::Told(format!("has no `{field}` that can be used"))
}

fn whole(fields: &Map<String, Value>, name: &str) -> Taken<u64> {
    fields.get(name).and_then(Value::as_u64).ok_or_else(|| missing(name))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Taken<&'a str> {
    fields.get(name).and_then(Value::as_str).ok_or_else(|| missing(name))
}

fn float(fields: &Map<String, Value>, name: &str) -> Taken<f64> {
    fields.get(name).and_then(json::float).ok_or_else(|| missing(name))
}

/// The one member of an object: Optuna writes no more at once.
fn one<'a>(fields: &'a Map<String, Value>, name: &str) -> Taken<(&'a String, &'a Value)> {
    let members = fields.get(name).and_then(Value::as_object).filter(|members| members.len() == 1);
    members.and_then(|members| members.iter().next()).ok_or_else(|| missing(name))
}

fn object<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    fields.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn time(fields: &Map<String, Value>, name: &str) -> Option<tracker_core::Timestamp> {
    fields.get(name).and_then(Value::as_str).and_then(names::time_of)
}
