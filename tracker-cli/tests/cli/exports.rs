//! `tracker export`.

use std::{fs, process::Stdio};

use serde_json::{Value, json};
use tracker_core::metrics;

use crate::support::{FIRST, Store, assert_text, finish_as_if, texts};

const VALUES: [f64; 11] = [
    0.1,
    -0.0,
    1.0 / 3.0,
    5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    1e300,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    123_456_789.0,
];

const STEPS: [u64; 4] = [0, 1, 1 << 53, u64::MAX];

fn store_of_values() -> Store {
    let store = Store::new();
    let run = store.init("values").start().unwrap();
    for step in STEPS {
        for value in VALUES {
            run.log_at(step, metrics! { "b" => value, "a" => value });
        }
    }
    finish_as_if(&run, FIRST, 1);
    store
}

/// What every row of the export says in turn: key, step and the bits of its value.
fn logged() -> Vec<(String, u64, u64)> {
    let mut rows = Vec::new();
    for key in ["a", "b"] {
        for step in STEPS {
            rows.extend(VALUES.map(|value| (key.to_owned(), step, value.to_bits())));
        }
    }
    rows
}

#[test]
fn csv_reads_back_bit_for_bit() {
    let csv = store_of_values().prints(&["export", "values", "--to", "csv"]);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("run,key,step,time,value,writer,seq"));
    let rows: Vec<(String, u64, u64)> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!((cells[0], cells[5]), (FIRST, "1"));
            assert!(cells[4].len() <= 24, "{}", cells[4]);
            let value: f64 = cells[4].parse().unwrap();
            (cells[1].to_owned(), cells[2].parse().unwrap(), value.to_bits())
        })
        .collect();
    assert_eq!(rows, logged());
}

#[test]
fn json_lines_read_back_bit_for_bit() {
    let text = store_of_values().prints(&["export", "values", "--to", "jsonl"]);
    let number = |value: &Value| match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        Some(other) => panic!("{other}"),
        None => value.as_f64().unwrap(),
    };
    let rows: Vec<(String, u64, u64)> = text
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["run", "key", "step", "time", "value", "writer", "seq"]);
            assert_eq!(row["writer"], 1);
            let key = row["key"].as_str().unwrap().to_owned();
            (key, row["step"].as_u64().unwrap(), number(&row["value"]).to_bits())
        })
        .collect();
    assert_eq!(rows, logged());
}

#[test]
fn rows_of_one_step_keep_the_order_in_which_they_were_logged() {
    let store = Store::new();
    let run = store.init("repeats").start().unwrap();
    for (step, value) in [(7, 1.0), (3, 2.0), (7, 3.0), (3, 4.0)] {
        run.log_at(step, metrics! { "loss" => value });
    }
    run.finish().unwrap();
    let csv = store.prints(&["export", "repeats", "--to", "csv"]);
    let rows: Vec<(&str, &str)> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[2], cells[4])
        })
        .collect();
    assert_eq!(rows, [("3", "2.0"), ("3", "4.0"), ("7", "1.0"), ("7", "3.0")]);
}

#[test]
fn keys_are_quoted_where_csv_needs_it() {
    let store = Store::new();
    let run = store.init("keys").start().unwrap();
    for key in ["a,b", "say \"hi\"", "=1+1", "two\nlines", "plain/key"] {
        run.log_at(0, vec![(key, 1.0)]);
    }
    run.finish().unwrap();
    let csv = store.prints(&["export", "keys", "--to", "csv"]);
    for cell in [",\"a,b\",", ",\"say \"\"hi\"\"\",", ",'=1+1,", ",two_lines,", ",plain/key,"] {
        assert!(csv.contains(cell), "{cell} {csv}");
    }
}

#[test]
fn a_file_is_written_whole_and_alone() {
    let store = store_of_values();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("points.csv");
    fs::write(&file, "old").unwrap();
    let args = ["export", "values", "--to", "csv", "-o", file.to_str().unwrap()];
    let (out, err) = texts(&store.tracker(&args));
    assert_eq!(out, "");
    assert!(err.starts_with("wrote 88 points of run values"), "{err}");
    let csv = store.prints(&["export", "values", "--to", "csv", "-o", "-"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), csv);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_with_a_hint() {
    let store = store_of_values();
    for file in [store.path().join("no/such/file.csv"), store.path().to_owned()] {
        let file = file.to_str().unwrap();
        let error = store.fails(&["export", "values", "--to", "csv", "-o", file]);
        assert!(error.starts_with("error: failed to write STORE"), "{error}");
        assert!(error.contains("\nhint: "), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let store = store_of_values();
    store.prints(&["export", "values", "--to", "csv", "-o", "/dev/null"]);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn a_closed_pipe_is_a_clean_end() {
    let store = Store::new();
    let run = store.init("long").start().unwrap();
    for step in 0..50_000_u32 {
        run.log_at(step, metrics! { "loss" => f64::from(step) });
    }
    run.finish().unwrap();
    for format in ["csv", "jsonl", "parquet"] {
        let mut command = store.command(&["export", "long", "--to", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(texts(&output).1, "");
    }
}

#[test]
fn a_broken_run_json_costs_no_points() {
    let store = Store::new();
    let folder = store.trained(FIRST, "baseline", &json!({}), 0.0, 3);
    let whole = store.prints(&["export", "baseline", "--to", "csv"]);
    fs::write(folder.join("run.json"), "{\"version\": 1,").unwrap();
    let output = store.tracker(&["export", FIRST, "--to", "csv"]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(out, whole);
    assert!(err.starts_with("warning: damaged file ") && err.contains("run.json"), "{err}");
    let (page, _) = texts(&store.tracker(&["show", FIRST]));
    assert!(page.contains("Problems\n  !  damaged file "), "{page}");
    assert!(texts(&store.tracker(&["ls"])).0.contains(&FIRST[..20]));
}

#[test]
fn a_run_without_points_exports_the_header() {
    let store = Store::new();
    store.init("empty").start().unwrap().finish().unwrap();
    assert_text!(store.prints(&["export", "empty", "--to", "csv"]));
    assert_eq!(store.prints(&["export", "empty", "--to", "jsonl"]), "");
}

#[test]
fn parquet_is_a_file_of_its_own() {
    let store = store_of_values();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.parquet");
    let args = ["export", "values", "--to", "parquet", "-o", file.to_str().unwrap()];
    let (out, err) = texts(&store.tracker(&args));
    assert_eq!(out, "");
    assert!(err.starts_with("wrote 88 points of run values"), "{err}");
    assert!(err.contains("22 points have a step of 2^63 or more"), "{err}");
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let piped = store.tracker(&["export", "values", "--to", "parquet"]);
    assert_eq!(piped.stdout, bytes);
}
