//! What the adapters to the frameworks share. Users meet it through them: as options, and as the
//! names of what is logged.
//!
//! No framework is named here. An adapter goes over the parameters of its model, computes with its
//! own tensors, and gives numbers.
//!
//! | module | what |
//! |---|---|
//! | `watch_options` | [`WatchOptions`]: which parameters, how often, how fine |
//! | `statistics` | [`Statistics`]: a tensor in numbers |
//! | `reduced` | [`Reduced`]: the row of numbers that a device makes of a tensor |
//! | [`sums`] | sums of squares of numbers in memory |
//! | `notice` | [`HeldNotices`]: keeps tracker's own lines while a framework draws on the terminal |
//! | `watch_log` | [`WatchLog`]: writes them as points, histograms and problems |
//! | `flight` | [`FlightRecorder`]: what the last steps did to each tensor |
//! | `resumed` | [`begin_anew`]: where a training begins in a resumed run without a checkpoint |
//! | `plain_loop` | [`Loop`]: the adapter for plain numbers |
//! | `order` | [`Order`]: in which order a training goes over its data |
//! | `pictures` | [`pictures`]: those in the numbers of a tensor |
//! | `plan` | [`plan`]: how many epochs there are to be |
//! | `tell` | [`tell`]: what is good to know and no trouble |
//! | [`recorder`] | one recorder for all training loops: steps, epochs, evaluations, means |
//! | [`checkpoints`] | saved as a training goes, kept, found again, restored |

pub mod checkpoints;
mod flight;
mod order;
mod pictures;
mod plain_loop;
mod plan;
pub mod recorder;
mod reduced;
mod resumed;
mod statistics;
pub mod sums;
mod tell;
mod watch_log;
mod watch_options;

pub use crate::console::notice::HeldNotices;
pub use flight::{
    BatchSamples, Blocks, FlightLook, FlightRecorder, SeenWeights, TensorBlocks, WeightLook,
};
pub use order::{EpochOrder, LoadedBatches, Order, OrderedBatches};
pub use pictures::pictures;
pub use plain_loop::{Loop, LoopEvaluation};
pub use plan::{PLAN, plan};
pub use recorder::{EarlyStopping, EpochNumber};
pub use reduced::Reduced;
pub use resumed::{begin_anew, resumed_run_not_read};
pub use statistics::Statistics;
pub use tell::tell;
pub use watch_log::{WatchLog, WatchedTensor, watch_not_read};
pub use watch_options::WatchOptions;
