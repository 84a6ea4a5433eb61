//! Saved views of a project, in files that people commit.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::PathBuf};

use serde_json::{Map, Value, json};
use tracker_core::{
    Error,
    read::{Project, Store, ViewName},
};

struct Place {
    folder: tempfile::TempDir,
    project: Project,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let project = Store::open(folder.path()).unwrap().project("mnist");
    Place { folder, project }
}

impl Place {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(".views/mnist").join(name)
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.file("")).unwrap();
        fs::write(self.file(name), text).unwrap();
    }

    fn save(&self, view: &str, smooth: f64, over: Option<&str>) -> Result<String, Error> {
        let saved = self.project.save_view(&name(view), shown(smooth), over)?;
        Ok(saved.revision)
    }
}

fn name(text: &str) -> ViewName {
    text.parse().unwrap()
}

fn shown(smooth: f64) -> Map<String, Value> {
    let Value::Object(shown) = json!({ "smooth": smooth, "pins": ["m:train/loss"] }) else {
        unreachable!()
    };
    shown
}

#[test]
fn a_view_comes_back_as_it_was_saved_and_is_no_project() {
    let place = place();
    let revision = place.save("losses", 0.5, None).unwrap();
    let view = place.project.view(&name("losses")).unwrap();
    assert_eq!((view.shown, view.revision), (shown(0.5), revision));
    let text = fs::read_to_string(place.file("losses.json")).unwrap();
    assert!(text.starts_with("{\n  \"version\": 1,\n  \"view\": {\n"), "{text}");
    assert_eq!(place.project.views().unwrap().len(), 1);
    let store = Store::open(place.folder.path()).unwrap();
    assert!(store.projects().unwrap().is_empty());
}

#[test]
fn of_two_who_save_one_view_the_second_is_told() {
    let place = place();
    let first = place.save("a", 0.1, None).unwrap();
    place.save("a", 0.2, Some(&first)).unwrap();
    for over in [Some(&*first), None] {
        let error = place.save("a", 0.3, over).unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        assert!(place.project.remove_view(&name("a"), &first).is_err());
        assert!(place.project.rename_view(&name("a"), &name("b"), &first).is_err());
    }
    let now = place.project.view(&name("a")).unwrap();
    assert_eq!(now.shown, shown(0.2));
    place.project.remove_view(&name("a"), &now.revision).unwrap();
    let gone = place.save("a", 0.3, Some(&now.revision)).unwrap_err();
    assert!(gone.to_string().contains("removed since"), "{gone}");
    place.save("a", 0.3, None).unwrap();
}

#[test]
fn a_view_is_renamed_and_capitals_make_no_second_one() {
    let place = place();
    let revision = place.save("Losses", 0.1, None).unwrap();
    place.save("other", 0.1, None).unwrap();
    let error = place.save("losses", 0.2, None).unwrap_err();
    assert!(error.to_string().contains("there is a view `Losses`"), "{error}");
    let taken = place.project.rename_view(&name("Losses"), &name("OTHER"), &revision);
    assert!(matches!(taken, Err(Error::Refused { .. })));
    let renamed = place.project.rename_view(&name("Losses"), &name("losses"), &revision).unwrap();
    assert_eq!((renamed.name.as_str(), renamed.shown), ("losses", shown(0.1)));
}

#[test]
fn what_a_view_of_another_hand_says_besides_is_kept() {
    let place = place();
    let text = r#"{"version":1,"author":"ana","view":{"smooth":0.9,"later":[1]}}"#;
    place.put("a.json", text);
    let view = place.project.view(&name("a")).unwrap();
    assert_eq!(view.shown["later"], json!([1]));
    place.save("a", 0.2, Some(&view.revision)).unwrap();
    let now: Value = serde_json::from_slice(&fs::read(place.file("a.json")).unwrap()).unwrap();
    assert_eq!(now["author"], "ana");
    assert_eq!(now["view"]["smooth"], 0.2);
}

#[test]
fn a_file_that_is_damaged_or_of_a_later_version_is_told_by_name_and_left_as_it_is() {
    let place = place();
    let files = [
        ("cut.json", r#"{"version":1,"view":{"#.to_owned()),
        ("later.json", r#"{"version":2,"view":{}}"#.to_owned()),
        ("list.json", r#"{"version":1,"view":[]}"#.to_owned()),
        ("none.json", "{}".to_owned()),
        ("long.json", format!(r#"{{"version":1,"view":{{"q":"{}"}}}}"#, "x".repeat(300 << 10))),
        ("CON.json", r#"{"version":1,"view":{}}"#.to_owned()),
    ];
    for (file, text) in &files {
        place.put(file, text);
    }
    place.put("README.md", "ours");
    let listed = place.project.views().unwrap();
    assert_eq!(listed.len(), files.len());
    for view in listed {
        assert!(files.iter().any(|(file, _)| *file == view.name), "{}", view.name);
        let error = view.view.unwrap_err();
        assert!(error.hint().is_some(), "{error}");
        if let Ok(name) = view.name.trim_end_matches(".json").parse() {
            let shown = || shown(0.1);
            assert!(place.project.save_view(&name, shown(), None).is_err());
            assert!(place.project.save_view(&name, shown(), Some("0")).is_err());
            assert!(place.project.remove_view(&name, "0").is_err());
        }
    }
    for (file, text) in files {
        assert_eq!(fs::read_to_string(place.file(file)).unwrap(), text, "{file}");
    }
}

#[test]
fn a_view_too_large_and_a_view_too_many_are_refused() {
    let place = place();
    let Value::Object(large) = json!({ "q": "x".repeat(257 << 10) }) else { unreachable!() };
    let error = place.project.save_view(&name("large"), large, None).unwrap_err();
    assert!(matches!(error, Error::InvalidName { .. }), "{error}");
    for number in 0..200 {
        place.put(&format!("{number}.json"), r#"{"version":1,"view":{}}"#);
    }
    let error = place.save("one more", 0.1, None).unwrap_err();
    assert!(error.to_string().contains("200 views"), "{error}");
    let known = place.project.view(&name("7")).unwrap();
    place.save("7", 0.5, Some(&known.revision)).unwrap();
}

#[test]
fn a_view_that_is_not_there_is_named_with_those_that_are() {
    let place = place();
    place.save("losses", 0.1, None).unwrap();
    let error = place.project.view(&name("lossy")).unwrap_err();
    assert!(matches!(error, Error::UnknownView { .. }), "{error}");
    assert!(error.hint().unwrap().contains("losses"));
}

#[cfg(unix)]
#[test]
fn no_link_leads_a_view_out_of_the_store() {
    use std::os::unix::fs::symlink;
    let place = place();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("a.json");
    fs::write(&secret, r#"{"version":1,"view":{}}"#).unwrap();
    fs::create_dir_all(place.file("")).unwrap();
    symlink(&secret, place.file("a.json")).unwrap();
    assert!(place.project.view(&name("a")).is_err());
    assert!(place.save("a", 0.1, None).is_err());
    fs::remove_dir_all(place.folder.path().join(".views")).unwrap();
    symlink(outside.path(), place.folder.path().join(".views")).unwrap();
    assert!(place.save("a", 0.1, None).is_err());
    assert_eq!(fs::read_to_string(&secret).unwrap(), r#"{"version":1,"view":{}}"#);
}

#[test]
fn a_project_that_would_lead_elsewhere_has_no_views() {
    let place = place();
    let store = Store::open(place.folder.path()).unwrap();
    for project in ["..", "../x", "", ".views", "a/b"] {
        assert!(store.project(project).views().is_err(), "{project}");
        assert!(store.project(project).save_view(&name("a"), shown(0.1), None).is_err());
    }
}
