//! A text as numbers, and back.

use candle_hooks::candle_core::{Device, Result, Tensor};
use rand::Rng;

/// The text that is trained on unless another one is named: the documents of this repository.
pub(crate) const DOCUMENTS: &str = include_str!("../../data/text/documents.txt");

/// The characters of a text, each with its number.
#[derive(Debug)]
pub(crate) struct Alphabet(Vec<char>);

impl Alphabet {
    pub(crate) fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Self(characters)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The numbers of a text's characters; those that are not in the alphabet are left out.
    pub(crate) fn numbers(&self, text: &str) -> Vec<u32> {
        let number = |character| self.0.binary_search(&character).ok();
        text.chars().filter_map(number).map(|number| number as u32).collect()
    }

    pub(crate) fn text(&self, numbers: &[u32]) -> String {
        numbers.iter().filter_map(|number| self.0.get(*number as usize)).collect()
    }
}

/// Parts of a text at places that `random` picks: characters of shape `(count, length)`, and
/// those that follow each of them.
pub(crate) fn batch(
    text: &[u32],
    count: usize,
    length: usize,
    random: &mut impl Rng,
) -> Result<(Tensor, Tensor)> {
    let starts: Vec<usize> =
        (0..count).map(|_| random.random_range(0..text.len() - length)).collect();
    Ok((parts(text, &starts, length)?, parts(text, &following(&starts), length)?))
}

/// The whole text in parts of this length, one after the other, as [`batch`] gives them. What is
/// left over at the end is left out.
pub(crate) fn in_order(text: &[u32], length: usize) -> Result<(Tensor, Tensor)> {
    let starts: Vec<usize> = (0..(text.len() - 1) / length).map(|part| part * length).collect();
    Ok((parts(text, &starts, length)?, parts(text, &following(&starts), length)?))
}

fn following(starts: &[usize]) -> Vec<usize> {
    starts.iter().map(|start| start + 1).collect()
}

fn parts(text: &[u32], starts: &[usize], length: usize) -> Result<Tensor> {
    let part = |start: &usize| text.iter().skip(*start).take(length).copied();
    let numbers: Vec<u32> = starts.iter().flat_map(part).collect();
    Tensor::from_vec(numbers, (starts.len(), length), &Device::Cpu)
}
