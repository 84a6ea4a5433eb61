//! Who runs backward from the loss.

use std::any::type_name;

use candle_core::Error;
use candle_nn::{AdamW, SGD};

use crate::ResumableAdamW;

/// What is known of an optimizer's `backward_step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backward {
    /// It is that of the trait: backward from the loss, and `step` with the gradients.
    Plain,
    /// It may be the optimizer's own.
    Unknown,
    /// It is the optimizer's own, or the user was told that it may be.
    Delegated,
}

impl Backward {
    /// What is known without the user's word. Rust does not tell whether a type has a method of its
    /// own or that of the trait.
    pub(super) fn of<O>() -> Self {
        let plain = [type_name::<AdamW>(), type_name::<SGD>(), type_name::<ResumableAdamW>()];
        if plain.contains(&type_name::<O>()) { Self::Plain } else { Self::Unknown }
    }

    /// Why its gradients can be neither clipped nor accumulated.
    pub(super) fn hides_gradients(self, optimizer: &str) -> Error {
        let optimizer = short(optimizer);
        Error::msg(match self {
            Self::Delegated => format!(
                "`{optimizer}` keeps its gradients to itself, so they can be neither clipped nor \
                 accumulated\n\
                 hint: leave out `delegate()`, or `clip_grad_norm` and `accumulate`"
            ),
            _ => format!(
                "`{optimizer}` may have a `backward_step` of its own, which clipping and \
                 accumulating would leave out\n\
                 hint: say `hooks.optimizer(..).plain_backward()` if it has none; if it has, clip \
                 there"
            ),
        })
    }
}

/// A type's name without the path to it.
pub(super) fn short(name: &str) -> &str {
    let end = name.find('<').unwrap_or(name.len());
    let start = name[..end].rfind("::").map_or(0, |at| at + 2);
    &name[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optimizers_without_a_backward_pass_of_their_own_are_known() {
        assert_eq!(Backward::of::<AdamW>(), Backward::Plain);
        assert_eq!(Backward::of::<SGD>(), Backward::Plain);
        assert_eq!(Backward::of::<ResumableAdamW>(), Backward::Plain);
        assert_eq!(Backward::of::<Vec<AdamW>>(), Backward::Unknown);
    }

    #[test]
    fn names_of_types_lose_their_paths() {
        assert_eq!(short("my::optimizers::Lion"), "Lion");
        assert_eq!(short("Lion"), "Lion");
        assert_eq!(short("a::Lookahead<b::Lion>"), "Lookahead<b::Lion>");
    }
}
