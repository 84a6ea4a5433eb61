//! The training, in the shape of Burn's guide. The lines marked `tracked` are what tracking adds
//! or changes.

use std::{path::Path, sync::Arc};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder},
        dataset::InMemDataset,
    },
    lr_scheduler::{
        composed::ComposedLrSchedulerConfig, cosine::CosineAnnealingLrSchedulerConfig,
        linear::LinearLrSchedulerConfig,
    },
    optim::AdamConfig,
    prelude::*,
    train::{
        EvaluatorBuilder, Learner, MetricEarlyStoppingStrategy, StoppingCondition,
        SupervisedTraining,
        metric::{
            AccuracyMetric, LossMetric,
            store::{Aggregate, Direction, Split},
        },
        renderer::MetricsRenderer,
    },
};
use burn_callback::prelude::{Run, Track}; // tracked
use mnist_data::{Images, Mnist};

use crate::{
    data::{Change, Digit, MnistBatch, MnistBatcher, dataset},
    model::{Model, ModelConfig},
};

#[derive(Config, Debug)]
pub(crate) struct TrainingConfig {
    model: ModelConfig,
    optimizer: AdamConfig,
    #[config(default = 3)]
    num_epochs: usize,
    #[config(default = 64)]
    batch_size: usize,
    #[config(default = 1)]
    num_workers: usize,
    #[config(default = 42)]
    seed: u64,
    #[config(default = 2e-3)]
    learning_rate: f64,
}

/// Empties the folder, as Burn's guide does, so that no file of another training is left.
fn create_artifact_dir(artifact_dir: &Path) -> std::io::Result<()> {
    std::fs::remove_dir_all(artifact_dir).ok();
    std::fs::create_dir_all(artifact_dir)
}

pub(crate) fn train(
    run: &Run, // tracked: in the place of the guide's `artifact_dir: &str`
    config: &TrainingConfig,
    mnist: &Mnist,
    device: &Device,
) -> anyhow::Result<()> {
    let artifact_dir = run.dir(); // tracked: the run's folder for your files
    // tracked: a training that goes on needs what it has saved
    if !run.is_resumed() {
        create_artifact_dir(artifact_dir)?;
    }
    config.save(artifact_dir.join("config.json"))?;
    device.seed(config.seed);

    let (images, valid) = (&mnist.train, mnist.train.len() / 6);
    let split = images.len() - valid;
    let train = dataset(images, 0..split, Change::None);
    let valid = dataset(images, split..images.len(), Change::None);
    let steps = split.div_ceil(config.batch_size) * config.num_epochs;
    let result = SupervisedTraining::new(
        artifact_dir,
        loader(config, images, train, Some(config.seed)),
        loader(config, images, valid, None),
    )
    .metrics((AccuracyMetric::new(), LossMetric::new()))
    .with_default_checkpointers()
    .early_stopping(MetricEarlyStoppingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        Direction::Lowest,
        Split::Valid,
        StoppingCondition::NoImprovementSince { n_epochs: 2 },
    ))
    .num_epochs(config.num_epochs)
    .summary()
    .resume(run)? // tracked: or `.track(&run)`, for a training that is never resumed
    .launch(Learner::new(
        config.model.init(device),
        config.optimizer.init(),
        learning_rate(config, steps)?.init().map_err(anyhow::Error::msg)?,
    ));
    if let Some(error) = result.error {
        anyhow::bail!("training ended by an error: {error}");
    }

    result.model.clone().save_file(artifact_dir.join("model.bpk"))?;
    evaluate(artifact_dir, config, &mnist.test, result.model, result.renderer)
}

/// Rises over the first tenth of the steps, then falls as a cosine does.
fn learning_rate(
    config: &TrainingConfig,
    steps: usize,
) -> anyhow::Result<ComposedLrSchedulerConfig> {
    anyhow::ensure!(steps > 0, "there is nothing to train: no epochs or no images");
    let rise = LinearLrSchedulerConfig::new(0.1, 1.0, steps.div_ceil(10));
    let fall = CosineAnnealingLrSchedulerConfig::new(config.learning_rate, steps);
    Ok(ComposedLrSchedulerConfig::new().linear(rise).cosine(fall))
}

/// How good the model is on digits that it has not seen, also where they look different. The
/// training's renderer logs the values as `test/digits/accuracy` and so on.
fn evaluate(
    artifact_dir: &Path,
    config: &TrainingConfig,
    test: &Images,
    model: Model,
    renderer: Box<dyn MetricsRenderer>,
) -> anyhow::Result<()> {
    let splits = [("digits", Change::None), ("shifted", Change::Shifted), ("faint", Change::Faint)];
    let loaders = splits.map(|(name, change)| {
        (name, loader(config, test, dataset(test, 0..test.len(), change), None))
    });
    let result = EvaluatorBuilder::new(artifact_dir)
        .renderer(renderer)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(model)
        .eval_all(loaders);
    match result.error {
        Some(error) => Err(anyhow::anyhow!("the evaluation ended by an error: {error}")),
        None => Ok(()),
    }
}

/// Batches in an order that the seed decides; without a seed, in the order of the images.
fn loader(
    config: &TrainingConfig,
    images: &Images,
    digits: InMemDataset<Digit>,
    seed: Option<u64>,
) -> Arc<dyn DataLoader<MnistBatch>> {
    let batcher = MnistBatcher { height: images.height, width: images.width };
    let builder = DataLoaderBuilder::new(batcher)
        .batch_size(config.batch_size)
        .num_workers(config.num_workers);
    match seed {
        Some(seed) => builder.shuffle(seed).build(digits),
        None => builder.build(digits),
    }
}
