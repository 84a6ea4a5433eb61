//! Reads what a study is to do.

use serde_json::Value;

use super::{
    conditions,
    domain::domain_of,
    fields::{Fields, kind},
    grid,
    problems::Problems,
    words::excerpt,
};
use crate::{EarlyTerminate, Goal, Method, Metric, Parameter, Plan, Result, Space, Which};

const KEYS: [&str; 9] = [
    "project",
    "name",
    "method",
    "run_cap",
    "seed",
    "metric",
    "metrics",
    "early_terminate",
    "parameters",
];

const METHODS: [(&str, Method); 7] = [
    ("auto", Method::Auto),
    ("bayes", Method::Auto),
    ("gp", Method::Gp),
    ("tpe", Method::Tpe),
    ("random", Method::Random),
    ("quasi", Method::Quasi),
    ("grid", Method::Grid),
];

/// How many trials a study may have.
const MOST_TRIALS: u64 = 10_000;
const MOST_PARAMETERS: usize = 64;
const MOST_METRICS: usize = 4;
/// Whole numbers above are not all floats of their own.
const MOST_EXACT: u64 = 1 << 53;
const LONGEST_NAME: usize = 200;

impl Plan {
    /// Reads a plan by the keys that W&B's sweeps have, which `docs/studies.md` describes: `project`, `name` (the
    /// project's where it is not said), `method`, `run_cap`, `seed`, `metric` or `metrics`, `early_terminate`, `parameters`.
    ///
    /// ```
    /// use serde_json::json;
    /// use tracker_study::Plan;
    ///
    /// let plan = Plan::from_json(&json!({
    ///     "project": "mnist",
    ///     "run_cap": 50,
    ///     "metric": { "name": "valid/accuracy", "goal": "maximize" },
    ///     "parameters": { "lr": { "min": 1e-5, "max": 1e-1, "log": true } },
    /// }))?;
    /// assert_eq!(plan.run_cap, Some(50));
    ///
    /// let error = Plan::from_json(&json!({ "project": "mnist", "paramters": {} })).unwrap_err();
    /// assert!(error.to_string().contains("did you mean `parameters`?"));
    /// # Ok::<(), tracker_study::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a study cannot be made of it. All that is wrong with it is told at once.
    pub fn from_json(value: &Value) -> Result<Self> {
        let mut problems = Problems::default();
        let plan = read(value, &mut problems);
        problems.told()?;
        // Without a problem, there is one.
        plan.ok_or_else(|| crate::Error::unusable("the study says nothing", "see docs/studies.md"))
    }
}

fn read(value: &Value, problems: &mut Problems) -> Option<Plan> {
    let fields = Fields::of(value, "the study", &KEYS, problems)?;
    let project = fields.text("project", problems).unwrap_or_default();
    if project.is_empty() && !fields.has("project") {
        problems.add("the study has no `project`", "write `project = \"NAME\"`");
    }
    let mut plan = Plan::unknown(project, fields.text("name", problems).unwrap_or(project));
    plan.method = fields.word("method", &METHODS, problems).unwrap_or_default();
    plan.run_cap = fields.whole("run_cap", (1, MOST_TRIALS), problems);
    plan.seed = fields.whole("seed", (0, MOST_EXACT), problems).unwrap_or_default();
    plan.metrics = metrics(&fields, problems);
    plan.early_terminate =
        fields.get("early_terminate").and_then(|value| early_terminate(value, problems));
    plan.space = space(&fields, problems);
    if problems.is_empty() && plan.method == Method::Grid {
        grid::check(&plan.space, problems);
    }
    Some(plan)
}

fn metrics(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Metric> {
    let given: Vec<&Value> = match (fields.get("metric"), fields.get("metrics")) {
        (Some(one), None) => vec![one],
        (None, Some(Value::Array(several))) if !several.is_empty() => several.iter().collect(),
        (None, Some(other)) => {
            fields.wrong("metrics", other, "write a list of 1 to 4 metrics", problems);
            return Vec::new();
        }
        (Some(_), Some(_)) => {
            problems.add("the study has both `metric` and `metrics`", "keep one of them");
            return Vec::new();
        }
        (None, None) => {
            let hint = "write `metric = { name = \"valid/accuracy\", goal = \"maximize\" }`";
            problems.add("the study has no `metric`", hint);
            return Vec::new();
        }
    };
    if given.len() > MOST_METRICS {
        let what = format!("the study has {} metrics", given.len());
        problems.add(what, "at most 4 are made better at once: leave out the least important");
        return Vec::new();
    }
    let metrics: Vec<Metric> =
        given.into_iter().filter_map(|value| metric(value, problems)).collect();
    for (place, metric) in metrics.iter().enumerate() {
        if metrics[..place].iter().any(|other| other.name == metric.name) {
            let what = format!("the metric `{}` is there twice", excerpt(&metric.name));
            problems.add(what, "keep one of them");
        }
    }
    metrics
}

fn metric(value: &Value, problems: &mut Problems) -> Option<Metric> {
    let fields = Fields::of(value, "the metric", &["name", "goal", "value"], problems)?;
    let goals = [("minimize", Goal::Minimize), ("maximize", Goal::Maximize)];
    let name = fields.text("name", problems);
    let goal = fields.word("goal", &goals, problems);
    for key in ["name", "goal"].into_iter().filter(|key| !fields.has(key)) {
        let hint = "write its name as it is logged, and the goal `minimize` or `maximize`";
        problems.add(format!("the metric has no `{key}`"), hint);
    }
    let which = [("best", Which::Best), ("last", Which::Last)];
    let which = fields.word("value", &which, problems).unwrap_or_default();
    let name = name.filter(|name| is_name(name, "metric", problems))?;
    let mut metric = Metric::new(name, goal?);
    metric.value = which;
    Some(metric)
}

fn early_terminate(value: &Value, problems: &mut Problems) -> Option<EarlyTerminate> {
    const KEYS: [&str; 5] = ["type", "min_iter", "max_iter", "eta", "startup"];
    let place = "`early_terminate`";
    let fields = Fields::of(value, place, &KEYS, problems)?;
    if !fields.has("type") {
        problems.add(format!("{place} has no `type`"), "write asha, hyperband or median");
    }
    let kinds: [(&str, &[&str]); 3] = [
        ("asha", &["min_iter", "eta"]),
        ("hyperband", &["min_iter", "max_iter", "eta"]),
        ("median", &["startup", "min_iter"]),
    ];
    let kind = fields.word("type", &kinds.map(|(name, _)| (name, name)), problems)?;
    let own = kinds.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, own)| own);
    for key in KEYS[1..].iter().filter(|key| fields.has(key) && !own.contains(key)) {
        problems.add(format!("{place} of type {kind} has no `{key}`"), "leave it out");
    }
    let all = (1, MOST_EXACT);
    let min_iter = fields.whole("min_iter", all, problems).unwrap_or(1);
    let eta = fields.whole("eta", (2, 1_000), problems).unwrap_or(3);
    match kind {
        "asha" => Some(EarlyTerminate::Asha { min_iter, eta }),
        "hyperband" => {
            if !fields.has("max_iter") {
                let hint = "write how many values of the metric a training logs";
                problems.add(format!("{place} of type hyperband has no `max_iter`"), hint);
            }
            let max_iter = fields.whole("max_iter", all, problems)?;
            if max_iter < min_iter {
                let what = format!("`max_iter` of {place} is below `min_iter`, {min_iter}");
                problems.add(what, "exchange them");
            }
            Some(EarlyTerminate::Hyperband { min_iter, max_iter, eta })
        }
        _ => {
            let startup = fields.whole("startup", (0, MOST_TRIALS), problems).unwrap_or(5);
            Some(EarlyTerminate::Median { startup, min_iter })
        }
    }
}

fn space(fields: &Fields<'_>, problems: &mut Problems) -> Space {
    let given = match fields.get("parameters") {
        Some(Value::Object(given)) if !given.is_empty() => given,
        Some(other) if !other.is_object() => {
            let what = format!("`parameters` is {}", kind(other));
            problems.add(what, "write `[parameters]`, and below it a line for each");
            return Space::default();
        }
        _ => {
            let hint =
                "write `[parameters]`, and below it such as `lr = { min = 1e-5, max = 1e-1 }`";
            problems.add("the study varies nothing: it has no `parameters`", hint);
            return Space::default();
        }
    };
    if given.len() > MOST_PARAMETERS {
        let what = format!("the study varies {} parameters", given.len());
        problems.add(what, "vary at most 64: fix those that matter least in the training");
        return Space::default();
    }
    let mut read = Vec::new();
    for (name, value) in given {
        let is_good = is_name(name, "parameter", problems);
        if let Some(domain) = domain_of(name, value, problems).filter(|_| is_good) {
            read.push((Parameter::new(name, domain), value.get("when")));
        }
    }
    conditions::space_of(read, given, problems)
}

/// Whether a name can be printed, typed and stored.
fn is_name(name: &str, what: &str, problems: &mut Problems) -> bool {
    let is_good = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.chars().any(|letter| letter.is_control() || is_invisible(letter));
    if !is_good {
        let hint = "use 1 to 200 letters, digits and signs that are seen";
        problems.add(format!("the {what} has the name `{}`", excerpt(name)), hint);
    }
    is_good
}

/// What turns or hides the text around it.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
