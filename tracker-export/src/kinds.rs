//! Whose runs lie at a place.

use std::{fmt, path::Path, str::FromStr};

use crate::{
    BurnFolderSource, Error, Mapping, MlflowSource, Result, Source, TableSource, TensorBoardSource,
    TrackioSource, WandbSource,
};

/// A tool whose runs can be imported, or a form of files.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    name: &'static str,
    title: &'static str,
    looks_like: fn(&Path) -> bool,
    open: fn(&Path, Option<&str>) -> Result<Opened>,
}

/// Runs that can be imported.
pub struct Opened {
    /// The runs.
    pub source: Box<dyn Source>,
    /// What each column of a table is taken for, to be shown before anything is imported.
    pub mapping: Option<String>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

/// All of them, in the order in which a place is looked at.
const KINDS: [Kind; 7] = [
    Kind {
        name: "tensorboard",
        title: "TensorBoard",
        looks_like: TensorBoardSource::looks_like,
        open: |path, _| Ok(plain(TensorBoardSource::new(path))),
    },
    Kind {
        name: "wandb",
        title: "W&B",
        looks_like: WandbSource::knows,
        open: |path, _| WandbSource::open(path).map(plain),
    },
    Kind {
        name: "mlflow",
        title: "MLflow",
        looks_like: |path| MlflowSource::is_at(path),
        open: |path, _| MlflowSource::open(path).map(plain),
    },
    Kind {
        name: "trackio",
        title: "Trackio",
        looks_like: TrackioSource::looks_like,
        open: |path, _| TrackioSource::open(path).map(plain),
    },
    Kind {
        name: "burn",
        title: "Burn",
        looks_like: BurnFolderSource::looks_like,
        open: |path, _| BurnFolderSource::open(path).map(plain),
    },
    Kind {
        name: "jsonl",
        title: "JSON lines",
        looks_like: |path| is_json(path) && TableSource::looks_like(path),
        open: open_table,
    },
    Kind { name: "csv", title: "CSV", looks_like: TableSource::looks_like, open: open_table },
];

impl Kind {
    /// Whose runs lie in a file or folder, as far as a look tells.
    ///
    /// # Errors
    /// If there is nothing, or nothing that is known.
    pub fn of(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Unusable {
                what: format!("there is no {}", path.display()),
                hint: "name a file or folder that another tool wrote".to_owned(),
            });
        }
        KINDS.into_iter().find(|kind| (kind.looks_like)(path)).ok_or_else(|| Error::Unusable {
            what: format!("{} looks like no runs that are known", path.display()),
            hint: format!("say whose they are with `--from`: {}", names()),
        })
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What it says of itself in sentences.
    pub fn title(self) -> &'static str {
        self.title
    }

    /// Opens a file or folder. What the columns of a table are is guessed, and changed by `map` as
    /// [`Mapping::with`](Mapping::with) says; others have no columns.
    ///
    /// # Errors
    /// If there are no such runs, or `map` makes no sense.
    pub fn open(self, path: &Path, map: Option<&str>) -> Result<Opened> {
        let opened = (self.open)(path, map)?;
        if map.is_some() && opened.mapping.is_none() {
            return Err(Error::Unusable {
                what: format!("runs of {} have no columns to map", self.title),
                hint: "leave `--map` away, or say `--from csv`".to_owned(),
            });
        }
        Ok(opened)
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        KINDS.into_iter().find(|kind| kind.name == name).ok_or_else(|| Error::Unusable {
            what: format!("runs of `{name}` cannot be imported"),
            hint: format!("use one of {}", names()),
        })
    }
}

fn names() -> String {
    KINDS.map(|kind| kind.name).join(", ")
}

fn plain(source: impl Source + 'static) -> Opened {
    Opened { source: Box::new(source), mapping: None }
}

fn open_table(path: &Path, map: Option<&str>) -> Result<Opened> {
    let guessed = Mapping::guess(path)?;
    let mapping = map.map_or_else(|| Ok(guessed.clone()), |words| guessed.clone().with(words))?;
    let shown = mapping.to_string();
    Ok(Opened { source: Box::new(TableSource::new(path, mapping)), mapping: Some(shown) })
}

fn is_json(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    let ending = Path::new(name.strip_suffix(".gz").unwrap_or(&name)).extension();
    ending.is_some_and(|ending| ending == "jsonl" || ending == "ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_what_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let csv = file("progress.csv", "step,loss\n0,0.5\n1,0.25\n");
        assert_eq!(Kind::of(&csv).unwrap().name(), "csv");
        let json = file("progress.jsonl", "{\"step\":0,\"loss\":0.5}\n");
        assert_eq!(Kind::of(&json).unwrap().name(), "jsonl");
        let text = file("README.md", "# hello\n");
        let error = Kind::of(&text).unwrap_err().to_string();
        assert!(error.contains("--from") && error.contains("tensorboard"), "{error}");
        let events = file("events.out.tfevents.1600000000.host", "");
        assert_eq!(Kind::of(&events).unwrap().name(), "tensorboard");
        assert_eq!(Kind::of(folder.path()).unwrap().name(), "tensorboard");
    }

    #[test]
    fn columns_are_mapped_of_tables_alone() {
        let folder = tempfile::tempdir().unwrap();
        let kind: Kind = "tensorboard".parse().unwrap();
        assert!(kind.open(folder.path(), Some("step=x")).is_err());
        assert!("excel".parse::<Kind>().unwrap_err().to_string().contains("hint: "));
    }
}
