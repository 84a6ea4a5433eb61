//! What a tool was given.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    mcp::tool::{Takes, Tool},
    ui::failure::{Answer, Failure},
};

/// Longer texts are refused: no name, query or note is longer.
const LONGEST: usize = 1 << 16;

/// The arguments of one call: only such as the tool takes.
#[derive(Debug)]
pub(crate) struct Arguments {
    tool: &'static Tool,
    given: Map<String, Value>,
}

/// A call that cannot be answered as it is.
pub(crate) fn refused(error: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, error, hint)
}

impl Arguments {
    /// The arguments of a call. Null is as good as nothing, which some clients send for what is left out.
    ///
    /// # Errors
    /// If one of them is unknown or too long, or one is missing.
    pub(crate) fn of(tool: &'static Tool, mut given: Map<String, Value>) -> Answer<Self> {
        given.retain(|_, value| !value.is_null());
        for (name, value) in &given {
            if tool.parameters.iter().all(|known| known.name != name) {
                let error = format!("{} takes no `{name:.40}`", tool.name);
                return Err(refused(error, format!("it takes {}", tool.takes())));
            }
            if value.as_str().is_some_and(|text| text.len() > LONGEST) {
                let error = format!("`{name}` is longer than {LONGEST} bytes");
                return Err(refused(error, "send a shorter text"));
            }
        }
        for parameter in tool.parameters.iter().filter(|parameter| parameter.is_needed) {
            if !given.contains_key(parameter.name) {
                let error = format!("{} needs `{}`", tool.name, parameter.name);
                return Err(refused(error, format!("it takes {}", tool.takes())));
            }
        }
        Ok(Self { tool, given })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// A text; one of some words, where the tool takes only these. A number is taken for its digits.
    pub(crate) fn text(&self, name: &str) -> Answer<Option<String>> {
        let text = match self.given.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(refused(format!("`{name}` is a text"), "send a string")),
        };
        if let Some(Takes::OneOf(words)) = self.takes(name)
            && !words.contains(&text.as_str())
        {
            let error = format!("`{name}` cannot be `{text:.40}`");
            return Err(refused(error, format!("it is one of {}", words.join(", "))));
        }
        Ok(Some(text))
    }

    /// A text that has to be there.
    pub(crate) fn needed(&self, name: &str) -> Answer<String> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| refused(format!("`{name}` is empty"), "send a text"))
    }

    /// A list of texts; also as the text of one, or as texts between commas.
    pub(crate) fn texts(&self, name: &str) -> Answer<Vec<String>> {
        let of_list = |list: &[Value]| -> Option<Vec<String>> {
            list.iter().map(|value| value.as_str().map(str::to_owned)).collect()
        };
        let texts = match self.given.get(name) {
            None => Some(Vec::new()),
            Some(Value::Array(list)) => of_list(list),
            Some(Value::String(text)) => {
                let between_commas = || {
                    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                    parts.map(str::to_owned).collect()
                };
                let list = serde_json::from_str::<Vec<Value>>(text).ok();
                list.map_or_else(|| Some(between_commas()), |list| of_list(&list))
            }
            Some(_) => None,
        };
        texts.ok_or_else(|| refused(format!("`{name}` is a list of texts"), "send [\"a\", \"b\"]"))
    }

    /// A whole number within what the tool takes, also as digits.
    pub(crate) fn whole(&self, name: &str) -> Answer<Option<u64>> {
        let Some(value) = self.given.get(name) else { return Ok(None) };
        let (least, most) = match self.takes(name) {
            Some(Takes::Whole(least, most)) => (least, most),
            _ => (0, u64::MAX),
        };
        let number = match value {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        let bounds = match most {
            u64::MAX => format!("from {least} on"),
            _ => format!("from {least} to {most}"),
        };
        let refusal = || {
            refused(format!("`{name}` is no whole number {bounds}"), format!("send one {bounds}"))
        };
        number.map(Some).ok_or_else(refusal)
    }

    /// A number, also as text.
    pub(crate) fn number(&self, name: &str) -> Answer<Option<f64>> {
        let number = match self.given.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let refusal = || refused(format!("`{name}` is no number"), "send one such as 5e-4");
        number.map(Some).ok_or_else(refusal)
    }

    /// Yes or no, also as text; no where nothing is given.
    pub(crate) fn flag(&self, name: &str) -> Answer<bool> {
        let flag = match self.given.get(name) {
            None => Some(false),
            Some(Value::Bool(flag)) => Some(*flag),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        flag.ok_or_else(|| refused(format!("`{name}` is true or false"), "send one of them"))
    }

    fn takes(&self, name: &str) -> Option<Takes> {
        let known = self.tool.parameters.iter().find(|parameter| parameter.name == name);
        known.map(|parameter| parameter.takes)
    }
}

/// The whole number that a float is, if it is one: some clients know no others.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
    #[expect(clippy::cast_sign_loss, reason = "it is not negative")]
    is_whole.then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mcp::tool::Parameter;

    const TOOL: Tool = Tool {
        name: "try",
        title: "",
        about: "",
        parameters: &[
            Parameter::needed("run", Takes::Text, ""),
            Parameter::optional("most", Takes::Whole(1, 200), ""),
            Parameter::optional("all", Takes::Texts, ""),
            Parameter::optional("value", Takes::Number, ""),
            Parameter::optional("now", Takes::Flag, ""),
            Parameter::optional("when", Takes::OneOf(&["epoch", "now"]), ""),
        ],
        change: None,
    };

    fn given(value: &Value) -> Answer<Arguments> {
        static TRIED: Tool = TOOL;
        Arguments::of(&TRIED, value.as_object().unwrap().clone())
    }

    #[test]
    fn numbers_lists_and_flags_are_taken_as_texts_too() {
        for value in [
            json!({ "run": "a", "most": 7, "all": ["x", "y"], "value": 0.5, "now": true }),
            json!({ "run": "a", "most": "7", "all": "[\"x\",\"y\"]", "value": "0.5", "now": "true" }),
            json!({ "run": "a", "most": 7.0, "all": "x, y", "value": " 5e-1", "now": "true" }),
        ] {
            let given = given(&value).unwrap();
            assert_eq!(given.whole("most").unwrap(), Some(7));
            assert_eq!(given.texts("all").unwrap(), ["x", "y"]);
            assert_eq!(given.number("value").unwrap(), Some(0.5));
            assert!(given.flag("now").unwrap());
        }
        let none = given(&json!({ "run": 5, "most": null })).unwrap();
        assert_eq!(none.needed("run").unwrap(), "5");
        assert_eq!(none.whole("most").unwrap(), None);
        assert_eq!(none.texts("all").unwrap(), [""; 0]);
        assert!(!none.flag("now").unwrap());
    }

    #[test]
    fn what_a_tool_does_not_take_is_named_with_what_it_takes() {
        let words = |failure: Failure| failure.to_string();
        let error = words(given(&json!({ "run": "a", "rnu": 1 })).unwrap_err());
        assert_eq!(
            error,
            "try takes no `rnu`\nhint: it takes `run`, `most`, `all`, `value`, `now`, `when`"
        );
        assert!(words(given(&json!({})).unwrap_err()).starts_with("try needs `run`"));
        let odd = given(&json!({
            "run": " ", "most": "201", "all": [1], "value": "much", "now": "perhaps", "when": "later"
        }));
        let odd = odd.unwrap();
        assert!(odd.needed("run").is_err() && odd.texts("all").is_err());
        assert!(odd.number("value").is_err() && odd.flag("now").is_err());
        let error = words(odd.whole("most").unwrap_err());
        assert_eq!(error, "`most` is no whole number from 1 to 200\nhint: send one from 1 to 200");
        let error = words(odd.text("when").unwrap_err());
        assert_eq!(error, "`when` cannot be `later`\nhint: it is one of epoch, now");
        let long = json!({ "run": "x".repeat(LONGEST + 1) });
        assert!(words(given(&long).unwrap_err()).contains("longer than"));
    }
}
