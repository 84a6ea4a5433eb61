//! What git knows of a run's code: in real repositories, with git missing, slow or unwilling.
//!
//! The working directory and the environment are the whole process's, so each test starts this test
//! program again as the process that trains, see [`process`].

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use tracker_core::{
    Run, init, metrics,
    read::{ChangedFile, FileStatus, PatchKept, RunReader, Store},
};

const ROLE: &str = "TRACKER_TEST_ROLE";

/// The process that trains in the way that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Ok(role) = env::var(ROLE) else { return };
    let train = || {
        let run = init("code").code_changes(role != "without").start().unwrap();
        run.log_at(0, metrics! { "loss" => 0.5 });
        if role != "short" && role != "without" {
            wait_for_git(&run);
        }
        run.finish().unwrap();
    };
    match role.as_str() {
        "timed" => {
            let run = init("code").start().unwrap();
            let began = Instant::now();
            (0..1_000_u64).for_each(|step| run.log_at(step, metrics! { "loss" => 0.5 }));
            println!("logged in {:?}", began.elapsed());
            let began = Instant::now();
            run.finish().unwrap();
            println!("FINISH {}", began.elapsed().as_millis());
        }
        "twice" => {
            train();
            fs::write("later.txt", "written between the runs").unwrap();
            train();
        }
        _ => train(),
    }
}

/// On a machine with much to do, git may take longer than the end of a run waits for it.
fn wait_for_git(run: &Run) {
    let until = Instant::now() + Duration::from_mins(1);
    while run.reader().unwrap().info().provenance.git_dirty.is_none() {
        assert!(Instant::now() < until, "git does not answer");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A repository in a temporary folder, and a store beside it.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn empty() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(repository.path()).unwrap();
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// With one commit of two files.
    fn new() -> Self {
        let repository = Self::empty();
        repository.write("src/main.rs", "fn main() {\n    train();\n}\n");
        repository.write("README", "about\n");
        repository.commit();
        repository
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "work"]);
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=me", "-c", "user.email=me@example.org"]).args(arguments);
        let output = git.current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Trains in this repository, and says what the process said.
    fn train(&self, role: &str, environment: &[(&str, &str)]) -> String {
        train_in(&self.path(), &self.store(), role, environment)
    }

    /// Trains, and gives the run.
    fn trained(&self) -> RunReader {
        self.train("", &[]);
        self.latest()
    }

    fn latest(&self) -> RunReader {
        Store::open(self.store()).unwrap().find("@latest").unwrap()
    }

    /// A folder for `PATH` that has this script as its git.
    fn with_git(&self, script: &str) -> String {
        let folder = self.folder.path().join("bin");
        fs::create_dir_all(&folder).unwrap();
        let git = folder.join("git");
        fs::write(&git, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
        format!("{}:{}", folder.display(), env::var("PATH").unwrap())
    }
}

/// Trains in a directory, and says what the process said.
fn train_in(directory: &Path, store: &Path, role: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command
        .args(["--exact", "process", "--ignored", "--nocapture"])
        .current_dir(directory)
        .env(ROLE, role)
        .env("TRACKER_DIR", store)
        .env_remove("TRACKER_CODE_CHANGES")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said + &String::from_utf8_lossy(&output.stdout)
}

fn paths(files: &[ChangedFile]) -> Vec<(&str, FileStatus)> {
    files.iter().map(|file| (file.path.as_str(), file.status)).collect()
}

fn patch(run: &RunReader) -> String {
    run.patch().unwrap().unwrap().to_text()
}

#[test]
fn a_clean_repository_has_a_commit_and_no_changes() {
    let repository = Repository::new();
    let run = repository.trained();
    let code = run.code().unwrap().unwrap();
    assert_eq!(code.commit, Some(repository.git(&["rev-parse", "HEAD"])));
    assert_eq!(code.commit, run.info().provenance.git_commit);
    assert_eq!((code.dirty, code.files.len(), code.patch_kept), (false, 0, PatchKept::None));
    assert_eq!((run.patch().unwrap(), run.info().provenance.git_dirty), (None, Some(false)));
}

#[test]
fn changed_new_renamed_removed_and_untracked_files_are_told() {
    let repository = Repository::new();
    repository.write("src/lib.rs", "a\nb\nc\nd\ne\n");
    repository.write("old.rs", "to be removed\n");
    repository.commit();
    repository.write("src/main.rs", "fn main() {\n    train_longer();\n}\n");
    repository.write("added.rs", "new\n");
    repository.git(&["add", "added.rs"]);
    repository.git(&["mv", "src/lib.rs", "src/model.rs"]);
    fs::remove_file(repository.path().join("old.rs")).unwrap();
    repository.write("data/one", "1");
    repository.write("data/two", "2");
    let run = repository.trained();
    let code = run.code().unwrap().unwrap();
    let wanted = [
        ("added.rs", FileStatus::Added),
        ("old.rs", FileStatus::Deleted),
        ("src/main.rs", FileStatus::Modified),
        ("src/model.rs", FileStatus::Renamed),
        ("data/", FileStatus::Untracked),
    ];
    let mut files = paths(&code.files);
    files.sort_by_key(|(path, status)| (*status == FileStatus::Untracked, *path));
    assert_eq!(files, wanted);
    let renamed = code.files.iter().find(|file| file.status == FileStatus::Renamed).unwrap();
    assert_eq!(renamed.from.as_deref(), Some("src/lib.rs"));
    assert!(code.dirty && !code.files_cut);
    assert_eq!(run.info().provenance.git_dirty, Some(true));
    let patch = patch(&run);
    assert!(patch.contains("+    train_longer();\n") && !patch.contains("data"), "{patch}");
}

#[test]
fn the_patch_restores_the_code_byte_for_byte_from_any_folder_and_settings() {
    let repository = Repository::new();
    for (key, value) in [("diff.noprefix", "true"), ("color.ui", "always"), ("diff.context", "0")] {
        repository.git(&["config", key, value]);
    }
    repository.git(&["config", "diff.external", "false"]);
    let changed = b"caf\xe9 \x1b[31m\r\nno line end";
    repository.write("README", changed);
    train_in(&repository.path().join("src"), &repository.store(), "", &[]);
    let run = repository.latest();
    repository.git(&["checkout", "--quiet", "."]);
    let file = run.path().join("code.patch");
    assert_eq!(fs::read(&file).unwrap(), run.patch().unwrap().unwrap().as_bytes());
    repository.git(&["apply", "--whitespace=nowarn", file.to_str().unwrap()]);
    assert_eq!(fs::read(repository.path().join("README")).unwrap(), changed);
    assert!(patch(&run).contains("+caf\\xe9 "), "{}", patch(&run));
}

#[test]
fn untracked_files_alone_are_changes_without_a_patch() {
    let repository = Repository::new();
    repository.git(&["config", "status.showUntrackedFiles", "no"]);
    repository.write("caf\u{e9} \t.rs", "new");
    let run = repository.trained();
    let code = run.code().unwrap().unwrap();
    assert_eq!(paths(&code.files), [("caf\u{e9} \t.rs", FileStatus::Untracked)]);
    assert_eq!((code.dirty, code.patch_kept), (true, PatchKept::None));
}

#[test]
fn the_files_of_the_store_are_no_changes_of_the_code() {
    let repository = Repository::new();
    repository.write(".tracker/earlier/file", "");
    let stores = [".tracker", "runs", "results/store"].map(|store| repository.path().join(store));
    for store in stores {
        train_in(&repository.path(), &store, "", &[]);
        let run = Store::open(&store).unwrap().find("@latest").unwrap();
        assert_eq!(run.code().unwrap().unwrap().files, [], "{}", store.display());
        fs::remove_dir_all(store).unwrap();
    }
}

#[test]
fn a_long_patch_is_cut_at_a_line_and_says_so() {
    let repository = Repository::new();
    let lines: Vec<String> = (0..60_000).map(|n| format!("line {n} of a long file\n")).collect();
    repository.write("README", lines.concat());
    let run = repository.trained();
    assert_eq!(run.code().unwrap().unwrap().patch_kept, PatchKept::Cut);
    let patch = patch(&run);
    assert!(patch.len() <= 1 << 20 && patch.len() > (1 << 20) - 100, "{}", patch.len());
    assert!(patch.ends_with(" of a long file\n"), "{}", &patch[patch.len() - 50..]);
}

#[test]
fn of_very_many_files_the_first_thousand_are_listed() {
    let repository = Repository::new();
    (0..1_100).for_each(|file| repository.write(&format!("file-{file:04}"), ""));
    let code = repository.trained().code().unwrap().unwrap();
    assert_eq!((code.files.len(), code.files_cut), (1_000, true));
    assert_eq!(code.files[999].path, "file-0999");
}

#[test]
fn a_repository_without_a_commit_has_files_and_no_patch() {
    let repository = Repository::empty();
    repository.write("first.rs", "one");
    repository.git(&["add", "."]);
    let code = repository.trained().code().unwrap().unwrap();
    assert_eq!((code.commit, code.dirty), (None, true));
    assert_eq!(paths(&code.files), [("first.rs", FileStatus::Added)]);
    assert_eq!(code.patch_kept, PatchKept::Unknown);
}

#[test]
fn a_submodule_with_changes_of_its_own_is_named() {
    let (repository, inner) = (Repository::new(), Repository::new());
    let url = inner.path();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"];
    repository.git(&[&add[..], &[url.to_str().unwrap(), "sub"]].concat());
    repository.commit();
    repository.write("sub/README", "changed\n");
    repository.write("README", "changed too\n");
    let run = repository.trained();
    let files = run.code().unwrap().unwrap().files;
    assert_eq!(paths(&files), [("README", FileStatus::Modified), ("sub", FileStatus::Submodule)]);
    assert!(!patch(&run).contains("sub"), "{}", patch(&run));
    train_in(&repository.path().join("sub"), &repository.store(), "", &[]);
    let files = repository.latest().code().unwrap().unwrap().files;
    assert_eq!(paths(&files), [("README", FileStatus::Modified)], "of the submodule itself");
}

#[test]
fn a_linked_worktree_is_asked_for_its_own_changes() {
    let repository = Repository::new();
    let linked = repository.folder.path().join("linked");
    repository.git(&["worktree", "add", "--quiet", "-b", "other", linked.to_str().unwrap()]);
    repository.write("README", "changed elsewhere\n");
    fs::write(linked.join("src/main.rs"), "changed\n").unwrap();
    train_in(&linked, &repository.store(), "", &[]);
    let files = repository.latest().code().unwrap().unwrap().files;
    assert_eq!(paths(&files), [("src/main.rs", FileStatus::Modified)]);
}

#[test]
fn where_nobody_knows_nothing_is_kept_and_nothing_is_said() {
    let repository = Repository::new();
    let bare = repository.folder.path().join("bare.git");
    repository.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let broken = repository.folder.path().join("broken");
    fs::create_dir_all(broken.join(".git")).unwrap();
    fs::write(broken.join(".git/HEAD"), "nonsense").unwrap();
    for directory in [repository.folder.path(), &bare, &broken] {
        let said = train_in(directory, &repository.store(), "short", &[]);
        assert!(!said.contains("warning"), "{said}");
        let run = repository.latest();
        assert_eq!(run.code().unwrap(), None, "{}", directory.display());
        assert_eq!(run.info().provenance.git_dirty, None);
    }
}

#[test]
fn without_a_git_program_the_run_has_its_commit_all_the_same() {
    let repository = Repository::new();
    repository.write("README", "changed\n");
    let said = repository.train("short", &[("PATH", "/nowhere")]);
    assert!(!said.contains("warning"), "{said}");
    let run = repository.latest();
    assert_eq!((run.code().unwrap(), run.patch().unwrap()), (None, None));
    assert_eq!(run.info().provenance.git_commit, Some(repository.git(&["rev-parse", "HEAD"])));
}

/// The bound on the wait is half a second; here it may take ten times as long.
#[test]
fn a_slow_git_holds_up_nothing_and_is_not_waited_for_at_the_end() {
    let repository = Repository::new();
    let path = repository.with_git("exec sleep 20");
    let began = Instant::now();
    let said = repository.train("timed", &[("PATH", &path)]);
    assert!(began.elapsed() < Duration::from_secs(30), "{said}");
    let finish = said.lines().find_map(|line| line.strip_prefix("FINISH ")).unwrap();
    assert!(finish.parse::<u64>().unwrap() < 5_000, "{said}");
    assert_eq!(repository.latest().code().unwrap(), None);
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn changes_are_known_where_git_is_too_slow_to_show_them() {
    let repository = Repository::new();
    repository.write("README", "changed\n");
    let real = Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout;
    let real = String::from_utf8(real).unwrap();
    let script = format!("case \"$*\" in *\" diff \"*) exit 1;; esac\nexec {} \"$@\"", real.trim());
    let path = repository.with_git(&script);
    repository.train("", &[("PATH", &path)]);
    let run = repository.latest();
    let code = run.code().unwrap().unwrap();
    assert_eq!((code.dirty, code.files.len(), code.patch_kept), (true, 1, PatchKept::Unknown));
    assert_eq!(run.patch().unwrap(), None);
}

#[test]
fn git_writes_nothing_and_runs_no_hook_in_the_repository() {
    let repository = Repository::new();
    repository.write("README", "changed\n");
    let marker = repository.folder.path().join("hook");
    let hook = repository.path().join(".git/hooks/post-index-change");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\ntouch '{}'\n", marker.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    // Touched and not changed: git would note that in its index.
    let touched =
        fs::File::options().append(true).open(repository.path().join("src/main.rs")).unwrap();
    touched.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
    let index = || fs::read(repository.path().join(".git/index")).unwrap();
    let before = index();
    assert_eq!(repository.trained().code().unwrap().unwrap().files.len(), 1);
    assert!(index() == before && !marker.exists());
    repository.git(&["diff", "HEAD"]);
    assert!(index() != before && marker.exists(), "this git would do neither anyway");
}

#[test]
fn who_has_secrets_opts_out_in_the_program_or_by_the_environment() {
    let repository = Repository::new();
    repository.write("README", "secret\n");
    let off = ("TRACKER_CODE_CHANGES", "off");
    let misspelt = ("TRACKER_CODE_CHANGES", "of");
    let disabled = ("TRACKER_MODE", "disabled");
    let marker = repository.folder.path().join("asked");
    let path = repository.with_git(&format!("touch '{}'", marker.display()));
    let path = ("PATH", path.as_str());
    for (role, environment) in [
        ("without", [path, path]),
        ("short", [path, off]),
        ("short", [path, misspelt]),
        ("short", [path, disabled]),
    ] {
        let said = repository.train(role, &environment);
        assert!(!marker.exists(), "git was asked with {environment:?}");
        let is_told = said.contains("hint: set it to `off`");
        assert_eq!(is_told, environment[1] == misspelt, "{said}");
    }
    let runs = Store::open(repository.store()).unwrap().runs().unwrap().runs;
    assert_eq!(runs.len(), 3, "but for the disabled one");
    for run in runs {
        assert_eq!((run.code().unwrap(), run.info().provenance.git_dirty), (None, None));
        assert!(run.info().provenance.git_commit.is_some());
    }
}

#[test]
fn only_the_first_rank_asks() {
    let repository = Repository::new();
    let id = "01J00000000000000000000000";
    repository.train("short", &[("TRACKER_RUN_ID", id), ("TRACKER_RANK", "1")]);
    let run = RunReader::open(repository.store().join("code").join(id)).unwrap();
    assert_eq!(run.code().unwrap(), None);
    repository.train("", &[("TRACKER_RUN_ID", id), ("TRACKER_RANK", "0")]);
    assert!(run.code().unwrap().is_some());
}

/// Git may be slower than half a second on a busy machine, but not ten times in a row.
#[test]
fn a_run_that_ends_at_once_knows_its_code_too() {
    let repository = Repository::new();
    let knows = || {
        repository.train("short", &[]);
        repository.latest().code().unwrap().is_some()
    };
    assert!((0..10).any(|_| knows()));
}

#[test]
fn git_is_asked_once_a_process() {
    let repository = Repository::new();
    repository.train("twice", &[]);
    let runs = Store::open(repository.store()).unwrap().runs().unwrap().runs;
    let codes: Vec<_> = runs.iter().map(|run| run.code().unwrap().unwrap()).collect();
    assert_eq!((codes.len(), codes[0].dirty, codes[1].dirty), (2, false, false));
}

#[test]
fn a_resumed_run_tells_of_its_last_attempt_and_keeps_what_was_known_before() {
    let repository = Repository::new();
    let id = ("TRACKER_RUN_ID", "01J00000000000000000000000");
    repository.write("README", "first\n");
    repository.train("", &[id]);
    let run = repository.latest();
    assert!(patch(&run).contains("+first"));
    repository.write("README", "second\n");
    repository.train("", &[id]);
    assert!(patch(&run).contains("+second"));
    let before = fs::read_to_string(run.path().join("code-before-r0a2.patch")).unwrap();
    assert!(before.contains("+first") && run.path().join("code-before-r0a2.json").exists());
    repository.train("short", &[id, ("TRACKER_CODE_CHANGES", "off")]);
    assert_eq!((run.code().unwrap(), run.patch().unwrap()), (None, None));
}
