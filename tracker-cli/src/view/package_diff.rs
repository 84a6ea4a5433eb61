//! Packages of which runs have different versions, as tracker-core finds them.

pub(crate) use tracker_core::read::{ComparedPackage as Package, ComparedPackages as Packages};
