//! The journals of a project's studies, brought whole: they are short, and lists show what is in them.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use object_store::ObjectMeta;

use super::{
    cache::{self, Cache},
    shown::is_plain,
};
use crate::{names::ProjectNames, packed, requests::Requests, study::MOST_JOURNAL};

/// The folder of a project that holds its studies.
pub(super) const STUDIES: &str = ".studies";

const JOURNAL: &str = "journal.log";

/// Says which journal of the place is beside it.
const TAG: &str = ".tag";

/// The most studies of a project that are brought. No list has more.
const MOST: usize = 1_000;

/// How many are brought at once, and how many bytes each may have: compressed, a journal is a tenth.
const AT_ONCE: usize = 16;
const MOST_PACKED: u64 = 64 << 20;

/// The longest tag of an object.
const LONGEST_TAG: u64 = 1 << 10;

/// The studies of one project.
#[derive(Debug)]
pub(super) struct Studies {
    names: ProjectNames,
    folder: PathBuf,
    looked: Option<Instant>,
    /// What is wrong with those that cannot be used, by their names.
    damaged: BTreeMap<String, String>,
}

impl Studies {
    pub(super) fn new(cache: &Cache, project: &str) -> Self {
        let folder = cache.store().join(project).join(STUDIES);
        Self { names: ProjectNames::new(project), folder, looked: None, damaged: BTreeMap::new() }
    }

    /// What is wrong with a study's journal as it lies there.
    pub(super) fn damage(&self, study: &str) -> Option<&str> {
        self.damaged.get(study).map(String::as_str)
    }

    /// Makes the copies what lies there now, or did so a moment ago. One that cannot be used is left as it is here, and has no
    /// journal if none was here.
    pub(super) fn look(&mut self, requests: &Requests, at_most_every: Duration) -> io::Result<()> {
        if self.looked.is_some_and(|looked| looked.elapsed() < at_most_every) {
            return Ok(());
        }
        let mut there = Vec::new();
        for object in requests.list(&self.names.studies(), None)? {
            let study = self.names.study_of_object(&object.location);
            if let Some(study) = study.filter(|study| is_plain(study)) {
                there.push((study, object));
            }
        }
        there.truncate(MOST);
        for name in cache::names(&self.folder).unwrap_or_default() {
            if there.iter().all(|(study, _)| *study != name) {
                cache::remove(&self.folder.join(name));
            }
        }
        self.damaged.clear();
        there.retain(|(study, object)| !self.is_here(study, object));
        for some in there.chunks(AT_ONCE) {
            self.bring(requests, some)?;
        }
        self.looked = Some(Instant::now());
        Ok(())
    }

    fn bring(&mut self, requests: &Requests, some: &[(String, ObjectMeta)]) -> io::Result<()> {
        let names: Vec<_> = some.iter().map(|(_, object)| object.location.clone()).collect();
        for ((study, object), got) in some.iter().zip(requests.get_all(&names, MOST_PACKED)) {
            match got {
                Ok(got) => self.lay(study, object, &got.bytes)?,
                // Somebody has removed it, or it is too long for any journal.
                Err(_) if object.size > MOST_PACKED => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn is_here(&self, study: &str, object: &ObjectMeta) -> bool {
        let folder = self.folder.join(study);
        let journal = folder.join(JOURNAL);
        let tag = cache::read(&folder.join(TAG), LONGEST_TAG);
        object.e_tag.as_ref().is_some_and(|now| tag.is_some_and(|tag| tag == now.as_bytes()))
            && cache::length(&journal).is_some()
            && !cache::is_placeholder(&journal)
    }

    fn lay(&mut self, study: &str, object: &ObjectMeta, packed: &[u8]) -> io::Result<()> {
        let folder = self.folder.join(study);
        cache::make_folder(&folder)?;
        match packed::unpack(object.location.as_ref(), packed, MOST_JOURNAL) {
            Ok(journal) => cache::put(&folder.join(JOURNAL), &journal)?,
            Err(error) => {
                self.damaged.insert(study.to_owned(), error.to_string());
                return Ok(());
            }
        }
        cache::put(&folder.join(TAG), object.e_tag.as_deref().unwrap_or_default().as_bytes())
    }
}
