//! Out and in again.

use std::{fs, time::Duration};

use tracker_core::{
    Alert, ConfusionMatrix, Definition, Event, Histogram, Image, Media, MediaFile, Outcome, Step,
    Table, Tracker, metrics,
};
use tracker_export::Ended;

use crate::memory::{exported, import_one, points_of, trained};

#[test]
fn each_value_that_32_bits_hold_comes_back_with_its_step_and_time_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let special = [
        0.0,
        -0.0,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::MAX,
        0.1,
    ];
    let run = trained(folder.path(), |run| {
        let steps = [0, 1, 127, 128, 1 << 40, i64::MAX as u64];
        for (index, value) in special.into_iter().enumerate() {
            for step in steps {
                run.log_at(step, metrics! { "special" => value, "../../etc/passwd" => value });
            }
            run.log_at(index, metrics! { "größe/ümlaut 1" => value });
        }
        // Bits all over.
        for step in 0..20_000_u64 {
            let bits = (step as u32).wrapping_mul(2_654_435_761);
            let value = f32::from_bits(bits);
            run.log_at(step, [("bits", if value.is_nan() { f32::NAN } else { value })]);
        }
    });
    let (file, account) = exported(folder.path(), &run);
    let (_, memory, back) = import_one(&file);
    let expected = points_of(&run);
    assert!(expected.len() > 20_000);
    assert_eq!(memory.points, expected);
    assert_eq!(account.kept().get("points"), Some(&(expected.len() as u64)));
    assert_eq!(back.kept().get("points"), account.kept().get("points"));
    assert!(back.left_out().is_empty(), "{back:?}");
}

#[test]
fn what_32_bits_and_63_bits_cannot_hold_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path(), |run| {
        for (step, value) in [(0, 0.1), (1, 1e300), (2, 0.5), (u64::MAX, 0.25)] {
            run.log_at(step, [("loss", value)]);
        }
    });
    let (file, account) = exported(folder.path(), &run);
    let left: Vec<_> = account.left_out().iter().map(|(what, count)| (what.what, *count)).collect();
    assert_eq!(left, [("last digits of values", 1), ("points", 1), ("values beyond ±3.4e38", 1)]);
    let (_, memory, _) = import_one(&file);
    let values: Vec<f64> = memory.points.iter().map(|point| f64::from_bits(point.3)).collect();
    assert_eq!(values, [0.1_f32.into(), f64::INFINITY, 0.5]);
}

#[test]
fn what_a_run_is_comes_back_with_its_settings_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path(), |run| {
        run.define("loss", Definition::new().unit("nats").lower_is_better());
        run.log_at(3_u64, [("loss", 0.5)]);
    });
    let (file, account) = exported(folder.path(), &run);
    let (found, memory, _) = import_one(&folder.path().join("out"));
    let info = run.info();
    assert_eq!(found.name.as_ref(), Some(&info.name));
    assert_eq!(found.project.as_ref(), Some(&info.project));
    assert_eq!(
        (found.group, found.notes, &found.tags),
        (info.group.clone(), info.notes.clone(), &info.tags)
    );
    assert_eq!(found.config, info.config);
    assert_eq!(found.started_at, Some(info.started_at));
    assert_eq!(found.ended, Ended::As(Outcome::Finished, info.finished_at));
    let defined = memory.events.iter().find_map(|(_, event)| match event {
        Event::Define { metric, definition } => Some((metric.clone(), definition.clone())),
        _ => None,
    });
    assert_eq!(defined, Some(("loss".into(), Definition::new().unit("nats").lower_is_better())));
    assert!(account.left_out().keys().any(|left| left.what == "units of metrics"));
    let name = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(account.renamed().get("digits/calm-otter"), Some(&format!("digits/{name}")));
}

#[test]
fn histograms_texts_pictures_and_sounds_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let histogram = Histogram::new(-1.5, 2.5, vec![3, 0, 7, 1 << 40]);
    let one = Histogram::new(0.25, 0.25, vec![9]);
    let sound = [0.0_f32, 0.5, -0.5, 1.0];
    let run = trained(folder.path(), |run| {
        run.log_histogram("weights", 5_u64, histogram.clone().not_finite(2));
        run.log_histogram("one", 5_u64, one.clone());
        run.record(Event::Text {
            name: "sample".into(),
            step: Step(7),
            text: "zwölf | Boxkämpfer".into(),
        });
        let pictures = [0, 255].map(|gray| Image::gray8(2, 3, vec![gray; 6]).unwrap());
        run.log_media("digits", 9_u64, pictures.map(|picture| picture.caption("7")));
        run.log_media("tone", 9_u64, MediaFile::wav(8_000, 1, &sound).unwrap().caption("a tone"));
        run.flush(Duration::from_secs(30)).unwrap();
    });
    let (file, account) = exported(folder.path(), &run);
    let left: Vec<_> = account.left_out().iter().map(|(what, count)| (what.what, *count)).collect();
    assert_eq!(left, [("captions", 2), ("values of histograms that are not finite", 2)]);

    let (_, memory, back) = import_one(&file);
    assert!(back.left_out().is_empty(), "{back:?}");
    let named = |wanted: &str| {
        let found = memory.events.iter().find(|(_, event)| match event {
            Event::Text { name, .. }
            | Event::Histogram { name, .. }
            | Event::Media { name, .. } => name == wanted,
            _ => false,
        });
        found.unwrap_or_else(|| panic!("{wanted} is missing: {:?}", memory.events)).1.clone()
    };
    assert_eq!(
        named("weights"),
        Event::Histogram { name: "weights".into(), step: Step(5), histogram }
    );
    assert_eq!(
        named("one"),
        Event::Histogram { name: "one".into(), step: Step(5), histogram: one }
    );
    let text = "zwölf | Boxkämpfer".to_owned();
    assert_eq!(named("sample"), Event::Text { name: "sample".into(), step: Step(7), text });
    let Event::Media { items, .. } = named("digits") else { panic!("no media") };
    let stored = run.media("digits").unwrap().pop().unwrap();
    assert_eq!(items.len(), 2);
    for (item, stored) in items.iter().zip(&stored.items) {
        let Media::File(file) = item else { panic!("no file") };
        assert_eq!(file.bytes(), stored.file().unwrap().bytes);
        assert_eq!(file.extension().as_str(), "png");
    }
    let Event::Media { items, .. } = named("tone") else { panic!("no media") };
    assert_eq!(items, [Media::File(MediaFile::wav(8_000, 1, &sound).unwrap().caption("a tone"))]);
}

#[test]
fn tables_plots_and_alerts_become_texts_and_what_has_no_place_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.mp4");
    fs::write(&film, "a film").unwrap();
    let run = trained(folder.path(), |run| {
        let mut table = Table::new(["truth", "guess"]);
        for row in 0..250 {
            table.push([row.into(), "sev|en".into()]);
        }
        run.log_media("guesses", 1_u64, table);
        run.log_media("classes", 1_u64, ConfusionMatrix::new(["a", "b"]).add(0, 1));
        run.log_media("film", 1_u64, MediaFile::of(&film).unwrap());
        run.alert(Alert::warning("the loss has risen").at(1_u64));
        run.record(Event::Message { level: tracker_core::Level::Info, text: "hello".into() });
        run.flush(Duration::from_secs(30)).unwrap();
    });
    let (file, account) = exported(folder.path(), &run);
    let left: Vec<_> = account.left_out().iter().map(|(what, count)| (what.what, *count)).collect();
    assert_eq!(left, [("films", 1), ("messages", 1), ("rows of tables", 50)]);
    let (_, memory, _) = import_one(&file);
    let text = |wanted: &str| {
        memory.events.iter().find_map(|(_, event)| match event {
            Event::Text { name, text, .. } if name == wanted => Some(text.clone()),
            _ => None,
        })
    };
    assert!(text("guesses").unwrap().starts_with("|truth|guess|\n|---|---|\n|0|sev\\|en|\n|1|"));
    assert_eq!(text("classes").unwrap().lines().nth(2), Some("|a|0|1|"));
    assert!(text("tracker/alerts").unwrap().contains("the loss has risen"));
}

#[test]
fn two_kinds_of_one_name_both_come_over() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path(), |run| {
        run.log_at(0_u64, [("weights", 1.0)]);
        run.log_histogram("weights", 0_u64, Histogram::new(0.0, 1.0, vec![1, 2]));
    });
    let (file, account) = exported(folder.path(), &run);
    assert_eq!(account.renamed().get("weights").map(String::as_str), Some("weights (histograms)"));
    let (_, memory, _) = import_one(&file);
    assert_eq!(memory.points.len(), 1);
    let is_there = |event: &Event| matches!(event, Event::Histogram { name, .. } if name == "weights (histograms)");
    assert!(memory.events.iter().any(|(_, event)| is_there(event)));
}
