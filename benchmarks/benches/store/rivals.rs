//! What a training could do in tracker's place, each as its users write it.
//!
//! Where a rival wants `&mut`, the threads of a training share it behind a mutex.

use std::{
    fs::File,
    hint::black_box,
    io::{BufWriter, Write},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use burn_train::{
    logger::{FileMetricLogger, MetricLogger},
    metric::{
        MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericEntry, SerializedEntry,
        store::{MetricsUpdate, NumericMetricUpdate, Split},
    },
};
use tensorboard_rs::summary_writer::SummaryWriter;

use crate::{
    steps::{accuracy, loss},
    subject::{Begun, Subject},
};

/// Rivals keep what they cannot store in time in memory without bounds: fewer calls than for
/// tracker keep that small.
const CALLS: usize = 200_000;

/// What a system call costs: 64 bytes, as two of tracker's slots have.
pub(crate) const WRITE: Subject = Subject {
    name: "write(2) of 64 bytes",
    calls: CALLS,
    begin: |folder| {
        let file = Arc::new(File::create(folder.join("written")).unwrap());
        Begun {
            call: Box::new(move || {
                let file = Arc::clone(&file);
                Box::new(move |step| {
                    let bytes = black_box([step; 8]).map(u64::to_le_bytes);
                    (&*file).write_all(bytes.as_flattened()).unwrap();
                })
            }),
            end: Box::new(|| 0),
        }
    },
};

/// A step on its way to a thread that would store it.
type Message = (u64, [(u32, f64); 2]);

/// What handing a step to another thread costs.
pub(crate) const CHANNEL: Subject = Subject {
    name: "std mpsc to a thread",
    calls: CALLS,
    begin: |_| {
        let (sender, receiver) = mpsc::channel::<Message>();
        let drain = thread::spawn(move || {
            for message in receiver {
                black_box(message);
            }
        });
        Begun {
            call: Box::new(move || {
                let sender = sender.clone();
                Box::new(move |step| {
                    sender.send((step, [(0, loss(step)), (1, accuracy(step))])).unwrap();
                })
            }),
            end: Box::new(|| {
                drain.join().unwrap();
                0
            }),
        }
    },
};

/// What people write by hand who want to see their curves after a crash.
pub(crate) const CSV: Subject = Subject {
    name: "CSV line by hand, flushed",
    calls: CALLS,
    begin: |folder| {
        let file = BufWriter::new(File::create(folder.join("steps.csv")).unwrap());
        shared(file, |file, step| {
            writeln!(file, "{step},{},{}", loss(step), accuracy(step)).unwrap();
            file.flush().unwrap();
        })
    },
};

pub(crate) const TENSORBOARD: Subject = Subject {
    name: "tensorboard-rs, add_scalar twice",
    calls: CALLS,
    begin: |folder| {
        shared(SummaryWriter::new(folder), |writer, step| {
            writer.add_scalar("train/loss", loss(step) as f32, step as usize);
            writer.add_scalar("train/accuracy", accuracy(step) as f32, step as usize);
        })
    },
};

/// Burn's own logger, called as Burn calls it at the end of a batch: with both metrics' values as
/// text. Making the text is part of the call, as it is of a training with this logger.
pub(crate) const BURN: Subject = Subject {
    name: "Burn's FileMetricLogger, two metrics",
    calls: CALLS,
    begin: |folder| {
        let mut logger = FileMetricLogger::new(folder);
        let metrics = ["Loss", "Accuracy"].map(burn_metric);
        metrics.iter().for_each(|metric| logger.log_metric_definition(metric.clone()));
        let [one, other] = metrics.map(|metric| metric.metric_id);
        shared((logger, one, other), |(logger, one, other), step| {
            let entries = vec![burn_entry(one, loss(step)), burn_entry(other, accuracy(step))];
            logger.log(MetricsUpdate::new(Vec::new(), entries), 1, &Split::Train);
        })
    },
};

fn burn_metric(name: &str) -> MetricDefinition {
    let name = Arc::new(name.to_owned());
    MetricDefinition {
        metric_id: MetricId::new(Arc::clone(&name)),
        name,
        description: None,
        attributes: MetricAttributes::None,
    }
}

fn burn_entry(metric: &MetricId, value: f64) -> NumericMetricUpdate {
    let entry = NumericEntry::Value(value);
    let text = SerializedEntry::new(String::new(), entry.serialize());
    let described = MetricEntry::new(metric.clone(), text);
    NumericMetricUpdate::new(described, Some(entry), None)
}

/// A subject whose threads share `state`.
fn shared<T: Send + 'static>(state: T, call: fn(&mut T, u64)) -> Begun {
    let state = Arc::new(Mutex::new(state));
    let last = Arc::clone(&state);
    Begun {
        call: Box::new(move || {
            let state = Arc::clone(&state);
            Box::new(move |step| call(&mut state.lock().unwrap(), step))
        }),
        // What the state has not stored yet it stores when it is dropped.
        end: Box::new(move || {
            drop(last);
            0
        }),
    }
}
