//! A clock that never runs backwards.

use rustix::time::{ClockId, clock_gettime};

/// One of the system's clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock(ClockId);

impl SystemClock {
    /// The clock that counts the time that the machine sleeps, where that costs nothing.
    pub(crate) fn sleepless() -> Self {
        Self(sleepless())
    }

    /// Microseconds since some moment. On the hot path, where `Instant` with its checked arithmetic
    /// takes a fifth longer.
    #[inline]
    pub(crate) fn micros(self) -> i64 {
        let time = clock_gettime(self.0);
        time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}

/// The clock that goes on while the machine sleeps, and can be read without a system call.
#[cfg(target_os = "linux")]
fn sleepless() -> ClockId {
    let system = rustix::system::uname();
    let release = system.release().to_string_lossy();
    if is_read_without_a_call(&release) { ClockId::Boottime } else { ClockId::Monotonic }
}

/// Elsewhere, the monotonic clock does.
#[cfg(not(target_os = "linux"))]
fn sleepless() -> ClockId {
    ClockId::Monotonic
}

/// Whether a Linux of this release tells the time since boot in memory: since 5.3. Before, it would
/// cost each log call a system call, for the sake of machines that hardly ever sleep.
#[cfg(target_os = "linux")]
fn is_read_without_a_call(release: &str) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse().ok());
    (numbers.next(), numbers.next()) >= (Some(5_u32), Some(3_u32))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_the_time_that_the_machine_sleeps_where_that_costs_nothing() {
        for (release, expected) in [
            ("6.18.44-generic", true),
            ("5.3.0", true),
            ("5.2.21", false),
            ("4.18.0-553.el8.x86_64", false),
            ("10.0", true),
            ("unknown", false),
        ] {
            assert_eq!(is_read_without_a_call(release), expected, "{release}");
        }
        if is_read_without_a_call(&rustix::system::uname().release().to_string_lossy()) {
            assert_eq!(sleepless(), ClockId::Boottime);
        }
    }
}
