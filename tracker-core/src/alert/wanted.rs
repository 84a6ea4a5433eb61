//! What a run is to be watched for, and what is done about it.

use crate::{
    Result, Rule,
    alert::{actions::Action, engine::Rules},
};

/// What a run is to be watched for, and what is done about it.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The program's own rules.
    pub(crate) own: Vec<Rule>,
    /// Whether it is watched for what is never right.
    pub(crate) usual: bool,
    pub(crate) actions: Vec<Action>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { own: Vec::new(), usual: true, actions: Vec::new() }
    }
}

impl Wanted {
    /// # Errors
    /// If one of the rules has no meaning.
    pub(crate) fn check(&self) -> Result<()> {
        self.own.iter().try_for_each(Rule::check)
    }

    /// The rules, where that much room on the run's disk is little.
    pub(crate) fn rules(self, little_room: Option<f64>) -> Rules {
        let usual = if self.usual { Rule::usual(little_room) } else { Vec::new() };
        Rules::new(self.own.into_iter().chain(usual).collect())
    }
}
