"""A training logs for some seconds while `tracker mirror` follows it to another tool, and that tool's own server or follower
reads along. In the middle the server is down for a while. In the end the tool has each point, once.

usage: python -P live.py TRACKER STEADY mlflow|trackio|wandb    (with that tool from PyPI; STEADY is an example of tracker-export)
"""

import collections
import csv
import datetime
import glob
import http.server
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Files here have the names of packages.
sys.path = [place for place in sys.path if os.path.abspath(place) != HERE]

SECONDS, RATE = 60, 25
POINTS = SECONDS * RATE * 3
DOWN = 4


def beside(name):
    """Another of these scripts, as a module."""
    spec = importlib.util.spec_from_file_location(f"neighbour_{name}", os.path.join(HERE, f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def until(what, is_so, seconds=180):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.2)


class Training:
    """A training that logs, and the mirror that follows it."""

    def __init__(self, tracker, steady, to):
        self.store = os.path.join(tempfile.mkdtemp(), "store")
        self.tracker = tracker
        self.process = subprocess.Popen([steady, self.store, str(SECONDS), str(RATE)], stdout=subprocess.PIPE)
        until("the run begins", lambda: glob.glob(os.path.join(self.store, "steady", "*", "run.json")))
        command = [tracker, "--dir", self.store, "mirror", "@latest", "--to", *to, "--json"]
        self.mirror = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def is_in_the_middle(self):
        """That it still logs."""
        assert self.process.poll() is None, "the training has ended before its mirror was tried: give it more SECONDS"

    def end(self):
        """Waits until both have ended; answers what the mirror said."""
        assert self.process.wait(120) == 0
        told, said = self.mirror.communicate(timeout=300)
        assert self.mirror.returncode == 0, f"{told}\n{said}"
        return said

    def points(self):
        """What it has logged: name, step, time, value."""
        text = subprocess.run([self.tracker, "--dir", self.store, "export", "@latest", "--to", "csv"], check=True,
                              capture_output=True, text=True).stdout
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        micros = lambda text: (datetime.datetime.fromisoformat(text) - epoch) // datetime.timedelta(microseconds=1)
        points = [(row["key"], int(row["step"]), micros(row["time"]), float(row["value"])) for row in csv.DictReader(io.StringIO(text))]
        assert len(points) == POINTS, len(points)
        return sorted(points)


def each_once(wanted, found):
    """That the other tool has these points, and none of them twice."""
    twice = [point for point, count in collections.Counter(found).items() if count > 1]
    assert not twice, f"{len(twice)} points are there twice, such as {twice[:3]}"
    missing, foreign = set(wanted) - set(found), set(found) - set(wanted)
    assert not missing and not foreign, f"{len(missing)} are missing: {sorted(missing)[:3]}; {len(foreign)} are foreign: {sorted(foreign)[:3]}"


def mlflow(tracker, steady):
    """The server dies, and another one takes its place at the same address."""
    import mlflow as package

    server_of = beside("mlflow")
    folder = tempfile.mkdtemp()
    server, address = server_of.start_server(folder)
    try:
        training = Training(tracker, steady, ["mlflow", address])
        client = package.MlflowClient(address)

        def arrived():
            runs = client.search_runs([one.experiment_id for one in client.search_experiments()])
            return bool(runs and runs[0].data.metrics)

        until("the first points are there", arrived)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(60)
        training.is_in_the_middle()
        time.sleep(DOWN)
        server, _ = server_of.start_server(folder, int(address.rsplit(":", 1)[1]))
        said = training.end()
        assert "tried again" in said, f"the mirror met no server that was down: {said}"
        (run,) = client.search_runs([one.experiment_id for one in client.search_experiments()])
        found = [(metric, point.step, point.timestamp, point.value)
                 for metric in run.data.metrics for point in client.get_metric_history(run.info.run_id, metric)]
        each_once([(name, step, micros // 1000, value) for name, step, micros, value in training.points()], found)
        assert run.info.status == "FINISHED", run.info.status
    finally:
        server_of.stop(server)


def trackio(tracker, steady):
    """`trackio show` imports the inbox; it is killed, and started again later."""
    home = tempfile.mkdtemp()
    os.environ.update(TRACKIO_DIR=home, HF_HUB_OFFLINE="1", TRACKIO_INBOX_POLL_INTERVAL="5", BROWSER="true")
    from trackio.sqlite_storage import SQLiteStorage
    from trackio.utils import deserialize_values

    program = [os.path.join(os.path.dirname(sys.executable), "trackio"), "show"]
    # All that it says goes to a file: a pipe that nobody reads would stop it.
    log = open(os.path.join(home, "log"), "w")
    start = lambda: subprocess.Popen(program, stdout=log, stderr=log, start_new_session=True)
    rows = lambda: SQLiteStorage.query_project("steady", "SELECT timestamp, step, metrics FROM metrics", max_rows=10**9)["rows"]

    def arrived():
        try:
            return bool(rows())
        except Exception:  # There is no database yet.
            return False

    server = start()
    try:
        training = Training(tracker, steady, ["trackio", home])
        until("the first points are there", arrived)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(60)
        training.is_in_the_middle()
        time.sleep(DOWN)
        server = start()
        training.end()
        wanted = training.points()
        until("the inbox is read", lambda: not glob.glob(os.path.join(home, "inbox", "**", "*.jsonl"), recursive=True))
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        found = []
        for row in rows():
            micros = (datetime.datetime.fromisoformat(row["timestamp"]) - epoch) // datetime.timedelta(microseconds=1)
            found += [(name, row["step"], micros, value)
                      for name, value in deserialize_values(json.loads(row["metrics"])).items() if isinstance(value, float)]
        each_once(wanted, found)
    finally:
        os.killpg(server.pid, signal.SIGKILL)


def wandb(tracker, steady):
    """`wandb beta sync --live` follows the file that the mirror writes, and sends it to a server that is down for a while."""
    base = beside("wandb")
    lines = {}

    class Server(base.Server):
        """Lines of history have numbers: one that is sent once more takes its own place."""

        def do_POST(self):
            if "file_stream" not in self.path:
                return super().do_POST()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip
                body = gzip.decompress(body)
            chunk = (json.loads(body).get("files") or {}).get("wandb-history.jsonl", {})
            for number, line in enumerate(chunk.get("content", []), chunk.get("offset", 0)):
                assert lines.setdefault(number, line) == line, f"line {number} is there twice, and not the same"
            return self.answer({"exitcode": None, "limits": {}})

    def serve(port=0):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    out, server = tempfile.mkdtemp(), serve()
    port = server.server_port
    training = Training(tracker, steady, ["wandb", out])
    until("the file is there", lambda: glob.glob(os.path.join(out, "*", "run-*.wandb")))
    (log,) = glob.glob(os.path.join(out, "*", "run-*.wandb"))
    environment = dict(os.environ, WANDB_API_KEY="0" * 40, WANDB_BASE_URL=f"http://127.0.0.1:{port}")
    follower = subprocess.Popen(["wandb", "beta", "sync", "--live", "--yes", os.path.dirname(log)], env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until("the first points are there", lambda: lines)
    server.shutdown()
    server.server_close()
    training.is_in_the_middle()
    time.sleep(DOWN)
    server = serve(port)
    training.end()
    text, _ = follower.communicate(timeout=300)
    assert follower.returncode == 0, text
    found = []
    for line in lines.values():
        row = json.loads(line)
        found += [(name, int(row["_step"]), float(value)) for name, value in row.items() if name not in base.BESIDE]
    each_once([(name, step, value) for name, step, _, value in training.points()], found)
    server.shutdown()


def main():
    tracker, steady, tool = sys.argv[1:]
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    {"mlflow": mlflow, "trackio": trackio, "wandb": wandb}[tool](os.path.abspath(tracker), os.path.abspath(steady))
    print(f"{tool}: {POINTS} points, logged while it was down for {DOWN} s in the middle; it has each of them once")


if __name__ == "__main__":
    main()
