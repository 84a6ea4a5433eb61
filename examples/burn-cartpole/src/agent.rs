//! The agent: what each push is worth, learned from what came of it (V. Mnih and others, "Human-level
//! control through deep reinforcement learning", 2015).

use burn::{
    nn::{Linear, LinearConfig, Relu},
    optim::{AdamConfig, GradientsParams, ModuleOptimizer, OptimizerRecord},
    prelude::*,
    rl::{LearnerTransitionBatch, Policy, PolicyLearner, PolicyState, RLTrainOutput},
    store::ModuleRecord,
    tensor::ExecutionError,
    train::{
        ItemLazy,
        metric::{Adaptor, LossInput},
    },
};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::rows::Rows;

/// How much a reward counts that is one step away.
const DISCOUNT: f32 = 0.99;
/// After how many updates the worth of later pushes is looked up anew.
const COPY_EVERY: usize = 100;
/// How often a push is made at random at first, and at the end.
const EXPLORATION: (f64, f64) = (1.0, 0.02);
/// How much of it is left after each update.
const DECAY: f64 = 0.999;

/// What pushing to the left and to the right is worth.
#[derive(Module, Debug)]
pub(crate) struct Worth {
    first: Linear,
    second: Linear,
    output: Linear,
    activation: Relu,
}

impl Worth {
    fn new(device: &Device) -> Self {
        Self {
            first: LinearConfig::new(4, 64).init(device),
            second: LinearConfig::new(64, 64).init(device),
            output: LinearConfig::new(64, 2).init(device),
            activation: Relu::new(),
        }
    }

    fn forward(&self, seen: Tensor<2>) -> Tensor<2> {
        let hidden = self.activation.forward(self.first.forward(seen));
        self.output.forward(self.activation.forward(self.second.forward(hidden)))
    }
}

/// Pushes where it is worth most and, while it learns, now and then elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Pushes {
    worth: Worth,
    exploration: f64,
    random: ChaCha8Rng,
}

/// What of a policy changes as it learns.
#[derive(Debug, Clone)]
pub(crate) struct Learned {
    worth: Worth,
    exploration: f64,
}

impl PolicyState for Learned {
    type Record = ModuleRecord;

    fn into_record(self) -> ModuleRecord {
        self.worth.into_record()
    }

    fn load_record(&self, record: ModuleRecord) -> Self {
        Self { worth: self.worth.clone().load_record(record), ..self.clone() }
    }
}

/// Nothing more is known of a push.
#[derive(Debug, Clone)]
pub(crate) struct Choice;

impl ItemLazy for Choice {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl Policy for Pushes {
    type Observation = Rows;
    type ActionDistribution = Rows;
    type Action = Rows;
    type ActionContext = Choice;
    type PolicyState = Learned;

    fn forward(&mut self, seen: Rows) -> Rows {
        Rows(self.worth.forward(seen.0))
    }

    fn action(&mut self, seen: Rows, deterministic: bool) -> (Rows, Vec<Choice>) {
        let [count, _] = seen.0.dims();
        if !deterministic && self.random.random_range(0.0..1.0) < self.exploration {
            let pushes: Vec<f32> =
                (0..count).map(|_| f32::from(u8::from(self.random.random_bool(0.5)))).collect();
            let pushes = Tensor::<1>::from_floats(&pushes[..], &seen.0.device());
            return (Rows(pushes.reshape([count, 1])), vec![Choice; count]);
        }
        (Rows(self.worth.forward(seen.0).argmax(1).float()), vec![Choice; count])
    }

    fn update(&mut self, learned: Learned) {
        self.worth = learned.worth;
        self.exploration = learned.exploration;
    }

    fn state(&self) -> Learned {
        Learned { worth: self.worth.clone(), exploration: self.exploration }
    }

    fn to_device(self, device: &Device) -> Self {
        Self { worth: self.worth.to_device(device), ..self }
    }

    fn load_record(self, record: ModuleRecord) -> Self {
        Self { worth: self.worth.load_record(record), ..self }
    }
}

/// Learns what pushes are worth.
pub(crate) struct Agent {
    worth: Worth,
    /// As it was a while ago: what the worth of later pushes is taken from.
    before: Worth,
    optimizer: ModuleOptimizer,
    rate: f64,
    updates: usize,
    exploration: f64,
    random: ChaCha8Rng,
    device: Device,
}

impl Agent {
    pub(crate) fn new(device: &Device, rate: f64, seed: u64) -> Self {
        let worth = Worth::new(device);
        Self {
            before: worth.clone(),
            worth,
            optimizer: AdamConfig::new().init(),
            rate,
            updates: 0,
            exploration: EXPLORATION.0,
            random: ChaCha8Rng::seed_from_u64(seed),
            device: device.clone(),
        }
    }
}

/// What an update measured.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    loss: Tensor<1>,
}

impl ItemLazy for Update {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl Adaptor<LossInput> for Update {
    fn adapt(&self) -> LossInput {
        LossInput::new(self.loss.clone())
    }
}

impl PolicyLearner for Agent {
    type TrainContext = Update;
    type InnerPolicy = Pushes;
    type Record = OptimizerRecord;

    fn train(&mut self, batch: LearnerTransitionBatch<Pushes>) -> RLTrainOutput<Update, Learned> {
        let worth = self.worth.forward(batch.states.0).gather(1, batch.actions.0.int());
        let later = self.before.forward(batch.next_states.0).max_dim(1).detach();
        let goes_on = batch.dones.mul_scalar(-1.0).add_scalar(1.0);
        let wanted = batch.rewards + later * goes_on * DISCOUNT;
        let loss = (worth - wanted).square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.worth);
        self.worth = self.optimizer.step(self.rate, self.worth.clone(), gradients);
        self.updates += 1;
        if self.updates.is_multiple_of(COPY_EVERY) {
            self.before = self.worth.clone();
        }
        self.exploration = (self.exploration * DECAY).max(EXPLORATION.1);
        RLTrainOutput { policy: self.policy().state(), item: Update { loss: loss.detach() } }
    }

    fn policy(&self) -> Pushes {
        Pushes {
            worth: self.worth.valid(),
            exploration: self.exploration,
            random: self.random.clone(),
        }
    }

    fn update_policy(&mut self, policy: Pushes) {
        self.worth = policy.worth.to_device(&self.device).train();
    }

    fn record(&self) -> OptimizerRecord {
        self.optimizer.to_record()
    }

    fn load_record(self, record: OptimizerRecord) -> Self {
        Self { optimizer: self.optimizer.load_record(record), ..self }
    }

    fn device(&self) -> Device {
        self.device.clone()
    }
}
