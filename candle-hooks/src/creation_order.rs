//! An order of tensors that is the same each time a program runs.

use std::hash::{Hash as _, Hasher};

use candle_core::Tensor;

/// Sorts tensors by when they were made. A [`VarMap`](candle_nn::VarMap) gives its variables in another
/// order in each process, and a sum over them would have another last bit.
pub(crate) fn sort(tensors: &mut [Tensor]) {
    tensors.sort_by_key(place);
}

/// The number of a tensor, which counts all that are made. Candle shows it to a hasher alone.
fn place(tensor: &Tensor) -> u64 {
    let mut number = Number(0);
    tensor.id().hash(&mut number);
    number.0
}

/// Takes the number that is hashed as it is.
struct Number(u64);

impl Hasher for Number {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = number as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn what_was_made_first_comes_first() {
        let mut tensors: Vec<Tensor> =
            (0..300_u32).map(|value| Tensor::full(value, (), &Device::Cpu).unwrap()).collect();
        tensors.sort_by_key(|tensor| tensor.to_scalar::<u32>().unwrap() % 7);
        sort(&mut tensors);
        let values: Vec<u32> = tensors.iter().map(|tensor| tensor.to_scalar().unwrap()).collect();
        assert_eq!(values, (0..300).collect::<Vec<_>>());
    }
}
