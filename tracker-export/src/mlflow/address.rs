//! Where a server is.

use crate::{Error, Result};

/// The beginning of a server's addresses, without a `/` at its end.
///
/// # Errors
/// If it is no address of a server, such as that of a database.
pub(super) fn of_place(place: &str) -> Result<String> {
    let is_server = ["http://", "https://"].iter().any(|scheme| place.starts_with(scheme));
    let has_host =
        place.split("://").nth(1).is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
    if is_server && has_host && !place.contains(['?', '#', ' ']) {
        return Ok(place.trim_end_matches('/').to_owned());
    }
    let database = place.strip_prefix("sqlite:///").unwrap_or(place);
    let hint = if place.contains("://") && !place.starts_with("sqlite:") {
        "name it as `mlflow:http://127.0.0.1:5000`".to_owned()
    } else {
        // Its tables change with each version, and only MLflow knows how.
        format!(
            "start `mlflow server --workers 1 --backend-store-uri sqlite:///{database}` and export to \
             `mlflow:http://127.0.0.1:5000`: only MLflow itself writes its databases"
        )
    };
    Err(Error::Unusable { what: format!("`{place}` is no address of an MLflow server"), hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_told_from_a_server() {
        assert_eq!(of_place("http://127.0.0.1:5000/").unwrap(), "http://127.0.0.1:5000");
        assert_eq!(of_place("https://ml.example/mlflow").unwrap(), "https://ml.example/mlflow");
        for place in ["sqlite:///runs/mlflow.db", "runs/mlflow.db"] {
            let error = of_place(place).unwrap_err().to_string();
            assert!(error.contains("--backend-store-uri sqlite:///runs/mlflow.db"), "{error}");
        }
        for place in ["ftp://host", "http://", "http:///x", "http://host?a"] {
            assert!(of_place(place).is_err(), "{place}");
        }
    }
}
