//! Lists that say how they go on.

use serde::Serialize;

/// Some of a list: how many there are in all, and how many to leave out for the rest, unless this is its end.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) of: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<u64>,
}

impl<T> Page<T> {
    /// What comes after `skip` of all, `most` at most.
    pub(crate) fn new(all: impl IntoIterator<Item = T>, skip: u64, most: usize) -> Self {
        let (mut items, mut of) = (Vec::new(), 0);
        for item in all {
            if of >= skip && items.len() < most {
                items.push(item);
            }
            of += 1;
        }
        let end = skip.saturating_add(items.len() as u64);
        let next = (end < of).then_some(end);
        Self { items, of, next }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_says_how_many_there_are_and_where_it_goes_on() {
        let page = |skip, most| json!(Page::new(0..5, skip, most));
        assert_eq!(page(0, 2), json!({ "items": [0, 1], "of": 5, "next": 2 }));
        assert_eq!(page(3, 2), json!({ "items": [3, 4], "of": 5 }));
        assert_eq!(page(9, 2), json!({ "items": [], "of": 5 }));
    }
}
