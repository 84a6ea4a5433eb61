//! Disks and settings that do not do what they should.

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
    let begun = std::time::Instant::now();
    checkpoints.save(moment(5, 0.5));
    assert!(begun.elapsed() < room, "nobody waits again for what was given up");
    assert_eq!(problems(&run)["checkpoint-dropped"], 2);
    drop(fs::File::open(&pipe).unwrap());
    while !problems(&run).contains_key("checkpoint-not-written") {
        std::thread::yield_now();
    }
    checkpoints.wait();
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
