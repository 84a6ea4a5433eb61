//! The tails of a run as they were fetched. A place may be a stranger's: all of them together are bounded.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use object_store::path::Path as Name;
use tracker_core::Writer;

use crate::{
    Error, Tail,
    names::RunNames,
    requests::{Fetched, Requests},
};

/// The most bytes of a tail as it is stored.
const MOST: u64 = 80 << 20;

/// How many are in memory as they are stored.
const AT_A_TIME: usize = 8;

/// The most bytes that all of them may have: a place may say of some bytes that they become very many.
const MOST_OF_ALL: usize = 1 << 30;

/// What of a run's writers still changes, as far as it was fetched.
#[derive(Debug, Default)]
pub(crate) struct FetchedTails {
    tails: BTreeMap<Writer, Tail>,
    /// What tells whether one has changed. Without an `ETag` it is fetched each time.
    tags: BTreeMap<Writer, String>,
    bytes: usize,
}

impl FetchedTails {
    /// The tails by their writers.
    pub(crate) fn all(&self) -> &BTreeMap<Writer, Tail> {
        &self.tails
    }

    /// Fetches those of these writers that are new or have changed. Whether there was any. One that is gone stays as it was.
    pub(crate) fn fetch(
        &mut self,
        requests: &Requests,
        names: &RunNames,
        writers: &BTreeSet<Writer>,
    ) -> io::Result<bool> {
        let ask = |writer: &Writer| (names.tail(*writer), self.tags.get(writer).cloned());
        let asked: Vec<(Name, Option<String>)> = writers.iter().map(ask).collect();
        let writers: Vec<Writer> = writers.iter().copied().collect();
        let mut has_news = false;
        for (asked, writers) in asked.chunks(AT_A_TIME).zip(writers.chunks(AT_A_TIME)) {
            let got = requests.get_all_if_changed(asked, MOST);
            for (((name, _), writer), got) in asked.iter().zip(writers).zip(got) {
                let got = match got {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    got => got?,
                };
                if let Some(got) = got {
                    self.take(*writer, name, &got).map_err(damaged)?;
                    has_news = true;
                }
            }
        }
        Ok(has_news)
    }

    fn take(&mut self, writer: Writer, name: &Name, got: &Fetched) -> crate::Result<()> {
        let tail = Tail::unpack(name.as_ref(), &got.bytes)?;
        let before = self.tails.get(&writer).map_or(0, length);
        let bytes = self.bytes - before + length(&tail);
        if bytes > MOST_OF_ALL {
            return Err(Error::damaged(name.as_ref(), "the tails of the run are too long"));
        }
        self.bytes = bytes;
        self.tails.insert(writer, tail);
        match &got.version.e_tag {
            Some(tag) => self.tags.insert(writer, tag.clone()),
            None => self.tags.remove(&writer),
        };
        Ok(())
    }
}

/// How many bytes of memory a tail takes, roughly.
fn length(tail: &Tail) -> usize {
    let ends = tail.ends.iter().map(|(path, end)| path.len() + end.bytes.len());
    ends.chain(tail.whole.iter().map(|(path, text)| path.len() + text.len())).sum()
}

fn damaged(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
