//! Settings as dot paths, and where runs differ in them: as tracker-core lays them side by side.

pub(crate) use tracker_core::read::{
    ComparedSetting as Setting, compared_settings as side_by_side,
    compared_settings_within as side_by_side_within, shown_setting as shown,
};

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};
    use tracker_core::read::settings_by_path;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("not a map") };
        map
    }

    #[test]
    fn maps_become_dot_paths_and_keys_with_dots_stay_apart() {
        let config = map(json!({
            "a": {"b": 1, "c": {}}, "a.b": 2, "list": [1, 2], "layers": [{"size": 3}, 4],
        }));
        let flat: Vec<String> = settings_by_path(&config)
            .into_iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect();
        let wanted =
            ["a.b=1", "a.c={}", "\"a.b\"=2", "list=[1,2]", "layers.0.size=3", "layers.1=4"];
        assert_eq!(flat, wanted);
    }

    #[test]
    fn no_two_settings_have_the_same_path_and_the_paths_are_those_of_the_page() {
        let cases = include_str!("../../web/tests/flatten_cases.json");
        let cases: Value = serde_json::from_str(cases).unwrap();
        let paths = settings_by_path(cases["settings"].as_object().unwrap()).into_iter();
        let paths: Vec<String> = paths.map(|(path, _)| path).collect();
        assert_eq!(json!(paths), cases["paths"]);
    }
}
