//! What lies in a run's folder beside what lists show: its points, its events, its files.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use object_store::path::Path as Name;
use tracker_core::{RunId, Writer};

use super::{
    cache,
    objects::{self, FileObject, Grown, Objects},
    shown,
};
use crate::{
    Blob, Manifest,
    fetched_tails::FetchedTails,
    names::{PIECE, ProjectNames, RunNames, log_of, writer_of_events},
    packed,
    requests::Requests,
};

/// How often to begin anew when what was listed is gone.
const TRIES: usize = 3;

/// The most bytes of a manifest and of a piece as they are stored.
const MOST_MANIFEST: u64 = 80 << 20;
const MOST_PIECE: u64 = PIECE + (64 << 10);

/// How many pieces are in memory at a time.
const AT_A_TIME: usize = 64;

/// After the time of so many looks all is listed anew, whatever tails and head say: a sender that died may have left a part
/// of which neither tells.
const LISTED_EVERY: u32 = 60;

/// A run whose points or files were asked for.
#[derive(Debug)]
pub(super) struct Run {
    project: ProjectNames,
    names: RunNames,
    folder: PathBuf,
    objects: Objects,
    tails: FetchedTails,
    /// The user's own files, by their paths: the hash of each, and its length.
    own: BTreeMap<String, Blob>,
    /// What the list said of the one in which they stand.
    manifest: Option<String>,
    /// The tag of the head at the last whole look.
    head: String,
    looked: Option<Instant>,
    listed: Option<Instant>,
    missing: Vec<String>,
}

impl Run {
    pub(super) fn new(project: &str, run: &RunId, folder: PathBuf) -> Self {
        Self {
            names: ProjectNames::new(project).run(run),
            folder,
            objects: Objects::default(),
            tails: FetchedTails::default(),
            own: BTreeMap::new(),
            manifest: None,
            project: ProjectNames::new(project),
            head: String::new(),
            looked: None,
            listed: None,
            missing: Vec::new(),
        }
    }

    /// What should be there and is not.
    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// A file that never changes, or is one of the user's own.
    pub(super) fn file(&self, path: &str) -> Option<(Name, FileObject)> {
        if let Some(file) = self.objects.files.get(path) {
            return Some((self.names.file(path), file.clone()));
        }
        let Blob { sha256, length } = self.own.get(path)?;
        let file = FileObject { length: *length, tag: sha256.clone() };
        Some((self.project.blob(sha256), file))
    }

    /// Makes the next look list all anew.
    pub(super) fn forget(&mut self) {
        self.looked = None;
        self.head.clear();
    }

    /// Looks at the place, unless that was done a moment ago or the run has ended since. `head` tells whether the head
    /// has changed.
    pub(super) fn look(
        &mut self,
        requests: &Requests,
        (head, lives): (&str, bool),
        at_most_every: Duration,
    ) -> io::Result<()> {
        let is_same = self.looked.is_some() && self.head == head;
        let is_recent = self.looked.is_some_and(|looked| looked.elapsed() < at_most_every);
        if is_same && (is_recent || !lives) {
            return Ok(());
        }
        let is_listed =
            self.listed.is_some_and(|listed| listed.elapsed() < at_most_every * LISTED_EVERY);
        // What was taken of a look that failed must not pass for what is known.
        self.look_now(requests, is_same && is_listed).inspect_err(|_| self.forget())?;
        head.clone_into(&mut self.head);
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Looks at the place: at all of it, or if `is_same` only where a tail has changed.
    fn look_now(&mut self, requests: &Requests, is_same: bool) -> io::Result<()> {
        for tried in 1..=TRIES {
            let has_news = self.fetch_tails(requests)?;
            if is_same && !has_news && tried == 1 {
                break;
            }
            let listed = requests.list(&self.names.all(), None)?;
            self.objects = Objects::of(&self.names, &listed);
            self.listed = Some(Instant::now());
            let is_known = |writer: &Writer| self.tails.all().contains_key(writer);
            if !self.objects.tails.iter().all(is_known) && tried < TRIES {
                continue;
            }
            match self.lay(requests) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && tried < TRIES => {}
                laid => {
                    laid?;
                    if self.missing.is_empty() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tails are fetched before anything is listed: what is before their bytes was there before they were. Whether one
    /// has changed.
    fn fetch_tails(&mut self, requests: &Requests) -> io::Result<bool> {
        let mut writers = self.claims();
        writers.extend(&self.objects.tails);
        self.tails.fetch(requests, &self.names, &writers)
    }

    /// The writers whose events the run's folder names.
    fn claims(&self) -> BTreeSet<Writer> {
        let names = cache::names(&self.folder).unwrap_or_default();
        let live = cache::names(&self.folder.join("live")).unwrap_or_default();
        let live = live.iter().filter_map(|name| name.parse().ok());
        names.iter().filter_map(|name| writer_of_events(name)).chain(live).collect()
    }

    /// Lays into the folder what is there. Parts come before the logs go that they replace.
    fn lay(&mut self, requests: &Requests) -> io::Result<()> {
        self.missing.clear();
        cache::make_folder(&self.folder.join("scalars"))?;
        self.fetch_manifest(requests)?;
        self.lay_files();
        self.lay_whole();
        let growing: Vec<String> =
            self.objects.growing(self.tails.all()).into_iter().map(str::to_owned).collect();
        for file in &growing {
            let path = self.folder.join(file);
            match log_of(file) {
                Some((writer, first)) if !self.objects.is_sealed((writer, first)) => {
                    self.fill(requests, file)?;
                }
                Some(_) => {}
                None if cache::length(&path).is_none_or(|length| length == 0) => {
                    cache::put_placeholder(&path, 0)?;
                }
                None => self.fill(requests, file)?,
            }
        }
        self.remove_sealed();
        let gaps = self.objects.gaps(self.tails.all(), &self.names.all());
        self.missing.extend(gaps);
        Ok(())
    }

    /// What the list says of it tells whether it has changed.
    fn fetch_manifest(&mut self, requests: &Requests) -> io::Result<()> {
        if self.objects.manifest == self.manifest {
            return Ok(());
        }
        self.own.clear();
        self.manifest = None;
        if self.objects.manifest.is_some() {
            let name = self.names.manifest();
            let got = requests.get_if_changed(&name, None, MOST_MANIFEST)?;
            let bytes = got.map(|got| got.bytes).unwrap_or_default();
            self.own = Manifest::unpack(name.as_ref(), &bytes).map_err(damaged)?.files;
            self.own.retain(|path, _| objects::is_whole(path));
        }
        self.manifest.clone_from(&self.objects.manifest);
        Ok(())
    }

    fn lay_files(&mut self) {
        let own = self.own.iter().map(|(path, blob)| (path, blob.length));
        let fixed = self.objects.files.iter().map(|(path, file)| (path, file.length));
        for (path, length) in fixed.chain(own) {
            let place = self.folder.join(path);
            let known = cache::length(&place);
            if known == Some(length) || (known.is_some() && !cache::is_placeholder(&place)) {
                continue;
            }
            if let Err(error) = cache::put_placeholder(&place, length) {
                let text = format!("{path} of {length} bytes cannot be kept: {error}");
                self.missing.push(text);
            }
        }
    }

    /// Small files that are replaced as wholes.
    fn lay_whole(&mut self) {
        for (path, text) in self.tails.all().values().flat_map(|tail| &tail.whole) {
            if objects::is_whole(path)
                && let Err(error) = cache::put(&self.folder.join(path), text.as_bytes())
            {
                self.missing.push(format!("{path} cannot be kept: {error}"));
            }
        }
    }

    /// The logs that became parts, and what is left of writers that are done.
    fn remove_sealed(&self) {
        let live = self.folder.join("live");
        for name in cache::names(&live).unwrap_or_default() {
            let Ok(writer) = name.parse::<Writer>() else { continue };
            let logs = cache::names(&live.join(&name)).unwrap_or_default();
            let logs: Vec<String> =
                logs.into_iter().filter(|log| log.starts_with("log-")).collect();
            let mut left = false;
            for log in &logs {
                let first = log_of(&format!("live/{name}/{log}"));
                if first.is_some_and(|(_, first)| self.objects.is_sealed((writer, first))) {
                    cache::remove(&live.join(&name).join(log));
                } else {
                    left = true;
                }
            }
            if !left && (self.has_ended() || shown::has_no_heart(&live.join(&name))) {
                cache::remove(&live.join(&name));
            }
        }
    }

    fn has_ended(&self) -> bool {
        let text = cache::read(&self.folder.join("run.json"), 64 << 20).unwrap_or_default();
        let run: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
        run.is_some_and(|run| run.get("state").is_some_and(|state| state != "running"))
    }

    /// Whether a file grows, as far as it is known.
    pub(super) fn grows(&self, file: &str) -> bool {
        self.objects.growing(self.tails.all()).contains(&file)
    }

    /// Makes a file that grows as long as it is there.
    pub(super) fn fill(&mut self, requests: &Requests, file: &str) -> io::Result<()> {
        let end = self.tails.all().values().find_map(|tail| tail.ends.get(file));
        let Grown { pieces, end: from, gap } = self.objects.grown(file, end);
        let end = from.and(end);
        if let Some((from, to)) = gap {
            let place = self.names.all();
            let text = format!("bytes {from} to {} of {file} are not in {place}", to - 1);
            if !self.missing.contains(&text) {
                self.missing.push(text);
            }
        }
        let path = self.folder.join(file);
        if let Some(folder) = path.parent() {
            cache::make_folder(folder)?;
        }
        let known = cache::length(&path).unwrap_or(0);
        let wanted: Vec<&(u64, u64)> = pieces.iter().filter(|(_, to)| *to > known).collect();
        for some in wanted.chunks(AT_A_TIME) {
            let names: Vec<Name> =
                some.iter().map(|(from, to)| self.names.piece(file, *from, *to)).collect();
            let got = requests.get_all(&names, MOST_PIECE);
            for (((from, to), name), got) in some.iter().zip(&names).zip(got) {
                let bytes =
                    packed::unpack(name.as_ref(), &got?.bytes, to - from).map_err(damaged)?;
                if bytes.len() as u64 != to - from {
                    let text = format!("{name} has another length than its name says");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
                cache::lay_over(&path, *from, &bytes)?;
            }
        }
        end.map_or(Ok(()), |end| cache::lay_over(&path, end.from, &end.bytes))
    }
}

fn damaged(error: crate::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
