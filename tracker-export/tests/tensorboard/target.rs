//! A file that is written piece by piece.

use std::fs;

use tracker_core::read::RunReader;
use tracker_export::{Account, Destination, Target, TensorBoardTarget};

use crate::memory::{exported, import_one, points_of, trained};

fn run(folder: &std::path::Path) -> RunReader {
    trained(folder, |run| {
        for step in 0..1_000_u64 {
            run.log_at(step, [("loss", step as f32), ("accuracy", 0.5)]);
        }
    })
}

#[test]
fn a_second_export_takes_the_place_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let (first, _) = exported(folder.path(), &run);
    let bytes = fs::read(&first).unwrap();
    let (second, _) = exported(folder.path(), &run);
    assert_eq!(first, second);
    assert_eq!(fs::read(&second).unwrap(), bytes);
}

#[test]
fn a_reopened_target_forgets_what_came_after_its_place_and_nothing_is_there_twice() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let out = folder.path().join("out");
    let mut account = Account::default();
    let pieces: Vec<_> = run.stream().unwrap().collect();

    let mut target = TensorBoardTarget::open(&out, &run, None).unwrap();
    target.begin(&run, &mut account).unwrap();
    target.points(&pieces[0].metric, &pieces[0].rows, &mut account).unwrap();
    let place = target.flush().unwrap();
    assert_eq!(place["length"], fs::metadata(target.path()).unwrap().len());
    target.points(&pieces[1].metric, &pieces[1].rows, &mut account).unwrap();
    // It dies after it has written more than it told.
    drop(target);

    let mut target = TensorBoardTarget::open(&out, &run, Some(&place)).unwrap();
    target.begin(&run, &mut account).unwrap();
    for piece in &pieces[1..] {
        target.points(&piece.metric, &piece.rows, &mut account).unwrap();
    }
    target.end(&run, &mut account).unwrap();
    target.flush().unwrap();
    let (found, memory, _) = import_one(&out);
    assert_eq!(memory.points, points_of(&run));
    assert_eq!(found.config, run.info().config);
}

#[test]
fn what_is_flushed_is_there_for_others_while_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let destination: Destination =
        format!("tensorboard:{}", folder.path().join("live").display()).parse().unwrap();
    let mut target = destination.open(&run, None).unwrap();
    let mut account = Account::default();
    target.begin(&run, &mut account).unwrap();
    let mut seen = 0;
    for piece in run.stream().unwrap() {
        target.points(&piece.metric, &piece.rows, &mut account).unwrap();
        target.flush().unwrap();
        seen += piece.rows.len();
        assert_eq!(import_one(&folder.path().join("live")).1.points.len(), seen);
    }
}

#[test]
fn a_file_that_something_else_has_cut_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let (file, _) = exported(folder.path(), &run);
    let place = serde_json::json!({ "length": fs::metadata(&file).unwrap().len() + 1 });
    let out = folder.path().join("out");
    let error = TensorBoardTarget::open(&out, &run, Some(&place)).unwrap_err().to_string();
    assert!(error.contains("hint: "), "{error}");
}
