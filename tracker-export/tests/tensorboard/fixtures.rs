//! Files that the neighbours' own writers have made: `tests/neighbours/make_tensorboard.py`.

use std::path::{Path, PathBuf};

use tracker_core::{Event, Media, Outcome};
use tracker_export::Ended;

use crate::memory::{import, import_one};

fn files(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/tensorboard").join(name)
}

#[test]
fn what_tensorboard_x_has_written_comes_over() {
    let runs = import(&files("tensorboardx"));
    let names: Vec<_> = runs.iter().map(|(run, ..)| run.name.clone().unwrap()).collect();
    assert_eq!(names, ["tensorboardx", "trial"]);
    let (_, memory, account) = &runs[0];
    let losses: Vec<_> = memory.points.iter().filter(|point| point.0 == "train/loss").collect();
    assert_eq!(losses.len(), 20);
    for (step, (_, found, time, bits)) in (0..).zip(losses) {
        let expected = f64::from(1.0_f32 / (step as f32 + 1.0));
        assert_eq!((*found, f64::from_bits(*bits)), (step, expected));
        assert_eq!(*time, 1_700_000_000_000_000 + step as i64 * 500_000);
    }
    let values: Vec<f64> = memory
        .points
        .iter()
        .filter(|point| point.0 == "odd")
        .map(|point| f64::from_bits(point.3))
        .collect();
    assert!(values[0].is_nan() && values[1..] == [f64::INFINITY, f64::NEG_INFINITY], "{values:?}");
    let kinds: Vec<&str> = memory.events.iter().map(|(_, event)| kind(event)).collect();
    assert_eq!(kinds, ["histogram weights", "histogram skewed", "text notes", "1 png", "1 wav"]);
    let Event::Histogram { histogram, .. } = &memory.events[0].1 else { panic!("no histogram") };
    assert_eq!(histogram.counts, [25, 25, 25, 25]);
    let Event::Histogram { histogram, .. } = &memory.events[1].1 else { panic!("no histogram") };
    assert_eq!(histogram.counts.iter().sum::<u64>(), 1_000);
    assert_eq!(account.renamed().get("notes/text_summary").map(String::as_str), Some("notes"));

    let (trial, memory, _) = &runs[1];
    let expected =
        serde_json::json!({ "lr": 0.1, "layers": 3, "optimizer": "adam", "nesterov": true });
    let mut expected = expected.as_object().unwrap().clone();
    expected.sort_keys();
    let mut config = trial.config.clone();
    config.sort_keys();
    assert_eq!(config, expected);
    assert_eq!(trial.ended, Ended::As(Outcome::Finished, None));
    assert_eq!(memory.points[0].0, "hparam/accuracy");
}

#[test]
fn what_tensorboards_own_writer_has_written_comes_over() {
    let (run, memory, account) = import_one(&files("own/run"));
    assert_eq!(run.config.get("learning_rate"), Some(&0.05.into()));
    assert_eq!(
        run.ended,
        Ended::As(
            Outcome::Failed("TensorBoard calls it failed".into()),
            Some(tracker_core::Timestamp(1_700_000_100_500_000))
        )
    );
    assert_eq!(run.started_at, Some(tracker_core::Timestamp(1_700_000_000_250_000)));
    let value = |name: &str| {
        let found = memory.points.iter().find(|point| point.0 == name);
        found.map_or_else(|| panic!("{name} is missing"), |point| f64::from_bits(point.3))
    };
    assert_eq!(value("double"), 0.1);
    assert_eq!(value("float"), f64::from(0.1_f32));
    assert_eq!(value("half"), 0.5);
    assert_eq!(value("int64"), -(2.0_f64.powi(40)));
    assert_eq!(value("uint8"), 200.0);
    assert_eq!(value("bool"), 1.0);
    let kinds: Vec<&str> = memory.events.iter().map(|(_, event)| kind(event)).collect();
    assert_eq!(kinds, ["histogram weights", "text sample", "2 png"]);
    let left: Vec<_> = account.left_out().keys().map(|left| (left.what, &*left.why)).collect();
    assert_eq!(left, [("values", "a run has no place for those of TensorBoard's plugin `mesh`")]);
}

fn kind(event: &Event) -> &'static str {
    match event {
        Event::Histogram { name, .. } if name == "weights" => "histogram weights",
        Event::Histogram { name, .. } if name == "skewed" => "histogram skewed",
        Event::Text { name, .. } if name == "notes" => "text notes",
        Event::Text { name, .. } if name == "sample" => "text sample",
        Event::Media { items, .. } => match (items.len(), items.first()) {
            (1, Some(Media::File(file))) if file.extension().as_str() == "png" => "1 png",
            (2, Some(Media::File(file))) if file.extension().as_str() == "png" => "2 png",
            (1, Some(Media::File(file))) if file.extension().as_str() == "wav" => "1 wav",
            _ => "other media",
        },
        _ => "other",
    }
}
