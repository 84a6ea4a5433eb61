//! What hooks hold of a training: nothing of its graphs.
//!
//! A file of its own, with one test: it counts what the whole process allocates.

mod common;

use std::alloc::System;

use candle_hooks::{
    candle_core::{DType, Module as _, Result, Tensor},
    candle_nn::{AdamW, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss},
    tracker_core::NoopTracker,
};
use common::{DEVICE, hooks};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many bytes more are alive after some steps than before them.
fn growth(hooks: &candle_hooks::Hooks) -> Result<isize> {
    let weights = VarMap::new();
    let model = linear(256, 256, VarBuilder::from_varmap(&weights, DType::F32, &DEVICE))?;
    let adamw = AdamW::new(weights.all_vars(), ParamsAdamW::default())?;
    let optimizer = hooks.optimizer(adamw).variables(&weights.all_vars());
    let mut optimizer = optimizer.clip_grad_norm(1.0);
    hooks.watch(&weights);
    let labels = Tensor::zeros(64, DType::U32, &DEVICE)?;
    let mut step = || -> Result<()> {
        // Each step makes tensors of 64 kB of its own.
        let logits = model.forward(&Tensor::ones((64, 256), DType::F32, &DEVICE)?)?;
        let loss = loss::cross_entropy(&logits, &labels)?;
        hooks.accuracy(&logits, &labels)?;
        hooks.metric("greatest", &logits.max_all()?);
        optimizer.backward_step(&loss)?;
        hooks.valid(|valid| valid.loss(&loss));
        Ok(())
    };
    // What is made once, such as names and buffers.
    for _ in 0..60 {
        step()?;
    }
    let region = Region::new(ALLOCATOR);
    for _ in 0..200 {
        step()?;
    }
    let change = region.change();
    Ok(change.bytes_allocated.cast_signed() - change.bytes_deallocated.cast_signed())
}

#[test]
fn hooks_hold_nothing_of_the_graph() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = candle_hooks::tracker_core::init("memory").dir(store.path()).start();
    let run = run.map_err(candle_hooks::candle_core::Error::wrap)?;
    let (bare, hooked) = (growth(&hooks(NoopTracker::new()))?, growth(&hooks(&run))?);
    let held = hooked - bare;
    // One gradient or one set of logits that a step leaves behind would be 13 MB after 200 steps.
    assert!(held < 512 * 1024, "{held} bytes beside the {bare} of the same loop untracked");
    run.finish().map_err(candle_hooks::candle_core::Error::wrap)?;
    Ok(())
}
