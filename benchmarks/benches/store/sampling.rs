//! How calls are timed.
//!
//! A sample is the time between two reads of the clock around one call. It contains about one
//! read of the clock more than the call itself: what is reported is the **net** time, the sample
//! minus the median of samples of an empty call. "One read of the clock" is net in the same sense,
//! so a call that reads the clock once and does nothing else has the ratio 1.
//!
//! How long an empty call takes changes with what else the machine does, by more than a call of
//! tracker takes. So every few calls an empty one and one that reads the clock are timed too, in
//! the same thread: what is subtracted was taken when the rest was.
//!
//! Every kind of call stands behind the same pointer, the empty one too, so that the pointer is
//! part of what is subtracted. Samples are stored in memory that has been written before, so that
//! the kernel need not find pages for them between calls.
//!
//! As a cross-check that owes nothing to the subtraction, [`batched`] times a thousand calls
//! between two reads of the clock.

use std::{hint::black_box, sync::Barrier, thread, time::Instant};

use crate::quantile::median;

/// What is timed, with the step that it logs.
pub(crate) type Call = Box<dyn FnMut(u64) + Send>;

/// How many calls [`batched`] times together.
const BATCH: usize = 1_000;

/// After how many calls an empty one and one of the clock are timed.
const EVERY: usize = 16;

/// The times of one thread's calls in the order of the calls, in nanoseconds.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) calls: Vec<u32>,
    empty: Vec<u32>,
    clock: Vec<u32>,
}

impl Samples {
    /// Room for so many calls, in memory that the kernel has handed out: zeros it would not have.
    fn of_length(calls: usize) -> Self {
        let room = |length| black_box(vec![1; length]);
        let few = calls.div_ceil(EVERY);
        Self { calls: room(calls), empty: room(few), clock: room(few) }
    }

    fn fill(&mut self, call: &mut Call) {
        let (mut empty, mut clock) = (empty(), clock());
        let few = self.empty.iter_mut().zip(&mut self.clock);
        for ((calls, few), first) in self.calls.chunks_mut(EVERY).zip(few).zip((0..).step_by(EVERY))
        {
            *few.0 = timed(&mut empty, first);
            *few.1 = timed(&mut clock, first);
            for (time, step) in calls.iter_mut().zip(first..) {
                *time = timed(call, step);
            }
        }
    }
}

#[inline]
fn timed(call: &mut Call, step: u64) -> u32 {
    let since = Instant::now();
    call(step);
    since.elapsed().as_nanos().try_into().unwrap_or(u32::MAX)
}

fn empty() -> Call {
    Box::new(|step| {
        black_box(step);
    })
}

/// A call that reads the clock once.
pub(crate) fn clock() -> Call {
    Box::new(|_| {
        black_box(Instant::now());
    })
}

/// Times `each` calls in every thread. All threads begin together.
pub(crate) fn sample(calls: Vec<Call>, each: usize) -> Vec<Samples> {
    on_threads(calls, |call, start| {
        let mut samples = Samples::of_length(each);
        start.wait();
        samples.fill(call);
        samples
    })
}

/// The mean time of a call in the median batch of [`BATCH`], in nanoseconds.
pub(crate) fn batched(calls: Vec<Call>, each: usize) -> f64 {
    let times = on_threads(calls, |call, start| {
        let mut times = vec![0_u64; each / BATCH];
        start.wait();
        for (time, first) in times.iter_mut().zip((0..).step_by(BATCH)) {
            let since = Instant::now();
            (first..first + BATCH as u64).for_each(&mut *call);
            *time = since.elapsed().as_nanos() as u64;
        }
        times
    });
    median(&times.concat()) as f64 / BATCH as f64
}

fn on_threads<T: Send>(calls: Vec<Call>, work: impl Fn(&mut Call, &Barrier) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(calls.len());
    let (work, start) = (&work, &start);
    thread::scope(|scope| {
        let threads: Vec<_> =
            calls.into_iter().map(|mut call| scope.spawn(move || work(&mut call, start))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// What is subtracted from samples, and what they are compared with, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Baseline {
    /// The median sample of an empty call.
    pub(crate) empty: f64,
    /// The net median of one read of the clock.
    pub(crate) clock: f64,
}

impl Baseline {
    pub(crate) fn of(threads: &[Samples]) -> Self {
        let middle = |times: fn(&Samples) -> &Vec<u32>| {
            let all: Vec<u32> = threads.iter().flat_map(times).copied().collect();
            f64::from(median(&all))
        };
        let empty = middle(|samples| &samples.empty);
        Self { empty, clock: middle(|samples| &samples.clock) - empty }
    }
}
