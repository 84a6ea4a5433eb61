use serde_json::{Value, json};

use crate::{Domain, EarlyTerminate, Goal, Method, Plan, Which};

fn whole() -> Value {
    json!({
        "project": "mnist",
        "name": "rates",
        "method": "bayes",
        "run_cap": 50,
        "seed": 7,
        "metric": { "name": "valid/accuracy", "goal": "maximize", "value": "best" },
        "early_terminate": { "type": "asha", "min_iter": 1, "eta": 3 },
        "parameters": {
            "alpha": { "min": 0.0, "max": 1.0, "q": 0.1, "when": { "act": ["gelu"] } },
            "lr": { "min": 1e-5, "max": 1e-1, "distribution": "log_uniform_values" },
            "hidden": { "min": 32, "max": 512 },
            "depth": { "min": 1, "max": 12, "q": 4 },
            "width": { "min": 1, "max": 2, "distribution": "uniform" },
            "act": { "values": ["relu", "gelu", "tanh"], "disabled": ["tanh"] },
            "kind": { "value": "cnn" },
        },
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut plan = whole();
    change(&mut plan);
    plan
}

fn refused(plan: &Value) -> String {
    let error = Plan::from_json(plan).unwrap_err().to_string();
    assert!(error.contains("\nhint: "), "{error}");
    error
}

#[test]
fn a_plan_is_read_by_the_keys_of_sweeps_and_written_so_that_it_is_the_same() {
    let plan = Plan::from_json(&whole()).unwrap();
    assert_eq!((plan.method, plan.run_cap, plan.seed), (Method::Auto, Some(50), 7));
    assert_eq!((plan.metrics[0].goal, plan.metrics[0].value), (Goal::Maximize, Which::Best));
    assert_eq!(plan.early_terminate, Some(EarlyTerminate::Asha { min_iter: 1, eta: 3 }));
    let names: Vec<&str> =
        plan.space.parameters().iter().map(|parameter| &*parameter.name).collect();
    assert_eq!(names, ["lr", "hidden", "depth", "width", "act", "alpha", "kind"]);
    let domain = |name: &str| plan.space.get(name).unwrap().domain.clone();
    assert_eq!(domain("lr"), Domain::Float { low: 1e-5, high: 0.1, log: true, step: None });
    assert_eq!(domain("hidden"), Domain::Int { low: 32, high: 512, log: false, step: 1 });
    assert_eq!(domain("depth"), Domain::Int { low: 1, high: 9, log: false, step: 4 });
    assert_eq!(domain("width"), Domain::Float { low: 1.0, high: 2.0, log: false, step: None });
    assert_eq!(domain("alpha"), Domain::Float { low: 0.0, high: 1.0, log: false, step: Some(0.1) });
    assert_eq!(domain("act").enabled(), [0, 1]);
    assert_eq!(plan.space.get("alpha").unwrap().when[0].choices, [1]);
    assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
    let text = plan.to_json().to_string();
    assert_eq!(Plan::from_json(&serde_json::from_str(&text).unwrap()).unwrap(), plan);
}

#[test]
fn what_is_not_said_has_a_value() {
    let plan = Plan::from_json(&json!({
        "project": "mnist",
        "metrics": [{ "name": "loss", "goal": "minimize" }, { "name": "time", "goal": "minimize" }],
        "early_terminate": { "type": "hyperband", "max_iter": 27 },
        "parameters": { "x": { "min": 0.0, "max": 1.0, "q": 0.3 } },
    }))
    .unwrap();
    assert_eq!((plan.name.as_str(), plan.method, plan.run_cap), ("mnist", Method::Auto, None));
    assert_eq!(plan.metrics[1].value, Which::Last);
    let hyperband = EarlyTerminate::Hyperband { min_iter: 1, max_iter: 27, eta: 3 };
    assert_eq!(plan.early_terminate, Some(hyperband));
    let x = &plan.space.get("x").unwrap().domain;
    assert_eq!(*x, Domain::Float { low: 0.0, high: 0.9, log: false, step: Some(0.3) });
    assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
}

#[test]
fn a_typo_is_told_with_what_was_meant() {
    for (plan, meant) in [
        (with(|plan| plan["paramters"] = json!({})), "did you mean `parameters`?"),
        (with(|plan| plan["method"] = "gird".into()), "did you mean \"grid\"?"),
        (with(|plan| plan["metric"]["gaol"] = "x".into()), "did you mean `goal`?"),
        (with(|plan| plan["metric"]["goal"] = "maximise".into()), "did you mean \"maximize\"?"),
        (with(|plan| plan["parameters"]["lr"]["mni"] = 1.into()), "did you mean `min`?"),
        (with(|plan| plan["early_terminate"]["type"] = "hyperbad".into()), "\"hyperband\""),
        (with(|plan| plan["early_terminate"]["s"] = 2.into()), "unknown key `s`"),
    ] {
        let error = refused(&plan);
        assert!(error.contains(meant), "{error}");
    }
}

#[test]
fn a_parameter_that_cannot_be_sampled_is_told() {
    for (parameter, told) in [
        (json!({ "min": 2, "max": 1 }), "the range of parameter `lr` is empty: 2 to 1"),
        (json!({ "min": 0, "max": 1, "log": true }), "orders of magnitude from 0"),
        (json!({ "min": -1.0, "max": 1.0, "log": true }), "orders of magnitude from -1"),
        (json!({ "min": null, "max": 1.0 }), "write a finite number"),
        (json!({ "min": -1.7e308, "max": 1.7e308 }), "too wide"),
        (json!({ "min": 0.0, "max": 1.0, "q": 0 }), "the step 0 of"),
        (json!({ "min": 0.0, "max": 1.0, "q": 2.0 }), "does not fit between 0 and 1"),
        (json!({ "min": 0, "max": 9, "q": 0.5 }), "bounds with a point"),
        (json!({ "min": 1.0, "max": 2.0, "q": 0.5, "log": true }), "both a logarithm and steps"),
        (json!({ "min": 0, "max": 1i64 << 60 }), "too large"),
        (json!({ "min": 1 }), "has no `max`"),
        (json!({}), "must have either"),
        (json!(1), "is a number"),
        (json!({ "min": 1, "max": 2, "values": [1] }), "must have either"),
        (json!({ "values": [] }), "has 0 values"),
        (json!({ "values": (0..257).collect::<Vec<_>>() }), "has 257 values"),
        (json!({ "values": [1, 2, 1.0] }), "has the value 1.0 twice"),
        (json!({ "values": [[1]] }), "name what is larger"),
        (json!({ "values": "relu" }), "write a list"),
        (json!({ "values": ["x".repeat(2_000)] }), "more than 1,024 bytes"),
        (json!({ "values": [1], "disabled": [1] }), "all values"),
        (json!({ "values": [1, 2], "disabled": [3] }), "disables 3"),
        (json!({ "values": [1, 2], "log": true }), "is no range"),
        (json!({ "min": 1.0, "max": 2.0, "distribution": "log_uniform" }), "log_uniform_values"),
        (json!({ "min": 1.5, "max": 2.0, "distribution": "int_uniform" }), "no whole numbers"),
        (json!({ "min": 1.5, "max": 2.0, "distribution": "categorical" }), "does not fit"),
    ] {
        let error = refused(&with(|plan| plan["parameters"]["lr"] = parameter));
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn conditions_that_never_come_are_told() {
    for (when, told) in [
        (json!({ "acts": "gelu" }), "`acts`, which is not there"),
        (json!({ "hidden": 64 }), "`hidden`, which is a range"),
        (json!({ "act": "elu" }), "waits for `act` to be \"elu\""),
        (json!({ "act": [] }), "names no value of `act`"),
        (json!({}), "says nothing"),
        (json!("act"), "says nothing"),
        (json!({ "alpha": "gelu" }), "a range"),
    ] {
        let error = refused(&with(|plan| plan["parameters"]["lr"]["when"] = when));
        assert!(error.contains(told), "{told}: {error}");
    }
    let circle = refused(&with(|plan| {
        plan["parameters"]["act"]["when"] = json!({ "kind": "cnn" });
        plan["parameters"]["kind"]["when"] = json!({ "act": "relu" });
    }));
    assert!(circle.contains("go in a circle"), "{circle}");
    let itself =
        refused(&with(|plan| plan["parameters"]["act"]["when"] = json!({ "act": "relu" })));
    assert!(itself.contains("go in a circle"), "{itself}");
    let never = refused(&with(|plan| {
        plan["parameters"]["kind"] = json!({ "values": ["a", "b"], "when": { "act": "gelu" } });
        plan["parameters"]["lr"]["when"] = json!({ "kind": "a", "act": "relu" });
    }));
    assert!(never.contains("`lr` never come together"), "{never}");
}

#[test]
fn what_a_study_is_beyond_its_parameters_is_checked() {
    let metric = || json!({ "name": "loss", "goal": "minimize" });
    for (plan, told) in [
        (with(|plan| plan["run_cap"] = 10_001.into()), "from 1 to 10000"),
        (with(|plan| plan["run_cap"] = 0.into()), "`run_cap`"),
        (with(|plan| plan["seed"] = json!(-1)), "`seed`"),
        (with(|plan| plan["metrics"] = json!([metric()])), "both `metric` and `metrics`"),
        (with(|plan| drop(plan.as_object_mut().unwrap().remove("metric"))), "has no `metric`"),
        (with(|plan| plan["metric"] = json!({ "name": "loss" })), "the metric has no `goal`"),
        (with(|plan| plan["metric"]["name"] = "a\u{202e}b".into()), "the metric has the name"),
        (with(|plan| plan["parameters"] = json!({})), "varies nothing"),
        (with(|plan| plan["parameters"] = json!([])), "is a list"),
        (with(|plan| plan["parameters"]["a\nb"] = json!({ "value": 1 })), "has the name `a\\nb`"),
        (with(|plan| drop(plan.as_object_mut().unwrap().remove("project"))), "no `project`"),
        (with(|plan| plan["early_terminate"] = json!({ "type": "hyperband" })), "`max_iter`"),
        (
            with(|plan| plan["early_terminate"]["startup"] = 1.into()),
            "of type asha has no `startup`",
        ),
        (with(|plan| plan["early_terminate"]["eta"] = 1.into()), "from 2 to"),
        (json!([]), "the study is a list"),
    ] {
        let error = refused(&plan);
        assert!(error.contains(told), "{told}: {error}");
    }
    let several = |metrics: Value| {
        with(|plan| {
            plan.as_object_mut().unwrap().remove("metric");
            plan["metrics"] = metrics;
        })
    };
    assert!(refused(&several(json!([metric(), metric()]))).contains("`loss` is there twice"));
    assert!(refused(&several(json!([]))).contains("1 to 4 metrics"));
    let five: Vec<Value> = (0..5).map(|_| metric()).collect();
    assert!(refused(&several(json!(five))).contains("has 5 metrics"));
    let many: serde_json::Map<String, Value> =
        (0..65).map(|number| (format!("p{number}"), json!({ "value": number }))).collect();
    assert!(refused(&with(|plan| plan["parameters"] = many.into())).contains("65 parameters"));
}

#[test]
fn a_grid_that_has_no_end_or_too_many_points_is_told_at_once() {
    let grid = |parameters: Value| {
        with(|plan| {
            plan["method"] = "grid".into();
            plan["parameters"] = parameters;
        })
    };
    let endless = refused(&grid(json!({ "x": { "min": 0.0, "max": 1.0 } })));
    assert!(endless.contains("no end of values"), "{endless}");
    for large in [
        json!({ "x": { "min": 0, "max": 999 }, "y": { "min": 0, "max": 999 } }),
        json!({ "x": { "min": 0, "max": 1i64 << 53 }, "y": { "min": -5, "max": 1i64 << 53 } }),
    ] {
        assert!(refused(&grid(large)).contains("more than 10,000"));
    }
    let mut nested = serde_json::Map::new();
    for number in 0..64 {
        let mut parameter = json!({ "values": (0..9).collect::<Vec<_>>() });
        if number > 0 {
            parameter["when"] = json!({ format!("p{}", number - 1): [0, 1, 2, 3, 4, 5, 6, 7, 8] });
        }
        nested.insert(format!("p{number}"), parameter);
    }
    assert!(refused(&grid(nested.into())).contains("more than 10,000"));
    Plan::from_json(&grid(json!({
        "a": { "min": 0, "max": 99 },
        "b": { "values": ["x", "y"] },
        "c": { "min": 0, "max": 48, "when": { "b": "x" } },
        "d": { "min": 0, "max": 49, "when": { "b": "y" } },
    })))
    .unwrap();
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let error = refused(&json!({
        "porject": "mnist",
        "run_cap": "ten",
        "parameters": { "lr": { "min": 1, "max": 0 }, "act": { "values": [] } },
    }));
    for told in
        ["6 things", "`porject`", "no `project`", "`run_cap`", "no `metric`", "`lr`", "`act`"]
    {
        assert!(error.contains(told), "{told}: {error}");
    }
}
