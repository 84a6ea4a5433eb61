//! Wrapping an optimizer changes nothing, whatever the optimizer does and whichever variables it has.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use candle_hooks::{
    Hooks, TrackedOptimizer,
    candle_core::{DType, Result, Tensor, Var, backprop::GradStore},
    candle_nn::{AdamW, Optimizer, ParamsAdamW, SGD, VarBuilder, VarMap, linear},
    clip_grad_norm,
    tracker_core::NoopTracker,
};
use common::{DEVICE, Digits, Network, hooks, problems, steps, tracked, values};

/// An optimizer that adds a penalty to the loss before it runs backward, moves a mean of the weights
/// along, and lowers its rate: all in its own `backward_step`.
struct Penalized {
    inner: SGD,
    variables: Vec<Var>,
    means: Vec<Tensor>,
}

impl Optimizer for Penalized {
    type Config = f64;

    fn new(variables: Vec<Var>, rate: f64) -> Result<Self> {
        let means = variables.iter().map(|of| of.as_tensor().copy()).collect::<Result<_>>()?;
        Ok(Self { inner: SGD::new(variables.clone(), rate)?, variables, means })
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.inner.step(gradients)
    }

    fn backward_step(&mut self, loss: &Tensor) -> Result<()> {
        let mut penalized = loss.clone();
        for variable in &self.variables {
            penalized = (penalized + (variable.sqr()?.sum_all()? * 0.1)?)?;
        }
        self.inner.backward_step(&penalized)?;
        for (variable, mean) in self.variables.iter().zip(&mut self.means) {
            *mean = ((&*mean * 0.9)? + (variable.as_tensor() * 0.1)?)?.detach();
            variable.set(&((variable.as_tensor() * 0.75)? + (&*mean * 0.25)?)?)?;
        }
        self.inner.set_learning_rate(self.inner.learning_rate() * 0.99);
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.inner.learning_rate()
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.inner.set_learning_rate(rate);
    }
}

/// An optimizer of another crate that has no backward pass of its own.
struct Foreign(SGD);

impl Optimizer for Foreign {
    type Config = f64;

    fn new(variables: Vec<Var>, rate: f64) -> Result<Self> {
        Ok(Self(SGD::new(variables, rate)?))
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.0.step(gradients)
    }

    fn learning_rate(&self) -> f64 {
        self.0.learning_rate()
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.0.set_learning_rate(rate);
    }
}

/// Takes 24 steps with the optimizer that `make` makes of a network's variables; gives the weights.
fn trained<O: Optimizer>(make: impl FnOnce(&[Var]) -> Result<O>) -> Result<Vec<u32>> {
    let network = Network::new();
    let mut optimizer = make(&network.variables)?;
    for (images, labels) in Digits::new(240).batches(10) {
        optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
    }
    Ok(network.bits())
}

#[test]
fn an_optimizer_with_a_backward_pass_of_its_own_takes_the_same_steps() -> Result<()> {
    let bare = trained(|variables| Penalized::new(variables.to_vec(), 0.1))?;
    let by_step = trained(|variables| SGD::new(variables.to_vec(), 0.1))?;
    assert_ne!(bare, by_step, "the backward pass makes a difference");

    let wrapped = |hooks: &Hooks| {
        trained(|variables| Ok(hooks.optimizer(Penalized::new(variables.to_vec(), 0.1)?)))
    };
    let (tracked, seen) = tracked();
    assert_eq!(wrapped(&tracked)?, bare);
    assert_eq!(wrapped(&hooks(NoopTracker::new()))?, bare);
    assert_eq!(steps(&seen, "batch/train/loss"), (0..24).collect::<Vec<_>>());
    assert_eq!(values(&seen, "learning_rate").len(), 24);
    Ok(())
}

#[test]
fn named_and_delegating_optimizers_take_the_same_steps_too() -> Result<()> {
    let bare = trained(|variables| Penalized::new(variables.to_vec(), 0.1))?;
    let (hooks, seen) = tracked();
    let of = |variables: &[Var]| Penalized::new(variables.to_vec(), 0.1);
    assert_eq!(trained(|variables| Ok(hooks.optimizer_named("critic", of(variables)?)))?, bare);
    assert_eq!(trained(|variables| Ok(hooks.optimizer(of(variables)?).delegate()))?, bare);
    let made = trained(|variables| {
        TrackedOptimizer::<Penalized>::from_slice(&variables.iter().collect::<Vec<_>>(), 0.1)
    });
    assert_eq!(made?, bare);
    assert_eq!(problems(&seen)["gradients-not-seen"], 1, "of the one that was not told of");
    Ok(())
}

#[test]
fn gradients_that_are_not_seen_are_told_of_once_with_the_way_out() -> Result<()> {
    let foreign = |hooks: &Hooks, plain: bool| {
        trained(|variables| {
            let optimizer = hooks.optimizer(Foreign::new(variables.to_vec(), 0.1)?);
            Ok(if plain { optimizer.plain_backward() } else { optimizer })
        })
    };
    let bare = trained(|variables| SGD::new(variables.to_vec(), 0.1))?;
    let (hooks, seen) = tracked();
    assert_eq!(foreign(&hooks, false)?, bare);
    assert!(steps(&seen, "gradients/norm").is_empty());
    let told = &seen.problems()[0];
    assert_eq!((told.kind.as_str(), told.count), ("gradients-not-seen", 1));
    assert!(told.message.contains("`Foreign`") && told.hint.contains(".plain_backward()"));

    let (hooks, seen) = tracked();
    assert_eq!(foreign(&hooks, true)?, bare);
    assert_eq!(steps(&seen, "gradients/norm"), [0, 10, 20]);
    assert_eq!(seen.problems(), []);

    let (hooks, seen) = tracked();
    assert_eq!(foreign(&hooks.gradient_norm_every(0), false)?, bare);
    assert_eq!(seen.problems(), [], "nobody asks for them");
    Ok(())
}

#[test]
fn a_model_is_watched_though_the_gradients_are_not_seen() -> Result<()> {
    let (hooks, seen) = tracked();
    let weights = VarMap::new();
    linear(2, 1, VarBuilder::from_varmap(&weights, DType::F32, &DEVICE))?;
    hooks.watch(&weights);
    let mut optimizer = hooks.optimizer(Foreign::new(weights.all_vars(), 0.1)?);
    let variables = weights.all_vars();
    optimizer.backward_step(&variables[0].sqr()?.sum_all()?)?;
    assert_eq!(steps(&seen, "parameters/norm"), [0]);
    assert!(steps(&seen, "gradients/weight/norm").is_empty());
    assert_eq!(problems(&seen)["gradients-not-seen"], 1);
    Ok(())
}

#[test]
fn gradients_of_an_optimizer_that_may_do_more_are_clipped_only_when_one_says_so() -> Result<()> {
    for hooks in [tracked().0, hooks(NoopTracker::new())] {
        let refused = |accumulate: u64, delegate: bool| {
            trained(|variables| {
                let optimizer = hooks.optimizer(Penalized::new(variables.to_vec(), 0.1)?);
                let optimizer = optimizer.variables(variables).accumulate(accumulate);
                let optimizer =
                    if accumulate > 1 { optimizer } else { optimizer.clip_grad_norm(1.0) };
                Ok(if delegate { optimizer.delegate() } else { optimizer })
            })
            .unwrap_err()
            .to_string()
        };
        for accumulate in [1, 4] {
            let error = refused(accumulate, false);
            assert!(error.contains("`Penalized` may have"), "{error}");
            assert!(error.contains("hint: say `hooks.optimizer(..).plain_backward()`"), "{error}");
            let error = refused(accumulate, true);
            assert!(error.contains("hint: leave out `delegate()`"), "{error}");
        }
        trained(|variables| {
            let optimizer = hooks.optimizer(Foreign::new(variables.to_vec(), 0.1)?);
            Ok(optimizer.plain_backward().variables(variables).clip_grad_norm(1.0))
        })?;
    }
    Ok(())
}

#[test]
fn of_a_model_with_a_frozen_body_the_gradients_of_the_head_alone_are_clipped() -> Result<()> {
    let by_hand = |all: bool| {
        let network = Network::new();
        let head = network.variables[1..].to_vec();
        let mut optimizer = SGD::new(head.clone(), 0.5)?;
        for (images, labels) in Digits::new(100).batches(10) {
            let mut gradients = network.loss(&images, &labels)?.0.backward()?;
            let clipped = if all { &network.variables } else { &head };
            clip_grad_norm(clipped, &mut gradients, 0.5)?;
            optimizer.step(&gradients)?;
        }
        Ok::<_, candle_hooks::candle_core::Error>(network.bits())
    };
    let right = by_hand(false)?;
    assert_ne!(right, by_hand(true)?, "the gradients of the body make a difference");
    for hooks in [tracked().0, hooks(NoopTracker::new())] {
        let network = Network::new();
        let head = &network.variables[1..];
        let optimizer = hooks.optimizer(SGD::new(head.to_vec(), 0.5)?);
        let mut optimizer = optimizer.variables(head).clip_grad_norm(0.5);
        for (images, labels) in Digits::new(100).batches(10) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
        assert_eq!(network.bits(), right);
    }
    Ok(())
}

#[test]
fn clipping_asks_for_the_variables_of_the_optimizer() {
    for hooks in [tracked().0, hooks(NoopTracker::new())] {
        let clipped = trained(|variables| {
            let adamw = AdamW::new(variables.to_vec(), ParamsAdamW::default())?;
            Ok(hooks.optimizer(adamw).clip_grad_norm(1.0))
        });
        let error = clipped.unwrap_err().to_string();
        assert!(error.contains("hint: say `hooks.optimizer(..).variables("), "{error}");
    }
    let made = trained(|variables| {
        let params = ParamsAdamW::default();
        Ok(TrackedOptimizer::<AdamW>::new(variables.to_vec(), params)?.clip_grad_norm(1.0))
    });
    assert!(made.is_ok(), "it was made with its variables");
}

/// Code that somebody wrote for one optimizer.
fn train_step(optimizer: &mut AdamW, loss: &Tensor) -> Result<()> {
    optimizer.backward_step(loss)
}

#[test]
fn code_that_takes_the_optimizer_itself_counts_its_steps_and_trains_the_same() -> Result<()> {
    let (digits, plain, network) = (Digits::new(60), Network::new(), Network::new());
    let mut bare = AdamW::new(plain.variables.clone(), ParamsAdamW::default())?;
    for (images, labels) in digits.batches(20) {
        train_step(&mut bare, &plain.loss(&images, &labels)?.0)?;
    }
    let (hooks, tracker) = tracked();
    let adamw = AdamW::new(network.variables.clone(), ParamsAdamW::default())?;
    let mut optimizer = hooks.optimizer(adamw);
    for (images, labels) in hooks.batches(digits.batches(20)) {
        let (loss, _) = network.loss(&images, &labels)?;
        hooks.loss(&loss);
        train_step(&mut optimizer.one_step(), &loss)?;
    }
    drop(hooks);
    drop(optimizer);
    assert_eq!(network.bits(), plain.bits());
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2]);
    assert_eq!(values(&tracker, "learning_rate"), [1e-3]);
    assert!(tracker.problems().is_empty(), "{:?}", tracker.problems());
    Ok(())
}
