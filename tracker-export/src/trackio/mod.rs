//! Trackio: runs go out as lines of its inbox, and come in from its databases and from an inbox.
//!
//! | what | where |
//! |---|---|
//! | out: a run becomes records | [`TrackioTarget`], `points`, `events`, `media_out`, `names` |
//! | out: records become files of the inbox | `inbox_writer` |
//! | in: which runs are there | [`TrackioSource`], `database`, `inbox_reader` |
//! | in: a record becomes points and events | `record`, `media_in` |

mod database;
mod events;
mod inbox_reader;
mod inbox_writer;
mod media_in;
mod media_out;
mod names;
mod points;
mod record;
mod source;
mod target;

pub use source::TrackioSource;
pub use target::TrackioTarget;
