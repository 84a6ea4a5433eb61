//! Another process that keeps the disk busy, as a checkpoint, a data set's download or somebody
//! else's job does.

use std::{
    fs::File,
    io::{Seek, Write},
    path::Path,
    time::Duration,
};

use crate::child::{self, Beside};

pub(crate) const ROLE: &str = "neighbour";

/// How much is written between two calls of `fsync`.
const CHUNK: usize = 4 << 20;

/// The size of the file, which is written over and over: the disk need not hold more.
const FILE: usize = 512 << 20;

/// When a neighbour that nobody stopped stops by itself.
const TOTAL: usize = 8 << 30;

/// Starts a neighbour that writes into `folder`, and waits until the disk is busy.
pub(crate) fn start(folder: &Path) -> Beside {
    let path = folder.join("neighbour");
    let mut neighbour = Beside::start(child::command(ROLE, &[path.to_str().unwrap()]));
    assert_eq!(neighbour.line(), "writing");
    std::thread::sleep(Duration::from_millis(200));
    neighbour
}

/// The neighbour's part: writes to the file that the first argument names.
pub(crate) fn write_until_killed(arguments: &[String]) {
    let mut file = File::create(&arguments[0]).unwrap();
    let chunk = vec![0xA5; CHUNK];
    println!("writing");
    for _ in 0..TOTAL / FILE {
        file.rewind().unwrap();
        for _ in 0..FILE / CHUNK {
            file.write_all(&chunk).unwrap();
            file.sync_all().unwrap();
        }
    }
}
