//! What a value must be.

use std::cmp::Ordering;

use regex_lite::{Regex, RegexBuilder};

use super::{
    field::{Field, FieldValue, Holds},
    number::{Number, quantity},
    span::{Span, span},
    token::{Kind, Token, error},
};
use crate::{Result, State, Timestamp};

/// What a value must be.
#[derive(Debug)]
pub(super) enum Test {
    /// The same number, however it is written; else the same text, in capitals or not.
    Equal {
        text: String,
        number: Option<Number>,
    },
    Ordered {
        bound: Number,
        order: Order,
    },
    Within(Span),
    /// Before a moment, or from it on.
    Before(i64),
    From(i64),
    Fits(Regex),
}

/// How a value stands to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn of(operator: &str) -> Self {
        match operator {
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            _ => Self::GreaterOrEqual,
        }
    }

    fn has(self, order: Ordering) -> bool {
        match self {
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }
}

impl Test {
    /// What `field operator value` asks for, and what should be said of it.
    pub(super) fn new(
        field: &Field,
        operator: &str,
        value: &Token,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        if matches!(operator, "~" | "!~") {
            return Ok(Self::Fits(regex(&value.text, true, value.at)?));
        }
        let is_equal = matches!(operator, "=" | "!=");
        match field.holds {
            Holds::Time => Self::of_time(operator, value),
            Holds::Text | Holds::Flag | Holds::State if !is_equal => Err(error(
                format!("`{}` is no number", field.name()),
                format!("{operator} compares numbers; for text use = or ~"),
                value.at,
            )),
            Holds::State => Self::of_state(value),
            _ if is_equal => Ok(Self::Equal {
                text: value.text.to_lowercase(),
                number: unquoted(value).map(|quantity| quantity.number),
            }),
            _ => Self::of_number(field, operator, value, notes),
        }
    }

    fn of_time(operator: &str, value: &Token) -> Result<Self> {
        let Some(span) = span(&value.text, Timestamp::now()) else {
            return Err(error(
                format!("“{}” is no time", value.text),
                "write 2026-11-01, \"2026-11-01 10:30\", today or yesterday; or age < 2d",
                value.at,
            ));
        };
        Ok(match operator {
            "<" => Self::Before(span.begin),
            "<=" => Self::Before(span.end),
            ">" => Self::From(span.end),
            ">=" => Self::From(span.begin),
            _ => Self::Within(span),
        })
    }

    fn of_state(value: &Token) -> Result<Self> {
        const STATES: [State; 7] = [
            State::Running,
            State::Finished,
            State::Failed,
            State::Stopped,
            State::Ended,
            State::Crashed,
            State::Lost,
        ];
        let text = value.text.to_lowercase();
        if STATES.iter().any(|state| state.as_str() == text) {
            return Ok(Self::Equal { text, number: None });
        }
        let names: Vec<_> = STATES.iter().map(|state| state.as_str()).collect();
        let hint = format!("a state is one of {}", names.join(", "));
        Err(error(format!("there is no state “{}”", value.text), hint, value.at))
    }

    fn of_number(
        field: &Field,
        operator: &str,
        value: &Token,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let Some(quantity) = unquoted(value) else {
            return Err(error(
                format!("“{}” is not a number", value.text),
                format!("{operator} compares numbers; for text use = or ~"),
                value.at,
            ));
        };
        let bound = quantity.number;
        let is_beyond = |most: f64| bound.compare(Number::Real(most)) == Some(Ordering::Greater);
        let (name, text) = (field.name(), &value.text);
        match field.holds {
            Holds::Seconds if !quantity.has_unit => notes.push(format!(
                "`{name} {operator} {text}` is taken as seconds: write {text}m for minutes, {text}h for hours"
            )),
            Holds::Metric { is_fraction: true } if !quantity.has_unit && is_beyond(1.5) => notes
                .push(format!(
                    "`{name}` is a fraction of one: write {name} {operator} {text} % for percent"
                )),
            _ => {}
        }
        Ok(Self::Ordered { bound, order: Order::of(operator) })
    }

    pub(super) fn passes(&self, value: &FieldValue) -> bool {
        match (self, value) {
            (Self::Equal { text, number }, value) => match (value.number(), number) {
                (Some(a), Some(b)) => is_same(a, *b),
                (Some(_), None) => false,
                (None, _) => value.to_string().to_lowercase() == *text,
            },
            (Self::Ordered { bound, order }, value) => {
                let compared = value.number().and_then(|number| number.compare(*bound));
                compared.is_some_and(|compared| order.has(compared))
            }
            (Self::Within(span), FieldValue::Time(time)) => {
                (span.begin..span.end).contains(&time.as_micros())
            }
            (Self::Before(end), FieldValue::Time(time)) => time.as_micros() < *end,
            (Self::From(begin), FieldValue::Time(time)) => time.as_micros() >= *begin,
            (Self::Fits(regex), value) => regex.is_match(&value.to_string()),
            (Self::Within(_) | Self::Before(_) | Self::From(_), _) => false,
        }
    }
}

/// A number, unless it is quoted: then it is a text.
fn unquoted(value: &Token) -> Option<super::number::Quantity> {
    if value.kind == Kind::Quoted { None } else { quantity(&value.text) }
}

fn is_same(a: Number, b: Number) -> bool {
    let is_nan = |number| matches!(number, Number::Real(real) if f64::is_nan(real));
    a.compare(b) == Some(Ordering::Equal) || (is_nan(a) && is_nan(b))
}

/// A regular expression. Its time grows with the text and no faster, whatever it is.
pub(super) fn regex(source: &str, ignores_case: bool, at: usize) -> Result<Regex> {
    let built = RegexBuilder::new(source).case_insensitive(ignores_case).build();
    built.map_err(|why| {
        error(format!("“{source}” is not a regular expression"), why.to_string(), at)
    })
}
