//! CSV and JSON lines come in as what their columns look like.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kept;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use kept::{Kept, left_out, only, read};
use tracker_export::{Account, ForeignRun, Mapping, Source, TableSource, Values};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/table").join(name)
}

/// A file of this text, in a folder that lives as long as the test.
struct Given {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn given(name: &str, text: impl AsRef<[u8]>) -> Given {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    Given { _folder: folder, path }
}

/// A line for each number.
fn numbered(numbers: std::ops::Range<u32>, line: impl Fn(u32) -> String) -> String {
    numbers.map(line).collect()
}

fn read_as(given: &Given, words: &str) -> (ForeignRun, Kept, Account) {
    let mapping = Mapping::guess(&given.path).unwrap().with(words).unwrap();
    only(&mut TableSource::new(&given.path, mapping))
}

#[test]
fn what_tracker_exported_comes_back_bit_for_bit_from_either_form() {
    let mut all = Vec::new();
    for name in ["own.csv", "own.jsonl"] {
        let path = file(name);
        assert!(TableSource::looks_like(&path));
        let (run, kept, account) =
            only(&mut TableSource::new(&path, Mapping::guess(&path).unwrap()));
        assert_eq!(run.origin, "tracker/01M8SEFHD88J6NEMTPZWSSD4T5", "by its id, wherever it lies");
        assert_eq!(kept.points.len(), 55);
        assert_eq!(account.kept()["points"], 55);
        let last = (
            "valid/accuracy".to_owned(),
            78,
            1_796_150_387_244_263,
            0.895_999_999_999_999_9_f64.to_bits(),
        );
        assert_eq!(kept.points.last(), Some(&last));
        all.push(kept.points);
    }
    assert_eq!(all[0], all[1]);
}

#[test]
fn all_that_an_export_can_say_comes_back() {
    let given = given(
        "run.csv",
        "run,key,step,time,value,writer,seq\n\
         R,loss,18446744073709551615,2026-01-01T00:00:00.000001Z,NaN,1,0\n\
         R,\"a,\"\"b\"\"\",0,1969-12-31T23:59:59.999999Z,-inf,1,1\n\
         R,'-odd,1,9223372036854775807us,-0.0,1,2\n\
         R,'quoted ,2,2026-01-01T00:00:00.000000Z,5e-324,1,3\n",
    );
    let (_, kept, _) = read_as(&given, "");
    let bits = |value: f64| value.to_bits();
    let wanted = [
        ("loss".to_owned(), u64::MAX, 1_767_225_600_000_001, bits(f64::NAN)),
        ("a,\"b\"".to_owned(), 0, -1, bits(f64::NEG_INFINITY)),
        ("-odd".to_owned(), 1, i64::MAX, bits(-0.0)),
        ("'quoted ".to_owned(), 2, 1_767_225_600_000_000, bits(5e-324)),
    ];
    assert_eq!(kept.points, wanted);
}

#[test]
fn a_guess_is_shown_and_can_be_changed() {
    let given = given(
        "log.csv",
        "Iteration,Wall time,train loss,lr,seed,note\n1,1700000000.5,0.5,0.1,7,a\n2,1700000001,0.4,0.1,7,b\n",
    );
    let mapping = Mapping::guess(&given.path).unwrap();
    let shown = "column      what\n\
                 Iteration   the step\n\
                 Wall time   the time\n\
                 train loss  metric train loss\n\
                 lr          metric lr\n\
                 seed        a setting\n\
                 note        a setting";
    assert_eq!(mapping.to_string(), shown);
    let changed = mapping.clone().with("train loss=train/loss, setting=lr, ignore=note").unwrap();
    let (run, kept, account) = only(&mut TableSource::new(&given.path, changed));
    assert_eq!(kept.series("train/loss"), [(1, 0.5), (2, 0.4)]);
    assert_eq!(kept.points[0].2, 1_700_000_000_500_000);
    assert_eq!(run.config["lr"], 0.1);
    assert_eq!(run.config["seed"], 7);
    assert_eq!(run.name.as_deref(), Some("log"));
    assert_eq!(left_out(&account, "columns"), 1);
    for words in [
        "step",
        "step=nothing",
        "nothing=loss",
        "ignore=Iteration,ignore=train loss,ignore=lr,metric=note",
    ] {
        let error = mapping.clone().with(words).unwrap_err().to_string();
        assert!(error.contains("hint: "), "{error}");
    }
}

#[test]
fn files_of_other_programs_are_understood_by_their_names_and_contents() {
    let long = |mapping: &Values| matches!(mapping, Values::Long { .. });
    for (name, text, step, time, is_long) in [
        (
            "mlflow.csv",
            "key,value,timestamp,step,run_id\nloss,0.5,1700000000123,3,abc\n",
            Some("step"),
            Some("timestamp"),
            true,
        ),
        ("keras.csv", "epoch,accuracy,loss\n0,0.5,1.0\n", Some("epoch"), None, false),
        (
            "lightning.csv",
            "epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.4\n",
            Some("step"),
            None,
            false,
        ),
        (
            "progress.csv",
            "time/total_timesteps,rollout/ep_rew_mean\n2048,21.5\n",
            Some("time/total_timesteps"),
            None,
            false,
        ),
        (
            "tb.csv",
            "Wall time,Step,Value\n1700000000.25,1,0.5\n",
            Some("Step"),
            Some("Wall time"),
            false,
        ),
        ("hf.jsonl", "{\"loss\": 0.5, \"epoch\": 0.1, \"step\": 10}\n", Some("step"), None, false),
        (
            "wandb.jsonl",
            "{\"_step\": 3, \"_timestamp\": 1700000000.5, \"loss\": 0.5}\n",
            Some("_step"),
            Some("_timestamp"),
            false,
        ),
        ("de.csv", "step;loss\n1;0.5\n", Some("step"), None, false),
        ("a.tsv", "step\tloss\n1\t0.5\n", Some("step"), None, false),
        ("monitor.csv", "#{\"t_start\": 1.5}\nstep,r\n3,1.5\n", Some("step"), None, false),
    ] {
        let given = given(name, text);
        let mapping = Mapping::guess(&given.path).unwrap();
        assert_eq!(mapping.step.as_deref(), step, "{name}: {mapping}");
        assert_eq!(mapping.time.as_deref(), time, "{name}: {mapping}");
        assert_eq!(long(&mapping.values), is_long, "{name}: {mapping}");
        assert!(TableSource::looks_like(&given.path), "{name}");
        let (_, kept, _) = only(&mut TableSource::new(&given.path, mapping));
        assert!(!kept.points.is_empty(), "{name}");
    }
    let one = given("train_loss.csv", "Wall time,Step,Value\n1700000000.25,1,0.5\n");
    assert_eq!(
        read_as(&one, "").1.series("train_loss"),
        [(1, 0.5)],
        "TensorBoard names the metric by the file"
    );
}

#[test]
fn keys_that_come_later_and_objects_in_objects_are_metrics_too() {
    let mut text =
        numbered(0..3_000, |step| format!("{{\"step\":{step},\"train\":{{\"loss\":0.5}}}}\n"));
    text +=
        "{\"step\":3000,\"eval\":{\"acc\":\"NaN\"},\"big\":18446744073709551615}\n\n{\"step\":\n";
    let (_, kept, account) = read_as(&given("log.jsonl", text), "");
    assert_eq!(kept.series("train/loss").len(), 3_000);
    assert!(kept.series("eval/acc")[0].1.is_nan());
    assert_eq!(kept.series("big"), [(3_000, 18_446_744_073_709_551_615.0)]);
    assert_eq!(left_out(&account, "rows"), 1);
}

#[test]
fn runs_are_told_apart_also_where_their_rows_are_mixed() {
    let text = "run,lr,step,loss\na,0.1,0,1.0\nb,0.2,0,2.0\na,0.1,1,0.5\nb,0.2,1,1.5\nc,0.3,0,9\n";
    for packed in [false, true] {
        let given = if packed {
            let mut out = GzEncoder::new(Vec::new(), Compression::fast());
            out.write_all(text.as_bytes()).unwrap();
            given("runs.csv.gz", out.finish().unwrap())
        } else {
            given("runs.csv", format!("\u{feff}{}", text.replace('\n', "\r\n")))
        };
        assert!(TableSource::looks_like(&given.path));
        let mut source = TableSource::new(
            &given.path,
            Mapping::guess(&given.path).unwrap().with("setting=lr").unwrap(),
        );
        let runs = source.runs().unwrap();
        let names: Vec<_> = runs.iter().map(|run| run.name.clone().unwrap()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let all: Vec<_> = runs.iter().map(|run| read(&mut source, run).0.series("loss")).collect();
        assert_eq!(all, [vec![(0, 1.0), (1, 0.5)], vec![(0, 2.0), (1, 1.5)], vec![(0, 9.0)]]);
        assert_eq!(runs[1].config["lr"], 0.2);
    }
}

#[test]
fn without_steps_and_times_rows_are_counted_and_the_files_time_is_taken() {
    let given = given("x.csv", "loss,acc\n1,2\n,3\n4,5\n");
    let (_, kept, account) = read_as(&given, "");
    assert_eq!(kept.series("loss"), [(0, 1.0), (2, 4.0)]);
    assert_eq!(kept.series("acc"), [(0, 2.0), (1, 3.0), (2, 5.0)]);
    assert_eq!(left_out(&account, "times"), 5);
    assert!(kept.points[0].2 > 1_700_000_000_000_000);
    assert!(Mapping::guess(&given.path).unwrap().to_string().contains("rows are counted from 0"));
}

#[test]
fn rows_that_cannot_be_read_are_counted_with_the_first_line() {
    let mut text = "step,loss\n0,1\n".to_owned() + &numbered(1..20, |step| format!("{step},0.5\n"));
    text += "x,0.5\n-1,0.5\n21,abc\n22\n";
    let mut bytes = text.into_bytes();
    bytes.extend(b"23,\xff\xfe\n24,0.25\n25,0.2");
    let (_, kept, account) = read_as(&given("torn.csv", bytes), "");
    assert_eq!(kept.series("loss").len(), 22);
    assert_eq!(left_out(&account, "rows"), 4);
    assert_eq!(left_out(&account, "values"), 1);
    let why: Vec<&str> = account.left_out().keys().map(|left| left.why.as_str()).collect();
    assert!(why.iter().any(|why| why.contains("line 22: `x` is no step")), "{why:?}");
    assert!(why.iter().any(|why| why.contains("line 24: `abc` is no number")), "{why:?}");
    assert!(why.iter().any(|why| why.contains("line 25: it has 1 fields, not 2")), "{why:?}");
}

#[test]
fn hostile_files_cost_little_and_end() {
    let quote = format!("step,loss\n0,1\n1,\"{}", "x".repeat(40 << 20));
    let (_, kept, account) = read_as(&given("quote.csv", quote), "");
    assert_eq!(kept.series("loss"), [(0, 1.0)]);
    assert!(left_out(&account, "rows") >= 1);

    let long = format!(
        "{{\"step\":0,\"loss\":1}}\n{{\"a\":\"{}\"}}\n{{\"step\":1,\"loss\":2}}\n",
        "x".repeat(20 << 20)
    );
    let (_, kept, account) = read_as(&given("long.jsonl", long), "");
    assert_eq!(kept.series("loss"), [(0, 1.0), (1, 2.0)]);
    assert_eq!(left_out(&account, "rows"), 1);

    let deep = format!(
        "{{\"step\":0,\"loss\":1}}\n{}1{}\n",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    assert_eq!(left_out(&read_as(&given("deep.jsonl", deep), "").2, "rows"), 1);

    let blank = format!("{{\"step\":0,\"loss\":1}}\n{}", "\n".repeat(1 << 20));
    assert_eq!(read_as(&given("blank.jsonl", blank), "").1.points.len(), 1);

    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    let text = numbered(0..20_000, |step| format!("{step},{}\n", f64::from(step) * 0.37));
    out.write_all(format!("step,loss\n{text}").as_bytes()).unwrap();
    let mut packed = out.finish().unwrap();
    packed.truncate(packed.len() / 2);
    let (_, kept, account) = read_as(&given("cut.csv.gz", packed), "");
    assert!(kept.points.len() > 1_000);
    assert_eq!(left_out(&account, "rows"), 1);

    let many = numbered(0..20_000, |run| format!("run{run},0,1\n"));
    let many = given("many.csv", format!("run,step,loss\n{many}"));
    let error = TableSource::new(&many.path, Mapping::guess(&many.path).unwrap())
        .runs()
        .unwrap_err()
        .to_string();
    assert!(error.contains("10000 runs") && error.contains("hint: "), "{error}");
}

#[test]
fn what_is_no_table_is_refused_with_a_way_out() {
    for (name, text) in [
        ("empty.csv", &b""[..]),
        ("head.csv", b"step,loss\n"),
        ("list.json", b"[{\"step\":1}]"),
        ("wide.csv", b"\xff\xfes\0t\0e\0p\0"),
    ] {
        let error = Mapping::guess(&given(name, text).path).unwrap_err().to_string();
        assert!(error.contains("hint: "), "{error}");
    }
    assert!(!TableSource::looks_like(
        &given("words.txt", "once upon a time\nthere was a loss\n").path
    ));
    assert!(!TableSource::looks_like(Path::new("/nothing/here.csv")));
}
