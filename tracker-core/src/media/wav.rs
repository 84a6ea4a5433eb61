//! Sound as a file.

/// The bytes of a WAV file with 16 bits a sample: <http://soundfile.sapp.org/doc/WaveFormat/>.
/// Samples go from -1 to 1; what is beyond is cut, and what is no number is silence.
pub(crate) fn encode(rate: u32, channels: u16, samples: &[f32]) -> Vec<u8> {
    const HEADER: u32 = 36;
    let frame = channels.saturating_mul(2);
    let length = (samples.len() as u32).saturating_mul(2);
    let mut bytes = Vec::with_capacity(44 + samples.len() * 2);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&HEADER.saturating_add(length).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&channels.to_le_bytes());
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&rate.saturating_mul(u32::from(frame)).to_le_bytes());
    bytes.extend_from_slice(&frame.to_le_bytes());
    bytes.extend_from_slice(&16_u16.to_le_bytes());
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&length.to_le_bytes());
    for sample in samples {
        // A NaN becomes 0.
        let level = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
        bytes.extend_from_slice(&level.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_stand_behind_a_header_that_says_how_they_are_played() {
        let bytes = encode(8_000, 2, &[0.0, 1.0, -2.0, f32::NAN]);
        assert_eq!(bytes.len(), 44 + 8);
        assert_eq!(
            (&bytes[..4], &bytes[8..16], &bytes[36..40]),
            (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..])
        );
        assert_eq!(u32::from_le_bytes(bytes[4..8].try_into().unwrap()), 44);
        assert_eq!(u32::from_le_bytes(bytes[28..32].try_into().unwrap()), 32_000);
        let level = |at: usize| i16::from_le_bytes(bytes[at..at + 2].try_into().unwrap());
        assert_eq!([44, 46, 48, 50].map(level), [0, 32_767, -32_767, 0]);
    }
}
