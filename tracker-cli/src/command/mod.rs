//! One file a command.

pub(crate) mod artifact;
pub(crate) mod checkpoint;
pub(crate) mod chosen;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod diverge;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod flight;
pub(crate) mod fork;
pub(crate) mod gc;
pub(crate) mod import;
pub(crate) mod logs;
pub(crate) mod ls;
pub(crate) mod media_folder;
pub(crate) mod mv;
pub(crate) mod note;
pub(crate) mod report;
pub(crate) mod rm;
pub(crate) mod set;
pub(crate) mod show;
pub(crate) mod stop;
pub(crate) mod tag;
pub(crate) mod ui;
pub(crate) mod undo;
pub(crate) mod watch;
