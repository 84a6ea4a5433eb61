//! The smallest value of a function, by the signs of its gradient.

/// How far each coordinate goes at first, at least and at most.
const STEP: (f64, f64, f64) = (0.2, 0.005, 1.0);

/// What a step is multiplied by while the sign stays, and where it has changed.
const CHANGE: (f64, f64) = (1.3, 0.5);

/// How far a coordinate may go.
const END: f64 = 9.0;

/// A point, the function's value there, and its gradient.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) at: Vec<f64>,
    pub(super) value: f64,
}

/// The best place that is found from `start`, within so many evaluations, by Rprop (Riedmiller and Braun 1993): only the
/// signs of the gradient count, so that no scale has to be known. The function gives its value and its gradient; where it
/// has none, the way ends.
pub(super) fn smallest(
    start: Vec<f64>,
    evaluations: usize,
    function: impl Fn(&[f64]) -> Option<(f64, Vec<f64>)>,
) -> Option<Place> {
    let (first, least, most) = STEP;
    let mut at = start;
    let mut steps = vec![first; at.len()];
    let mut last = vec![0.0; at.len()];
    let mut best: Option<Place> = None;
    for _ in 0..evaluations {
        let Some((value, gradient)) = function(&at) else { break };
        if best.as_ref().is_none_or(|best| value < best.value) {
            best = Some(Place { at: at.clone(), value });
        }
        for (index, slope) in gradient.iter().enumerate() {
            let turned: f64 = slope * last[index];
            let change = if turned > 0.0 {
                CHANGE.0
            } else if turned < 0.0 {
                CHANGE.1
            } else {
                1.0
            };
            steps[index] = (steps[index] * change).min(most);
            if *slope != 0.0 {
                at[index] = (at[index] - slope.signum() * steps[index]).clamp(-END, END);
            }
        }
        last = gradient;
        if steps.iter().all(|step| *step < least) {
            break;
        }
    }
    best
}
