//! Loops by hand with Burn's modules: as somebody writes them, and the same with hooks.

use std::sync::Arc;

use burn::{
    data::{dataloader::DataLoader, dataset::DatasetError},
    module::Module,
    optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer},
    prelude::*,
    train::ClassificationOutput,
};
use burn_callback::{CheckpointOptions, Loop, WatchOptions};
use tracker_core::progress::ProgressMode;

use crate::{
    burn_model::{Mlp, Points, Settings},
    draw::Draw,
    ending::Ending,
    odd_metric,
    stops::{Evaluates, Stops},
    trackers::{Kind, Tracking},
    training::Training,
};

/// All that makes a training.
#[derive(Debug)]
pub(crate) struct LoopTraining {
    model: Settings,
    epochs: u64,
    rate: f64,
    rates: Rates,
    accumulate: usize,
    steps_with_the_rest: bool,
    evaluates: Evaluates,
    stops: Stops,
    leaves_at: Option<usize>,
    hooks: HookOptions,
}

/// The learning rate of a step.
#[derive(Debug, Clone, Copy)]
enum Rates {
    Constant,
    Decay,
    WarmUp,
}

/// What is asked of the hooks beside the loop.
#[derive(Debug)]
struct HookOptions {
    tracker: Kind,
    epochs: bool,
    batches: bool,
    counts_steps: bool,
    tells_rate: bool,
    accuracy: bool,
    losses: usize,
    metrics: Vec<(&'static str, f64)>,
    observes_every: Option<u64>,
    checkpoints_every: Option<u64>,
    tokens: bool,
    perplexity: bool,
    flushes: bool,
    evaluation: &'static str,
}

impl LoopTraining {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let evaluates = Evaluates::draw(draw);
        Self {
            model: Settings::draw(draw),
            epochs: draw.within(1..=6) as u64,
            rate: draw.one(&[1e-3, 1e-2, 0.1, 1.0, 1e20]),
            rates: draw.one(&[Rates::Constant, Rates::Decay, Rates::WarmUp]),
            accumulate: draw.accumulation(),
            steps_with_the_rest: draw.once_in(2),
            evaluates,
            stops: Stops::draw(draw, evaluates),
            leaves_at: draw.maybe(6, |draw| draw.within(0..=10)),
            hooks: HookOptions::draw(draw),
        }
    }

    fn rate(&self, step: u64) -> f64 {
        match self.rates {
            Rates::Constant => self.rate,
            Rates::Decay => self.rate * 0.9_f64.powi(step as i32),
            Rates::WarmUp => self.rate * (step as f64 / 10.0).min(1.0),
        }
    }

    /// By hand.
    fn train_bare(&self) -> Ending {
        let mut state = State::new(self);
        let [train, valid] = state.loaders();
        'training: for epoch in 1..=self.epochs {
            state.ending.decide(format!("epoch {epoch}"));
            for (place, batch) in train.iter().enumerate() {
                if state.leaves() {
                    break 'training;
                }
                let output = state.model.classify(batch.unwrap());
                let gradients = GradientsParams::from_grads(output.loss.backward(), &state.model);
                if let Some(gradients) = state.take(gradients) {
                    state.step(gradients);
                }
                if self.evaluates.is_after_batch(place) {
                    state.evaluate_bare(&valid);
                }
            }
            if let Some(gradients) = state.take_rest() {
                state.step(gradients);
            }
            if self.evaluates == Evaluates::AfterEpochs {
                state.evaluate_bare(&valid);
            }
            if state.is_time_to_end() {
                break;
            }
        }
        state.end()
    }

    /// With hooks.
    fn train_hooked(&self, tracking: Tracking) -> Ending {
        let hooks = self.hooks(&tracking);
        let options = &self.hooks;
        let mut state = State::new(self);
        let [train, valid] = state.loaders();
        let wraps_epochs = options.epochs || self.stops.of_hooks().is_some();
        let (mut by_hooks, mut by_hand) = (hooks.epochs(1..=self.epochs), 1..=self.epochs);
        let mut next = || if wraps_epochs { by_hooks.next() } else { by_hand.next() };
        let mut is_left = false;
        'training: while let Some(epoch) = next() {
            state.ending.decide(format!("epoch {epoch}"));
            for (place, batch) in self.batches(&hooks, &train).enumerate() {
                if state.leaves() {
                    is_left = true;
                    break 'training;
                }
                let output = state.model.classify(batch.unwrap());
                self.tell(&hooks, &output);
                let gradients = GradientsParams::from_grads(output.loss.backward(), &state.model);
                if options.observes_every.is_some() {
                    hooks.observe(&state.model, &gradients);
                }
                if let Some(gradients) = state.take(gradients) {
                    self.step_hooked(&hooks, &mut state, gradients);
                }
                if self.evaluates.is_after_batch(place) {
                    self.evaluate_hooked(&hooks, &mut state, &valid);
                }
                if options.checkpoints_every.is_some() {
                    hooks.checkpoint(&state.model, &state.optimizer);
                }
            }
            if let Some(gradients) = state.take_rest() {
                self.step_hooked(&hooks, &mut state, gradients);
            }
            if self.evaluates == Evaluates::AfterEpochs {
                self.evaluate_hooked(&hooks, &mut state, &valid);
            }
            if options.checkpoints_every.is_some() {
                hooks.checkpoint(&state.model, &state.optimizer);
            }
            if state.is_time_to_end() {
                is_left = true;
                break;
            }
        }
        drop(by_hooks);
        if !is_left && (state.ending.decisions.len() as u64) < self.epochs {
            state.ending.marks.insert("stopped early");
        }
        tracking.finish();
        state.end()
    }

    fn hooks(&self, tracking: &Tracking) -> Loop {
        let options = &self.hooks;
        let mut hooks = Loop::new(Arc::clone(&tracking.tracker)).progress(ProgressMode::Off);
        if options.tokens {
            hooks = hooks.tokens();
        }
        if options.perplexity {
            hooks = hooks.perplexity();
        }
        if options.counts_steps {
            hooks = hooks.counts_steps();
        }
        if let Some(stopping) = self.stops.of_hooks() {
            hooks = hooks.early_stopping(stopping);
        }
        if let Some(every) = options.observes_every {
            hooks = hooks.watch(WatchOptions::new().every(every).histogram_bins(4));
        }
        if let Some(every) = options.checkpoints_every {
            let folder = tracking.own_folder();
            hooks = hooks.checkpoints(CheckpointOptions::new().every_steps(every).folder(folder));
        }
        hooks
    }

    /// The batches of an epoch, through the hooks or past them: a loader shuffles each time that it is
    /// asked.
    fn batches<'a>(
        &self,
        hooks: &Loop,
        loader: &'a Arc<dyn DataLoader<Points>>,
    ) -> Box<dyn Iterator<Item = Result<Points, DatasetError>> + 'a> {
        if self.hooks.batches { Box::new(hooks.batches(loader)) } else { loader.iter() }
    }

    /// Tells the hooks all sorts of things of a batch.
    fn tell(&self, hooks: &Loop, output: &ClassificationOutput) {
        for _ in 0..self.hooks.losses {
            hooks.loss(&output.loss);
        }
        if self.hooks.accuracy {
            hooks.accuracy(&output.output, &output.targets);
        }
        for (name, value) in &self.hooks.metrics {
            hooks.metric(name, *value);
            hooks.metric(name, &(output.loss.clone() * *value));
            hooks.metric(name, &output.output);
        }
    }

    fn step_hooked(&self, hooks: &Loop, state: &mut State<'_>, gradients: GradientsParams) {
        if self.hooks.tells_rate {
            hooks.learning_rate(self.rate(state.steps));
        }
        state.step(gradients);
        if self.hooks.counts_steps {
            hooks.step();
        }
        if self.hooks.flushes {
            hooks.flush();
        }
    }

    fn evaluate_hooked(
        &self,
        hooks: &Loop,
        state: &mut State<'_>,
        valid: &Arc<dyn DataLoader<Points>>,
    ) {
        let model = state.model.valid();
        let loss = hooks.evaluate(self.hooks.evaluation, || {
            let mut mean = Mean::default();
            for batch in self.batches(hooks, valid) {
                let output = model.classify(batch.unwrap());
                hooks.loss(&output.loss);
                hooks.metric("odd", &(output.loss.clone() + 1.0));
                self.tell(hooks, &output);
                mean.add(&output);
            }
            mean.value()
        });
        state.losses.push(loss);
    }
}

impl Training for LoopTraining {
    fn loop_name(&self) -> &'static str {
        "a loop with burn"
    }

    fn bare(&self) -> Ending {
        match self.stops {
            Stops::Hooks { .. } => self.train_hooked(Tracking::disabled()),
            _ => self.train_bare(),
        }
    }

    fn tracked(&self) -> Vec<(&'static str, Ending)> {
        vec![
            ("tracked", self.train_hooked(Tracking::start(self.hooks.tracker))),
            ("with tracking disabled", self.train_hooked(Tracking::disabled())),
        ]
    }
}

impl HookOptions {
    fn draw(draw: &mut Draw) -> Self {
        let metrics = draw.within(0..=3);
        Self {
            tracker: Kind::draw(draw),
            epochs: !draw.once_in(4),
            batches: !draw.once_in(4),
            counts_steps: draw.once_in(2),
            tells_rate: !draw.once_in(4),
            accuracy: draw.once_in(2),
            losses: draw.one(&[0, 1, 1, 3]),
            metrics: draw.several(metrics, |draw| (draw.one(&odd_metric::NAMES), draw.number())),
            observes_every: draw.maybe(3, |draw| draw.within(1..=4) as u64),
            checkpoints_every: draw.maybe(4, |draw| draw.within(1..=4) as u64),
            tokens: draw.once_in(8),
            perplexity: draw.once_in(4),
            flushes: draw.once_in(8),
            evaluation: draw.one(&["valid", "valid", "test", "train", "größe 2"]),
        }
    }
}

/// What a loop has in its hands, with hooks and without.
struct State<'a> {
    training: &'a LoopTraining,
    device: Device,
    model: Mlp,
    optimizer: ModuleOptimizer,
    sums: GradientsAccumulator<Mlp>,
    /// How many batches are in the sums, and how many there were in all.
    gathered: usize,
    batches: usize,
    steps: u64,
    losses: Vec<f64>,
    ending: Ending,
}

impl<'a> State<'a> {
    fn new(training: &'a LoopTraining) -> Self {
        let device = training.model.device();
        Self {
            training,
            model: training.model.model(&device),
            device,
            optimizer: training.model.optimizer(),
            sums: GradientsAccumulator::new(),
            gathered: 0,
            batches: 0,
            steps: 0,
            losses: Vec::new(),
            ending: Ending::default(),
        }
    }

    /// To train, and to evaluate without a graph.
    fn loaders(&self) -> [Arc<dyn DataLoader<Points>>; 2] {
        let settings = &self.training.model;
        [settings.loader(&self.device), settings.valid_loader(&self.device.clone().inner())]
    }

    /// Whether the loop leaves both loops before the batch that is out.
    fn leaves(&mut self) -> bool {
        let leaves = Some(self.batches) == self.training.leaves_at;
        self.batches += 1;
        if leaves {
            self.ending.marks.insert("interrupted");
        }
        leaves
    }

    /// Takes the gradients of a batch; gives those of a step when it is time to take one.
    fn take(&mut self, gradients: GradientsParams) -> Option<GradientsParams> {
        if self.training.accumulate == 1 {
            return Some(gradients);
        }
        self.sums.accumulate(&self.model, gradients);
        self.gathered += 1;
        if self.gathered < self.training.accumulate {
            return None;
        }
        self.gathered = 0;
        Some(self.sums.grads())
    }

    /// At the end of an epoch, what is left of a step, where the loop does not leave it to the next one.
    fn take_rest(&mut self) -> Option<GradientsParams> {
        if self.gathered == 0 || !self.training.steps_with_the_rest {
            return None;
        }
        self.gathered = 0;
        Some(self.sums.grads())
    }

    fn step(&mut self, gradients: GradientsParams) {
        let rate = self.training.rate(self.steps);
        self.model = self.optimizer.step(rate, self.model.clone(), gradients);
        self.steps += 1;
    }

    fn evaluate_bare(&mut self, valid: &Arc<dyn DataLoader<Points>>) {
        let model = self.model.valid();
        let mut mean = Mean::default();
        for batch in valid.iter() {
            mean.add(&model.classify(batch.unwrap()));
        }
        self.losses.push(mean.value());
    }

    fn is_time_to_end(&mut self) -> bool {
        let ends = self.training.stops.is_time_to_end(&self.losses);
        if ends {
            self.ending.marks.insert("stopped early");
        }
        ends
    }

    fn end(mut self) -> Ending {
        self.ending.decide_on(self.losses);
        self.ending.decide(format!("{} steps", self.steps));
        self.model.weigh(&mut self.ending);
        if self.training.accumulate > self.training.model.batches() {
            self.ending.marks.insert("accumulated over more than an epoch");
        }
        self.ending
    }
}

/// The mean loss of an evaluation, by hand.
#[derive(Default)]
struct Mean {
    sum: f64,
    items: f64,
}

impl Mean {
    fn add(&mut self, output: &ClassificationOutput) {
        let items = output.targets.dims()[0] as f64;
        self.sum += f64::from(output.loss.clone().into_scalar::<f32>()) * items;
        self.items += items;
    }

    fn value(self) -> f64 {
        self.sum / self.items
    }
}
