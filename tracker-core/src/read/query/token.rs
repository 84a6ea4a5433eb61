//! What was typed, in words and signs.

use crate::{Error, Result};

/// A word or a sign, and the number of characters before it.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) at: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Quoted,
    Operator,
    Open,
    Close,
}

/// An error at a place of the text.
pub(super) fn error(message: impl Into<String>, hint: impl Into<String>, at: usize) -> Error {
    Error::Query { message: message.into(), hint: hint.into(), position: at }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let letters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(letter) = letters.get(at).copied() {
        if letter.is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, text, length) = match letter {
            '"' => quoted(&letters[at + 1..], at)?,
            '(' => (Kind::Open, "(".to_owned(), 1),
            ')' => (Kind::Close, ")".to_owned(), 1),
            _ => sign_or_word(&letters[at..]),
        };
        tokens.push(Token { text, at, kind });
        at += length;
    }
    Ok(tokens)
}

fn quoted(rest: &[char], at: usize) -> Result<(Kind, String, usize)> {
    let Some(end) = rest.iter().position(|letter| *letter == '"') else {
        return Err(error("the quotation mark is not closed", "end the text with \"", at));
    };
    Ok((Kind::Quoted, rest[..end].iter().collect(), end + 2))
}

fn sign_or_word(rest: &[char]) -> (Kind, String, usize) {
    const SIGNS: [&str; 9] = ["<=", ">=", "!=", "!~", "==", "=", "<", ">", "~"];
    let beginning: String = rest.iter().take(2).collect();
    if let Some(sign) = SIGNS.into_iter().find(|sign| beginning.starts_with(sign)) {
        let text = if sign == "==" { "=" } else { sign };
        return (Kind::Operator, text.to_owned(), sign.len());
    }
    let is_in_word = |letter: &char| !letter.is_whitespace() && !"()<>=!~\"".contains(*letter);
    let length = rest.iter().take_while(|letter| is_in_word(letter)).count().max(1);
    (Kind::Word, rest[..length].iter().collect(), length)
}
