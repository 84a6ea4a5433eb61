use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use tracker_core::{Event, Outcome};
use tracker_export::{Account, Ended, MlflowSource, Source};

use crate::{database::TABLES, kept::Kept, out::read_all};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/mlflow").join(name)
}

/// The database that MLflow's own client wrote, in a folder of its own with the files beside it.
fn database(folder: &Path) -> PathBuf {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(File::open(fixture("mlflow.db.gz")).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    let path = folder.join("mlflow.db");
    fs::write(&path, bytes).unwrap();
    copy(&fixture("mlruns-of-db"), &folder.join("mlruns"));
    path
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

const VALUES: [f64; 9] =
    [0.0, 0.1, -1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 1.0 / 3.0, 1e300];

fn check_points(told: &Kept) {
    let loss: Vec<_> = told.points.iter().filter(|(name, ..)| name == "train/loss").collect();
    assert_eq!(loss.len(), VALUES.len());
    for (at, (value, (_, step, time, bits))) in VALUES.iter().zip(loss).enumerate() {
        assert_eq!((*step, *time), (at as u64, 1_700_000_000_200_000 + at as i64 * 1_000));
        assert!(f64::from_bits(*bits).to_bits() == value.to_bits() || value.is_nan(), "{value}");
        assert_eq!(f64::from_bits(*bits).is_nan(), value.is_nan());
    }
    let large = told.points.iter().find(|(name, ..)| name == "größe 50").unwrap();
    assert_eq!((large.1, f64::from_bits(large.3)), (1 << 62, 7.0));
}

fn counts(account: &Account, what: &str) -> u64 {
    account
        .left_out()
        .iter()
        .filter(|(left_out, _)| left_out.what == what)
        .map(|(_, count)| count)
        .sum()
}

#[test]
fn a_database_of_mlflow_is_read_as_its_client_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let all = read_all(&database(folder.path()));
    let names: Vec<_> = all.iter().map(|(run, ..)| run.name.clone().unwrap()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let of = |name: &str| all.iter().find(|(run, ..)| run.name.as_deref() == Some(name)).unwrap();
    let (sweep, told, account) = of("sweep");
    check_points(told);
    assert_eq!(sweep.project.as_deref(), Some("digits"));
    assert_eq!(sweep.notes.as_deref(), Some("A note\nof two lines."));
    assert_eq!(sweep.tags, ["team=vision", "draft"]);
    assert_eq!(sweep.config["lr"], 1e-5);
    assert_eq!(sweep.config["nesterov"], true);
    assert_eq!(sweep.config["seed"], serde_json::Value::Null);
    assert_eq!(sweep.config["words/of"], "two\nlines");
    assert_eq!(sweep.started_at.unwrap().0, 1_700_000_000_123_000);
    let Ended::As(Outcome::Finished, Some(time)) = &sweep.ended else {
        panic!("{:?}", sweep.ended)
    };
    assert_eq!(time.0, 1_700_000_009_999_000);
    assert_eq!(told.events.len(), 2, "pictures, without their small copies");
    for ((time, event), at) in told.events.iter().zip([0, 5]) {
        let Event::Media { name, step, .. } = event else { panic!("{event:?}") };
        assert_eq!((name.as_str(), step.0, *time), ("valid/samples", at, 1_700_000_000_500_000));
    }
    assert_eq!(counts(account, "points"), 1, "the one below step 0");
    assert_eq!(counts(account, "files"), 1);
    assert_eq!(counts(account, "data sets and models that went in"), 1);
    let (trial, ..) = of("trial");
    assert_eq!(trial.group.as_deref(), Some("sweep"));
    assert!(matches!(&trial.ended, Ended::As(Outcome::Failed(_), Some(_))));
    assert_eq!(of("goes on").0.ended, Ended::Unknown);
    let deleted: u64 = all.iter().map(|(_, _, account)| counts(account, "runs")).sum();
    assert_eq!(deleted, 1);
}

#[test]
fn the_folders_of_before_are_read_as_mlflows_client_wrote_them() {
    let mut all = read_all(&fixture("mlruns"));
    assert_eq!(all.len(), 1);
    let (run, told, account) = all.pop().unwrap();
    check_points(&told);
    let experiment = "digits: all of them, with a name that is longer than one line of a YAML file";
    assert_eq!(run.project.as_deref(), Some(experiment));
    assert_eq!(run.name.as_deref(), Some("trial # 1"));
    assert_eq!(run.config["model.name"], "mlp");
    assert_eq!(run.tags, ["draft", "team=vision"]);
    assert!(matches!(&run.ended, Ended::As(Outcome::Stopped(_), Some(_))));
    assert_eq!(told.events.len(), 1);
    assert_eq!((counts(&account, "points"), counts(&account, "runs")), (1, 1));
    // A part of it is enough.
    let run_folder = PathBuf::from(&run.from);
    for part in [run_folder.as_path(), run_folder.parent().unwrap()] {
        let (same, ..) = read_all(part).pop().unwrap();
        assert_eq!((same.origin, same.project), (run.origin.clone(), run.project.clone()));
    }
}

#[test]
fn a_database_that_is_written_to_is_read_with_what_is_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow.db");
    let writer = Connection::open(&path).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute_batch(TABLES).unwrap();
    writer
        .execute_batch(
            "INSERT INTO experiments VALUES (1, 'e', '', 'active');
        INSERT INTO runs VALUES ('r', 'n', 'u', 'RUNNING', 1, NULL, 'active', '', 1);
        INSERT INTO metrics VALUES ('x', 0.5, 1, 'r', 2, 0);",
        )
        .unwrap();
    assert!(fs::metadata(folder.path().join("mlflow.db-wal")).unwrap().len() > 0);
    let (run, told, _) = read_all(&path).pop().unwrap();
    assert_eq!(run.ended, Ended::Unknown);
    assert_eq!(told.points, [("x".to_owned(), 2, 1_000, 0.5_f64.to_bits())]);
    writer.execute_batch("INSERT INTO metrics VALUES ('x', 0.5, 1, 'r', 3, 0)").unwrap();
    assert_eq!(read_all(&path).pop().unwrap().1.points.len(), 2);
}

#[test]
fn tables_that_are_none_are_refused_with_a_way_out() {
    let views = TABLES.replace("CREATE TABLE metrics", "CREATE TABLE other");
    let endless = "CREATE VIEW metrics AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS \"key\", i AS value, i AS timestamp, 'r' AS run_uuid, i AS step, 0 AS is_nan FROM n;";
    let old = TABLES
        .replace("is_nan BOOLEAN DEFAULT '0' NOT NULL,", "")
        .replace(", value, is_nan)", ", value)");
    let computed = TABLES.replace("value FLOAT NOT NULL", "value FLOAT AS (1.0)");
    for (schema, said) in [
        (String::from("CREATE TABLE runs (a)"), "has no table `experiments`"),
        (views.replace("ON metrics", "ON other") + endless, "has no table `metrics`"),
        (old, "hint: an old version wrote it: `mlflow db upgrade"),
        (
            computed.replace(", run_uuid, value, is_nan)", ", run_uuid, is_nan)"),
            "has no column `value`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mlflow.db");
        Connection::open(&path).unwrap().execute_batch(&schema).unwrap();
        let error = MlflowSource::open(&path).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains("hint: "), "{error}");
        assert!(!MlflowSource::is_at(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let error = MlflowSource::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("has no runs of MLflow") && error.contains("hint: "), "{error}");
}

#[test]
fn what_stands_in_a_database_in_a_wrong_type_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow.db");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch(TABLES).unwrap();
    writer.execute_batch("INSERT INTO experiments VALUES (1, x'00ff', '', 'active');
        INSERT INTO runs VALUES ('r', 7, 'u', x'ff', 'never', 9223372036854775807, 'active', x'01', 1);
        INSERT INTO params VALUES ('a', x'00', 'r'), (x'00', 'b', 'r');
        INSERT INTO metrics VALUES ('x', 'text', 1, 'r', 2, 0), ('x', x'00', 1, 'r', 2, 0), ('x', 1, 'when', 'r', 2, 0),
            (x'ff', 1, 1, 'r', 2, 0), ('x', 2, 9223372036854775807, 'r', 2, 0), ('x', 3, 1, 'r', 2, 0);").unwrap();
    let (run, told, account) = read_all(&path).pop().unwrap();
    assert_eq!((run.project, run.started_at), (None, None));
    assert_eq!(told.points.len(), 1);
    assert_eq!(counts(&account, "points"), 5);
}

#[test]
fn a_damaged_database_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let whole = fs::read(&path).unwrap();
    let mut random = 7_u64;
    for round in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..20 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (random >> 20) as usize % bytes.len();
            bytes[at.max(16)] ^= (random >> 12) as u8;
        }
        if round % 3 == 0 {
            bytes.truncate((random >> 20) as usize % whole.len());
        }
        fs::write(&path, &bytes).unwrap();
        let Ok(mut source) = MlflowSource::open(&path) else { continue };
        for run in source.runs().unwrap_or_default() {
            let _ = source.read(&run, &mut Kept::default(), &mut Account::default());
        }
    }
}
