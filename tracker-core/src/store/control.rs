//! Looks for what somebody outside asks of the run.

use std::{collections::HashSet, io};

use crate::{
    format::{
        control_line::{ControlLine, Request},
        folder::StorePath,
        layout::RunPaths,
        line_id::LineId,
    },
    platform::files,
};

/// How much is read at a time. A longer line is no request.
const CHUNK: usize = 1 << 16;

/// The lines of `control.jsonl` that this attempt has not seen.
#[derive(Debug)]
pub(crate) struct ControlFile {
    run: RunPaths,
    path: StorePath,
    /// How much of the file is behind it.
    seen: u64,
    /// The lines that were obeyed: whoever carries them here from elsewhere may bring one twice.
    obeyed: HashSet<LineId>,
}

/// A line: a request, or the beginning of what is none.
pub(crate) type Line = Result<Request, String>;

impl ControlFile {
    /// The file from here on: what is in it was asked of earlier attempts. Its place decides and
    /// not its time, because clocks of machines differ.
    pub(crate) fn from_now_on(run: &RunPaths) -> Self {
        let path = run.control();
        let seen = path.look().map_or(0, |file| file.length);
        Self { run: run.clone(), path, seen, obeyed: HashSet::new() }
    }

    /// The same file, after the run's folder was made again.
    pub(crate) fn moved_to(&mut self, run: &RunPaths) {
        self.run = run.clone();
        self.path = run.control();
    }

    /// What has been asked since the last look: whole lines only, in their order. Costs one call of
    /// the system if nothing has. What is asked of another attempt is left out.
    pub(crate) fn look(&mut self) -> io::Result<Vec<Line>> {
        let length = match self.path.look() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            result => result?.length,
        };
        // Somebody may have cut or removed it. What comes then is new.
        self.seen = self.seen.min(length);
        if self.seen == length {
            return Ok(Vec::new());
        }
        let mut bytes = vec![0; CHUNK.min((length - self.seen) as usize)];
        let count = files::read_at(&self.path.open()?, &mut bytes, self.seen)?;
        bytes.truncate(count);
        let whole = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if count == CHUNK => count,
            None => 0,
        };
        self.seen += whole as u64;
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        Ok(lines.filter_map(|bytes| self.line(bytes)).collect())
    }

    fn line(&mut self, bytes: &[u8]) -> Option<Line> {
        if bytes.trim_ascii().is_empty() {
            return None;
        }
        match serde_json::from_slice::<ControlLine>(bytes) {
            Ok(line) => {
                let is_new = line.id.clone().is_none_or(|id| self.obeyed.insert(id));
                (is_new && self.is_of_now(&line)).then_some(Ok(line.request))
            }
            Err(_) => Some(Err(crate::error::excerpt(&String::from_utf8_lossy(bytes)))),
        }
    }

    /// Whether it is asked of the run as it is now. The folder says, and not this process, because each rank has attempts
    /// of its own.
    fn is_of_now(&self, line: &ControlLine) -> bool {
        let now = || self.run.contents().ok()?.attempt_of_first_rank();
        line.attempt.is_none_or(|asked| now().is_none_or(|now| asked == now))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        io::Write,
    };

    use proptest::prelude::*;

    use super::*;
    use crate::{Timestamp, tracker::stop_request::StopRequest};

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn paths(&self) -> RunPaths {
            RunPaths::new(self.0.path().to_owned())
        }

        fn append(&self, bytes: &[u8]) {
            let path = self.paths().control();
            let mut file = File::options().append(true).create(true).open(path).unwrap();
            file.write_all(bytes).unwrap();
        }
    }

    fn request(who: &str) -> Request {
        Request::Stop(StopRequest::now().by(who))
    }

    fn text(who: &str) -> Vec<u8> {
        let line = ControlLine::new(Timestamp(0), request(who));
        [serde_json::to_vec(&line).unwrap(), b"\n".to_vec()].concat()
    }

    #[test]
    fn only_what_comes_after_the_beginning_is_seen_and_once() {
        let folder = Folder::new();
        folder.append(&text("before"));
        let mut control = ControlFile::from_now_on(&folder.paths());
        assert_eq!(control.look().unwrap(), []);
        folder.append(&[text("a"), text("b")].concat());
        assert_eq!(control.look().unwrap(), [Ok(request("a")), Ok(request("b"))]);
        assert_eq!(control.look().unwrap(), []);
    }

    #[test]
    fn a_line_that_is_brought_twice_is_obeyed_once() {
        let folder = Folder::new();
        let mut control = ControlFile::from_now_on(&folder.paths());
        let line = text("a");
        folder.append(&[line.clone(), line.clone()].concat());
        assert_eq!(control.look().unwrap(), [Ok(request("a"))]);
        folder.append(&line);
        assert_eq!(control.look().unwrap(), []);
    }

    #[test]
    fn what_is_asked_of_another_attempt_is_left_out() {
        let folder = Folder::new();
        let claims = ["events-r0a1.jsonl", "events-r0a2.jsonl", "events-r1a3.jsonl"];
        for claim in claims {
            fs::write(folder.0.path().join(claim), "").unwrap();
        }
        let mut control = ControlFile::from_now_on(&folder.paths());
        for attempt in [1, 2, 3] {
            let line = ControlLine {
                attempt: Some(attempt),
                ..ControlLine::new(Timestamp(0), request(&attempt.to_string()))
            };
            folder.append(&[serde_json::to_vec(&line).unwrap(), b"\n".to_vec()].concat());
        }
        assert_eq!(control.look().unwrap(), [Ok(request("2"))]);
    }

    #[test]
    fn a_line_is_seen_when_it_is_whole() {
        let folder = Folder::new();
        let mut control = ControlFile::from_now_on(&folder.paths());
        let whole = text("a");
        let (first, rest) = whole.split_at(20);
        folder.append(first);
        assert_eq!(control.look().unwrap(), []);
        folder.append(rest);
        assert_eq!(control.look().unwrap(), [Ok(request("a"))]);
    }

    #[test]
    fn a_request_is_seen_after_a_line_without_end_and_after_the_file_was_removed() {
        let folder = Folder::new();
        let mut control = ControlFile::from_now_on(&folder.paths());
        folder.append(&vec![b'x'; 2 * CHUNK + 10]);
        folder.append(&[b"\n".to_vec(), text("a")].concat());
        let lines: Vec<Line> = (0..4).flat_map(|_| control.look().unwrap()).collect();
        assert_eq!(lines.last(), Some(&Ok(request("a"))));
        fs::remove_file(folder.paths().control()).unwrap();
        assert_eq!(control.look().unwrap(), []);
        folder.append(&text("b"));
        assert_eq!(control.look().unwrap(), [Ok(request("b"))]);
    }

    proptest! {
        #[test]
        fn any_bytes_between_requests_take_none_away(
            noise in prop::collection::vec(any::<u8>(), 0..200),
            cuts in prop::collection::vec(1..50_usize, 1..40),
        ) {
            let folder = Folder::new();
            let mut control = ControlFile::from_now_on(&folder.paths());
            let bytes = [text("a"), noise, b"\n".to_vec(), text("b")].concat();
            let (mut rest, mut seen) = (bytes.as_slice(), Vec::new());
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                folder.append(now);
                seen.extend(control.look().unwrap());
                rest = later;
            }
            folder.append(rest);
            seen.extend(control.look().unwrap());
            prop_assert_eq!(seen.first(), Some(&Ok(request("a"))));
            prop_assert_eq!(seen.last(), Some(&Ok(request("b"))));
        }
    }
}
