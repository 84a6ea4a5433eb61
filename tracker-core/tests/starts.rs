//! Where a run is made: in a new store, where it was moved to, or nowhere because it cannot be.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tracker_core::{
    RunId, Tracker, init,
    read::{RunReader, Store},
};

fn trained(root: &Path, project: &str, name: &str) -> PathBuf {
    let run = init(project).name(name).dir(root).signals(false).start().unwrap();
    run.log_at(0_u64, [("loss", 0.5)]);
    run.finish().unwrap();
    run.path().to_owned()
}

fn git(repository: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(repository).args(identity).args(args).output();
    let output = output.unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_live_run_in_a_repository_survives_git_and_is_not_committed() {
    let repository = tempfile::tempdir().unwrap();
    git(repository.path(), &["init", "-q"]);
    fs::write(repository.path().join("main.rs"), "fn main() {}").unwrap();
    git(repository.path(), &["add", "-A"]);
    git(repository.path(), &["commit", "-q", "-m", "begin"]);
    let root = repository.path().join(".tracker");
    let run = init("git").dir(&root).signals(false).start().unwrap();
    run.log_at(0_u64, [("loss", 0.5)]);
    run.flush(Duration::from_mins(1)).unwrap();

    fs::write(repository.path().join("main.rs"), "fn main() { train() }").unwrap();
    fs::write(repository.path().join("new.rs"), "").unwrap();
    git(repository.path(), &["stash", "-q", "-u"]);
    git(repository.path(), &["clean", "-q", "-f", "-d"]);
    git(repository.path(), &["stash", "pop", "-q"]);
    git(repository.path(), &["add", "-A"]);
    let staged = git(repository.path(), &["diff", "--cached", "--name-only"]);
    assert_eq!(staged.lines().collect::<Vec<_>>(), ["main.rs", "new.rs"]);

    run.log_at(1_u64, [("loss", 0.25)]);
    run.finish().unwrap();
    assert_eq!(RunReader::open(run.path()).unwrap().series("loss").unwrap().len(), 2);

    fs::create_dir_all(root.join(".views/nested")).unwrap();
    fs::write(root.join(".views/nested/seeds.json"), "{}").unwrap();
    git(repository.path(), &["add", "-A"]);
    let staged = git(repository.path(), &["diff", "--cached", "--name-only"]);
    assert!(staged.starts_with(".tracker/.views/nested/seeds.json\n"), "{staged}");
}

#[test]
fn only_a_new_store_is_told_to_git_and_what_a_person_wrote_stays() {
    let folder = tempfile::tempdir().unwrap();
    let ignored = |root: &Path| fs::read_to_string(root.join(".gitignore")).ok();
    for (name, is_new) in [("empty", true), ("views", true), ("full", false), ("theirs", false)] {
        let root = folder.path().join(name);
        fs::create_dir(&root).unwrap();
        match name {
            "views" => fs::create_dir(root.join(".views")).unwrap(),
            "full" => fs::write(root.join("main.rs"), "").unwrap(),
            "theirs" => fs::write(root.join(".gitignore"), "mine").unwrap(),
            _ => {}
        }
        trained(&root, "git", "a");
        let text = ignored(&root);
        assert_eq!(text.as_deref().is_some_and(|text| text.contains("!.views/")), is_new, "{name}");
        assert!(name != "theirs" || text.as_deref() == Some("mine"));
    }
    let root = folder.path().join("empty");
    fs::remove_file(root.join(".gitignore")).unwrap();
    trained(&root, "git", "b");
    assert_eq!(ignored(&root), None, "a person has removed it");
}

#[test]
fn what_an_earlier_version_told_git_is_brought_up_to_date_unless_somebody_changed_it() {
    let former = "# Made by tracker: runs are no source code. Saved views may be committed.\n\
                  *\n!.views/\n!.views/**\n";
    let changed = format!("{former}!notes.md\n");
    let bare = "*\n";
    for (before, is_replaced) in
        [(former, true), (changed.as_str(), false), (bare, false), (former.trim_end(), false)]
    {
        let store = tempfile::tempdir().unwrap();
        trained(store.path(), "git", "a");
        let file = store.path().join(".gitignore");
        let now = fs::read_to_string(&file).unwrap();
        fs::write(&file, before).unwrap();
        trained(store.path(), "git", "b");
        let wanted = if is_replaced { now.as_str() } else { before };
        assert_eq!(fs::read_to_string(&file).unwrap(), wanted);
    }
}

#[test]
fn a_run_that_was_moved_to_another_project_goes_on_where_it_lies() {
    for project in ["old", "new"] {
        let store = tempfile::tempdir().unwrap();
        let made = trained(store.path(), "old", "n1");
        let lies = store.path().join("new").join(made.file_name().unwrap());
        fs::create_dir(store.path().join("new")).unwrap();
        fs::rename(&made, &lies).unwrap();
        let run = init(project).dir(store.path()).resume("n1").signals(false).start().unwrap();
        assert_eq!(run.path(), lies);
        run.log_at(1_u64, [("loss", 0.25)]);
        run.finish().unwrap();
        let listing = Store::open(store.path()).unwrap().runs().unwrap();
        assert_eq!((listing.runs.len(), listing.warnings.len()), (1, 0), "{listing:?}");
        assert_eq!(listing.runs[0].series("loss").unwrap().len(), 2);
    }
}

#[test]
fn a_run_that_lies_in_two_projects_is_refused_with_both_paths() {
    let store = tempfile::tempdir().unwrap();
    let made = trained(store.path(), "old", "n1");
    let copy = store.path().join("new").join(made.file_name().unwrap());
    fs::create_dir_all(&copy).unwrap();
    fs::copy(made.join("run.json"), copy.join("run.json")).unwrap();
    let mut refused = 0;
    for project in ["old", "new"] {
        let resumed = init(project).dir(store.path()).resume("n1").signals(false).start();
        if let Err(error) = resumed {
            let text = error.to_string();
            let names_both =
                [&made, &copy].iter().all(|path| text.contains(path.to_str().unwrap()));
            assert!(names_both && text.contains("hint: "), "{text}");
            refused += 1;
        }
    }
    assert!(refused > 0, "one of the two is not the one that was found");
}

const ROLE: &str = "TRACKER_TEST_START";

/// The process that starts a run as the environment says; in a normal test run it does nothing.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Ok(project) = env::var(ROLE) else { return };
    let begun = init(project).name("started").notes("n".repeat(20_000)).signals(false);
    match begun.code_changes(false).start() {
        Ok(run) => {
            run.log_at(1_u64, [("loss", 0.25)]);
            println!("in {}", run.path().display());
            run.finish().unwrap();
        }
        Err(error) => println!("refused: {error}"),
    }
}

/// Starts a run in a process of its own, after a command of the shell. Returns what it said.
fn start(root: &Path, project: &str, before: &str, id: Option<&str>) -> String {
    let mut command = Command::new("sh");
    let then = format!("{before} exec \"$0\" --exact process --ignored --nocapture");
    command.arg("-c").arg(then).arg(env::current_exe().unwrap());
    command.env("TRACKER_DIR", root).env(ROLE, project).env_remove("TRACKER_RUN_ID");
    if let Some(id) = id {
        command.env("TRACKER_RUN_ID", id);
    }
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_process_that_is_started_again_finds_its_run_where_it_was_moved_to() {
    let store = tempfile::tempdir().unwrap();
    let id = RunId::generate().to_string();
    start(store.path(), "old", "", Some(&id));
    let lies = store.path().join("new").join(&id);
    fs::create_dir(store.path().join("new")).unwrap();
    fs::rename(store.path().join("old").join(&id), &lies).unwrap();
    let said = start(store.path(), "old", "", Some(&id));
    assert!(said.contains(&format!("in {}", lies.display())), "{said}");
    assert_eq!(RunReader::open(&lies).unwrap().series("loss").unwrap().len(), 2);
    // A training of another project under the same id is another run.
    let said = start(store.path(), "other", "", Some(&id));
    let other = store.path().join("other").join(&id);
    assert!(said.contains(&format!("in {}", other.display())), "{said}");
}

#[test]
fn a_start_that_fails_leaves_nothing_behind() {
    // A file may have no bytes at all, or enough for a lock and not for a run.json.
    for limit in ["0", "8"] {
        let store = tempfile::tempdir().unwrap();
        let full = format!("trap '' XFSZ; ulimit -f {limit};");
        let said = start(store.path(), "full", &full, None);
        assert!(said.contains("refused: "), "{said}");
        let projects = fs::read_dir(store.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = projects.filter(|name| name != ".gitignore").collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_start_that_fails_takes_nothing_from_a_run_that_is_there() {
    let store = tempfile::tempdir().unwrap();
    let id = RunId::generate().to_string();
    start(store.path(), "full", "", Some(&id));
    let folder = store.path().join("full").join(&id);
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let said = start(store.path(), "full", "trap '' XFSZ; ulimit -f 8;", Some(&id));
    assert!(said.contains("refused: "), "{said}");
    let after: Vec<_> = names().into_iter().filter(|name| name != "live").collect();
    assert_eq!(after, before);
    assert_eq!(RunReader::open(&folder).unwrap().series("loss").unwrap().len(), 1);
}
