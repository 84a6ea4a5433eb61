//! A short training of the real program, and what it leaves behind.

use std::process::Command;

use candle_hooks::tracker_core::{State, read::Store};
use tempfile::TempDir;

#[test]
fn model_learns_more_than_how_often_each_character_occurs() {
    let store = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_candle-text"))
        .args(["--steps", "120", "--evaluate-every", "50", "--batch-size", "16"])
        .env("TRACKER_DIR", store.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("The run "));

    let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
    assert_eq!(run.state(), State::Finished);
    assert!(run.info().problems.is_empty(), "{:?}", run.info().problems);
    let series = |metric: &str| -> Vec<(u64, f64)> {
        run.series(metric).unwrap().iter().map(|row| (row.step.0, row.value)).collect()
    };
    let steps = |metric: &str| series(metric).iter().map(|row| row.0).collect::<Vec<_>>();
    assert_eq!(steps("batch/train/loss"), (0..120).collect::<Vec<_>>());
    assert!(series("batch/train/tokens").iter().all(|row| row.1 == 16.0 * 64.0));
    for metric in ["valid/loss", "valid/accuracy", "valid/perplexity"] {
        assert_eq!(steps(metric), [49, 99, 119], "{metric}");
    }
    for ((_, loss), (_, perplexity)) in
        series("valid/loss").into_iter().zip(series("valid/perplexity"))
    {
        assert!((loss.exp() - perplexity).abs() < 1e-6 * perplexity);
    }
    // Frequencies alone give 3.2 nats a character.
    let last = series("valid/loss")[2].1;
    assert!(last < 3.0, "{last}");
}
