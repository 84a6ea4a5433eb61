//! The columns that somebody has chosen, in that order.

use anyhow::Result;
use tracker_core::{
    Definition, Timestamp,
    read::{Field, FieldValue, KnownFields},
    text::{shown_duration, shown_value},
};

use super::{Align, Column, Listed, styled};
use crate::{
    terminal::{
        table::MISSING,
        text::{ago, clean},
    },
    view::csv::cell,
};

/// What is chosen.
pub(super) fn fields(names: &[String], known: &KnownFields) -> Result<Vec<Field>> {
    Ok(names.iter().map(|name| Field::named(name, known)).collect::<Result<_, _>>()?)
}

/// A table for people. None of its columns is left out.
pub(super) fn to_text(runs: &[Listed<'_>], fields: &[Field], width: u16) -> String {
    let now = Timestamp::now();
    let columns: Vec<Column> = fields.iter().map(|field| column(runs, field, now)).collect();
    styled(super::grid(&columns, runs.len(), width).lines(), &columns)
}

fn column(runs: &[Listed<'_>], field: &Field, now: Timestamp) -> Column {
    let column = Column::new(clean(field.name()), 0, runs, |run| {
        let values = run.fields().values(field);
        let definition = || run.run.info().definitions.get(field.name()).cloned();
        let definition = field.is_metric().then(|| definition().unwrap_or_default());
        let shown = |value| shown(value, definition.as_ref(), now);
        let shown: Vec<String> = values.iter().map(shown).collect();
        if shown.is_empty() { MISSING.to_owned() } else { clean(&shown.join(", ")) }
    });
    let is_number = |value: &FieldValue| {
        matches!(value, FieldValue::Whole(_) | FieldValue::Real(_) | FieldValue::Seconds(_))
    };
    let align = if runs.iter().any(|run| run.fields().values(field).iter().any(is_number)) {
        Align::Right
    } else {
        Align::Left
    };
    Column { align, ..column }
}

/// A value in words; of a metric, as its definition has it.
fn shown(value: &FieldValue, definition: Option<&Definition>, now: Timestamp) -> String {
    match (value, definition) {
        (FieldValue::Real(real), Some(definition)) => shown_value(*real, definition),
        (FieldValue::Seconds(seconds), _) => std::time::Duration::try_from_secs_f64(*seconds)
            .map_or_else(|_| MISSING.to_owned(), shown_duration),
        (FieldValue::Time(time), _) => ago(*time, now),
        (other, _) => other.to_string(),
    }
}

/// A table for programs: each number with all its digits, each time whole.
pub(super) fn to_csv(runs: &[Listed<'_>], fields: &[Field]) -> String {
    let titles: Vec<String> = fields.iter().map(|field| cell(field.name())).collect();
    let mut page = titles.join(",") + "\n";
    for run in runs {
        let cells: Vec<String> = fields.iter().map(|field| exact(run, field)).collect();
        page.push_str(&cells.join(","));
        page.push('\n');
    }
    page
}

fn exact(run: &Listed<'_>, field: &Field) -> String {
    let values = run.fields().values(field);
    match values.as_slice() {
        [FieldValue::Whole(whole)] => whole.to_string(),
        [FieldValue::Real(real) | FieldValue::Seconds(real)] => format!("{real:?}"),
        values => {
            let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
            cell(&texts.join(" "))
        }
    }
}
