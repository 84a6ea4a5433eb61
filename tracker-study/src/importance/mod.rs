//! What a study's trials say when they are looked at together.

pub(crate) mod front;
pub(crate) mod parzen;
pub(crate) mod ped_anova;
