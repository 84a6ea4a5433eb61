//! A short training of the real program, and what it leaves behind.

use std::process::Command;

use candle_hooks::tracker_core::{State, read::Store};
use tempfile::TempDir;

#[test]
fn digits_come_near_those_of_the_data() {
    let store = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_candle-gan"))
        .args(["--epochs", "4", "--images", "2000"])
        .env("TRACKER_DIR", store.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("██"));

    let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
    assert_eq!(run.state(), State::Finished);
    assert!(run.info().problems.is_empty(), "{:?}", run.info().problems);
    let values = |metric: &str| -> Vec<f64> {
        run.series(metric).unwrap().iter().map(|row| row.value).collect()
    };
    // One row for each step of the generator, and the discriminator's beside it.
    for metric in ["batch/train/loss", "batch/train/discriminator/loss"] {
        let losses = values(metric);
        assert_eq!(losses.len(), 4 * 32, "{metric}");
        // At 0 one of the two has won, and nothing is learnt any more.
        assert!(losses.iter().all(|loss| *loss > 0.01 && *loss < 20.0), "{metric}: {losses:?}");
    }
    for metric in ["train/loss", "train/discriminator/loss", "samples/ink", "samples/variety"] {
        assert_eq!(values(metric).len(), 4, "{metric}");
    }
    // Noise of the first weights has half of all ink, and the mean image is grey.
    let distances = values("samples/distance");
    assert!(distances[3] < 0.2, "{distances:?}");
    let ink = values("samples/ink")[3];
    assert!((0.05..0.3).contains(&ink), "{ink}");
    assert!(values("samples/variety")[3] > 0.05);
}
