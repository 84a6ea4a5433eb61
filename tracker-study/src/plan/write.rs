//! Writes what a study is to do.

use serde_json::{Map, Value, json};

use crate::{Domain, EarlyTerminate, Goal, Method, Metric, Parameter, Plan, Space, Which};

impl Plan {
    /// The plan by the keys of `study.toml`: [`from_json`](Self::from_json) reads the same plan from it.
    pub fn to_json(&self) -> Value {
        let mut all = Map::new();
        let mut set = |key: &str, value: Value| all.insert(key.to_owned(), value);
        set("project", self.project.as_str().into());
        set("name", self.name.as_str().into());
        set("method", method(self.method).into());
        if let Some(cap) = self.run_cap {
            set("run_cap", cap.into());
        }
        set("seed", self.seed.into());
        match self.metrics.as_slice() {
            [one] => set("metric", metric(one)),
            several => set("metrics", several.iter().map(metric).collect()),
        };
        if let Some(rule) = self.early_terminate {
            set("early_terminate", early_terminate(rule));
        }
        let parameters = self.space.parameters().iter();
        let parameters: Map<String, Value> = parameters
            .map(|parameter| (parameter.name.clone(), written(parameter, &self.space)))
            .collect();
        set("parameters", parameters.into());
        all.into()
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Auto => "auto",
        Method::Gp => "gp",
        Method::Tpe => "tpe",
        Method::Random => "random",
        Method::Quasi => "quasi",
        Method::Grid => "grid",
    }
}

fn metric(metric: &Metric) -> Value {
    let goal = match metric.goal {
        Goal::Minimize => "minimize",
        Goal::Maximize => "maximize",
    };
    let which = match metric.value {
        Which::Best => "best",
        Which::Last => "last",
    };
    json!({ "name": metric.name, "goal": goal, "value": which })
}

fn early_terminate(rule: EarlyTerminate) -> Value {
    match rule {
        EarlyTerminate::Asha { min_iter, eta } => {
            json!({ "type": "asha", "min_iter": min_iter, "eta": eta })
        }
        EarlyTerminate::Hyperband { min_iter, max_iter, eta } => {
            json!({ "type": "hyperband", "min_iter": min_iter, "max_iter": max_iter, "eta": eta })
        }
        EarlyTerminate::Median { startup, min_iter } => {
            json!({ "type": "median", "startup": startup, "min_iter": min_iter })
        }
    }
}

fn written(parameter: &Parameter, space: &Space) -> Value {
    let mut all = match domain(&parameter.domain) {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let when: Map<String, Value> = parameter
        .when
        .iter()
        .map(|condition| {
            let other = space.get(&condition.parameter);
            let value = |place: &usize| other.and_then(|other| other.domain.value(*place as f64));
            let values = condition.choices.iter().filter_map(value).collect();
            (condition.parameter.clone(), values)
        })
        .collect();
    if !when.is_empty() {
        all.insert("when".to_owned(), when.into());
    }
    all.into()
}

fn domain(domain: &Domain) -> Value {
    match domain {
        Domain::Float { low, high, log: true, .. } => {
            json!({ "min": low, "max": high, "log": true })
        }
        Domain::Float { low, high, step: Some(step), .. } => {
            json!({ "min": low, "max": high, "q": step })
        }
        Domain::Float { low, high, .. } => json!({ "min": low, "max": high }),
        Domain::Int { low, high, log: true, .. } => json!({ "min": low, "max": high, "log": true }),
        Domain::Int { low, high, step: 1, .. } => json!({ "min": low, "max": high }),
        Domain::Int { low, high, step, .. } => json!({ "min": low, "max": high, "q": step }),
        Domain::Choice { choices, disabled } => {
            let mut all = json!({ "values": choices });
            if !disabled.is_empty() {
                let off = disabled.iter().filter_map(|place| choices.get(*place));
                all["disabled"] = off.cloned().collect();
            }
            all
        }
    }
}
