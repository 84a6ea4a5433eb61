//! Groups of runs, and which of them is better.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use axum::http::StatusCode;
use tracker_core::{
    Definition, Error, Summary,
    read::{KnownFields, Query, RunFields, RunReader},
};

use crate::{
    answers::page::groups::{GroupTable, RunGroups},
    ui::{
        failure::{Answer, Failure},
        responses::{comparison, runs::known_definitions},
        state::App,
    },
    view::{
        elapsed::elapsed,
        groups::{Asked, At, By, Grouped, Member, TableFormat},
        metric_order,
    },
};

/// The most groups of an answer. Where there are more, those with the most runs are in it.
const MOST_GROUPS: usize = 100;

/// The most runs whose value at a step is read: each costs a look into its files.
const MOST_AT_A_STEP: usize = 1_000;

/// The most metrics that are told of beside the one that has verdicts, and that are named as choices.
pub(crate) const MOST_COLUMNS: usize = 50;
const MOST_METRICS: usize = 1_000;

/// The columns where nobody names any.
const USUAL_COLUMNS: usize = 3;

/// What a page asks of groups.
#[derive(Debug)]
pub(crate) struct GroupsAsked {
    pub(crate) project: Option<String>,
    /// These runs, in this order; all without any.
    pub(crate) runs: Vec<String>,
    /// Which runs, in the language of the search.
    pub(crate) query: String,
    pub(crate) by: By,
    /// The baseline, and the groups that are compared with it.
    pub(crate) picks: Vec<String>,
    pub(crate) pair: Option<String>,
    pub(crate) at: At,
    pub(crate) metric: Option<String>,
    pub(crate) columns: Vec<String>,
}

/// The runs that were asked for, in the order in which they were named or began, with what the questions need of them.
struct Chosen {
    runs: Vec<(RunReader, Arc<BTreeMap<String, Summary>>)>,
    definitions: BTreeMap<String, Definition>,
    /// All metrics of the runs, what tells most first.
    metrics: Vec<String>,
    warnings: Vec<String>,
}

/// What `/groups` answers.
pub(crate) fn groups(app: &App, asked: &GroupsAsked) -> Answer<RunGroups> {
    let mut chosen = Chosen::find(app, asked)?;
    let told = chosen.told(asked);
    let mut warnings = std::mem::take(&mut chosen.warnings);
    let grouped = chosen.grouped(asked, &told, &mut warnings)?;
    let mut answer = RunGroups::of(&grouped);
    answer.runs = chosen.runs.len();
    answer.metrics = chosen.metrics.iter().take(MOST_METRICS).cloned().collect();
    answer.warnings = warnings;
    Ok(answer)
}

/// What `/groups/table` answers.
pub(crate) fn table(app: &App, asked: &GroupsAsked, format: TableFormat) -> Answer<GroupTable> {
    let chosen = Chosen::find(app, asked)?;
    let told = chosen.told(asked);
    let grouped = chosen.grouped(asked, &told, &mut Vec::new())?;
    Ok(GroupTable { text: grouped.table(format) })
}

impl Chosen {
    fn find(app: &App, asked: &GroupsAsked) -> Answer<Self> {
        let mut warnings = Vec::new();
        let listed = if asked.runs.is_empty() {
            let listing = app.library().listing()?;
            listing.map(|listing| listing.runs).unwrap_or_default().into_iter().rev().collect()
        } else {
            app.library().find_all(&comparison::distinct(asked.runs.clone())?)?
        };
        let is_asked = |run: &RunReader| {
            asked.project.as_ref().is_none_or(|project| *project == run.info().project)
        };
        let mut runs: Vec<(RunReader, Arc<BTreeMap<String, Summary>>)> = Vec::new();
        for run in listed.into_iter().filter(is_asked) {
            match run.summary() {
                Ok(summary) => runs.push((run, summary)),
                Err(error) => warnings.push(format!("{}: {error}", run.info().name)),
            }
        }
        if !asked.query.trim().is_empty() {
            let fields = |(run, summary): &(RunReader, Arc<_>)| {
                RunFields::with(run.info(), run.state(), elapsed(run), summary)
            };
            let fields: Vec<RunFields> = runs.iter().map(fields).collect();
            let query = Query::parse(&asked.query, &KnownFields::of(&fields))
                .map_err(|error| refused(&error.into()))?;
            let mut fields = fields.iter();
            runs.retain(|_| fields.next().is_some_and(|fields| query.finds(fields)));
        }
        let readers: Vec<&RunReader> = runs.iter().map(|(run, _)| run).collect();
        let definitions = known_definitions(&readers);
        let mut known: BTreeMap<String, Summary> = BTreeMap::new();
        for (name, summary) in runs.iter().flat_map(|(_, summaries)| summaries.iter()) {
            if !known.contains_key(name) {
                known.insert(name.clone(), *summary);
            }
        }
        let is_shown = |name: &&str| !metric_order::is_hidden(definitions.get(*name));
        let metrics = metric_order::ordered(&known, &definitions);
        let metrics = metrics.into_iter().filter(is_shown).map(str::to_owned).collect();
        Ok(Self { runs, definitions, metrics, warnings })
    }

    /// The metric that has verdicts, and after it those that are told of beside it.
    fn told(&self, asked: &GroupsAsked) -> Vec<String> {
        let telling = || metric_order::telling(&self.metrics, &self.definitions);
        let first = asked.metric.as_deref().or_else(telling);
        let has_direction = |metric: &&String| {
            self.definitions.get(*metric).is_some_and(|known| known.direction.is_some())
        };
        let usual = self.metrics.iter().filter(has_direction).take(USUAL_COLUMNS);
        let columns: Vec<&String> =
            if asked.columns.is_empty() { usual.collect() } else { asked.columns.iter().collect() };
        let mut told: Vec<String> = first.map(str::to_owned).into_iter().collect();
        for metric in columns {
            if !told.contains(metric) {
                told.push(metric.clone());
            }
        }
        told
    }

    fn grouped<'a>(
        &'a self,
        asked: &'a GroupsAsked,
        told: &'a [String],
        warnings: &mut Vec<String>,
    ) -> Answer<Grouped<'a>> {
        if matches!(asked.at, At::Step(_)) && self.runs.len() > MOST_AT_A_STEP {
            let error = format!("a value at a step is read of at most {MOST_AT_A_STEP} runs");
            return Err(Failure::new(StatusCode::BAD_REQUEST, error, "search for fewer runs"));
        }
        let member = |(run, summaries): &'a (RunReader, Arc<_>)| Member { run, summaries };
        let members: Vec<Member<'a>> = self.runs.iter().map(member).collect();
        let (picks, unknown) = known_picks(&members, asked);
        let unknown = unknown.iter().map(|name| format!("no run found is of the group {name:.80}"));
        warnings.extend(unknown);
        let grouped = Grouped::read(
            &members,
            Asked {
                by: &asked.by,
                picks,
                pair: asked.pair.as_deref(),
                at: asked.at,
                metrics: told,
                is_own_choice: false,
                metric: told.first().map(String::as_str),
                definitions: &self.definitions,
                most: MOST_GROUPS,
            },
        );
        let grouped = grouped.map_err(|error| refused(&error))?;
        if grouped.of() > MOST_GROUPS {
            let of = grouped.of();
            warnings
                .push(format!("of {of} groups, the {MOST_GROUPS} with the most runs are told of"));
        }
        Ok(grouped)
    }
}

/// Which of the picks are groups, and which are not, or no longer: a search may have left none of their runs.
fn known_picks<'a>(members: &[Member<'_>], asked: &'a GroupsAsked) -> (Vec<&'a str>, Vec<&'a str>) {
    if asked.picks.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut there: HashSet<String> = HashSet::new();
    for member in members {
        let groups = asked.by.groups_of(member);
        if groups.is_empty() {
            there.insert(asked.by.none().to_owned());
        }
        there.extend(groups);
    }
    asked.picks.iter().map(String::as_str).partition(|pick| there.contains(*pick))
}

/// The question makes no sense for these runs, or they cannot be read.
fn refused(error: &anyhow::Error) -> Failure {
    if let Some(error) = error.downcast_ref::<Error>()
        && !matches!(error, Error::Query { .. })
    {
        return Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            error.to_string(),
            "`tracker doctor` looks at the store",
        );
    }
    let text = error.to_string();
    let (error, hint) = text.split_once("\nhint: ").unwrap_or((&text, "change the question"));
    Failure::new(StatusCode::BAD_REQUEST, error, hint)
}
