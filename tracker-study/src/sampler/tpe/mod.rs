//! Tree-structured Parzen estimators: which values good trials have, and bad ones have not (Bergstra and others 2011,
//! "Algorithms for Hyper-Parameter Optimization"), by the rules of Optuna's `TPESampler` (Watanabe 2023, "Tree-Structured
//! Parzen Estimator").

mod choices;
mod estimator;
mod numbers;
mod sampler;
mod scale;
#[cfg(test)]
mod tests;

pub(super) use sampler::Tpe;
