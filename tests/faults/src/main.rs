//! Plants each fault in trainings of several seeds, and prints how often it was told of rightly.

#![allow(clippy::print_stdout, reason = "it is a program that prints")]

use candle_hooks::WatchOptions;
use fault_tests::{Fault, judge, train};

fn main() -> anyhow::Result<()> {
    let seeds = std::env::args().skip_while(|arg| arg != "--seeds").nth(1);
    let seeds: u64 = seeds.map_or(Ok(20), |text| text.parse())?;
    println!("{:>14}  kind  layer  batch  right of {seeds}", "fault");
    for fault in Fault::ALL {
        let mut counts = [0; 4];
        for seed in 1..=seeds {
            let store = tempfile::tempdir()?;
            let planted = train(store.path(), Some(fault), seed, WatchOptions::new())?;
            let verdict = judge(store.path(), &planted)?;
            let named = [verdict.kind, verdict.layer, verdict.batch, verdict.is_right()];
            for (count, is_right) in counts.iter_mut().zip(named) {
                *count += u64::from(is_right);
            }
            if !verdict.is_right() {
                println!("  seed {seed}, step {}: {}", planted.step, verdict.said);
            }
        }
        let [kind, layer, batch, right] = counts;
        println!("{:>14}  {kind:>4}  {layer:>5}  {batch:>5}  {right}", format!("{fault:?}"));
    }
    Ok(())
}
