//! `tracker study enqueue`: says what is tried next.

use anyhow::{Result, bail};
use serde_json::{Map, Value};
use tracker_core::read::Store;
use tracker_study::{Journal, Plan};

use crate::{
    answers::{command::study::StudyEnqueued, versioned::Versioned},
    args::study::StudyEnqueue,
    command::study::{
        find::find,
        given::{name_and_value, parameter, value_of},
    },
    terminal::{
        printer,
        text::{bold, clean},
    },
    view::study::shown_values,
};

/// Runs `tracker study enqueue`.
pub(crate) fn run(store: &Store, args: &StudyEnqueue) -> Result<()> {
    let folder = find(store, &args.study)?;
    let mut journal = Journal::open(&folder)?;
    let values = values(&journal.study().plan, &args.values)?;
    let trial = journal.enqueue(&values)?;
    if args.json {
        let (study, project) = (folder.name(), folder.project());
        let answer = StudyEnqueued { study, project, trial, values: &values };
        printer::json(&Versioned::new(answer))?;
    } else {
        let name = clean(folder.name());
        printer::text(&format!(
            "{} will be trial {trial} of {name}\nwhoever sweeps the study trains it next, with values of the \
             study's choice for the rest\n",
            bold(&shown_values(&values))
        ))?;
    }
    Ok(())
}

fn values(plan: &Plan, texts: &[String]) -> Result<Map<String, Value>> {
    let mut values = Map::new();
    for text in texts {
        let (name, typed) = name_and_value(text)?;
        let (value, _) = value_of(parameter(plan, name)?, typed)?;
        if values.insert(name.to_owned(), value).is_some() {
            bail!("{} is given twice\nhint: leave one of them out", clean(name));
        }
    }
    Ok(values)
}
