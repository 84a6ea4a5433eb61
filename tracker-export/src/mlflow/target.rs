//! A run on an MLflow server.

use std::collections::HashMap;

use serde_json::{Value, json};
use tracker_core::{
    State,
    read::{Row, RunInfo, RunReader, StoredEvent},
};

use crate::{
    Account, Error, Result, Target,
    mlflow::{
        address,
        api::{Api, RemoteRun},
        batch::{Batch, of_words},
        client::{Client, Failure},
        files::{self, Contents, Upload},
        names,
        patience::Patience,
        point_filter::PointFilter,
        settings, tags,
    },
    words,
};

/// The most characters of a setting there.
const LONGEST_PARAM: usize = 6_000;

/// Writes a run to an MLflow server, by its REST interface.
///
/// The run is found again by the tag `tracker.run_id`, and MLflow's database keeps one of two points that are the same in
/// name, step, millisecond and value. So whatever is told twice is there once: after an error, do the same again.
///
/// A server that does not answer, or says that it cannot now, is asked again as long as the [`Patience`] lasts. Points
/// go there by the thousand; at most so many are in memory.
#[derive(Debug)]
pub struct MlflowTarget {
    api: Api,
    /// Where an earlier target left off.
    from: Option<String>,
    run: Option<RemoteRun>,
    batch: Batch,
    filter: PointFilter,
    /// Each metric's name there, as JSON.
    names: HashMap<String, String>,
    /// How many points the server has taken.
    taken: u64,
    /// Whether all points of an ended run are known to be there.
    is_done: bool,
}

impl MlflowTarget {
    /// A target at an address such as `http://127.0.0.1:5000`. Nothing is asked of the server yet. With the place that
    /// [`flush`](Target::flush) told before, it goes on with the same run there.
    ///
    /// The server is told who asks by `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, or
    /// `MLFLOW_TRACKING_TOKEN`, from the environment.
    ///
    /// # Errors
    /// If that is no address of a server.
    pub fn open(place: &str, patience: Patience, from: Option<&Value>) -> Result<Self> {
        let client = Client::new(address::of_place(place)?, patience);
        let from = from.and_then(|from| from.get("run")?.as_str()).map(str::to_owned);
        Ok(Self {
            api: Api::new(client),
            from,
            run: None,
            batch: Batch::default(),
            filter: PointFilter::default(),
            names: HashMap::new(),
            taken: 0,
            is_done: false,
        })
    }

    /// The run on the server: the one from before, the one of this run, or a new one.
    fn find(&self, info: &RunInfo, words: &[(String, String)]) -> Result<RemoteRun> {
        let base = self.api.base();
        if let Some(from) = &self.from {
            return self.api.known_run(from).map_err(|failure| {
                if !failure.is_missing() {
                    return self.told(&failure);
                }
                let hint =
                    "forget the place, and export the whole run again: nothing will be there twice";
                unusable(format!("MLflow at {base} has no run {from} any more"), hint)
            });
        }
        let (experiment, is_deleted) =
            self.api.experiment(&info.project).map_err(|failure| self.told(&failure))?;
        if is_deleted {
            let what = format!("experiment `{}` was deleted in MLflow at {base}", info.project);
            return Err(unusable(
                what,
                &format!("`mlflow experiments restore --experiment-id {experiment}`"),
            ));
        }
        let start = info.started_at.0.div_euclid(1_000).max(0);
        let first = words.get(..words.len().min(90)).unwrap_or_default();
        let run = self.api.run(&experiment, info.id.as_str(), start, &info.name, first);
        let run = run.map_err(|failure| self.told(&failure))?;
        if run.is_deleted {
            let what = format!("run `{}` was deleted in MLflow at {base}", info.name);
            return Err(unusable(what, &format!("`mlflow runs restore --run-id {}`", run.id)));
        }
        Ok(run)
    }

    fn remote(&self) -> Result<&RemoteRun> {
        self.run
            .as_ref()
            .ok_or_else(|| unusable("no run was begun".to_owned(), "call `begin` first"))
    }

    /// Says tags that differ from those that are there.
    fn say(&mut self, words: &[(String, String)]) -> Result<()> {
        let run = self.remote()?;
        let is_new = |(key, value): &&(String, String)| run.tag(key) != Some(value);
        let new: Vec<_> = words.iter().filter(is_new).cloned().collect();
        for body in of_words(&run.id, "tags", &new) {
            self.api.log_batch(&body).map_err(|failure| self.told(&failure))?;
        }
        if let Some(run) = &mut self.run {
            run.tags.retain(|(known, _)| new.iter().all(|(key, _)| key != known));
            run.tags.extend(new);
        }
        Ok(())
    }

    /// Settings that are not there yet. MLflow's cannot be changed.
    fn say_settings(&mut self, info: &RunInfo, account: &mut Account) -> Result<()> {
        let run = self.remote()?;
        let (mut new, mut cut, mut is_whole) = (Vec::new(), Vec::new(), true);
        for (path, text) in settings::flatten(&info.config) {
            let written = names::write(&path);
            if text.chars().count() > LONGEST_PARAM {
                account.leave_out(
                    "settings",
                    format!("they are longer than {LONGEST_PARAM} characters"),
                    1,
                );
                is_whole = false;
                continue;
            }
            account.rename(&path, &written.text);
            cut.extend(written.cut.map(|hash| (format!("{}{hash}", tags::NAME), path)));
            match run.params.iter().find(|(known, _)| *known == written.text) {
                Some((_, there)) if *there != text => {
                    account.leave_out("changed settings", "MLflow's cannot be changed", 1);
                    continue;
                }
                Some(_) => {}
                None => new.push((written.text, text)),
            }
            account.keep("settings", 1);
        }
        let bodies = of_words(&run.id, "params", &new);
        self.say(&cut)?;
        for body in bodies {
            self.api.log_batch(&body).map_err(|failure| self.told(&failure))?;
        }
        if !is_whole {
            let config = Value::Object(info.config.clone()).to_string();
            let paths = vec!["tracker/config.json".to_owned()];
            let contents = Contents::Bytes(config.into_bytes());
            self.put(
                &Upload { what: "files with all settings", paths, cut: None, contents },
                account,
            )?;
        }
        Ok(())
    }

    fn put(&mut self, upload: &Upload, account: &mut Account) -> Result<()> {
        let Some(place) = self.remote()?.artifacts.clone() else {
            let why = "the server does not take files (start it with --serve-artifacts)";
            account.leave_out(upload.what, why, 1);
            return Ok(());
        };
        if let Some((hash, name)) = &upload.cut {
            self.say(&[(format!("{}{hash}", tags::NAME), name.clone())])?;
        }
        for path in &upload.paths {
            self.api
                .put(&place, path, upload.contents.sent())
                .map_err(|failure| self.told(&failure))?;
        }
        account.keep(upload.what, 1);
        Ok(())
    }

    /// The name of a metric there, as JSON.
    fn name(&mut self, metric: &str, account: &mut Account) -> Result<String> {
        if let Some(known) = self.names.get(metric) {
            return Ok(known.clone());
        }
        let written = names::write(metric);
        account.rename(metric, &written.text);
        if let Some(hash) = written.cut {
            self.say(&[(format!("{}{hash}", tags::NAME), metric.to_owned())])?;
        }
        let text = Value::from(written.text).to_string();
        self.names.insert(metric.to_owned(), text.clone());
        Ok(text)
    }

    fn send(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let body = self.batch.body(&self.remote()?.id);
        self.api.log_batch(&body).map_err(|failure| self.told(&failure))?;
        self.taken += self.batch.count();
        self.batch.clear();
        Ok(())
    }

    /// What is there and what to do, when the server's patience or ours has ended.
    fn told(&self, failure: &Failure) -> Error {
        let taken = match self.taken {
            0 => "no point has been written".to_owned(),
            1 => "1 point has been written".to_owned(),
            taken => format!("{taken} points have been written"),
        };
        let what = format!("MLflow at {}: {}; {taken}", self.api.base(), failure.said);
        if failure.is_passing {
            let hint =
                "do the same again once it answers: it goes on, and nothing will be there twice";
            return Error::Unanswered { what, hint: hint.to_owned() };
        }
        unusable(what, "put right what it says and do the same again: nothing will be there twice")
    }
}

impl Target for MlflowTarget {
    fn begin(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        let info = run.info();
        let words = tags::of_run(info, account);
        let remote = self.find(info, &words)?;
        let is_known = |done: &String| remote.tag(tags::DONE) == Some(done);
        self.is_done = done(run)?.as_ref().is_some_and(is_known);
        self.run = Some(remote);
        self.say(&words)?;
        self.say_settings(info, account)
    }

    fn points(&mut self, metric: &str, rows: &[Row], account: &mut Account) -> Result<()> {
        let key = self.name(metric, account)?;
        for row in rows {
            let Some(point) = self.filter.take(metric, row, account) else { continue };
            if self.is_done {
                continue;
            }
            if self.batch.is_full(key.len()) {
                self.send()?;
            }
            self.batch.push(&key, point.value, point.millis, point.step);
        }
        Ok(())
    }

    fn event(&mut self, run: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()> {
        for upload in files::of_event(run, event, account) {
            self.put(&upload, account)?;
            if upload.what == words::PICTURES {
                // Its page looks for pictures only then.
                self.say(&[("mlflow.loggedImages".to_owned(), "True".to_owned())])?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<Value> {
        self.send()?;
        let run = self.remote()?;
        Ok(json!({ "experiment": run.experiment, "run": run.id }))
    }

    fn end(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        self.send()?;
        let (info, state) = (run.info(), run.state());
        let mut words = tags::of_run(info, &mut Account::default());
        words.push((tags::STATE.to_owned(), state.to_string()));
        let message =
            info.message.as_ref().filter(|message| message.chars().count() <= tags::LONGEST);
        words.extend(message.map(|message| (tags::MESSAGE.to_owned(), message.clone())));
        words.extend(info.finished_at.map(|time| (tags::FINISHED.to_owned(), time.to_string())));
        words.extend(done(run)?.map(|done| (tags::DONE.to_owned(), done)));
        self.say(&words)?;
        let unsaid = u64::from(message.is_none() && info.message.is_some());
        account.leave_out(
            "words beside the state",
            format!("they are longer than {} characters", tags::LONGEST),
            unsaid,
        );
        account.leave_out(
            "definitions of metrics",
            "MLflow has no place for them",
            info.definitions.len() as u64,
        );
        let mut body = json!({ "run_id": self.remote()?.id, "status": tags::status(state), "run_name": info.name });
        if let (Some(time), Some(body)) = (info.finished_at, body.as_object_mut()) {
            body.insert("end_time".to_owned(), time.0.div_euclid(1_000).into());
        }
        self.api.update(&body).map_err(|failure| self.told(&failure))
    }
}

/// What tells the points of an ended run from those of any other moment; `None` while it goes on.
fn done(run: &RunReader) -> Result<Option<String>> {
    if run.state() == State::Running {
        return Ok(None);
    }
    let count: u64 = run.summary()?.values().map(|summary| summary.count).sum();
    let time = run.info().finished_at.map_or(0, |time| time.0);
    Ok(Some(format!("{count} points, ended {time}")))
}

fn unusable(what: String, hint: &str) -> Error {
    Error::Unusable { what, hint: hint.to_owned() }
}
