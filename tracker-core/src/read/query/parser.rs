//! From what was typed to what a run must be: recursive descent over `or`, `and`, `not`, brackets and
//! comparisons.

use super::{
    Wanted,
    field::{Field, KnownFields},
    number::{is_unit, quantity},
    test::{Test, regex},
    token::{Kind, Token, error, tokens},
};
use crate::Result;

/// How deep brackets may lie within each other.
const DEEPEST: usize = 100;

/// What a run must be, and what should be said of it.
pub(super) fn parse(text: &str, known: &KnownFields) -> Result<(Wanted, Vec<String>)> {
    let trimmed = text.trim();
    if let Some(wanted) = slashed(trimmed)? {
        return Ok((wanted, Vec::new()));
    }
    let tokens = tokens(text)?;
    if !compares(&tokens) {
        let words = tokens.iter().map(|token| token.text.to_lowercase());
        return Ok((Wanted::Words(words.collect()), Vec::new()));
    }
    let end = text.chars().count();
    let mut parser = Parser { tokens, at: 0, end, known, notes: Vec::new(), depth: 0 };
    let wanted = parser.either()?;
    if let Some(rest) = parser.peek() {
        let message = format!("“{}” was not expected here", rest.text);
        return Err(error(message, "join comparisons with `and` or `or`", rest.at));
    }
    Ok((wanted, parser.notes))
}

/// `/…/` or `/…/i`.
fn slashed(text: &str) -> Result<Option<Wanted>> {
    let Some(rest) = text.strip_prefix('/') else { return Ok(None) };
    let (rest, ignores_case) = match rest.strip_suffix("/i") {
        Some(rest) => (Some(rest), true),
        None => (rest.strip_suffix('/'), false),
    };
    match rest.filter(|source| !source.is_empty()) {
        Some(source) => regex(source, ignores_case, 1).map(|regex| Some(Wanted::Name(regex))),
        None => Ok(None),
    }
}

/// Whether anything is compared; else all are words to look for.
fn compares(tokens: &[Token]) -> bool {
    let is_list = |pair: &[Token]| is_word(pair.first(), "in") && pair[1].kind == Kind::Open;
    tokens.iter().any(|token| token.kind == Kind::Operator) || tokens.windows(2).any(is_list)
}

fn is_word(token: Option<&Token>, word: &str) -> bool {
    token.is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
    known: &'a KnownFields,
    notes: Vec<String>,
    depth: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Wanted> {
        let mut parts = vec![self.both()?];
        while self.take("or") {
            parts.push(self.both()?);
        }
        Ok(Wanted::Any(parts))
    }

    fn both(&mut self) -> Result<Wanted> {
        let mut parts = vec![self.negated()?];
        while self.take("and") {
            parts.push(self.negated()?);
        }
        Ok(Wanted::All(parts))
    }

    fn negated(&mut self) -> Result<Wanted> {
        let mut is_negative = false;
        while self.take("not") {
            is_negative = !is_negative;
        }
        let wanted = self.single()?;
        Ok(if is_negative { Wanted::Not(Box::new(wanted)) } else { wanted })
    }

    fn single(&mut self) -> Result<Wanted> {
        let first = self.next("a field, such as lr, state or valid/loss")?;
        match first.kind {
            Kind::Open => self.in_brackets(&first),
            Kind::Operator | Kind::Close => Err(error(
                format!("“{}” has no field before it", first.text),
                "write a field first: lr < 0.01",
                first.at,
            )),
            Kind::Word | Kind::Quoted => self.comparison(&first),
        }
    }

    fn in_brackets(&mut self, open: &Token) -> Result<Wanted> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(error(
                "too many brackets lie within each other",
                "leave some out",
                open.at,
            ));
        }
        let inner = self.either()?;
        self.depth -= 1;
        if self.peek().is_none_or(|token| token.kind != Kind::Close) {
            return Err(error("the bracket is not closed", "end the part with )", open.at));
        }
        self.at += 1;
        Ok(inner)
    }

    fn comparison(&mut self, first: &Token) -> Result<Wanted> {
        let is_negative_list =
            is_word(self.peek(), "not") && is_word(self.tokens.get(self.at + 1), "in");
        if is_negative_list || is_word(self.peek(), "in") {
            self.at += if is_negative_list { 2 } else { 1 };
            let field = self.field(first)?;
            let tests = self.list(&field)?;
            return Ok(Wanted::Compared { field, tests, is_negative: is_negative_list });
        }
        let name = &first.text;
        let operator = match self.peek() {
            Some(token) if token.kind == Kind::Operator => token.text.clone(),
            _ => {
                return Err(error(
                    format!("“{name}” is compared with nothing"),
                    format!("write for example: {name} = 1, or name ~ {name}"),
                    first.at,
                ));
            }
        };
        self.at += 1;
        let field = self.field(first)?;
        let value = self.value(name, &operator)?;
        let tests = vec![Test::new(&field, &operator, &value, &mut self.notes)?];
        Ok(Wanted::Compared { field, tests, is_negative: operator.starts_with('!') })
    }

    fn field(&mut self, token: &Token) -> Result<Field> {
        let (field, note) = Field::find(&token.text, token.at, self.known)?;
        self.notes.extend(note);
        Ok(field)
    }

    /// A value, with the unit that may stand behind it.
    fn value(&mut self, name: &str, operator: &str) -> Result<Token> {
        let mut value = self.next("a value")?;
        if !matches!(value.kind, Kind::Word | Kind::Quoted) {
            let hint = format!("write for example: {name} {operator} 1");
            return Err(error("a value is missing", hint, value.at));
        }
        let has_unit =
            self.peek().is_some_and(|unit| unit.kind == Kind::Word && is_unit(&unit.text));
        if value.kind == Kind::Word && has_unit && quantity(&value.text).is_some() {
            value.text += &self.next("a unit")?.text;
        }
        Ok(value)
    }

    /// Values between brackets and commas.
    fn list(&mut self, field: &Field) -> Result<Vec<Test>> {
        let open = self.next("a list, such as (1, 2)")?;
        if open.kind != Kind::Open {
            return Err(error("a list is missing", "write for example: seed in (1, 2)", open.at));
        }
        let mut tests = Vec::new();
        loop {
            let token = self.next("the end of the list, )")?;
            match token.kind {
                Kind::Close if tests.is_empty() => {
                    let hint = "write for example: seed in (1, 2)";
                    return Err(error("the list is empty", hint, open.at));
                }
                Kind::Close => return Ok(tests),
                Kind::Quoted => tests.push(Test::new(field, "=", &token, &mut self.notes)?),
                Kind::Word => {
                    for text in token.text.split(',').filter(|text| !text.is_empty()) {
                        let value = Token { text: text.to_owned(), ..token.clone() };
                        tests.push(Test::new(field, "=", &value, &mut self.notes)?);
                    }
                }
                Kind::Open | Kind::Operator => {
                    let message = format!("“{}” was not expected in a list", token.text);
                    return Err(error(message, "quote text that holds signs", token.at));
                }
            }
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self, wanted: &str) -> Result<Token> {
        let Some(token) = self.peek().cloned() else {
            let hint = "for example: lr < 0.01 and state = finished";
            return Err(error(format!("{wanted} is missing at the end"), hint, self.end));
        };
        self.at += 1;
        Ok(token)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = is_word(self.peek(), word);
        self.at += usize::from(is_next);
        is_next
    }
}
