//! Which of a machine's graphics cards a process may use, as `CUDA_VISIBLE_DEVICES` says.

use std::env;

/// How a card is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// `GPU-` and a UUID; empty if it is not known.
    pub(crate) uuid: String,
    /// Those of its parts, if it is divided: `MIG-` and a UUID.
    pub(crate) parts: Vec<String>,
}

/// A card by its place among all, or one of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) card: usize,
    pub(crate) part: Option<usize>,
}

impl Place {
    fn of_card(card: usize) -> Self {
        Self { card, part: None }
    }
}

/// What the environment says of cards; `None` if it says nothing, and all may be used.
pub(crate) fn of_environment() -> Option<String> {
    env::var_os("CUDA_VISIBLE_DEVICES").map(|text| text.to_string_lossy().into_owned())
}

/// The cards that may be used, in the order in which the process counts them.
///
/// As for CUDA, the list ends before the first name that means no card or several, and an empty one means
/// none. CUDA counts the fastest card first unless `CUDA_DEVICE_ORDER=PCI_BUS_ID`; where cards differ, an
/// index can mean another one here, where they are in the order of their bus.
pub(crate) fn chosen(list: Option<&str>, cards: &[Names]) -> Vec<Place> {
    let Some(list) = list else { return (0..cards.len()).map(Place::of_card).collect() };
    let mut places = Vec::new();
    for place in list.split(',').map_while(|name| place_of(name.trim(), cards)) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// The one that is meant: by its index, a beginning of its UUID, or `MIG-GPU-<UUID>/<i>/<j>`, as parts
/// were once named.
fn place_of(name: &str, cards: &[Names]) -> Option<Place> {
    if let Ok(index) = name.parse::<usize>() {
        return (index < cards.len()).then_some(Place::of_card(index));
    }
    let whole = name.strip_prefix("MIG-").filter(|rest| rest.starts_with("GPU-"));
    let name = whole.map_or(name, |rest| rest.split('/').next().unwrap_or(rest));
    if !name.starts_with("GPU-") && !name.starts_with("MIG-") {
        return None;
    }
    let mut named = all_names(cards).filter(|(_, known)| known.starts_with(name));
    let (place, _) = named.next()?;
    named.next().is_none().then_some(place)
}

fn all_names(cards: &[Names]) -> impl Iterator<Item = (Place, &str)> {
    cards.iter().enumerate().flat_map(|(card, names)| {
        let part = move |(part, name)| (Place { card, part: Some(part) }, name);
        let parts = names.parts.iter().map(String::as_str).enumerate().map(part);
        [(Place::of_card(card), &*names.uuid)].into_iter().chain(parts)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards() -> Vec<Names> {
        let parts = ["MIG-c1d2", "MIG-c1e3"].map(str::to_owned).to_vec();
        vec![
            Names { uuid: "GPU-a1b2".into(), parts: Vec::new() },
            Names { uuid: "GPU-a1c3".into(), parts },
            Names { uuid: "GPU-d4e5".into(), parts: Vec::new() },
        ]
    }

    /// The chosen ones as text, such as `0`, or `1.0` for a part.
    fn told(list: Option<&str>) -> String {
        let tell = |place: Place| match place.part {
            Some(part) => format!("{}.{part}", place.card),
            None => place.card.to_string(),
        };
        chosen(list, &cards()).into_iter().map(tell).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn cards_are_chosen_as_cuda_chooses_them() {
        for (list, expected) in [
            ("0", "0"),
            ("2,0", "2 0"),
            (" 1 , 2", "1 2"),
            ("0,0", "0"),
            ("GPU-d4e5", "2"),
            ("GPU-d", "2"),
            ("GPU-a1b,2", "0 2"),
            ("MIG-c1d2", "1.0"),
            ("MIG-c1e", "1.1"),
            ("MIG-GPU-a1c3/1/0", "1"),
        ] {
            assert_eq!(told(Some(list)), expected, "{list}");
        }
        assert_eq!(told(None), "0 1 2");
    }

    #[test]
    fn the_list_ends_before_the_first_name_that_means_no_card_or_several() {
        for list in ["", "-1", "7", "x", "GPU-a1", "GPU-f", "MIG-c1", "a1b2", "GPU", "NoDevFiles"] {
            assert_eq!(told(Some(list)), "", "{list}");
            assert_eq!(told(Some(&format!("2,{list},0"))), "2", "{list}");
        }
    }
}
