//! The norm over all gradients.

use candle_core::{DType, Device, DeviceLocation, Result, Tensor, backprop::GradStore};

use tracker_core::adapter::sums;

use crate::{
    device::{self, computed_type},
    host,
};

/// How many elements of small gradients are put together, to be worked on at once: a device needs
/// longer to begin an operation than to do it.
const POOL: usize = 1 << 22;

/// A number that is known on the host, or that waits on a device.
#[derive(Debug, Clone)]
pub(crate) enum Amount {
    /// Known.
    Host(f64),
    /// A detached scalar of f32 or f64.
    Device(Tensor),
}

/// The square root of the sum of squares of the gradients of all `variables`; `None` if there is no
/// gradient. It is NaN or infinite if one of the values is.
///
/// On the CPU the norm is known at once. Otherwise it is a scalar on the device of the first
/// gradient that is on one; the norms of gradients on other devices are brought there.
///
/// # Errors
/// If a device fails.
pub(crate) fn norm(variables: &[Tensor], gradients: &GradStore) -> Result<Option<Amount>> {
    norm_of(&of_variables(variables, gradients), Device::is_cpu)
}

/// The gradients of the variables, detached.
pub(super) fn of_variables(variables: &[Tensor], gradients: &GradStore) -> Vec<Tensor> {
    let of_variable = |variable| gradients.get(variable).map(Tensor::detach);
    let is_float = |gradient: &Tensor| gradient.dtype().is_float() && gradient.elem_count() > 0;
    variables.iter().filter_map(of_variable).filter(is_float).collect()
}

/// The norm of gradients; `on_host` says of which devices they are read in place.
pub(super) fn norm_of(
    gradients: &[Tensor],
    on_host: impl Fn(&Device) -> bool,
) -> Result<Option<Amount>> {
    if gradients.is_empty() {
        return Ok(None);
    }
    let (near, far): (Vec<_>, Vec<_>) =
        gradients.iter().partition(|gradient| on_host(gradient.device()));
    let norm_near = |gradient: &&Tensor| host::read(gradient, sums::norm, sums::norm);
    let near = sums::norm(&near.iter().map(norm_near).collect::<Result<Vec<f64>>>()?);
    let Some(first) = far.first() else { return Ok(Some(Amount::Host(near))) };

    let mut norms = norms_on_devices(&far)?;
    if near > 0.0 || near.is_nan() {
        norms.push(Tensor::new(near, &Device::Cpu)?);
    }
    let dtype = common_type(norms.iter().map(Tensor::dtype), first.device());
    let there = |norm: &Tensor| norm.to_dtype(dtype)?.to_device(first.device());
    let norms = norms.iter().map(there).collect::<Result<Vec<_>>>()?;
    match &norms[..] {
        [only] => Ok(Some(Amount::Device(only.clone()))),
        several => Ok(Some(Amount::Device(device::norm(&Tensor::stack(several, 0)?)?))),
    }
}

/// f64 if one of the types is, and the device has it.
fn common_type(mut types: impl Iterator<Item = DType>, device: &Device) -> DType {
    if !device.is_metal() && types.any(|dtype| dtype == DType::F64) {
        DType::F64
    } else {
        DType::F32
    }
}

/// Some norms whose norm is that of all `gradients`, each on its device.
fn norms_on_devices(gradients: &[&Tensor]) -> Result<Vec<Tensor>> {
    let mut pools: Vec<Pool> = Vec::new();
    let mut norms = Vec::new();
    for gradient in gradients {
        let (location, dtype) = (gradient.device().location(), computed_type(gradient.dtype()));
        let fits = |pool: &&mut Pool| pool.location == location && pool.dtype == dtype;
        let vector = gradient.to_dtype(dtype)?.flatten_all()?;
        let Some(pool) = pools.iter_mut().find(fits) else {
            pools.push(Pool {
                location,
                dtype,
                elements: vector.elem_count(),
                parts: vec![vector],
            });
            continue;
        };
        if pool.elements + vector.elem_count() > POOL {
            norms.extend(pool.norm()?);
        }
        pool.elements += vector.elem_count();
        pool.parts.push(vector);
    }
    for pool in &mut pools {
        norms.extend(pool.norm()?);
    }
    Ok(norms)
}

/// Gradients of one device and type that are worked on together.
struct Pool {
    location: DeviceLocation,
    dtype: DType,
    elements: usize,
    parts: Vec<Tensor>,
}

impl Pool {
    /// The norm of what is in the pool, which is empty afterwards.
    fn norm(&mut self) -> Result<Option<Tensor>> {
        self.elements = 0;
        match &std::mem::take(&mut self.parts)[..] {
            [] => Ok(None),
            [only] => device::norm(only).map(Some),
            several => device::norm(&Tensor::cat(several, 0)?).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::*;

    /// Variables with gradients that are strided, broadcast, or of another type.
    fn case() -> Result<(Vec<Tensor>, GradStore, f64)> {
        let device = Device::Cpu;
        let vars = [
            Var::randn(0_f32, 1.0, (30, 40), &device)?,
            Var::randn(0_f32, 1.0, (40, 30), &device)?,
            Var::randn(0_f32, 1.0, 77, &device)?,
            Var::from_tensor(&Tensor::randn(0_f32, 1.0, 33, &device)?.to_dtype(DType::BF16)?)?,
            Var::from_tensor(&Tensor::randn(0_f32, 1.0, 33, &device)?.to_dtype(DType::F16)?)?,
            Var::randn(0_f64, 1.0, 21, &device)?,
        ];
        let variables: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        let loss = (vars[0].sqr()?.sum_all()? + vars[1].t()?.mul(&vars[0])?.sum_all()?)?;
        let mut gradients = (loss + vars[2].sum_all()?)?.backward()?;
        for var in &vars[3..] {
            gradients.insert(var, var.sqr()?.detach());
        }
        let mut squares = 0.0;
        for variable in &variables {
            let gradient = gradients.get(variable).unwrap().to_dtype(DType::F64)?;
            squares += gradient.sqr()?.sum_all()?.to_scalar::<f64>()?;
        }
        Ok((variables, gradients, squares.sqrt()))
    }

    fn known(amount: Amount) -> f64 {
        match amount {
            Amount::Host(norm) => norm,
            Amount::Device(norm) => norm.to_dtype(DType::F64).unwrap().to_scalar().unwrap(),
        }
    }

    #[test]
    fn the_norm_is_that_of_all_gradients_on_the_host_and_on_a_device() -> Result<()> {
        let (variables, gradients, expected) = case()?;
        let found = norm(&variables, &gradients)?.unwrap();
        assert!(matches!(found, Amount::Host(_)));
        assert!((known(found) / expected - 1.0).abs() < 1e-6);
        let on_device = norm_of(&of_variables(&variables, &gradients), |_| false)?.unwrap();
        assert!(matches!(on_device, Amount::Device(_)));
        assert!((known(on_device) / expected - 1.0).abs() < 1e-5);
        Ok(())
    }

    #[test]
    fn gradients_of_inputs_do_not_count() -> Result<()> {
        let variable = Var::new(&[3_f32, 4.0], &Device::Cpu)?;
        let input = Var::new(&[100_f32, 100.0], &Device::Cpu)?;
        let unused = Var::new(&[1_f32], &Device::Cpu)?;
        let gradients = (variable.mul(&input)?.sum_all()? / 100.0)?.backward()?;
        let variables = [variable.as_tensor().clone(), unused.as_tensor().clone()];
        let norm = |variables: &[Tensor]| norm(variables, &gradients);
        assert!((known(norm(&variables)?.unwrap()) - 2_f64.sqrt()).abs() < 1e-6);
        assert!(norm(&variables[1..])?.is_none());
        Ok(())
    }

    #[test]
    fn extreme_gradients_keep_their_norm_everywhere() -> Result<()> {
        for magnitude in [1e-25_f32, 1e-30, 1e25, 0.0, f32::INFINITY, f32::NAN] {
            let gradients: Vec<Tensor> = (0..3)
                .map(|_| Tensor::full(magnitude, 100, &Device::Cpu))
                .collect::<Result<_>>()?;
            let expected = f64::from(magnitude) * 300_f64.sqrt();
            for on_host in [true, false] {
                let found = known(norm_of(&gradients, |_| on_host)?.unwrap());
                let is_equal = found == expected || (found / expected - 1.0).abs() < 1e-5;
                assert!(is_equal || found.is_nan() && expected.is_nan(), "{found} {expected}");
            }
        }
        Ok(())
    }

    #[test]
    fn large_gradients_are_pooled_without_loss() -> Result<()> {
        // The small ones have the greater part of the norm.
        let sizes = [(POOL / 2 + 1, 1.0), (POOL / 2, 1.0), (7, 2e3), (POOL + 3, 1.0), (5, 3e3)];
        let gradients: Vec<Tensor> = sizes
            .iter()
            .map(|(elements, value)| Tensor::full(*value as f32, *elements, &Device::Cpu))
            .collect::<Result<_>>()?;
        let squares: f64 =
            sizes.iter().map(|(elements, value)| *elements as f64 * value * value).sum();
        let found = known(norm_of(&gradients, |_| false)?.unwrap());
        assert!((found / squares.sqrt() - 1.0).abs() < 1e-4, "{found}");
        Ok(())
    }
}
