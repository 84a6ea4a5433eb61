//! The page: files that are part of this program. No path of a request is ever one of the disk.

use axum::{
    http::{Method, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::ui::{
    failure::{Answer, Failure},
    guard::base_path::BasePath,
};

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Assets;

/// The beginnings of paths that the page itself knows what to do with.
const OF_THE_PAGE: [&str; 2] = ["/p/", "/r/"];

/// The embedded file of this name. The page learns from its first file where the others are.
pub(crate) fn answer(method: &Method, path: &str, base: &BasePath) -> Answer<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(Failure::wrong_method());
    }
    let is_page =
        matches!(path, "/" | "/c") || OF_THE_PAGE.iter().any(|start| path.starts_with(start));
    let key = if is_page { "index.html" } else { path.strip_prefix('/').unwrap_or(path) };
    let file = Assets::get(key).ok_or_else(|| Failure::not_found("there is nothing here"))?;
    let headers = [(header::CONTENT_TYPE, media_type(key)), (header::CACHE_CONTROL, "no-cache")];
    if key == "index.html" && !base.as_str().is_empty() {
        let html = String::from_utf8_lossy(&file.data);
        return Ok((headers, at_base(&html, base)).into_response());
    }
    Ok((headers, file.data).into_response())
}

fn at_base(html: &str, base: &BasePath) -> String {
    let base = base.as_str();
    html.replace("=\"/", &format!("=\"{base}/")).replace(
        "name=\"base-path\" content=\"\"",
        &format!("name=\"base-path\" content=\"{base}\""),
    )
}

/// An embedded file as text.
pub(crate) fn text(name: &str) -> Option<String> {
    String::from_utf8(Assets::get(name)?.data.into_owned()).ok()
}

fn media_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
