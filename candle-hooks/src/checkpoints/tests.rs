//! Real trainings, stored and resumed in one process.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use candle_core::{DType, Device, Module, Result, Tensor, Var};
use candle_nn::{
    AdamW, Linear, Optimizer, ParamsAdamW, SGD, VarBuilder, VarMap, linear, loss::mse,
};
use tempfile::TempDir;
use tracker_core::{MemoryTracker, Run, Tracker, init};

use super::{
    CheckpointOptions, Checkpoints, Moment, RestoreError, Restored,
    header::Header,
    keeper::Patience,
    pair,
    restore::restore,
    snapshot::{Snapshot, States},
    version::Version,
};
use crate::{OptimizerState, ResumableAdamW};

const DEVICE: Device = Device::Cpu;
/// Steps in an epoch.
const BATCHES: u64 = 5;

/// 6-8-2, with the same weights each time it is made.
struct Model {
    first: Linear,
    second: Linear,
    weights: VarMap,
}

impl Model {
    fn new() -> Self {
        Self::of(8, DType::F32)
    }

    fn of(hidden: usize, dtype: DType) -> Self {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, dtype, &DEVICE);
        let first = linear(6, hidden, builder.pp("first")).unwrap();
        let second = linear(hidden, 2, builder.pp("second")).unwrap();
        let mut names: Vec<String> = weights.data().lock().unwrap().keys().cloned().collect();
        names.sort();
        for (seed, name) in names.iter().enumerate() {
            let shape = weights.data().lock().unwrap()[name].shape().clone();
            let values = numbers(shape.elem_count(), seed as u64 + 1);
            let values = Tensor::from_vec(values, shape, &DEVICE).unwrap();
            weights.clone().set_one(name, values.to_dtype(dtype).unwrap()).unwrap();
        }
        Self { first, second, weights }
    }

    /// The loss of the batch of a step, which is the same each time.
    fn loss(&self, step: u64) -> Result<Tensor> {
        let images = Tensor::from_vec(numbers(24, 100 + step), (4, 6), &DEVICE)?;
        let wanted = Tensor::from_vec(numbers(8, 200 + step), (4, 2), &DEVICE)?;
        mse(&self.second.forward(&self.first.forward(&images)?.relu()?)?, &wanted)
    }

    fn bits(&self) -> BTreeMap<String, Vec<u32>> {
        let variables = self.weights.data().lock().unwrap();
        let bits = |variable: &Var| -> Vec<u32> {
            let values = variable.to_dtype(DType::F32).unwrap().flatten_all().unwrap();
            values.to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
        };
        variables.iter().map(|(name, variable)| (name.clone(), bits(variable))).collect()
    }

    fn sgd(&self) -> SGD {
        SGD::new(self.weights.all_vars(), 0.1).unwrap()
    }

    fn adamw(&self) -> ResumableAdamW {
        let params = ParamsAdamW { lr: 0.05, ..ParamsAdamW::default() };
        ResumableAdamW::from_var_map(&self.weights, params).unwrap()
    }
}

/// Numbers from -1 to 1 of a small fixed generator.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn start(store: &TempDir) -> Run {
    init("checkpoints").dir(store.path()).signals(false).start().unwrap()
}

/// Ends the run and goes on with it, as another process would.
fn resumed(store: &TempDir, run: Run) -> Run {
    run.finish().unwrap();
    let builder = init("checkpoints").dir(store.path()).signals(false);
    builder.resume(run.id().to_string()).start().unwrap()
}

fn checkpoints(tracker: impl Into<Arc<dyn Tracker>>, model: &Model) -> Checkpoints {
    checkpoints_with(tracker, model, CheckpointOptions::new())
}

fn checkpoints_with(
    tracker: impl Into<Arc<dyn Tracker>>,
    model: &Model,
    options: CheckpointOptions,
) -> Checkpoints {
    Checkpoints::new(tracker.into(), model.weights.clone(), options)
}

/// The end of an epoch, counted from 1, whose validation had this loss.
fn moment(epoch: u64, loss: f64) -> Moment {
    let step = epoch * BATCHES - 1;
    Moment {
        epoch: Some(epoch),
        step,
        metrics: [("valid/loss".to_owned(), loss)].into(),
        learning_rates: vec![(String::new(), 0.1)],
        optimizer_steps: vec![(String::new(), step + 1)],
    }
}

fn train(model: &Model, optimizer: &mut impl Optimizer, epoch: u64) {
    for step in (epoch - 1) * BATCHES..epoch * BATCHES {
        optimizer.backward_step(&model.loss(step).unwrap()).unwrap();
    }
}

/// Trains with SGD, with a checkpoint after each epoch, and these losses of the validation.
fn train_sgd(run: &Run, model: &Model, first_epoch: u64, losses: &[f64]) {
    let mut checkpoints = checkpoints(run, model);
    let mut optimizer = model.sgd();
    for (epoch, loss) in (first_epoch..).zip(losses) {
        train(model, &mut optimizer, epoch);
        checkpoints.save(moment(epoch, *loss));
    }
}

fn restored(run: &Run, model: &Model) -> Restored {
    restore(run, &model.weights, &[], None).unwrap().unwrap()
}

fn folder(run: &Run) -> PathBuf {
    run.dir().join("checkpoint")
}

fn model_file(run: &Run, epoch: u64) -> PathBuf {
    folder(run).join(format!("model-epoch-{epoch}.safetensors"))
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Version and aliases of each model in the index that stands.
fn index(run: &Run) -> Vec<String> {
    run.flush(Duration::from_secs(10)).unwrap();
    let known = run.reader().unwrap().artifacts().unwrap();
    let models = known.into_iter().filter(|known| !known.deleted);
    let mut told: Vec<String> = models
        .filter(|known| known.artifact.name == "checkpoint/model")
        .map(|known| {
            let mut aliases = known.artifact.aliases.clone();
            aliases.sort();
            format!("{} {}", known.artifact.version, aliases.join(" ")).trim().to_owned()
        })
        .collect();
    told.sort();
    told
}

/// The kinds of all problems with their counts.
fn problems(run: &Run) -> BTreeMap<String, u64> {
    let problems = run.status().problems.into_iter();
    problems.map(|problem| (problem.kind, problem.count)).collect()
}

fn problem(kind: &str, count: u64) -> BTreeMap<String, u64> {
    [(kind.to_owned(), count)].into()
}

mod saving {
    use super::*;

    #[test]
    fn a_checkpoint_is_an_artifact_with_all_that_is_known_of_it() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut checkpoints = checkpoints(&run, &model);
        checkpoints.add_state("", model.adamw().variables());
        checkpoints.save(moment(1, 0.5));
        checkpoints.wait();
        run.flush(Duration::from_secs(10)).unwrap();
        let known = run.reader().unwrap().artifacts().unwrap();
        let [optimizer, weights] = &known[..] else { panic!("{known:?}") };
        for (known, kind) in [(optimizer, "optimizer"), (weights, "model")] {
            let artifact = &known.artifact;
            assert_eq!(artifact.name, format!("checkpoint/{kind}"));
            assert_eq!((&*artifact.version, &*artifact.kind), ("epoch-1", kind));
            assert_eq!((artifact.epoch, artifact.step), (Some(1), Some(4.into())));
            assert_eq!(artifact.metrics["valid/loss"], 0.5);
            assert_eq!(artifact.aliases, ["latest", "best"]);
            let path = format!("files/checkpoint/{kind}-epoch-1.safetensors");
            assert_eq!(artifact.path.as_deref(), Some(Path::new(&path)));
            let of_file = tracker_core::Artifact::of_file("", "", run.path().join(path)).unwrap();
            assert_eq!((artifact.bytes, &artifact.sha256), (of_file.bytes, &of_file.sha256));
        }
        assert!(problems(&run).is_empty());
    }

    #[test]
    fn candle_loads_the_weights_as_they_were_when_they_were_saved() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut checkpoints = checkpoints(&run, &model);
        let saved = model.bits();
        checkpoints.save(moment(1, 0.5));
        train(&model, &mut model.sgd(), 2);
        checkpoints.wait();
        let mut other = Model::new();
        train(&other, &mut other.sgd(), 3);
        assert_ne!(other.bits(), saved);
        other.weights.load(model_file(&run, 1)).unwrap();
        assert_eq!(other.bits(), saved);
    }

    #[test]
    fn the_last_two_and_the_best_stay_on_the_disk_and_in_the_index() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5, 0.1, f64::NAN, 0.4, 0.3]);
        let expected = [2, 4, 5].map(|epoch| format!("model-epoch-{epoch}.safetensors"));
        assert_eq!(files(&folder(&run)), expected.into());
        assert_eq!(index(&run), ["epoch-2 best", "epoch-4", "epoch-5 latest"]);
    }

    #[test]
    fn dropping_them_waits_for_the_disk() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        drop({
            let mut checkpoints = checkpoints(&run, &model);
            checkpoints.save(moment(1, 0.5));
            checkpoints
        });
        assert_eq!(index(&run), ["epoch-1 best latest"]);
        assert!(run.finish().unwrap().problems().is_empty(), "nothing came after the end");
    }

    #[test]
    fn steps_are_saved_where_they_are_due() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let options = CheckpointOptions::new().every_epochs(0).every_steps(4).keep_all();
        let mut checkpoints = checkpoints_with(&run, &model, options);
        for step in 0..10 {
            assert!(!checkpoints.is_due_after_epoch(step + 1));
            if checkpoints.is_due_after_step(step) {
                checkpoints.save(Moment { step, ..Moment::default() });
            }
        }
        checkpoints.wait();
        assert_eq!(index(&run), ["step-4", "step-8 latest"]);
    }

    #[test]
    fn an_epoch_that_is_saved_replaces_its_last_step() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut checkpoints = checkpoints(&run, &model);
        checkpoints.save(Moment { epoch: None, ..moment(1, 0.5) });
        checkpoints.save(moment(1, 0.5));
        checkpoints.wait();
        assert_eq!(files(&folder(&run)), ["model-epoch-1.safetensors".to_owned()].into());
        assert_eq!(index(&run), ["epoch-1 best latest"]);
    }

    #[test]
    fn a_best_one_that_is_saved_again_with_a_worse_value_is_the_best_no_more() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut checkpoints = checkpoints(&run, &model);
        for (epoch, loss) in [(1, 0.2), (2, 0.1)] {
            checkpoints.save(moment(epoch, loss));
        }
        checkpoints.save(Moment { step: 100, ..moment(2, 0.3) });
        checkpoints.wait();
        assert_eq!(index(&run), ["epoch-1 best", "epoch-2 latest"]);
    }

    #[test]
    fn a_folder_of_ones_own_and_no_run_will_do() {
        let (folder, model) = (TempDir::new().unwrap(), Model::new());
        let tracker = MemoryTracker::new();
        let path = folder.path().join("a/b");
        let options = CheckpointOptions::new().folder(&path).keep_last(1).without_best();
        let mut checkpoints = checkpoints_with(tracker.clone(), &model, options);
        for epoch in 1..=3 {
            checkpoints.save(moment(epoch, 0.1));
        }
        checkpoints.wait();
        assert_eq!(files(&path), ["model-epoch-3.safetensors".to_owned()].into());
        assert_eq!(tracker.problems(), []);
    }

    #[test]
    fn what_a_killed_process_left_unfinished_is_cleared_away() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        fs::create_dir_all(folder(&run)).unwrap();
        fs::write(folder(&run).join("model-epoch-7.safetensors.tmp"), "x").unwrap();
        fs::write(folder(&run).join("notes.tmp"), "x").unwrap();
        train_sgd(&run, &model, 1, &[0.5]);
        let left = ["model-epoch-1.safetensors", "notes.tmp"].map(str::to_owned);
        assert_eq!(files(&folder(&run)), left.into());
    }
}

mod trouble {
    use super::*;

    #[test]
    fn a_tracker_without_a_folder_is_a_problem_with_a_hint() {
        let (tracker, model) = (MemoryTracker::new(), Model::new());
        checkpoints(tracker.clone(), &model).save(moment(1, 0.5));
        let problems = tracker.problems();
        assert_eq!(problems[0].kind, "checkpoint-without-folder");
        assert!(problems[0].hint.contains("folder("), "{problems:?}");
    }

    #[test]
    fn a_file_in_the_folders_place_is_counted_and_training_goes_on() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        fs::write(folder(&run), "x").unwrap();
        train_sgd(&run, &model, 1, &[0.5, 0.4]);
        assert_eq!(problems(&run), problem("checkpoint-not-written", 2));
        fs::remove_file(folder(&run)).unwrap();
        train_sgd(&run, &model, 3, &[0.3]);
        assert_eq!(index(&run), ["epoch-3 best latest"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_leaves_no_part_of_a_checkpoint_and_the_earlier_ones() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut checkpoints = checkpoints(&run, &model);
        checkpoints.add_state("", model.adamw().variables());
        checkpoints.save(moment(1, 0.5));
        checkpoints.wait();
        let before = files(&folder(&run));
        for part in ["model", "optimizer"] {
            let full = folder(&run).join(format!("{part}-epoch-2.safetensors.tmp"));
            std::os::unix::fs::symlink("/dev/full", full).unwrap();
            checkpoints.save(moment(2, 0.4));
            checkpoints.wait();
            assert_eq!(files(&folder(&run)), before, "{part}");
        }
        assert_eq!(problems(&run), problem("checkpoint-not-written", 2));
        let told = &run.status().problems[0];
        assert!(told.message.contains("No space left"), "{told:?}");
        assert_eq!(index(&run), ["epoch-1 best latest"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_disk_that_takes_nothing_is_not_waited_for_without_end() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let (room, stalled) = (Duration::from_millis(50), Duration::from_millis(300));
        let mut checkpoints = checkpoints(&run, &model).with_patience(Patience { room, stalled });
        checkpoints.save(moment(1, 0.5));
        checkpoints.wait();
        // Opening a pipe for writing waits for a reader.
        let pipe = folder(&run).join("model-epoch-2.safetensors.tmp");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for epoch in [2, 3, 4] {
            checkpoints.save(moment(epoch, 0.5));
            // Until the thread has taken the first.
            while epoch == 2 && !checkpoints.is_taken() {
                std::thread::yield_now();
            }
        }
        assert_eq!(problems(&run), problem("checkpoint-dropped", 1));
        checkpoints.wait();
        assert_eq!(problems(&run)["checkpoint-not-finished"], 1);
        drop(fs::File::open(&pipe).unwrap());
        checkpoints.wait();
        assert_eq!(problems(&run)["checkpoint-not-written"], 1, "the pipe broke");
        assert_eq!(index(&run), ["epoch-1 best", "epoch-3 latest"]);
    }

    #[test]
    fn an_old_one_that_cannot_be_deleted_is_tried_again() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let options = CheckpointOptions::new().keep_last(1).without_best();
        let mut checkpoints = checkpoints_with(&run, &model, options);
        checkpoints.save(moment(1, 0.5));
        checkpoints.wait();
        fs::remove_file(model_file(&run, 1)).unwrap();
        fs::create_dir_all(model_file(&run, 1).join("not a file")).unwrap();
        checkpoints.save(moment(2, 0.5));
        checkpoints.wait();
        assert_eq!(problems(&run), problem("checkpoint-not-deleted", 1));
        assert_eq!(index(&run), ["epoch-1", "epoch-2 latest"]);
        fs::remove_dir_all(model_file(&run, 1)).unwrap();
        checkpoints.save(moment(3, 0.5));
        checkpoints.wait();
        assert_eq!(index(&run), ["epoch-3 latest"]);
    }

    #[test]
    fn a_metric_that_cannot_tell_the_best_is_a_problem() {
        let (folder, model) = (TempDir::new().unwrap(), Model::new());
        let kinds = |options: CheckpointOptions| -> Vec<String> {
            let tracker = MemoryTracker::new();
            let options = options.folder(folder.path());
            checkpoints_with(tracker.clone(), &model, options).save(moment(1, 0.5));
            tracker.problems().into_iter().map(|problem| problem.kind).collect()
        };
        let options = CheckpointOptions::new;
        assert_eq!(kinds(options().best("valid/loss")), [""; 0]);
        assert_eq!(kinds(options().best_highest("valid/loss")), [""; 0]);
        assert_eq!(kinds(options().best("valid/lost"))[0], "checkpoint-best-unknown");
        assert_eq!(kinds(options().best_lowest("valid/lost")), ["checkpoint-without-metric"]);
    }
}

mod resuming {
    use super::*;

    /// Trains four epochs, with or without a resumed run between the second and the third.
    fn trained<O: Optimizer + OptimizerState>(
        optimizer: fn(&Model) -> O,
        interrupted: bool,
    ) -> (Model, BTreeMap<String, Vec<f64>>) {
        let store = TempDir::new().unwrap();
        let (mut run, mut model) = (start(&store), Model::new());
        let mut one = optimizer(&model);
        let mut keeping = checkpoints(&run, &model);
        keeping.add_state("", one.variables());
        for epoch in 1..=4 {
            train(&model, &mut one, epoch);
            keeping.save(moment(epoch, 0.5));
            if interrupted && epoch == 2 {
                drop(keeping);
                run = resumed(&store, run);
                model = Model::new();
                one = optimizer(&model);
                let states = [(String::new(), one.variables())];
                let restored = restore(&run, &model.weights, &states, None).unwrap().unwrap();
                assert_eq!((restored.epoch(), restored.step()), (Some(2), 2 * BATCHES - 1));
                assert!(restored.optimizer_state());
                keeping = checkpoints(&run, &model);
                keeping.add_state("", one.variables());
            }
        }
        drop(keeping);
        assert!(problems(&run).is_empty());
        let state = |(name, variable): (String, Var)| {
            let wide = variable.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
            (name, wide.to_vec1::<f64>().unwrap())
        };
        (model, one.variables().into_iter().map(state).collect())
    }

    #[test]
    fn an_interrupted_training_comes_to_the_same_weights_bit_for_bit() {
        let (whole, resumed) = (trained(Model::sgd, false), trained(Model::sgd, true));
        assert_eq!(whole.0.bits(), resumed.0.bits());
        let (whole, resumed) = (trained(Model::adamw, false), trained(Model::adamw, true));
        assert_eq!(whole.0.bits(), resumed.0.bits());
        assert_eq!(whole.1, resumed.1);
        assert_eq!(whole.1["steps"], [4.0 * BATCHES as f64]);
    }

    #[test]
    fn candles_own_adamw_starts_anew_with_the_restored_weights() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut optimizer = AdamW::new(model.weights.all_vars(), ParamsAdamW::default()).unwrap();
        train(&model, &mut optimizer, 1);
        checkpoints(&run, &model).save(moment(1, 0.5));
        let (saved, run) = (model.bits(), resumed(&store, run));
        let model = Model::new();
        let restored = restored(&run, &model);
        assert!(!restored.optimizer_state());
        assert_eq!(model.bits(), saved);
        assert!(problems(&run).is_empty());
    }

    #[test]
    fn what_was_not_saved_of_an_optimizer_is_told() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        let run = resumed(&store, run);
        let states = [(String::new(), model.adamw().variables())];
        let restored = restore(&run, &model.weights, &states, None).unwrap().unwrap();
        assert!(!restored.optimizer_state());
        assert_eq!(problems(&run), problem("optimizer-state-not-saved", 1));
    }

    #[test]
    fn several_optimizers_get_back_what_is_theirs() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let states = |critic: i64| -> [(String, Vec<(String, Var)>); 2] {
            let steps = |count: i64| vec![("steps".to_owned(), Var::new(count, &DEVICE).unwrap())];
            [(String::new(), steps(critic * 10)), ("critic".to_owned(), steps(critic))]
        };
        let mut keeping = checkpoints(&run, &model);
        for (name, variables) in states(7) {
            keeping.add_state(&name, variables);
        }
        keeping.save(moment(1, 0.5));
        drop(keeping);
        let run = resumed(&store, run);
        let fresh = states(0);
        restore(&run, &model.weights, &fresh, None).unwrap().unwrap();
        let counts = fresh.map(|(_, of)| of[0].1.to_scalar::<i64>().unwrap());
        assert_eq!(counts, [70, 7]);
    }

    #[test]
    fn what_the_checkpoint_knows_comes_back() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5, 0.25]);
        let run = resumed(&store, run);
        let restored = restored(&run, &model);
        assert_eq!(restored.metrics()["valid/loss"], 0.25);
        assert_eq!(restored.learning_rates(), [(String::new(), 0.1)]);
        assert_eq!(restored.optimizer_steps(), [(String::new(), 10)]);
        assert_eq!(restored.file(), model_file(&run, 2));
    }

    #[test]
    fn later_points_of_the_earlier_attempt_are_taken_back() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        for step in 0..8_u64 {
            run.log_at(step, [("loss", step as f64)]);
        }
        let run = resumed(&store, run);
        restored(&run, &model);
        assert_eq!(run.next_step().0, BATCHES);
        run.log([("loss", 50.0)]);
        run.flush(Duration::from_secs(10)).unwrap();
        let rows = run.reader().unwrap().series("loss").unwrap();
        let values: Vec<f64> = rows.into_iter().map(|row| row.value).collect();
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 50.0]);
    }

    #[test]
    fn the_best_and_the_last_ones_go_on_as_if_never_interrupted() {
        let losses = [0.5, 0.1, 0.4, 0.3, 0.2, 0.6];
        for interrupted_after in 1..losses.len() {
            let (store, model) = (TempDir::new().unwrap(), Model::new());
            let run = start(&store);
            train_sgd(&run, &model, 1, &losses[..interrupted_after]);
            let run = resumed(&store, run);
            restored(&run, &model);
            let next = interrupted_after as u64 + 1;
            train_sgd(&run, &model, next, &losses[interrupted_after..]);
            assert_eq!(index(&run), ["epoch-2 best", "epoch-5", "epoch-6 latest"]);
            assert_eq!(files(&folder(&run)).len(), 3, "after {interrupted_after}");
            assert!(problems(&run).is_empty());
        }
    }

    #[test]
    fn a_best_one_that_was_taken_back_is_the_best_no_more() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5, 0.4, 0.1]);
        fs::write(model_file(&run, 3), "torn").unwrap();
        let run = resumed(&store, run);
        assert_eq!(restored(&run, &model).epoch(), Some(2));
        train_sgd(&run, &model, 3, &[0.45, 0.6]);
        assert_eq!(index(&run), ["epoch-2 best", "epoch-3", "epoch-4 latest"]);
        let run = resumed(&store, run);
        assert_eq!(restored(&run, &model).epoch(), Some(4), "the files were replaced");
    }

    #[test]
    fn checkpoints_that_were_made_before_restoring_are_told_where_they_go_on() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.1, 0.4, 0.5]);
        let run = resumed(&store, run);
        let mut keeping = checkpoints(&run, &model);
        keeping.goes_on_after(restored(&run, &model).step());
        keeping.save(moment(4, 0.3));
        keeping.wait();
        assert_eq!(index(&run), ["epoch-1 best", "epoch-3", "epoch-4 latest"]);
    }

    #[test]
    fn a_training_that_begins_anew_leaves_earlier_checkpoints_alone() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5, 0.4, 0.3]);
        let run = resumed(&store, run);
        train_sgd(&run, &model, 1, &[0.9]);
        assert_eq!(files(&folder(&run)).len(), 3);
        assert!(problems(&run).is_empty());
    }
}

mod damaged {
    use super::*;

    /// Two whole checkpoints with what an optimizer remembers, the second of which `damage` harms.
    /// Restores; gives the epoch, and how often a problem told of damage.
    fn after(damage: impl Fn(&Run)) -> (Option<u64>, u64) {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut optimizer = model.adamw();
        let mut keeping = checkpoints(&run, &model);
        keeping.add_state("", optimizer.variables());
        let mut saved = Vec::new();
        for epoch in [1, 2] {
            train(&model, &mut optimizer, epoch);
            saved.push(model.bits());
            keeping.save(moment(epoch, 0.5));
        }
        drop(keeping);
        damage(&run);
        let run = resumed(&store, run);
        let model = Model::new();
        let states = [(String::new(), model.adamw().variables())];
        let restored = restore(&run, &model.weights, &states, None).unwrap().unwrap();
        let epoch = restored.epoch();
        assert_eq!(model.bits(), saved[epoch.unwrap() as usize - 1]);
        assert!(restored.optimizer_state());
        (epoch, problems(&run).get("checkpoint-damaged").copied().unwrap_or(0))
    }

    #[test]
    fn a_torn_file_is_not_restored() {
        assert_eq!(after(|_| {}), (Some(2), 0));
        for part in ["model", "optimizer"] {
            for keep in [0.0, 0.001, 0.1, 0.5, 0.9, 0.999] {
                let tear = |run: &Run| {
                    let path = folder(run).join(format!("{part}-epoch-2.safetensors"));
                    let bytes = fs::read(&path).unwrap();
                    let length = (bytes.len() as f64 * keep) as usize;
                    fs::write(&path, &bytes[..length]).unwrap();
                };
                assert_eq!(after(tear), (Some(1), 1), "{keep} of {part}");
            }
        }
    }

    #[test]
    fn a_file_with_one_other_bit_is_not_restored() {
        for part in ["model", "optimizer"] {
            for place in [9, 200, 0] {
                let harm = |run: &Run| {
                    let path = folder(run).join(format!("{part}-epoch-2.safetensors"));
                    let mut bytes = fs::read(&path).unwrap();
                    let place = if place == 0 { bytes.len() - 1 } else { place };
                    bytes[place] ^= 4;
                    fs::write(&path, bytes).unwrap();
                };
                assert_eq!(after(harm), (Some(1), 1), "byte {place} of {part}");
            }
        }
    }

    #[test]
    fn a_file_that_is_gone_is_not_restored() {
        for part in ["model", "optimizer"] {
            let harm = |run: &Run| {
                fs::remove_file(folder(run).join(format!("{part}-epoch-2.safetensors"))).unwrap();
            };
            assert_eq!(after(harm), (Some(1), 1), "{part}");
        }
    }

    #[test]
    fn what_no_optimizer_asks_for_may_be_damaged() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut keeping = checkpoints(&run, &model);
        keeping.add_state("", model.adamw().variables());
        keeping.save(moment(1, 0.5));
        drop(keeping);
        fs::remove_file(folder(&run).join("optimizer-epoch-1.safetensors")).unwrap();
        let run = resumed(&store, run);
        assert_eq!(restored(&run, &model).epoch(), Some(1));
    }

    /// Writes the files of a checkpoint as a process does that is killed before it enters them.
    fn write_unknown(run: &Run, model: &Model, states: &States, moment: Moment) {
        let version = Version::of(&moment);
        let snapshot = Snapshot::take(moment.clone(), &model.weights, states).unwrap();
        let header = Header::new(Some(run), moment, !states.is_empty());
        let progress = super::super::progress::Progress::default();
        pair::write(&folder(run), version, &snapshot, &header, &progress).unwrap();
    }

    #[test]
    fn what_was_written_right_before_a_kill_counts_and_is_entered() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        train(&model, &mut model.sgd(), 2);
        write_unknown(&run, &model, &[], moment(2, 0.1));
        let (saved, run) = (model.bits(), resumed(&store, run));
        let model = Model::new();
        assert_eq!(restored(&run, &model).epoch(), Some(2));
        assert_eq!(model.bits(), saved);
        train_sgd(&run, &model, 3, &[0.4, 0.3]);
        assert_eq!(index(&run), ["epoch-2 best", "epoch-3", "epoch-4 latest"]);
    }

    #[test]
    fn a_file_that_replaced_the_one_in_the_index_right_before_a_kill_counts() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        train(&model, &mut model.sgd(), 2);
        write_unknown(&run, &model, &[], Moment { step: 70, ..moment(1, 0.1) });
        let (saved, run) = (model.bits(), resumed(&store, run));
        let model = Model::new();
        assert_eq!(restored(&run, &model).step(), 70);
        assert_eq!(model.bits(), saved);
        assert!(problems(&run).is_empty());
    }

    #[test]
    fn an_optimizers_memory_of_other_weights_is_not_restored() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        let states = [(String::new(), model.adamw().variables())];
        write_unknown(&run, &model, &states, moment(2, 0.1));
        let first = fs::read(model_file(&run, 2)).unwrap();
        write_unknown(&run, &model, &states, moment(2, 0.1));
        fs::write(model_file(&run, 2), first).unwrap();
        let run = resumed(&store, run);
        let restored = restore(&run, &model.weights, &states, None).unwrap().unwrap();
        assert_eq!(restored.epoch(), Some(1));
        assert_eq!(problems(&run)["checkpoint-damaged"], 1);
    }

    #[test]
    fn files_of_another_run_in_the_same_folder_are_not_taken() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let (run, other) = (start(&store), start(&store));
        train_sgd(&run, &model, 1, &[0.5]);
        train_sgd(&other, &model, 1, &[0.5, 0.4, 0.3]);
        fs::copy(model_file(&other, 3), model_file(&run, 3)).unwrap();
        let run = resumed(&store, run);
        assert_eq!(restored(&run, &model).epoch(), Some(1));
    }

    #[test]
    fn when_all_are_damaged_the_error_names_each() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5, 0.4]);
        for epoch in [1, 2] {
            fs::write(model_file(&run, epoch), "torn").unwrap();
        }
        let (before, run) = (model.bits(), resumed(&store, run));
        let error = restore(&run, &model.weights, &[], None).unwrap_err();
        let RestoreError::Damaged { checkpoints } = &error else { panic!("{error}") };
        assert!(checkpoints[0].contains("epoch-2"), "{error}");
        assert!(checkpoints[1].contains("it has 4 bytes"), "{error}");
        assert!(error.to_string().contains("hint: "), "{error}");
        assert_eq!(model.bits(), before);
    }
}

mod refused {
    use super::*;

    #[test]
    fn a_new_run_and_a_tracker_without_one_have_nothing_to_restore() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        assert_eq!(restore(&run, &model.weights, &[], None).unwrap(), None);
        assert_eq!(restore(&MemoryTracker::new(), &model.weights, &[], None).unwrap(), None);
    }

    #[test]
    fn a_resumed_run_without_a_checkpoint_is_an_error_that_names_the_folder() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = resumed(&store, start(&store));
        let error = restore(&run, &model.weights, &[], None).unwrap_err();
        assert!(matches!(&error, RestoreError::NoCheckpoint { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(&*folder(&run).to_string_lossy()) && text.contains("hint: "));
    }

    /// Restores into another model than was saved; nothing of it may be changed.
    fn error(other: &Model, states: impl Fn(&Model) -> Vec<(String, Var)>) -> RestoreError {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        let mut keeping = checkpoints(&run, &model);
        keeping.add_state("", states(&model));
        train(&model, &mut model.sgd(), 1);
        keeping.save(moment(1, 0.5));
        drop(keeping);
        let run = resumed(&store, run);
        let before = other.bits();
        let states = [(String::new(), states(other))];
        let error = restore(&run, &other.weights, &states, None).unwrap_err();
        assert_eq!(other.bits(), before, "{error}");
        assert_eq!(run.next_step().0, 0);
        error
    }

    #[test]
    fn a_model_with_other_variables_is_refused_and_left_as_it_is() {
        let none = |_: &Model| Vec::new();
        let wide = error(&Model::of(9, DType::F32), none);
        assert_eq!(wide.to_string().lines().count(), 2);
        let RestoreError::OtherShape { variable, wanted, saved, .. } = &wide else {
            panic!("{wide}")
        };
        assert_eq!((&**variable, &**wanted, &**saved), ("first.bias", &[9][..], &[8][..]));
        let half = error(&Model::of(8, DType::F16), none);
        let RestoreError::OtherType { wanted, saved, .. } = &half else { panic!("{half}") };
        assert_eq!((*wanted, &**saved), (DType::F16, "F32"));
        let more = Model::new();
        let builder = VarBuilder::from_varmap(&more.weights, DType::F32, &DEVICE);
        linear(2, 2, builder.pp("third")).unwrap();
        let more = error(&more, none);
        assert!(more.to_string().contains("has no `third.bias`\nhint: "), "{more}");
    }

    #[test]
    fn an_optimizer_with_other_variables_is_refused_before_the_weights_are_set() {
        let sizes = std::cell::Cell::new(4);
        let velocity = |_: &Model| {
            let size = sizes.replace(5);
            vec![("velocity".to_owned(), Var::zeros(size, DType::F32, &DEVICE).unwrap())]
        };
        let refused = error(&Model::new(), velocity);
        let RestoreError::OtherShape { variable, .. } = &refused else { panic!("{refused}") };
        assert_eq!(variable, "velocity");
    }

    #[test]
    fn a_model_that_was_not_made_yet_is_an_error() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        let run = resumed(&store, run);
        let error = restore(&run, &VarMap::new(), &[], None).unwrap_err();
        assert!(matches!(error, RestoreError::NoVariables), "{error}");
    }

    #[test]
    fn further_tensors_in_the_file_are_fine() {
        let (store, model) = (TempDir::new().unwrap(), Model::new());
        let run = start(&store);
        train_sgd(&run, &model, 1, &[0.5]);
        let run = resumed(&store, run);
        model.weights.data().lock().unwrap().remove("second.bias");
        restored(&run, &model);
    }

    #[test]
    fn the_error_passes_through_candles_result_with_its_text() {
        let fails = || -> Result<()> { Err(RestoreError::NoVariables)? };
        assert!(fails().unwrap_err().to_string().contains("hint: make the model first"));
    }
}
