//! Disks and settings that do not do what they should.

use parking_lot::Mutex;
use tracker_core::{Event, MetricId, Outcome, Point, Report, RunContext};

use super::*;

#[test]
fn a_tracker_without_a_folder_is_a_problem_with_a_hint() {
    let (tracker, model) = (MemoryTracker::new(), Model::new());
    checkpoints(tracker.clone(), &model).save(state(1, 0.5));
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

#[test]
fn a_disk_that_does_not_take_a_file_leaves_no_part_of_a_checkpoint_and_the_earlier_ones() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let mut checkpoints = checkpoints(&run, &model);
    checkpoints.add_state("", model.adamw().variables());
    checkpoints.save(state(1, 0.5));
    checkpoints.keeper.wait();
    let before = files(&folder(&run));
    for part in ["model", "optimizer"] {
        // No file can be made in the place of a folder.
        let taken = folder(&run).join(format!("{part}-epoch-2.safetensors.tmp"));
        fs::create_dir(&taken).unwrap();
        checkpoints.save(state(2, 0.4));
        checkpoints.keeper.wait();
        fs::remove_dir(&taken).unwrap();
        assert_eq!(files(&folder(&run)), before, "{part}");
    }
    assert_eq!(problems(&run), problem("checkpoint-not-written", 2));
    assert_eq!(index(&run), ["epoch-1 best latest"]);
}

/// A run that takes no file into its index while it is held.
#[derive(Debug, Clone)]
struct Held {
    run: Run,
    hold: Arc<Mutex<()>>,
}

impl Tracker for Held {
    fn metric_id(&self, name: &str) -> MetricId {
        self.run.metric_id(name)
    }
    fn write(&self, points: &[Point]) {
        self.run.write(points);
    }
    fn record(&self, event: Event) {
        let _waited = matches!(event, Event::Artifact(_)).then(|| self.hold.lock());
        self.run.record(event);
    }
    fn flush(&self, timeout: Duration) -> tracker_core::Result<()> {
        self.run.flush(timeout)
    }
    fn finish(&self, outcome: Outcome) -> tracker_core::Result<Report> {
        Tracker::finish(&self.run, outcome)
    }
    fn context(&self) -> Option<&dyn RunContext> {
        Some(&self.run)
    }
    fn directory(&self) -> Option<&Path> {
        Some(self.run.dir())
    }
}

#[test]
fn a_writer_that_gets_nothing_done_is_not_waited_for_without_end() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let (room, stalled) = (Duration::from_millis(50), Duration::from_millis(300));
    let tracker = Held { run: run.clone(), hold: Arc::default() };
    let hold = Arc::clone(&tracker.hold);
    let tracker: Arc<dyn Tracker> = Arc::new(tracker);
    let mut checkpoints = checkpoints(tracker, &model);
    checkpoints.keeper.set_patience(Patience { room, stalled });
    checkpoints.save(state(1, 0.5));
    checkpoints.keeper.wait();
    let held = hold.lock();
    for epoch in [2, 3, 4] {
        checkpoints.save(state(epoch, 0.5));
        // Until the thread has taken the first.
        while epoch == 2 && !checkpoints.keeper.is_taken() {
            std::thread::yield_now();
        }
    }
    assert_eq!(problems(&run), problem("checkpoint-dropped", 1));
    checkpoints.keeper.wait();
    assert_eq!(problems(&run)["checkpoint-not-finished"], 1);
    let begun = std::time::Instant::now();
    checkpoints.save(state(5, 0.5));
    assert!(begun.elapsed() < room, "nobody waits again for what was given up");
    assert_eq!(problems(&run)["checkpoint-dropped"], 2);
    drop(held);
    // It was given up, and is waited for again once it has done something.
    while !index(&run).contains(&"epoch-3 latest".to_owned()) {
        std::thread::yield_now();
    }
    checkpoints.keeper.wait();
    assert_eq!(index(&run), ["epoch-1 best", "epoch-2", "epoch-3 latest"]);
}

#[test]
fn an_old_one_that_cannot_be_deleted_is_tried_again() {
    let (store, model) = (TempDir::new().unwrap(), Model::new());
    let run = start(&store);
    let options = CheckpointOptions::new().keep_last(1).without_best();
    let mut checkpoints = checkpoints_with(&run, &model, options);
    checkpoints.save(state(1, 0.5));
    checkpoints.keeper.wait();
    fs::remove_file(model_file(&run, 1)).unwrap();
    fs::create_dir_all(model_file(&run, 1).join("not a file")).unwrap();
    checkpoints.save(state(2, 0.5));
    checkpoints.keeper.wait();
    assert_eq!(problems(&run), problem("checkpoint-not-deleted", 1));
    assert_eq!(index(&run), ["epoch-1", "epoch-2 latest"]);
    fs::remove_dir_all(model_file(&run, 1)).unwrap();
    checkpoints.save(state(3, 0.5));
    checkpoints.keeper.wait();
    assert_eq!(index(&run), ["epoch-3 latest"]);
}

#[test]
fn a_metric_that_cannot_tell_the_best_is_a_problem() {
    let (folder, model) = (TempDir::new().unwrap(), Model::new());
    let kinds = |options: CheckpointOptions| -> Vec<String> {
        let tracker = MemoryTracker::new();
        let options = options.folder(folder.path());
        checkpoints_with(tracker.clone(), &model, options).save(state(1, 0.5));
        tracker.problems().into_iter().map(|problem| problem.kind).collect()
    };
    let options = CheckpointOptions::new;
    assert_eq!(kinds(options().best("valid/loss")), [""; 0]);
    assert_eq!(kinds(options().best_highest("valid/loss")), [""; 0]);
    assert_eq!(kinds(options().best("valid/lost"))[0], "checkpoint-best-unknown");
    assert_eq!(kinds(options().best_lowest("valid/lost")), ["checkpoint-without-metric"]);
}
