//! How a watched model trains: as the model itself, with a look at each optimizer step.

use burn::{
    lr_scheduler::module_lr_scheduler::ModuleLearningRate,
    module::Module,
    optim::{GradientsParams, ModuleOptimizer, MultiGradientsParams},
    train::{InferenceStep, TrainOutput, TrainStep},
};

use crate::watch::{Gradients, Watched};

impl<M: TrainStep + Module> TrainStep for Watched<M> {
    type Input = M::Input;
    type Output = M::Output;

    fn step(&self, item: Self::Input) -> TrainOutput<Self::Output> {
        let output = TrainStep::step(self.inner(), item);
        self.gather_samples();
        output
    }

    fn optimize(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: GradientsParams,
    ) -> Self {
        self.look(Gradients::One(&gradients));
        self.map_inner(|model| model.optimize(optimizer, rate, gradients))
    }

    fn optimize_multi(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: MultiGradientsParams,
    ) -> Self {
        self.look(Gradients::Several(&gradients));
        self.map_inner(|model| model.optimize_multi(optimizer, rate, gradients))
    }
}

impl<M: InferenceStep> InferenceStep for Watched<M> {
    type Input = M::Input;
    type Output = M::Output;

    fn step(&self, item: Self::Input) -> Self::Output {
        self.interrupt();
        InferenceStep::step(self.inner(), item)
    }
}
