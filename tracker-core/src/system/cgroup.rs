//! What the container of this process has, where it may not have all of the machine.

use crate::{
    platform::kernel_file::KernelFile,
    system::sensor::{Counter, Readings, Sensor},
};

const ROOT: &str = "/sys/fs/cgroup";

/// The memory of the process's control group, its limit, and how long it was held back from processors.
///
/// The limit of a group counts, and so do those of the groups that it is in.
#[derive(Debug)]
pub(crate) struct Cgroup {
    memory: Option<KernelFile>,
    limits: Vec<KernelFile>,
    cpu: Option<KernelFile>,
    /// Seconds of the unit in which `cpu` counts.
    unit: f64,
    throttled: Counter,
}

impl Cgroup {
    /// Version 2 of control groups, or version 1, or both at once, where memory is one's or the other's.
    pub(crate) fn find() -> Option<Self> {
        let mut own = KernelFile::proc("self/cgroup")?;
        let text = own.text().ok()?.to_owned();
        let second = path_of(&text, "").map(|path| Self::version_2(&path));
        let first = || {
            let memory = path_of(&text, "memory")?;
            Some(Self::version_1(&memory, path_of(&text, "cpu").as_deref().unwrap_or("/")))
        };
        second.filter(Self::tells).or_else(first).filter(Self::tells)
    }

    fn tells(&self) -> bool {
        self.memory.is_some() || self.cpu.is_some()
    }

    fn version_2(path: &str) -> Self {
        let throttled = Counter::default();
        Self {
            memory: KernelFile::open(format!("{ROOT}{path}/memory.current")),
            limits: with_ancestors(path)
                .filter_map(|path| KernelFile::open(format!("{ROOT}{path}/memory.max")))
                .collect(),
            cpu: KernelFile::open(format!("{ROOT}{path}/cpu.stat")),
            unit: 1e-6,
            throttled,
        }
    }

    fn version_1(memory: &str, cpu: &str) -> Self {
        // In a container, the path may be that of outside, and the group itself stands at the top.
        let open = |controller: &str, path: &str, file: &str| {
            KernelFile::open(format!("{ROOT}/{controller}{path}/{file}"))
                .or_else(|| KernelFile::open(format!("{ROOT}/{controller}/{file}")))
        };
        Self {
            memory: open("memory", memory, "memory.usage_in_bytes"),
            limits: open("memory", memory, "memory.limit_in_bytes").into_iter().collect(),
            cpu: open("cpu", cpu, "cpu.stat"),
            unit: 1e-9,
            throttled: Counter::default(),
        }
    }
}

impl Sensor for Cgroup {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let limits = self.limits.iter_mut().filter_map(|file| limit(file.text().ok()?));
        let least = limits.min_by(f64::total_cmp);
        if let (Some(memory), Some(limit)) = (&mut self.memory, least) {
            let text =
                memory.text().map_err(|error| format!("the control group's memory: {error}"))?;
            if let Ok(bytes) = text.trim().parse() {
                readings.add("cgroup.memory", "B", bytes);
                readings.add("cgroup.limit", "B", limit);
            }
        }
        if let Some(cpu) = &mut self.cpu {
            let text =
                cpu.text().map_err(|error| format!("the control group's cpu.stat: {error}"))?;
            if let Some(held_back) = throttled(text) {
                let seconds = held_back * self.unit;
                readings.add_rate("cgroup.throttled", "cores", &mut self.throttled, seconds);
            }
        }
        Ok(())
    }
}

/// The process's group of a controller; of version 2, whose groups have all of them, for "".
fn path_of(own: &str, controller: &str) -> Option<String> {
    let of_line = |line: &str| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let has = controllers.split(',').any(|known| known == controller);
        has.then(|| path.trim_end_matches('/').to_owned())
    };
    own.lines().find_map(of_line)
}

/// `/a/b`, `/a` and the root.
fn with_ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(before, _)| before))
}

/// Bytes; `None` for `max`, and for the greatest number, which version 1 has for none.
fn limit(text: &str) -> Option<f64> {
    let bytes: u64 = text.trim().parse().ok()?;
    (bytes < 1 << 60).then_some(bytes as f64)
}

/// Microseconds in version 2, nanoseconds in version 1.
fn throttled(stat: &str) -> Option<f64> {
    let number = |name| stat.lines().find_map(|line: &str| line.strip_prefix(name)?.parse().ok());
    number("throttled_usec ").or_else(|| number("throttled_time "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_in_either_version() {
        let both = "12:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/user.slice/a.scope\n";
        assert_eq!(path_of(both, "").as_deref(), Some("/user.slice/a.scope"));
        assert_eq!(path_of(both, "memory").as_deref(), Some("/docker/abc"));
        assert_eq!(path_of(both, "cpu").as_deref(), Some("/docker/abc"));
        assert_eq!(path_of("0::/", "").as_deref(), Some(""), "a container's own");
        assert_eq!(path_of("0::/", "memory"), None);
    }

    #[test]
    fn limits_of_all_groups_around_are_looked_at() {
        assert_eq!(with_ancestors("/a/b").collect::<Vec<_>>(), ["/a/b", "/a", ""]);
        assert_eq!(limit("max\n"), None);
        assert_eq!(limit("9223372036854771712\n"), None);
        assert_eq!(limit("1048576\n"), Some(1_048_576.0));
    }

    #[test]
    fn the_time_held_back_is_read_in_either_version() {
        assert_eq!(throttled("usage_usec 5\nthrottled_usec 70\n"), Some(70.0));
        assert_eq!(throttled("nr_throttled 1\nthrottled_time 900\n"), Some(900.0));
        assert_eq!(throttled("usage_usec 5\n"), None);
    }
}
