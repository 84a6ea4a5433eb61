//! The groups of the runs that were named, with their verdicts.

mod text;

use anyhow::Result;

use crate::{
    args::Compare,
    command::compare::{Compared, Side},
    view::groups::{Asked, Grouped, Member},
};

impl Compared {
    /// The groups, if they were asked for.
    pub(crate) fn grouped<'a>(&'a self, args: &'a Compare) -> Result<Option<Grouped<'a>>> {
        let Some(by) = &args.group else { return Ok(None) };
        let member = |side: &'a Side| Member { run: &side.run, summaries: &side.summaries };
        let members: Vec<Member<'a>> = self.sides.iter().map(member).collect();
        let asked = Asked {
            by,
            picks: args.baseline.as_deref().into_iter().collect(),
            pair: args.pair.as_deref(),
            at: args.at,
            metrics: &self.metrics,
            is_own_choice: self.is_own_choice,
            metric: None,
            definitions: &self.definitions,
            most: usize::MAX,
        };
        Grouped::read(&members, asked).map(Some)
    }
}
