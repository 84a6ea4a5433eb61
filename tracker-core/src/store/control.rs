//! Looks for what somebody outside asks of the run.

use std::io;

use crate::{
    format::{
        control_line::{ControlLine, Request},
        folder::StorePath,
        layout::RunPaths,
    },
    platform::files,
};

/// How much is read at a time. A longer line is no request.
const CHUNK: usize = 1 << 16;

/// The lines of `control.jsonl` that this attempt has not seen.
#[derive(Debug)]
pub(crate) struct ControlFile {
    path: StorePath,
    /// How much of the file is behind it.
    seen: u64,
}

/// A line: a request, or the beginning of what is none.
pub(crate) type Line = Result<Request, String>;

impl ControlFile {
    /// The file from here on: what is in it was asked of earlier attempts. Its place decides and
    /// not its time, because clocks of machines differ.
    pub(crate) fn from_now_on(run: &RunPaths) -> Self {
        let path = run.control();
        let seen = path.look().map_or(0, |file| file.length);
        Self { path, seen }
    }

    /// The same file, after the run's folder was made again.
    pub(crate) fn moved_to(&mut self, run: &RunPaths) {
        self.path = run.control();
    }

    /// What has been asked since the last look: whole lines only, in their order. Costs one call of
    /// the system if nothing has.
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
        Ok(bytes[..whole].split(|byte| *byte == b'\n').filter_map(line).collect())
    }
}

fn line(bytes: &[u8]) -> Option<Line> {
    if bytes.trim_ascii().is_empty() {
        return None;
    }
    let parsed = serde_json::from_slice::<ControlLine>(bytes);
    let unknown = |_| crate::error::excerpt(&String::from_utf8_lossy(bytes));
    Some(parsed.map(|line| line.request).map_err(unknown))
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
        let line = ControlLine { time: Timestamp(0), request: request(who) };
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
