//! placeholder
use candle_core::{Result, Tensor, backprop::GradStore};
#[derive(Debug)]
pub(crate) enum Norm {
    Known(f64),
    OnDevice(Tensor),
}
pub(crate) fn norm(variables: &[Tensor], grads: &GradStore) -> Result<Option<Norm>> {
    let mut sum = 0.0;
    for v in variables {
        if let Some(g) = grads.get(v) {
            sum += g.to_dtype(candle_core::DType::F64)?.sqr()?.sum_all()?.to_scalar::<f64>()?;
        }
    }
    Ok(Some(Norm::Known(sum.sqrt())))
}
pub(crate) fn clip(variables: &[Tensor], grads: &mut GradStore, max: f64) -> Result<Norm> {
    let Some(Norm::Known(n)) = norm(variables, grads)? else { candle_core::bail!("x") };
    let f = max / (n + 1e-6);
    if f < 1.0 {
        for v in variables {
            if let Some(g) = grads.remove(v) {
                grads.insert(v, (g * f)?);
            }
        }
    }
    Ok(Norm::Known(n))
}
