//! The sensors of this machine.

use std::time::{Duration, Instant};

use crate::{
    Problem,
    system::{
        amd_gpu::AmdGpus,
        cgroup::Cgroup,
        cpu::Cpu,
        disk::Disks,
        memory::Memory,
        network::Network,
        nvidia_gpu::NvidiaGpus,
        pressure::Pressure,
        process::Process,
        sensor::{Readings, Sensor},
    },
};

/// All that is known to be there. What is not there at the beginning is not looked for again.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Those that read files of the kernel, of processors and memory: each answers in microseconds.
    quick: Vec<Box<dyn Sensor>>,
    /// Those that ask a device, which may be asleep, busy or broken.
    devices: Vec<Box<dyn Sensor>>,
    last: Option<Instant>,
    /// All that was found to be wrong, for runs that come later too.
    problems: Vec<Problem>,
}

impl Machine {
    pub(crate) fn look_around() -> Self {
        let mut problems = Vec::new();
        let amd = AmdGpus::find();
        let first = amd.as_ref().map_or(0, AmdGpus::count);
        let quick = [
            boxed(Cpu::find()),
            boxed(Memory::find()),
            boxed(Disks::find()),
            boxed(Network::find()),
            boxed(Pressure::find()),
            boxed(Cgroup::find()),
            boxed(Process::find()),
        ];
        let devices = [boxed(amd), boxed(NvidiaGpus::find(first, &mut problems))];
        let [quick, devices] =
            [quick.into_iter().flatten().collect(), devices.into_iter().flatten().collect()];
        Self { quick, devices, last: None, problems }
    }

    /// What they say now, and all problems so far. The first time, counters have no rates yet.
    pub(crate) fn sample(&mut self) -> Readings {
        let mut readings = self.sample_quick();
        self.devices.retain_mut(|sensor| sensor.sample(&mut readings).is_ok());
        self.problems.extend(readings.take_problems());
        for problem in &self.problems {
            readings.problem(problem.clone());
        }
        readings
    }

    /// What is known at once. Rates are those since the last time, of all or of these.
    pub(crate) fn sample_quick(&mut self) -> Readings {
        let now = Instant::now();
        let since = self.last.replace(now).map_or(Duration::ZERO, |last| now - last);
        let mut readings = Readings::after(since);
        // What the kernel does not tell any more is not asked for again.
        self.quick.retain_mut(|sensor| sensor.sample(&mut readings).is_ok());
        readings
    }
}

fn boxed(sensor: Option<impl Sensor + 'static>) -> Option<Box<dyn Sensor>> {
    sensor.map(|sensor| Box::new(sensor) as Box<dyn Sensor>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_tells_of_itself_and_of_this_process() {
        let mut machine = Machine::look_around();
        if machine.quick.is_empty() {
            return; // another system than Linux
        }
        machine.sample();
        std::thread::sleep(Duration::from_millis(20));
        let readings = machine.sample();
        let value = |name: &str| {
            readings.all().iter().find(|reading| reading.name == name).map(|reading| reading.value)
        };
        assert!((0.0..=1.0).contains(&value("memory_share").unwrap()));
        assert!(value("process.memory").unwrap() > 1e6);
        assert!(value("process.peak").unwrap() >= value("process.memory").unwrap());
        assert!(value("process.threads").unwrap() >= 1.0);
        assert!(value("process.cpu").unwrap() >= 0.0);
        let mut names: Vec<_> = readings.all().iter().map(|reading| &reading.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), readings.all().len(), "each is told once");
    }
}
