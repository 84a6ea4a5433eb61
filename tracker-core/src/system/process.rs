//! What this process takes of the machine.

use crate::{
    platform::kernel_file::{self, KernelFile},
    system::{
        memory::bytes,
        sensor::{Counter, Readings, Sensor},
    },
};

/// `/proc/self`: all threads of this process, tracker's among them.
#[derive(Debug)]
pub(crate) struct Process {
    stat: KernelFile,
    status: KernelFile,
    /// Not everybody may read it.
    io: Option<KernelFile>,
    cpu: Counter,
    read: Counter,
    written: Counter,
}

impl Process {
    pub(crate) fn find() -> Option<Self> {
        let (cpu, read, written) = Default::default();
        Some(Self {
            stat: KernelFile::proc("self/stat")?,
            status: KernelFile::proc("self/status")?,
            io: KernelFile::proc("self/io"),
            cpu,
            read,
            written,
        })
    }
}

impl Sensor for Process {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let stat = self.stat.text().map_err(|error| format!("self/stat: {error}"))?;
        if let Some(ticks) = ticks(stat) {
            let seconds = ticks / kernel_file::ticks_per_second();
            readings.add_rate("process.cpu", "cores", &mut self.cpu, seconds);
        }
        let status = self.status.text().map_err(|error| format!("self/status: {error}"))?;
        for (name, line) in [("process.memory", "VmRSS"), ("process.peak", "VmHWM")] {
            if let Some(bytes) = bytes(status, line) {
                readings.add(name, "B", bytes);
            }
        }
        if let Some(threads) = number(status, "Threads:") {
            readings.add("process.threads", "", threads);
        }
        if let Some(files) = kernel_file::open_files() {
            readings.add("process.open_files", "", files as f64);
        }
        let Some(io) = &mut self.io else { return Ok(()) };
        let io = io.text().map_err(|error| format!("self/io: {error}"))?;
        if let Some(total) = number(io, "read_bytes:") {
            readings.add_rate("process.read", "B/s", &mut self.read, total);
        }
        if let Some(total) = number(io, "write_bytes:") {
            readings.add_rate("process.write", "B/s", &mut self.written, total);
        }
        Ok(())
    }
}

/// The time that this process had of processors. The name before it may have anything in it.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

fn number(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_shifts_nothing() {
        let stat = "42 (a) (b 1 2) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20 0 8 0 100";
        assert_eq!(ticks(stat), Some(150.0));
    }

    #[test]
    fn numbers_are_found_by_the_beginning_of_their_line() {
        assert_eq!(number("rchar: 1\nread_bytes: 4096\n", "read_bytes:"), Some(4096.0));
        assert_eq!(number("cancelled_write_bytes: 3", "write_bytes:"), None);
    }
}
