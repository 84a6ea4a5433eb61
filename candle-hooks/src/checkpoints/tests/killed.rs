//! A process that is killed while it saves.

use std::{env, io::Read, process::Stdio, thread};

use super::*;

const STORE: &str = "CHECKPOINTS_OF_A_KILLED_PROCESS";

/// The process that is killed: saves one checkpoint after the other.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn victim() {
    let Ok(store) = env::var(STORE) else { return };
    let run = init("checkpoints").dir(store).name("victim").signals(false).start().unwrap();
    let model = Model::new();
    let mut optimizer = model.adamw();
    let mut keeping = checkpoints(&run, &model);
    keeping.add_state("", optimizer.variables());
    for epoch in 1.. {
        train(&model, &mut optimizer, epoch);
        keeping.save(state(epoch, 1.0 / epoch as f64));
        if epoch == 1 {
            keeping.keeper.wait();
            println!("saved");
        }
    }
}

#[test]
fn a_process_that_is_killed_at_any_time_leaves_a_checkpoint_that_is_whole() {
    for round in 0..12_u64 {
        let store = TempDir::new().unwrap();
        let name = "checkpoints::tests::killed::victim";
        let mut victim = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--ignored", "--nocapture"])
            .env(STORE, store.path())
            // A program that is about to start has the locks of the process that starts it.
            .env("TRACKER_CODE_CHANGES", "off")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = victim.stdout.take().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.ends_with(b"saved") {
            assert_eq!(out.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&said));
            said.push(byte[0]);
        }
        thread::sleep(Duration::from_micros(round * 1_700));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let run = init("checkpoints").dir(store.path()).signals(false);
        let run = run.resume("victim").start().unwrap();
        let (model, as_trained) = (Model::new(), Model::new());
        let optimizer = model.adamw();
        let states = [(String::new(), optimizer.variables())];
        let restored = restore(&run, &model.weights, &states, None).unwrap().unwrap();
        let mut again = as_trained.adamw();
        (1..=restored.epoch().unwrap()).for_each(|epoch| train(&as_trained, &mut again, epoch));
        assert_eq!(model.bits(), as_trained.bits(), "round {round}");
        assert!(restored.optimizer_state());
        assert!(!problems(&run).contains_key("checkpoint-damaged"), "round {round}");
    }
}
