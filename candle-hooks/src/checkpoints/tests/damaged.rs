//! Files that are torn, changed, gone, or not in the index.

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
        keeping.save(state(epoch, 0.5));
    }
    drop(keeping);
    damage(&run);
    let run = resumed(&store, &run);
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
        for thousandths in [0, 1, 100, 500, 900, 999] {
            let tear = |run: &Run| {
                let path = folder(run).join(format!("{part}-epoch-2.safetensors"));
                let bytes = fs::read(&path).unwrap();
                let length = bytes.len() * thousandths / 1_000;
                fs::write(&path, &bytes[..length]).unwrap();
            };
            assert_eq!(after(tear), (Some(1), 1), "{thousandths} of {part}");
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
fn a_damaged_file_that_was_passed_over_is_not_taken_by_a_later_resumption() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.5, 0.4]);
    let path = model_file(&run, 2);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 4;
    fs::write(&path, &bytes).unwrap();
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(1));
    assert_eq!(fs::read(path.with_extension("safetensors.damaged")).unwrap(), bytes);
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(1));
    assert!(problems(&run).is_empty());
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
    keeping.save(state(1, 0.5));
    drop(keeping);
    fs::remove_file(folder(&run).join("optimizer-epoch-1.safetensors")).unwrap();
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(1));
}

/// Writes the files of a checkpoint as a process does that is killed before it enters them.
fn write_unknown(run: &Run, model: &Model, states: &States, state: TrainingState) {
    let version = Version::of(&state);
    let snapshot = Snapshot::take(&(&model.weights).into(), states).unwrap();
    let header = Header::new(Some(run), state, !states.is_empty());
    for part in if states.is_empty() { &[Part::Model][..] } else { &Part::ALL } {
        let path = folder(run).join(part.file(version, Safetensors::SUFFIX));
        let strings = header.to_strings();
        Safetensors::write(&snapshot, *part, &path, strings, &Progress::default()).unwrap();
    }
}

#[test]
fn what_was_written_right_before_a_kill_counts_and_is_entered() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.5]);
    train(&model, &mut model.sgd(), 2);
    write_unknown(&run, &model, &[], state(2, 0.1));
    let (saved, run) = (model.bits(), resumed(&store, &run));
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
    write_unknown(&run, &model, &[], TrainingState { step: 70, ..state(1, 0.1) });
    let (saved, run) = (model.bits(), resumed(&store, &run));
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
    write_unknown(&run, &model, &states, state(2, 0.1));
    let first = fs::read(model_file(&run, 2)).unwrap();
    write_unknown(&run, &model, &states, state(2, 0.1));
    fs::write(model_file(&run, 2), first).unwrap();
    let run = resumed(&store, &run);
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
    let run = resumed(&store, &run);
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
    let (before, run) = (model.bits(), resumed(&store, &run));
    let error = restore(&run, &model.weights, &[], None).unwrap_err();
    let RestoreError::Damaged { checkpoints } = &error else { panic!("{error}") };
    assert!(checkpoints[0].contains("epoch-2"), "{error}");
    assert!(checkpoints[1].contains("it has 4 bytes"), "{error}");
    assert!(error.to_string().contains("hint: "), "{error}");
    assert_eq!(model.bits(), before);
}
