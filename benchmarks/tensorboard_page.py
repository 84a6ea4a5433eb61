#!/usr/bin/env python3
"""How long TensorBoard takes to open 100 runs: those that its own writer wrote, and the same after they were imported and
exported by tracker.

    python3 -m venv /tmp/tensorboard && /tmp/tensorboard/bin/pip install 'tensorboard==2.21.*' 'setuptools<81'
    cargo build --release -p tracker-cli
    /tmp/tensorboard/bin/python -P benchmarks/tensorboard_page.py target/release/tracker [RUNS [METRICS [STEPS]]]

What its page asks for is asked of its server: all tags, until all runs are there, and then a chart of each metric with all
runs. Both folders in turns, five times. Prints the medians and their ratio.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

ROUNDS = 5
START = 1_700_000_000
PORT = 6106


def name(metric):
    return f"part-{metric % 4}/metric-{metric}"


def write(folder, runs, metrics, steps):
    for run in range(runs):
        writer = EventFileWriter(os.path.join(folder, f"run-{run:03}"))
        for step in range(steps):
            values = [
                summary_pb2.Summary.Value(tag=name(metric), simple_value=1 / (step + metric + run + 1))
                for metric in range(metrics)
            ]
            summary = summary_pb2.Summary(value=values)
            writer.add_event(event_pb2.Event(wall_time=START + step, step=step, summary=summary))
        writer.close()


def asked(path, form=None):
    data = None if form is None else urllib.parse.urlencode(form, doseq=True).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/data/{path}", data, timeout=60) as answer:
        return json.load(answer)


def opened(folder, runs, metrics):
    """The seconds until all runs are there, and all charts of all runs after that."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--port", str(PORT)]
    began = time.monotonic()
    # A session of its own: it starts a reader beside it.
    board = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while True:
            assert board.poll() is None, "TensorBoard has ended"
            try:
                tags = asked("plugin/scalars/tags")
            except OSError:
                tags = {}
            if len(tags) >= runs and all(len(of_run) >= metrics for of_run in tags.values()):
                break
            time.sleep(0.02)
        listed = time.monotonic()
        points = 0
        for metric in range(metrics):
            form = {"tag": name(metric), "runs": sorted(tags)}
            points += sum(len(rows) for rows in asked("plugin/scalars/scalars_multirun", form).values())
        assert points > 0
        return listed - began, time.monotonic() - listed, points
    finally:
        os.killpg(board.pid, 15)
        board.wait()
        time.sleep(0.5)


def bytes_of(folder):
    return sum(os.path.getsize(os.path.join(at, file)) for at, _, files in os.walk(folder) for file in files)


def main():
    tracker, *numbers = sys.argv[1:]
    runs, metrics, steps = [int(number) for number in numbers] + [100, 40, 1_000][len(numbers):]
    with tempfile.TemporaryDirectory() as folder:
        own, ours, store = (os.path.join(folder, part) for part in ("own", "ours", "store"))
        write(own, runs, metrics, steps)
        quiet = {"stdout": subprocess.DEVNULL, "check": True}
        subprocess.run([tracker, "--dir", store, "import", own, "--group", "all"], **quiet)
        subprocess.run([tracker, "--dir", store, "export", "@group:all", "--to", "tensorboard", ours], **quiet)
        sizes = f"{bytes_of(own):,} bytes of its own, {bytes_of(ours):,} of ours"
        print(f"{runs} runs, {metrics} metrics, {steps:,} steps: {sizes}")
        taken = {own: [], ours: []}
        for _ in range(ROUNDS):
            for which in (own, ours):
                taken[which].append(opened(which, runs, metrics))
        for part, what in enumerate(("until all runs are there", "all charts of all runs")):
            theirs, mine = ([times[part] for times in taken[which]] for which in (own, ours))
            ratios = [one / other for one, other in zip(mine, theirs)]
            print(
                f"{what}: its own {statistics.median(theirs):.2f} s, ours {statistics.median(mine):.2f} s, "
                f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            )
        points = {times[2] for which in taken.values() for times in which}
        print(f"points in the charts: {sorted(points)}")


if __name__ == "__main__":
    main()
