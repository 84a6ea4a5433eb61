//! One thing that a study varies.

use crate::Domain;

/// One thing that a study varies.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name, which is also the path in the settings that it is laid over: `optimizer.lr`.
    pub name: String,
    /// The values that it may have.
    pub domain: Domain,
    /// When it is there at all: each of these must hold.
    pub when: Vec<Condition>,
}

/// That another parameter, a choice, has one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// The other parameter. It stands before this one in the space.
    pub parameter: String,
    /// The places of its choices.
    pub choices: Vec<usize>,
}

impl Parameter {
    /// One that is always there.
    pub fn new(name: impl Into<String>, domain: Domain) -> Self {
        Self { name: name.into(), domain, when: Vec::new() }
    }

    /// Adds a condition.
    #[must_use]
    pub fn when(mut self, parameter: impl Into<String>, choices: Vec<usize>) -> Self {
        self.when.push(Condition { parameter: parameter.into(), choices });
        self
    }
}
