//! The way of values from a device that must not be waited for, tried on the CPU.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result, Shape, Tensor, Var, bail};
use candle_nn::{Optimizer, SGD};
use tracker_core::{
    MemoryTracker, Timestamp, Tracker, adapter::recorder::ReadBack as _, progress::ProgressMode,
};

use crate::{
    Hooks,
    readback::{Devices, MOST_ELEMENTS, Readings, SLOTS, Source},
};

/// Says that no read is free, and counts those that are done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counting {
    reads: Arc<AtomicUsize>,
    fails: bool,
}

impl Source for Counting {
    fn is_free(&self, _: &Device) -> bool {
        false
    }

    fn read(&mut self, ring: &Tensor) -> Result<Vec<f64>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.fails {
            bail!("operation not permitted when stream is capturing")
        }
        Devices.read(ring)
    }
}

impl Counting {
    /// One whose reads all fail.
    pub(crate) fn failing() -> Self {
        Self { fails: true, ..Self::default() }
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

const LONG: Duration = Duration::from_hours(1);

fn hooks(source: &Counting, patience: Duration) -> (Hooks, MemoryTracker) {
    let tracker = MemoryTracker::new();
    let readings = Readings::new(Box::new(source.clone()), patience);
    let hooks = Hooks::with_readings(Arc::new(tracker.clone()), readings);
    (hooks.progress(ProgressMode::Off), tracker)
}

fn variable() -> Result<Var> {
    Var::new(&[1_f32, -1.0], &Device::Cpu)
}

/// A loss whose value is that of its step.
fn loss(variable: &Var, step: usize) -> Result<Tensor> {
    variable.sum_all()? + step as f64
}

#[test]
fn one_read_brings_all_values_of_a_ring() -> Result<()> {
    let source = Counting::default();
    let (hooks, tracker) = hooks(&source, LONG);
    let variable = variable()?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.0)?);
    let steps = 4 * SLOTS + 10;
    for step in hooks.batches(0..steps) {
        optimizer.backward_step(&loss(&variable, step)?)?;
        assert!(source.reads() <= (step + 1) / SLOTS, "{} reads at step {step}", source.reads());
    }
    assert_eq!(source.reads(), steps.div_ceil(SLOTS));
    let expected: Vec<_> = (0..steps).map(|step| ((step as u64).into(), step as f64)).collect();
    assert_eq!(tracker.series("batch/train/loss"), expected);
    assert_eq!(tracker.problems(), []);
    Ok(())
}

#[test]
fn values_keep_the_time_at_which_they_were_logged() -> Result<()> {
    let source = Counting::default();
    let (hooks, tracker) = hooks(&source, LONG);
    let variable = variable()?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.0)?);
    optimizer.backward_step(&loss(&variable, 0)?)?;
    let after_first = Timestamp::now();
    std::thread::sleep(Duration::from_millis(20));
    optimizer.backward_step(&loss(&variable, 1)?)?;
    assert_eq!(tracker.series("batch/train/loss"), []);
    hooks.flush();
    let points = tracker.points();
    let times: Vec<_> = points.iter().filter(|point| point.0 == "batch/train/loss").collect();
    assert!(times[0].2 <= after_first && after_first < times[1].2, "{times:?}");
    Ok(())
}

#[test]
fn values_wait_no_longer_than_the_patience() -> Result<()> {
    let source = Counting::default();
    let (hooks, tracker) = hooks(&source, Duration::ZERO);
    let variable = variable()?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.0)?);
    for step in 0..3 {
        optimizer.backward_step(&loss(&variable, step)?)?;
        assert_eq!(tracker.series("batch/train/loss").len(), step + 1);
    }
    Ok(())
}

#[test]
fn epochs_and_evaluations_are_logged_in_order() -> Result<()> {
    let source = Counting::default();
    let (hooks, tracker) = hooks(&source, LONG);
    let variable = variable()?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.0)?);
    let labels = Tensor::zeros(4, DType::U8, &Device::Cpu)?;
    let logits = Tensor::new(&[[1_f32, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], &Device::Cpu)?;
    for _ in hooks.epochs(1..=2) {
        for step in hooks.batches(0..2_usize) {
            hooks.accuracy(&logits, &labels)?;
            optimizer.backward_step(&loss(&variable, step)?)?;
        }
        hooks.valid(|valid| valid.accuracy(&logits, &labels))?;
    }
    assert_eq!(tracker.series("train/loss"), [(1.into(), 0.5), (3.into(), 0.5)]);
    assert_eq!(tracker.series("train/accuracy"), [(1.into(), 0.75), (3.into(), 0.75)]);
    assert_eq!(tracker.series("valid/accuracy"), [(1.into(), 0.75), (3.into(), 0.75)]);
    // One when the batches of each epoch end.
    assert_eq!(source.reads(), 2);
    Ok(())
}

#[test]
fn losses_of_mixed_types_keep_their_precision() -> Result<()> {
    let source = Counting::default();
    let (hooks, tracker) = hooks(&source, LONG);
    let third = Tensor::new(1.0 / 3.0, &Device::Cpu)?;
    for (index, dtype) in [DType::F64, DType::F32, DType::BF16, DType::F16].iter().enumerate() {
        let loss = third.to_dtype(*dtype)?;
        let loss = if index % 2 == 0 { loss.reshape((1, 1))? } else { loss };
        for () in hooks.batches([()]) {
            hooks.loss(&loss);
        }
    }
    let values: Vec<_> = tracker.series("batch/train/loss").iter().map(|row| row.1).collect();
    assert_eq!(values[0].to_bits(), (1.0_f64 / 3.0).to_bits());
    assert_eq!(values[1].to_bits(), f64::from(1.0_f32 / 3.0).to_bits());
    assert!((values[2] - 1.0 / 3.0).abs() < 2e-3 && (values[3] - 1.0 / 3.0).abs() < 2e-4);
    Ok(())
}

#[test]
fn failed_read_is_counted_and_training_goes_on() -> Result<()> {
    let source = Counting::failing();
    let (hooks, tracker) = hooks(&source, LONG);
    let variable = variable()?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.0)?);
    for _ in hooks.epochs(1..=1) {
        for step in hooks.batches(0..5) {
            optimizer.backward_step(&loss(&variable, step)?)?;
        }
    }
    assert_eq!(tracker.series("batch/train/loss"), []);
    assert_eq!(tracker.series("epoch"), [(4.into(), 1.0)]);
    let problems = tracker.problems();
    assert_eq!((problems[0].kind.as_str(), problems[0].count), ("value-not-read", 5));
    assert!(problems[0].message.contains("capturing"));
    Ok(())
}

#[test]
fn nothing_is_read_where_nothing_is_tracked() -> Result<()> {
    let source = Counting::default();
    let readings = Readings::new(Box::new(source.clone()), Duration::ZERO);
    let tracker: Arc<dyn Tracker> = Arc::new(tracker_core::NoopTracker::new());
    let hooks = Hooks::with_readings(tracker, readings);
    let variable = variable()?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.0)?);
    for step in hooks.batches(0..3) {
        optimizer.backward_step(&loss(&variable, step)?)?;
    }
    let validation = loss(&variable, 0)?;
    hooks.valid(|valid| valid.loss(&validation));
    hooks.flush();
    assert_eq!(source.reads(), 0);
    Ok(())
}

fn readings(source: &Counting) -> Readings {
    Readings::new(Box::new(source.clone()), LONG)
}

fn vector(numbers: &[f32]) -> Result<Tensor> {
    Tensor::new(numbers, &Device::Cpu)
}

#[test]
fn scalars_and_vectors_of_one_type_come_with_one_read() -> Result<()> {
    let source = Counting::default();
    let mut readings = readings(&source);
    let first = readings.take_many(&vector(&[1.0, 2.0])?)?;
    let scalar = readings.take(&Tensor::new(3_f32, &Device::Cpu)?).unwrap();
    let second = readings.take_many(&vector(&[4.0, f32::NAN, 6.0])?)?;
    let another_scalar = readings.take(&Tensor::new(7_f32, &Device::Cpu)?).unwrap();
    assert!(!first.is_ready() && !second.is_ready() && first.values().is_none());
    readings.read().unwrap();
    assert_eq!(source.reads(), 1);
    assert_eq!(first.values(), Some(&[1.0, 2.0][..]));
    assert_eq!((scalar.value(), another_scalar.value()), (Some(3.0), Some(7.0)));
    let second = second.values().unwrap();
    assert!(second[0] == 4.0 && second[1].is_nan() && second[2] == 6.0 && second.len() == 3);
    readings.read().unwrap();
    assert_eq!(source.reads(), 1, "nothing waits");
    Ok(())
}

#[test]
fn vectors_of_f64_keep_their_bits() -> Result<()> {
    let source = Counting::default();
    let mut readings = readings(&source);
    let third = Tensor::new(&[1.0 / 3.0, 1e300], &Device::Cpu)?;
    let (wide, narrow) = (readings.take_many(&third)?, readings.take_many(&vector(&[0.5])?)?);
    readings.read().unwrap();
    assert_eq!(source.reads(), 2, "one for each type");
    assert_eq!(wide.values(), Some(&[1.0 / 3.0, 1e300][..]));
    assert_eq!(narrow.values(), Some(&[0.5][..]));
    Ok(())
}

#[test]
fn vectors_alone_and_scalars_after_them_are_told_apart() -> Result<()> {
    let source = Counting::default();
    let mut readings = readings(&source);
    for round in 0..3_u8 {
        let number = f32::from(round);
        let alone = readings.take_many(&vector(&[number, -number])?)?;
        readings.read().unwrap();
        assert_eq!(alone.values(), Some(&[f64::from(number), -f64::from(number)][..]));
        let scalar = readings.take(&Tensor::new(number, &Device::Cpu)?).unwrap();
        readings.read().unwrap();
        assert_eq!(scalar.value(), Some(f64::from(number)));
    }
    assert_eq!(source.reads(), 6);
    Ok(())
}

#[test]
fn many_numbers_make_a_read_due() -> Result<()> {
    let source = Counting::default();
    let mut readings = readings(&source);
    let quarter = vector(&vec![1.0; MOST_ELEMENTS / 4])?;
    for _ in 0..4 {
        assert!(!readings.is_due());
        readings.take_many(&quarter)?;
    }
    assert!(readings.is_due());
    readings.read().unwrap();
    assert!(!readings.is_due());
    Ok(())
}

#[test]
fn vectors_wait_no_longer_than_the_patience() -> Result<()> {
    let mut readings = Readings::new(Box::new(Counting::default()), Duration::ZERO);
    assert!(!readings.is_due());
    readings.take_many(&vector(&[1.0])?)?;
    assert!(readings.is_due());
    Ok(())
}

#[test]
fn lost_vectors_are_ready_without_values_and_counted() -> Result<()> {
    let source = Counting::failing();
    let mut readings = readings(&source);
    let many = readings.take_many(&vector(&[1.0, 2.0])?)?;
    let scalar = readings.take(&Tensor::new(3_f32, &Device::Cpu)?).unwrap();
    let lost = readings.read().unwrap_err();
    assert_eq!(lost.count, 2);
    assert!(many.is_ready() && many.values().is_none());
    assert!(scalar.is_ready() && scalar.value().is_none());
    assert!(!readings.is_due());
    Ok(())
}

#[test]
fn on_the_cpu_a_vector_is_known_at_once() -> Result<()> {
    let mut readings = Readings::default();
    let many = readings.take_many(&vector(&[1.0, 2.0])?)?;
    assert_eq!(many.values(), Some(&[1.0, 2.0][..]));
    let empty = readings.take_many(&vector(&[])?)?;
    assert_eq!(empty.values(), Some(&[][..]));
    Ok(())
}

#[test]
fn what_is_no_vector_of_floats_is_refused() -> Result<()> {
    let mut readings = readings(&Counting::default());
    for tensor in
        [Tensor::zeros((2, 2), DType::F32, &Device::Cpu)?, vector(&[1.0])?.to_dtype(DType::U32)?]
    {
        assert!(readings.take_many(&tensor).is_err());
    }
    assert!(!readings.is_due());
    Ok(())
}

/// Passes its argument on, and is alive as long as the graph that it is part of.
struct Witness(#[expect(dead_code, reason = "held for its count")] Arc<()>);

impl CustomOp1 for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let values = storage.as_slice::<f32>()?[layout.start_offset()..].to_vec();
        Ok((CpuStorage::F32(values), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(grad.clone()))
    }
}

/// A loss, and whether its graph is alive.
pub(crate) fn witnessed_loss(variable: &Var) -> Result<(Tensor, Weak<()>)> {
    let alive = Arc::new(());
    let graph = Arc::downgrade(&alive);
    Ok((variable.sqr()?.apply_op1(Witness(alive))?.mean_all()?, graph))
}

#[test]
fn graph_is_free_when_the_loss_is_though_its_value_waits() -> Result<()> {
    for patience in [LONG, Duration::ZERO] {
        let source = Counting::default();
        let (hooks, tracker) = hooks(&source, patience);
        let variable = variable()?;
        let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.1)?);
        let (loss, graph) = witnessed_loss(&variable)?;
        hooks.loss(&loss);
        optimizer.backward_step(&loss)?;
        assert!(graph.upgrade().is_some());
        drop(loss);
        assert!(graph.upgrade().is_none());

        let (loss, graph) = witnessed_loss(&variable)?;
        hooks.accuracy(&loss.reshape((1, 1))?, &Tensor::new(&[1_u8], &Device::Cpu)?)?;
        hooks.valid(|valid| valid.loss(&loss));
        drop(loss);
        assert!(graph.upgrade().is_none());
        hooks.flush();
        assert_eq!(tracker.series("batch/train/loss").len(), 1);
    }
    Ok(())
}
