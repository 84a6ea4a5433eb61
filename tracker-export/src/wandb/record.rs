//! The messages of a `.wandb` file that are written, and read where they are few. Numbers of fields are those of W&B's
//! `wandb_internal.proto`.

#![allow(missing_docs, reason = "the names are W&B's own")]

use prost::Message;

/// One of its fields is set.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Record {
    #[prost(int64, tag = "1")]
    pub(crate) num: i64,
    #[prost(message, optional, tag = "2")]
    pub(crate) history: Option<HistoryRecord>,
    #[prost(message, optional, tag = "3")]
    pub(crate) summary: Option<Updates>,
    #[prost(message, optional, tag = "6")]
    pub(crate) files: Option<FilesRecord>,
    #[prost(message, optional, tag = "7")]
    pub(crate) stats: Option<StatsRecord>,
    #[prost(message, optional, tag = "10")]
    pub(crate) alert: Option<AlertRecord>,
    #[prost(message, optional, tag = "12")]
    pub(crate) metric: Option<MetricRecord>,
    #[prost(message, optional, tag = "13")]
    pub(crate) output_raw: Option<OutputRecord>,
    #[prost(message, optional, tag = "17")]
    pub(crate) run: Option<RunRecord>,
    #[prost(message, optional, tag = "18")]
    pub(crate) exit: Option<ExitRecord>,
    #[prost(message, optional, tag = "21")]
    pub(crate) header: Option<HeaderRecord>,
    #[prost(message, optional, tag = "26")]
    pub(crate) environment: Option<EnvironmentRecord>,
}

/// A key and a value, of history, summary, config and stats alike.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Item {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    /// In place of `key`, as W&B's own values of the summary have it.
    #[prost(string, repeated, tag = "2")]
    pub(crate) nested_key: Vec<String>,
    #[prost(string, tag = "16")]
    pub(crate) value_json: String,
}

impl Item {
    pub(crate) fn new(key: String, value_json: String) -> Self {
        Self { key, nested_key: Vec::new(), value_json }
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HistoryRecord {
    #[prost(message, repeated, tag = "1")]
    pub(crate) item: Vec<Item>,
    #[prost(message, optional, tag = "2")]
    pub(crate) step: Option<HistoryStep>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct HistoryStep {
    #[prost(int64, tag = "1")]
    pub(crate) num: i64,
}

/// Of the summary, and of the config.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Updates {
    #[prost(message, repeated, tag = "1")]
    pub(crate) update: Vec<Item>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FilesRecord {
    #[prost(message, repeated, tag = "1")]
    pub(crate) files: Vec<FilesItem>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FilesItem {
    #[prost(string, tag = "1")]
    pub(crate) path: String,
    /// 2 is media.
    #[prost(int32, tag = "3")]
    pub(crate) kind: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct StatsRecord {
    #[prost(message, optional, tag = "2")]
    pub(crate) timestamp: Option<Time>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) item: Vec<Item>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Time {
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

impl Time {
    pub(crate) fn of(micros: i64) -> Self {
        let nanos = micros.rem_euclid(1_000_000) * 1_000;
        Self { seconds: micros.div_euclid(1_000_000), nanos: nanos as i32 }
    }

    /// Microseconds since 1970, to the nearest one that is not later.
    pub(crate) fn micros(self) -> i64 {
        self.seconds.saturating_mul(1_000_000).saturating_add(i64::from(self.nanos / 1_000))
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AlertRecord {
    #[prost(string, tag = "1")]
    pub(crate) title: String,
    #[prost(string, tag = "2")]
    pub(crate) text: String,
    #[prost(string, tag = "3")]
    pub(crate) level: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MetricRecord {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) glob_name: String,
    #[prost(string, tag = "4")]
    pub(crate) step_metric: String,
    #[prost(message, optional, tag = "6")]
    pub(crate) options: Option<MetricOptions>,
    #[prost(message, optional, tag = "7")]
    pub(crate) summary: Option<MetricSummary>,
    /// 1 is to be minimized, 2 to be maximized.
    #[prost(int32, tag = "8")]
    pub(crate) goal: i32,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct MetricOptions {
    #[prost(bool, tag = "2")]
    pub(crate) hidden: bool,
    #[prost(bool, tag = "3")]
    pub(crate) defined: bool,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct MetricSummary {
    #[prost(bool, tag = "1")]
    pub(crate) min: bool,
    #[prost(bool, tag = "2")]
    pub(crate) max: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct OutputRecord {
    /// 0 is standard error, 1 standard output.
    #[prost(int32, tag = "1")]
    pub(crate) output_type: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) timestamp: Option<Time>,
    #[prost(string, tag = "3")]
    pub(crate) line: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct RunRecord {
    #[prost(string, tag = "1")]
    pub(crate) run_id: String,
    #[prost(string, tag = "2")]
    pub(crate) entity: String,
    #[prost(string, tag = "3")]
    pub(crate) project: String,
    /// The bytes of [`Updates`], which are read without making them.
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) config: Vec<u8>,
    #[prost(string, tag = "6")]
    pub(crate) run_group: String,
    #[prost(string, tag = "7")]
    pub(crate) job_type: String,
    #[prost(string, tag = "8")]
    pub(crate) display_name: String,
    #[prost(string, tag = "9")]
    pub(crate) notes: String,
    #[prost(string, repeated, tag = "10")]
    pub(crate) tags: Vec<String>,
    #[prost(string, tag = "12")]
    pub(crate) sweep_id: String,
    #[prost(string, tag = "13")]
    pub(crate) host: String,
    #[prost(message, optional, tag = "17")]
    pub(crate) start_time: Option<Time>,
    #[prost(message, optional, tag = "21")]
    pub(crate) git: Option<GitRecord>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GitRecord {
    #[prost(string, tag = "1")]
    pub(crate) remote_url: String,
    #[prost(string, tag = "2")]
    pub(crate) commit: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct ExitRecord {
    #[prost(int32, tag = "1")]
    pub(crate) exit_code: i32,
    /// In seconds.
    #[prost(int32, tag = "2")]
    pub(crate) runtime: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HeaderRecord {
    #[prost(message, optional, tag = "1")]
    pub(crate) version_info: Option<VersionInfo>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct VersionInfo {
    #[prost(string, tag = "1")]
    pub(crate) producer: String,
    #[prost(string, tag = "2")]
    pub(crate) min_consumer: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct EnvironmentRecord {
    #[prost(string, tag = "1")]
    pub(crate) os: String,
    #[prost(string, tag = "2")]
    pub(crate) python: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) started_at: Option<Time>,
    #[prost(string, repeated, tag = "5")]
    pub(crate) args: Vec<String>,
    #[prost(string, tag = "6")]
    pub(crate) program: String,
    #[prost(message, optional, tag = "9")]
    pub(crate) git: Option<GitRecord>,
    #[prost(string, tag = "11")]
    pub(crate) root: String,
    #[prost(string, tag = "12")]
    pub(crate) host: String,
    #[prost(string, tag = "13")]
    pub(crate) username: String,
    #[prost(string, tag = "14")]
    pub(crate) executable: String,
    #[prost(uint32, tag = "17")]
    pub(crate) cpu_count_logical: u32,
    #[prost(string, tag = "18")]
    pub(crate) gpu_type: String,
    #[prost(uint32, tag = "19")]
    pub(crate) gpu_count: u32,
    #[prost(string, tag = "199")]
    pub(crate) writer_id: String,
}
