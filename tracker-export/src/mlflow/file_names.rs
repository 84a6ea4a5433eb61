//! Names of files that say what they show, at which step and when: as MLflow's client names its pictures.

use tracker_core::{Step, Timestamp};

use crate::mlflow::names;

/// What the name of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName {
    /// What it shows: the name as it was, or the hash of one that was cut.
    pub(super) name: Name,
    pub(super) step: Step,
    /// To the millisecond.
    pub(super) time: Timestamp,
    /// Whether it is only a small copy of another.
    pub(super) is_preview: bool,
}

/// A name, or what a long one was cut to and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Whole(String),
    Cut(String),
}

/// The name of a file without its ending. `id` tells it from others at the same step and time.
pub(super) fn write(name: &str, step: Step, time: Timestamp, id: &str) -> names::Written {
    let written = names::write_for_file(name);
    let millis = time.0.div_euclid(1_000);
    let text = format!("{}+step+{step}+timestamp+{millis}+{id}", written.text);
    names::Written { text, ..written }
}

/// What the name of a file says; `None` if it is named otherwise. Older clients have `%` between the parts.
pub(super) fn read(file: &str) -> Option<FileName> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mark = if stem.contains("+step+") { '+' } else { '%' };
    let (name, rest) = stem.split_once(&format!("{mark}step{mark}"))?;
    let parts: Vec<&str> = rest.split(mark).collect();
    let [step, "timestamp", millis, _, more @ ..] = parts.as_slice() else { return None };
    let time = Timestamp(millis.parse::<i64>().ok()?.checked_mul(1_000)?);
    let name = match names::cut_hash_of_file(name) {
        Some(hash) => Name::Cut(hash.to_owned()),
        None => Name::Whole(names::read_from_file(name)),
    };
    Some(FileName {
        name,
        step: Step(step.parse().ok()?),
        time,
        is_preview: more.contains(&"compressed"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_what_it_shows() {
        for name in ["valid/samples", "50% + 1", "a~b", "größe"] {
            let text = write(name, Step(7), Timestamp(1_700_000_000_123_000), "00ab").text;
            let read = read(&format!("{text}.png")).unwrap();
            let whole = Name::Whole(name.to_owned());
            let time = Timestamp(1_700_000_000_123_000);
            assert_eq!(read, FileName { name: whole, step: Step(7), time, is_preview: false });
        }
    }

    #[test]
    fn pictures_of_mlflows_clients_are_known_and_other_files_are_not() {
        let preview = read("dogs+step+3+timestamp+1700000000000+1-2-3+compressed.webp").unwrap();
        assert!(preview.is_preview && preview.step == Step(3));
        let older = read("a#b%step%3%timestamp%1700000000000%1-2-3.png").unwrap();
        assert_eq!(older.name, Name::Whole("a/b".to_owned()));
        for other in ["model.pkl", "a+step+x+timestamp+1+2.png", "a+step+1.png", "+step+"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
