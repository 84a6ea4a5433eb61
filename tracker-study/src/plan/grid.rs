//! Whether a grid can be tried whole.

use super::problems::Problems;
use crate::{Params, Space};

/// How many combinations a grid may have: as many as a study has trials.
const MOST: u64 = 10_000;

/// Notes a parameter that has no end of values, and a grid of too many combinations.
pub(super) fn check(space: &Space, problems: &mut Problems) {
    for parameter in space.parameters() {
        if parameter.domain.count().is_none() {
            let what = format!("parameter `{}` has no end of values for a grid", parameter.name);
            problems.add(what, "list its `values`, give it steps by `q`, or choose another method");
        }
    }
    if problems.is_empty() && points(space, 0, &mut Params::new(), MOST) > MOST {
        let what = "the grid has more than 10,000 combinations";
        problems.add(what, "widen steps, leave out values, or choose method auto or quasi");
    }
}

/// How many combinations there are from a parameter on, beside the values of those before it; no more than a little
/// beyond `most` are counted.
fn points(space: &Space, at: usize, before: &mut Params, most: u64) -> u64 {
    let Some(parameter) = space.parameters().get(at) else { return 1 };
    if !space.is_active(parameter, before) {
        return points(space, at + 1, before, most);
    }
    let decides = space
        .parameters()
        .iter()
        .any(|other| other.when.iter().any(|condition| condition.parameter == parameter.name));
    let count = parameter.domain.count().unwrap_or(u64::MAX);
    if !decides {
        // All values are alike to those behind.
        return count.saturating_mul(points(space, at + 1, before, most));
    }
    let mut all = 0_u64;
    for place in parameter.domain.enabled() {
        before.insert(parameter.name.clone(), place as f64);
        all = all.saturating_add(points(space, at + 1, before, most));
        before.remove(&parameter.name);
        if all > most {
            break;
        }
    }
    all
}
