//! How much the machine sends and receives.

use crate::{
    platform::kernel_file::{self, KernelFile},
    system::sensor::{Counter, Readings, Sensor},
};

/// `/proc/net/dev`: the sum over all cards, or, in a container that has none, over all but the loop back.
#[derive(Debug)]
pub(crate) struct Network {
    dev: KernelFile,
    cards: Vec<String>,
    received: Counter,
    sent: Counter,
}

impl Network {
    pub(crate) fn find() -> Option<Self> {
        let mut cards = kernel_file::names_in("/sys/class/net");
        cards.retain(|name| kernel_file::is_there(format!("/sys/class/net/{name}/device")));
        let (received, sent) = Default::default();
        Some(Self { dev: KernelFile::proc("net/dev")?, cards, received, sent })
    }
}

impl Sensor for Network {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let text = self.dev.text().map_err(|error| format!("net/dev: {error}"))?;
        let (received, sent) = bytes(text, &self.cards);
        readings.add_rate("network.in", "B/s", &mut self.received, received);
        readings.add_rate("network.out", "B/s", &mut self.sent, sent);
        Ok(())
    }
}

fn bytes(dev: &str, cards: &[String]) -> (f64, f64) {
    let of_card = |line: &str| {
        let (name, counts) = line.split_once(':')?;
        let name = name.trim();
        let is_counted =
            if cards.is_empty() { name != "lo" } else { cards.iter().any(|card| card == name) };
        is_counted.then_some(())?;
        let counts: Vec<f64> =
            counts.split_ascii_whitespace().filter_map(|n| n.parse().ok()).collect();
        Some((*counts.first()?, *counts.get(8)?))
    };
    let sums = dev.lines().filter_map(of_card);
    sums.fold((0.0, 0.0), |(received, sent), own| (received + own.0, sent + own.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo: 7 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
  eth0: 100 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0
docker0:9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0
";

    #[test]
    fn cards_are_summed_up_and_without_any_all_but_the_loop_back() {
        assert_eq!(bytes(DEV, &["eth0".to_owned()]), (100.0, 40.0));
        assert_eq!(bytes(DEV, &[]), (109.0, 49.0));
    }
}
