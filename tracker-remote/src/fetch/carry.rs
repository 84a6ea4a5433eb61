//! Brings what a plan says, object by object.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    thread,
    time::Duration,
};

use object_store::path::Path as Name;
use tracker_core::{
    Writer,
    replica::{ArrivingRun, FileKind, PartRange},
};

use super::{
    here::{Plan, Step},
    there::There,
};
use crate::{
    Blob, Error, Place, Result,
    hash::{self, sha256},
    mirror::objects::Grown,
    names::{PIECE, log_of},
    packed,
    record::Record,
    requests::Requests,
};

/// How many pieces are in memory at a time.
const AT_A_TIME: usize = 64;

/// The most bytes of a piece as it is stored.
const MOST_PIECE: u64 = PIECE + (64 << 10);

/// Files of at most so many bytes are fetched many at a time.
const SMALL: u64 = 1 << 20;

/// Brings one run.
pub(super) struct Carry<'a> {
    pub(super) requests: &'a Requests,
    pub(super) run: &'a ArrivingRun,
    pub(super) there: &'a There,
    pub(super) bytes_per_second: Option<u64>,
    /// How many bytes were fetched, and in how many objects.
    pub(super) got: &'a mut (u64, u64),
    /// Objects that were there a moment ago and are gone, in words.
    pub(super) gone: Vec<String>,
}

impl Carry<'_> {
    /// Does all of it. What is gone there is passed over and told.
    pub(super) fn out(&mut self, plan: &Plan) -> Result<()> {
        let is_small =
            |step: &&Step| matches!(step, Step::Fixed { length, .. } if *length <= SMALL);
        // Small ones of a kind stand side by side.
        for steps in plan.steps.chunk_by(|one, other| is_small(&one) == is_small(&other)) {
            if steps.iter().all(|step| is_small(&step)) {
                self.small(steps)?;
            } else {
                steps.iter().try_for_each(|step| self.step(step))?;
            }
        }
        let stay = self.remove_sealed(plan)?;
        for writer in &plan.logging {
            self.run.mark_elsewhere(*writer)?;
        }
        let ended = plan.ended.iter().filter(|writer| !stay.contains(writer));
        ended.copied().try_for_each(|writer| Ok(self.run.remove_writer(writer)?))
    }

    /// Removes the logs whose part has come. The writers of those that stay.
    fn remove_sealed(&self, plan: &Plan) -> Result<BTreeSet<Writer>> {
        let files = self.run.folder().files()?;
        let parts: Vec<PartRange> =
            files.iter().filter_map(|file| PartRange::of_path(&file.path)).collect();
        let mut stay = BTreeSet::new();
        for log in &plan.sealed {
            let Some((writer, first)) = log_of(log) else { continue };
            let holds = |part: &PartRange| {
                part.writer == writer && (part.first..=part.last).contains(&first)
            };
            if parts.iter().any(holds) {
                self.run.remove_log(log)?;
            } else {
                stay.insert(writer);
            }
        }
        Ok(stay)
    }

    fn small(&mut self, steps: &[Step]) -> Result<()> {
        for steps in steps.chunks(AT_A_TIME) {
            let files: Vec<(&str, &Name, u64)> = steps.iter().filter_map(Step::fixed).collect();
            let names: Vec<Name> = files.iter().map(|(_, name, _)| (*name).clone()).collect();
            for ((path, name, length), got) in
                files.iter().zip(self.requests.get_all(&names, SMALL))
            {
                let Some(got) = self.unless_gone(path, got)? else { continue };
                if got.bytes.len() as u64 != *length {
                    return Err(has_other_length(name));
                }
                if hash_in_name(path).is_some_and(|hash| hash != sha256(&got.bytes)) {
                    return Err(has_other_contents(path, name));
                }
                self.count(*length);
                self.whole(path, &got.bytes)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Fixed { path, name, length } => {
                let key = format!("{name} {length}");
                self.copy(path, name, *length, &key, hash_in_name(path))
            }
            Step::Grow { path, grown, known } => self.grow(path, grown, *known),
            Step::Blob { path, blob } => self.blob(path, blob),
            Step::Document { path, text } => self.whole(path, text.as_bytes()),
        }
    }

    /// Writes a small file.
    fn whole(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let written = self.run.write(path, &key(&sha256(bytes)), |file, known| {
            if known > 0 {
                file.set_len(0)?;
            }
            file.write_all(bytes)
        });
        Ok(written?)
    }

    /// Copies an object, or what is missing of it. `contents` tells it from others of this path. What has not this hash, if
    /// one is said, takes nothing's place.
    fn copy(
        &mut self,
        path: &str,
        name: &Name,
        length: u64,
        contents: &str,
        sha256: Option<&str>,
    ) -> Result<()> {
        let (requests, mut failed, mut copied, mut is_other) = (self.requests, None, 0, false);
        let rate = self.bytes_per_second;
        let written = self.run.write(path, &key(contents), |file, known| {
            if known > length {
                file.set_len(0)?;
            }
            let from = if known > length { 0 } else { known };
            copied = length - from;
            let mut paced = Paced { to: file, rate };
            requests.copy(name, from..length, &mut paced).inspect_err(|error| {
                failed = Some(io::Error::new(error.kind(), error.to_string()));
            })?;
            if let Some(sha256) = sha256
                && hash::of_written(file)? != sha256
            {
                // The next one begins anew.
                file.set_len(0)?;
                is_other = true;
                return Err(io::ErrorKind::InvalidData.into());
            }
            Ok(())
        });
        if is_other {
            return Err(has_other_contents(path, name));
        }
        if let Some(error) = failed {
            return self.unless_gone(path, Err::<(), _>(error)).map(drop);
        }
        written?;
        self.count(copied);
        Ok(())
    }

    /// What has a hash for its name must have the contents of this hash.
    fn blob(&mut self, path: &str, blob: &Blob) -> Result<()> {
        let name = self.there.blob(blob);
        self.copy(path, &name, blob.length, &blob.sha256, Some(&blob.sha256))
    }

    fn grow(&mut self, path: &str, grown: &Grown, known: u64) -> Result<()> {
        let wanted: Vec<&(u64, u64)> = grown.pieces.iter().filter(|(_, to)| *to > known).collect();
        for some in wanted.chunks(AT_A_TIME) {
            let names: Vec<Name> =
                some.iter().map(|(from, to)| self.there.names.piece(path, *from, *to)).collect();
            let got = self.requests.get_all(&names, MOST_PIECE);
            for (((from, to), name), got) in some.iter().zip(&names).zip(got) {
                // What is behind a piece that is gone has to wait for it.
                let Some(got) = self.unless_gone(path, got)? else { return Ok(()) };
                let bytes = packed::unpack(name.as_ref(), &got.bytes, to - from)?;
                if bytes.len() as u64 != to - from {
                    return Err(has_other_length(name));
                }
                self.count(got.bytes.len() as u64);
                self.run.lay(path, *from, &bytes)?;
            }
        }
        let end = grown.end.and(self.there.end(path));
        let laid = end.map_or(Ok(()), |end| self.run.lay(path, end.from, &end.bytes));
        if end.is_none() && wanted.is_empty() && known == 0 {
            // A file of events says by its name that there is a writer.
            return Ok(self.run.lay(path, 0, b"")?);
        }
        Ok(laid?)
    }

    /// `None` of what is gone, which is told once all else is here.
    fn unless_gone<T>(&mut self, path: &str, got: io::Result<T>) -> Result<Option<T>> {
        match got {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.gone.push(format!("{path} is gone there"));
                Ok(None)
            }
            got => got.map(Some).map_err(|error| self.requests.told("fetch", error)),
        }
    }

    fn count(&mut self, bytes: u64) {
        self.got.0 += bytes;
        self.got.1 += 1;
        pause(self.bytes_per_second, bytes.min(SMALL));
    }
}

impl Step {
    fn fixed(&self) -> Option<(&str, &Name, u64)> {
        match self {
            Self::Fixed { path, name, length } => Some((path, name, *length)),
            _ => None,
        }
    }
}

/// The hash by which a file of media is named.
fn hash_in_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix("media/")?.rsplit('/').next()?;
    Some(name.split_once('.').map_or(name, |(hash, _)| hash))
}

fn has_other_contents(path: &str, name: &Name) -> Error {
    Error::damaged(name.as_ref(), format!("{path} has other contents than its name says"))
}

/// Writes no more than so many bytes a second.
struct Paced<'a> {
    to: &'a mut std::fs::File,
    rate: Option<u64>,
}

impl Write for Paced<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        pause(self.rate, count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn pause(rate: Option<u64>, bytes: u64) {
    if let Some(rate) = rate {
        thread::sleep(Duration::from_secs_f64(bytes as f64 / rate.max(1) as f64));
    }
}

/// Says of all that was brought what it is now: the record is as it is to stay.
pub(super) fn settle(run: &ArrivingRun, record: &mut Record) -> Result<()> {
    let folder = run.folder();
    let user = folder.user_files()?.files.into_iter();
    let stamps = folder.files()?.into_iter().chain(user);
    let stamps: std::collections::BTreeMap<String, String> =
        stamps.map(|file| (file.path, file.stamp.to_string())).collect();
    record.files.retain(|path, _| stamps.contains_key(path));
    for (path, brought) in &mut record.files {
        // What was to come may be gone there: then what is here stays, and what is here decides.
        if brought.hashes.len() > 1 {
            let here =
                folder.open_file(path)?.map(|opened| hash::of_opened(&opened)).transpose()?;
            brought.hashes.retain(|known| Some(known) == here.as_ref());
            brought.hashes.dedup();
        }
        let is_user = FileKind::of_path(path) == FileKind::User;
        brought.stamp = stamps.get(path).filter(|_| is_user).cloned();
    }
    Ok(())
}

/// Tells where a folder keeps what it has of some contents: by it, a file and its state are told from all others.
fn key(contents: &str) -> String {
    sha256(contents.as_bytes())[..16].to_owned()
}

fn has_other_length(name: &Name) -> Error {
    Error::damaged(name.as_ref(), "it has another length than its list or its name says")
}

/// Has nothing to do with the place but its name.
pub(super) fn started(place: &Place, plan: &Plan) -> Record {
    let place = place.to_string();
    Record { place, is_whole: false, state: String::new(), files: plan.files.clone() }
}
