//! Which runs a table has, where they begin and end in it, and their settings.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

use super::{
    field::Moment,
    mapping::Mapping,
    rows::{Next, Place, Rows},
};
use crate::{Account, Error, Result};

/// More runs than a table has: a column with so many names is none of runs.
const MOST_RUNS: usize = 10_000;

/// The longest name of a run.
const LONGEST_NAME: usize = 1_000;

/// The longest setting.
const LONGEST_SETTING: usize = 1 << 16;

/// A run of a table.
#[derive(Debug)]
pub(super) struct Found {
    /// Its first row.
    pub(super) first: Option<Place>,
    /// The line of its last row.
    pub(super) last: u64,
    pub(super) project: Option<String>,
    pub(super) settings: Map<String, Value>,
    /// How many rows have another value of a setting than the first one.
    pub(super) changed: u64,
    /// Its earliest time, if rows have times.
    pub(super) started: Option<Moment>,
}

/// Rows that cannot be used: how many, and what is wrong with the first one.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    count: u64,
    first: Option<(u64, String)>,
}

impl Trouble {
    pub(super) fn add(&mut self, line: u64, why: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some((line, why()));
        }
    }

    /// Tells the account, once.
    pub(super) fn tell(&mut self, what: &'static str, account: &mut Account) {
        if let Some((line, why)) = self.first.take() {
            let why = format!("they cannot be read, the first at line {line}: {why}");
            account.leave_out(what, why, std::mem::take(&mut self.count));
        }
    }
}

/// Where the columns of a mapping are in the rows of a file.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Roles {
    pub(super) run: Option<usize>,
    pub(super) project: Option<usize>,
    pub(super) step: Option<usize>,
    pub(super) time: Option<usize>,
}

/// The number of a column; an error if there is none of this name.
pub(super) fn number_of(columns: &[String], name: &str) -> Result<usize> {
    let found = columns.iter().position(|column| column == name);
    found.ok_or_else(|| Error::Unusable {
        what: format!("the file has no column `{name}`"),
        hint: "guess the mapping anew".to_owned(),
    })
}

impl Roles {
    pub(super) fn of(mapping: &Mapping, columns: &[String]) -> Result<Self> {
        let of =
            |name: &Option<String>| name.as_ref().map(|name| number_of(columns, name)).transpose();
        Ok(Self {
            run: of(&mapping.run)?,
            project: of(&mapping.project)?,
            step: of(&mapping.step)?,
            time: of(&mapping.time)?,
        })
    }

    /// The name of the row's run: empty where no column says it. `None` if there is none to be read.
    pub(super) fn name(&self, rows: &Rows) -> Option<String> {
        let Some(column) = self.run else { return Some(String::new()) };
        let name = rows.field(column).text()?;
        (name.len() <= LONGEST_NAME).then(|| name.trim().to_owned())
    }
}

/// Looks through a whole file for its runs.
pub(super) fn runs(path: &Path, mapping: &Mapping) -> Result<(BTreeMap<String, Found>, Trouble)> {
    let mut rows = Rows::open_at(path, None, &mapping.columns)?;
    let roles = Roles::of(mapping, rows.columns())?;
    let settings = settings_of(mapping, rows.columns())?;
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut trouble = Trouble::default();
    loop {
        match rows.advance() {
            Next::Row => {}
            Next::Bad(why) => {
                trouble.add(rows.line(), || why);
                continue;
            }
            Next::End => return Ok((found, trouble)),
        }
        let Some(name) = roles.name(&rows) else {
            trouble.add(rows.line(), || {
                "it names no run, or one of more than 1,000 letters".to_owned()
            });
            continue;
        };
        if !found.contains_key(&name) && found.len() >= MOST_RUNS {
            return Err(Error::Unusable {
                what: format!(
                    "column `{}` names more than {MOST_RUNS} runs",
                    mapping.run.as_deref().unwrap_or_default()
                ),
                hint: "say which column names the run, or `ignore=` it".to_owned(),
            });
        }
        let run = found.entry(name).or_insert_with(|| Found {
            first: rows.place(),
            last: 0,
            project: roles
                .project
                .and_then(|column| rows.field(column).text())
                .map(std::borrow::Cow::into_owned),
            settings: Map::new(),
            changed: 0,
            started: None,
        });
        run.last = rows.line();
        run.look_at(&rows, roles.time, &settings);
    }
}

fn settings_of(mapping: &Mapping, columns: &[String]) -> Result<Vec<(usize, String)>> {
    let named = |name: &String| Ok((number_of(columns, name)?, name.clone()));
    mapping.settings.iter().map(named).collect()
}

impl Found {
    fn look_at(&mut self, rows: &Rows, time: Option<usize>, settings: &[(usize, String)]) {
        if let Some(moment) = time.and_then(|column| rows.field(column).moment()) {
            let earlier = match (self.started, moment) {
                (None, _) => true,
                (Some(Moment::At(known)), Moment::At(time)) => time < known,
                (Some(Moment::After(known)), Moment::After(time)) => time < known,
                _ => false,
            };
            if earlier {
                self.started = Some(moment);
            }
        }
        for (column, name) in settings {
            let field = rows.field(*column);
            let is_short = field.text().is_some_and(|text| text.len() <= LONGEST_SETTING);
            let Some(value) = field.setting().filter(|_| is_short) else { continue };
            match self.settings.get(name) {
                Some(known) => self.changed += u64::from(*known != value),
                None => {
                    self.settings.insert(name.clone(), value);
                }
            }
        }
    }
}
