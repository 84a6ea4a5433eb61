//! What is saved, and what of it stays.

use super::*;

#[test]
fn a_checkpoint_is_an_artifact_with_all_that_is_known_of_it() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let mut checkpoints = checkpoints(&run, &model);
    checkpoints.add_state("", model.adamw().variables());
    checkpoints.save(state(1, 0.5));
    checkpoints.keeper.wait();
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
    checkpoints.save(state(1, 0.5));
    train(&model, &mut model.sgd(), 2);
    checkpoints.keeper.wait();
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
        checkpoints.save(state(1, 0.5));
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
        assert!(!checkpoints.keeper.is_due_after_epoch(step + 1));
        if checkpoints.keeper.is_due_after_step(step) {
            checkpoints.save(TrainingState { step, ..TrainingState::default() });
        }
    }
    checkpoints.keeper.wait();
    assert_eq!(index(&run), ["step-4", "step-8 latest"]);
}

#[test]
fn an_epoch_that_is_saved_replaces_its_last_step() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let mut checkpoints = checkpoints(&run, &model);
    checkpoints.save(TrainingState { epoch: None, ..state(1, 0.5) });
    checkpoints.save(state(1, 0.5));
    checkpoints.keeper.wait();
    assert_eq!(files(&folder(&run)), ["model-epoch-1.safetensors".to_owned()].into());
    assert_eq!(index(&run), ["epoch-1 best latest"]);
}

#[test]
fn a_best_one_that_is_saved_again_with_a_worse_value_is_the_best_no_more() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let mut checkpoints = checkpoints(&run, &model);
    for (epoch, loss) in [(1, 0.2), (2, 0.1)] {
        checkpoints.save(state(epoch, loss));
    }
    checkpoints.save(TrainingState { step: 100, ..state(2, 0.3) });
    checkpoints.keeper.wait();
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
        checkpoints.save(state(epoch, 0.1));
    }
    checkpoints.keeper.wait();
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
