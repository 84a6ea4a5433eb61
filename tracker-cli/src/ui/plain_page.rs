//! Pages of a few words, for a browser that the page itself does not reach.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// They have a style and nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:15vh auto;\
     padding:0 1rem}h1{font-size:1.4rem}code{font-size:.9em;background:#8883;padding:.1em .3em;\
     border-radius:3px}";

/// What went wrong, and what to do about it. What stands in backticks is typed.
pub(crate) fn failure(status: StatusCode, error: &str, hint: &str) -> Response {
    let body = format!("<h1>{}</h1>\n<p>{}</p>", sentence(error), sentence(hint));
    page(status, "", &body)
}

/// Goes on to a path by itself. The step counts as one of this server's own, unlike a redirect of
/// a request that another page began, so that the browser shows its new session.
pub(crate) fn going_on(path: &str, cookie: &str) -> Response {
    let path = escaped(path);
    let head = format!("<meta http-equiv=\"refresh\" content=\"0; url={path}\">\n");
    let body = format!("<p><a href=\"{path}\">To the page</a></p>");
    let mut response = page(StatusCode::OK, &head, &body);
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn page(status: StatusCode, head: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{head}<title>tracker</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    ];
    (status, headers, html).into_response()
}

/// A fragment as a sentence in HTML.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let pieces = format!("{first}{}.", letters.as_str());
    let marked = |(at, piece): (usize, &str)| {
        let piece = escaped(piece);
        if at % 2 == 1 { format!("<code>{piece}</code>") } else { piece }
    };
    pieces.split('`').enumerate().map(marked).collect()
}

pub(crate) fn escaped(text: &str) -> String {
    let escape = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_sentences_and_no_markup() {
        assert_eq!(
            sentence("type `a <b> & \"c\"` now"),
            "Type <code>a &lt;b&gt; &amp; &quot;c&quot;</code> now."
        );
    }
}
