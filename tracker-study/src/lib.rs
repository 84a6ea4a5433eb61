//! Studies without a server: what a training's settings should be, found by trying.
//!
//! All that is known of a study stands in its journal: a file in the store, to which every process and machine appends
//! that works on it, and which Optuna opens too. Nothing else is kept: whoever has the folder can go on.
//!
//! ```
//! use serde_json::json;
//! use tracker_core::studies::StudyFolder;
//! use tracker_study::{Journal, Plan};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = tempfile::tempdir()?;
//! let plan = Plan::from_json(&json!({
//!     "project": "mnist",
//!     "name": "rates",
//!     "metric": { "name": "valid/accuracy", "goal": "maximize" },
//!     "parameters": { "lr": { "min": 1e-5, "max": 1e-1, "log": true } },
//! }))?;
//! let folder = StudyFolder::create(store.path(), &plan.project, &plan.name)?;
//! let mut journal = Journal::create(&folder, &plan)?;
//! journal.read_on()?; // takes in what others wrote
//! assert!(journal.study().trials.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! From the ground up; a room knows those above it in this list, and none below.
//!
//! | room | what |
//! |---|---|
//! | `space` | what is varied: parameters, their values, their conditions |
//! | `metric`, `plan` | what is made better, and how |
//! | `trial` | one training of a study, as the journal knows it |
//! | `sampler` | decides which values a trial gets |
//! | `judge` | decides whether a trial may go on |
//! | `importance` | what all trials say together: which parameter matters, which trials nobody beats |
//! | `journal` | all of it as a file that several processes and Optuna append to |
//! | `watch` | trials that train, watched by their runs: [`Watcher`] |
//! | `in_process` | a study within a program: [`Study`] |

mod error;
mod importance;
mod in_process;
mod journal;
mod judge;
mod metric;
mod plan;
mod sampler;
mod space;
mod trial;
mod watch;

pub use error::{Error, Result};
pub use importance::{
    front::front,
    ped_anova::{Importance, importance},
};
pub use in_process::{Asha, Hyperband, Median, On, Results, Study, TrialHandle};
pub use journal::{Begun, Journal, Record, StudyState};
pub use judge::{Judge, Verdict, judge_of};
pub use metric::{Goal, Metric, Which};
pub use plan::{EarlyTerminate, Method, Plan};
pub use sampler::{
    contract::{Asked, Sampler},
    gp::surface::{Surface, surface},
    of_plan::{draws_of, sampler_of},
};
pub use space::{
    domain::Domain,
    parameter::{Condition, Parameter},
    params::Params,
    space::Space,
};
pub use trial::{DIVERGED, Trial, TrialState};
pub use watch::{DEATHS, Ended, PRUNED, Seen, WHY, Watched, Watcher, is_trained_by, reported};
