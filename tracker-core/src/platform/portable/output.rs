//! The process's standard output and error, which the standard library cannot lead elsewhere.

use std::{
    convert::Infallible,
    io::{self, PipeReader},
    time::Duration,
};

/// One of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(dead_code, reason = "nobody leads them")]
pub(crate) enum Standard {
    Output,
    Error,
}

/// Nothing comes from the program.
#[derive(Debug)]
pub(crate) struct Source(Infallible);

/// Nothing stands in the place of a stream.
#[derive(Debug)]
pub(crate) struct Led(Infallible);

/// What there is to do.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) sources: Vec<bool>,
    pub(crate) is_woken: bool,
}

/// # Errors
/// Always.
pub(crate) fn lead() -> io::Result<Vec<(Source, Led)>> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Led {
    pub(crate) fn streams(&self) -> &[Standard] {
        match self.0 {}
    }

    pub(crate) fn give_back(&self) {
        match self.0 {}
    }
}

impl Source {
    pub(crate) fn is_late(&self) -> bool {
        match self.0 {}
    }

    pub(crate) fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }

    pub(crate) fn pass_on(&mut self, _: &[u8]) {
        match self.0 {}
    }

    pub(crate) fn follow_size(&self) {
        match self.0 {}
    }
}

/// Nobody waits without a source.
pub(crate) fn wait(_: &[Source], _: Option<&PipeReader>, _: Duration) -> Ready {
    Ready { sources: Vec::new(), is_woken: false }
}
