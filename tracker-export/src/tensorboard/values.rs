//! Values with a plugin: texts, histograms, pictures, sounds, settings.

use tracker_core::Histogram;

use crate::tensorboard::{
    event::{Plugin, dtype},
    wire::{put_bytes, put_double, put_message, put_uint},
};

/// What stands beside each value of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) tag: &'a str,
    pub(crate) step: u64,
    /// Seconds since 1970.
    pub(crate) wall_time: f64,
}

impl At<'_> {
    /// Writes an event with a value: its plugin, what that keeps with it, and a tensor.
    fn write(
        self,
        out: &mut Vec<u8>,
        (plugin, content): (Plugin, &[u8]),
        tensor: impl FnOnce(&mut Vec<u8>),
    ) {
        put_double(out, 1, self.wall_time);
        put_uint(out, 2, self.step);
        put_message(out, 5, |out| {
            put_message(out, 1, |out| {
                put_bytes(out, 1, self.tag.as_bytes());
                put_message(out, 8, tensor);
                put_message(out, 9, |out| put_metadata(out, plugin, content));
            });
        });
    }

    pub(crate) fn text(self, out: &mut Vec<u8>, text: &str) {
        self.write(out, (Plugin::Text, &[]), |out| {
            put_uint(out, 1, dtype::STRING);
            put_shape(out, &[]);
            put_bytes(out, 8, text.as_bytes());
        });
    }

    /// Pictures of one step. TensorBoard keeps one size for all.
    pub(crate) fn pictures(self, out: &mut Vec<u8>, size: (u32, u32), pictures: &[Vec<u8>]) {
        self.write(out, (Plugin::Images, &[]), |out| {
            put_uint(out, 1, dtype::STRING);
            put_shape(out, &[pictures.len() as u64 + 2]);
            put_bytes(out, 8, size.0.to_string().as_bytes());
            put_bytes(out, 8, size.1.to_string().as_bytes());
            for picture in pictures {
                put_bytes(out, 8, picture);
            }
        });
    }

    /// Sounds of one step, as WAV files, each with what it is.
    pub(crate) fn sounds(self, out: &mut Vec<u8>, sounds: &[(Vec<u8>, String)]) {
        /// `encoding: WAV`.
        const WAV: [u8; 2] = [2 << 3, 11];
        self.write(out, (Plugin::Audio, &WAV), |out| {
            put_uint(out, 1, dtype::STRING);
            put_shape(out, &[sounds.len() as u64, 2]);
            for (sound, label) in sounds {
                put_bytes(out, 8, sound);
                put_bytes(out, 8, label.as_bytes());
            }
        });
    }

    pub(crate) fn histogram(self, out: &mut Vec<u8>, histogram: &Histogram) {
        let edges = histogram.edges();
        let bins = edges.iter().zip(edges.iter().skip(1)).zip(&histogram.counts);
        let mut numbers = Vec::with_capacity(histogram.counts.len() * 24);
        for ((left, right), count) in bins {
            for number in [*left, *right, *count as f64] {
                numbers.extend_from_slice(&number.to_bits().to_le_bytes());
            }
        }
        self.write(out, (Plugin::Histograms, &[]), |out| {
            put_uint(out, 1, dtype::DOUBLE);
            put_shape(out, &[histogram.counts.len() as u64, 3]);
            put_bytes(out, 4, &numbers);
        });
    }

    /// What the `HParams` tab reads: all of it is beside an empty tensor.
    pub(crate) fn hparams(self, out: &mut Vec<u8>, content: &[u8]) {
        self.write(out, (Plugin::HParams, content), |out| {
            put_uint(out, 1, dtype::FLOAT);
            put_shape(out, &[0]);
        });
    }
}

/// No class of data is named: of a value that names one, TensorBoard takes labels for sounds.
fn put_metadata(out: &mut Vec<u8>, plugin: Plugin, content: &[u8]) {
    put_message(out, 1, |out| {
        put_bytes(out, 1, plugin.name().as_bytes());
        put_bytes(out, 2, content);
    });
}

fn put_shape(out: &mut Vec<u8>, dimensions: &[u64]) {
    put_message(out, 2, |out| {
        for size in dimensions {
            put_message(out, 2, |out| put_uint(out, 1, *size));
        }
    });
}
