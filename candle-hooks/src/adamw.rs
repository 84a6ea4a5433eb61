//! `AdamW` whose memory can be kept in a checkpoint.

use candle_core::{Device, Result, Tensor, Var, backprop::GradStore};
use candle_nn::{Optimizer, ParamsAdamW, VarMap};

use crate::{OptimizerState, Weights};

/// `AdamW` that a training can be resumed with.
///
/// It takes the same steps as candle's [`AdamW`](candle_nn::AdamW), bit for bit, and lets a
/// checkpoint keep what it remembers: two moments of each variable and the number of steps.
/// The formula is that of Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019).
///
/// ```
/// use candle_hooks::{ResumableAdamW, candle_core::Result};
/// use candle_nn::{Optimizer, ParamsAdamW, VarMap};
///
/// # fn main() -> Result<()> {
/// let weights = VarMap::new();
/// // ... the model makes its variables ...
/// let params = ParamsAdamW { lr: 1e-3, ..ParamsAdamW::default() };
/// let mut optimizer = ResumableAdamW::from_var_map(&weights, params)?;
/// # optimizer.set_learning_rate(5e-4);
/// # Ok(())
/// # }
/// ```
///
/// # Names
///
/// A checkpoint finds the moments again by name. [`from_var_map`](Self::from_var_map) takes the
/// names of the variables, and [`with_names`](Self::with_names) those that you give.
/// [`Optimizer::new`] knows no names and counts: `0.first_moment`, `1.first_moment`. That is right
/// only if the variables come in the same order in every process. [`VarMap::all_vars`] gives them
/// in a random order, so do not pass its result to `new`: after a resume, moments would belong to
/// other variables of the same shape, and nobody could tell.
#[derive(Debug)]
pub struct ResumableAdamW {
    parameters: Vec<Parameter>,
    /// How many steps were taken: an I64 scalar on the CPU, so that reading it waits for nothing.
    steps: Var,
    params: ParamsAdamW,
}

/// A variable and what is remembered of its gradients.
#[derive(Debug)]
struct Parameter {
    name: String,
    variable: Var,
    first_moment: Var,
    second_moment: Var,
}

impl ResumableAdamW {
    /// An optimizer of all float variables of `weights`, by their names. Variables that the map
    /// gets later are not among them, so make the model first.
    ///
    /// # Errors
    /// If the device has no memory for the moments.
    pub fn from_var_map(weights: &VarMap, params: ParamsAdamW) -> Result<Self> {
        Self::with_names(Weights::from(weights).named(), params)
    }

    /// An optimizer of variables with names, each of which must be there once and be the same in
    /// every process. Variables that hold no floats are left out.
    ///
    /// # Errors
    /// If the device has no memory for the moments.
    pub fn with_names(
        variables: impl IntoIterator<Item = (String, Var)>,
        params: ParamsAdamW,
    ) -> Result<Self> {
        let floats = variables.into_iter().filter(|(_, variable)| variable.dtype().is_float());
        let parameters = floats.map(|(name, variable)| Parameter::new(name, variable));
        Ok(Self {
            parameters: parameters.collect::<Result<_>>()?,
            steps: Var::new(0_i64, &Device::Cpu)?,
            params,
        })
    }

    /// The settings.
    pub fn params(&self) -> &ParamsAdamW {
        &self.params
    }

    /// Sets all settings. The moments stay.
    pub fn set_params(&mut self, params: ParamsAdamW) {
        self.params = params;
    }

    /// Counts a step.
    fn next_step(&self) -> Result<i64> {
        let step = self.steps.to_scalar::<i64>()?.saturating_add(1);
        self.steps.set(&Tensor::new(step, &Device::Cpu)?)?;
        Ok(step)
    }
}

impl Optimizer for ResumableAdamW {
    type Config = ParamsAdamW;

    /// An optimizer whose moments are named by the order of `vars`, float variables alone. See
    /// [the type](ResumableAdamW#names) for what that asks of the order.
    fn new(vars: Vec<Var>, params: ParamsAdamW) -> Result<Self> {
        let floats = vars.into_iter().filter(|variable| variable.dtype().is_float());
        let named = floats.enumerate().map(|(index, variable)| (index.to_string(), variable));
        Self::with_names(named, params)
    }

    /// Moves each variable that has a gradient. The others, with their moments, stay as they are.
    fn step(&mut self, grads: &GradStore) -> Result<()> {
        let step = self.next_step()?;
        let rates = Rates::new(&self.params, step);
        for parameter in &self.parameters {
            if let Some(gradient) = grads.get(&parameter.variable) {
                parameter.step(gradient, &rates)?;
            }
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.params.lr
    }

    fn set_learning_rate(&mut self, lr: f64) {
        self.params.lr = lr;
    }
}

impl OptimizerState for ResumableAdamW {
    fn variables(&self) -> Vec<(String, Var)> {
        let steps = ("steps".to_owned(), self.steps.clone());
        self.parameters.iter().flat_map(Parameter::moments).chain([steps]).collect()
    }
}

/// What all variables share in one step.
struct Rates<'a> {
    params: &'a ParamsAdamW,
    /// The moments start at zero, and their means are too small at first, by these factors.
    first_correction: f64,
    second_correction: f64,
    /// What weight decay leaves of a variable.
    kept: f64,
}

impl<'a> Rates<'a> {
    fn new(params: &'a ParamsAdamW, step: i64) -> Self {
        let step = i32::try_from(step).unwrap_or(i32::MAX);
        let correction = |beta: f64| 1.0 / (1.0 - beta.powi(step));
        Self {
            params,
            first_correction: correction(params.beta1),
            second_correction: correction(params.beta2),
            kept: 1.0 - params.lr * params.weight_decay,
        }
    }
}

impl Parameter {
    fn new(name: String, variable: Var) -> Result<Self> {
        let zeros = || Var::zeros(variable.shape(), variable.dtype(), variable.device());
        Ok(Self { name, first_moment: zeros()?, second_moment: zeros()?, variable })
    }

    fn moments(&self) -> [(String, Var); 2] {
        let named = |kind: &str, moment: &Var| (format!("{}.{kind}", self.name), moment.clone());
        [named("first_moment", &self.first_moment), named("second_moment", &self.second_moment)]
    }

    /// Each tensor operation rounds, so their order is that of candle's `AdamW`.
    fn step(&self, gradient: &Tensor, rates: &Rates<'_>) -> Result<()> {
        let params = rates.params;
        let mean = moving_mean(&self.first_moment, gradient, params.beta1)?;
        let square = moving_mean(&self.second_moment, &gradient.sqr()?, params.beta2)?;
        let direction = {
            let spread = (&square * rates.second_correction)?.sqrt()?;
            ((&mean * rates.first_correction)? / (spread + params.eps)?)?
        };
        let kept = (self.variable.as_detached_tensor() * rates.kept)?;
        let moved = (kept - (direction * params.lr)?)?;
        self.first_moment.set(&mean)?;
        self.second_moment.set(&square)?;
        self.variable.set(&moved)
    }
}

/// The mean of all values so far, of which earlier ones count less and less.
fn moving_mean(mean: &Var, value: &Tensor, decay: f64) -> Result<Tensor> {
    (mean.as_detached_tensor() * decay)? + (value * (1.0 - decay))?
}

#[cfg(test)]
mod tests {
    use candle_core::DType;
    use candle_nn::{AdamW, Init};

    use super::*;

    const STEPS: usize = 200;

    fn params() -> ParamsAdamW {
        ParamsAdamW { lr: 0.02, weight_decay: 0.1, ..ParamsAdamW::default() }
    }

    /// Variables of the same values each time.
    fn variables(dtype: DType) -> Vec<Var> {
        let variable = |seed: usize| {
            let values: Vec<f64> =
                (0..12).map(|index| ((index * 7 + seed * 5) % 11) as f64 / 3.0 - 1.5).collect();
            let tensor = Tensor::from_vec(values, (3, 4), &Device::Cpu).unwrap();
            Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
        };
        (0..3).map(variable).collect()
    }

    /// The first variable has a gradient in each step, the second in every other, the third never.
    fn loss(variables: &[Var], step: usize) -> Result<Tensor> {
        let wave = (step as f64 / 5.0).sin();
        let mut sum = ((variables[0].sqr()? + wave)? * 0.7)?.sum_all()?;
        if step.is_multiple_of(2) {
            sum = (sum + (variables[1].tanh()? * variables[0].as_tensor())?.sum_all()?)?;
        }
        Ok(sum)
    }

    fn bits(variables: &[Var]) -> Vec<u64> {
        let values = |variable: &Var| {
            let wide = variable.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
            wide.to_vec1::<f64>().unwrap().into_iter().map(f64::to_bits)
        };
        variables.iter().flat_map(values).collect()
    }

    #[test]
    fn each_step_is_that_of_candles_adamw_bit_for_bit() -> Result<()> {
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            let (theirs, ours) = (variables(dtype), variables(dtype));
            let before = bits(&ours);
            let mut their = AdamW::new(theirs.clone(), params())?;
            let mut our = ResumableAdamW::new(ours.clone(), params())?;
            for step in 0..STEPS {
                if step == STEPS / 2 {
                    their.set_learning_rate(0.003);
                    our.set_learning_rate(0.003);
                }
                their.backward_step(&loss(&theirs, step)?)?;
                our.backward_step(&loss(&ours, step)?)?;
                assert_eq!(bits(&theirs), bits(&ours), "{dtype:?}, step {step}");
            }
            assert_ne!(bits(&ours)[..24], before[..24], "{dtype:?}: something was trained");
            assert_eq!(bits(&ours)[24..], before[24..], "{dtype:?}: no gradient, no decay");
        }
        Ok(())
    }

    #[test]
    fn other_settings_take_other_steps_as_candles_do() -> Result<()> {
        let other = ParamsAdamW { lr: 0.1, beta1: 0.5, beta2: 0.8, eps: 1e-3, weight_decay: 0.0 };
        let (theirs, ours) = (variables(DType::F32), variables(DType::F32));
        let mut their = AdamW::new(theirs.clone(), params())?;
        let mut our = ResumableAdamW::new(ours.clone(), params())?;
        their.set_params(other.clone());
        our.set_params(other);
        assert_eq!((our.learning_rate(), our.params().beta1), (0.1, 0.5));
        for step in 0..20 {
            their.backward_step(&loss(&theirs, step)?)?;
            our.backward_step(&loss(&ours, step)?)?;
            assert_eq!(bits(&theirs), bits(&ours), "step {step}");
        }
        Ok(())
    }

    #[test]
    fn its_memory_set_into_another_one_takes_the_same_next_steps() -> Result<()> {
        let (first, second) = (variables(DType::F32), variables(DType::F32));
        let mut one = ResumableAdamW::new(first.clone(), params())?;
        let mut other = ResumableAdamW::new(second.clone(), params())?;
        for step in 0..10 {
            one.backward_step(&loss(&first, step)?)?;
        }
        for (from, to) in first.iter().zip(&second) {
            to.set(from)?;
        }
        for ((name, from), (same, to)) in one.variables().iter().zip(other.variables()) {
            assert_eq!(*name, same);
            to.set(from)?;
        }
        for step in 10..20 {
            one.backward_step(&loss(&first, step)?)?;
            other.backward_step(&loss(&second, step)?)?;
            assert_eq!(bits(&first), bits(&second), "step {step}");
        }
        Ok(())
    }

    fn names(optimizer: &ResumableAdamW) -> Vec<String> {
        optimizer.variables().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn moments_of_a_var_map_have_its_names_in_their_order() -> Result<()> {
        let weights = VarMap::new();
        for name in ["b", "a", "c"] {
            weights.get(2, name, Init::Const(0.0), DType::F32, &Device::Cpu)?;
        }
        weights.get(2, "count", Init::Const(0.0), DType::U32, &Device::Cpu)?;
        let optimizer = ResumableAdamW::from_var_map(&weights, params())?;
        let moments = ["first_moment", "second_moment"];
        let mut expected = Vec::new();
        for name in ["a", "b", "c"] {
            expected.extend(moments.map(|moment| format!("{name}.{moment}")));
        }
        expected.push("steps".to_owned());
        assert_eq!(names(&optimizer), expected);
        Ok(())
    }

    #[test]
    fn moments_without_names_are_counted() -> Result<()> {
        let mut variables = variables(DType::F32);
        variables.insert(0, Var::zeros(2, DType::U32, &Device::Cpu)?);
        let optimizer = ResumableAdamW::new(variables, params())?;
        assert_eq!(names(&optimizer)[0], "0.first_moment");
        assert_eq!(names(&optimizer)[5], "2.second_moment");
        Ok(())
    }
}
