//! Names of operating systems in the sources, outside the rooms that are for them.

use std::{fs, path::Path};

/// What belongs to one system or to a few.
const NAMES: [&str; 11] = [
    "rustix::",
    "libc::",
    "signal_hook",
    "nix::",
    "std::os::",
    "os::unix",
    "target_os",
    "cfg(unix",
    "cfg(windows",
    "/proc/",
    "/dev/",
];

/// Code that names none, though it looks like it.
const ALLOWED: [(&str, &str, &str); 1] =
    [("tracker-cli", "view/patch/quoted.rs", "git's own word for no file, on every system")];

/// The lines with such names of a crate, outside `platform/` or `platform.rs`, comments and tests.
pub(crate) fn outside_of_their_room(crate_name: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_name).join("src");
    let mut found = Vec::new();
    look(&root, &root, crate_name, &mut found);
    found
}

fn look(root: &Path, folder: &Path, crate_name: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        let is_room = name == "platform" || name == "platform.rs";
        let is_test = name.ends_with("tests") || name.ends_with("tests.rs") || name == "testing";
        let is_allowed = ALLOWED.iter().any(|(of, file, _)| (*of, *file) == (crate_name, &*name));
        if is_room || is_test || is_allowed {
            continue;
        }
        if path.is_dir() {
            look(root, &path, crate_name, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("mod tests {").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let named = lines.filter(|line| NAMES.iter().any(|name| line.contains(name)));
            found.extend(named.map(|line| format!("{crate_name}/src/{name}: {}", line.trim())));
        }
    }
}
