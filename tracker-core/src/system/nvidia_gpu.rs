//! NVIDIA's graphics cards, as their driver's library tells of them.

use crate::{
    Problem,
    error::excerpt,
    platform::nvml::{Card, Nvml, Refusal},
    system::{
        sensor::{Readings, Sensor},
        visible_devices::{self, Names, Place},
    },
};

/// The most cards that are looked at.
const MOST_CARDS: usize = 64;

/// What a card is asked for.
type Value = (&'static str, &'static str, fn(&Nvml, &Asked) -> Result<f64, Refusal>);

const VALUES: [Value; 5] = [
    ("utilization", "%", |nvml, asked| nvml.utilization(asked.card)),
    ("memory", "B", |nvml, asked| nvml.memory(asked.part)),
    ("power", "W", |nvml, asked| nvml.power(asked.card)),
    ("temperature", "°C", |nvml, asked| nvml.temperature(asked.card)),
    ("throttled", "%", |nvml, asked| Ok(f64::from(nvml.is_throttled(asked.card)?))),
];

/// The cards that this process may use, in its own order.
#[derive(Debug)]
pub(crate) struct NvidiaGpus {
    nvml: Nvml,
    cards: Vec<Gpu>,
    /// Whether the process was given one card, which is its own then.
    has_own: bool,
}

#[derive(Debug)]
struct Gpu {
    number: usize,
    name: String,
    asked: Asked,
    /// What it answers, as far as is known.
    values: Vec<Value>,
}

/// Who answers for a card.
#[derive(Debug)]
struct Asked {
    card: Card,
    /// Whose memory it is: that of the card, or of a part of it.
    part: Card,
}

impl NvidiaGpus {
    /// Looks for cards, of which the first gets this number. What is wrong with some is told.
    pub(crate) fn find(first: usize, problems: &mut Vec<Problem>) -> Option<Self> {
        let list = visible_devices::of_environment();
        let nvml = match Nvml::load() {
            Ok(nvml) => nvml?,
            Err(reason) => {
                problems.push(unreadable(&reason));
                return None;
            }
        };
        let count = match nvml.count() {
            Ok(count) => count as usize,
            Err(Refusal::Unsupported) => return None,
            Err(Refusal::Failed(reason)) => {
                problems.push(unreadable(&reason));
                return None;
            }
        };
        let found: Vec<Found> = (0..count.min(MOST_CARDS)).map(|n| Found::at(&nvml, n)).collect();
        let names: Vec<Names> = found.iter().map(|found| found.names.clone()).collect();
        let places = visible_devices::chosen(list.as_deref(), &names);
        let has_own = list.is_some() && places.len() == 1;
        let mut cards = Vec::with_capacity(places.len());
        for (number, place) in (first..).zip(places) {
            match found.get(place.card).map(|found| found.gpu(number, place)) {
                Some(Ok(gpu)) => cards.push(gpu),
                Some(Err(problem)) => problems.push(problem),
                None => {}
            }
        }
        (!cards.is_empty()).then_some(Self { nvml, cards, has_own })
    }
}

/// A card of the machine, whether this process may use it or not.
struct Found {
    card: Result<Card, Refusal>,
    parts: Vec<Card>,
    names: Names,
}

impl Found {
    fn at(nvml: &Nvml, number: usize) -> Self {
        let card = nvml.card(number as u32);
        let uuid = |card: Card| nvml.uuid(card).unwrap_or_default();
        let known = card.as_ref().ok().copied();
        let parts = known.map(|card| nvml.parts(card)).unwrap_or_default();
        let names = Names {
            uuid: known.map(uuid).unwrap_or_default(),
            parts: parts.iter().map(|part| uuid(*part)).collect(),
        };
        Self { card, parts, names }
    }

    fn gpu(&self, number: usize, place: Place) -> Result<Gpu, Problem> {
        let name = &self.names.uuid;
        let card = self.card.clone().map_err(|refusal| lost(number, name, &refusal))?;
        let part = place.part.and_then(|part| self.parts.get(part).copied());
        let asked = Asked { card, part: part.unwrap_or(card) };
        Ok(Gpu { number, name: name.clone(), asked, values: VALUES.to_vec() })
    }
}

impl Gpu {
    /// Adds what it answers. What it does not have is not asked for again.
    fn sample(
        &mut self,
        nvml: &Nvml,
        has_own: bool,
        readings: &mut Readings,
    ) -> Result<(), Problem> {
        let mut failed = None;
        self.values.retain(|(value, unit, ask)| {
            if failed.is_some() {
                return true;
            }
            match ask(nvml, &self.asked) {
                Ok(number) if has_own => {
                    readings.add_own(format!("gpu.{}.{value}", self.number), unit, number);
                }
                Ok(number) => readings.add(format!("gpu.{}.{value}", self.number), unit, number),
                Err(Refusal::Unsupported) => return false,
                Err(refusal @ Refusal::Failed(_)) => failed = Some(refusal),
            }
            true
        });
        failed.map_or(Ok(()), |refusal| Err(lost(self.number, &self.name, &refusal)))
    }
}

impl Sensor for NvidiaGpus {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        let Self { nvml, cards, has_own } = self;
        cards.retain_mut(|gpu| match gpu.sample(nvml, *has_own, readings) {
            Ok(()) => !gpu.values.is_empty(),
            Err(problem) => {
                readings.problem(problem);
                false
            }
        });
        if cards.is_empty() { Err("no card answers".to_owned()) } else { Ok(()) }
    }
}

fn unreadable(reason: &str) -> Problem {
    Problem::new(
        "nvidia-not-readable",
        format!("NVIDIA's driver is there and tells nothing of its cards: {}", excerpt(reason)),
        "see whether `nvidia-smi` works here; a container needs libnvidia-ml.so.1 (the capability \
         `utility`), and a driver that was updated needs a restart. The run goes on without `system/gpu`",
    )
}

fn lost(number: usize, name: &str, refusal: &Refusal) -> Problem {
    let reason = match refusal {
        Refusal::Unsupported => "it does not answer",
        Refusal::Failed(reason) => reason,
    };
    let name = if name.is_empty() { "no known UUID" } else { name };
    Problem::new(
        "gpu-lost",
        format!(
            "graphics card {number} ({}) tells nothing any more: {}",
            excerpt(name),
            excerpt(reason)
        ),
        "see what `nvidia-smi` and the kernel's log say of it; it is not asked again by this process",
    )
}
