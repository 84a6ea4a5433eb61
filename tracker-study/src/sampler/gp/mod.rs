//! A Gaussian process: what the losses of tried points say of all others, and where it pays most to look next
//! (Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", whose equations `GPML` names).

mod coordinates;
mod density;
mod improvement;
mod matern;
mod matrix;
mod model;
mod rprop;
mod sampler;
mod search;
mod standard;
pub(crate) mod surface;
#[cfg(test)]
pub(super) mod tests;

pub(super) use sampler::Gp;
