//! AMD's graphics cards, as their kernel driver tells of them.

use std::path::Path;

use crate::{
    platform::kernel_file::{self, KernelFile},
    system::sensor::{Readings, Sensor},
};

const CARDS: &str = "/sys/class/drm";

/// Each card by its number.
#[derive(Debug)]
pub(crate) struct AmdGpus {
    cards: Vec<Card>,
}

#[derive(Debug)]
struct Card {
    /// What it tells: the name, the unit, the file, and what its numbers are to be multiplied by.
    values: Vec<(String, &'static str, KernelFile, f64)>,
}

impl AmdGpus {
    pub(crate) fn find() -> Option<Self> {
        let mut names = kernel_file::names_in(CARDS);
        names.retain(|name| name.strip_prefix("card").is_some_and(|n| n.parse::<u32>().is_ok()));
        names.sort_by_key(|name| (name.len(), name.clone()));
        let folders = names.iter().map(|name| Path::new(CARDS).join(name).join("device"));
        let cards: Vec<Card> = folders
            .filter(|folder| kernel_file::is_there(folder.join("gpu_busy_percent")))
            .enumerate()
            .map(|(number, folder)| Card::open(number, &folder))
            .collect();
        (!cards.is_empty()).then_some(Self { cards })
    }

    pub(crate) fn count(&self) -> usize {
        self.cards.len()
    }
}

impl Card {
    fn open(number: usize, folder: &Path) -> Self {
        let hwmon = kernel_file::names_in(folder.join("hwmon")).into_iter().min();
        let monitor = folder.join("hwmon").join(hwmon.unwrap_or_default());
        let files = [
            ("utilization", "%", folder.join("gpu_busy_percent"), 1e-2),
            ("memory", "B", folder.join("mem_info_vram_used"), 1.0),
            ("power", "W", monitor.join("power1_average"), 1e-6),
            ("temperature", "°C", monitor.join("temp1_input"), 1e-3),
        ];
        let open = |(name, unit, path, factor)| {
            Some((format!("gpu.{number}.{name}"), unit, KernelFile::open(path)?, factor))
        };
        Self { values: files.into_iter().filter_map(open).collect() }
    }
}

impl Sensor for AmdGpus {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        for (name, unit, file, factor) in self.cards.iter_mut().flat_map(|card| &mut card.values) {
            // A card that sleeps has no such number for a while.
            if let Ok(value) = file.text().unwrap_or_default().trim().parse::<f64>() {
                readings.add(name.clone(), unit, value * *factor);
            }
        }
        Ok(())
    }
}
