//! All of the command that names an operating system. As in tracker-core, one of two files is
//! compiled: `unix`, or `portable`, which Windows gets.

#[cfg(any(not(unix), feature = "portable"))]
mod portable;
#[cfg(all(unix, not(feature = "portable")))]
mod unix;

#[cfg(any(not(unix), feature = "portable"))]
use portable as system;
#[cfg(all(unix, not(feature = "portable")))]
use unix as system;

pub(crate) use system::{
    ask_to_end, before_signals_end, cores, count_interrupts, count_terminations,
    create_private_file, create_private_folder, is_of_another_user, kill_family, opener,
    run_in_place, start_apart, terminal_width,
};
