//! What the program of a run has said, a page at a time.

use std::{collections::BTreeMap, io};

use crate::{
    Result, Timestamp, Writer,
    error::IoContext,
    format::{layout::RunPaths, message_line::StoredMessage},
    mounts::named,
    read::{
        Loss, MessageCursor, MessageFilter, Warning, message_cursor::MessageFile,
        message_filter::From, message_walk::Walk,
    },
};

/// A page ends behind so many bytes of messages, however many are wanted.
const MOST_BYTES: u64 = 32 << 20;

/// Some messages of a run, in the order of time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Messages {
    /// The messages.
    pub messages: Vec<StoredMessage>,
    /// Where they begin: for those [before](MessageFilter::before) them.
    pub begin: MessageCursor,
    /// Where they end: for those [after](MessageFilter::after) them, also those that are yet to come.
    pub end: MessageCursor,
    /// Whether there are more in the direction in which was asked.
    pub has_more: bool,
}

/// The messages of a run that are wanted. Files are read from the place in question on, and no further
/// than needed. `warnings` hears of lines that cannot be read.
pub(super) fn messages(
    files: &RunPaths,
    writers: &[Writer],
    filter: &MessageFilter,
    warnings: &mut Vec<Warning>,
) -> Result<Messages> {
    let (mut walks, mut at) = (Vec::new(), BTreeMap::new());
    for writer in writers {
        for is_of_events in [true, false] {
            let file = MessageFile { writer: *writer, is_of_events };
            let begun = begin(files, file, filter).io_context(
                "read",
                &files.place(&file.name()),
                "check the file's permissions",
            )?;
            if let Some(walk) = begun {
                at.insert(file, walk.begin());
                walks.push(walk);
            }
        }
    }
    let is_back = !matches!(filter.from, From::After(_));
    let (mut messages, has_more) = merge(files, &mut walks, filter, is_back)?;
    let mut reached: BTreeMap<_, _> =
        walks.iter().map(|walk| (walk.file(), walk.place())).collect();
    reached.retain(|_, place| *place > 0);
    at.retain(|_, place| *place > 0);
    for walk in walks.iter().filter(|walk| walk.is_damaged()) {
        let path = files.place(&walk.file().name());
        let text = format!("lines of {} cannot be read; they are left out", named(&path));
        warnings.push(Warning::new(Loss::Events, text));
    }
    let (begin, end) = if is_back { (reached, at) } else { (at, reached) };
    // Several threads of a process may pass each other on their way to its file.
    messages.sort_by_key(|message| message.time);
    Ok(Messages { messages, begin: MessageCursor(begin), end: MessageCursor(end), has_more })
}

/// The way through a file. `None` if there is no such file.
fn begin(files: &RunPaths, file: MessageFile, filter: &MessageFilter) -> io::Result<Option<Walk>> {
    let (opened, stamp) = match files.open(&file.name()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let place = match &filter.from {
        From::Last => stamp.length(),
        From::Before(cursor) | From::After(cursor) => cursor.of(file).min(stamp.length()),
    };
    let walk = match &filter.from {
        From::After(_) => Walk::on(file, opened, place, filter),
        From::Last | From::Before(_) => Walk::back(file, opened, place, filter),
    };
    walk.map(Some)
}

/// Takes messages from all files in the order of time, as many as are wanted. Says whether there are
/// more.
fn merge(
    files: &RunPaths,
    walks: &mut [Walk],
    filter: &MessageFilter,
    is_back: bool,
) -> Result<(Vec<StoredMessage>, bool)> {
    let (mut messages, mut bytes) = (Vec::new(), 0);
    while let Some(number) = next(walks, is_back) {
        if messages.len() >= filter.count || bytes > MOST_BYTES {
            return Ok((messages, true));
        }
        let Some(walk) = walks.get_mut(number) else { break };
        let taken = walk.take(filter);
        let path = files.place(&walk.file().name());
        let taken = taken.io_context("read", &path, "check the file's permissions")?;
        if let Some(found) = taken {
            bytes += found.bytes;
            messages.push(found.message);
        }
    }
    Ok((messages, false))
}

/// The file with the next message. Where two were said at the same moment, both directions agree.
fn next(walks: &[Walk], is_back: bool) -> Option<usize> {
    let times = walks.iter().enumerate().filter_map(|(number, walk)| Some((walk.time()?, number)));
    let next: Option<(Timestamp, usize)> = if is_back { times.max() } else { times.min() };
    next.map(|(_, number)| number)
}
