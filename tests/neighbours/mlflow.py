"""Exports each ended run of a store to a real MLflow server, twice, and compares what MLflow's own client reads there
with what `tracker export` says, bit for bit; then what the import reads of the server's database.

usage: mlflow.py TRACKER STORE    (with mlflow installed; the examples `everything` and `hard_run` of tracker-export
make a store worth looking at)
"""

import csv
import datetime
import io
import json
import math
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

# This file has the name of the package that it needs.
sys.path = [place for place in sys.path if os.path.abspath(place) != os.path.dirname(os.path.abspath(__file__))]

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def bits(value):
    """The 64 bits of a float, with which even NaN equals itself. MLflow's database knows one NaN and one zero."""
    return struct.pack("<d", math.nan if math.isnan(value) else value + 0.0)


def run(*command):
    """What a command prints."""
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr[-3000:]}"
    return done.stdout


def exported(tracker, store, id):
    """The points of a run as MLflow can hold them: name, step, millisecond, bits. `None` of a damaged run."""
    told = subprocess.run([tracker, "--dir", store, "export", id, "--to", "csv"], capture_output=True, text=True)
    if told.returncode != 0:
        return None
    points = set()
    for row in csv.DictReader(io.StringIO(told.stdout)):
        micros = (datetime.datetime.fromisoformat(row["time"]) - EPOCH) // datetime.timedelta(microseconds=1)
        if int(row["step"]) < 2**63 and micros >= 0:
            points.add((row["key"], int(row["step"]), micros // 1000, bits(float(row["value"]))))
    return points


def start_server(folder, port=0):
    """A server on a free port, or on this one, with what it keeps in a folder."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", "127.0.0.1", "--port", str(port),
         "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/mlartifacts"],
        stdout=open(os.path.join(folder, "log"), "w"), stderr=subprocess.STDOUT, start_new_session=True, cwd=folder)
    for _ in range(240):
        assert server.poll() is None, open(os.path.join(folder, "log")).read()
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5)
            return server, address
        except OSError:
            time.sleep(1)
    raise AssertionError("the server did not start")


def stop(server):
    """Ends the server with its worker."""
    os.killpg(server.pid, 15)
    server.wait(60)


def there(client, remote, names):
    """The points of a run as MLflow's client reads them, by the names that they had."""
    points = []
    for metric in remote.data.metrics:
        name = names.get(metric, metric)
        for point in client.get_metric_history(remote.info.run_id, metric):
            points.append((name, point.step, point.timestamp, bits(point.value)))
    assert len(points) == len(set(points)), "a point is there twice"
    return set(points)


def infinite(points):
    """MLflow's database has the greatest numbers for infinities, and its client reads them so."""
    shown = {math.inf: sys.float_info.max, -math.inf: -sys.float_info.max}
    def kept(value):
        number = struct.unpack("<d", value)[0]
        return bits(shown.get(number, number))
    return {(name, step, millis, kept(value)) for name, step, millis, value in points}


def imported(tracker, database, store):
    """What the import brings into a store: runs by the tracker's id, each with its points."""
    run(tracker, "--dir", store, "import", database, "--yes")
    runs = {}
    for one in json.loads(run(tracker, "--dir", store, "ls", "--json"))["runs"]:
        about = json.loads(run(tracker, "--dir", store, "show", one["id"], "--json"))["run"]["about"]
        runs[about["mlflow"]["tracker.run_id"]] = one, exported(tracker, store, one["id"])
    return runs


def main():
    import mlflow

    tracker, store = map(os.path.abspath, sys.argv[1:])
    # Warnings of other runs are none of ours.
    listed = subprocess.run([tracker, "--dir", store, "ls", "--json"], capture_output=True, text=True).stdout
    ended = [one for one in json.loads(listed)["runs"] if one["state"] in ("finished", "failed", "stopped", "ended")]
    assert ended, "the store has no run that has ended"
    folder = tempfile.mkdtemp()
    server, address = start_server(folder)
    try:
        client = mlflow.MlflowClient(address)
        wanted = {}
        for one in ended:
            id = one["id"]
            points = exported(tracker, store, id)
            if points is None:
                print(f"{one['name']} is damaged, and not compared")
                continue
            wanted[id] = points
            command = [tracker, "--dir", store, "export", id, "--to", "mlflow", address, "--json"]
            said = [json.loads(run(*command)) for _ in range(2)]
            names = {written: name for name, written in said[0]["runs"][0]["renamed"].items()}
            experiment = client.get_experiment_by_name(one["project"])
            found = client.search_runs([experiment.experiment_id], f"tags.`tracker.run_id` = '{id}'")
            assert len(found) == 1, "exported twice, it is there once"
            remote = client.get_run(found[0].info.run_id)
            assert there(client, remote, names) == infinite(wanted[id]), id
            assert remote.info.run_name == one["name"]
            files = [file.path for file in client.list_artifacts(remote.info.run_id)]
            print(f"{one['name']}: {len(wanted[id])} points, {remote.info.status}, {files}")
        runs = imported(tracker, os.path.join(folder, "mlflow.db"), os.path.join(folder, "store"))
        assert set(runs) == set(wanted)
        for one in (one for one in ended if one["id"] in wanted):
            told, points = runs[one["id"]]
            assert infinite(points) == infinite(wanted[one["id"]]), one["id"]
            assert told["name"] == one["name"] and told["project"] == one["project"]
    finally:
        stop(server)
    shutil.rmtree(folder)
    print(f"{len(wanted)} runs: MLflow's client and the import read what was exported")


if __name__ == "__main__":
    main()
