//! Points as they are written: by far the most of a file.

use tracker_core::read::Row;

use crate::{
    Account, Result,
    tensorboard::{
        file::EventFile,
        wire::{put_bytes, put_double, put_uint, put_varint},
    },
};

/// What a step that no event can have is left out for.
const NO_STEP: &str = "TensorBoard's steps end before 2^63";

/// Seconds since 1970, from which the microseconds come back.
pub(crate) fn seconds(time: tracker_core::Timestamp) -> f64 {
    time.as_micros() as f64 / 1e6
}

/// Writes points of one metric.
pub(crate) fn write(
    file: &mut EventFile,
    tag: &str,
    rows: &[Row],
    account: &mut Account,
) -> Result<()> {
    let around = before_value(tag);
    let (mut kept, mut rounded, mut infinite) = (0, 0, 0);
    for row in rows {
        let Ok(_) = i64::try_from(row.step.0) else { continue };
        let value = row.value as f32;
        file.record(|out| {
            put_double(out, 1, seconds(row.time));
            put_uint(out, 2, row.step.0);
            out.extend_from_slice(&around);
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        })?;
        kept += 1;
        infinite += u64::from(value.is_infinite() && row.value.is_finite());
        rounded += u64::from(f64::from(value).to_bits() != row.value.to_bits());
    }
    account.keep("points", kept);
    account.leave_out("points", NO_STEP, rows.len() as u64 - kept);
    account.leave_out(
        "last digits of values",
        "TensorBoard keeps scalars with 32 bits",
        rounded - infinite,
    );
    let why = "TensorBoard keeps scalars with 32 bits, where they are infinite";
    account.leave_out("values beyond ±3.4e38", why, infinite);
    Ok(())
}

/// All of an event between its step and its value.
fn before_value(tag: &str) -> Vec<u8> {
    let mut start = Vec::new();
    put_bytes(&mut start, 1, tag.as_bytes());
    put_varint(&mut start, 2 << 3 | 5);
    let value = start.len() as u64 + 4;
    let mut summary = Vec::new();
    put_varint(&mut summary, 1 << 3 | 2);
    put_varint(&mut summary, value);
    let mut out = Vec::new();
    put_varint(&mut out, 5 << 3 | 2);
    put_varint(&mut out, summary.len() as u64 + value);
    out.extend(summary);
    out.extend(start);
    out
}

#[cfg(test)]
mod tests {
    use tracker_core::Timestamp;

    use super::seconds;
    use crate::tensorboard::telling::time_of;

    #[test]
    fn each_microsecond_up_to_the_year_2100_comes_back_from_seconds() {
        let year_2100 = 4_102_444_800_000_000;
        let some = (0..100_000).map(|turn| turn * 41_024_447_977 % year_2100);
        for micros in
            some.chain(1_800_000_000_000_000..1_800_000_000_010_000).chain([-1, year_2100])
        {
            let time = Timestamp(micros);
            assert_eq!(time_of(seconds(time)), time);
        }
    }
}
