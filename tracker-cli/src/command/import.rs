//! `tracker import`: brings runs in that other tools kept.

use std::{
    io::{self, BufRead, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, bail};
use tracker_core::{Problem, read::Store, text::plural};
use tracker_export::{
    Account, ImportOptions, ImportedRun, Kind, Opened, PlannedRun, folder_of, import, plan,
};

use crate::{
    answers::{
        command::import::{Imported as Answer, ImportedRun as RunAnswer},
        versioned::Versioned,
    },
    args::Import,
    terminal::{
        printer,
        text::{bold, clean, clean_lines, more},
    },
};

/// The things of one run that are told to have other names.
const MOST_RENAMED: usize = 5;

/// The reasons why things of one run were left out that are told.
const MOST_LEFT_OUT: usize = 20;

/// Runs `tracker import`, also where there is no store yet.
pub(crate) fn run(dir: Option<&Path>, args: &Import) -> Result<ExitCode> {
    let root = match dir {
        Some(dir) => std::path::absolute(dir)?,
        None => Store::discovered_root()?,
    };
    let mut told = Told { args, runs: Vec::new(), failed: 0, closed: None };
    for path in &args.paths {
        of_place(path, &root, &mut told)?;
    }
    told.end()
}

fn of_place(path: &Path, root: &Path, told: &mut Told<'_>) -> Result<()> {
    let args = told.args;
    let kind = match &args.from {
        Some(name) => name.parse()?,
        None => Kind::of(path)?,
    };
    let Opened { mut source, mapping } = kind.open(path, args.map.as_deref())?;
    if let Some(mapping) = mapping.filter(|_| !args.yes)
        && !is_agreed(path, &mapping, args)?
    {
        printer::note(&format!("nothing of {} was imported", clean(&path.display().to_string())));
        return Ok(());
    }
    let options = ImportOptions {
        root: PathBuf::from(root),
        tool: kind.title().to_owned(),
        project: args.project.clone(),
        else_project: folder_of(path),
        group: args.group.clone(),
        tags: args.tags.clone(),
    };
    if args.dry_run {
        plan(&mut *source, &options, &mut |run| told.planned(kind, run))?;
    } else {
        import(&mut *source, &options, &mut |run| told.imported(kind, run))?;
    }
    told.closed.take().map_or(Ok(()), |error| Err(error.into()))
}

/// Shows what the columns of a table are taken for, and asks whether that is right. Where nobody can answer, that is an
/// error, unless nothing would be written.
fn is_agreed(path: &Path, mapping: &str, args: &Import) -> Result<bool> {
    let place = clean(&path.display().to_string());
    printer::note(&format!("{place} is read so:\n{}", clean_lines(mapping)));
    if args.dry_run {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        bail!(
            "nobody can be asked whether the columns of {place} are right\nhint: type `--yes` to import them so, \
             or `--map` to change what they are"
        );
    }
    printer::ask("import it so? [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What is told of runs: a few lines as each is there, or one document at the end.
struct Told<'a> {
    args: &'a Import,
    runs: Vec<RunAnswer>,
    failed: u64,
    /// Why nothing more can be printed.
    closed: Option<io::Error>,
}

impl Told<'_> {
    fn imported(&mut self, kind: Kind, run: ImportedRun) {
        let ImportedRun { name, from, imported, account } = run;
        let mut answer = answer(kind, name, from, &account);
        let line = match imported {
            Ok(run) => {
                let place = format!("{}/{}", clean(&run.project), bold(&clean(&run.name)));
                answer.id = Some(run.id.to_string());
                answer.arrival = Some(run.arrival.to_string());
                (answer.name, answer.project) = (run.name, Some(run.project));
                (answer.points, answer.events) = (run.points, run.events);
                answer.problems = run.problems.iter().map(Into::into).collect();
                let counts = counts(run.points, run.events);
                format!("{:<13}  {place}  {counts}\n{}", run.arrival, problems(&run.problems))
            }
            Err(error) => self.failed(&mut answer, &error),
        };
        self.tell(answer, &line, &account);
    }

    fn planned(&mut self, kind: Kind, run: PlannedRun) {
        let PlannedRun { name, from, project, points, events, account } = run;
        let known = account.as_ref().ok().cloned().unwrap_or_default();
        let mut answer = answer(kind, name, from, &known);
        (answer.points, answer.events) = (points, events);
        let line = match account {
            Ok(_) => {
                let place = format!("{}/{}", clean(&project), bold(&clean(&answer.name)));
                format!("would come     {place}  {}\n", counts(points, events))
            }
            Err(error) => self.failed(&mut answer, &error),
        };
        answer.project = Some(project);
        self.tell(answer, &line, &known);
    }

    fn failed(&mut self, answer: &mut RunAnswer, error: &tracker_export::Error) -> String {
        self.failed += 1;
        let text = error.to_string();
        let line = format!("failed         {}  {}\n", bold(&clean(&answer.name)), indented(&text));
        answer.error = Some(text);
        line
    }

    fn tell(&mut self, answer: RunAnswer, line: &str, account: &Account) {
        if self.args.json {
            self.runs.push(answer);
        } else if self.closed.is_none() {
            self.closed = printer::text(&(line.to_owned() + &rest(account))).err();
        }
    }

    fn end(self) -> Result<ExitCode> {
        if self.args.json {
            let answer = Answer { imported: !self.args.dry_run, runs: self.runs };
            printer::json(&Versioned::new(answer))?;
        }
        if self.failed > 0 {
            bail!(
                "{} could not be imported\nhint: the others are there; import again once that is mended, which \
                 changes nothing of them",
                plural(self.failed, "run")
            );
        }
        Ok(printer::exit_code())
    }
}

fn answer(kind: Kind, name: String, from: String, account: &Account) -> RunAnswer {
    RunAnswer {
        tool: kind.name(),
        from,
        name,
        project: None,
        id: None,
        arrival: None,
        error: None,
        points: 0,
        events: 0,
        account: account.into(),
        problems: Vec::new(),
    }
}

fn counts(points: u64, events: u64) -> String {
    let points = plural(points, "point");
    if events == 0 { points } else { format!("{points}, {}", plural(events, "event")) }
}

/// What did not come over, and what has another name.
fn rest(account: &Account) -> String {
    let left_out = account.left_out();
    let mut lines: Vec<String> = left_out
        .iter()
        .take(MOST_LEFT_OUT)
        .map(|(left, count)| format!("not there: {count} {}: {}", left.what, clean(&left.why)))
        .collect();
    lines.extend(more(left_out.len(), MOST_LEFT_OUT, "--json has all"));
    let renamed = account.renamed();
    let names = renamed.iter().take(MOST_RENAMED);
    lines.extend(names.map(|(from, to)| format!("`{}` is `{}` here", clean(from), clean(to))));
    lines.extend(more(renamed.len(), MOST_RENAMED, "--json has all"));
    lines.iter().flat_map(|line| ["  ", line, "\n"]).collect()
}

fn problems(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let times =
            if problem.count > 1 { format!(" ({} ×)", problem.count) } else { String::new() };
        format!("  {}{times}; hint: {}\n", clean(&problem.message), clean(&problem.hint))
    };
    problems.iter().map(line).collect()
}

fn indented(text: &str) -> String {
    clean_lines(text).replace('\n', "\n  ")
}
