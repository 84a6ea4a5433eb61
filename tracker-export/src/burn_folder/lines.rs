//! The lines of a file of Burn's metrics.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use crate::{Result, failed::failed};

/// The longest line of a number.
const MOST_BYTES: u64 = 1 << 16;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Line {
    /// The value of a batch, and what it weighs: how many items it is of.
    Batch(f64, f64),
    /// The value of the whole epoch.
    Final(f64),
    /// No number: a text, or a torn line.
    Other,
}

impl Line {
    /// As Burn writes it: `value`, `value,count` or `value,final`.
    fn of(text: &str) -> Self {
        let (value, rest) = match text.split_once(',') {
            Some((value, rest)) => (value, Some(rest)),
            None => (text, None),
        };
        let Ok(value) = value.parse() else { return Self::Other };
        match rest {
            None => Self::Batch(value, 1.0),
            Some("final") => Self::Final(value),
            Some(count) => match count.parse::<u64>() {
                Ok(count) => Self::Batch(value, count as f64),
                Err(_) => Self::Other,
            },
        }
    }
}

/// What a whole file says.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Epoch {
    /// How many batches it tells of.
    pub(super) batches: u64,
    /// How many lines are no numbers, or are torn.
    pub(super) others: u64,
    sum: f64,
    weight: f64,
    last: Option<f64>,
}

impl Epoch {
    /// Reads a file to its end.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let mut epoch = Self::default();
        each(path, &mut |line| {
            match line {
                Line::Batch(value, weight) => {
                    epoch.batches += 1;
                    epoch.sum += value * weight;
                    epoch.weight += weight;
                }
                Line::Final(value) => epoch.last = Some(value),
                Line::Other => epoch.others += 1,
            }
            Ok(())
        })?;
        Ok(epoch)
    }

    /// The value of the epoch: what Burn says it is, else the mean of its batches, each by its items.
    pub(super) fn value(&self) -> Option<f64> {
        self.last.or_else(|| (self.batches > 0).then(|| self.sum / self.weight))
    }
}

/// Tells all lines of a file. The last one, if no line break is after it, may have been cut in the middle of a number:
/// it is none.
pub(super) fn each(path: &Path, tell: &mut dyn FnMut(Line) -> Result<()>) -> Result<()> {
    let hint = "check the file's permissions";
    let mut reader = BufReader::new(File::open(path).map_err(failed("open", path, hint))?);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(MOST_BYTES).read_until(b'\n', &mut line);
        if read.map_err(failed("read", path, hint))? == 0 {
            return Ok(());
        }
        let is_whole = line.last() == Some(&b'\n');
        if !is_whole {
            reader.skip_until(b'\n').map_err(failed("read", path, hint))?;
        }
        let text = std::str::from_utf8(&line).unwrap_or_default().trim();
        if !is_whole {
            tell(Line::Other)?;
        } else if !text.is_empty() || line.len() > 2 {
            tell(Line::of(text))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_burn_writes_them() {
        assert_eq!(Line::of("2.3120615482330322,64"), Line::Batch(2.312_061_548_233_032_2, 64.0));
        assert_eq!(Line::of("0.5"), Line::Batch(0.5, 1.0));
        assert_eq!(Line::of("0.5,final"), Line::Final(0.5));
        assert!(matches!(Line::of("NaN,1"), Line::Batch(value, 1.0) if value.is_nan()));
        assert_eq!(Line::of("inf"), Line::Batch(f64::INFINITY, 1.0));
        for other in ["1 1 64 0", "0.5,-1", "0.5,1,2", "x"] {
            assert_eq!(Line::of(other), Line::Other, "{other}");
        }
    }

    #[test]
    fn a_number_that_may_be_cut_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Loss.log");
        std::fs::write(&path, "1,1\n\n3,3\n0.12").unwrap();
        let epoch = Epoch::of(&path).unwrap();
        assert_eq!((epoch.batches, epoch.others, epoch.value()), (2, 1, Some(2.5)));
    }
}
