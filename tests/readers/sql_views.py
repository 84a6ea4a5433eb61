"""Asks the views of `tracker sql` with DuckDB over a store of real runs, and compares each row with what `tracker export`
and `tracker ls` say, bit for bit: of runs that were resumed, forked, killed, brought in from elsewhere and deleted, with NaN,
infinities and the greatest step, in a store whose path has all that SQL and DuckDB's patterns could stumble over.

usage: sql_views.py TRACKER_BINARY HELLO_BINARY CANDLE_MNIST_BINARY SCRATCH_FOLDER [STORE]

STORE is one more store to compare, of trainings.
"""

import csv
import datetime
import io
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

import duckdb

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
VIEWS = ["runs", "config", "points", "summaries", "events", "alerts", "tables"]
DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "sql.md")
GREATEST = 2**64 - 1


def bits(value):
    """The 64 bits of a float, with which even NaN equals itself."""
    return struct.pack("<d", value)


def tracker(binary, store, *args):
    command = [binary, "--dir", store, *args]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def connected(binary, store, *args):
    """DuckDB with the views, as they are written now."""
    tracker(binary, store, "sql", *args)
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    with open(os.path.join(store, "views.sql"), encoding="utf-8") as views:
        db.execute(views.read())
    return db


def exported(binary, store, run):
    text = tracker(binary, store, "export", run, "--to", "csv")
    rows = set()
    for row in csv.DictReader(io.StringIO(text)):
        time = (datetime.datetime.fromisoformat(row["time"]) - EPOCH) // datetime.timedelta(microseconds=1)
        writer = int(row["writer"])
        value = bits(float(row["value"]))
        rows.add((row["key"], int(row["step"]), time, value, writer >> 16, writer & 65535, int(row["seq"])))
    return rows


def of_views(db, run):
    query = "SELECT metric, step, epoch_us(time), value, rank, attempt, seq FROM points WHERE run = ?"
    rows = db.execute(query, [run]).fetchall()
    found = {(metric, step, time, bits(value), *place) for metric, step, time, value, *place in rows}
    assert len(found) == len(rows), f"{run}: the view has rows twice"
    return found


def compare(binary, store, *args):
    """All runs of a store by both ways."""
    db = connected(binary, store, *args)
    listed = json.loads(tracker(binary, store, "ls", "--json"))["runs"]
    of_sql = {row[0]: row[1:] for row in db.execute("SELECT run, project, name, tags, \"group\" FROM runs").fetchall()}
    assert set(of_sql) == {run["id"] for run in listed}, (of_sql, [run["id"] for run in listed])
    count = 0
    for run in listed:
        project, name, tags, _ = of_sql[run["id"]]
        assert (project, name, tags) == (run["project"], run["name"], run["tags"]), (of_sql[run["id"]], run)
        expected = exported(binary, store, run["id"])
        found = of_views(db, run["id"])
        assert found == expected, f"{run['name']}: {len(found)} rows, {len(expected)} exported: {list(found ^ expected)[:4]}"
        count += len(found)
        sums = db.execute("SELECT metric, last, step, min, max, count FROM summaries WHERE run = ?", [run["id"]]).fetchall()
        for metric, last, step, least, greatest, points in sums:
            known = run["summary"][metric]
            number = lambda value: None if value is None else float(value)
            said = (bits(number(known["last"])), known["step"], number(known["min"]), number(known["max"]), known["count"])
            assert (bits(last), step, least, greatest, points) == said, (metric, last, step, least, greatest, points, known)
        assert len(sums) == len(run["summary"]), run["name"]
    print(f"{store!r}: {len(listed)} runs, {count} points, all equal")
    return db


def imported(binary, store, scratch):
    """A run of each odd value, by `tracker import`."""
    path = os.path.join(scratch, "odd.csv")
    values = ["nan", "inf", "-inf", "-0.0", "0.1", "5e-324", "1.7976931348623157e308"]
    steps = [0, 1, 2, 3, 2**53 + 1, 2**63, GREATEST]
    with open(path, "w", encoding="utf-8") as file:
        file.write("step,it's odd\n")
        file.writelines(f"{step},{value}\n" for step, value in zip(steps, values))
    tracker(binary, store, "import", path, "--project", "it's [a] project", "--yes")


def resumed(store, run):
    """What a training that went on from step 3 took back, as run.json says it."""
    path = os.path.join(run, "run.json")
    with open(path, encoding="utf-8") as file:
        known = json.load(file)
    known["resumes"] = [{"writer": "r0a2", "supersedes": ["r0a1"], "after_step": 3}]
    known["summary"], known["summary_of"] = {}, []
    with open(path, "w", encoding="utf-8") as file:
        json.dump(known, file)


def killed(binary, store, mnist, environment):
    """A training is killed: what it left is seen with --live, and once it is sealed, it is not seen twice."""
    command = [mnist, "--model", "linear", "--epochs", "20"]
    training = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    latest = lambda: json.loads(tracker(binary, store, "ls", "--json"))["runs"][0]
    deadline = time.monotonic() + 60
    while latest()["project"] != "mnist" or sum(sums["count"] for sums in latest()["summary"].values()) < 200:
        assert time.monotonic() < deadline and training.poll() is None, "the training logs nothing"
        time.sleep(0.2)
    while_it_lives = connected(binary, store, "--live")
    assert while_it_lives.execute("SELECT count(*) FROM points WHERE run = ?", [latest()["id"]]).fetchone()[0] >= 200
    training.send_signal(signal.SIGKILL)
    training.wait()
    db = compare(binary, store, "--live")
    tracker(binary, store, "doctor", "--seal")
    run = latest()["id"]
    assert of_views(db, run) == exported(binary, store, run), "what was sealed since is seen once"
    compare(binary, store)


def queries_of_docs(db):
    """Each block of SQL in the docs is run."""
    with open(DOCS, encoding="utf-8") as page:
        blocks = re.findall(r"```sql\n(.*?)```", page.read(), re.DOTALL)
    assert len(blocks) >= 5, "docs/sql.md has its queries"
    for block in blocks:
        db.execute(block).fetchall()
    return len(blocks)


def main():
    binary, hello, mnist = map(os.path.abspath, sys.argv[1:4])
    scratch = sys.argv[4]
    store = os.path.join(scratch, "it's [a] *store?", ".tracker")
    os.makedirs(store)
    db = connected(binary, store)
    for view in VIEWS:
        assert db.execute(f"SELECT count(*) FROM {view}").fetchone() == (0,), view
    print("an empty store: seven empty views")

    environment = {**os.environ, "TRACKER_DIR": store}
    for _ in range(3):
        subprocess.run([hello], check=True, capture_output=True, env=environment)
    compare(binary, store)
    runs = json.loads(tracker(binary, store, "ls", "--json"))["runs"]
    tracker(binary, store, "tag", runs[0]["id"], "+paper", "+it's")
    tracker(binary, store, "note", runs[0]["id"], "a note; DROP TABLE runs; --")
    folders = [os.path.join(store, run["project"], run["id"]) for run in runs]
    resumed(store, folders[1])
    tracker(binary, store, "rm", runs[2]["id"], "--yes")
    imported(binary, store, scratch)
    tracker(binary, store, "fork", runs[0]["id"] + "@5", "--", hello)
    for rank in range(2):
        of_rank = {**environment, "TRACKER_RUN_ID": "01K00000000000000000000000", "TRACKER_RANK": str(rank)}
        subprocess.run([hello], check=True, capture_output=True, env=of_rank)
    # A study's folder, an import that was killed, a torn line, a run that cannot be read are no runs of the views.
    os.makedirs(os.path.join(store, runs[0]["project"], ".studies", "s"))
    shutil.copytree(folders[0], os.path.join(store, ".importing", runs[0]["id"]))
    with open(os.path.join(folders[0], "events-r0a1.jsonl"), "ab") as events:
        events.write(b'{"time":"2026-01-01T00:00:00Z","ki')
    db = compare(binary, store)
    asked = db.execute("SELECT notes, tags FROM runs WHERE run = ?", [runs[0]["id"]]).fetchone()
    assert asked == ("a note; DROP TABLE runs; --", ["paper", "it's"]), asked
    steps = db.execute("SELECT max(step), count(*) FROM points WHERE NOT isfinite(value)").fetchone()
    assert steps == (2, 3), steps
    assert db.execute("SELECT max(step) FROM points").fetchone() == (GREATEST,)
    print(f"the {queries_of_docs(db)} queries of docs/sql.md run")
    # A program that reads the written file sees what came later.
    subprocess.run([hello], check=True, capture_output=True, env=environment)
    assert db.execute("SELECT count(*) FROM runs").fetchone() == (6,)
    killed(binary, store, mnist, environment)
    for other in sys.argv[5:]:
        compare(binary, os.path.abspath(other), "--live")
    print("passed")


if __name__ == "__main__":
    main()
