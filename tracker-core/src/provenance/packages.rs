//! The versions of the packages that a program was built with, from its `Cargo.lock`.

use std::{
    collections::BTreeMap,
    env,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Each package's version by its name; several versions of one package stand side by side, as
/// `0.1.0, 0.2.0`.
pub(crate) type Packages = BTreeMap<String, String>;

/// No lock file of a program is longer.
const LONGEST: u64 = 4 << 20;

/// The packages of the lock file nearest to the program, or to where it was started. `None` where
/// there is none, as on a machine to which only the program was copied.
pub(crate) fn collect() -> Option<Packages> {
    let beside_program = env::current_exe().ok();
    let beside_manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let around = env::current_dir().ok();
    let places = [beside_manifest, beside_program, around];
    let lock = places.into_iter().flatten().find_map(|place| nearest_lock(&place))?;
    read(&lock).ok().map(|text| of_lock(&text))
}

#[expect(clippy::disallowed_methods, reason = "looks around a program for its lock file")]
fn nearest_lock(place: &Path) -> Option<PathBuf> {
    place.ancestors().map(|folder| folder.join("Cargo.lock")).find(|lock| lock.is_file())
}

#[expect(clippy::disallowed_methods, reason = "the lock file of a program")]
fn read(lock: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(lock)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Cargo writes one key a line, the name before the version, so a few lines of code do the work of
/// a TOML library.
fn of_lock(text: &str) -> Packages {
    let mut packages = Packages::new();
    let mut name = None;
    for line in text.lines() {
        if let Some(found) = quoted(line, "name = ") {
            name = Some(found);
        } else if let Some(version) = quoted(line, "version = ")
            && let Some(name) = name.take()
        {
            packages
                .entry(name.to_owned())
                .and_modify(|known| *known = format!("{known}, {version}"))
                .or_insert_with(|| version.to_owned());
        }
    }
    packages
}

fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_gives_every_package_with_all_its_versions() {
        let lock = r#"
            version = 4

            [[package]]
            name = "rand"
            version = "0.8.5"
            dependencies = [
             "libc",
            ]

            [[package]]
            name = "rand"
            version = "0.9.2"

            [[package]]
            name = "tracker-core"
            version = "0.1.0"
        "#;
        let lock: Vec<&str> = lock.lines().map(str::trim).collect();
        let wanted = [("rand", "0.8.5, 0.9.2"), ("tracker-core", "0.1.0")];
        let wanted = wanted.map(|(name, version)| (name.to_owned(), version.to_owned()));
        assert_eq!(of_lock(&lock.join("\n")), Packages::from(wanted));
    }

    #[test]
    fn what_is_no_lock_file_has_no_packages() {
        assert_eq!(of_lock("name = \"half\nversion\n\0\u{fffd}"), Packages::new());
    }

    #[test]
    fn the_nearest_lock_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("target/release");
        std::fs::create_dir_all(&inner).unwrap();
        let lock = folder.path().join("Cargo.lock");
        std::fs::write(&lock, "").unwrap();
        assert_eq!(nearest_lock(&inner.join("train")), Some(lock));
    }
}
