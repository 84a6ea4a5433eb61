//! Pictures, tables, plots and files of media, as a training hands them over. Knows no store and no
//! run: a thread of the store turns them into files.

pub(crate) mod cell;
pub(crate) mod confusion_matrix;
pub(crate) mod curve;
pub(crate) mod extension;
pub(crate) mod image;
pub(crate) mod into_media;
pub(crate) mod limits;
pub(crate) mod media;
pub(crate) mod media_file;
pub(crate) mod pr_curve;
pub(crate) mod ranking;
pub(crate) mod roc_curve;
pub(crate) mod table;
pub(crate) mod wav;
