//! Two networks that learn from each other's errors, in one checkpoint: `restore` brings both back, and
//! `load_best` those of the best epoch.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin several_models
//! ```

use candle_hooks::{
    Weights,
    candle_core::D,
    candle_nn::{ParamsAdamW, ops},
    prelude::*,
};
use candle_recipes::{Digits, Network};

fn main() -> anyhow::Result<()> {
    let ((), report) = init("several-models").run(train)?;
    println!("{report}");
    Ok(())
}

fn train(run: &Run) -> anyhow::Result<()> {
    let (digits, valid) = (Digits::first(2_000)?, Digits::first(2_500)?);
    let valid = valid.at(&(2_000..2_500).collect::<Vec<_>>())?;
    let (teacher, student) = (Network::new()?, Network::new()?);
    let weights = Weights::from([("teacher", &teacher.weights), ("student", &student.weights)]);

    let hooks = Hooks::new(run);
    let adamw = |network: &Network| {
        ResumableAdamW::from_var_map(
            &network.weights,
            ParamsAdamW { lr: 3e-3, ..Default::default() },
        )
    };
    let mut optimizer = hooks.optimizer(adamw(&student)?).with_state();
    let mut teachers = hooks.optimizer_named("teacher", adamw(&teacher)?).with_state();
    hooks.checkpoint_with(&weights, CheckpointOptions::new().best("valid/accuracy"));
    hooks.restore(&weights)?;
    let order = hooks.order(Order::shuffled(digits.len(), 3));
    for epoch in hooks.epochs(1..=4) {
        for places in hooks.batches(order.batches(epoch, 50)) {
            let batch = digits.at(&places)?;
            let (loss, logits) = teacher.loss(&batch)?;
            teachers.backward_step(&loss)?;
            // The student sees no label, but what the teacher thinks.
            let thought = ops::softmax(&logits.detach(), D::Minus1)?;
            let (_, guess) = student.loss(&batch)?;
            let loss =
                (thought * ops::log_softmax(&guess, D::Minus1)?)?.sum(D::Minus1)?.mean_all()?;
            hooks.accuracy(&guess, &batch.labels)?;
            optimizer.backward_step(&loss.neg()?)?;
        }
        let (loss, logits) = student.loss(&valid)?;
        hooks.valid(|of| {
            of.loss(&loss);
            of.accuracy(&logits, &valid.labels)
        })?;
    }
    if let Some(best) = hooks.load_best(&weights)? {
        hooks.println(format!("the best were those of epoch {:?}", best.epoch()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_hooks::tracker_core::read::Store;

    use super::*;

    #[test]
    fn the_student_learns_and_both_are_saved() -> anyhow::Result<()> {
        let store = tempfile::tempdir()?;
        let run = init("several-models").dir(store.path()).signals(false).start()?;
        train(&run)?;
        assert_eq!(run.finish()?.problems(), []);
        let run = Store::open(store.path())?.runs()?.runs.remove(0);
        let accuracy: Vec<f64> =
            run.series("valid/accuracy")?.iter().map(|row| row.value).collect();
        assert!(accuracy.len() == 4 && accuracy[3] > 0.7, "{accuracy:?}");
        assert_eq!(run.series("train/teacher/loss")?.len(), 4);
        let file = std::fs::read(run.best_checkpoint("model")?.expect("a checkpoint"))?;
        let header = String::from_utf8_lossy(&file[..2_000]).into_owned();
        assert!(header.contains("teacher.output.bias") && header.contains("student.output.bias"));
        Ok(())
    }
}
