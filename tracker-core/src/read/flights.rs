//! What flight recorders stored of the last steps of a training.

use std::{collections::HashMap, sync::Arc};

use crate::{
    Error, Result, Step, Timestamp,
    flight::{
        BATCH_COLUMNS, FLIGHT, FlightRecord, FlightStep, FlightValues, MAX_NUMBERS, MAX_STEPS,
        MAX_TENSORS, TENSOR_COLUMNS, parse_samples,
    },
    format::media_item::{MediaHash, MediaItem},
    read::{MediaTable, RunReader, TableCell, media::MediaRow},
};

/// Where a record of the last steps lies; [`RunReader::flight`] reads it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Flight {
    /// The last step of it.
    pub step: Step,
    /// When it was stored.
    pub time: Timestamp,
    /// The table of what each step showed of each tensor.
    pub tensors: MediaHash,
    /// The table of batches.
    pub batches: MediaHash,
}

impl RunReader {
    /// The records of the last steps that were stored when something went wrong or somebody asked, in the
    /// order of steps. Each process of a run stores its own.
    ///
    /// ```no_run
    /// use tracker_core::read::Store;
    ///
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let run = Store::discover()?.find("@latest")?;
    /// for flight in run.flights()? {
    ///     let record = run.flight(&flight)?;
    ///     let verdict = record.verdict(&record.findings());
    ///     println!("{}: {}", flight.step, verdict.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn flights(&self) -> Result<Vec<Flight>> {
        Ok(self.media(FLIGHT)?.iter().filter_map(flight).collect())
    }

    /// Reads a record of the last steps.
    ///
    /// # Errors
    /// If a file of it is missing or damaged, or is no such record.
    pub fn flight(&self, flight: &Flight) -> Result<FlightRecord> {
        let open = |hash: &MediaHash, columns: [&str; 5]| {
            let table = MediaTable::open(self.media_file(hash.as_str())?)?;
            let names = table.columns().iter().map(|(name, _)| name.as_str());
            if names.eq(columns) { Ok(table) } else { Err(foreign()) }
        };
        let steps = steps(&open(&flight.batches, BATCH_COLUMNS)?)?;
        record(steps, &open(&flight.tensors, TENSOR_COLUMNS)?)
    }
}

/// Anybody may log media of this name: those of a record are two tables.
fn flight(row: &MediaRow) -> Option<Flight> {
    let [MediaItem::Table { file: tensors, .. }, MediaItem::Table { file: batches, .. }] =
        row.items.as_slice()
    else {
        return None;
    };
    let [tensors, batches] = [tensors, batches].map(|file| file.sha256.clone());
    Some(Flight { step: row.step, time: row.time, tensors, batches })
}

/// What one look at the tensors showed: of each, by its place among them.
type Look = Vec<(usize, FlightValues)>;

fn steps(table: &MediaTable) -> Result<Vec<FlightStep>> {
    if table.rows() > MAX_STEPS {
        return Err(foreign());
    }
    let columns = columns(table)?;
    let [step, epoch, batch, rate, samples] = columns.each_ref().map(Vec::as_slice);
    let whole = |cell: Option<&TableCell>| number(cell).map(|of| (of as i64).unsigned_abs());
    let row = |at: usize| {
        Some(FlightStep {
            step: self::step(step.get(at)?)?,
            epoch: whole(epoch.get(at)),
            batch: whole(batch.get(at)),
            samples: Arc::default(),
            rate: number(rate.get(at)),
            values: Vec::new(),
        })
    };
    let all = (0..table.rows()).map(row).collect::<Option<Vec<_>>>();
    let mut steps = all.ok_or_else(foreign)?;
    // A few bytes of a stranger's file may stand for any number of samples.
    let mut room = MAX_NUMBERS;
    for (step, cell) in steps.iter_mut().zip(samples).rev() {
        let parsed = text(Some(cell)).map(parse_samples).unwrap_or_default();
        let Some(left) = room.checked_sub(parsed.len()) else { break };
        (step.samples, room) = (parsed, left);
    }
    Ok(steps)
}

/// Gives each step what it showed of each tensor.
fn record(mut steps: Vec<FlightStep>, table: &MediaTable) -> Result<FlightRecord> {
    let columns = columns(table)?;
    let [step, tensor, weight, gradient, change] = columns.each_ref().map(Vec::as_slice);
    let mut tensors: Vec<Arc<str>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut looks: HashMap<Step, Vec<Look>> = HashMap::new();
    let (mut count, mut last) = (0_usize, None);
    for at in 0..table.rows() {
        let known = step.get(at).and_then(self::step).zip(text(tensor.get(at)));
        let (step, name) = known.ok_or_else(foreign)?;
        let place = *places.entry(name).or_insert_with(|| {
            tensors.push(name.into());
            tensors.len() - 1
        });
        let value = |column: &[TableCell]| number(column.get(at)).map(|value| value as f32);
        let [weight, gradient, change] = [weight, gradient, change].map(value);
        let of_step = looks.entry(step).or_default();
        // Tensors are in order. Where one comes again, a training has come to the step again.
        if last.is_none_or(|(before, other)| before != step || other >= place) {
            of_step.push(Look::new());
            count += 1;
        }
        if let Some(look) = of_step.last_mut() {
            look.push((place, FlightValues { weight, gradient, change }));
        }
        last = Some((step, place));
    }
    // A stranger's table may name as many tensors as it has rows, each once.
    let cells = tensors.len().saturating_mul(count);
    if tensors.len() > MAX_TENSORS || cells > 8 * table.rows().max(1 << 16) {
        return Err(foreign());
    }
    // From the end: only the last looks may have found room in the table.
    for step in steps.iter_mut().rev() {
        let Some(look) = looks.get_mut(&step.step).and_then(Vec::pop) else { continue };
        step.values = vec![FlightValues::default(); tensors.len()];
        for (place, value) in look {
            if let Some(of_tensor) = step.values.get_mut(place) {
                *of_tensor = value;
            }
        }
    }
    Ok(FlightRecord { tensors, steps })
}

fn columns(table: &MediaTable) -> Result<[Vec<TableCell>; 5]> {
    let rows = table.rows();
    let column = |column| table.column(column, 0..rows);
    Ok([column(0)?, column(1)?, column(2)?, column(3)?, column(4)?])
}

fn step(cell: &TableCell) -> Option<Step> {
    text(Some(cell))?.parse().ok().map(Step)
}

fn text(cell: Option<&TableCell>) -> Option<&str> {
    match cell {
        Some(TableCell::Text(text)) => Some(text),
        _ => None,
    }
}

fn number(cell: Option<&TableCell>) -> Option<f64> {
    match cell {
        Some(TableCell::Number(number)) => Some(*number),
        _ => None,
    }
}

fn foreign() -> Error {
    Error::Media {
        what: "record of the last steps",
        reason: "its tables are not those of a flight recorder".to_owned(),
        hint: "media named `flight` are the flight recorder's; give others another name".to_owned(),
    }
}
