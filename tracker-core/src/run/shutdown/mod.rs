//! How runs end when nobody calls `finish`: signals, panics, exits.
//!
//! SIGINT, SIGTERM and SIGHUP are taken where they would have ended the process. One that is
//! ignored, as SIGHUP under `nohup`, stays ignored. `tests/signals.rs`, `panics.rs`, `ends.rs` and
//! `processes.rs` look at each row.
//!
//! | who listens | first signal | second signal |
//! |---|---|---|
//! | nobody | all runs are saved as stopped, 2 s at most for each, and the process dies by the signal | |
//! | a run: an adapter or a loop that looks at `requests` | every run is asked to stop now, also those that start later; `finish` returns; the process dies by the signal when `main` ends, or 30 s after the last such run has ended (`TRACKER_GRACE`) | the process dies by it at once; SIGHUP counts once |
//! | a handler of the program's, set before `start` | that one alone: the run knows of nothing | the same |
//! | … set after `start`, which calls ours, as those of signal-hook and tokio do | that one ends the process or does not; every run is asked to stop and what waits is written; a run that still lives when the process exits is saved as stopped | the same |
//! | … set after `start`, which replaces ours | that one alone: the run knows of nothing | the same |
//!
//! | what | what becomes of the run |
//! |---|---|
//! | a terminal that closes | as any first signal, by SIGHUP |
//! | the first process of a container | as above, but it cannot die by a signal: it exits with 128 + signal |
//! | a panic on the thread that drops the run | failed, with the panic's message |
//! | a panic on another thread | goes on, until its owner drops or finishes it |
//! | a panic that aborts: `panic = "abort"`, a hook that aborts | crashed; readers show the panic's message, which is in the run's folder before any other hook is called |
//! | `exit`, `abort`, `kill -9` | crashed, with its points; at an `exit` after a signal, stopped |
//! | a forked child | has no part in its parent's run: what it logs is counted there and dropped, signals have their own effect |
//! | a machine that sleeps | goes on afterwards; the time of points counts the sleep |

mod backtraces;
mod panics;
mod registry;
mod signals;

pub(crate) use backtraces::wait as wait_for_backtraces;
pub(crate) use panics::{forget_outlived_panic, panic_message, watch_panics};
pub(crate) use registry::{LiveRun, enlist, flush_all};
