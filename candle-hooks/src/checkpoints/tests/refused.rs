//! What cannot be restored.

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
    let run = resumed(&store, &start(&store));
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
    keeping.save(state(1, 0.5));
    drop(keeping);
    let run = resumed(&store, &run);
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
    let RestoreError::OtherShape { variable, wanted, saved, .. } = &wide else { panic!("{wide}") };
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
    let run = resumed(&store, &run);
    let error = restore(&run, &VarMap::new(), &[], None).unwrap_err();
    assert!(matches!(error, RestoreError::NoVariables), "{error}");
}

#[test]
fn further_tensors_in_the_file_are_fine() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.5]);
    let run = resumed(&store, &run);
    model.weights.data().lock().unwrap().remove("second.bias");
    restored(&run, &model);
}

#[test]
fn the_error_passes_through_candles_result_with_its_text() {
    let fails = || -> Result<()> { Err(RestoreError::NoVariables)? };
    assert!(fails().unwrap_err().to_string().contains("hint: make the model first"));
}
