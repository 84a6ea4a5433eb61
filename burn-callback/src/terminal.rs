//! Whether Burn's own dashboard may own the terminal.

use std::{any::TypeId, io::IsTerminal};

/// Stands in for `burn::train::renderer::tui` where that module is compiled out.
mod tui {
    /// Has the name of Burn's dashboard, and is never used.
    pub(super) struct TuiMetricsRendererWrapper;
}

/// Whether Burn's default renderer would be its dashboard: its feature `tui` is on, in whichever
/// crate of the program asked for it, and the output is a terminal.
pub(crate) fn belongs_to_burn() -> bool {
    dashboard_is_compiled() && std::io::stdout().is_terminal()
}

/// A crate cannot ask for the features of another one. But a name that is imported inside a
/// function wins over the module's own, so `tui` below is Burn's where Burn has one.
pub(crate) fn dashboard_is_compiled() -> bool {
    type Own = tui::TuiMetricsRendererWrapper;
    fn named() -> TypeId {
        #[allow(
            unused_imports,
            clippy::wildcard_imports,
            reason = "used where Burn's feature `tui` is on"
        )]
        use burn::train::renderer::*;
        TypeId::of::<tui::TuiMetricsRendererWrapper>()
    }
    named() != TypeId::of::<Own>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_dashboard_is_seen_where_it_is_compiled() {
        assert_eq!(super::dashboard_is_compiled(), cfg!(feature = "tui"));
    }
}
