//! The columns of a Parquet part, and what its footer says.

use std::sync::Arc;

use parquet::{
    basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    errors::ParquetError,
    schema::types::{Type, TypePtr},
};

/// The columns in their order. Readers find them by name.
pub(crate) const COLUMNS: [&str; 7] = ["run", "key", "step", "time", "value", "writer", "seq"];

/// Footer key: the [`VERSION`] of the layout.
pub(crate) const VERSION_KEY: &str = "tracker.version";

/// Footer key: each metric's summary over the part, as JSON, for other programs. Tracker's own
/// readers find the same in [`PAGES_KEY`].
pub(crate) const SUMMARY_KEY: &str = "tracker.summary";

/// Footer key: where each metric's rows are and what they hold, as
/// [`part_index`](crate::format::part_index) writes it.
pub(crate) const PAGES_KEY: &str = "tracker.pages";

/// The version of this layout.
pub(crate) const VERSION: &str = "1";

/// The schema of a part: one row a point, no nulls.
pub(crate) fn schema() -> Result<TypePtr, ParquetError> {
    let text = |name| column(name, PhysicalType::BYTE_ARRAY, Some(LogicalType::String));
    let time = LogicalType::timestamp(true, TimeUnit::MICROS);
    let fields = vec![
        text("run")?,
        text("key")?,
        column("step", PhysicalType::INT64, None)?,
        column("time", PhysicalType::INT64, Some(time))?,
        column("value", PhysicalType::DOUBLE, None)?,
        column("writer", PhysicalType::INT32, None)?,
        column("seq", PhysicalType::INT64, None)?,
    ];
    Type::group_type_builder("scalars").with_fields(fields).build().map(Arc::new)
}

fn column(
    name: &str,
    physical: PhysicalType,
    logical: Option<LogicalType>,
) -> Result<TypePtr, ParquetError> {
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}
