//! Which of an answer's lists is asked for, and from where on.

use crate::{answers::agent::page::Page, mcp::arguments::Arguments, ui::failure::Answer};

/// The items of a list in one answer.
const MOST_ITEMS: usize = 500;

/// All lists of an answer from their beginnings, or one of them from further on.
#[derive(Debug)]
pub(crate) struct Lists {
    list: Option<String>,
    skip: u64,
}

impl Lists {
    pub(crate) fn of(arguments: &Arguments) -> Answer<Self> {
        let list = arguments.text("list")?;
        let skip = arguments.whole("skip")?.unwrap_or(0);
        Ok(Self { list, skip })
    }

    /// The list of this name; `None` if another one is asked for.
    pub(crate) fn page<T>(&self, name: &str, all: impl IntoIterator<Item = T>) -> Option<Page<T>> {
        match &self.list {
            None => Some(Page::new(all, 0, MOST_ITEMS)),
            Some(list) if list == name => Some(Page::new(all, self.skip, MOST_ITEMS)),
            Some(_) => None,
        }
    }
}
