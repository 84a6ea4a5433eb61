#!/usr/bin/env python3
"""How long a point takes from a log call to the page on another machine, through a bucket.

    cargo build --release -p tracker-cli -p tracker-export --bin tracker --example steady
    benchmarks/far_page.py --moto /path/to/moto_server [--seconds 60]

A training logs ten steps a second and sends its run to moto; `tracker ui --store` reads it from there into a cache of its
own. A step has come when the page's stream has told of it and its curve was answered. A line a setting: the median, the
95th of a hundred and the longest of all steps' ways, in seconds.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT, PAGE, RATE = 5077, 7077, 10
KEY = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}
SETTINGS = [
    {},
    {"TRACKER_SYNC_EVERY": "1", "TRACKER_FETCH_EVERY": "0.5"},
    {"TRACKER_SYNC_EVERY": "0.5", "TRACKER_FETCH_EVERY": "0.25"},
]


def answered(address, method="GET", asked=None):
    """What an address answers, once it does."""
    body = asked and json.dumps(asked).encode()
    for _ in range(200):
        try:
            request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method=method)
            with urllib.request.urlopen(request) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{address} does not answer")


def seen(page, steps):
    """When each step had come to the page, by its number."""
    came = {}
    with urllib.request.urlopen(f"{page}/api/v1/live") as stream:
        for line in stream:
            if not line.startswith(b"data:") or b'"last_step"' not in line:
                continue
            runs = list(json.loads(line[5:])["runs"])
            curve = answered(f"{page}/api/v1/curves", "POST", {"metrics": ["loss"], "runs": runs})
            now, length = time.time(), int.from_bytes(curve[8:12], "little")
            last = json.loads(curve[16 : 16 + length])["series"][0]["last_step"]
            came.update((step, now) for step in range(len(came), last + 1))
            if len(came) >= steps:
                return came


def logged(store, environment, tracker):
    """When each step was logged, by its number."""
    command = [tracker, "export", "steady", "--to", "csv", "--dir", store]
    told = subprocess.check_output(command, env=environment, text=True)
    rows = csv.DictReader(told.splitlines())
    return {int(row["step"]): datetime.fromisoformat(row["time"]).timestamp() for row in rows if row["key"] == "loss"}


def measure(setting, bucket, given):
    moto, page, place = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{PAGE}", f"s3://{bucket}/runs"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory() as folder:
        store = f"{folder}/store"
        environment = {**os.environ, **KEY, **setting, "AWS_ENDPOINT_URL": moto, "TRACKER_BIN": str(given.tracker)}
        trains, reads = {**environment, "TRACKER_SYNC": place}, {**environment, "TRACKER_CACHE": f"{folder}/cache"}
        answered(f"{moto}/{bucket}", "PUT")
        training = subprocess.Popen([given.steady, store, str(given.seconds), str(RATE)], env=trains, **quiet)
        # The first round has sent the run, which is looked at as it goes on.
        time.sleep(5)
        command = [given.tracker, "ui", "--store", place, "--port", str(PAGE), "--no-open"]
        ui = subprocess.Popen(command, env=reads, **quiet)
        try:
            answered(f"{page}/api/v1/runs")
            begun = time.time()
            came = seen(page, given.seconds * RATE)
            training.wait()
            times = logged(store, environment, given.tracker)
            ways = sorted(came[step] - at for step, at in times.items() if at > begun)
        finally:
            ui.kill()
            training.kill()
    return statistics.median(ways), ways[len(ways) * 95 // 100], ways[-1]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--moto", required=True)
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--tracker", default=ROOT / "target/release/tracker")
    arguments.add_argument("--steady", default=ROOT / "target/release/examples/steady")
    given = arguments.parse_args()
    moto = subprocess.Popen([given.moto, "-p", str(PORT)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        print("| setting | median, s | 95 of 100, s | longest, s |\n|---|---|---|---|")
        for index, setting in enumerate(SETTINGS):
            name = " ".join(f"{key}={value}" for key, value in setting.items()) or "as it comes"
            median, most, longest = measure(setting, f"far-page-{index}", given)
            print(f"| {name} | {median:.2f} | {most:.2f} | {longest:.2f} |", flush=True)
    finally:
        moto.kill()


if __name__ == "__main__":
    main()
