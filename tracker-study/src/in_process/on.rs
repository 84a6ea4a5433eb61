//! Parameters as a program names them, one after the other.

use std::{collections::BTreeSet, ops::RangeInclusive};

use serde_json::Value;

use crate::{Condition, Domain, Error, Parameter, Result};

/// Parameters that are there only where another one has a certain value; see [`Study::when`](crate::Study::when).
#[derive(Debug, Default)]
pub struct On {
    parameters: Vec<Parameter>,
    /// What cannot be done, the first of all: it is told when the study runs.
    wrong: Option<Error>,
}

impl On {
    /// As [`Study::float`](crate::Study::float).
    #[must_use]
    pub fn float(mut self, name: impl Into<String>, range: RangeInclusive<f64>) -> Self {
        let (low, high) = range.into_inner();
        self.add(name.into(), Domain::Float { low, high, log: false, step: None });
        self
    }

    /// As [`Study::int`](crate::Study::int).
    #[must_use]
    pub fn int(mut self, name: impl Into<String>, range: RangeInclusive<i64>) -> Self {
        let (low, high) = range.into_inner();
        self.add(name.into(), Domain::Int { low, high, log: false, step: 1 });
        self
    }

    /// As [`Study::choice`](crate::Study::choice).
    #[must_use]
    pub fn choice<V: Into<Value>>(
        mut self,
        name: impl Into<String>,
        choices: impl IntoIterator<Item = V>,
    ) -> Self {
        let choices = choices.into_iter().map(Into::into).collect();
        self.add(name.into(), Domain::Choice { choices, disabled: BTreeSet::new() });
        self
    }

    /// As [`Study::log`](crate::Study::log).
    #[must_use]
    pub fn log(mut self) -> Self {
        match self.last() {
            Some(Domain::Float { log, .. } | Domain::Int { log, .. }) => *log = true,
            _ => self.misplaced("log"),
        }
        self
    }

    /// As [`Study::step`](crate::Study::step).
    #[must_use]
    pub fn step(mut self, width: f64) -> Self {
        match self.last() {
            Some(Domain::Float { step, .. }) => *step = Some(width),
            Some(Domain::Int { step, .. }) if width.fract() == 0.0 => *step = width as i64,
            _ => self.misplaced("step"),
        }
        self
    }

    /// As [`Study::when`](crate::Study::when), within what holds already.
    #[must_use]
    pub fn when(
        mut self,
        parameter: impl Into<String>,
        value: impl Into<Value>,
        add: impl FnOnce(Self) -> Self,
    ) -> Self {
        let (parameter, value) = (parameter.into(), value.into());
        let before = self.parameters.iter().find(|known| known.name == parameter);
        let place = before.and_then(|before| match &before.domain {
            Domain::Choice { choices, .. } => choices.iter().position(|choice| *choice == value),
            _ => None,
        });
        let Some(place) = place else {
            let what =
                format!("`when(\"{parameter}\", {value}, ..)`: there is no such choice before it");
            self.is_wrong(
                what,
                "name a `.choice(..)` that was added before, and one of its values",
            );
            return self;
        };
        let condition = Condition { parameter, choices: vec![place] };
        // What is added inside may speak of all that is there already.
        let known = self.parameters.len();
        let mut all = add(self);
        for parameter in all.parameters.iter_mut().skip(known) {
            parameter.when.insert(0, condition.clone());
        }
        all
    }

    /// The parameters that were named.
    pub(crate) fn parameters(self) -> Result<Vec<Parameter>> {
        self.wrong.map_or(Ok(self.parameters), Err)
    }

    fn add(&mut self, name: String, domain: Domain) {
        self.parameters.push(Parameter::new(name, domain));
    }

    fn last(&mut self) -> Option<&mut Domain> {
        self.parameters.last_mut().map(|parameter| &mut parameter.domain)
    }

    fn misplaced(&mut self, what: &str) {
        let of = self.parameters.last().map_or("nothing", |parameter| &*parameter.name).to_owned();
        let hint = "it stands behind the `.float(..)` or `.int(..)` that it is of; the step of an int is a whole number";
        self.is_wrong(format!("`.{what}(..)` behind `{of}` has no meaning there"), hint);
    }

    fn is_wrong(&mut self, what: String, hint: &str) {
        self.wrong.get_or_insert_with(|| Error::unusable(what, hint));
    }
}
