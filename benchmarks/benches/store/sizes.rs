//! How many bytes a value takes on the disk once its run has finished.
//!
//! Three curves as trainings have them, each alone in a run, and a short run with all three. The
//! time of a point is stored too and takes its share: once as a benchmark logs, at full speed,
//! and once as a training does, a step every 10 ms give or take 3 %.

use std::{fs, path::Path};

use tracker_core::{Point, Run, Timestamp, Tracker, init};

use crate::{
    Scale, scratch,
    table::{Table, at_most},
};

/// A curve: its name and its value at a step of so many.
struct Curve {
    name: &'static str,
    value: fn(step: u64, steps: u64, noise: &mut Noise) -> f64,
}

const CURVES: [Curve; 3] = [
    Curve { name: "train/loss", value: loss },
    Curve { name: "train/accuracy", value: accuracy },
    Curve { name: "lr", value: learning_rate },
];

/// An `f32` loss that falls exponentially under noise of a tenth of its size.
fn loss(step: u64, steps: u64, noise: &mut Noise) -> f64 {
    let progress = step as f64 / steps as f64;
    let loss = 0.1 + 2.2 * (-5.0 * progress).exp();
    f64::from((loss * (1.0 + 0.1 * noise.normal())) as f32)
}

/// The accuracy of a batch of 64, which rises to 95 %.
fn accuracy(step: u64, steps: u64, noise: &mut Noise) -> f64 {
    let progress = step as f64 / steps as f64;
    let likely = 0.95 - 0.85 * (-5.0 * progress).exp();
    let hits = (0..64).filter(|_| noise.uniform() < likely).count();
    hits as f64 / 64.0
}

/// 5 % of linear warm-up, then half a cosine.
fn learning_rate(step: u64, steps: u64, _: &mut Noise) -> f64 {
    let (progress, warm_up) = (step as f64 / steps as f64, 0.05);
    if progress < warm_up {
        return 1e-3 * progress / warm_up;
    }
    let rest = (progress - warm_up) / (1.0 - warm_up);
    0.5e-3 * (1.0 + (std::f64::consts::PI * rest).cos())
}

/// Random numbers that are the same on every machine (SplitMix64).
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A standard normal number, near enough: a sum of twelve uniform ones.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// When points happen.
#[derive(Debug, Clone, Copy)]
enum Pace {
    FullSpeed,
    Training,
}

pub(crate) fn run(_: Scale) {
    let folder = scratch::folder();
    let columns = ["bytes a value", "points", "at full speed", "as in a training", "goal"];
    let mut table = Table::new("sizes on the disk after finish", &columns);
    let mut sum = [0.0; 2];
    for curve in &CURVES {
        const STEPS: u64 = 1_000_000;
        let sizes = [Pace::FullSpeed, Pace::Training]
            .map(|pace| bytes_a_value(folder.path(), std::slice::from_ref(curve), STEPS, pace));
        table.row(row(curve.name, STEPS, sizes));
        sum = [sum[0] + sizes[0], sum[1] + sizes[1]];
    }
    let mean = sum.map(|sum| sum / CURVES.len() as f64);
    let mut cells = row("mean of the three", 3_000_000, mean);
    cells.push(at_most(mean[0].max(mean[1]), 5.0, ""));
    table.row(cells);
    let short = [Pace::FullSpeed, Pace::Training]
        .map(|pace| bytes_a_value(folder.path(), &CURVES, 1_000, pace));
    table.row(row("the three in a run of 1,000 steps", 3_000, short));
    table.print();
}

fn row(name: &str, points: u64, sizes: [f64; 2]) -> Vec<String> {
    let [full_speed, training] = sizes.map(|size| format!("{size:.2}"));
    vec![name.to_owned(), points.to_string(), full_speed, training]
}

fn bytes_a_value(folder: &Path, curves: &[Curve], steps: u64, pace: Pace) -> f64 {
    let run = init("sizes").dir(folder).start().unwrap();
    log(&run, curves, steps, pace);
    let report = run.finish().unwrap();
    let files = fs::read_dir(run.path().join("scalars")).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    fs::remove_dir_all(run.path()).unwrap();
    bytes as f64 / report.points() as f64
}

fn log(run: &Run, curves: &[Curve], steps: u64, pace: Pace) {
    let handles: Vec<_> = curves.iter().map(|curve| run.metric(curve.name)).collect();
    let (mut noise, mut jitter) = (Noise(1), Noise(2));
    let mut time = Timestamp::now();
    let mut points: Vec<Point> = Vec::new();
    for step in 0..steps {
        points.clear();
        time.0 += (10_000.0 * (1.0 + 0.03 * jitter.normal())) as i64;
        for (curve, handle) in curves.iter().zip(&handles) {
            let point = handle.point(step, (curve.value)(step, steps, &mut noise));
            points.push(Point { time: matches!(pace, Pace::Training).then_some(time), ..point });
        }
        run.write(&points);
    }
}
