//! What differs between two runs beside their points.

use serde_json::{Map, Value};
use tracker_core::read::{
    Code, ComparedPackages, ComparedSetting, RunReader, compared_settings, shown_setting,
};

use crate::view::provenance_text::origin_rows;

/// What stands for what a run has not.
const NONE: &str = "–";

/// What differs between two runs beside their points, in tables of a name and the two values.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) config: Vec<Differing>,
    /// Facts that the training described, such as the device.
    pub(crate) facts: Vec<Differing>,
    /// Host, command, commit and changes since.
    pub(crate) origin: Vec<Differing>,
    pub(crate) packages: Vec<Differing>,
    warnings: Vec<String>,
}

/// Something that differs, as people read it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differing {
    pub(crate) name: String,
    pub(crate) values: [String; 2],
}

impl Beside {
    pub(crate) fn of(runs: &[RunReader; 2]) -> Self {
        let facts = runs.each_ref().map(|run| -> Map<String, Value> {
            let about = run.info().about.iter();
            about.map(|(topic, facts)| (topic.clone(), Value::Object(facts.clone()))).collect()
        });
        let packages = ComparedPackages::of(runs);
        let mut beside = Self {
            config: settings(runs.each_ref().map(|run| &run.info().config)),
            facts: settings(facts.each_ref()),
            packages: packages_of(&packages),
            warnings: packages.warnings().to_vec(),
            ..Self::default()
        };
        beside.add_origin(runs);
        beside
    }

    /// What could not be read.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = &String> {
        self.warnings.iter()
    }

    /// The tables with their titles.
    pub(crate) fn tables(&self) -> [(&'static str, &[Differing]); 4] {
        [
            ("Config (where it differs)", &self.config),
            ("Facts (where they differ)", &self.facts),
            ("Origin (where it differs)", &self.origin),
            ("Packages (where they differ)", &self.packages),
        ]
    }

    fn add_origin(&mut self, runs: &[RunReader; 2]) {
        let codes = runs.each_ref().map(|run| self.read(run.code()));
        let patches = runs.each_ref().map(|run| self.read(run.patch()));
        let of = |run: &RunReader, code: &Option<Code>| {
            origin_rows(&run.info().provenance, code.as_ref())
        };
        let [first, second] = [of(&runs[0], &codes[0]), of(&runs[1], &codes[1])];
        let rows = first.into_iter().zip(second);
        self.origin = rows
            .filter(|((_, a), (_, b))| a != b)
            .map(|((name, a), (_, b))| Differing { name: name.to_owned(), values: [a, b] })
            .collect();
        if let [Some(a), Some(b)] = patches.each_ref().map(|patch| patch.as_ref())
            && a.as_bytes() != b.as_bytes()
        {
            let said = "see `tracker compare --code`".to_owned();
            let values = [said, String::new()];
            self.origin.push(Differing { name: "changes since the commit".to_owned(), values });
        }
    }

    /// What cannot be read costs itself and a warning.
    fn read<T>(&mut self, result: tracker_core::Result<Option<T>>) -> Option<T> {
        result.unwrap_or_else(|error| {
            self.warnings.push(error.to_string());
            None
        })
    }
}

fn settings(configs: [&Map<String, Value>; 2]) -> Vec<Differing> {
    let settings = compared_settings(&configs).into_iter().filter(ComparedSetting::differs);
    let differing = settings.map(|setting| {
        let value = |at: usize| shown_setting(setting.values.get(at).copied().flatten());
        Differing { values: [value(0), value(1)], name: setting.path }
    });
    differing.collect()
}

fn packages_of(packages: &ComparedPackages) -> Vec<Differing> {
    let differing = packages.differing().into_iter().map(|package| {
        let version = |at: usize| package.versions.get(at).copied().flatten().unwrap_or(NONE);
        Differing {
            name: package.name.to_owned(),
            values: [version(0), version(1)].map(str::to_owned),
        }
    });
    differing.collect()
}
