//! Which name shows what: TensorBoard has one kind of value a name.

use std::{collections::HashMap, path::Path};

use crate::{
    Account, Result,
    tensorboard::{
        event::{Content, Event, Plugin, Value},
        packed,
    },
};

/// What each name that was written shows.
#[derive(Debug, Default)]
pub(crate) struct Tags(HashMap<String, Plugin>);

impl Tags {
    /// Those of a file that is gone on with.
    pub(crate) fn of_file(path: &Path) -> Result<Self> {
        let mut tags = Self::default();
        let mut file = packed::open(path)?;
        while let Some(record) = packed::next(&mut file, path)? {
            let summary = Event::read(record).ok().and_then(|event| event.summary);
            for value in summary.into_iter().flat_map(Value::all).flatten() {
                let plugin = match value.content {
                    Content::Scalar(_) => Some(Plugin::Scalars),
                    _ => value.plugin().and_then(|(name, _)| Plugin::of(name)),
                };
                if let Some(plugin) = plugin.filter(|_| !tags.0.contains_key(value.tag)) {
                    tags.0.insert(value.tag.to_owned(), plugin);
                }
            }
        }
        Ok(tags)
    }

    /// The name under which something is shown: another one where its own shows something else already, as
    /// TensorBoard would leave it out.
    pub(crate) fn tag(&mut self, name: &str, plugin: Plugin, account: &mut Account) -> String {
        let mut tag = name.to_owned();
        while self.0.get(&tag).is_some_and(|known| *known != plugin) {
            tag = format!("{tag} ({})", plugin.name());
        }
        account.rename(name, &tag);
        if !self.0.contains_key(&tag) {
            self.0.insert(tag.clone(), plugin);
        }
        tag
    }
}
