//! How busy all processors are.

use crate::{
    platform::kernel_file::KernelFile,
    system::sensor::{Counter, Readings, Sensor},
};

/// The first line of `/proc/stat`: times of all processors together.
#[derive(Debug)]
pub(crate) struct Cpu {
    stat: KernelFile,
    all: Counter,
    idle: Counter,
}

impl Cpu {
    pub(crate) fn find() -> Option<Self> {
        let (all, idle) = Default::default();
        Some(Self { stat: KernelFile::proc("stat")?, all, idle })
    }
}

impl Sensor for Cpu {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let text = self.stat.text().map_err(|error| format!("stat: {error}"))?;
        let Some((all, idle)) = times(text) else { return Ok(()) };
        let (all, idle) = (self.all.grown_to(all), self.idle.grown_to(idle));
        if let (Some(all), Some(idle)) = (all, idle)
            && all > 0.0
        {
            readings.add("cpu", "%", (1.0 - idle / all).clamp(0.0, 1.0));
        }
        Ok(())
    }
}

/// All time, and that in which a processor had nothing to do or waited for a disk. The time of guests is
/// in that of users already.
fn times(stat: &str) -> Option<(f64, f64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let times: Vec<f64> =
        line.split_ascii_whitespace().filter_map(|time| time.parse().ok()).collect();
    let all = times.iter().take(8).sum();
    Some((all, times.get(3)? + times.get(4).copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_guests_are_not_counted_twice() {
        let stat = "cpu  100 0 50 800 50 0 0 0 40 0\ncpu0 1 2 3\n";
        assert_eq!(times(stat), Some((1000.0, 850.0)));
        assert_eq!(times("intr 1"), None);
    }
}
