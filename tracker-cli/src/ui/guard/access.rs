//! How a browser comes from the printed address, or from the one that was opened for it, to a session.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;

use crate::ui::guard::token::Token;

/// A code that nobody has used by then is worth nothing.
pub(crate) const CODE_LIFE: Duration = Duration::from_mins(1);

/// The server's secrets. The token stands in the printed address; a browser has a session of its
/// own, so that what it sends around, cookies know no ports, is not the token.
#[derive(Debug)]
pub(crate) struct Access {
    token: Token,
    session: Token,
    code: Mutex<Option<Code>>,
}

/// A secret that opens the server once.
#[derive(Debug)]
struct Code {
    secret: Token,
    expires: Instant,
}

impl Access {
    /// New secrets, of the operating system's randomness.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let (token, session) = (Token::generate()?, Token::generate()?);
        Ok(Self { token, session, code: Mutex::default() })
    }

    /// The secret of the printed address.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// A new code, which takes the place of the one before.
    pub(crate) fn new_code(&self) -> Result<String, getrandom::Error> {
        let secret = Token::generate()?;
        let text = secret.as_str().to_owned();
        *self.lock() = Some(Code { secret, expires: Instant::now() + CODE_LIFE });
        Ok(text)
    }

    /// Whether this is the code, which is used up then.
    pub(crate) fn redeem(&self, given: &str) -> bool {
        let mut code = self.lock();
        let is_it = code
            .as_ref()
            .is_some_and(|code| Instant::now() < code.expires && code.secret.is(given));
        if is_it {
            *code = None;
        }
        is_it
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Code>> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The header that gives a browser its session, out of reach of scripts and of other sites.
    /// Cookies know no ports, so the name does.
    pub(crate) fn cookie(&self, port: u16, path: &str) -> String {
        let (name, secret) = (cookie_name(port), self.session.as_str());
        let path = if path.is_empty() { "/" } else { path };
        format!("{name}={secret}; Path={path}; HttpOnly; SameSite=Strict")
    }

    /// Whether a request shows the session as a cookie, or the token as `Authorization: Bearer`.
    pub(crate) fn is_shown_in(&self, headers: &HeaderMap, port: u16) -> bool {
        let name = cookie_name(port);
        let cookies = headers.get_all("cookie").into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        });
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
        pairs.any(|value| self.session.is(value))
            || bearer.is_some_and(|value| self.token.is(value))
    }

    #[cfg(test)]
    fn let_the_code_expire(&self) {
        if let Some(code) = &mut *self.lock() {
            code.expires = Instant::now();
        }
    }
}

fn cookie_name(port: u16) -> String {
    format!("tracker-session-{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_once_and_a_wrong_one_costs_nothing() {
        let access = Access::generate().unwrap();
        assert!(!access.redeem(""), "there is none yet");
        let code = access.new_code().unwrap();
        for wrong in ["", &code[1..], &"0".repeat(64), access.token().as_str()] {
            assert!(!access.redeem(wrong));
        }
        assert!(access.redeem(&code));
        assert!(!access.redeem(&code));
    }

    #[test]
    fn a_code_is_worth_nothing_after_a_minute_and_after_the_next_one() {
        let access = Access::generate().unwrap();
        let old = access.new_code().unwrap();
        let code = access.new_code().unwrap();
        assert!(!access.redeem(&old));
        access.let_the_code_expire();
        assert!(!access.redeem(&code));
    }

    #[test]
    fn the_cookie_is_not_the_token() {
        let access = Access::generate().unwrap();
        let cookie = access.cookie(7788, "/a");
        assert!(!cookie.contains(access.token().as_str()));
        assert!(cookie.ends_with("; Path=/a; HttpOnly; SameSite=Strict"));
    }
}
