//! An answer that says what went wrong, and what to do about it.

use axum::{
    Extension, Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tracker_core::Error;

use crate::{
    answers::{page::failed::Failed, versioned::Versioned},
    ui::plain_page,
};

/// Why a request has no other answer.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: StatusCode,
    error: String,
    hint: String,
}

pub(crate) type Answer<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        error: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { status, error: error.into(), hint: hint.into() }
    }

    /// The request is not one that the server understands.
    pub(crate) fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, "docs/http-api.md says what can be asked")
    }

    /// What is there is asked for, or changed, in another way.
    pub(crate) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this is asked for by another method",
            "docs/http-api.md says what can be asked",
        )
    }

    pub(crate) fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error, "reload the page: it may have been removed")
    }

    /// The same under another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same for somebody with a browser.
    pub(crate) fn into_page(self) -> Response {
        plain_page::failure(self.status, &self.error, &self.hint)
    }

    /// Too much is asked for at once, or the disk does not answer.
    pub(crate) fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "reading the store takes too long",
            "try again; `tracker doctor` looks at the store, and `ls -l` at what its files are",
        )
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn words(&self) -> (&str, &str) {
        (&self.error, &self.hint)
    }

    pub(crate) fn forbidden(error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, error, hint)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::InvalidName { .. } => StatusCode::BAD_REQUEST,
            Error::RunNotFound { .. } | Error::UnknownMetric { .. } | Error::UnknownView { .. } => {
                StatusCode::NOT_FOUND
            }
            Error::Refused { .. } => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let text = error.to_string();
        let (error, hint) =
            text.split_once("\nhint: ").unwrap_or((&text, "`tracker doctor` looks at the store"));
        Self::new(status, error, hint)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}\nhint: {}", self.error, self.hint)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Failed { error: self.error.clone(), hint: self.hint.clone() };
        // The guard makes a page of it where somebody came with a browser.
        (self.status, Extension(self), Json(Versioned::new(body))).into_response()
    }
}
