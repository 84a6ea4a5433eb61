//! What a run that went wrong is told of, by faults that are planted; and that sound ones are left alone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use tempfile::TempDir;
use tracker_core::{
    Alert, Definition, Level, Outcome, Run, init, metrics,
    read::{Diagnosis, Finding, FindingKind, RunReader, diagnose},
};

struct Store(TempDir);

impl Store {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn start(&self) -> Run {
        let run = init("diagnose").dir(self.0.path()).signals(false).code_changes(false);
        run.system_metrics(false).default_rules(false).start().unwrap()
    }

    /// A finished run with these values of these metrics, at steps from 0 on.
    fn run<const N: usize>(
        &self,
        series: [(&str, &dyn Fn(u64) -> f64); N],
        steps: u64,
    ) -> RunReader {
        let run = self.start();
        let handles = series.map(|(name, value)| (run.metric(name), value));
        for step in 0..steps {
            for (handle, value) in &handles {
                handle.log(step, value(step));
            }
        }
        finished(&run)
    }

    fn diagnosis<const N: usize>(
        &self,
        series: [(&str, &dyn Fn(u64) -> f64); N],
        steps: u64,
    ) -> Diagnosis {
        diagnose(&self.run(series, steps)).unwrap()
    }
}

fn finished(run: &Run) -> RunReader {
    run.finish().unwrap();
    RunReader::open(run.path()).unwrap()
}

/// From 0 to 1, and as if drawn.
fn noise(step: u64) -> f64 {
    let bits = (step + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((bits ^ (bits >> 27)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A loss that falls as those of batches do, with a noise of a third.
fn falling(step: u64, steps: u64) -> f64 {
    let share = step as f64 / steps as f64;
    2.3 * (-4.0 * share).exp() * (0.7 + 0.6 * noise(step))
}

fn kinds(diagnosis: &Diagnosis) -> Vec<FindingKind> {
    diagnosis.findings.iter().map(|finding| finding.kind).collect()
}

#[track_caller]
fn only(diagnosis: &Diagnosis, kind: FindingKind) -> &Finding {
    assert_eq!(kinds(diagnosis), [kind], "{diagnosis:#?}");
    let finding = &diagnosis.findings[0];
    assert!(!finding.text.is_empty() && !finding.hint.is_empty(), "{finding:?}");
    finding
}

#[test]
fn a_sound_training_of_any_length_has_no_finding() {
    for steps in [1, 2, 30, 500, 40_000] {
        let series: [(&str, &dyn Fn(u64) -> f64); 5] = [
            ("batch/train/loss", &|step| falling(step, steps)),
            ("valid/loss", &|step| falling(step / 100 * 100, steps) + 0.05),
            ("updates/ratio", &|step| 0.02 + noise(step) / 100.0),
            ("batch/train/step_seconds", &|step| 0.01 + noise(step) / 100.0),
            ("data_wait", &|_| 0.05),
        ];
        let found = Store::new().diagnosis(series, steps);
        assert_eq!(kinds(&found), [], "{steps} steps: {found:#?}");
    }
}

#[test]
fn a_run_without_points_says_what_could_not_be_seen() {
    let found = Store::new().diagnosis([], 0);
    assert_eq!(kinds(&found), []);
    assert!(
        found.unseen.contains(&FindingKind::NotFinite)
            && found.unseen.contains(&FindingKind::Spike)
    );
}

#[test]
fn the_first_value_that_is_no_number_is_told_with_its_step_however_many_points_there_are() {
    for (steps, at) in [(300, 211), (100_000, 71_234)] {
        let broken = |step: u64| if step >= at { f64::NAN } else { falling(step, steps) };
        let later = |step: u64| if step > at { f64::INFINITY } else { 1.0 };
        let found =
            Store::new().diagnosis([("gradients/norm", &later), ("train/loss", &broken)], steps);
        let finding = only(&found, FindingKind::NotFinite);
        assert_eq!((finding.metric.as_deref(), finding.steps[0].0), (Some("train/loss"), at));
        assert!(finding.values[0].is_nan() && finding.level == Level::Error);
        assert!(finding.text.contains("another metric"), "{}", finding.text);
    }
}

#[test]
fn a_metric_that_is_no_number_from_the_first_point_on_is_told() {
    for steps in [1, 2, 200] {
        let found = Store::new().diagnosis([("train/loss", &|_| f64::NAN)], steps);
        assert_eq!(only(&found, FindingKind::NotFinite).steps[0].0, 0);
    }
}

#[test]
fn of_a_loss_and_its_gradients_the_loss_is_told_first() {
    let nan = |step: u64| if step == 7 { f64::NAN } else { 1.0 };
    let found = Store::new().diagnosis([("gradients/norm", &nan), ("train/loss", &nan)], 20);
    assert_eq!(only(&found, FindingKind::NotFinite).metric.as_deref(), Some("train/loss"));
}

#[test]
fn a_spike_is_told_where_it_is_in_short_and_in_long_runs() {
    for (steps, at) in [(500, 333), (1_000, 999), (200_000, 123_456)] {
        let loss = |step: u64| if step == at { 9_000.0 } else { falling(step, steps) };
        let found = Store::new().diagnosis([("train/loss", &loss)], steps);
        let finding = only(&found, FindingKind::Spike);
        assert_eq!((finding.steps[0].0, finding.values[0]), (at, 9_000.0));
        assert!(finding.threshold.unwrap() < 9_000.0);
    }
}

#[test]
fn losses_of_reinforcement_learning_may_jump() {
    let loss = |step: u64| if step == 333 { 9_000.0 } else { falling(step, 500) };
    let found = Store::new().diagnosis([("train/loss", &loss), ("episode/reward", &|_| 1.0)], 500);
    assert_eq!(kinds(&found), []);
}

#[test]
fn a_loss_that_stands_still_is_told_and_why_not_if_it_never_fell() {
    let still = |step: u64| if step < 300 { falling(step, 300) } else { 0.05 + noise(step) / 1e3 };
    let found = Store::new().diagnosis([("train/loss", &still)], 1_000);
    assert_eq!(only(&found, FindingKind::Plateau).level, Level::Info);
    let found = Store::new().diagnosis([("train/loss", &|step| 2.3 + noise(step) / 100.0)], 1_000);
    let finding = only(&found, FindingKind::Plateau);
    assert!(
        finding.level == Level::Warning && finding.text.contains("has not fallen"),
        "{finding:?}"
    );
}

#[test]
fn a_loss_that_stands_still_while_a_validation_gets_better_is_no_finding() {
    let store = Store::new();
    let run = store.start();
    run.define("valid/accuracy", Definition::new().higher_is_better());
    for step in 0..600_u64 {
        run.log_at(step, metrics! { "train/loss" => 0.3, "valid/accuracy" => step as f64 / 600.0 });
    }
    assert_eq!(kinds(&diagnose(&finished(&run)).unwrap()), []);
}

#[test]
fn a_loss_that_rises_again_is_told_with_its_least_level() {
    let loss = |step: u64| {
        let rise = if step > 600 { 1.0 + (step - 600) as f64 / 40.0 } else { 1.0 };
        falling(step.min(600), 600).max(0.1) * rise * (0.9 + noise(step) / 5.0)
    };
    let found = Store::new().diagnosis([("train/loss", &loss)], 1_000);
    assert!(kinds(&found).contains(&FindingKind::Rising), "{found:#?}");
    // Of two networks that play against each other, one may lose.
    let found = Store::new()
        .diagnosis([("train/generator/loss", &loss), ("train/critic/loss", &|_| 0.7)], 1_000);
    assert!(!kinds(&found).contains(&FindingKind::Rising), "{found:#?}");
}

#[test]
fn a_validation_loss_that_rises_while_the_training_falls_is_told() {
    let store = Store::new();
    let run = store.start();
    for epoch in 0..12_u64 {
        let valid = 0.3 + 0.02 * (epoch as f64 - 5.0).abs();
        run.log_at(
            epoch * 100,
            metrics! { "train/loss" => 1.0 / (1.0 + epoch as f64), "valid/loss" => valid },
        );
    }
    let found = diagnose(&finished(&run)).unwrap();
    let finding = only(&found, FindingKind::Overfit);
    assert_eq!((finding.steps[0].0, finding.values[0]), (500, 0.3));
    assert_eq!(finding.threshold, Some(0.3 * 1.05));
}

#[test]
fn one_bad_validation_at_the_end_is_none_that_overfits() {
    let series: [(&str, &dyn Fn(u64) -> f64); 2] = [
        ("train/loss", &|epoch| 1.0 / (1.0 + epoch as f64)),
        ("valid/loss", &|epoch| if epoch == 11 { 0.9 } else { 1.0 / (2.0 + epoch as f64) }),
    ];
    assert_eq!(kinds(&Store::new().diagnosis(series, 12)), []);
}

#[test]
fn waiting_for_data_and_slow_steps_are_told() {
    let found = Store::new().diagnosis([("data_wait", &|_| 0.4)], 3);
    assert_eq!(only(&found, FindingKind::DataWait).values, [0.4]);
    let seconds = |step: u64| if step % 50 == 49 { 0.4 } else { 0.02 + noise(step) / 1e3 };
    for steps in [1_000, 60_000] {
        let found = Store::new().diagnosis([("batch/train/step_seconds", &seconds)], steps);
        let finding = only(&found, FindingKind::SlowSteps);
        assert!(finding.values.iter().all(|value| *value == 0.4) && finding.steps.len() == 8);
    }
}

#[test]
fn large_updates_are_told_only_where_the_loss_goes_wrong() {
    let spike = |step: u64| if step % 200 == 199 { 80.0 } else { falling(step, 1_000) };
    let found =
        Store::new().diagnosis([("train/loss", &spike), ("updates/ratio", &|_| 0.05)], 1_000);
    assert_eq!(kinds(&found), [FindingKind::Spike, FindingKind::LrHigh]);
    let small =
        Store::new().diagnosis([("train/loss", &spike), ("updates/ratio", &|_| 1e-3)], 1_000);
    assert_eq!(kinds(&small), [FindingKind::Spike]);
}

#[test]
fn an_idle_card_and_full_memory_and_disk_are_told() {
    let series: [(&str, &dyn Fn(u64) -> f64); 4] = [
        ("system/gpu.0.utilization", &|_| 0.1),
        ("system/gpu.0.memory", &|_| 4e9),
        ("system/memory_share", &|step| if step == 20 { 0.98 } else { 0.5 }),
        ("system/disk.free", &|step| 2e9 - 5e7 * step as f64),
    ];
    let found = Store::new().diagnosis(series, 40);
    let expected = [FindingKind::MemoryFull, FindingKind::DiskFull, FindingKind::GpuIdle];
    assert_eq!(kinds(&found), expected, "{found:#?}");
    let unused = Store::new()
        .diagnosis([("system/gpu.0.utilization", &|_| 0.0), ("system/gpu.0.memory", &|_| 1e6)], 40);
    assert_eq!(kinds(&unused), []);
}

#[test]
fn a_run_that_failed_says_why_and_an_alert_of_the_program_is_told() {
    let store = Store::new();
    let run = store.start();
    run.log_at(3_u64, metrics! { "train/loss" => 1.0 });
    run.alert(Alert::warning("the replay buffer is old").at(3));
    run.finish_as(Outcome::Failed("CUDA out of memory".to_owned())).unwrap();
    let found = diagnose(&RunReader::open(run.path()).unwrap()).unwrap();
    assert_eq!(kinds(&found), [FindingKind::Ended, FindingKind::Alert]);
    assert!(
        found.findings[0].text.contains("failed, after step 3")
            || found.findings[0].text.contains("CUDA out of memory")
    );
    assert!(found.findings[0].hint.contains("smaller batches"), "{found:#?}");
    assert_eq!(found.findings[1].text, "the replay buffer is old");
}

#[test]
fn steps_in_any_order_are_judged_in_theirs() {
    let store = Store::new();
    let run = store.start();
    for step in (0..500_u64).rev() {
        let loss = if step == 333 { 9_000.0 } else { falling(step, 500) };
        run.log_at(step, metrics! { "train/loss" => loss });
    }
    let found = diagnose(&finished(&run)).unwrap();
    assert_eq!(only(&found, FindingKind::Spike).steps[0].0, 333);
}

#[test]
fn millions_of_points_at_one_step_are_no_trouble() {
    let store = Store::new();
    let run = store.start();
    let loss = run.metric("train/loss");
    for at in 0..300_000_u64 {
        loss.log(u64::MAX, if at == 250_000 { f64::NAN } else { 1.0 });
    }
    let found = diagnose(&finished(&run)).unwrap();
    assert!(kinds(&found).contains(&FindingKind::NotFinite), "{found:#?}");
}

#[test]
fn a_run_that_lives_is_judged_by_what_it_has() {
    let store = Store::new();
    let run = store.start();
    for step in 0..40_000_u64 {
        let loss = if step == 33_333 { 9_000.0 } else { falling(step, 40_000) };
        run.log_at(step, metrics! { "train/loss" => loss });
    }
    // Where the ring is the process's own memory, others see what its writer thread has written.
    let started = std::time::Instant::now();
    let found = loop {
        let found = diagnose(&RunReader::open(run.path()).unwrap()).unwrap();
        if kinds(&found).contains(&FindingKind::Spike) || started.elapsed().as_secs() > 20 {
            break found;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(only(&found, FindingKind::Spike).steps[0].0, 33_333);
    run.finish().unwrap();
}
