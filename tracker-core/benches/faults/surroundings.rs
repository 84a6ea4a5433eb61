//! Systems on which trainings run that are harder than this one: without file locks, in a process
//! namespace of their own.

use std::{
    path::PathBuf,
    process::{Child, Command},
};

use crate::{child::Training, kills::Kind};

/// What this machine can make.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// A library that takes file locks away. The folder goes with it.
    no_locks: Option<(tempfile::TempDir, PathBuf)>,
    /// How a process begins a namespace of its own.
    namespace: Option<Vec<String>>,
}

impl Surroundings {
    pub(crate) fn find() -> Self {
        Self { no_locks: compile(), namespace: namespace() }
    }

    pub(crate) fn allow(&self, kind: Kind) -> bool {
        match kind {
            Kind::NoLocks => self.no_locks.is_some(),
            Kind::OtherNamespace => self.no_locks.is_some() && self.namespace.is_some(),
            _ => true,
        }
    }

    /// Puts a training into the surroundings of its kind.
    pub(crate) fn apply(&self, kind: Kind, training: &mut Training) {
        if matches!(kind, Kind::NoLocks | Kind::OtherNamespace) {
            let library = self.no_locks.iter().map(|(_, library)| library.display().to_string());
            training.env.extend(library.map(|library| ("LD_PRELOAD", library)));
        }
        if kind == Kind::OtherNamespace {
            training.launcher = self.namespace.clone().unwrap_or_default();
        }
    }
}

fn compile() -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().ok()?;
    let library = folder.path().join("no_flock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/no_flock.c");
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", source, "-o"]).arg(&library).status();
    compiled.ok()?.success().then_some((folder, library))
}

fn namespace() -> Option<Vec<String>> {
    ["-pf", "-rpf"].into_iter().find_map(|way| {
        let line = ["unshare", way, "--kill-child", "--mount-proc"].map(str::to_owned);
        let probe = Command::new(&line[0]).args(&line[1..]).arg("true").output().ok()?;
        probe.status.success().then(|| line.to_vec())
    })
}

/// Kills a training, which may be the child of what made its namespace, and waits until it is dead.
pub(crate) fn kill(child: &mut Child) {
    let id = child.id();
    let inner = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let inner = inner.unwrap_or_default();
    if inner.trim().is_empty() {
        child.kill().unwrap();
    } else {
        // What made the namespace ends after it.
        let _ = Command::new("kill").arg("-9").args(inner.split_whitespace()).output();
    }
    child.wait().unwrap();
}
