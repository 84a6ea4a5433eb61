//! A secret that opens the server where not only its user can reach it.

use subtle::ConstantTimeEq;

/// A secret in hexadecimal, which no message shows.
pub(crate) struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A new one, of the operating system's randomness.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        // 256 bits: nobody guesses them.
        let mut halves = [[0; 16]; 2];
        halves.iter_mut().try_for_each(|half| getrandom::fill(half))?;
        let [a, b] = halves.map(u128::from_be_bytes);
        Ok(Self(format!("{a:032x}{b:032x}")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not tell how much is right.
    pub(crate) fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
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
