//! Names of folders and files.

use tracker_core::read::RunInfo;

/// The longest name of a folder that is made of a project's or a run's.
const LONGEST: usize = 100;

/// A name as a folder: what could lead elsewhere, or what a system or TensorBoard's filter stumbles over, becomes `_`.
pub(crate) fn folder_name(name: &str) -> String {
    let keep = |letter: char| {
        let is_kept = letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+' | '=');
        if is_kept { letter } else { '_' }
    };
    let mut folder: String = name.chars().map(keep).collect();
    folder.truncate(folder.floor_char_boundary(LONGEST));
    if folder.is_empty() || folder.starts_with('.') {
        folder.insert(0, '_');
    }
    folder
}

/// The folder of a run below that of its project: its name, and enough of its id that no two have the same.
pub(crate) fn run_folder(info: &RunInfo) -> String {
    let id = info.id.as_str();
    let short = id.get(id.len().saturating_sub(8)..).unwrap_or(id);
    format!("{}-{}", folder_name(&info.name), short.to_lowercase())
}

/// The name of a run's event file, the same whenever it is exported. TensorBoard takes the files of a folder in the order
/// of their names; Hugging Face shows those with such a name as training metrics.
pub(crate) fn file_name(info: &RunInfo) -> String {
    let seconds = info.started_at.as_micros().max(0) / 1_000_000;
    let host = folder_name(&info.provenance.host);
    format!("events.out.tfevents.{seconds:010}.{host}.{}.0", info.provenance.pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for (name, folder) in [
            ("calm-otter", "calm-otter"),
            ("../../etc", "_.._.._etc"),
            ("..", "_.."),
            ("", "_"),
            ("a/b\\c\0d\n", "a_b_c_d_"),
            ("größe 2", "größe_2"),
        ] {
            assert_eq!(folder_name(name), folder);
        }
        assert_eq!(folder_name(&"é".repeat(200)).len(), LONGEST);
    }
}
