//! At which steps of some runs there is something to see.

use axum::http::StatusCode;
use tracker_core::{
    Level, Step as Known, Timestamp,
    read::{MessageFilter, Snapshot},
};

use crate::{
    answers::{
        page::at::{Mark, Marks, RunMarks},
        step::Step,
    },
    ui::{
        failure::{Answer, Failure},
        state::App,
    },
};

/// The runs of one answer: more curves than this hide each other's marks.
const MOST_RUNS: usize = 50;

/// The messages of a run that are looked at, the last ones.
const MOST_MESSAGES: usize = 10_000;

/// The marks of each kind and run: a chart has no room for more.
const BUCKETS: u64 = 200;

/// What a mark says.
const MOST_CHARACTERS: usize = 200;

/// What `/marks` answers, with the messages of this level or more. A run that cannot be read costs its marks
/// and a warning.
pub(crate) fn marks(app: &App, ids: &[String], level: Level) -> Answer<Marks> {
    if ids.len() > MOST_RUNS {
        let error = format!("the marks of more than {MOST_RUNS} runs at once");
        return Err(Failure::new(StatusCode::BAD_REQUEST, error, "ask for fewer runs"));
    }
    let (mut runs, mut warnings) = (Vec::new(), Vec::new());
    for id in ids {
        match app.snapshot(id).and_then(|now| of_run(&now.read(), level)) {
            Ok(marks) => runs.push(RunMarks { run: id.clone(), marks }),
            Err(failure) => warnings.push(failure.to_string()),
        }
    }
    Ok(Marks { runs, warnings })
}

/// Something at one step.
#[derive(Debug)]
struct Seen {
    level: Option<Level>,
    step: u64,
    time: Timestamp,
    text: String,
    metric: Option<String>,
}

fn of_run(now: &Snapshot, level: Level) -> Answer<Vec<Mark>> {
    let kinds = [
        ("message", messages(now, level)?),
        ("alert", alerts(now)?),
        ("knob", knobs(now)?),
        ("fork", fork(now)),
    ];
    let mut marks: Vec<Mark> =
        kinds.into_iter().flat_map(|(kind, seen)| in_buckets(kind, seen)).collect();
    marks.sort_by_key(|mark| mark.step.0);
    Ok(marks)
}

/// What was said at this level or more, the last ones.
fn messages(now: &Snapshot, level: Level) -> Answer<Vec<Seen>> {
    let filter = MessageFilter::new().level(level).steps(0..=u64::MAX);
    let found = now.run().messages(&filter.count(MOST_MESSAGES))?;
    let seen = found.messages.into_iter().filter_map(|message| {
        let (level, time) = (Some(message.level), message.time);
        let step = message.step?.0;
        Some(Seen { level, step, time, text: message.text, metric: None })
    });
    Ok(seen.collect())
}

fn alerts(now: &Snapshot) -> Answer<Vec<Seen>> {
    let seen = now.alerts()?.into_iter().filter_map(|(time, alert)| {
        let step = alert.step?.0;
        Some(Seen { level: Some(alert.level), step, time, text: alert.text, metric: alert.metric })
    });
    Ok(seen.collect())
}

fn knobs(now: &Snapshot) -> Answer<Vec<Seen>> {
    let seen = now.knob_changes()?.into_iter().map(|(time, change)| {
        let text = format!("{} = {} by {}", change.name, change.value, change.by);
        Seen { level: None, step: change.from_step.0, time, text, metric: None }
    });
    Ok(seen.collect())
}

/// Where a fork begins.
fn fork(now: &Snapshot) -> Vec<Seen> {
    let info = now.run().info();
    let Some(parent) = &info.parent else { return Vec::new() };
    let step = now.run().forked_after().unwrap_or(parent.step).0;
    let text = format!("forked from {} after step {step}", parent.name);
    vec![Seen { level: None, step, time: info.started_at, text, metric: None }]
}

/// Neighbours in one mark where there are many.
fn in_buckets(kind: &'static str, mut seen: Vec<Seen>) -> Vec<Mark> {
    seen.sort_by_key(|one| (one.step, one.time));
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else { return Vec::new() };
    let (start, width) = (first.step, (last.step - first.step) / BUCKETS + 1);
    let are_many = seen.len() as u64 > BUCKETS;
    let mut marks: Vec<Mark> = Vec::new();
    for one in seen {
        let bucket = |step: u64| if are_many { (step - start) / width } else { step };
        match marks.last_mut() {
            Some(mark) if bucket(mark.step.0.0) == bucket(one.step) => add(mark, &one),
            _ => marks.push(mark(kind, one)),
        }
    }
    marks
}

fn mark(kind: &'static str, one: Seen) -> Mark {
    let Seen { level, step, time, text, metric } = one;
    let step = Step(Known(step));
    Mark { kind, level, step, last_step: step, time, count: 1, text: short(&text), metric }
}

fn add(mark: &mut Mark, one: &Seen) {
    mark.count += 1;
    mark.last_step = Step(Known(one.step));
    if one.level > mark.level {
        (mark.level, mark.text) = (one.level, short(&one.text));
    }
    if mark.metric != one.metric {
        mark.metric = None;
    }
}

fn short(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(step: u64, level: Level) -> Seen {
        let text = format!("at {step}");
        Seen { level: Some(level), step, time: Timestamp(0), text, metric: None }
    }

    #[test]
    fn few_marks_stand_each_at_its_step_and_many_in_buckets_with_the_worst_in_words() {
        let few =
            in_buckets("message", vec![seen(u64::MAX, Level::Warning), seen(3, Level::Error)]);
        let steps: Vec<u64> = few.iter().map(|mark| mark.step.0.0).collect();
        assert_eq!(steps, [3, u64::MAX]);
        let level = |step| if step == 4_321 { Level::Error } else { Level::Warning };
        let many = in_buckets("message", (0..10_000).map(|step| seen(step, level(step))).collect());
        assert!(many.len() <= 200);
        assert_eq!(many.iter().map(|mark| mark.count).sum::<u64>(), 10_000);
        let worst = many.iter().find(|mark| mark.level == Some(Level::Error)).unwrap();
        assert_eq!(worst.text, "at 4321");
        assert!(worst.step.0.0 <= 4_321 && 4_321 <= worst.last_step.0.0);
        assert!(in_buckets("knob", Vec::new()).is_empty());
    }
}
