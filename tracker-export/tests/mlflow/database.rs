//! What a fake server keeps, as MLflow's database keeps it.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::fake_server::State;

/// The tables of MLflow that matter, as its version 3 makes them.
pub(crate) const TABLES: &str = "
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
    CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL, artifact_location VARCHAR(256),
        lifecycle_stage VARCHAR(32), PRIMARY KEY (experiment_id));
    CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), user_id VARCHAR(256), status VARCHAR(9),
        start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER,
        PRIMARY KEY (run_uuid));
    CREATE TABLE metrics (\"key\" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
        run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
        PRIMARY KEY (\"key\", timestamp, step, run_uuid, value, is_nan));
    CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
    CREATE TABLE params (\"key\" VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL,
        PRIMARY KEY (\"key\", run_uuid));
    CREATE TABLE tags (\"key\" VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL,
        PRIMARY KEY (\"key\", run_uuid));";

/// Writes the database `mlflow.db`, and the files beside it.
pub(crate) fn write(state: &State, folder: &Path) {
    let connection = Connection::open(folder.join("mlflow.db")).unwrap();
    connection.execute_batch(TABLES).unwrap();
    connection.execute_batch("BEGIN").unwrap();
    for (at, name) in state.experiments.iter().enumerate() {
        let experiment = "INSERT INTO experiments VALUES (?1, ?2, '', 'active')";
        connection.execute(experiment, params![at as i64, name]).unwrap();
    }
    for (at, run) in state.runs.iter().enumerate() {
        let id = format!("run{at}");
        let artifacts = format!("mlflow-artifacts:/{}/{id}/artifacts", run.experiment);
        let number = |key: &str| run.info.get(key).and_then(serde_json::Value::as_i64);
        connection
            .execute(
                "INSERT INTO runs VALUES (?1, '', 'me', ?2, ?3, ?4, 'active', ?5, ?6)",
                params![
                    id,
                    run.info["status"].as_str(),
                    number("start_time"),
                    number("end_time"),
                    artifacts,
                    run.experiment
                ],
            )
            .unwrap();
        for (key, value) in &run.params {
            connection
                .execute("INSERT INTO params VALUES (?1, ?2, ?3)", params![key, value, id])
                .unwrap();
        }
        for (key, value) in &run.tags {
            connection
                .execute("INSERT INTO tags VALUES (?1, ?2, ?3)", params![key, value, id])
                .unwrap();
        }
        let mut insert =
            connection.prepare("INSERT INTO metrics VALUES (?1, ?2, ?3, ?4, ?5, ?6)").unwrap();
        for (key, step, millis, bits) in &run.points {
            let value = f64::from_bits(*bits);
            let kept = if value.is_nan() { 0.0 } else { value };
            insert.execute(params![key, kept, millis, id, step, value.is_nan()]).unwrap();
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    for (place, bytes) in &state.artifacts {
        let path = folder.join("mlartifacts").join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
