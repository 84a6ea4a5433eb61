//! `tracker show`: one run, from its settings to its messages.

mod diagnose;
mod flight;
mod flight_map;
mod media;
mod patch;

use std::{collections::BTreeMap, sync::Arc};

use tracker_core::{
    Definition, Level, Problem, Result, Summary, Timestamp,
    read::{
        ArtifactVersion, Code, MessageFilter, Messages, RunReader, Snapshot, Store, StoredEvent,
        Warning, mount::named, settings_by_path, shown_setting,
    },
    text::{shown_duration, shown_value},
};

use crate::{
    answers::{
        command::{
            code::Code as CodeAnswer,
            run::{Run, Shown as Answer, WholeRun},
        },
        versioned::Versioned,
    },
    args::Show,
    terminal::{
        plot::{self, Curve, Plot, arrow},
        printer,
        table::{Align, Grid, MISSING, pairs},
        text::{ago, bold, clean, clean_lines, date, more},
    },
    view::{
        elapsed::elapsed,
        forks::{self, Forks},
        knobs,
        lineage::{self, Lineage},
        live::{self, Live},
        metric_order::{self, METRIC_HINT},
        provenance_text::origin_rows,
        recorded,
    },
};

/// The curves that are drawn of those that somebody names.
const MAX_CURVES: usize = 4;

/// The metrics that are listed, unless `--metric` names others.
const MAX_METRICS: usize = 40;

/// The settings that are listed.
const MAX_SETTINGS: usize = 200;

/// The tags that are listed.
const MAX_TAGS: usize = 50;

/// The problems that are listed.
const MAX_PROBLEMS: usize = 20;

/// The lines of a curve.
const CURVE_HEIGHT: u16 = 7;

/// The width from which two curves stand side by side.
const TWO_CURVES: u16 = 72;

/// Runs `tracker show`.
pub(crate) fn run(store: &Store, args: &Show) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    if args.patch {
        return patch::print(&run);
    }
    if args.diagnose {
        return diagnose::print(&run, args);
    }
    if args.flight {
        return flight::print(&run, args);
    }
    if let Some(name) = &args.media {
        return media::print(&run, name, args);
    }
    let mut unread = Vec::new();
    let mut keep = |error: tracker_core::Error| unread.push(error.to_string());
    let code = run.code().unwrap_or_else(|error| {
        keep(error);
        None
    });
    let lineage = Lineage::of(store, &run).unwrap_or_else(|error| {
        keep(error);
        Lineage::default()
    });
    let forks = Forks::of(&run, &store.runs()?.runs);
    // What is damaged is told, also where it is not shown.
    run.check()?;
    let summaries = run.summary()?;
    let definitions = &run.info().definitions;
    let said = MessageFilter::new().level(Level::Info).count(recorded::MAX_MESSAGES);
    let shown = Shown {
        metrics: metric_order::chosen("the run has no", &summaries, definitions, &args.metrics)?,
        is_own_choice: args.metrics.is_empty(),
        summaries,
        events: run.events()?,
        said: run.messages(&said)?,
        artifacts: run.artifacts()?,
        code,
        lineage,
        forks,
        live: live::live(&run.snapshot()?),
        unread,
        width: printer::width(),
        run,
    };
    if args.json {
        printer::json(&Versioned::new(shown.answer()))?;
    } else {
        printer::text(&shown.to_text(&shown.plots()?))?;
    }
    printer::left_out_by(&shown.run);
    Ok(())
}

/// A run and all that is shown of it beside its points.
struct Shown {
    run: RunReader,
    summaries: Arc<BTreeMap<String, Summary>>,
    /// The metrics that are shown, those that tell most first.
    metrics: Vec<String>,
    /// Whether nobody named them.
    is_own_choice: bool,
    events: Vec<StoredEvent>,
    /// The last messages, those of the events too.
    said: Messages,
    artifacts: Vec<ArtifactVersion>,
    code: Option<Code>,
    lineage: Lineage,
    forks: Forks,
    /// Of a run that trains.
    live: Option<Live>,
    /// Why nothing is known of the code or of other runs, though something was recorded.
    unread: Vec<String>,
    width: u16,
}

impl Shown {
    fn answer(&self) -> Answer<'_> {
        let info = self.run.info();
        let run = WholeRun {
            run: Run::of(&self.run, &self.summaries),
            group: info.group.as_deref(),
            notes: info.notes.as_deref(),
            message: info.message.as_deref(),
            path: named(self.run.path()),
            definitions: &info.definitions,
            provenance: &info.provenance,
            code: self.code.as_ref().map(|code| CodeAnswer::whole(&self.run, code)),
            problems: info.problems.iter().map(Into::into).collect(),
            warnings: self.warnings(),
            about: &info.about,
            artifacts: &self.artifacts,
            lineage: &self.lineage,
            knobs: &info.knobs,
            forks: &self.forks,
            since: info.since.as_ref(),
            events: &self.events,
            live: self.live.as_ref(),
        };
        Answer { run }
    }

    /// What could not be read.
    fn warnings(&self) -> Vec<String> {
        let warnings = self.run.warnings();
        let of_run = warnings.iter().map(Warning::to_string);
        of_run.chain(self.unread.iter().cloned()).collect()
    }

    /// The curves of the metrics that tell most.
    fn plots(&self) -> Result<Vec<Plot>> {
        let has_curve = |metric: &&String| {
            let has_points = |summary: &Summary| summary.count > 1;
            !metric_order::is_counter(metric) && self.summaries.get(*metric).is_some_and(has_points)
        };
        let metrics: Vec<String> = if self.is_own_choice {
            live::key_metrics(&self.summaries, &self.run.info().definitions)
        } else {
            self.metrics.iter().filter(has_curve).take(MAX_CURVES).cloned().collect()
        };
        let now = self.run.snapshot()?;
        metrics.iter().map(|metric| self.plot(&now, metric)).collect()
    }

    fn plot(&self, now: &Snapshot, metric: &str) -> Result<Plot> {
        Ok(Plot {
            metric: metric.to_owned(),
            definition: self.definition(metric),
            curves: vec![Curve::read(now, metric, "", 0)?],
        })
    }

    fn definition(&self, metric: &str) -> Definition {
        self.run.info().definitions.get(metric).cloned().unwrap_or_default()
    }

    fn to_text(&self, plots: &[Plot]) -> String {
        let columns = if self.width >= TWO_CURVES { plots.len().min(2) } else { 1 };
        [
            self.head(),
            self.config(),
            recorded::about(&self.run.info().about, self.width),
            self.metrics(),
            plot::draw(plots, columns, self.width, CURVE_HEIGHT),
            self.origin(),
            recorded::artifacts(&self.artifacts, self.width),
            lineage::used(&self.lineage.used, self.width),
            lineage::used_by(&self.lineage.used_by, self.width),
            knobs::knobs(&self.run.info().knobs, self.width),
            knobs::changes(&self.events, self.width),
            recorded::media(&self.events, self.width),
            recorded::histograms(&self.events, self.width),
            recorded::alerts(&self.events, self.width),
            self.problems(),
            recorded::messages(&self.events, &self.said, self.width),
        ]
        .concat()
    }

    fn head(&self) -> String {
        let info = self.run.info();
        let mut rows = vec![
            ("id", info.id.to_string()),
            ("project", clean(&info.project)),
            ("state", self.state()),
            (
                "started",
                format!("{} ({})", date(info.started_at), ago(info.started_at, Timestamp::now())),
            ),
            ("duration", self.duration()),
        ];
        let words = self.live.as_ref().map(|live| clean(&live.words));
        rows.extend(words.filter(|words| !words.is_empty()).map(|words| ("progress", words)));
        let alert = info.alerts.last.as_ref().filter(|_| self.live.is_some());
        rows.extend(alert.map(|alert| ("last alert", clean_lines(&alert.text))));
        rows.extend(info.group.as_ref().map(|group| ("group", clean(group))));
        rows.extend(Some(("tags", self.tags())).filter(|(_, tags)| !tags.is_empty()));
        rows.extend(info.notes.as_ref().map(|notes| ("notes", clean_lines(notes))));
        rows.extend(forks::rows(&self.forks));
        let since = info
            .since
            .as_ref()
            .map(|since| ("since", clean(&format!("{}: {}", since.name, since.text))));
        rows.extend(since);
        rows.push(("path", clean(&named(self.run.path()))));
        pairs(rows, self.width).section(&clean(&info.name)).trim_start().to_owned()
    }

    fn state(&self) -> String {
        clean_lines(&self.run.state().told_with(self.run.info().message.as_deref()))
    }

    fn tags(&self) -> String {
        let tags = &self.run.info().tags;
        let mut shown: Vec<&str> = tags.iter().take(MAX_TAGS).map(String::as_str).collect();
        let more = more(tags.len(), MAX_TAGS, "--json has all");
        shown.extend(more.as_deref());
        clean(&shown.join(", "))
    }

    fn duration(&self) -> String {
        let Some(elapsed) = elapsed(&self.run) else { return "unknown".to_owned() };
        let end = if elapsed.to_last_point { " to its last point" } else { "" };
        let [trained, passed] = [elapsed.trained, elapsed.passed].map(shown_duration);
        if trained == passed {
            format!("{passed}{end}")
        } else {
            format!("{trained} of training, {passed} with pauses{end}")
        }
    }

    fn config(&self) -> String {
        let settings = settings_by_path(&self.run.info().config);
        let more = more(settings.len(), MAX_SETTINGS, "--json has all");
        let rows = settings.into_iter().take(MAX_SETTINGS);
        let rows = rows.map(|(path, value)| (clean(&path), clean(&shown_setting(Some(value)))));
        pairs(rows.chain(more.map(|more| (more, String::new()))), self.width).section("Config")
    }

    fn metrics(&self) -> String {
        if self.metrics.is_empty() {
            return format!("\n{}\n  none yet\n", bold("Metrics"));
        }
        let most = if self.is_own_choice { MAX_METRICS } else { usize::MAX };
        let mut grid = Grid::new([Align::Left, Align::Right], self.width);
        grid.header(["", "last", "best", "min", "max", "step", "count"]);
        for name in self.metrics.iter().take(most) {
            let Some(summary) = self.summaries.get(name) else { continue };
            let definition = self.definition(name);
            let value = |value: f64| clean(&shown_value(value, &definition));
            let optional = |some: Option<f64>| some.map_or_else(|| MISSING.to_owned(), value);
            grid.row([
                format!("{}{}", clean(name), arrow(&definition)),
                value(summary.last),
                optional(summary.best),
                optional(summary.min),
                optional(summary.max),
                summary.step.to_string(),
                summary.count.to_string(),
            ]);
        }
        let more = more(self.metrics.len(), most, METRIC_HINT);
        grid.section("Metrics") + &more.map(|more| format!("  {more}\n")).unwrap_or_default()
    }

    fn origin(&self) -> String {
        let rows = origin_rows(&self.run.info().provenance, self.code.as_ref());
        pairs(rows.into_iter().filter(|(_, value)| !value.is_empty()), self.width).section("Origin")
    }

    fn problems(&self) -> String {
        let problem = |problem: &Problem| {
            let times =
                if problem.count > 1 { format!(" ({} ×)", problem.count) } else { String::new() };
            format!(
                "{}{times}\nhint: {}",
                clean_lines(&problem.message),
                clean_lines(&problem.hint)
            )
        };
        let of_warning = |warning: &Warning| clean_lines(&warning.to_string());
        let info = self.run.info();
        let texts: Vec<String> = info
            .problems
            .iter()
            .map(problem)
            .chain(self.run.warnings().iter().map(of_warning))
            .chain(self.unread.iter().map(|text| clean_lines(text)))
            .collect();
        let more = more(texts.len(), MAX_PROBLEMS, "--json has all");
        let texts = texts.into_iter().take(MAX_PROBLEMS).chain(more);
        pairs(texts.map(|text| ("!", text)), self.width).section("Problems")
    }
}
