//! Makes a store for the checks with other tools: two runs as somebody compares them, one with something of every kind, and one
//! that is hard to hold for others.
//!
//! `everything STORE [digits] [one-of-each] [hard]`

mod digits;
mod hard;
mod one_of_each;

use std::error::Error;

type Write = fn(&str) -> Result<(), Box<dyn Error>>;

const ALL: [(&str, Write); 3] =
    [("digits", digits::write), ("one-of-each", one_of_each::write), ("hard", hard::write)];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let store = words.next().ok_or("usage: everything STORE [digits] [one-of-each] [hard]")?;
    let wanted: Vec<String> = words.collect();
    for (name, write) in ALL {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            write(&store)?;
        }
    }
    Ok(())
}
