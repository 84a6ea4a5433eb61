//! How long something of the machine waited for processors, memory or disks.

use crate::{
    platform::kernel_file::KernelFile,
    system::sensor::{Counter, Readings, Sensor},
};

/// `/proc/pressure`: the share of the time in which some task waited.
#[derive(Debug)]
pub(crate) struct Pressure {
    files: Vec<(&'static str, KernelFile, Counter)>,
}

const KINDS: [(&str, &str); 3] = [
    ("pressure.cpu", "pressure/cpu"),
    ("pressure.memory", "pressure/memory"),
    ("pressure.io", "pressure/io"),
];

impl Pressure {
    /// Kernels older than 4.20 have none, and others may be told to have none.
    pub(crate) fn find() -> Option<Self> {
        let open = |(name, path)| Some((name, KernelFile::proc(path)?, Counter::default()));
        let files: Vec<_> = KINDS.into_iter().filter_map(open).collect();
        (!files.is_empty()).then_some(Self { files })
    }
}

impl Sensor for Pressure {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        for (name, file, counter) in &mut self.files {
            let text = file.text().map_err(|error| format!("{name}: {error}"))?;
            if let Some(microseconds) = waited(text) {
                readings.add_rate(*name, "%", counter, microseconds / 1e6);
            }
        }
        Ok(())
    }
}

/// The microseconds in which some task waited.
fn waited(text: &str) -> Option<f64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.rsplit_once("total=")?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_in_which_some_waited_is_read() {
        let text = "some avg10=0.00 avg60=0.01 avg300=0.02 total=1234\nfull avg10=0.00 total=9\n";
        assert_eq!(waited(text), Some(1234.0));
        assert_eq!(waited("full total=9"), None);
    }
}
