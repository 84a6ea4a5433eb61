"""Makes the files that the tests of tracker-export import, by MLflow's own client: a database and a folder of runs.

usage: make_mlflow.py FOLDER    (with mlflow and pillow installed)
"""

import gzip
import os
import shutil
import sqlite3
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow
from PIL import Image

VALUES = [0.0, 0.1, -1.5, float("nan"), float("inf"), float("-inf"), 5e-324, 1 / 3, 1e300]


def log(client, experiment, name, status):
    """One run with all that a run may have."""
    tags = {"team": "vision", "draft": "", "mlflow.note.content": "A note\nof two lines.", "mlflow.user": "ada"}
    run = client.create_run(experiment, start_time=1_700_000_000_123, run_name=name, tags=tags).info.run_id
    for key, value in [("lr", 1e-05), ("epochs", 3), ("nesterov", True), ("model.name", "mlp"), ("seed", None)]:
        client.log_param(run, key, value)
    client.log_param(run, "words/of", "two\nlines")
    for step, value in enumerate(VALUES):
        client.log_metric(run, "train/loss", value, timestamp=1_700_000_000_200 + step, step=step)
    client.log_metric(run, "before the start", 1.0, timestamp=1_700_000_000_200, step=-1)
    client.log_metric(run, "größe 50", 7.0, timestamp=1_700_000_000_300, step=2**62)
    client.set_terminated(run, status, end_time=1_700_000_009_999)
    return run


def main():
    out = os.path.abspath(sys.argv[1])
    work = os.path.join(out, "work")
    os.makedirs(work)
    os.chdir(work)
    mlflow.set_tracking_uri(f"sqlite:///{work}/mlflow.db")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("digits")
    parent = log(client, experiment, "sweep", "FINISHED")
    child = log(client, experiment, "trial", "FAILED")
    client.set_tag(child, "mlflow.parentRunId", parent)
    client.log_inputs(parent, [mlflow.entities.DatasetInput(
        mlflow.entities.Dataset(name="mnist", digest="0af", source_type="local", source="{}"))])
    client.log_text(parent, "weights", "model.bin")
    client.create_run(experiment, start_time=1_700_000_000_124, run_name="goes on")
    client.delete_run(log(client, experiment, "deleted", "KILLED"))
    for step in (0, 5):
        client.log_image(parent, Image.new("RGB", (2, 2), (step, 0, 0)), key="valid/samples", step=step,
                         timestamp=1_700_000_000_500)
    database = sqlite3.connect("mlflow.db")
    database.execute("vacuum")
    database.close()
    with open("mlflow.db", "rb") as plain, gzip.GzipFile(os.path.join(out, "mlflow.db.gz"), "wb", mtime=0) as packed:
        shutil.copyfileobj(plain, packed)
    shutil.copytree(os.path.join(work, "mlruns", experiment, parent, "artifacts"),
                    os.path.join(out, "mlruns-of-db", experiment, parent, "artifacts"))

    mlflow.set_tracking_uri(f"file:{out}/mlruns")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("digits: all of them, with a name that is longer than one line of a YAML file")
    run = log(client, experiment, "trial # 1", "KILLED")
    client.log_image(run, Image.new("RGB", (2, 2)), key="valid/samples", step=5, timestamp=1_700_000_000_500)
    client.log_table(run, {"guess": [7, 1], "said": ["seven", "one"]}, "guesses.json")
    client.delete_run(log(client, experiment, "deleted", "FINISHED"))
    shutil.rmtree(work)


main()
