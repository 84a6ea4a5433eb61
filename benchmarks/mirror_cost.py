#!/usr/bin/env python3
"""What `tracker mirror` costs beside a training that logs 3 metrics at 1,000 steps a second.

    cargo build --release -p tracker-cli -p tracker-export --bin tracker --example steady
    benchmarks/mirror_cost.py target/release/tracker target/release/examples/steady [SECONDS [TOOL]]

Trains once without a mirror and once with one, and once with a mirror beside a run that logs nothing.
"""

import os
import subprocess
import sys
import tempfile
import time


def cpu(usage):
    return usage.ru_utime + usage.ru_stime


def started(*command):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def ended(process):
    """The seconds of processor that a process took, and what it said."""
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, (process.args, status, said)
    return cpu(usage), usage.ru_maxrss / 1024, said


def measure(tracker, steady, seconds, rate, tool):
    with tempfile.TemporaryDirectory() as folder:
        store, out = os.path.join(folder, "store"), os.path.join(folder, "out")
        training = started(steady, store, str(seconds), str(rate))
        mirror = None
        if tool:
            while not os.path.isdir(os.path.join(store, "steady")):
                time.sleep(0.01)
            time.sleep(0.3)
            mirror = started(tracker, "mirror", "steady", "--to", tool, out, "--dir", store)
        trained, _, call = ended(training)
        line = f"training {trained / seconds:.3%} of a core, {call.strip()} ns a step's log call"
        if mirror:
            begun = time.time()
            mirrored, memory, said = ended(mirror)
            assert f" {3 * seconds * rate} points" in said, said
            line += f"; mirror {mirrored / seconds:.3%} of a core, {memory:.0f} MB, ends {time.time() - begun:.1f} s later"
        return line


def main():
    tracker, steady = sys.argv[1:3]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    tool = sys.argv[4] if len(sys.argv) > 4 else "tensorboard"
    print("without a mirror:", measure(tracker, steady, seconds, 1000, None), flush=True)
    print(f"with a mirror to {tool}:", measure(tracker, steady, seconds, 1000, tool), flush=True)
    print("idle, 1 step a second:", measure(tracker, steady, seconds, 1, tool), flush=True)


if __name__ == "__main__":
    main()
