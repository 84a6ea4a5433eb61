//! What can be handed over: numbers and tensors with one element.

use burn::prelude::*;
use tracker_core::{
    Problem,
    adapter::recorder::{Amount, Count, Measured},
};

use crate::custom_loop::readings::Value;

/// A value for [`Loop::metric`](crate::Loop::metric): a number, or a tensor with one element, of any
/// shape, on any device. A tensor on a GPU is not waited for.
#[derive(Debug, Clone)]
pub struct LoopValue(Inner);

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "it lives for one call")]
enum Inner {
    Number(f64),
    Tensor(Value),
    /// A tensor that is no single value, by its shape.
    Several(Vec<usize>),
}

impl From<f64> for LoopValue {
    fn from(number: f64) -> Self {
        Self(Inner::Number(number))
    }
}

impl From<f32> for LoopValue {
    fn from(number: f32) -> Self {
        Self(Inner::Number(number.into()))
    }
}

impl<const D: usize> From<&Tensor<D>> for LoopValue {
    fn from(tensor: &Tensor<D>) -> Self {
        if tensor.shape().num_elements() != 1 {
            return Self(Inner::Several(tensor.dims().to_vec()));
        }
        // Without its graph.
        Self(Inner::Tensor(Value::Float(tensor.clone().inner().reshape([1]))))
    }
}

impl LoopValue {
    /// The value for the recorder, or what is wrong with it.
    pub(crate) fn single(&self, name: &str, step: u64) -> Result<Measured<'_, Value>, Problem> {
        match &self.0 {
            Inner::Number(number) => Ok(Measured::Number(*number)),
            Inner::Tensor(value) => Ok(Measured::Value(value)),
            Inner::Several(dims) if name == "loss" => Err(loss_not_scalar(dims, step)),
            Inner::Several(dims) => Err(metric_not_scalar(name, dims, step)),
        }
    }
}

/// Counts the right answers, on their device.
pub(crate) fn count(
    logits: &Tensor<2>,
    labels: &Tensor<1, Int>,
    step: u64,
) -> Result<Count<Value>, Problem> {
    let ([items, classes], [answers]) = (logits.dims(), labels.dims());
    if items != answers || classes == 0 {
        return Err(shapes_differ([items, classes], answers, step));
    }
    let answer = logits.clone().inner().argmax(1).reshape([items]);
    let labels = labels.clone().inner().cast(answer.dtype());
    let correct = answer.equal(labels).int().sum();
    Ok(Count {
        correct: Amount::OnDevice(Value::Int(correct)),
        total: Amount::Known(answers as u64),
        items: items as u64,
        out_of_range: 0,
    })
}

fn loss_not_scalar(dims: &[usize], step: u64) -> Problem {
    Problem::new(
        "loss-not-scalar",
        format!("a loss of shape {dims:?} at step {step} is no single value"),
        "reduce it first, such as with `loss.mean()`",
    )
}

fn metric_not_scalar(name: &str, dims: &[usize], step: u64) -> Problem {
    Problem::new(
        "metric-not-scalar",
        format!("`{name}` of shape {dims:?} at step {step} is no single value"),
        "reduce it first, such as with `tensor.mean()`",
    )
}

fn shapes_differ(logits: [usize; 2], labels: usize, step: u64) -> Problem {
    Problem::new(
        "accuracy-shapes-differ",
        format!("logits of shape {logits:?} and {labels} labels at step {step} do not fit"),
        "give logits of shape [batch, classes] and labels of shape [batch]",
    )
}
