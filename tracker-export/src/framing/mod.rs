//! How other tools' files are cut into records.

pub(crate) mod wandb_log;
