//! What a place has of one run.

use std::{collections::BTreeSet, io};

use object_store::{ObjectMeta, path::Path as Name};
use tracker_core::{RunId, Writer, replica::FileKind};

use crate::{
    Blob, Error, Head, MOST_HEAD, Manifest, Result,
    fetched_tails::FetchedTails,
    hash::sha256,
    head::{is_document, is_kept_by_hash},
    mirror::{
        objects::{FileObject, Grown, Objects},
        shown,
    },
    names::{ProjectNames, RunNames, log_of, writer_of_events},
    requests::Requests,
    uplink::Artifacts,
};

/// How often to look again where tails are found that nobody told of.
const TRIES: usize = 3;

/// The most bytes of a manifest.
const MOST: u64 = 80 << 20;

/// A run as a look at its place said.
#[derive(Debug)]
pub(super) struct There {
    pub(super) project: ProjectNames,
    pub(super) names: RunNames,
    pub(super) head: Head,
    pub(super) objects: Objects,
    pub(super) tails: FetchedTails,
    pub(super) manifest: Manifest,
    /// Tells this state from all others.
    pub(super) state: String,
}

/// The head of a run that is not deleted.
pub(super) fn head(
    requests: &Requests,
    project: &ProjectNames,
    run: &RunId,
) -> Result<(Head, String)> {
    let name = project.run(run).head();
    let got = requests.get_if_changed(&name, None, MOST_HEAD as u64);
    let got = got.and_then(|got| got.ok_or_else(|| io::ErrorKind::NotFound.into()));
    let got = got.map_err(|error| requests.told("fetch", error))?;
    let head = Head::read(name.as_ref(), &got.bytes)?;
    shown::check(name.as_ref(), run, &head)?;
    if head.deleted.is_some() {
        return Err(Error::Here {
            run: run.to_string(),
            reason: format!("it was deleted in {}", requests.place()),
            hint: format!(
                "`tracker rm --undo {run} --store {}` brings it back there",
                requests.place()
            ),
        });
    }
    Ok((head, sha256(&got.bytes)))
}

/// All objects of a run, and what tells this list from others.
pub(super) fn list(requests: &Requests, names: &RunNames) -> Result<(Vec<ObjectMeta>, String)> {
    let listed = requests.list(&names.all(), None);
    let listed = listed.map_err(|error| requests.told("list", error))?;
    let told = listed.iter().map(|object| {
        let tag = object.e_tag.as_deref().unwrap_or_default();
        format!("{} {} {tag}\n", object.location, object.size)
    });
    let state = sha256(told.collect::<String>().as_bytes());
    Ok((listed, state))
}

impl There {
    /// Tails are fetched before anything is listed: what is before their bytes was there before they were.
    pub(super) fn look(requests: &Requests, project: &str, run: &RunId) -> Result<Self> {
        let project = ProjectNames::new(project);
        let names = project.run(run);
        let (head, head_state) = head(requests, &project, run)?;
        let mut writers: BTreeSet<Writer> = head.live.keys().copied().collect();
        writers.extend(head.names.iter().filter_map(|name| writer_of_events(name)));
        let (mut tails, mut objects, mut state) =
            (FetchedTails::default(), Objects::default(), String::new());
        for _ in 0..TRIES {
            let fetched = tails.fetch(requests, &names, &writers);
            fetched.map_err(|error| requests.told("fetch", error))?;
            let (listed, list_state) = list(requests, &names)?;
            objects = Objects::of(&names, &listed);
            state = format!("{head_state} {list_state}");
            let known = writers.len();
            writers.extend(&objects.tails);
            if writers.len() == known {
                break;
            }
        }
        let manifest = fetch_manifest(requests, &names, objects.manifest.is_some())?;
        Ok(Self { project, names, head, objects, tails, manifest, state })
    }

    /// Files that never change, those of media too.
    pub(super) fn fixed(&self) -> impl Iterator<Item = (&str, &FileObject)> {
        let files = self.objects.files.iter().map(|(path, file)| (path.as_str(), file));
        files.filter(|(path, _)| FileKind::of_path(path) == FileKind::Fixed)
    }

    /// Files that grow, and what there is of each. Logs whose points are in a part are none.
    pub(super) fn growing(&self) -> Vec<(&str, Grown)> {
        let files = self.objects.growing(self.tails.all()).into_iter();
        let files = files.filter(|file| FileKind::of_path(file) == FileKind::Growing);
        let is_sealed = |file: &&str| log_of(file).is_some_and(|log| self.objects.is_sealed(log));
        let files = files.filter(|file| !is_sealed(file));
        files.map(|file| (file, self.objects.grown(file, self.end(file)))).collect()
    }

    /// The end of a file that grows, as a tail has it.
    pub(super) fn end(&self, file: &str) -> Option<&crate::End> {
        self.tails.all().values().find_map(|tail| tail.ends.get(file))
    }

    /// Small files that lists read. What of them begins a run comes last.
    pub(super) fn documents(&self) -> Vec<(&str, &str)> {
        let is_one =
            |name: &&String| is_document(name) && FileKind::of_path(name) == FileKind::Replaced;
        let documents = self.head.documents.iter().filter(|(name, _)| is_one(name));
        let mut documents: Vec<(&str, &str)> =
            documents.map(|(name, text)| (name.as_str(), text.as_str())).collect();
        documents.sort_by_key(|(name, _)| *name == "run.json");
        documents
    }

    /// Files that are kept by their hashes.
    pub(super) fn blobs(&self) -> impl Iterator<Item = (&str, &Blob)> {
        let files = self.manifest.files.iter().map(|(path, blob)| (path.as_str(), blob));
        files.filter(|(path, _)| is_of_manifest(path))
    }

    /// Where the contents of such a file are.
    pub(super) fn blob(&self, blob: &Blob) -> Name {
        self.project.blob(&blob.sha256)
    }

    /// Whether the run has ended, as its sender says.
    pub(super) fn has_ended(&self) -> bool {
        let run = self.head.documents.get("run.json");
        let run: Option<serde_json::Value> = run.and_then(|text| serde_json::from_str(text).ok());
        let state = run.as_ref().and_then(|run| run.get("state")?.as_str());
        let has_logs = self.growing().iter().any(|(file, _)| log_of(file).is_some());
        // A run that was killed says that it runs; its sender has sealed what it left, and knows of no writer.
        self.head.live.is_empty() && !has_logs && state.is_some()
    }

    /// What should be there and is not, in words.
    pub(super) fn missing(&self) -> Vec<String> {
        let place = self.names.all();
        let gaps = self.growing().into_iter().filter_map(|(file, grown)| {
            let (from, to) = grown.gap?;
            Some(format!("bytes {from} to {} of {file} are not in {place}", to.saturating_sub(1)))
        });
        let gaps = gaps.chain(self.objects.gaps(self.tails.all(), &place));
        gaps.chain(self.missing_documents()).chain(self.strange_files()).collect()
    }

    /// Documents of a run that has ended which its head names and nothing has.
    fn missing_documents(&self) -> Vec<String> {
        if !self.has_ended() {
            return Vec::new();
        }
        let is_here = |name: &String| {
            self.manifest.files.contains_key(name)
                || self.tails.all().values().any(|tail| tail.whole.contains_key(name))
        };
        let names = self.head.names.iter().filter(|name| is_kept_by_hash(name));
        let gone = names.filter(|name| !is_here(name));
        gone.map(|name| format!("{name} is not in {}", self.names.all())).collect()
    }

    /// What the manifest names and no run has.
    fn strange_files(&self) -> Vec<String> {
        let strange = self.manifest.files.keys().filter(|path| !is_of_manifest(path));
        let told = |path| format!("{} names {path}, which no run has", self.names.manifest());
        strange.map(told).collect()
    }
}

/// Whether a manifest may name this file.
fn is_of_manifest(path: &str) -> bool {
    !is_document(path)
        && matches!(FileKind::of_path(path), FileKind::User | FileKind::Replaced)
        && !path.starts_with("live/")
}

/// Which of these are wanted.
pub(super) fn is_wanted(path: &str, artifacts: Artifacts) -> bool {
    match artifacts {
        Artifacts::All => true,
        Artifacts::Media => !path.starts_with("files/"),
        Artifacts::None => !path.starts_with("files/") && !path.starts_with("media/"),
    }
}

fn fetch_manifest(requests: &Requests, names: &RunNames, is_there: bool) -> Result<Manifest> {
    if !is_there {
        return Ok(Manifest::default());
    }
    let name = names.manifest();
    let got = requests.get_if_changed(&name, None, MOST);
    let got = got.map_err(|error| requests.told("fetch", error))?;
    Manifest::unpack(name.as_ref(), &got.map(|got| got.bytes).unwrap_or_default())
}
