//! Studies without a server: what a training's settings should be, found by trying.
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

mod error;
mod judge;
mod metric;
mod plan;
mod sampler;
mod space;
mod trial;

pub use error::{Error, Result};
pub use judge::{Judge, Verdict, judge_of};
pub use metric::{Goal, Metric, Which};
pub use plan::{EarlyTerminate, Method, Plan};
pub use sampler::{
    contract::{Asked, Sampler},
    of_plan::{draws_of, sampler_of},
};
pub use space::{
    domain::Domain,
    parameter::{Condition, Parameter},
    params::Params,
    space::Space,
};
pub use trial::{DIVERGED, Trial, TrialState};
