//! How many bytes a second are sent at most.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Keeps what is sent below a rate, over seconds rather than packets.
#[derive(Debug, Default)]
pub(crate) struct Limit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    bytes_per_second: Option<u64>,
    /// When what was sent so far would be through at the rate.
    through: Option<Instant>,
}

impl Limit {
    pub(crate) fn set(&self, bytes_per_second: Option<u64>) {
        self.0.lock().bytes_per_second = bytes_per_second.filter(|rate| *rate > 0);
    }

    /// Waits until what was sent before is through, and counts this.
    pub(crate) async fn pass(&self, bytes: u64) {
        let wait = {
            let mut state = self.0.lock();
            let Some(rate) = state.bytes_per_second else { return };
            let now = Instant::now();
            let begin = state.through.unwrap_or(now).max(now);
            state.through = Some(begin + Duration::from_secs_f64(bytes as f64 / rate as f64));
            begin - now
        };
        tokio::time::sleep(wait).await;
    }
}

/// Bytes a second from what people write, such as `10MB/s`, `500kB` or `2 MiB/s`. `None` if it says no rate.
pub fn parse_limit(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.strip_suffix("/s").unwrap_or(text).trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "kib" => 1024.0,
        "m" | "mb" => 1e6,
        "mib" => 1_048_576.0,
        "g" | "gb" => 1e9,
        "gib" => 1_073_741_824.0,
        _ => return None,
    };
    let rate = number.parse::<f64>().ok()? * unit;
    // Whole bytes, by way of the digits.
    (1.0..1e15).contains(&rate).then(|| format!("{rate:.0}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_people_write_them() {
        for (text, rate) in [
            ("10MB/s", Some(10_000_000)),
            ("2 MiB/s", Some(2 << 20)),
            ("1.5k", Some(1_500)),
            ("700", Some(700)),
            ("fast", None),
            ("0", None),
            ("-3MB", None),
            ("", None),
        ] {
            assert_eq!(parse_limit(text), rate, "{text}");
        }
    }
}
