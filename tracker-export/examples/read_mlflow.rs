//! Prints what an import of MLflow's runs is told, one JSON object a line: `read_mlflow PATH`. The bits of values are
//! printed, so that what reads it loses none.

use std::{
    env,
    error::Error,
    io::{self, BufWriter, Write},
};

use serde_json::json;
use tracker_core::{Event, Step, Timestamp};
use tracker_export::{Account, MlflowSource, Sink, Source};

struct Printed<W: Write>(W);

impl<W: Write> Sink for Printed<W> {
    fn point(
        &mut self,
        metric: &str,
        step: Step,
        time: Timestamp,
        value: f64,
    ) -> tracker_export::Result<()> {
        let line =
            json!({ "point": metric, "step": step, "micros": time.0, "bits": value.to_bits() });
        self.line(&line)
    }

    fn event(&mut self, time: Timestamp, event: Event) -> tracker_export::Result<()> {
        let line = json!({ "event": format!("{event:?}"), "micros": time.0 });
        self.line(&line)
    }
}

impl<W: Write> Printed<W> {
    fn line(&mut self, line: &serde_json::Value) -> tracker_export::Result<()> {
        writeln!(self.0, "{line}").map_err(|source| tracker_export::Error::Io {
            action: "write",
            path: "standard output".into(),
            hint: "read all of it",
            source,
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: read_mlflow PATH")?;
    let mut source = MlflowSource::open(path).map_err(|error| error.to_string())?;
    let mut out = Printed(BufWriter::new(io::stdout().lock()));
    for run in source.runs()? {
        let about: serde_json::Map<_, _> =
            run.about.iter().map(|(topic, facts)| (topic.clone(), facts.clone().into())).collect();
        out.line(&json!({
            "run": run.origin, "project": run.project, "name": run.name, "group": run.group, "notes": run.notes,
            "tags": run.tags, "config": run.config, "about": about, "ended": format!("{:?}", run.ended),
            "started": run.started_at.map(|time| time.0),
        }))?;
        let mut account = Account::default();
        source.read(&run, &mut out, &mut account)?;
        let left_out: Vec<String> = account
            .left_out()
            .iter()
            .map(|(left_out, count)| format!("{count} {}: {}", left_out.what, left_out.why))
            .collect();
        out.line(
            &json!({ "kept": account.kept(), "left_out": left_out, "renamed": account.renamed() }),
        )?;
    }
    out.0.flush()?;
    Ok(())
}
