//! Tensors as TensorFlow writes them.

use crate::tensorboard::{
    event::dtype,
    wire::{self, Fields, Malformed, Wire},
};

/// A tensor whose elements are looked at where they stand.
#[derive(Debug, Clone)]
pub(crate) struct Tensor<'a> {
    dtype: u64,
    /// The lengths of its dimensions, the first four.
    shape: Vec<u64>,
    message: &'a [u8],
}

impl<'a> Tensor<'a> {
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        if Fields(message).any(|field| field.is_err()) {
            return Err(Malformed);
        }
        let dtype = wire::varint_of(message, 1).unwrap_or_default();
        let shape = wire::bytes_of(message, 2).unwrap_or_default();
        let dimensions = Fields(shape).filter_map(|field| match field {
            Ok((2, Wire::Bytes(dimension))) => {
                Some(wire::varint_of(dimension, 1).unwrap_or_default())
            }
            _ => None,
        });
        Ok(Self { dtype, shape: dimensions.take(4).collect(), message })
    }

    pub(crate) fn shape(&self) -> &[u64] {
        &self.shape
    }

    pub(crate) fn is_text(&self) -> bool {
        self.dtype == dtype::STRING
    }

    /// Its number, if it is one.
    pub(crate) fn scalar(&self) -> Option<f64> {
        let is_one = self.shape.iter().all(|length| *length == 1);
        let mut numbers = self.numbers();
        let number = numbers.next().filter(|_| is_one)?;
        numbers.next().is_none().then_some(number)
    }

    /// Its texts, or bytes.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let is_text = self.is_text();
        Fields(self.message).filter_map(move |field| match field {
            Ok((8, Wire::Bytes(bytes))) if is_text => Some(bytes),
            _ => None,
        })
    }

    /// Its numbers, those that are written. Where all from one on are the same, that one is written once.
    pub(crate) fn numbers(&self) -> Box<dyn Iterator<Item = f64> + 'a> {
        let content = wire::bytes_of(self.message, 4).unwrap_or_default();
        if content.is_empty() { self.listed() } else { self.contained(content) }
    }

    fn contained(&self, content: &'a [u8]) -> Box<dyn Iterator<Item = f64> + 'a> {
        match self.dtype {
            dtype::FLOAT => each(content, |bytes| f32::from_le_bytes(bytes).into()),
            dtype::DOUBLE => each(content, f64::from_le_bytes),
            dtype::HALF => each(content, |bytes| half(u16::from_le_bytes(bytes))),
            dtype::BFLOAT16 => each(content, |bytes| bfloat(u16::from_le_bytes(bytes))),
            dtype::INT8 => each(content, |bytes| i8::from_le_bytes(bytes).into()),
            dtype::UINT8 | dtype::BOOL => each(content, |bytes| u8::from_le_bytes(bytes).into()),
            dtype::INT16 => each(content, |bytes| i16::from_le_bytes(bytes).into()),
            dtype::UINT16 => each(content, |bytes| u16::from_le_bytes(bytes).into()),
            dtype::INT32 => each(content, |bytes| i32::from_le_bytes(bytes).into()),
            dtype::UINT32 => each(content, |bytes| u32::from_le_bytes(bytes).into()),
            dtype::INT64 => each(content, |bytes| i64::from_le_bytes(bytes) as f64),
            dtype::UINT64 => each(content, |bytes| u64::from_le_bytes(bytes) as f64),
            _ => Box::new(std::iter::empty()),
        }
    }

    fn listed(&self) -> Box<dyn Iterator<Item = f64> + 'a> {
        let message = self.message;
        match self.dtype {
            dtype::FLOAT => Box::new(fixed32(message).map(|bits| f32::from_bits(bits).into())),
            dtype::DOUBLE => Box::new(fixed64(message).map(f64::from_bits)),
            dtype::HALF => Box::new(varints(message, 13).map(|bits| half(bits as u16))),
            dtype::BFLOAT16 => Box::new(varints(message, 13).map(|bits| bfloat(bits as u16))),
            dtype::INT8 | dtype::INT16 | dtype::INT32 => {
                Box::new(varints(message, 7).map(|bits| f64::from(bits as i32)))
            }
            dtype::UINT8 | dtype::UINT16 => {
                Box::new(varints(message, 7).map(|bits| f64::from(bits as u16)))
            }
            dtype::INT64 => Box::new(varints(message, 10).map(|bits| bits as i64 as f64)),
            dtype::BOOL => {
                Box::new(varints(message, 11).map(|bits| f64::from(u8::from(bits != 0))))
            }
            dtype::UINT32 => Box::new(varints(message, 16).map(|bits| bits as f64)),
            dtype::UINT64 => Box::new(varints(message, 17).map(|bits| bits as f64)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

fn each<'a, const N: usize>(
    content: &'a [u8],
    number: impl Fn([u8; N]) -> f64 + 'a,
) -> Box<dyn Iterator<Item = f64> + 'a> {
    let (chunks, _) = content.as_chunks::<N>();
    Box::new(chunks.iter().map(move |chunk| number(*chunk)))
}

/// The floats of a tensor, packed or one by one.
fn fixed32(message: &[u8]) -> impl Iterator<Item = u32> {
    Fields(message).filter_map(Result::ok).flat_map(|field| {
        let (one, many) = match field {
            (5, Wire::Fixed32(bits)) => (Some(bits), &[][..]),
            (5, Wire::Bytes(packed)) => (None, packed),
            _ => (None, &[][..]),
        };
        let (chunks, _) = many.as_chunks::<4>();
        one.into_iter().chain(chunks.iter().map(|chunk| u32::from_le_bytes(*chunk)))
    })
}

/// The doubles of a tensor, packed or one by one.
fn fixed64(message: &[u8]) -> impl Iterator<Item = u64> {
    Fields(message).filter_map(Result::ok).flat_map(|field| {
        let (one, many) = match field {
            (6, Wire::Fixed64(bits)) => (Some(bits), &[][..]),
            (6, Wire::Bytes(packed)) => (None, packed),
            _ => (None, &[][..]),
        };
        let (chunks, _) = many.as_chunks::<8>();
        one.into_iter().chain(chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)))
    })
}

/// The whole numbers of a field, packed or one by one.
fn varints(message: &[u8], number: u64) -> impl Iterator<Item = u64> {
    Fields(message).filter_map(Result::ok).flat_map(move |field| {
        let (one, many) = match field {
            (found, Wire::Varint(value)) if found == number => (Some(value), &[][..]),
            (found, Wire::Bytes(packed)) if found == number => (None, packed),
            _ => (None, &[][..]),
        };
        let mut packed = Fields(many);
        one.into_iter().chain(std::iter::from_fn(move || packed.varint()))
    })
}

fn bfloat(bits: u16) -> f64 {
    f32::from_bits(u32::from(bits) << 16).into()
}

/// A number of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => sign * f64::INFINITY,
        0x1f => f64::NAN,
        _ => sign * (fraction + 1024.0) * 2f64.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensorboard::wire::{put_bytes, put_uint, put_varint};

    #[test]
    fn a_half_is_the_number_it_stands_for() {
        for (bits, number) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2f64.powi(-24)),
            (0x7c00, f64::INFINITY),
            (0x8000, -0.0),
        ] {
            assert_eq!(half(bits).to_bits(), f64::to_bits(number));
        }
        assert!(half(0x7e00).is_nan());
        assert_eq!(bfloat(0xbf80), -1.0);
    }

    fn scalar(dtype: u64, write: impl FnOnce(&mut Vec<u8>)) -> Option<f64> {
        let mut out = Vec::new();
        put_uint(&mut out, 1, dtype);
        write(&mut out);
        Tensor::read(&out).unwrap().scalar()
    }

    #[test]
    fn a_number_is_read_wherever_its_type_keeps_it() {
        assert_eq!(
            scalar(dtype::DOUBLE, |out| put_bytes(out, 4, &0.1f64.to_le_bytes())),
            Some(0.1)
        );
        assert_eq!(
            scalar(dtype::DOUBLE, |out| put_bytes(out, 6, &0.1f64.to_le_bytes())),
            Some(0.1)
        );
        assert_eq!(scalar(dtype::FLOAT, |out| put_bytes(out, 5, &0.5f32.to_le_bytes())), Some(0.5));
        assert_eq!(scalar(dtype::HALF, |out| put_uint(out, 13, 0x3c00)), Some(1.0));
        assert_eq!(scalar(dtype::INT64, |out| put_uint(out, 10, u64::MAX - 6)), Some(-7.0));
        assert_eq!(scalar(dtype::INT32, |out| put_uint(out, 7, u64::MAX - 6)), Some(-7.0));
        assert_eq!(scalar(dtype::BOOL, |out| put_uint(out, 11, 1)), Some(1.0));
        let packed = |out: &mut Vec<u8>| {
            let mut numbers = Vec::new();
            put_varint(&mut numbers, 300);
            put_bytes(out, 17, &numbers);
        };
        assert_eq!(scalar(dtype::UINT64, packed), Some(300.0));
        assert_eq!(scalar(dtype::FLOAT, |_| {}), None);
        assert_eq!(scalar(dtype::FLOAT, |out| put_bytes(out, 4, &[0; 8])), None);
        assert_eq!(scalar(99, |out| put_bytes(out, 4, &[0; 8])), None);
    }
}
