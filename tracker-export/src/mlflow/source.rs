//! Runs of MLflow, wherever they lie.

use std::path::Path;

use crate::{
    Account, Error, ForeignRun, Result, Sink, Source,
    mlflow::{database::Database, folder::Folder},
    sqlite::is_database,
};

/// Reads runs from a database of MLflow (`mlflow.db`), or from the folders of its older versions (`mlruns`). Nothing is
/// written there. A run's points are read as they are needed; so much memory is taken as runs have names and settings.
#[derive(Debug)]
pub struct MlflowSource(Kind);

#[derive(Debug)]
enum Kind {
    Database(Database),
    Folder(Folder),
}

impl MlflowSource {
    /// What is at a path: a database, the folder that it lies in, the folder `mlruns` or the one that it lies in, or that
    /// of one experiment or run.
    ///
    /// # Errors
    /// If there is nothing of MLflow, or it cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if path.is_file() && is_database(path) {
            return Database::open(path).map(|database| Self(Kind::Database(database)));
        }
        let database = path.join("mlflow.db");
        if is_database(&database) {
            return Database::open(&database).map(|database| Self(Kind::Database(database)));
        }
        let places = [path.to_owned(), path.join("mlruns")];
        let folder = places.iter().find_map(|place| Folder::open(place));
        let folder = folder.ok_or_else(|| Error::Unusable {
            what: format!("{} has no runs of MLflow", path.display()),
            hint: "name an `mlflow.db` or a folder `mlruns`; runs on a server are in its database"
                .to_owned(),
        })?;
        Ok(Self(Kind::Folder(folder)))
    }

    /// Whether a path looks like something that can be opened. Reads little.
    pub fn is_at(path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        let has_database = if path.is_file() {
            Database::is_at(path)
        } else {
            is_database(&path.join("mlflow.db"))
        };
        has_database
            || [path.to_owned(), path.join("mlruns")]
                .iter()
                .any(|place| Folder::open(place).is_some())
    }
}

impl Source for MlflowSource {
    fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        match &mut self.0 {
            Kind::Database(database) => database.runs(),
            Kind::Folder(folder) => folder.runs(),
        }
    }

    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        match &mut self.0 {
            Kind::Database(database) => database.read(run, sink, account),
            Kind::Folder(folder) => folder.read(run, sink, account),
        }
    }
}
