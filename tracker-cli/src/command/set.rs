//! `tracker set`: changes numbers of a training, or lists them.

use std::collections::BTreeMap;

use tracker_core::{
    control::SetKnobs,
    read::{RunReader, Store},
};

use crate::{
    answers::{
        command::edits::{Knobs, KnobsAsked},
        versioned::Versioned,
    },
    args::Set,
    terminal::{
        printer,
        text::{bold, clean},
    },
    view::knobs,
};

/// Runs `tracker set`.
pub(crate) fn run(store: &Store, args: &Set) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    if args.values.is_empty() {
        return list(&run, args);
    }
    let asked = args.values.iter().map(|text| knob_value(text));
    let asked = asked.collect::<anyhow::Result<BTreeMap<&str, f64>>>()?;
    let values = asked.iter();
    values.fold(SetKnobs::new(), |all, (name, value)| all.knob(*name, *value)).send(&run)?;
    if args.json {
        printer::json(&Versioned::new(KnobsAsked { run: run.info().id.as_str(), asked }))?;
    } else {
        printer::text(&to_text(&run, &asked))?;
    }
    Ok(())
}

/// The knob and its value. The name may have a `=` of its own.
fn knob_value(text: &str) -> anyhow::Result<(&str, f64)> {
    let value = text.rsplit_once('=');
    let value = value.and_then(|(name, value)| Some((name, value.trim().parse().ok()?)));
    value.ok_or_else(|| {
        anyhow::anyhow!("`{text}` gives no knob a number\nhint: write it as `lr=5e-4`")
    })
}

fn list(run: &RunReader, args: &Set) -> anyhow::Result<()> {
    let info = run.info();
    if args.json {
        let knobs = Knobs { run: info.id.as_str(), knobs: &info.knobs };
        printer::json(&Versioned::new(knobs))?;
        return Ok(());
    }
    let listed = knobs::knobs(&info.knobs, printer::width());
    let none = format!(
        "run {} has no knobs; a training declares one by `run.knob(\"lr\", 1e-3)`\n",
        bold(&clean(&info.name))
    );
    printer::text(if listed.is_empty() { &none } else { listed.trim_start() })?;
    Ok(())
}

/// What will happen, and how to see that it has.
fn to_text(run: &RunReader, asked: &BTreeMap<&str, f64>) -> String {
    let info = run.info();
    let line = |(name, value): (&&str, &f64)| {
        let before = info.knobs.get(*name).map_or(*value, |knob| knob.value);
        format!("{}: {before:?} → {value:?}\n", bold(&clean(name)))
    };
    let lines: String = asked.iter().map(line).collect();
    let name = clean(&info.name);
    format!(
        "{lines}asked of {name}, which takes it with its next step; several ranks do about three seconds \
         later, all at one step\nnext: `tracker set {name}` says since which step\n"
    )
}
