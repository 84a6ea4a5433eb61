//! What each of the trainings that run at once gets of the machine.

use std::{num::NonZeroUsize, process::Command};

use anyhow::{Result, bail};

use crate::{args::sweep::Gpus, platform};

/// More than anybody has cores for.
const MOST: usize = 1_024;

/// The room for one training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Its GPU, as `CUDA_VISIBLE_DEVICES` names it.
    pub(crate) gpu: Option<String>,
    /// Its cores; empty for all.
    pub(crate) cores: Vec<usize>,
}

/// As many as are asked for: one, or one for each GPU.
pub(crate) fn slots(jobs: Option<NonZeroUsize>, gpus: Option<&Gpus>) -> Result<Vec<Slot>> {
    let gpus = match gpus {
        None => Vec::new(),
        Some(Gpus::These(these)) => these.clone(),
        Some(Gpus::Auto) => found(std::env::var("CUDA_VISIBLE_DEVICES").ok())?,
    };
    let jobs = jobs.map_or(gpus.len().max(1), NonZeroUsize::get);
    if jobs > MOST {
        bail!(
            "{jobs} trainings at once are more than any machine trains\nhint: give `-j` a number up to {MOST}"
        );
    }
    Ok(shared(jobs, &gpus, &platform::cores()))
}

/// The GPUs and cores in equal shares.
fn shared(jobs: usize, gpus: &[String], cores: &[usize]) -> Vec<Slot> {
    let slot = |place: usize| Slot {
        gpu: (!gpus.is_empty()).then(|| gpus.get(place % gpus.len()).cloned()).flatten(),
        cores: share(cores, place, jobs).to_vec(),
    };
    (0..jobs).map(slot).collect()
}

/// The cores of one of several. None are its own where there are fewer of them than trainings, or one training alone.
fn share(cores: &[usize], place: usize, of: usize) -> &[usize] {
    if of < 2 || cores.len() < of {
        return &[];
    }
    let (from, to) = (place * cores.len() / of, (place + 1) * cores.len() / of);
    cores.get(from..to).unwrap_or_default()
}

/// All GPUs that this process may use.
fn found(visible: Option<String>) -> Result<Vec<String>> {
    let names = |text: &str, between: char| -> Vec<String> {
        let names = text.split(between).map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty() && name != "-1").take(MOST).collect()
    };
    let found = if let Some(visible) = visible {
        names(&visible, ',')
    } else {
        let told = Command::new("nvidia-smi")
            .args(["--query-gpu=index", "--format=csv,noheader"])
            .output();
        let told = told.ok().filter(|told| told.status.success());
        told.map(|told| names(&String::from_utf8_lossy(&told.stdout), '\n')).unwrap_or_default()
    };
    if found.is_empty() {
        bail!(
            "no GPU was found: `nvidia-smi` names none, or CUDA_VISIBLE_DEVICES is empty\nhint: name them, as in \
             `--gpus 0,1`, or leave `--gpus` out"
        );
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_and_gpus_are_shared_out_without_one_left_over() {
        let cores: Vec<usize> = (0..8).collect();
        let gpus = ["0".to_owned(), "1".to_owned()];
        let slots = shared(3, &gpus, &cores);
        let all: Vec<usize> = slots.iter().flat_map(|slot| slot.cores.clone()).collect();
        assert_eq!(all, cores);
        let gpus: Vec<_> = slots.iter().filter_map(|slot| slot.gpu.as_deref()).collect();
        assert_eq!(gpus, ["0", "1", "0"]);
    }

    #[test]
    fn one_training_has_all_cores_and_so_have_more_than_there_are_cores() {
        assert_eq!(shared(1, &[], &[0, 1]), [Slot { gpu: None, cores: Vec::new() }]);
        assert!(shared(3, &[], &[0, 1]).iter().all(|slot| slot.cores.is_empty()));
    }

    #[test]
    fn gpus_are_those_that_the_environment_lets_see() {
        assert_eq!(found(Some("2, GPU-ab".into())).unwrap(), ["2", "GPU-ab"]);
        let said = found(Some("-1".into())).unwrap_err().to_string();
        assert!(said.starts_with("no GPU was found") && said.contains("hint: "), "{said}");
    }

    #[test]
    fn the_gpus_of_the_command_line_are_names_alone() {
        assert_eq!("auto".parse(), Ok(Gpus::Auto));
        assert_eq!("0, 1".parse(), Ok(Gpus::These(vec!["0".into(), "1".into()])));
        assert!(["", "0,,1", "0 1", "0;x"].iter().all(|text| text.parse::<Gpus>().is_err()));
    }
}
