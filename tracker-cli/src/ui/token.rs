//! The secret that a browser shows where not only this machine can reach the server.

use axum::http::HeaderMap;

/// 256 bits: nobody guesses them.
const BYTES: usize = 32;

/// A secret in hexadecimal. It is printed once, as part of the address, and nowhere else.
pub(super) struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A new one, of the operating system's randomness.
    pub(super) fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        let digit = |half: u8| char::from_digit(half.into(), 16);
        Ok(Self(
            bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect(),
        ))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not tell how much is right.
    pub(super) fn is(&self, given: &str) -> bool {
        let (own, given) = (self.0.as_bytes(), given.as_bytes());
        let differing = own.iter().zip(given).fold(0, |differing, (a, b)| differing | (a ^ b));
        own.len() == given.len() && std::hint::black_box(differing) == 0
    }

    /// The header that hands the secret over to the browser, out of reach of scripts and of other
    /// sites. Cookies know no ports, so the name does.
    pub(super) fn cookie(&self, port: u16) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", cookie_name(port), self.0)
    }

    /// Whether a request shows the secret, as a cookie or as `Authorization: Bearer`.
    pub(super) fn is_shown_in(&self, headers: &HeaderMap, port: u16) -> bool {
        let name = cookie_name(port);
        let cookies = headers.get_all("cookie").into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        });
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
        pairs.any(|value| self.is(value)) || bearer.is_some_and(|value| self.is(value))
    }
}

fn cookie_name(port: u16) -> String {
    format!("tracker-token-{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_256_bits_that_no_other_one_has() {
        let (a, b) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_eq!(a.as_str().len(), 64);
        assert_ne!(a.as_str(), b.as_str());
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::generate().unwrap();
        assert!(token.is(token.as_str()));
        for wrong in ["", &token.as_str()[1..], &"0".repeat(64), &format!("{}0", token.as_str())] {
            assert!(!token.is(wrong));
        }
    }

    #[test]
    fn no_message_shows_it() {
        let token = Token::generate().unwrap();
        assert!(!format!("{token:?}").contains(token.as_str()));
    }
}
