//! Settings and states for the `HParams` tab. Which metrics it shows it finds by itself: all scalars of runs that have settings.

use serde_json::Value;
use tracker_core::{
    State,
    read::{RunInfo, settings_by_path},
};

use crate::{
    Account,
    tensorboard::wire::{put_bytes, put_double, put_message, put_uint},
};

/// The beginning of a session: all settings, and the group and tags where no setting is called so.
pub(crate) fn start(info: &RunInfo, start_time: f64, account: &mut Account) -> Vec<u8> {
    let mut out = Vec::new();
    put_message(&mut out, 3, |out| {
        for (path, value) in settings_by_path(&info.config) {
            if value.is_null() {
                account.leave_out("settings without a value", "the HParams tab has none", 1);
            } else {
                account.keep("settings", 1);
                put_setting(out, &path, value);
            }
        }
        if let Some(group) = info.group.as_ref().filter(|_| !info.config.contains_key("group")) {
            put_setting(out, "group", &Value::from(group.as_str()));
        }
        if !info.tags.is_empty() && !info.config.contains_key("tags") {
            put_setting(out, "tags", &Value::from(info.tags.join(", ")));
        }
        put_double(out, 5, start_time);
    });
    out
}

/// The end of a session.
pub(crate) fn end(state: State, end_time: f64) -> Vec<u8> {
    let status = match state {
        State::Finished => 1,
        State::Failed | State::Crashed | State::Lost => 2,
        State::Running => 3,
        _ => 0,
    };
    let mut out = Vec::new();
    put_message(&mut out, 4, |out| {
        put_uint(out, 1, status);
        put_double(out, 2, end_time);
    });
    out
}

fn put_setting(out: &mut Vec<u8>, path: &str, value: &Value) {
    put_message(out, 1, |out| {
        put_bytes(out, 1, path.as_bytes());
        put_message(out, 2, |out| put_value(out, value));
    });
}

/// A value of JSON as the tab has them: a number, a text, yes or no. Whole numbers that no double holds are texts.
fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bool(is) => {
            // Also `false` is written: a value that is not there is none.
            out.extend_from_slice(&[4 << 3, u8::from(*is)]);
        }
        Value::Number(number) if holds(number) => {
            put_double(out, 2, number.as_f64().unwrap_or_default());
        }
        Value::String(text) => put_bytes(out, 3, text.as_bytes()),
        other => put_bytes(out, 3, other.to_string().as_bytes()),
    }
}

fn holds(number: &serde_json::Number) -> bool {
    const EXACT: u64 = 1 << 53;
    match (number.as_i64(), number.as_u64()) {
        (Some(whole), _) => whole.unsigned_abs() <= EXACT,
        (None, Some(_)) => false,
        (None, None) => number.as_f64().is_some_and(f64::is_finite),
    }
}
