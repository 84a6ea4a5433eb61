//! Data parallel by hand: several processes train one model, and log to one run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    env, fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
};

use candle_hooks::{
    candle_core::{Result, Tensor},
    candle_nn::{Optimizer, SGD},
    tracker_core::{init, read::Store},
};
use common::{DEVICE, Digits, Network, hooks};

/// Where the processes meet; set in the processes that train.
const PORT: &str = "CANDLE_HOOKS_TEST_PORT";
/// Where they leave their weights.
const FOLDER: &str = "CANDLE_HOOKS_TEST_FOLDER";

/// The mean of a tensor over both processes: each sends its values and adds those of the other.
fn mean_of_both(peer: &mut TcpStream, tensor: &Tensor) -> Result<Tensor> {
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut sender = peer.try_clone()?;
    let sent = std::thread::spawn(move || sender.write_all(&bytes));
    let mut received = vec![0; values.len() * 4];
    peer.read_exact(&mut received)?;
    sent.join().unwrap()?;
    let others = received.chunks_exact(4).map(|of| f32::from_le_bytes(of.try_into().unwrap()));
    let means = values.iter().zip(others).map(|(one, two)| f32::midpoint(*one, two));
    Tensor::from_vec(means.collect::<Vec<f32>>(), tensor.shape(), &DEVICE)
}

/// What each process does: it learns from every other image, with the gradients of all.
fn train_as_one_of_two(rank: usize, peer: &mut TcpStream) -> Result<Vec<u32>> {
    let run = init("ranks").start().unwrap();
    let hooks = hooks(&run);
    let network = Network::new();
    let digits = Digits::new(240);
    let sgd = SGD::new(network.variables.clone(), 0.1)?;
    let mut optimizer = hooks.optimizer(sgd).variables(&network.variables);
    for _ in hooks.epochs(1..=2) {
        let mine = digits.batches(20).into_iter().skip(rank).step_by(2);
        for (images, labels) in hooks.batches(mine) {
            let (loss, logits) = network.loss(&images, &labels)?;
            hooks.accuracy(&logits, &labels)?;
            let mut gradients = hooks.backward(&loss)?;
            for variable in &network.variables {
                let mean = mean_of_both(peer, gradients.get(variable).unwrap())?;
                gradients.insert(variable, mean);
            }
            optimizer.step(&gradients)?;
        }
    }
    assert_eq!(run.finish().unwrap().problems(), []);
    Ok(network.bits())
}

/// Runs in a process of its own, started by the test below.
#[test]
#[ignore = "one of two processes that another test starts"]
fn train_in_a_process_of_its_own() {
    let rank: usize = env::var("TRACKER_RANK").unwrap().parse().unwrap();
    let mut peer =
        TcpStream::connect(("127.0.0.1", env::var(PORT).unwrap().parse().unwrap())).unwrap();
    let bits = train_as_one_of_two(rank, &mut peer).unwrap();
    let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    fs::write(Path::new(&env::var(FOLDER).unwrap()).join(rank.to_string()), bytes).unwrap();
}

/// Passes on what each of two processes sends to the other.
fn connect_both(listener: &TcpListener) {
    let (one, _) = listener.accept().unwrap();
    let (two, _) = listener.accept().unwrap();
    let pass = |mut from: TcpStream, mut to: TcpStream| {
        std::thread::spawn(move || std::io::copy(&mut from, &mut to))
    };
    pass(one.try_clone().unwrap(), two.try_clone().unwrap());
    pass(two, one);
}

#[test]
fn two_processes_train_one_model_and_log_to_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let start = |rank: usize| {
        Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "train_in_a_process_of_its_own"])
            .env("TRACKER_DIR", folder.path().join("store"))
            .env("TRACKER_RUN_ID", "01HZZZZZZZZZZZZZZZZZZZZZZZ")
            .env("TRACKER_RANK", rank.to_string())
            .env(PORT, port.to_string())
            .env(FOLDER, folder.path())
            .spawn()
            .unwrap()
    };
    let processes = [start(0), start(1)];
    connect_both(&listener);
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }

    let weights = ["0", "1"].map(|rank| fs::read(folder.path().join(rank)).unwrap());
    assert_eq!(weights[0], weights[1], "all gradients were those of both");
    // The same as one process with batches of both, but for the order in which numbers are added.
    let alone = Network::new();
    let mut optimizer = SGD::new(alone.variables.clone(), 0.1).unwrap();
    for _ in 0..2 {
        for (images, labels) in Digits::new(240).batches(40) {
            optimizer.backward_step(&alone.loss(&images, &labels).unwrap().0).unwrap();
        }
    }
    let together = weights[0].chunks_exact(4).map(|of| f32::from_le_bytes(of.try_into().unwrap()));
    for (one, two) in alone.bits().into_iter().map(f32::from_bits).zip(together) {
        assert!((one - two).abs() < 1e-4, "{one} and {two}");
    }

    let runs = Store::open(folder.path().join("store")).unwrap();
    let run = runs.find("@latest").unwrap();
    let losses = |metric: &str| run.series(metric).unwrap();
    for (metric, rank) in [("batch/train/loss", 0), ("rank.1/batch/train/loss", 1)] {
        let rows = losses(metric);
        assert_eq!(rows.len(), 12, "{metric}");
        assert!(rows.iter().all(|row| row.writer.rank == rank), "{metric}");
    }
    for metric in ["train/loss", "train/accuracy", "rank.1/train/loss", "rank.1/train/accuracy"] {
        assert_eq!(losses(metric).len(), 2, "{metric}");
    }
}
