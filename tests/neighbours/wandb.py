"""Writes each finished run of a store as an offline run of W&B, and compares what W&B's own tools read of it with what
`tracker export` says, bit for bit: `wandb leet inspect`, the reader of `wandb` 0.29 and older where it is there, and
what `wandb sync` sends to a server of this test on the loopback. `examples/one_of_everything.rs` writes such a store.

usage: wandb.py TRACKER CONVERT STORE    (with `wandb` from PyPI; CONVERT is tracker-export's example)
"""

import csv
import glob
import http.server
import io
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading

BESIDE = ("_step", "_runtime", "_timestamp")


def bits(value):
    """The 64 bits of a float; every NaN is the same, as W&B has one."""
    return "NaN" if math.isnan(value) else struct.pack("<d", value)


def exported(tracker, store, run):
    """What `tracker export` says of a run: the last value of each metric at each step."""
    command = [tracker, "--dir", store, "export", run, "--to", "csv"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = {}
    for row in csv.DictReader(io.StringIO(text)):
        if not row["key"].startswith("system/") and int(row["step"]) < 2**63:
            key = f"tracker/{row['key']}" if row["key"] in BESIDE else row["key"]
            rows[int(row["step"]), key] = bits(float(row["value"]))
    return rows


def numbers(row):
    """The numbers of one row of history, by step and metric. Numbers that are not finite may be strings."""
    found = {}
    for key, value in row.items():
        if value in ("NaN", "Infinity", "-Infinity"):
            value = float(value)
        if key not in BESIDE and isinstance(value, (int, float)) and not isinstance(value, bool):
            found[int(row["_step"]), key] = bits(float(value))
    return found


def inspected(log):
    """The history as `wandb leet inspect` prints it; `None` where this version has no such command."""
    known = subprocess.run(["wandb", "leet", "inspect", "--help"], capture_output=True, text=True)
    if "--json" not in known.stdout:
        return None
    command = ["wandb", "leet", "inspect", "--json", log]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = {}
    for line in text.splitlines():
        record = json.loads(line, parse_int=float)
        if record["type"] == "history":
            rows.update(numbers(record["history"].get("item", {})))
    return rows


def scanned(log):
    """The history as the reader of older versions has it; `None` where this version has none."""
    try:
        from wandb.sdk.internal.datastore import DataStore
    except ImportError:
        return None
    from wandb.proto import wandb_internal_pb2

    store, rows = DataStore(), {}
    store.open_for_scan(log)
    while (data := store.scan_data()) is not None:
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        if record.WhichOneof("record_type") == "history":
            rows.update(numbers({item.key: json.loads(item.value_json, parse_int=float) for item in record.history.item}))
    return rows


class Server(http.server.BaseHTTPRequestHandler):
    """As much of W&B's server as `wandb sync` asks for."""

    history = []
    operations = set()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip
            body = gzip.decompress(body)
        if "file_stream" in self.path:
            files = json.loads(body).get("files") or {}
            chunk = files.get("wandb-history.jsonl", {})
            self.history.extend(json.loads(line, parse_int=float) for line in chunk.get("content", []))
            return self.answer({"exitcode": None, "limits": {}})
        if "graphql" not in self.path:
            return self.answer({})
        return self.answer({"data": self.graphql(json.loads(body))})

    def graphql(self, asked):
        variables = asked.get("variables") or {}
        name = (re.findall(r"(?:query|mutation)\s+(\w+)", asked["query"]) or [""])[0]
        self.operations.add(name)
        project = {"name": variables.get("project") or "mnist", "entity": {"name": "me"}}
        bucket = {
            "id": "bucket", "name": variables.get("name") or "run", "displayName": "run", "project": project,
            "historyLineCount": 0, "sweepName": None, "config": "{}",
        }
        viewer = {"id": "1", "entity": "me", "username": "me", "flags": "{}", "teams": {"edges": []}}
        files = [
            {"name": file, "uploadUrl": f"http://{self.headers['Host']}/upload/{file}"}
            for file in variables.get("files") or []
        ]
        return {
            "viewer": viewer, "serverInfo": {"features": [], "cliVersionInfo": {}},
            "upsertBucket": {"bucket": bucket, "inserted": True},
            "createRunFiles": {"runID": "bucket", "uploadHeaders": [], "files": files},
            "model": {"bucket": None}, "project": None, "entity": {"organization": None},
            "notifyScriptableRunAlert": {"success": True},
        }

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer({})

    def do_GET(self):
        self.answer({})

    def answer(self, value):
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def synced(folder):
    """The history that `wandb sync` sends."""
    Server.history.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = dict(os.environ, WANDB_API_KEY="0" * 40, WANDB_BASE_URL=f"http://127.0.0.1:{server.server_port}")
    done = subprocess.run(["wandb", "sync", folder], env=environment, capture_output=True, text=True, timeout=120)
    server.shutdown()
    if done.returncode != 0:
        sys.exit(f"wandb sync failed:\n{done.stdout}{done.stderr}")
    rows = {}
    for row in Server.history:
        rows.update(numbers(row))
    return rows


def compare(who, wanted, found):
    if found is not None and wanted != found:
        missing = [key for key in wanted if found.get(key) != wanted[key]][:5]
        sys.exit(f"{who} reads {len(found)} values, not {len(wanted)}; first that differ: {missing}")


def main():
    tracker, convert, store = sys.argv[1:]
    runs = json.loads(subprocess.run(
        [tracker, "--dir", store, "ls", "--json"], check=True, capture_output=True, text=True).stdout)
    runs = runs["runs"] if isinstance(runs, dict) else runs
    for run in (run["id"] for run in runs):
        wanted = exported(tracker, store, run)
        with tempfile.TemporaryDirectory() as out:
            subprocess.run([convert, store, run, f"wandb:{out}"], check=True, capture_output=True)
            (folder,) = glob.glob(os.path.join(out, "offline-run-*"))
            (log,) = glob.glob(os.path.join(folder, "run-*.wandb"))
            compare("wandb leet inspect", wanted, inspected(log))
            compare("DataStore", wanted, scanned(log))
            compare("wandb sync", wanted, synced(folder))
        print(f"{run}: {len(wanted)} values as W&B reads and sends them")


if __name__ == "__main__":
    main()
