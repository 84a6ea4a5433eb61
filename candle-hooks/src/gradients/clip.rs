//! Limits gradients before the optimizer gets them.

use candle_core::{Device, Result, Tensor, Var, backprop::GradStore, bail};

use super::norm::{Amount, norm_of, of_variables};
use crate::{
    creation_order,
    device::{computed_type, constant, greatest_of},
};

/// Keeps a norm of 0 from a division by 0, as `torch.nn.utils.clip_grad_norm_` does.
const EPSILON: f64 = 1e-6;

/// Scales the gradients of `variables` so that their norm, taken over all of them together, is at
/// most `max_norm`.
///
/// It does what `torch.nn.utils.clip_grad_norm_` does, except that gradients whose norm is NaN or
/// infinite stay as they are: scaled, all of them would be NaN or 0. Gradients that are small
/// enough keep their bits.
///
/// For loops without [`Hooks`](crate::Hooks). On a GPU nothing is read back: the factor stays on
/// the device. With variables on several devices it is brought from the first to the others.
///
/// ```
/// # use candle_hooks::{candle_core::{Device, Result, Var}, clip_grad_norm};
/// # use candle_nn::{Optimizer, SGD};
/// # fn main() -> Result<()> {
/// # let weight = Var::new(&[3_f32, 4.0], &Device::Cpu)?;
/// # let mut optimizer = SGD::new(vec![weight.clone()], 0.1)?;
/// # let loss = weight.sqr()?.sum_all()?;
/// let mut gradients = loss.backward()?;
/// clip_grad_norm(&[weight], &mut gradients, 1.0)?;
/// optimizer.step(&gradients)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If `max_norm` is negative or NaN, or a device fails.
pub fn clip_grad_norm(variables: &[Var], gradients: &mut GradStore, max_norm: f64) -> Result<()> {
    clip(&unique(variables), gradients, max_norm).map(drop)
}

/// Cuts each element of the gradients of `variables` to `-max ..= max`. NaN stays NaN.
///
/// # Errors
/// If `max` is negative or NaN, or a device fails.
pub fn clip_grad_value(variables: &[Var], gradients: &mut GradStore, max: f64) -> Result<()> {
    check("clip_grad_value", max)?;
    for variable in unique(variables) {
        if let Some(gradient) = gradients.get(&variable) {
            let cut = cut(&gradient.detach(), max)?;
            gradients.insert(&variable, cut);
        }
    }
    Ok(())
}

/// As [`clip_grad_norm`], and gives the norm before; `None` if no variable has a gradient. It is
/// for the caller to count a norm that is NaN or infinite: the gradients are then unchanged.
///
/// On the CPU nothing is written if the norm is small enough. Of other devices, see [`norm`] for
/// where the result is.
///
/// [`norm`]: super::norm
///
/// # Errors
/// If `max_norm` is negative or NaN, or a device fails.
pub(crate) fn clip(
    variables: &[Tensor],
    gradients: &mut GradStore,
    max_norm: f64,
) -> Result<Option<Amount>> {
    clip_where(variables, gradients, max_norm, Device::is_cpu)
}

fn clip_where(
    variables: &[Tensor],
    gradients: &mut GradStore,
    max_norm: f64,
    on_host: impl Fn(&Device) -> bool,
) -> Result<Option<Amount>> {
    check("clip_grad_norm", max_norm)?;
    let Some(norm) = norm_of(&of_variables(variables, gradients), on_host)? else {
        return Ok(None);
    };
    match &norm {
        Amount::Host(norm) => {
            let factor = max_norm / (norm + EPSILON);
            if norm.is_finite() && factor < 1.0 {
                change(variables, gradients, |gradient| gradient.affine(factor, 0.0))?;
            }
        }
        Amount::Device(norm) => {
            let factor = factor_on_device(norm, max_norm)?;
            change(variables, gradients, |gradient| {
                let factor = factor.to_device(gradient.device())?;
                gradient.broadcast_mul(&factor.to_dtype(gradient.dtype())?)
            })?;
        }
    }
    Ok(Some(norm))
}

/// What gradients are multiplied with: 1 if they are small enough, or no numbers.
fn factor_on_device(norm: &Tensor, max_norm: f64) -> Result<Tensor> {
    let (dtype, device) = (norm.dtype(), norm.device());
    let one = constant(1.0, dtype, device)?;
    let factor = norm.affine(1.0, EPSILON)?.recip()?.affine(max_norm, 0.0)?.minimum(&one)?;
    let is_number = norm.le(&constant(greatest_of(dtype), dtype, device)?)?;
    is_number.where_cond(&factor, &one)
}

/// Puts what `change` makes of each gradient in its place. It gets f32 or f64: a factor in bf16
/// would be a hundredth off.
fn change(
    variables: &[Tensor],
    gradients: &mut GradStore,
    change: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<()> {
    for variable in variables {
        let Some(gradient) = gradients.get(variable).map(Tensor::detach) else { continue };
        if !gradient.dtype().is_float() {
            continue;
        }
        let changed = change(&gradient.to_dtype(computed_type(gradient.dtype()))?)?;
        gradients.insert(variable, changed.to_dtype(gradient.dtype())?);
    }
    Ok(())
}

fn cut(gradient: &Tensor, max: f64) -> Result<Tensor> {
    let (dtype, device) = (gradient.dtype(), gradient.device());
    let limit = |value: f64| constant(value, dtype, device)?.broadcast_as(gradient.shape());
    let cut = gradient.maximum(&limit(-max)?)?.minimum(&limit(max)?)?;
    // The maximum of NaN and a number is the number on some devices.
    gradient.ne(gradient)?.where_cond(gradient, &cut)
}

fn check(function: &str, max: f64) -> Result<()> {
    if max >= 0.0 {
        return Ok(());
    }
    bail!("{function}: {max} is no limit\nhint: give a number of 0 or more, such as 1.0")
}

/// Each variable once, though it may be listed twice, in the order in which they were made.
pub(crate) fn unique(variables: &[Var]) -> Vec<Tensor> {
    let mut tensors: Vec<Tensor> =
        variables.iter().map(|variable| variable.as_tensor().clone()).collect();
    creation_order::sort(&mut tensors);
    tensors.dedup_by_key(|tensor| tensor.id());
    tensors
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use candle_core::DType;

    use super::*;

    fn variable(values: &[f32]) -> Var {
        Var::new(values, &Device::Cpu).unwrap()
    }

    /// Gradients that are `values`, of two variables.
    fn case(values: [&[f32]; 2], dtype: DType) -> Result<(Vec<Tensor>, GradStore)> {
        let unrelated = variable(&[1.0]);
        let mut gradients = unrelated.sum_all()?.backward()?;
        let mut variables = Vec::new();
        for values in values {
            let gradient = Tensor::new(values, &Device::Cpu)?.to_dtype(dtype)?;
            let variable = Var::from_tensor(&gradient.zeros_like()?)?;
            gradients.insert(&variable, gradient);
            variables.push(variable.as_tensor().clone());
        }
        Ok((variables, gradients))
    }

    fn values(variables: &[Tensor], gradients: &GradStore) -> Vec<f64> {
        let of = |variable| {
            let gradient = gradients.get(variable).unwrap().to_dtype(DType::F64).unwrap();
            gradient.to_vec1::<f64>().unwrap()
        };
        variables.iter().flat_map(of).collect()
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn large_gradients_are_scaled_as_a_whole() -> Result<()> {
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            for on_host in [true, false] {
                let (variables, mut gradients) = case([&[6.0, 0.0], &[0.0, -8.0]], dtype)?;
                let norm = clip_where(&variables, &mut gradients, 5.0, |_| on_host)?.unwrap();
                let norm = match norm {
                    Amount::Host(norm) => norm,
                    Amount::Device(norm) => norm.to_dtype(DType::F64)?.to_scalar()?,
                };
                assert!((norm - 10.0).abs() < 1e-5, "{dtype:?} {norm}");
                let found = values(&variables, &gradients);
                for (found, expected) in found.iter().zip([3.0, 0.0, 0.0, -4.0]) {
                    assert!((found - expected).abs() < 1e-6, "{dtype:?} {found}");
                }
                let types = variables.iter().map(|of| gradients.get(of).unwrap().dtype());
                assert!(types.into_iter().all(|of| of == dtype));
            }
        }
        Ok(())
    }

    #[test]
    fn small_gradients_keep_their_bits() -> Result<()> {
        for on_host in [true, false] {
            let (variables, mut gradients) = case([&[0.1, 0.2], &[-0.3, 1e-30]], DType::F32)?;
            let before = values(&variables, &gradients);
            let id = gradients.get(&variables[0]).unwrap().id();
            clip_where(&variables, &mut gradients, 1.0, |_| on_host)?;
            assert_eq!(bits(&values(&variables, &gradients)), bits(&before));
            let is_written = gradients.get(&variables[0]).unwrap().id() != id;
            assert_eq!(is_written, !on_host);
        }
        Ok(())
    }

    #[test]
    fn gradients_that_are_no_numbers_stay_as_they_are() -> Result<()> {
        for trouble in [f32::NAN, f32::INFINITY] {
            for on_host in [true, false] {
                let (variables, mut gradients) = case([&[3.0, trouble], &[-4.0]], DType::F32)?;
                let before = values(&variables, &gradients);
                clip_where(&variables, &mut gradients, 1.0, |_| on_host)?;
                assert_eq!(bits(&values(&variables, &gradients)), bits(&before));
            }
        }
        Ok(())
    }

    #[test]
    fn gradients_far_beyond_f32_squares_are_clipped() -> Result<()> {
        for on_host in [true, false] {
            let (variables, mut gradients) = case([&[3e25], &[4e25]], DType::F32)?;
            clip_where(&variables, &mut gradients, 1.0, |_| on_host)?;
            let found = values(&variables, &gradients);
            assert!((found[0] - 0.6).abs() < 1e-6 && (found[1] - 0.8).abs() < 1e-6, "{found:?}");
        }
        Ok(())
    }

    #[test]
    fn a_variable_listed_twice_is_clipped_once() -> Result<()> {
        let weight = variable(&[3.0, 4.0]);
        let mut gradients = weight.sqr()?.sum_all()?.backward()?;
        clip_grad_norm(&[weight.clone(), weight.clone()], &mut gradients, 5.0)?;
        let found = gradients.get(&weight).unwrap().to_vec1::<f32>()?;
        assert!((found[0] - 3.0).abs() < 1e-5 && (found[1] - 4.0).abs() < 1e-5, "{found:?}");
        Ok(())
    }

    #[test]
    fn values_are_cut_and_nan_is_kept() -> Result<()> {
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            let (variables, mut gradients) =
                case([&[0.25, -3.0, f32::NAN], &[f32::INFINITY, 0.5]], dtype)?;
            let vars: Vec<Var> = variables.iter().map(Var::from_tensor).collect::<Result<_>>()?;
            clip_grad_value(&vars, &mut gradients, 0.5)?;
            let found = values(&variables, &gradients);
            assert!(found[2].is_nan());
            assert_eq!((found[0], found[1], found[3], found[4]), (0.25, -0.5, 0.5, 0.5));
        }
        Ok(())
    }

    #[test]
    fn without_gradients_there_is_nothing_to_clip() -> Result<()> {
        let (variable, unused) = (variable(&[1.0]), variable(&[1.0]));
        let mut gradients = variable.sum_all()?.backward()?;
        assert!(clip(&[unused.as_tensor().clone()], &mut gradients, 0.1)?.is_none());
        clip_grad_value(&[unused], &mut gradients, 0.1)
    }

    #[test]
    fn a_limit_that_is_none_is_an_error_with_a_hint() -> Result<()> {
        let variable = variable(&[1.0]);
        let mut gradients = variable.sum_all()?.backward()?;
        for max in [-1.0, f64::NAN] {
            let clipped = clip_grad_norm(from_ref(&variable), &mut gradients, max);
            assert!(clipped.unwrap_err().to_string().contains("hint:"));
            assert!(clip_grad_value(from_ref(&variable), &mut gradients, max).is_err());
        }
        Ok(())
    }

    #[test]
    fn clipped_gradients_hold_no_graph() -> Result<()> {
        let weight = variable(&[3.0, 4.0]);
        let mut gradients = weight.sqr()?.sum_all()?.backward()?;
        clip_grad_norm(from_ref(&weight), &mut gradients, 1.0)?;
        let clipped = gradients.get(&weight).unwrap();
        assert!(clipped.sorted_nodes().is_empty() && !clipped.is_variable());
        Ok(())
    }
}
