//! Pictures, tables, plots and files on the command line and from the server.

use std::fs;

use serde_json::{Value, json};
use tracker_core::{ConfusionMatrix, Image, MediaFile, PrCurve, RocCurve, Run, Table};

use super::{
    server::{Server, id, percent},
    support::{FIRST, SECOND, Store, assert_text, finish_as_if, texts},
};

fn gray(value: u8) -> Image {
    Image::gray8(4, 2, vec![value; 8]).unwrap()
}

/// A run with one of each kind, and pictures at three steps.
fn log_media(store: &Store, run: &Run) {
    let page = store.path().join("page.html");
    fs::write(&page, "<script>alert(1)</script>").unwrap();
    for step in [10_u64, 20, 30] {
        run.log_media(
            "samples/valid",
            step,
            [gray(step as u8).caption(format!("of step {step}\nwith two lines")), gray(200)],
        );
    }
    let mut table = Table::new(["id", "image", "guess", "good"]).key("id");
    for row in 0..250_u32 {
        let image = if row == 7 { Some(gray(7)) } else { None };
        table.push([
            row.into(),
            image.into(),
            format!("guess {}", row % 5).into(),
            (row % 2 == 0).into(),
        ]);
    }
    run.log_media("mistakes", 30_u64, table);
    run.log_media("confusion", 30_u64, ConfusionMatrix::new(["cat", "dog"]).add(0, 1).add(1, 1));
    run.log_media("pr", 30_u64, PrCurve::of(&[0.1, 0.9], &[false, true]).unwrap());
    run.log_media("roc", 30_u64, RocCurve::of(&[0.1, 0.9], &[false, true]).unwrap());
    run.log_media("page", 30_u64, MediaFile::of(&page).unwrap().caption("a page"));
    run.log_media("tone", 30_u64, MediaFile::wav(8_000, 1, &[0.0; 80]).unwrap());
}

fn store_with_media() -> Store {
    let store = Store::new();
    let run = store.init("pictures").system_metrics(false).start().unwrap();
    log_media(&store, &run);
    finish_as_if(&run, FIRST, 2);
    store
}

#[test]
fn media_are_listed_by_their_names() {
    let store = store_with_media();
    assert_text!(store.prints(&["show", "pictures"]));
}

#[test]
fn the_media_of_a_name_are_listed_step_by_step() {
    let store = store_with_media();
    assert_text!(store.prints(&["show", "pictures", "--media", "samples/valid"]));
    let shown =
        store.json(&["show", "pictures", "--media", "samples/valid", "--step", "20", "--json"]);
    let media = shown["media"].as_array().unwrap();
    assert_eq!((media.len(), &media[0]["step"]), (1, &json!(20)));
    assert_eq!(media[0]["items"][0]["type"], "image");
    assert_eq!(media[0]["items"][0]["width"], 4);
}

#[test]
fn a_name_or_a_step_that_is_not_there_is_told_with_those_that_are() {
    let store = store_with_media();
    let said = store.fails(&["show", "pictures", "--media", "nothing"]);
    assert!(said.contains("no media `nothing`") && said.contains("samples/valid"), "{said}");
    let said = store.fails(&["show", "pictures", "--media", "pr", "--step", "7"]);
    assert!(said.contains("nothing at step 7") && said.contains("30"), "{said}");
}

#[test]
fn media_are_saved_as_files_that_are_named_by_their_steps() {
    let store = store_with_media();
    let folder = store.path().join("saved");
    let out = folder.to_str().unwrap();
    let shown = store.json(&[
        "show",
        "pictures",
        "--media",
        "samples/valid",
        "--step",
        "20",
        "--save",
        out,
        "--json",
    ]);
    let saved = shown["media"][0]["items"][1]["saved"].as_str().unwrap();
    assert!(saved.ends_with("samples_valid/step-00000020-1.png"), "{saved}");
    let saved = fs::read(folder.join("samples_valid/step-00000020-1.png")).unwrap();
    assert!(saved.starts_with(b"\x89PNG"));
    let files = fs::read_dir(folder.join("samples_valid")).unwrap().count();
    assert_eq!(files, 2);
}

#[test]
fn all_media_of_a_run_are_exported_with_points_or_without() {
    let store = store_with_media();
    let folder = store.path().join("all");
    let output = store.tracker(&["export", "pictures", "--media", folder.to_str().unwrap()]);
    let (out, err) = texts(&output);
    assert!(output.status.success() && out.is_empty(), "{err}");
    let has = |path: &str| folder.join(path).is_file();
    assert!(has("samples_valid/step-00000010-0.png") && has("page/step-00000030-0.html"));
    assert!(has("mistakes/step-00000030-0.parquet") && has("tone/step-00000030-0.wav"));
    let inside = fs::read_dir(folder.join("mistakes/step-00000030-0")).unwrap().count();
    assert_eq!(inside, 1, "the pictures in a table are beside it");
    let plot = fs::read(folder.join("confusion/step-00000030-0.json")).unwrap();
    let plot: Value = serde_json::from_slice(&plot).unwrap();
    assert_eq!(plot["counts"], json!([0, 1, 0, 1]));
    let csv = store.prints(&[
        "export",
        "pictures",
        "--to",
        "csv",
        "--media",
        store.path().join("b").to_str().unwrap(),
    ]);
    assert!(csv.starts_with("run,key,step"), "{csv}");
}

#[test]
fn a_file_that_is_gone_is_left_out_with_a_warning() {
    let store = store_with_media();
    fs::remove_dir_all(store.path().join("mnist").join(FIRST).join("media")).unwrap();
    let folder = store.path().join("saved");
    let output = store.tracker(&[
        "show",
        "pictures",
        "--media",
        "samples/valid",
        "--save",
        folder.to_str().unwrap(),
    ]);
    let (_, err) = texts(&output);
    assert!(err.contains("media") && err.contains("hint"), "{err}");
    assert!(err.contains("wrote 0 files"), "{err}");
}

#[test]
fn a_report_holds_the_pictures_of_the_last_steps_and_the_plots() {
    let store = store_with_media();
    let path = store.path().join("report.html");
    store.prints(&["report", "pictures", "-o", path.to_str().unwrap()]);
    let html = fs::read_to_string(path).unwrap();
    let begin = html.find("id=\"tracker-report\">").unwrap() + "id=\"tracker-report\">".len();
    let end = html[begin..].find("</script>").unwrap() + begin;
    let saved: Value = serde_json::from_str(&html[begin..end]).unwrap();
    let answers = &saved["answers"];
    let base = format!("/api/v1/runs/{FIRST}/media");
    assert_eq!(answers[&base]["names"].as_array().unwrap().len(), 7);
    let samples = &answers[format!("{base} samples/valid")];
    assert_eq!(samples["steps"], json!([30]));
    let content = samples["media"][0]["content"].as_str().unwrap();
    assert!(content.starts_with("data:image/png;base64,"), "{content}");
    assert_eq!(answers[format!("{base} roc")]["media"][0]["item"]["area"], 1.0);
    assert!(answers[format!("{base} page")]["media"][0]["content"].is_null());
}

#[test]
fn the_server_gives_media_by_name_step_and_hash() {
    let store = Store::new();
    let run = store.init("pictures").start().unwrap();
    log_media(&store, &run);
    run.finish().unwrap();
    let (id, server) = (id(&run), Server::of(&store));
    let names = server.json(&format!("/api/v1/runs/{id}/media"));
    let told: Vec<_> = names["names"].as_array().unwrap().iter().map(|of| &of["name"]).collect();
    assert_eq!(told, ["confusion", "mistakes", "page", "pr", "roc", "samples/valid", "tone"]);
    let samples = &names["names"][5];
    assert_eq!((&samples["kind"], &samples["steps"]), (&json!("picture"), &json!([10, 20, 30])));
    let name = percent("samples/valid");
    let at = server.json(&format!("/api/v1/runs/{id}/media?name={name}&step=20"));
    assert_eq!((&at["step"], at["media"].as_array().unwrap().len()), (&json!(20), 2));
    let last = server.json(&format!("/api/v1/runs/{id}/media?name={name}"));
    assert_eq!(last["step"], 30);
    let picture = server.get(at["media"][0]["content"].as_str().unwrap());
    assert!(picture.body.starts_with(b"\x89PNG"));
    assert_eq!(picture.header("content-type"), Some("image/png"));
    assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
    assert!(picture.header("content-disposition").unwrap().starts_with("inline"));
    let page = server.json(&format!("/api/v1/runs/{id}/media?name=page"));
    let page = server.get(page["media"][0]["content"].as_str().unwrap());
    assert!(page.header("content-disposition").unwrap().starts_with("attachment"));
    assert!(page.header("content-security-policy").unwrap().contains("sandbox"));
    for bad in ["x", "..%2f..%2frun.json", &"g".repeat(64), &"0".repeat(64)] {
        let status = server.get(&format!("/api/v1/runs/{id}/media/{bad}")).status;
        assert!([400, 404].contains(&status), "{bad}: {status}");
    }
    for bad in ["step=x", "what=1", "name=page&step=-1"] {
        assert_eq!(server.get(&format!("/api/v1/runs/{id}/media?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn rows_of_a_table_are_sorted_filtered_and_paged_by_the_server() {
    let store = Store::new();
    let run = store.init("pictures").start().unwrap();
    log_media(&store, &run);
    run.finish().unwrap();
    let (id, server) = (id(&run), Server::of(&store));
    let at = server.json(&format!("/api/v1/runs/{id}/media?name=mistakes"));
    let hash = at["media"][0]["item"]["sha256"].as_str().unwrap().to_owned();
    let rows = |query: &str| server.json(&format!("/api/v1/runs/{id}/tables/{hash}?{query}"));
    let first = rows("from=5&count=3");
    assert_eq!(
        (&first["of"], &first["matching"], &first["key"]),
        (&json!(250), &json!(250), &json!("id"))
    );
    assert_eq!(first["columns"][1], json!({ "name": "image", "type": "image" }));
    assert_eq!(first["rows"][0], json!([5.0, null, "guess 0", false]));
    assert!(first["rows"][2][1]["sha256"].is_string());
    let down = rows("sort=-id&count=1");
    assert_eq!(down["rows"][0][0], 249.0);
    let found = rows("filter=GUESS%203&sort=id&count=2&from=1");
    assert_eq!((&found["matching"], &found["rows"][0][0]), (&json!(50), &json!(8.0)));
    assert_eq!(rows("from=1000")["rows"], json!([]));
    for bad in ["sort=nothing", "count=100000", "from=x"] {
        let path = format!("/api/v1/runs/{id}/tables/{hash}?{bad}");
        assert_eq!(server.get(&path).status, 400, "{bad}");
    }
    let picture = server.json(&format!("/api/v1/runs/{id}/media?name=samples%2Fvalid"));
    let picture = picture["media"][0]["item"]["sha256"].as_str().unwrap();
    let status = server.get(&format!("/api/v1/runs/{id}/tables/{picture}")).status;
    assert_eq!(status, 500, "a picture is no table");
}

#[test]
fn tables_of_several_runs_are_put_side_by_side_by_their_keys() {
    let store = Store::new();
    let run = |name: &str, ids: [u32; 3]| {
        let run = store.init(name).start().unwrap();
        let mut table = Table::new(["id", "guess"]).key("id");
        for row in ids {
            table.push([row.into(), format!("{name} {row}").into()]);
        }
        run.log_media("guesses", 5_u64, table);
        run.finish().unwrap();
        id(&run)
    };
    let (one, other) = (run("one", [1, 2, 3]), run("other", [2, 3, 4]));
    let empty = store.init("empty").start().unwrap();
    empty.finish().unwrap();
    let server = Server::of(&store);
    let asked = json!({ "runs": [one, other, id(&empty)], "name": "guesses", "step": 5 });
    let joined = server.post("/api/v1/tables/join", &asked);
    let joined: Value = serde_json::from_slice(&joined.body).unwrap();
    assert_eq!((&joined["key"], &joined["of"]), (&json!("id"), &json!(4)));
    assert!(joined["columns"][2].is_null());
    let rows = joined["rows"].as_array().unwrap();
    assert_eq!(rows[0], json!({ "key": 1.0, "cells": [[1.0, "one 1"], null, null] }));
    assert_eq!(rows[1]["cells"], json!([[2.0, "one 2"], [2.0, "other 2"], null]));
    assert_eq!(rows[3]["cells"], json!([null, [4.0, "other 4"], null]));
    let none = json!({ "runs": [one], "name": "guesses", "key": "colour" });
    let none = server.post("/api/v1/tables/join", &none);
    assert_eq!(none.status, 200);
}

#[test]
fn names_that_look_alike_as_folders_keep_their_own() {
    let store = Store::new();
    let run = store.init("names").start().unwrap();
    for name in ["a/b", "a_b", "../../x", "a b"] {
        run.log_media(name, 1_u64, gray(1));
    }
    finish_as_if(&run, SECOND, 1);
    let folder = store.path().join("all");
    store.prints(&["export", "names", "--media", folder.to_str().unwrap()]);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["______x", "a_b", "a_b~2", "a_b~3"]);
}
