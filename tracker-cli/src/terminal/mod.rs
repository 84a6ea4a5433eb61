//! What a terminal shows, as text, and the only place that prints.

pub(crate) mod outline;
pub(crate) mod plot;
pub(crate) mod printer;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod unseen;
