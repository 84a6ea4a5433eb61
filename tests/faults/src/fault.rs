//! What goes wrong.

use candle_hooks::candle_core::{DType, Device, Result, Tensor, Var};

/// A fault that is planted at one step of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The pixels of one batch are inverted, and a thousand times too large. Were they too large alone, a batch
    /// of which each guess was right would have no loss at all.
    ScaledBatch,
    /// One pixel of one batch is NaN.
    NanBatch,
    /// All labels of one batch are wrong.
    WrongLabels,
    /// The loss of one batch is 10,000 times too large.
    ScaledLoss,
    /// The learning rate is a hundred times too high from a step on.
    HighRate,
    /// The learning rate is 0 from a step on: a schedule that ended too early.
    ZeroRate,
    /// A single weight becomes NaN.
    NanWeight,
    /// A single bias becomes infinite.
    InfiniteBias,
    /// The biases of a layer sink so low that none of its units fires again.
    DeadLayer,
    /// The weights of a layer become a hundred times as large.
    ScaledLayer,
    /// The weights of a layer become 0.
    ZeroedLayer,
    /// The loader gives no batch for two seconds.
    StalledLoader,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::ScaledBatch,
        Self::NanBatch,
        Self::WrongLabels,
        Self::ScaledLoss,
        Self::HighRate,
        Self::ZeroRate,
        Self::NanWeight,
        Self::InfiniteBias,
        Self::DeadLayer,
        Self::ScaledLayer,
        Self::ZeroedLayer,
        Self::StalledLoader,
    ];

    /// The variable that it changes, and how.
    pub(crate) fn change(self, variable: &Var) -> Result<Tensor> {
        let value = |factor, term| variable.as_tensor().affine(factor, term);
        match self {
            Self::NanWeight => with_first(variable, f32::NAN),
            Self::InfiniteBias => with_first(variable, f32::INFINITY),
            Self::DeadLayer => value(1.0, -1e3),
            Self::ScaledLayer => value(100.0, 0.0),
            Self::ZeroedLayer => value(0.0, 0.0),
            _ => value(1.0, 0.0),
        }
    }

    /// The variable that is to be named, where one is at fault.
    pub fn tensor(self) -> Option<&'static str> {
        match self {
            Self::NanWeight | Self::ScaledLayer | Self::ZeroedLayer => Some("second.weight"),
            Self::InfiniteBias => Some("output.bias"),
            Self::DeadLayer => Some("first.bias"),
            _ => None,
        }
    }
}

/// The variable with another first element.
fn with_first(variable: &Var, first: f32) -> Result<Tensor> {
    let mut values = variable.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
    if let Some(value) = values.first_mut() {
        *value = first;
    }
    Tensor::from_vec(values, variable.shape(), &Device::Cpu)
}
