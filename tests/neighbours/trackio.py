"""Writes every run of a store to Trackio's inbox, lets Trackio import it, and compares each value with what `tracker
export` says, bit for bit. Writes and imports once more: twice is once.

    pip install trackio==0.43.0
    python -P tests/neighbours/trackio.py target/release/tracker STORE
"""

import csv
import datetime
import io
import json
import os
import struct
import subprocess
import sys
import tempfile

TRACKER, STORE = sys.argv[1:3]
HOME = tempfile.mkdtemp()
os.environ.update(TRACKIO_DIR=HOME, HF_HUB_OFFLINE="1")
# This file has the name of the package, and its folder would come first.
sys.path.pop(0)

import trackio  # noqa: E402: it reads the environment
from PIL import Image  # noqa: E402
from trackio import fragments, utils  # noqa: E402
from trackio.sqlite_storage import SQLiteStorage  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SYSTEM = "system/"


def bits(value):
    """The 64 bits of a float, with which even NaN equals itself."""
    return struct.pack("<d", float(value))


def micros(time):
    """Microseconds since 1970, exactly."""
    return (datetime.datetime.fromisoformat(time) - EPOCH) // datetime.timedelta(microseconds=1)


def tracker(*arguments):
    command = [TRACKER, "--dir", STORE, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported(run):
    """The points that Trackio can hold: name, step, time, value. It keeps no steps of what the machine does."""
    points = []
    for row in csv.DictReader(io.StringIO(tracker("export", run, "--to", "csv"))):
        name, step = row["key"], int(row["step"])
        is_system = name.startswith(SYSTEM)
        if step < 2**63 or is_system:
            points.append((name, None if is_system else step, micros(row["time"]), bits(row["value"])))
    return sorted(points, key=repr)


def key_to_name(key):
    rest = key.removeprefix("__")
    return rest if rest != key and (rest in utils.RESERVED_KEYS or rest.startswith("__")) else key


def kept(project, run):
    """The points that Trackio has of a run, read with its own reader of a database."""
    points = []
    for table, begin in [("metrics", ""), ("system_metrics", SYSTEM)]:
        step = "step" if table == "metrics" else "NULL AS step"
        sql = f"SELECT timestamp, {step}, metrics FROM {table} WHERE run_id = '{run}'"
        for row in SQLiteStorage.query_project(project, sql, max_rows=10**9)["rows"]:
            for key, value in utils.deserialize_values(json.loads(row["metrics"])).items():
                if isinstance(value, float):
                    name = begin + key_to_name(key)
                    points.append((name, row["step"], micros(row["timestamp"]), bits(value)))
    return sorted(points, key=repr)


def pictures(project):
    """How many pictures Trackio finds for the project's values. Each must be one."""
    count = 0
    for row in SQLiteStorage.query_project(project, "SELECT metrics FROM metrics", max_rows=10**9)["rows"]:
        for value in json.loads(row["metrics"]).values():
            if isinstance(value, dict) and value["_type"] == "trackio.image":
                with Image.open(utils.MEDIA_DIR / value["file_path"]) as picture:
                    picture.load()
                count += 1
    return count


def main():
    runs = json.loads(tracker("ls", "--json"))["runs"]
    assert runs, "the store has no runs"
    total = 0
    for turn in range(2):
        for run in runs:
            tracker("export", run["id"], "--to", "trackio", HOME)
        imported = fragments.import_inbox_dir()
        assert imported > 0, "nothing was imported"
        assert not os.listdir(os.path.join(HOME, "inbox")), "the inbox is read whole"
        for run in runs:
            project = "".join(c for c in run["project"] if c.isalnum() or c in "-_")
            wanted, found = exported(run["id"]), kept(project, run["id"])
            assert wanted == found, f"{run['id']}, turn {turn}: {len(wanted)} points, {len(found)} found"
            names = [known.name for known in trackio.Api().runs(project) if known.id == run["id"]]
            assert names == [run["name"]], names
            total += len(found)
    project = "".join(c for c in runs[0]["project"] if c.isalnum() or c in "-_")
    query = ["query", "project", "--project", project, "--sql", "SELECT count(*) AS lines FROM metrics", "--json"]
    program = os.path.join(os.path.dirname(sys.executable), "trackio")
    answer = json.loads(subprocess.run([program, *query], check=True, capture_output=True, text=True).stdout)
    assert answer["rows"][0]["lines"] > 0, answer
    projects = {"".join(c for c in run["project"] if c.isalnum() or c in "-_") for run in runs}
    seen = sum(pictures(project) for project in projects)
    print(f"{len(runs)} runs, {total} points in two turns, {seen} pictures: Trackio has them bit for bit, each once")


if __name__ == "__main__":
    main()
