//! The most that a run keeps of media: a training that logs too much must not fill a disk unseen.

/// The most bytes of a file.
pub(crate) const MAX_FILE_BYTES: u64 = 32 << 20;

/// The most pixels of a picture.
pub(crate) const MAX_PIXELS: u64 = 16 << 20;

/// The most items of one call.
pub(crate) const MAX_ITEMS: usize = 64;

/// The most rows of a table.
pub(crate) const MAX_ROWS: usize = 200_000;

/// The most columns of a table.
pub(crate) const MAX_COLUMNS: usize = 256;

/// The most classes of a confusion matrix.
pub(crate) const MAX_CLASSES: usize = 256;

/// The most points of a curve that are stored.
pub(crate) const MAX_POINTS: usize = 512;

/// The most bytes of a caption, or of a text in a table.
pub(crate) const MAX_TEXT: usize = 64 << 10;
