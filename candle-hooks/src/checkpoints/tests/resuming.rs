//! Trainings that go on.

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
        keeping.save(state(epoch, 0.5));
        if interrupted && epoch == 2 {
            drop(keeping);
            run = resumed(&store, &run);
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
    checkpoints(&run, &model).save(state(1, 0.5));
    let (saved, run) = (model.bits(), resumed(&store, &run));
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
    let run = resumed(&store, &run);
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
    keeping.save(state(1, 0.5));
    drop(keeping);
    let run = resumed(&store, &run);
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
    let run = resumed(&store, &run);
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
    let run = resumed(&store, &run);
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
        let run = resumed(&store, &run);
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
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(2));
    train_sgd(&run, &model, 3, &[0.45, 0.6]);
    assert_eq!(index(&run), ["epoch-2 best", "epoch-3", "epoch-4 latest"]);
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(4), "the files were replaced");
}

#[test]
fn checkpoints_that_were_made_before_restoring_are_told_where_they_go_on() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.1, 0.4, 0.5]);
    let run = resumed(&store, &run);
    let mut keeping = checkpoints(&run, &model);
    keeping.keeper.goes_on_after(restored(&run, &model).step());
    keeping.save(state(4, 0.3));
    keeping.keeper.wait();
    assert_eq!(index(&run), ["epoch-1 best", "epoch-3", "epoch-4 latest"]);
}

#[test]
fn a_training_that_begins_anew_leaves_earlier_checkpoints_alone() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.5, 0.4, 0.3]);
    let run = resumed(&store, &run);
    train_sgd(&run, &model, 1, &[0.9]);
    assert_eq!(files(&folder(&run)).len(), 3);
    assert!(problems(&run).is_empty());
}
