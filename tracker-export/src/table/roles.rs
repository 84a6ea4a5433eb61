//! By which names columns are known.

/// Names of columns with the step, the best first. An epoch is a step where there is none.
pub(super) const STEP: [&str; 19] = [
    "step",
    "global_step",
    "iteration",
    "iter",
    "it",
    "steps",
    "n_iter",
    "total_timesteps",
    "timesteps",
    "num_timesteps",
    "timestep",
    "env_step",
    "env_steps",
    "training_iteration",
    "train_step",
    "update",
    "round",
    "epoch",
    "epochs",
];

/// Names of columns with the time.
pub(super) const TIME: [&str; 14] = [
    "timestamp",
    "wall_time",
    "walltime",
    "time",
    "datetime",
    "date_time",
    "date",
    "created_at",
    "logged_at",
    "ts",
    "time_elapsed",
    "elapsed",
    "runtime",
    "relative_time",
];

/// Names of columns with the run.
pub(super) const RUN: [&str; 8] =
    ["run", "run_id", "run_name", "runid", "trial", "trial_id", "experiment_id", "name"];

/// Names of columns with the project.
pub(super) const PROJECT: [&str; 4] = ["project", "project_name", "experiment", "experiment_name"];

/// Names of columns with a metric's name.
pub(super) const METRIC: [&str; 8] =
    ["key", "metric", "metric_name", "tag", "variable", "series", "measure", "name"];

/// Names of columns with a metric's value.
pub(super) const VALUE: [&str; 5] = ["value", "metric_value", "val", "y", "scalar"];

/// Names of columns that are settings, though they are numbers.
pub(super) const SETTING: [&str; 9] = [
    "seed",
    "random_seed",
    "batch_size",
    "num_layers",
    "hidden_size",
    "num_workers",
    "weight_decay",
    "max_steps",
    "max_epochs",
];

/// A column's name in the form in which the names are listed: `_Global Step` is `global_step`.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim().trim_start_matches(['_', '#']).to_lowercase();
    name.chars().map(|c| if matches!(c, ' ' | '-' | '.') { '_' } else { c }).collect()
}

/// The best column of a role: by its whole name first, then by the last part of it, as in `time/total_timesteps`.
pub(super) fn best<'a>(
    columns: &'a [String],
    names: &[&str],
    fits: &dyn Fn(usize) -> bool,
) -> Option<&'a String> {
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let whole = |name: &str| name.to_owned();
    let forms: [&dyn Fn(&str) -> String; 2] = [&whole, &last];
    let found = forms.iter().flat_map(|form| names.iter().map(move |name| (form, name)));
    let mut found = found.filter_map(|(form, name)| {
        let known = |(at, column): &(usize, &String)| form(&plain(column)) == *name && fits(*at);
        columns.iter().enumerate().find(known)
    });
    found.next().map(|(_, column)| column)
}
