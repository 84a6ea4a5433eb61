//! Samples of real variables, against a plain computation in f64.

use std::{sync::Arc, time::Duration};

use candle_core::{DType, Device, Result, Tensor, Var, backprop::GradStore};
use candle_nn::{Optimizer, SGD};
use tracker_core::{
    Event, MemoryTracker, Timestamp,
    adapter::{Statistics, WatchLog, WatchOptions, WatchedTensor, recorder::ReadBack as _},
};

use super::Watcher;
use crate::{
    deferred_tests::{Counting, witnessed_loss},
    readback::Readings,
};

const BINS: usize = 8;

fn options() -> WatchOptions {
    WatchOptions::new().every(1).histogram_bins(BINS)
}

fn f64s(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn bits(tensor: &Tensor) -> Vec<u64> {
    f64s(tensor).into_iter().map(f64::to_bits).collect()
}

#[expect(clippy::cast_sign_loss, reason = "no value is below the least")]
fn naive(values: &[f64], bins: usize) -> Statistics {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let least = finite.iter().copied().reduce(f64::min).unwrap_or(0.0);
    let greatest = finite.iter().copied().reduce(f64::max).unwrap_or(0.0);
    let mut counts = vec![0; bins];
    for value in &finite {
        let position = (value - least) / (greatest - least) * bins as f64;
        counts[(position as usize).min(bins - 1)] += 1;
    }
    Statistics {
        limits: (least, greatest),
        norm: values.iter().map(|value| value * value).sum::<f64>().sqrt(),
        nan: values.iter().filter(|value| value.is_nan()).count() as u64,
        infinite: values.iter().filter(|value| value.is_infinite()).count() as u64,
        counts,
    }
}

fn assert_close(found: f64, expected: f64, what: &str) {
    let is_same = found == expected || found.is_nan() && expected.is_nan();
    assert!(is_same || (found / expected - 1.0).abs() < 1e-5, "{what}: {found} is not {expected}");
}

fn assert_alike(found: &Statistics, expected: &Statistics, what: &str) {
    assert_close(found.norm, expected.norm, what);
    assert_close(found.limits.0, expected.limits.0, what);
    assert_close(found.limits.1, expected.limits.1, what);
    assert_eq!((found.nan, found.infinite), (expected.nan, expected.infinite), "{what}");
    assert_eq!(found.counts, expected.counts, "{what}");
}

/// Numbers that are in the middle of their bins, the least and the greatest aside, so that no
/// rounding takes one into another bin.
fn numbers(elements: usize) -> Vec<f32> {
    let number = |index: usize| match index {
        0 => -4.0,
        1 => 4.0,
        _ => ((index * 7 + index / 3) % BINS) as f32 - 3.5,
    };
    (0..elements).map(number).collect()
}

/// A variable with `values`, and its gradient.
type Case = (&'static str, Var, Option<Tensor>);

fn case(name: &'static str, values: &Tensor, gradient: Option<Tensor>) -> Result<Case> {
    Ok((name, Var::from_tensor(values)?, gradient))
}

fn tensor(values: &[f32]) -> Result<Tensor> {
    Tensor::new(values, &Device::Cpu)
}

fn cases() -> Result<Vec<Case>> {
    let many = tensor(&numbers(5_000))?;
    let strided = tensor(&numbers(600))?.reshape((20, 30))?.t()?;
    let mut broken = numbers(2_500);
    (broken[2], broken[1_500], broken[2_499]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
    let broken = tensor(&broken)?;
    let of_type = |dtype| many.to_dtype(dtype);
    let alike = Tensor::full(0.5_f32, 30, &Device::Cpu)?;
    Ok(vec![
        case("plain", &many, Some((&many * 1e-3)?))?,
        case("wide", &of_type(DType::F64)?, Some(of_type(DType::F64)?))?,
        case("brain", &of_type(DType::BF16)?, Some(of_type(DType::BF16)?))?,
        case("half", &of_type(DType::F16)?, Some(of_type(DType::F16)?))?,
        case("strided", &strided, Some(strided.clone()))?,
        case("broadcast", &strided, Some(tensor(&[-1.0])?.broadcast_as((30, 20))?))?,
        case("broken", &broken, Some(broken.clone()))?,
        case("nan", &alike, Some(Tensor::full(f32::NAN, 30, &Device::Cpu)?))?,
        case("zero", &alike.zeros_like()?, Some(alike.zeros_like()?))?,
        case("tiny", &alike, Some((&many.narrow(0, 0, 30)? * 1e-25)?))?,
        case("huge", &alike, Some((&many.narrow(0, 0, 30)? * 1e25)?))?,
        case("frozen", &many, None)?,
        case("integers", &many.abs()?.to_dtype(DType::U32)?, None)?,
        case("empty", &tensor(&[])?, Some(tensor(&[])?))?,
    ])
}

fn gradients(cases: &[Case]) -> Result<GradStore> {
    let mut gradients = Tensor::new(1_f32, &Device::Cpu)?.backward()?;
    for (_, variable, gradient) in cases {
        if let Some(gradient) = gradient {
            gradients.insert(variable, gradient.clone());
        }
    }
    Ok(gradients)
}

fn watcher(cases: &[Case], options: WatchOptions) -> Watcher {
    let variables = cases.iter().map(|(name, variable, _)| ((*name).to_owned(), variable.clone()));
    Watcher::new(variables.collect(), options)
}

fn sampled(
    watcher: &Watcher,
    gradients: &GradStore,
    step: impl FnOnce() -> Result<()>,
) -> Result<Vec<WatchedTensor>> {
    let before = watcher.before_step(gradients)?;
    step()?;
    let sample = watcher.after_step(before, &mut Readings::default())?;
    assert!(sample.is_ready());
    Ok(sample.tensors())
}

fn deferred(source: &Counting) -> Readings {
    Readings::new(Box::new(source.clone()), Duration::from_hours(1))
}

#[test]
fn statistics_are_those_of_f64_on_the_host_and_by_tensor_operations() -> Result<()> {
    let cases = cases()?;
    let gradients = gradients(&cases)?;
    for bins in [BINS, 0] {
        let options = options().histogram_bins(bins);
        let host = watcher(&cases, options.clone());
        for (watcher, is_host) in
            [(host, true), (watcher(&cases, options).by_tensor_operations(), false)]
        {
            let found = sampled(&watcher, &gradients, || Ok(()))?;
            let names: Vec<&str> = found.iter().map(|tensor| &*tensor.name).collect();
            let watched: Vec<&str> = cases.iter().map(|case| case.0).take(12).collect();
            assert_eq!(names, watched);
            for (found, (name, variable, gradient)) in found.iter().zip(&cases) {
                // Without histograms, what is in the counts is not written.
                let naive = |tensor: &Tensor, found: &Statistics| Statistics {
                    counts: if bins == 0 {
                        found.counts.clone()
                    } else {
                        naive(&f64s(tensor), bins).counts
                    },
                    ..naive(&f64s(tensor), BINS)
                };
                assert_alike(&found.parameter, &naive(variable, &found.parameter), name);
                assert_eq!(found.gradient.is_some(), gradient.is_some(), "{name}");
                if let (Some(found), Some(gradient)) = (&found.gradient, gradient) {
                    assert_alike(found, &naive(gradient, found), &format!("gradient of {name}"));
                    assert!(!is_host || bins > 0 || found.counts.is_empty());
                }
            }
        }
    }
    Ok(())
}

#[test]
fn random_values_agree_on_the_host_and_by_tensor_operations() -> Result<()> {
    for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
        let values = Tensor::randn(0.3_f32, 2.0, (123, 456), &Device::Cpu)?.to_dtype(dtype)?;
        let cases = [case("a", &values, Some(values.affine(0.5, 0.1)?))?];
        let gradients = gradients(&cases)?;
        let host = sampled(&watcher(&cases, options()), &gradients, || Ok(()))?;
        let device = watcher(&cases, options()).by_tensor_operations();
        let device = sampled(&device, &gradients, || Ok(()))?;
        for (host, device) in [
            (&host[0].parameter, &device[0].parameter),
            (host[0].gradient.as_ref().unwrap(), device[0].gradient.as_ref().unwrap()),
        ] {
            assert_close(device.norm, host.norm, "norm");
            assert_eq!(device.limits, host.limits);
            let moved: u64 =
                host.counts.iter().zip(&device.counts).map(|(a, b)| a.abs_diff(*b)).sum();
            // A value on an edge may be rounded into the next bin. Values of few bits lie on the
            // same edge by the dozen.
            let most = if matches!(dtype, DType::F32 | DType::F64) { 8 } else { 400 };
            assert!(moved <= most, "{dtype:?} {host:?} {device:?}");
            let total = |of: &Statistics| of.counts.iter().sum::<u64>();
            assert_eq!(total(host), total(device));
        }
    }
    Ok(())
}

#[test]
fn updates_are_how_far_the_optimizer_moved() -> Result<()> {
    for dtype in [DType::F32, DType::F64, DType::BF16] {
        let values = tensor(&numbers(3_000))?.to_dtype(dtype)?;
        let cases = [
            case("moves", &values, Some(values.affine(0.0, 0.25)?))?,
            case("stays", &values, Some(values.zeros_like()?))?,
            case("frozen", &values, None)?,
        ];
        let gradients = gradients(&cases)?;
        let vars = cases.iter().map(|case| case.1.clone()).collect();
        let mut optimizer = SGD::new(vars, 0.5)?;
        for on_host in [true, false] {
            let watcher = watcher(&cases, options());
            let watcher = if on_host { watcher } else { watcher.by_tensor_operations() };
            let before = f64s(&cases[0].1);
            let found = sampled(&watcher, &gradients, || optimizer.step(&gradients))?;
            let after = f64s(&cases[0].1);
            let squares = before.iter().zip(&after).map(|(before, after)| (after - before).powi(2));
            assert_close(found[0].update.unwrap(), squares.sum::<f64>().sqrt(), "update");
            assert_eq!((found[1].update, found[2].update), (Some(0.0), None));
            assert_alike(&found[0].parameter, &naive(&before, BINS), "weights before the step");
        }
    }
    Ok(())
}

#[test]
fn weights_and_gradients_keep_their_bits() -> Result<()> {
    let cases = cases()?;
    let gradients = gradients(&cases)?;
    let all_bits = || -> Vec<_> {
        let of_case = |case: &Case| (bits(&case.1), gradients.get(&case.1).map(bits));
        cases.iter().map(of_case).collect()
    };
    let before = all_bits();
    sampled(&watcher(&cases, options()), &gradients, || Ok(()))?;
    sampled(&watcher(&cases, options()).by_tensor_operations(), &gradients, || Ok(()))?;
    assert_eq!(all_bits(), before);
    Ok(())
}

#[test]
fn a_sample_on_devices_is_one_vector_for_each_type() -> Result<()> {
    let cases = cases()?;
    let gradients = gradients(&cases)?;
    let watcher = watcher(&cases, options()).by_tensor_operations();
    let source = Counting::default();
    let mut readings = deferred(&source);
    let mut samples = Vec::new();
    for _ in 0..5 {
        let before = watcher.before_step(&gradients)?;
        samples.push(watcher.after_step(before, &mut readings)?);
    }
    assert!(samples.iter().all(|sample| !sample.is_ready()));
    assert_eq!(source.reads(), 0);
    readings.read().unwrap();
    assert_eq!(source.reads(), 2, "f32 and f64");
    let expected = sampled(&watcher, &gradients, || Ok(()))?;
    for sample in samples {
        assert!(sample.is_ready());
        // NaN is not equal to itself.
        assert_eq!(format!("{:?}", sample.tensors()), format!("{expected:?}"));
    }
    Ok(())
}

#[test]
fn a_lost_sample_is_ready_and_writes_nothing() -> Result<()> {
    let cases = [case("a", &tensor(&[1.0, 2.0])?, Some(tensor(&[1.0, 2.0])?))?];
    let gradients = gradients(&cases)?;
    let watcher = watcher(&cases, options()).by_tensor_operations();
    let mut readings = deferred(&Counting::failing());
    let before = watcher.before_step(&gradients)?;
    let sample = watcher.after_step(before, &mut readings)?;
    assert_eq!(readings.read().unwrap_err().count, 1);
    assert!(sample.is_ready() && !sample.is_empty());
    let tracker = MemoryTracker::new();
    let mut log = WatchLog::new(Arc::new(tracker.clone()), &options());
    sample.write(&mut log, 3.into(), Timestamp::now());
    assert_eq!(tracker.names(), [""; 0]);
    Ok(())
}

#[test]
fn a_sample_is_written_under_the_names_of_the_variables() -> Result<()> {
    let cases = [
        case("first.weight", &tensor(&[3.0, 4.0])?, Some(tensor(&[0.0, 2.0])?))?,
        case("first.bias", &tensor(&[1.0])?, None)?,
    ];
    let gradients = gradients(&cases)?;
    let mut optimizer = SGD::new(cases.iter().map(|case| case.1.clone()).collect(), 0.5)?;
    let watcher = watcher(&cases, options());
    let before = watcher.before_step(&gradients)?;
    optimizer.step(&gradients)?;
    let sample = watcher.after_step(before, &mut Readings::default())?;
    let tracker = MemoryTracker::new();
    let mut log = WatchLog::new(Arc::new(tracker.clone()), &options());
    sample.write(&mut log, 7.into(), Timestamp::now());
    for (metric, value) in [
        ("gradients/first.weight/norm", 2.0),
        ("gradients/norm", 2.0),
        ("parameters/first.weight/norm", 5.0),
        ("parameters/first.bias/norm", 1.0),
        ("parameters/norm", 26_f64.sqrt()),
        ("updates/first.weight/ratio", 0.2),
        ("updates/ratio", 0.2),
    ] {
        let series = tracker.series(metric);
        assert_eq!(series.len(), 1, "{metric}");
        assert_eq!(series[0].0, 7.into());
        assert_close(series[0].1, value, metric);
    }
    assert_eq!(tracker.names().len(), 7);
    let histograms = tracker.events().into_iter().filter_map(|event| match event {
        Event::Histogram { name, .. } => Some(name),
        _ => None,
    });
    let expected = ["gradients/first.weight", "parameters/first.weight", "parameters/first.bias"];
    assert_eq!(histograms.collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn options_choose_variables_and_steps() -> Result<()> {
    let shared = case("a.weight", &tensor(&[1.0])?, None)?;
    let twice = ("b.weight", shared.1.clone(), None);
    let bias = case("a.bias", &tensor(&[1.0])?, None)?;
    let cases = [shared, twice, bias];
    let chosen = watcher(&cases, options().every(3).exclude("bias"));
    let found = sampled(&chosen, &gradients(&cases)?, || Ok(()))?;
    assert_eq!(found.iter().map(|tensor| &*tensor.name).collect::<Vec<_>>(), ["a.weight"]);
    assert_eq!((0..7).filter(|step| chosen.is_due(*step)).collect::<Vec<_>>(), [0, 3, 6]);
    let none = watcher(&cases, options().include("nothing"));
    assert!(!none.is_due(0));
    Ok(())
}

#[test]
fn samples_that_wait_hold_no_graph() -> Result<()> {
    let variable = Var::new(&[1_f32, -1.0], &Device::Cpu)?;
    let watcher = Watcher::new(vec![("a".to_owned(), variable.clone())], options());
    for watcher in [
        watcher,
        Watcher::new(vec![("a".to_owned(), variable.clone())], options()).by_tensor_operations(),
    ] {
        let mut readings = deferred(&Counting::default());
        let (loss, graph) = witnessed_loss(&variable)?;
        let gradients = loss.backward()?;
        let before = watcher.before_step(&gradients)?;
        drop((loss, gradients));
        assert!(graph.upgrade().is_none());
        let sample = watcher.after_step(before, &mut readings)?;
        assert!(!sample.is_empty());
    }
    Ok(())
}
