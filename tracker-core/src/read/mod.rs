//! Reads stored runs: from any process, while they live, after they ended and after a crash.
//!
//! ```no_run
//! use tracker_core::read::Store;
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let store = Store::discover()?;
//! for run in store.runs()?.runs {
//!     println!("{} {} {}", run.info().id, run.info().name, run.state());
//! }
//! for row in store.find("@latest")?.series("valid/accuracy")? {
//!     println!("{} {}", row.step, row.value);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here writes but [`RunReader::edit`], [`Project::write_notes`], [`Store::write_sql_views`] and what changes a saved
//! view, such as [`Project::save_view`]. A file that is damaged costs what it held and a [`Warning`]; everything
//! else is read.

mod alerts;
pub(crate) mod ancestry;
mod artifact_reference;
mod artifacts;
mod best;
mod catalog;
mod code;
mod compared_packages;
mod compared_settings;
mod curves;
mod diagnose;
mod diverge;
mod earlier;
mod edit;
pub(crate) mod edit_line;
mod elapsed;
mod event_index;
mod event_names;
mod event_tail;
#[cfg(test)]
mod event_tests;
mod events;
mod file_stamp;
mod files;
mod flights;
mod follower;
mod fork_point;
mod histograms;
mod hook;
mod info;
mod knobs;
mod last_words;
mod lineage;
mod media;
mod media_table;
mod message_cursor;
mod message_filter;
mod message_walk;
mod messages;
pub mod mount;
mod opened;
mod overview;
mod page_bytes;
mod parquet_file;
pub(crate) mod part;
mod part_cache;
mod part_columns;
mod part_data;
mod part_file;
mod part_reader;
mod part_spans;
mod pieces;
mod project_notes;
#[cfg(test)]
mod protocol_tests;
mod query;
mod recorded;
mod reference;
mod row;
mod row_stream;
mod rows;
mod run;
mod run_set;
mod series;
mod settings;
mod snapshot;
mod snapshot_events;
mod sources;
mod sql;
mod step_scale;
mod summaries;
mod superseded;
mod tail;
mod trouble;
mod unsealed;
mod unsealed_rows;
mod version;
mod views;
mod warning;
mod writers;

pub(crate) use ancestry::ancestors;
pub use artifact_reference::FoundArtifact;
pub use artifacts::ArtifactVersion;
pub use catalog::{Listing, Project, Store};
pub use compared_packages::{ComparedPackage, ComparedPackages};
pub use compared_settings::{
    ComparedSetting, compared_settings, compared_settings_within, shown_setting,
};
pub use diagnose::{Diagnosis, Finding, FindingKind, diagnose};
pub use diverge::{Alone, DifferingPoint, Divergence, diverge, is_timing};
pub(crate) use earlier::newest_before;
pub use edit::Edit;
pub use elapsed::Elapsed;
pub use event_tail::EventCursor;
pub use flights::Flight;
pub use follower::Follower;
pub use fork_point::{ForkCheckpoint, ForkPoint};
pub use histograms::HistogramRow;
pub use info::RunInfo;
pub use lineage::{Usage, User};
pub use media::{MediaContents, MediaRow};
pub use media_table::{MediaTable, TableCell};
pub use message_cursor::MessageCursor;
pub use message_filter::MessageFilter;
pub use messages::Messages;
pub use overview::Bucket;
pub use parquet_file::write_parquet;
pub(crate) use part_cache::{damaged_parts, is_readable_part};
pub use query::{Field, FieldValue, KnownFields, Query, RunFields};
pub use row::Row;
pub use row_stream::RowStream;
pub use run::RunReader;
pub use series::{Points, Series};
pub use settings::settings_by_path;
pub use snapshot::{LastValue, Snapshot};
pub use sql::{LivePoints, SqlViews};
pub(crate) use summaries::sealed_sums;
pub use tail::{Cursor, Tail};
pub use views::{ListedView, SavedView};
pub use warning::{Loss, Warning};
pub use writers::{WriterInfo, WriterState};

pub use crate::format::{
    code_file::{ChangedFile, Code, FileStatus, Patch, PatchKept},
    event_line::{EventHead, EventKind, StoredEvent, StoredEventKind},
    media_item::{MediaHash, MediaItem, StoredMedia},
    message_line::StoredMessage,
    run_file::{Parent, Provenance, SinceLast},
    run_knob::RunKnob,
};
pub use crate::value::view_name::ViewName;
