//! The machine's memory.

use crate::{
    platform::kernel_file::KernelFile,
    system::sensor::{Readings, Sensor},
};

/// `/proc/meminfo`.
#[derive(Debug)]
pub(crate) struct Memory {
    info: KernelFile,
}

impl Memory {
    pub(crate) fn find() -> Option<Self> {
        Some(Self { info: KernelFile::proc("meminfo")? })
    }
}

impl Sensor for Memory {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let text = self.info.text().map_err(|error| format!("meminfo: {error}"))?;
        if let (Some(total), Some(free)) = (bytes(text, "MemTotal"), bytes(text, "MemAvailable"))
            && total > 0.0
        {
            readings.add("memory", "B", total - free);
            readings.add("memory_share", "%", (total - free) / total);
        }
        if let (Some(total), Some(free)) = (bytes(text, "SwapTotal"), bytes(text, "SwapFree"))
            && total > 0.0
        {
            readings.add("swap", "B", total - free);
        }
        Ok(())
    }
}

/// The bytes of a line such as `MemTotal:  1024 kB`.
pub(crate) fn bytes(info: &str, name: &str) -> Option<f64> {
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_whole_name() {
        let info = "MemTotal:       16 kB\nMem:  1 kB\nSwapTotal: 0 kB\n";
        assert_eq!(bytes(info, "Mem"), Some(1024.0));
        assert_eq!(bytes(info, "MemTotal"), Some(16.0 * 1024.0));
        assert_eq!(bytes(info, "MemFree"), None);
    }
}
