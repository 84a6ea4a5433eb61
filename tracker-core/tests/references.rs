//! How people name runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use tracker_core::{Definition, Error, init, read::Store};

const LOSS: &str = "valid/loss";

struct Runs {
    folder: tempfile::TempDir,
}

impl Runs {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A run with these losses, in the order of steps. A run that starts later is the later one.
    fn with(self, name: &str, definition: &Definition, losses: &[f64]) -> Self {
        std::thread::sleep(std::time::Duration::from_millis(2));
        let dir = self.folder.path();
        let run = init("references").dir(dir).name(name).signals(false).start().unwrap();
        run.define(LOSS, definition.clone());
        for (step, loss) in (0_u64..).zip(losses) {
            run.log_at(step, [(LOSS, *loss)]);
        }
        run.finish().unwrap();
        self
    }

    fn find(&self, reference: &str) -> Result<String, Error> {
        let run = Store::open(self.folder.path()).unwrap().find(reference)?;
        Ok(run.info().name.clone())
    }

    fn fails(&self, reference: &str) -> String {
        self.find(reference).unwrap_err().to_string()
    }
}

fn lower() -> Definition {
    Definition::new().lower_is_better()
}

fn unknown() -> Definition {
    Definition::new()
}

#[test]
fn the_best_run_has_the_best_value_of_any_step() {
    let runs = Runs::new()
        .with("steady", &lower(), &[0.5, 0.4])
        .with("dip", &lower(), &[0.3, 0.9])
        .with("bad", &lower(), &[2.0]);
    assert_eq!(runs.find("@best:valid/loss").unwrap(), "dip");
    assert_eq!(runs.find("@best:min:valid/loss").unwrap(), "dip");
    assert_eq!(runs.find("@best:max:valid/loss").unwrap(), "bad");
}

#[test]
fn the_direction_of_one_run_is_enough() {
    let runs = Runs::new().with("a", &unknown(), &[0.5]).with("b", &lower(), &[0.9]);
    assert_eq!(runs.find("@best:valid/loss").unwrap(), "a");
}

#[test]
fn values_that_are_not_finite_are_never_best() {
    let (nan, infinity) = (f64::NAN, f64::INFINITY);
    let runs = Runs::new()
        .with("diverged", &lower(), &[nan, -infinity, infinity])
        .with("trained", &lower(), &[nan, 5.0])
        .with("nothing", &lower(), &[]);
    assert_eq!(runs.find("@best:valid/loss").unwrap(), "trained");
    assert_eq!(runs.find("@best:max:valid/loss").unwrap(), "trained");
    let runs = Runs::new().with("diverged", &lower(), &[nan]);
    assert!(runs.fails("@best:valid/loss").contains("no run has a finite value of `valid/loss`"));
}

#[test]
fn of_equally_good_runs_the_latest_is_taken() {
    let runs = Runs::new().with("a", &lower(), &[-0.0]).with("b", &lower(), &[0.0]);
    assert_eq!(runs.find("@best:valid/loss").unwrap(), "b");
    let runs = Runs::new().with("a", &lower(), &[0.0]).with("b", &lower(), &[-0.0]);
    assert_eq!(runs.find("@best:max:valid/loss").unwrap(), "b");
}

#[test]
fn a_direction_that_nobody_or_not_all_know_alike_is_asked_for() {
    let wanted = "write `@best:min:valid/loss` or `@best:max:valid/loss`";
    let runs = Runs::new().with("a", &unknown(), &[0.5]);
    let error = runs.fails("@best:valid/loss");
    assert!(error.contains("no run says") && error.ends_with(wanted), "{error}");
    let runs =
        runs.with("b", &lower(), &[0.5]).with("c", &Definition::new().higher_is_better(), &[0.5]);
    let error = runs.fails("@best:valid/loss");
    assert!(error.contains("runs disagree") && error.ends_with(wanted), "{error}");
}

#[test]
fn an_unknown_metric_names_the_known_ones() {
    let runs = Runs::new().with("a", &lower(), &[0.5]);
    let error = runs.fails("@best:loss");
    assert!(error.starts_with("no run matches `@best:loss` in "), "{error}");
    assert!(error.ends_with("hint: the runs have valid/loss"), "{error}");
    assert!(runs.fails("@best:").contains("the runs have valid/loss"));
    let error = Runs::new().with("empty", &lower(), &[]).fails("@best:loss");
    assert!(error.ends_with("hint: no run has metrics yet"), "{error}");
}

#[test]
fn a_project_before_a_reference_leaves_only_its_runs() {
    let runs = Runs::new().with("a", &lower(), &[0.5]).with("other/a", &lower(), &[0.9]);
    let start =
        |project: &str| init(project).dir(runs.folder.path()).name("a").signals(false).start();
    let other = start("other").unwrap();
    other.finish().unwrap();
    let store = Store::open(runs.folder.path()).unwrap();
    let project = |reference: &str| store.find(reference).unwrap().info().project.clone();
    assert_eq!(project("a"), "other", "the latest");
    assert_eq!(project("references/a"), "references");
    assert_eq!(project("references/@best:valid/loss"), "references");
    assert_eq!(project(&format!("other/{}", other.id())), "other");
    assert_eq!(runs.find("other/a").unwrap(), "other/a", "a run of that very name comes first");
    for missing in ["other/b", "nowhere/a", "other/", "/a", "../a"] {
        let error = runs.fails(missing);
        assert!(error.contains("no run matches") && error.contains("hint: "), "{error}");
    }
}
