//! A training in the shape of Burn's guide, as the README's lines make it.
use burn_callback::prelude::*;

use burn::{
    prelude::*,
    train::{
        Learner, SupervisedTraining,
        metric::{AccuracyMetric, LossMetric},
    },
};

use super::{TrainingConfig, create_artifact_dir};
use crate::common::{Mlp, loader};

pub fn train(artifact_dir: &str, config: TrainingConfig, device: Device) {
    create_artifact_dir(artifact_dir);
    let run = init("guide").config(&config).start().expect("the run should start");
    config.save(format!("{artifact_dir}/config.json")).expect("the config should be saved");
    device.seed(config.seed);

    let dataloader_train = loader();
    let dataloader_test = loader();
    let training = SupervisedTraining::new(artifact_dir, dataloader_train, dataloader_test)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_default_checkpointers()
        .num_epochs(config.num_epochs)
        .summary()
        .track_in(&run, artifact_dir);

    let model = Mlp::new(&device.autodiff());
    let result = training.launch(Learner::new(model, config.optimizer.init(), 1e-3));
    let record = result.model.into_record();
    record.save(format!("{artifact_dir}/model")).expect("the model should be saved");
    println!("{}", run.finish().expect("the run should be saved"));
}
