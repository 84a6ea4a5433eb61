//! What is written on several machines: edits and requests, line by line.

use std::{collections::HashSet, io};

use serde_json::Value;

use super::RunFolder;
use crate::{
    Result,
    error::IoContext,
    format::{
        control_line::{ControlLine, Request},
        folder::{Lines, StorePath},
        layout::{CONTROL, EDITS},
        line_id::LineId,
    },
    read::edit_line::{EditLine, Merged},
};

/// The most bytes of a file of lines to which lines from elsewhere are added.
const MOST_FILE: u64 = 64 << 20;

/// The most bytes of an edit from elsewhere: notes of the longest kind, and all else.
const MOST_EDIT: usize = 256 << 10;

/// The most bytes of a request from elsewhere. A training reads lines of twice this length.
const MOST_REQUEST: usize = 32 << 10;

/// A file of lines that several machines write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineFile {
    /// `edits.jsonl`: name, group, notes and tags as people changed them.
    Edits,
    /// `control.jsonl`: what is asked of the run while it lives.
    Requests,
}

/// A line, and what tells it from all others on any machine.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLine {
    /// Letters and digits: a ULID; of a line that an older tracker wrote, `-` and a hash of its bytes.
    pub id: String,
    /// The line as the file has it.
    pub line: Value,
}

/// What became of a line from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Added {
    /// It stands in the file now.
    Now,
    /// It stood there before.
    Before,
    /// It asks another attempt of the run than the one that is there: nobody is to obey it any more.
    OfAnotherAttempt,
    /// It is none of ours, or must not be: this is wrong with it.
    Refused(String),
}

impl LineFile {
    fn name(self) -> &'static str {
        match self {
            Self::Edits => EDITS,
            Self::Requests => CONTROL,
        }
    }

    /// The id of the line in these bytes. `None` of what readers leave out.
    fn id(self, bytes: &[u8]) -> Option<LineId> {
        let id = match self {
            Self::Edits => EditLine::read(bytes)?.id,
            Self::Requests => serde_json::from_slice::<ControlLine>(bytes).ok()?.id,
        };
        Some(id.unwrap_or_else(|| LineId::of_line(bytes)))
    }
}

impl RunFolder {
    /// The ids of all lines of a file; none if there is no such file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn line_ids(&self, file: LineFile) -> Result<HashSet<String>> {
        let mut ids = HashSet::new();
        self.each_line(file, |bytes| {
            ids.extend(file.id(bytes).map(String::from));
        })?;
        Ok(ids)
    }

    /// The lines of a file that others need to have: of edits those that still decide something, which are few however
    /// often people edit; of requests none, because they are asked of the run where it is.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn lines(&self, file: LineFile) -> Result<Vec<RunLine>> {
        if file == LineFile::Requests {
            return Ok(Vec::new());
        }
        let mut all = Merged::default();
        self.each_line(file, |bytes| {
            if let Some(mut line) = EditLine::read(bytes) {
                line.id.get_or_insert_with(|| LineId::of_line(bytes));
                all.take(line);
            }
        })?;
        Ok(all.deciding().iter().filter_map(RunLine::of).collect())
    }

    /// Adds a line that was written elsewhere, unless it is there. It is looked at as one that is written here: a
    /// stranger's that is no edit or no request is refused, and the file stays as it is.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn add_line(&self, file: LineFile, line: &RunLine) -> Result<Added> {
        self.add_unknown(file, line, &mut self.line_ids(file)?)
    }

    /// Adds lines as [`add_line`](Self::add_line) does, in time that grows with their number alone: says what became of
    /// each.
    ///
    /// # Errors
    /// If the file cannot be read or written. Those before the one that could not be written are there.
    pub fn add_lines(&self, file: LineFile, lines: &[RunLine]) -> Result<Vec<Added>> {
        let mut known = self.line_ids(file)?;
        lines.iter().map(|line| self.add_unknown(file, line, &mut known)).collect()
    }

    fn add_unknown(
        &self,
        file: LineFile,
        line: &RunLine,
        known: &mut HashSet<String>,
    ) -> Result<Added> {
        if known.contains(&line.id) {
            return Ok(Added::Before);
        }
        let (id, line) = match self.checked(file, line) {
            Ok(Some(checked)) => checked,
            Ok(None) => return Ok(Added::OfAnotherAttempt),
            Err(reason) => return Ok(Added::Refused(reason)),
        };
        let path = self.file_of(file);
        if path.look().is_ok_and(|file| file.length > MOST_FILE) {
            return Ok(Added::Refused(format!("{} has {} MiB", file.name(), MOST_FILE >> 20)));
        }
        path.append_line(&line).io_context(
            "write",
            &path,
            "send runs as a user who may write to their folders",
        )?;
        known.insert(id.into());
        Ok(Added::Now)
    }

    /// A line as it is to be written, and its id; none of what is asked of another attempt. Else what is wrong with it.
    fn checked(&self, file: LineFile, line: &RunLine) -> Result<Option<(LineId, Value)>, String> {
        let id = LineId::try_from(line.id.clone()).map_err(|error| error.to_string())?;
        let mut text = line.line.clone();
        let fields = text.as_object_mut().ok_or("it is no JSON object")?;
        let own = fields.entry("id").or_insert_with(|| line.id.clone().into());
        if own.as_str() != Some(line.id.as_str()) {
            return Err("it stands under another id than its own".to_owned());
        }
        let bytes = serde_json::to_vec(&text).map_err(|error| error.to_string())?;
        let is_of_now = match file {
            LineFile::Edits => check_edit(&bytes).map(|()| true),
            LineFile::Requests => self.check_request(&bytes),
        }?;
        Ok(is_of_now.then_some((id, text)))
    }

    /// Whether a request is one of the attempt that is there; what is wrong with what nobody may ask from elsewhere.
    fn check_request(&self, bytes: &[u8]) -> Result<bool, String> {
        if bytes.len() > MOST_REQUEST {
            return Err(format!("a request has {MOST_REQUEST} bytes at most"));
        }
        let line: ControlLine =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no request: {error}"))?;
        match line.request {
            Request::Apply { .. } | Request::Flight { writer: Some(_) } => {
                return Err("only a process of the run says that".to_owned());
            }
            Request::Stop(_)
            | Request::Flight { writer: None }
            | Request::Checkpoint(_)
            | Request::Set(_) => {}
        }
        let asked = line.attempt.ok_or("it does not say which attempt of the run it is for")?;
        let now = self.paths.contents().ok().and_then(|held| held.attempt_of_first_rank());
        Ok(now == Some(asked))
    }

    fn file_of(&self, file: LineFile) -> StorePath {
        self.paths.folder().child(file.name())
    }

    fn each_line(&self, file: LineFile, mut tell: impl FnMut(&[u8])) -> Result<()> {
        let path = self.file_of(file);
        let hint = "send runs as a user who may read their folders";
        let mut lines = match path.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => {
                Lines::behind(std::sync::Arc::new(opened.io_context("open", &path, hint)?), 0)
            }
        };
        while let Some(bytes) = lines.next().io_context("read", &path, hint)? {
            tell(bytes);
        }
        Ok(())
    }
}

impl RunLine {
    fn of(line: &EditLine) -> Option<Self> {
        let id = line.id.clone()?.into();
        Some(Self { id, line: serde_json::to_value(line).ok()? })
    }
}

fn check_edit(bytes: &[u8]) -> Result<(), String> {
    if bytes.len() > MOST_EDIT {
        return Err(format!("an edit has {MOST_EDIT} bytes at most"));
    }
    match EditLine::read(bytes) {
        Some(line) if line.leaves_time() => Ok(()),
        Some(_) => Err("its time is the last there is".to_owned()),
        None => Err("it is no edit".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::{
        Run,
        read::{Edit, RunReader},
    };

    struct Machine {
        run: Run,
        _store: tempfile::TempDir,
    }

    impl Machine {
        fn new() -> Self {
            let store = tempfile::tempdir().unwrap();
            let run = crate::init("test").dir(store.path()).signals(false).start().unwrap();
            Self { run, _store: store }
        }

        fn folder(&self) -> RunFolder {
            RunFolder::open(self.run.path()).unwrap()
        }

        fn edit(&self, edit: &Edit) {
            RunReader::open(self.run.path()).unwrap().edit(edit).unwrap();
        }

        fn shown(&self) -> (String, Option<String>, Vec<String>) {
            let info = RunReader::open(self.run.path()).unwrap().info().clone();
            (info.name, info.notes, info.tags)
        }
    }

    fn request(id: &str, attempt: u16, fields: &Value) -> RunLine {
        let mut line = json!({"time": "2026-01-31T18:30:00Z", "attempt": attempt});
        let more = fields.as_object().unwrap().clone();
        line.as_object_mut().unwrap().extend(more);
        RunLine { id: id.to_owned(), line }
    }

    #[test]
    fn edits_of_two_machines_come_to_the_same_in_whichever_order_they_arrive() {
        let machines = [Machine::new(), Machine::new()];
        machines[0].edit(&Edit::new().name("first").notes("of the one"));
        machines[1].edit(&Edit::new().name("second").tags(["x"]));
        let lines =
            machines.each_ref().map(|machine| machine.folder().lines(LineFile::Edits).unwrap());
        for (machine, lines) in machines.iter().zip([&lines[1], &lines[0]]) {
            for line in lines {
                let folder = machine.folder();
                assert_eq!(folder.add_line(LineFile::Edits, line).unwrap(), Added::Now);
                assert_eq!(folder.add_line(LineFile::Edits, line).unwrap(), Added::Before);
            }
        }
        let wanted = ("second".to_owned(), Some("of the one".to_owned()), vec!["x".to_owned()]);
        assert_eq!(machines.each_ref().map(Machine::shown), [wanted.clone(), wanted]);
        let ids = machines.map(|machine| machine.folder().line_ids(LineFile::Edits).unwrap());
        assert_eq!(ids[0], ids[1]);
    }

    #[test]
    fn lines_that_decide_nothing_any_more_are_not_sent() {
        let machine = Machine::new();
        for number in 0..20 {
            machine.edit(&Edit::new().name(format!("name {number}")));
        }
        let lines = machine.folder().lines(LineFile::Edits).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].line["name"], "name 19");
    }

    #[test]
    fn what_no_edit_may_say_is_refused_and_the_file_stays_as_it_is() {
        let machine = Machine::new();
        let time = "2026-01-31T18:30:00Z";
        for (id, line) in [
            ("A", json!({"time": time, "name": "two\nlines"})),
            ("A", json!({"time": time})),
            ("A", json!({"name": "no time"})),
            ("A", json!({"id": "B", "time": time, "name": "of another id"})),
            ("../x", json!({"time": time, "name": "a"})),
            ("A", json!({"time": "9999-12-31T00:00:00Z", "name": "for ever"})),
            ("A", json!({"time": time, "tags": vec!["a tag".repeat(40); 2_000]})),
            ("A", json!([1])),
        ] {
            let line = RunLine { id: id.to_owned(), line };
            let added = machine.folder().add_line(LineFile::Edits, &line).unwrap();
            assert!(matches!(added, Added::Refused(_)), "{:.100}", line.line);
        }
        assert!(!machine.run.path().join(EDITS).exists());
    }

    #[test]
    fn a_request_stops_the_attempt_that_it_is_for_and_no_other() {
        let machine = Machine::new();
        let folder = machine.folder();
        let stop = json!({"request": "stop", "when": "now", "by": "bob@laptop"});
        let add = |line: &RunLine| folder.add_line(LineFile::Requests, line).unwrap();
        assert_eq!(add(&request("A", 2, &stop)), Added::OfAnotherAttempt);
        for refused in [
            request("B", 1, &json!({"request": "sing"})),
            request("B", 1, &json!({"request": "flight", "writer": "r0a1"})),
            request("B", 1, &json!({"request": "apply", "from_step": 1, "knobs": {}, "by": "x"})),
            RunLine { id: "B".into(), line: stop.clone() },
        ] {
            assert!(matches!(add(&refused), Added::Refused(_)), "{}", refused.line);
        }
        assert!(!machine.run.path().join(CONTROL).exists());
        assert_eq!(add(&request("C", 1, &stop)), Added::Now);
        assert_eq!(add(&request("C", 1, &stop)), Added::Before);
        assert_eq!(
            fs::read_to_string(machine.run.path().join(CONTROL)).unwrap().lines().count(),
            1
        );
        let began = std::time::Instant::now();
        while machine.run.stop_reason().is_none() && began.elapsed().as_secs() < 30 {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(machine.run.stop_reason().unwrap().contains("bob@laptop"));
    }
}
