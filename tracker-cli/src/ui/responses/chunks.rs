//! Files on their way to a browser, a little at a time.

use std::{fs::File, io::Read};

use axum::body::Bytes;
use futures_util::stream;

/// How much of a file is in memory at a time.
const CHUNK: usize = 1 << 16;

/// A file in chunks, each read when the one before has gone out. What is written to the file
/// meanwhile is left out.
pub(crate) fn chunks(file: File, bytes: u64) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((file, bytes), |(file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || read_chunk(file, left)).await;
        let (file, chunk) = read.map_err(std::io::Error::other)??;
        let left = left - chunk.len() as u64;
        Ok(Some((chunk, (file, left))))
    })
}

fn read_chunk(mut file: File, left: u64) -> std::io::Result<(File, Bytes)> {
    let mut chunk = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
    let count = file.read(&mut chunk)?;
    if count == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    chunk.truncate(count);
    Ok((file, chunk.into()))
}
