//! Runs the real binary on real stores.
#![expect(clippy::unwrap_used, reason = "a test says by a panic that it failed")]

mod agent;
mod agents;
mod agents_by_http;
mod agents_misled;
mod artifacts;
mod changes;
mod codes;
mod compares;
mod crashes;
mod damages;
mod diverges;
mod edits;
mod exports;
mod fetches;
mod flights;
mod forks;
mod groups;
mod hostile;
mod imports;
mod knobs;
mod lists;
mod logs;
mod media;
mod mirrors;
#[path = "../../../tracker-remote/tests/moto/mod.rs"]
mod moto;
mod old_stores;
mod partings;
#[cfg(feature = "portable")]
mod portable;
mod refuses;
mod reports;
mod server;
mod serves;
mod serves_elsewhere;
mod serves_files;
mod serves_groups;
mod serves_limits;
mod serves_live;
mod serves_safely;
mod serves_studies;
mod shows;
mod sql;
mod steps;
mod stops;
mod support;
mod syncs;
mod terminal;
mod tidies;
mod unseen;
mod views;
mod watches;
