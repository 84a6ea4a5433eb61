//! `tracker study edit`: changes what later trials try.

use anyhow::{Result, anyhow, bail};
use tracker_core::read::Store;
use tracker_study::{Domain, Journal, Parameter, Plan, Space};

use crate::{
    answers::{command::study::StudyEdited, versioned::Versioned},
    args::study::StudyEdit,
    command::study::{
        find::find,
        given::{name_and_value, parameter, place_of},
    },
    terminal::{
        printer,
        text::{bold, clean},
    },
    view::study::domain as shown_domain,
};

/// Runs `tracker study edit`.
pub(crate) fn run(store: &Store, args: &StudyEdit) -> Result<()> {
    if args.set.is_empty()
        && args.disable.is_empty()
        && args.enable.is_empty()
        && args.run_cap.is_none()
    {
        bail!(
            "nothing was named that is to change\nhint: `--set lr.max=0.01`, `--disable act=relu` or `--run-cap 100`"
        );
    }
    let folder = find(store, &args.study)?;
    let mut journal = Journal::open(&folder)?;
    let before = journal.study().plan.clone();
    let plan = changed(&before, args)?;
    journal.edit(&plan)?;
    let study = journal.study();
    if args.json {
        printer::json(&Versioned::new(StudyEdited {
            study: folder.name(),
            project: folder.project(),
            revision: study.revision,
            plan: study.plan.to_json(),
        }))?;
    } else {
        printer::text(&to_text(&before, &study.plan))?;
    }
    Ok(())
}

/// The plan as it is to be from now on.
fn changed(plan: &Plan, args: &StudyEdit) -> Result<Plan> {
    let mut parameters = plan.space.parameters().to_vec();
    for text in &args.set {
        set_bound(plan, &mut parameters, text)?;
    }
    for (texts, is_disabled) in [(&args.disable, true), (&args.enable, false)] {
        for text in texts {
            set_choice(plan, &mut parameters, text, is_disabled)?;
        }
    }
    let mut plan = plan.clone();
    plan.space = Space::new(parameters);
    plan.run_cap = args.run_cap.or(plan.run_cap);
    // What makes a plan unusable is said where one is read.
    Ok(Plan::from_json(&plan.to_json())?)
}

/// Sets a bound: `lr.max=0.01`. The name may have dots of its own.
fn set_bound(plan: &Plan, parameters: &mut [Parameter], text: &str) -> Result<()> {
    let (path, typed) = name_and_value(text)?;
    let (name, bound) = path.rsplit_once('.').ok_or_else(|| {
        anyhow!(
            "`{}` names no bound\nhint: write it as `{}.max=0.01`, or `.min`",
            clean(text),
            clean(path)
        )
    })?;
    parameter(plan, name)?;
    let is_min = match bound {
        "min" => true,
        "max" => false,
        other => bail!(
            "`{}` is no bound of {}\nhint: `min` and `max` can be set",
            clean(other),
            clean(name)
        ),
    };
    let number: f64 =
        typed.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
            anyhow!("`{}` is no number\nhint: write it as `{}=0.01`", clean(typed), clean(path))
        })?;
    for known in parameters.iter_mut().filter(|known| known.name == name) {
        match &mut known.domain {
            Domain::Float { low, high, .. } => *(if is_min { low } else { high }) = number,
            Domain::Int { low, high, .. } => {
                if number.fract() != 0.0 || number.abs() > 9e15 {
                    bail!(
                        "{} is a whole number, and {typed} is none\nhint: leave out what stands behind the dot",
                        clean(name)
                    );
                }
                *(if is_min { low } else { high }) = number as i64;
            }
            _ => bail!(
                "{0} is chosen from a list, and has no bounds\nhint: `--disable {0}=VALUE` takes a choice out",
                clean(name)
            ),
        }
    }
    Ok(())
}

fn set_choice(
    plan: &Plan,
    parameters: &mut [Parameter],
    text: &str,
    is_disabled: bool,
) -> Result<()> {
    let (name, typed) = name_and_value(text)?;
    let place = place_of(parameter(plan, name)?, typed)?;
    for known in parameters.iter_mut().filter(|known| known.name == name) {
        if let Domain::Choice { choices, disabled } = &mut known.domain {
            if is_disabled {
                disabled.insert(place);
            } else {
                disabled.remove(&place);
            }
            if disabled.len() >= choices.len() {
                bail!(
                    "{} would have no choice left\nhint: `--enable {0}=VALUE` brings one back in the same command",
                    clean(name)
                );
            }
        }
    }
    Ok(())
}

/// What is different now.
fn to_text(before: &Plan, plan: &Plan) -> String {
    let mut lines = Vec::new();
    for parameter in plan.space.parameters() {
        let old = before.space.get(&parameter.name).map(|old| &old.domain);
        if let Some(old) = old.filter(|old| **old != parameter.domain) {
            let (name, new) = (bold(&clean(&parameter.name)), shown_domain(&parameter.domain));
            lines.push(format!("{name}: {} → {new}", shown_domain(old)));
        }
    }
    if before.run_cap != plan.run_cap {
        let shown = |cap: Option<u64>| cap.map_or("no end".to_owned(), |cap| cap.to_string());
        let (old, new) = (shown(before.run_cap), shown(plan.run_cap));
        lines.push(format!("{}: {old} → {new}", bold("run_cap")));
    }
    lines.push("later trials keep to it; those that train go on as they began\n".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan() -> Plan {
        let text = json!({
            "project": "mnist", "name": "rates", "method": "random", "run_cap": 9,
            "metric": { "name": "loss", "goal": "minimize" },
            "parameters": {
                "optimizer.lr": { "min": 1e-5, "max": 1e-1, "distribution": "log_uniform_values" },
                "hidden": { "min": 32, "max": 512 },
                "act": { "values": ["relu", "gelu"] },
            },
        });
        Plan::from_json(&text).unwrap()
    }

    fn edited(set: &[&str], disable: &[&str]) -> Result<Plan> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let args = StudyEdit {
            study: "rates".into(),
            set: words(set),
            disable: words(disable),
            enable: Vec::new(),
            run_cap: None,
            json: false,
        };
        changed(&plan(), &args)
    }

    #[test]
    fn bounds_and_choices_change_and_everything_else_stays() {
        let after = edited(&["optimizer.lr.max=0.01", "hidden.min=64"], &["act=relu"]).unwrap();
        let told = to_text(&plan(), &after);
        assert!(told.contains("1e-5 … 0.1, log → 1e-5 … 0.01, log"), "{told}");
        assert!(told.contains("32 … 512, whole → 64 … 512, whole"), "{told}");
        assert!(told.contains("relu, gelu → relu (disabled), gelu"), "{told}");
        assert_eq!(after.run_cap, Some(9));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        let said = |set: &[&str], disable: &[&str]| edited(set, disable).unwrap_err().to_string();
        let unknown = said(&["optimzer.lr.max=1"], &[]);
        assert!(
            unknown.contains("no parameter `optimzer.lr`\nhint: it has optimizer.lr"),
            "{unknown}"
        );
        assert!(said(&["hidden.top=1"], &[]).contains("`min` and `max`"));
        assert!(said(&["hidden.max=1.5"], &[]).contains("whole number"));
        assert!(said(&["hidden.max=many"], &[]).contains("no number"));
        assert!(said(&["act.max=1"], &[]).contains("--disable act="));
        assert!(said(&[], &["act=tanh"]).contains("one of relu, gelu"));
        assert!(said(&[], &["hidden=32"]).contains("--set hidden.max"));
        assert!(said(&[], &["act=relu", "act=gelu"]).contains("no choice left"));
        assert!(said(&["hidden.min=600"], &[]).contains("hint: "));
        assert!(said(&["hidden"], &[]).contains("lr=0.003"));
    }
}
