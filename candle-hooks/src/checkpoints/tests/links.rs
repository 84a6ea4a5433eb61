//! Links in a run's folder, which may be somebody else's, lead a training nowhere.

use std::os::unix::fs::symlink;

use tracker_core::{Artifact, Event};

use super::*;

#[test]
fn a_link_in_the_folders_place_is_neither_written_to_nor_read() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.5]);
    let elsewhere = TempDir::new().unwrap();
    fs::rename(folder(&run), elsewhere.path().join("moved")).unwrap();
    symlink(elsewhere.path().join("moved"), folder(&run)).unwrap();
    let before = files(&folder(&run));
    train_sgd(&run, &model, 2, &[0.4]);
    assert_eq!(files(&folder(&run)), before);
    assert_eq!(problems(&run), problem("checkpoint-not-written", 1));
    let told = &run.status().problems[0].message;
    assert!(told.contains("no link is followed") && told.contains(".folder("), "{told}");
    let run = resumed(&store, &run);
    let error = restore(&run, &model.weights, &[], None).unwrap_err();
    assert!(error.to_string().contains("no link is followed"), "{error}");
}

#[test]
fn a_folder_that_the_program_names_may_be_a_link() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let place = TempDir::new().unwrap();
    fs::create_dir(place.path().join("disk")).unwrap();
    let link = place.path().join("link");
    symlink(place.path().join("disk"), &link).unwrap();
    let options = CheckpointOptions::new().folder(&link);
    checkpoints_with(&run, &model, options).save(state(1, 0.5));
    assert!(problems(&run).is_empty());
    let run = resumed(&store, &run);
    let restored = restore(&run, &model.weights, &[], Some(&link)).unwrap().unwrap();
    assert_eq!(restored.epoch(), Some(1));
}

#[test]
fn a_link_in_an_unfinished_files_place_is_not_written_through() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let mut checkpoints = checkpoints(&run, &model);
    checkpoints.save(state(1, 0.5));
    checkpoints.keeper.wait();
    let victim = store.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, folder(&run).join("model-epoch-2.safetensors.tmp")).unwrap();
    checkpoints.save(state(2, 0.4));
    checkpoints.keeper.wait();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    assert!(model_file(&run, 2).symlink_metadata().unwrap().is_file());
    assert!(problems(&run).is_empty());
}

#[test]
fn a_checkpoint_that_is_a_link_is_passed_over() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    train_sgd(&run, &model, 1, &[0.5, 0.4]);
    let elsewhere = store.path().join("elsewhere");
    fs::rename(model_file(&run, 2), &elsewhere).unwrap();
    symlink(&elsewhere, model_file(&run, 2)).unwrap();
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(1));
    assert_eq!(problems(&run), problem("checkpoint-damaged", 1));
    assert!(elsewhere.exists());
}

#[test]
fn a_file_in_another_folder_is_never_deleted_because_the_index_names_it() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let (run, other) = (start(&store), start(&store));
    train_sgd(&other, &model, 1, &[0.5]);
    let known = Artifact::of_file("checkpoint/model", "epoch-1", model_file(&other, 1)).unwrap();
    run.record(Event::Artifact(known.kind("model").step(BATCHES - 1)));
    train_sgd(&run, &model, 2, &[0.4]);
    let run = resumed(&store, &run);
    assert_eq!(restored(&run, &model).epoch(), Some(2));
    let options = CheckpointOptions::new().keep_last(1).without_best();
    checkpoints_with(&run, &model, options).save(state(3, 0.3));
    assert!(model_file(&other, 1).exists());
    assert!(!model_file(&run, 2).exists());
}
