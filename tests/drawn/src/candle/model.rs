//! A small network and its data.

use candle_core::{DType, Device, Module as _, Result, Tensor, Var};
use candle_nn::{Linear, VarBuilder, VarMap, linear, loss};

use super::{CandleTraining, Data, number};
use crate::{draw::Draw, ending::Ending};

const DEVICE: Device = Device::Cpu;
const FEATURES: usize = 3;
const CLASSES: usize = 3;

/// Weights of two layers, with what they are trained on.
pub(super) struct Model {
    pub(super) weights: VarMap,
    /// In the order of their names: the map has none.
    pub(super) variables: Vec<Var>,
    first: Linear,
    second: Linear,
    inputs: Tensor,
    labels: Tensor,
}

impl Model {
    /// The same each time. Candle's generator on the CPU cannot be seeded.
    pub(super) fn new(dtype: DType, hidden: usize, data: &Data) -> Self {
        let mut draw = Draw::new(data.seed);
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, dtype, &DEVICE);
        let first = linear(FEATURES, hidden, builder.pp("first")).unwrap();
        let second = linear(hidden, CLASSES, builder.pp("second")).unwrap();
        let mut named: Vec<(String, Var)> =
            weights.data().lock().unwrap().clone().into_iter().collect();
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        let variables: Vec<Var> = named.into_iter().map(|(_, variable)| variable).collect();
        for variable in &variables {
            variable.set(&drawn(&mut draw, variable.dims(), 1.0).to_dtype(dtype).unwrap()).unwrap();
        }
        let inputs =
            drawn(&mut draw, &[data.items, FEATURES], data.greatest).to_dtype(dtype).unwrap();
        let labels = draw.several(data.items, |draw| draw.within(0..=CLASSES - 1) as u32);
        let labels = Tensor::new(labels, &DEVICE).unwrap();
        Self { weights, variables, first, second, inputs, labels }
    }

    /// The mean loss of a batch, its logits and its labels.
    pub(super) fn loss(&self, indices: &[usize]) -> Result<(Tensor, Tensor, Tensor)> {
        let indices: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
        let indices = Tensor::new(indices, &DEVICE)?;
        let labels = self.labels.index_select(&indices, 0)?;
        let hidden = self.first.forward(&self.inputs.index_select(&indices, 0)?)?.tanh()?;
        let logits = self.second.forward(&hidden)?;
        Ok((loss::cross_entropy(&logits, &labels)?, logits, labels))
    }

    /// The mean loss of all items, in batches, and what `each` is told of them.
    pub(super) fn evaluate(
        &self,
        training: &CandleTraining,
        mut each: impl FnMut(&Tensor, &Tensor, &Tensor) -> Result<()>,
    ) -> Result<f64> {
        let all: Vec<usize> = (0..training.data.items).collect();
        let mut sum = 0.0;
        for indices in all.chunks(2 * training.data.batch) {
            let (loss, logits, labels) = self.loss(indices)?;
            sum += number(&loss)? * indices.len() as f64;
            each(&loss, &logits, &labels)?;
        }
        Ok(sum / all.len() as f64)
    }

    pub(super) fn weigh(&self, ending: &mut Ending) {
        for variable in &self.variables {
            let values = variable.flatten_all().and_then(|values| values.to_dtype(DType::F64));
            ending.weigh(values.unwrap().to_vec1::<f64>().unwrap());
        }
    }
}

fn drawn(draw: &mut Draw, dims: &[usize], greatest: f64) -> Tensor {
    let values = draw.several(dims.iter().product(), |draw| draw.share() * greatest);
    Tensor::from_vec(values, dims, &DEVICE).unwrap()
}
