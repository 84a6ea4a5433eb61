//! What the machine does while a training runs: processors, memory, disks, network, the process itself.
//!
//! One thread a process samples all of it, after 1, 2 and 5 seconds and then each 10, and hands it to the
//! runs that live. On Linux; elsewhere the [`Sensor`]s that a program brings itself are all there are.
//!
//! | module | what |
//! |---|---|
//! | `sensor` | [`Sensor`], [`Readings`], counters that become rates |
//! | `sampler` | the thread: when it looks, and for whom |
//! | `machine` | the sensors of this machine: `cpu`, `memory`, `disk`, `network`, `pressure`, `cgroup`, `process`, `amd_gpu`, `nvidia_gpu` |
//! | `visible_devices` | which of the graphics cards a process may use |

mod amd_gpu;
mod cgroup;
mod cpu;
pub(crate) mod disk;
pub(crate) mod machine;
mod memory;
mod network;
mod nvidia_gpu;
mod pressure;
mod process;
pub(crate) mod sampler;
pub(crate) mod sensor;
mod visible_devices;

pub use sensor::{Readings, Sensor};
