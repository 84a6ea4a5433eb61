//! MLflow, out and in.
//!
//! Out, [`MlflowTarget`] speaks with a server. In, [`MlflowSource`] reads the database of one, or the folders of
//! before. What is said in which words stands in `tags`, `settings` and `names`, for both ways.
//!
//! | what | where |
//! |---|---|
//! | a run goes out | `target` ─ `point_filter`, `batch`, `files` |
//! | the server is asked | `api` ─ `client` ─ `patience`, `address` |
//! | runs come in | `source` ─ `database`, `folder` ─ `flat_yaml`; `foreign`, `stored_files` |
//! | words that both ways share | `tags`, `settings`, `names`, `file_names` |

mod address;
mod api;
mod batch;
mod client;
mod database;
mod file_names;
mod files;
mod flat_yaml;
mod folder;
mod foreign;
mod names;
mod patience;
mod point_filter;
mod settings;
mod source;
mod stored_files;
mod tags;
mod target;

pub use patience::Patience;
pub use source::MlflowSource;
pub use target::MlflowTarget;
