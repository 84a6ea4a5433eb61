//! What comes over to each tool and back, of a run with something of every kind: the tables of docs/neighbours/README.md.
//! `TRACKER_DOCS=write cargo test -p tracker-export --test what_comes_over` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "mlflow/database.rs"]
mod database;
#[allow(dead_code, reason = "of its failures the tests of MLflow make use")]
#[path = "mlflow/fake_server.rs"]
mod fake_server;
#[path = "kept/mod.rs"]
mod kept;
#[path = "../examples/everything/one_of_each.rs"]
mod one_of_each;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use fake_server::FakeServer;
use kept::read;
use tracker_core::read::{RunReader, Store};
use tracker_export::{Account, Destination, Kind, Neighbour, export};

/// What an account says of each kind of thing, in the words of the tables.
type Cells = BTreeMap<String, String>;

fn cells(account: &Account) -> Cells {
    let mut cells = Cells::new();
    for (what, count) in account.kept() {
        cells.insert((*what).to_owned(), count.to_string());
    }
    for (left_out, count) in account.left_out() {
        let cell = cells.entry(left_out.what.to_owned()).or_default();
        let comma = if cell.is_empty() { "" } else { "; " };
        let _ = write!(cell, "{comma}not {count}: {}", left_out.why);
    }
    cells
}

/// What comes over to a tool, and from what was written there.
fn there_and_back(run: &RunReader, tool: Neighbour, folder: &Path) -> [Cells; 2] {
    let server = (tool == Neighbour::Mlflow).then(FakeServer::start);
    let place = match &server {
        Some(server) => server.address.clone(),
        None => folder.display().to_string(),
    };
    let destination = Destination { neighbour: tool, place };
    let mut target = destination.open(run, None).unwrap();
    let out = export(run, &mut *target).unwrap();
    drop(target);
    if let Some(server) = &server {
        fs::create_dir_all(folder).unwrap();
        database::write(&server.state.lock().unwrap(), folder);
    }
    let place = if server.is_some() { folder.join("mlflow.db") } else { folder.to_owned() };
    let mut source = Kind::of(&place).unwrap().open(&place, None).unwrap().source;
    let mut back = Account::default();
    for found in source.runs().unwrap() {
        let (kept, account) = read(&mut *source, &found);
        assert!(!kept.points.is_empty(), "{}", tool.name());
        back.add(account);
    }
    [cells(&out), cells(&back)]
}

fn table(all: &[(Neighbour, Cells)]) -> String {
    let mut text = String::from("| what |");
    for (tool, _) in all {
        let _ = write!(text, " {} |", tool.title());
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(all.len()));
    let rows: BTreeSet<&String> = all.iter().flat_map(|(_, cells)| cells.keys()).collect();
    for what in rows {
        let _ = write!(text, "| {what} |");
        for (_, cells) in all {
            let _ = write!(text, " {} |", cells.get(what).map_or("", String::as_str));
        }
        text.push('\n');
    }
    text
}

/// A checkout on a branch, where the run takes place: what is told of git are tags, and this repository's own checkout may
/// have no branch.
fn checkout(folder: &Path) {
    let git = |arguments: &[&str]| {
        let author = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"];
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(author).args(arguments);
        assert!(git.status().unwrap().success(), "git {arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "All that there is"]);
}

#[test]
fn the_docs_tell_what_comes_over_to_each_tool_and_back() {
    let scratch = tempfile::tempdir().unwrap();
    let store = scratch.path().join("store");
    checkout(scratch.path());
    std::env::set_current_dir(scratch.path()).unwrap();
    one_of_each::write(store.to_str().unwrap()).unwrap();
    let run = Store::open(&store).unwrap().find("@latest").unwrap();
    let (mut out, mut back) = (Vec::new(), Vec::new());
    for tool in Neighbour::ALL {
        let [there, from_there] = there_and_back(&run, tool, &scratch.path().join(tool.name()));
        out.push((tool, there));
        back.push((tool, from_there));
    }
    let text = format!("## Out\n\n{}\n## And back\n\n{}", table(&out), table(&back));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/neighbours/README.md");
    let page = fs::read_to_string(&path).unwrap();
    let (words, tables) = page.split_once("## Out").unwrap();
    if std::env::var_os("TRACKER_DOCS").is_some_and(|word| word == "write") {
        fs::write(&path, format!("{words}{text}")).unwrap();
        return;
    }
    assert_eq!(
        format!("## Out{tables}"),
        text,
        "hint: TRACKER_DOCS=write writes the tables of {} anew",
        path.display()
    );
}
