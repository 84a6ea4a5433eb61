//! Functions whose smallest value is looked for. `benchmarks/samplers.py` has the same.

use std::{collections::BTreeSet, f64::consts::PI};

use serde_json::{Map, Value};
use tracker_study::{Domain, Parameter, Space};

/// A function whose smallest value is looked for.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    pub(crate) space: Space,
    /// The value of settings.
    pub(crate) value: fn(&Map<String, Value>) -> f64,
    /// The deviation of what is added to each result.
    pub(crate) noise: f64,
}

/// All of them.
pub(crate) fn problems() -> Vec<Problem> {
    let branin_space = Space::new(vec![float("x", -5.0, 10.0), float("y", 0.0, 15.0)]);
    let hartmann_space = Space::new((0..6).map(|i| float(&format!("x{i}"), 0.0, 1.0)).collect());
    vec![
        Problem { name: "branin", space: branin_space, value: branin, noise: 0.0 },
        Problem { name: "hartmann6", space: hartmann_space, value: hartmann6, noise: 0.0 },
        Problem { name: "mixed", space: mixed_space(), value: mixed, noise: 0.02 },
    ]
}

fn number(settings: &Map<String, Value>, name: &str) -> f64 {
    settings[name].as_f64().unwrap()
}

/// Dixon and Szegö 1978. Its three minima are 0.397887.
fn branin(settings: &Map<String, Value>) -> f64 {
    let (x, y) = (number(settings, "x"), number(settings, "y"));
    let bend = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    bend * bend + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0
}

const HEIGHTS: [f64; 4] = [1.0, 1.2, 3.0, 3.2];
const WIDTHS: [[f64; 6]; 4] = [
    [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
    [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
    [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
    [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
];
const CENTRES: [[f64; 6]; 4] = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/// Hartmann 1973, of six dimensions. Its minimum is -3.32237.
fn hartmann6(settings: &Map<String, Value>) -> f64 {
    let point: Vec<f64> = (0..6).map(|i| number(settings, &format!("x{i}"))).collect();
    let bumps = HEIGHTS.iter().zip(WIDTHS.iter().zip(&CENTRES));
    let bumps = bumps.map(|(height, (widths, centres))| {
        let parts = widths.iter().zip(&point).zip(centres);
        height
            * (-parts.map(|((width, x), centre)| width * (x - centre) * (x - centre)).sum::<f64>())
                .exp()
    });
    -bumps.sum::<f64>()
}

/// For each optimizer the logarithm of its best learning rate, and what it adds to the error.
const OPTIMIZERS: [(&str, f64, f64); 4] =
    [("sgd", -1.5, 0.12), ("momentum", -2.0, 0.04), ("adam", -3.0, 0.0), ("lion", -4.0, 0.06)];
const ACTIVATIONS: [(&str, f64); 3] = [("relu", 0.04), ("gelu", 0.0), ("tanh", 0.1)];

fn mixed_space() -> Space {
    Space::new(vec![
        log_float("lr", 1e-6, 1.0),
        log_float("decay", 1e-6, 1e-1),
        float("dropout", 0.0, 0.8),
        float("smoothing", 0.0, 0.5),
        Parameter::new("layers", Domain::Int { low: 1, high: 12, log: false, step: 1 }),
        Parameter::new("width", Domain::Int { low: 16, high: 2048, log: true, step: 1 }),
        choice("optimizer", &OPTIMIZERS.map(|(name, _, _)| name)),
        choice("activation", &ACTIVATIONS.map(|(name, _)| name)),
    ])
}

/// A validation error as of a small network: 0.02 at its best. Each optimizer has a learning rate of its own, which falls
/// with the width; deeper networks want more dropout.
fn mixed(settings: &Map<String, Value>) -> f64 {
    let squared = |value: f64| value * value;
    let logarithm = |name: &str| number(settings, name).log10();
    let octaves = (number(settings, "width") / 256.0).log2();
    let layers = number(settings, "layers");
    let (_, best_lr, by_optimizer) =
        OPTIMIZERS.iter().find(|(name, _, _)| settings["optimizer"] == *name).unwrap();
    let (_, by_activation) =
        ACTIVATIONS.iter().find(|(name, _)| settings["activation"] == *name).unwrap();
    0.02 + by_optimizer
        + by_activation
        + 0.1 * squared(logarithm("lr") - (best_lr - 0.5 * octaves))
        + 0.02 * squared(logarithm("decay") + 4.0)
        + 0.8 * squared(number(settings, "dropout") - 0.05 * layers)
        + 0.6 * squared(number(settings, "smoothing") - 0.1)
        + 0.01 * squared(layers - 5.0)
        + 0.02 * squared(octaves)
}

fn float(name: &str, low: f64, high: f64) -> Parameter {
    Parameter::new(name, Domain::Float { low, high, log: false, step: None })
}

fn log_float(name: &str, low: f64, high: f64) -> Parameter {
    Parameter::new(name, Domain::Float { low, high, log: true, step: None })
}

fn choice(name: &str, choices: &[&str]) -> Parameter {
    let choices = choices.iter().map(|choice| Value::from(*choice)).collect();
    Parameter::new(name, Domain::Choice { choices, disabled: BTreeSet::new() })
}
