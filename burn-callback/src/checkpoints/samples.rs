//! Small records and epochs for tests.

use std::{collections::BTreeMap, path::Path};

use burn::{
    lr_scheduler::LrSchedulerRecord,
    module::Module,
    nn::LinearConfig,
    optim::{AdamConfig, GradientsParams, OptimizerRecord},
    tensor::{Device, Tensor},
};
use tracker_core::{Direction, Step};

use super::{EpochValues, Score, part::Part};

/// Saves a record as Burn's default checkpointers do. A scheduler's bytes depend on `state`.
pub(crate) fn save(folder: &Path, part: Part, epoch: u64, state: u64) {
    let file = part.file(folder, epoch);
    match part {
        Part::Model => LinearConfig::new(4, 3).init(&Device::flex()).into_record().save(file),
        Part::Optimizer => stepped().save(file),
        Part::Scheduler => LrSchedulerRecord::new().with_scalar("step", state).save(file),
    }
    .unwrap();
}

/// An optimizer's state after a step.
fn stepped() -> OptimizerRecord {
    let device = Device::flex().autodiff();
    let model = LinearConfig::new(4, 3).init(&device);
    let loss = model.forward(Tensor::<2>::ones([2, 4], &device)).sum();
    let gradients = GradientsParams::from_grads(loss.backward(), &model);
    let mut optimizer = AdamConfig::new().init();
    optimizer.step(0.1, model, gradients);
    optimizer.to_record()
}

/// An epoch of ten steps that ended with this loss.
pub(crate) fn ended(epoch: u64, loss: f64) -> EpochValues {
    let metrics = BTreeMap::from([("valid/loss".to_owned(), loss)]);
    let score = Some(Score { value: loss, direction: Direction::Lower });
    EpochValues { epoch, step: Some(Step(epoch * 10)), metrics, score }
}
