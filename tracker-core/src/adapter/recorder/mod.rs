//! One recorder for all training loops: what a step, an epoch, an evaluation, a mean are, decided once.
//!
//! An adapter hands over what its framework measures, as numbers or as values that
//! [`ReadBack`] brings to the host later. It wraps the loops with [`Epochs`] and [`Batches`], and acts
//! upon [`Milestone`]s. No framework is known here. [`Loop`](crate::Loop) is the adapter for plain
//! numbers.
//!
//! | module | what |
//! |---|---|
//! | `state` | [`Recorder`]: all of the state, how it is set up, its end |
//! | `counter`, `steps` | who counts steps, and what one is |
//! | `values` | takes losses, answers and metrics; logs what has arrived |
//! | `batches`, `epochs`, `evaluations` | what the wrapped parts of a loop tell |
//! | `handle`, `epoch_iterator`, `batch_iterator`, `scope`, `epoch_number` | the wrapped parts themselves |
//! | `reading` | [`Reading`]: a number now or later; [`ReadBack`]: where it comes from |
//! | `row`, `step_values`, `mean` | what one step measured, and its means |
//! | `metric_writer`, `series`, `naming` | the points that follow, and their names |
//! | `measured_rows` | [`MeasuredRows`]: the same points, of a training whose framework measures it |
//! | `learning_rate`, `epoch_times`, `points` | where rates and times are logged, by both |
//! | `early_stopping` | [`EarlyStopping`]: ends a training that does not get better |
//! | `milestone` | [`Milestone`]: what an adapter may want to act upon |
//! | `loop_state`, `resuming` | [`LoopState`]: where a training stands within an epoch, and going on there |
//! | `clock`, `iterator_id`, `open_epoch`, `phase`, `role` | parts of the state |
//! | `problem` | what can go wrong, in words |

mod batch_iterator;
mod batches;
mod clock;
mod counter;
mod early_stopping;
mod epoch_iterator;
mod epoch_number;
mod epoch_times;
mod epochs;
mod evaluations;
mod handle;
mod iterator_id;
mod learning_rate;
mod loop_state;
mod mean;
mod measured_rows;
mod metric_writer;
mod milestone;
mod naming;
mod open_epoch;
mod phase;
mod points;
mod problem;
mod reading;
mod resuming;
mod role;
mod row;
mod scope;
mod series;
mod state;
mod step_values;
mod steps;
mod values;

pub use batch_iterator::Batches;
pub use clock::StepClock;
pub use early_stopping::EarlyStopping;
pub use epoch_iterator::Epochs;
pub use epoch_number::EpochNumber;
pub use epoch_times::{EpochTimeSeries, EpochTimes};
pub use evaluations::OpenEvaluation;
pub use handle::LoopHandle;
pub use iterator_id::IteratorId;
pub use loop_state::LoopState;
pub use mean::Mean;
pub use measured_rows::{MeasuredRows, MeasuredStep, Section};
pub use milestone::Milestone;
pub(crate) use naming::Naming;
pub use naming::{Unit, full_name};
pub use open_epoch::End;
pub use phase::Phase;
pub use reading::{Amount, Count, LateReading, Lost, Measured, ReadBack, Reading};
pub use resuming::LeftOut;
pub use role::Role;
pub use row::OptimizerIndex;
pub use scope::EvaluationScope;
pub use series::Shown;
pub use state::Recorder;
