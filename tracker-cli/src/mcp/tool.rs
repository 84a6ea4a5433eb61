//! What a tool is to an agent: a name, a text and what it takes. All of it is constant: nothing that a store holds
//! gets into a description.

use rmcp::model::{JsonObject, Tool as Listed, ToolAnnotations};
use serde_json::{Value, json};

use crate::mcp::change::Change;

/// A tool as agents see it.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// What it changes; `None` if it only reads.
    pub(crate) change: Option<Change>,
}

/// Something that a tool takes.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) is_needed: bool,
    about: &'static str,
}

/// What a parameter is. A number or a list that comes as text is taken as well: some clients send nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Takes {
    Text,
    Texts,
    /// A whole number from the first to the second.
    Whole(u64, u64),
    Number,
    Flag,
    OneOf(&'static [&'static str]),
}

impl Parameter {
    pub(crate) const fn needed(name: &'static str, takes: Takes, about: &'static str) -> Self {
        Self { name, takes, is_needed: true, about }
    }

    pub(crate) const fn optional(name: &'static str, takes: Takes, about: &'static str) -> Self {
        Self { name, takes, is_needed: false, about }
    }

    /// Which of an answer's lists is to go on.
    pub(crate) const fn list(lists: &'static [&'static str]) -> Self {
        Self::optional("list", Takes::OneOf(lists), "Answer this list alone, from `skip` on.")
    }

    /// Where a list is to go on.
    pub(crate) const fn skip() -> Self {
        let about = "How many of the list to leave out: what it said as `next`.";
        Self::optional("skip", Takes::Whole(0, u64::MAX), about)
    }

    /// No type is a union: some clients know none.
    fn schema(&self) -> Value {
        let mut schema = match self.takes {
            Takes::Text => json!({ "type": "string" }),
            Takes::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Takes::Whole(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
            Takes::Whole(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Takes::Number => json!({ "type": "number" }),
            Takes::Flag => json!({ "type": "boolean" }),
            Takes::OneOf(words) => json!({ "type": "string", "enum": words }),
        };
        schema["description"] = self.about.into();
        schema
    }
}

impl Tool {
    /// The tool as `tools/list` has it.
    pub(crate) fn listed(&self) -> Listed {
        let changes = self.change.is_some();
        // Notes and tags are taken back by `tracker undo`; a stop ends a training.
        let is_destructive = matches!(self.change, Some(Change::Stop | Change::Set));
        let hints = ToolAnnotations::with_title(self.title)
            .read_only(!changes)
            .destructive(is_destructive)
            .idempotent(self.change != Some(Change::Enqueue))
            .open_world(false);
        Listed::new(self.name, self.about, self.schema())
            .with_title(self.title)
            .with_annotations(hints)
    }

    fn schema(&self) -> JsonObject {
        let properties: JsonObject = self
            .parameters
            .iter()
            .map(|parameter| (parameter.name.to_owned(), parameter.schema()))
            .collect();
        let needed: Vec<&str> = self
            .parameters
            .iter()
            .filter(|parameter| parameter.is_needed)
            .map(|parameter| parameter.name)
            .collect();
        let mut schema = JsonObject::new();
        schema.insert("type".to_owned(), "object".into());
        schema.insert("properties".to_owned(), properties.into());
        schema.insert("required".to_owned(), needed.into());
        schema.insert("additionalProperties".to_owned(), false.into());
        schema
    }

    /// What it takes, in words.
    pub(crate) fn takes(&self) -> String {
        let names: Vec<String> =
            self.parameters.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
        names.join(", ")
    }
}
