//! What is sent beside points, events and settings.

/// Which files are sent beside points, events and settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Artifacts {
    /// Media, and the user's own files.
    #[default]
    All,
    /// Pictures, tables and files that were logged as media, and not what lies in `files/`.
    Media,
    /// Neither.
    None,
}
