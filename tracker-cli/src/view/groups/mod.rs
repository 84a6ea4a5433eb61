//! Groups of runs, most often seeds of one experiment, and whether one is better than another: what `tracker compare
//! --group` and the page tell alike.

mod by;
mod grouped;
mod member;
mod notes;
mod pairing;
mod results;
mod spreadsheet;
mod table;
mod verdict;
mod words;

pub(crate) use self::{
    by::{At, By},
    grouped::{Asked, Group, Grouped},
    member::Member,
    results::{Found, Results},
    table::{TableFormat, mean_text},
    verdict::{Against, Ruling, Verdicts},
    words::{Scale, reach},
};
