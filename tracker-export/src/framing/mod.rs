//! How files of other tools are cut into records.

pub(crate) mod tf_record;
pub(crate) mod wandb_log;
