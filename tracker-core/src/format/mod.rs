//! The files of the store, as both its writer and its readers know them.

pub(crate) mod block;
pub(crate) mod code_file;
pub(crate) mod compact_thrift;
pub(crate) mod control_line;
pub(crate) mod event_line;
pub(crate) mod file_kind;
pub(crate) mod folder;
pub(crate) mod layout;
pub(crate) mod liveness;
pub(crate) mod log_file;
pub(crate) mod log_header;
pub(crate) mod media_item;
pub(crate) mod message_line;
pub(crate) mod owner;
pub(crate) mod part_footer;
pub(crate) mod part_index;
pub(crate) mod part_properties;
pub(crate) mod part_schema;
pub(crate) mod ring_file;
pub(crate) mod run_file;
pub(crate) mod run_knob;
pub(crate) mod slot;
pub(crate) mod slot_stream;
pub(crate) mod table_footer;
