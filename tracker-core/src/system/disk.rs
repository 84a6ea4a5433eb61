//! How much the machine's disks read and write, and how much room there is for the run.

use std::path::{Path, PathBuf};

use crate::{
    platform::kernel_file::{self, KernelFile},
    system::sensor::{Counter, Readings, Sensor},
};

/// The kernel counts in these, whatever the sectors of the disk are.
const SECTOR: f64 = 512.0;

/// `/proc/diskstats`: the sum over all whole disks.
#[derive(Debug)]
pub(crate) struct Disks {
    stats: KernelFile,
    names: Vec<String>,
    read: Counter,
    written: Counter,
}

impl Disks {
    pub(crate) fn find() -> Option<Self> {
        let mut names = kernel_file::names_in("/sys/block");
        names.retain(|name| is_disk(name));
        let (read, written) = Default::default();
        Some(Self { stats: KernelFile::proc("diskstats")?, names, read, written })
    }
}

impl Sensor for Disks {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let text = self.stats.text().map_err(|error| format!("diskstats: {error}"))?;
        let (read, written) = sectors(text, &self.names);
        readings.add_rate("disk.read", "B/s", &mut self.read, read * SECTOR);
        readings.add_rate("disk.write", "B/s", &mut self.written, written * SECTOR);
        Ok(())
    }
}

/// What lies upon another disk, or in memory, would count twice or is none.
fn is_disk(name: &str) -> bool {
    !["loop", "ram", "zram", "dm-", "md", "sr", "fd"].iter().any(|other| name.starts_with(other))
}

fn sectors(stats: &str, disks: &[String]) -> (f64, f64) {
    let of_disk = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        disks.iter().any(|disk| Some(disk.as_str()) == fields.get(2).copied()).then_some(())?;
        Some((fields.get(5)?.parse::<f64>().ok()?, fields.get(9)?.parse::<f64>().ok()?))
    };
    let sums = stats.lines().filter_map(of_disk);
    sums.fold((0.0, 0.0), |(read, written), own| (read + own.0, written + own.1))
}

/// The room on the disk that has the run.
#[derive(Debug)]
pub(crate) struct FreeSpace {
    folder: PathBuf,
}

impl FreeSpace {
    pub(crate) fn of(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Sensor for FreeSpace {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        if let Some(free) = kernel_file::free_space(&self.folder) {
            readings.add("disk.free", "B", free as f64);
        }
        Ok(())
    }
}

/// How many free bytes are few on the disk of `folder`: 3 % of it, and no more than 10 GB. `None` where the
/// system does not tell.
pub(crate) fn little_room(folder: &Path) -> Option<f64> {
    kernel_file::disk_size(folder).map(|bytes| (bytes as f64 * 0.03).min(1e10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_disks_are_summed_up_and_their_parts_are_not() {
        let stats = "\
 259 0 nvme0n1 10 0 100 5 20 0 200 9 0 14 14
 259 1 nvme0n1p1 9 0 90 5 20 0 199 9 0 14 14
   8 0 sda 1 0 1 5 1 0 2 9 0 14 14
";
        let disks = ["nvme0n1".to_owned(), "sda".to_owned()];
        assert_eq!(sectors(stats, &disks), (101.0, 202.0));
        assert!(is_disk("vda") && !is_disk("loop0") && !is_disk("dm-1"));
    }
}
