"""What it costs a training that its run is sent to a bucket, and what becomes of it when the link does.

    sudo python3 benchmarks/sync.py --moto /path/to/moto_server [--steps 100000] [--rounds 3]

Needs Linux, root (for network namespaces), `ip`, and these, built before:

    cargo build --release -p tracker-cli
    cargo build --release -p tracker-remote --example log_latency

The training stands in one network namespace, the bucket (moto) in another, with one link between them. Each case is run
in turn, so that all of them have the same machine. A line a case: the medians over the rounds, and the most memory that
`tracker sync` and the training took. Fails if an end took longer than it may wait, and a second.
"""

import argparse
import ctypes
import fcntl
import json
import os
import random
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRAINS, BUCKET = "tracker-trains", "tracker-bucket"
ENDPOINT = "http://10.77.0.2:5000"
KEY = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}
CASES = ["off", "on", "link dead", "30 % loss", "blackhole"]
# The run is sent by a thread of the training.
ITSELF = ", by itself"
CASES += [case + ITSELF for case in CASES[1:]]
WAIT = 3

LIBC = ctypes.CDLL(None, use_errno=True)
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)


def within(namespace, *words, **more):
    return subprocess.Popen(["ip", "netns", "exec", namespace, *map(str, words)], **more)


class Link(threading.Thread):
    """A link between the two namespaces, packet by packet, that loses a share of them: kernels without `netem` have none."""

    def __init__(self):
        super().__init__(daemon=True)
        self.lost = 0.0
        self.ends = [self._end(TRAINS, "10.77.0.1/24"), self._end(BUCKET, "10.77.0.2/24")]

    @staticmethod
    def _end(namespace, address):
        """A network device in the namespace whose packets this process reads and writes."""
        ours = os.open("/proc/self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/var/run/netns/{namespace}", os.O_RDONLY)
        LIBC.setns(theirs, 0)
        end = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", b"trk", IFF_TUN | IFF_NO_PI))
        LIBC.setns(ours, 0)
        ip("-n", namespace, "addr", "add", address, "dev", "trk")
        ip("-n", namespace, "link", "set", "trk", "up")
        return end

    def run(self):
        while True:
            for end in select.select(self.ends, [], [])[0]:
                try:
                    packet = os.read(end, 65_536)
                    if random.random() >= self.lost:
                        os.write(self.ends[1 - self.ends.index(end)], packet)
                except OSError:
                    time.sleep(0.01)  # One of the ends is down.


def build_network():
    take_down()
    for namespace in (TRAINS, BUCKET):
        ip("netns", "add", namespace)
        ip("-n", namespace, "link", "set", "lo", "up")
    link = Link()
    link.start()
    return link


def take_down():
    for namespace in (TRAINS, BUCKET):
        ip("netns", "del", namespace, check=False)


def set_link(link, case):
    """The state of the link for a case; whole for those that need none."""
    case = case.removesuffix(ITSELF)
    ip("-n", TRAINS, "link", "set", "trk", "down" if case == "link dead" else "up")
    link.lost = {"30 % loss": 0.3, "blackhole": 1.0}.get(case, 0.0)


def make_bucket():
    code = (
        "import socket,time,urllib.request\n"
        "for _ in range(100):\n"
        "  try: socket.create_connection(('10.77.0.2',5000),1); break\n"
        "  except OSError: time.sleep(.1)\n"
        f"r=urllib.request.Request('{ENDPOINT}/bench',method='PUT')\n"
        "urllib.request.urlopen(r)"
    )
    assert within(TRAINS, sys.executable, "-c", code).wait() == 0, "the bucket does not answer"


def senders(store):
    """The processes that send runs of this store."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"sync" in line and os.fsencode(str(store)) in line:
            found.append(entry)
    return found


def most_memory(entries):
    most = 0
    for entry in entries:
        try:
            status = (entry / "status").read_text()
        except OSError:
            continue
        most = max([most, *(int(l.split()[1]) >> 10 for l in status.splitlines() if l.startswith("VmHWM"))])
    return most


def train(link, case, steps, training, tracker):
    set_link(link, "on" if case == "off" else case)
    with tempfile.TemporaryDirectory() as store:
        environment = {**os.environ, **KEY, "TRACKER_DIR": store, "TRACKER_SYSTEM": "off"}
        environment |= {"TRACKER_BIN": str(tracker), "AWS_ENDPOINT_URL": ENDPOINT, "TRACKER_SYNC_WAIT": str(WAIT)}
        if case != "off":
            environment["TRACKER_SYNC"] = "s3://bench/runs"
        itself = ["itself"] if case.endswith(ITSELF) else []
        child = within(TRAINS, training, steps, *itself, env=environment, stdout=subprocess.PIPE, text=True)
        memory, own = 0, 0
        while child.poll() is None:
            memory = max(memory, most_memory(senders(store)))
            own = max(own, most_memory([Path("/proc") / str(child.pid)]))
            time.sleep(0.05)
        told = json.loads(child.stdout.read().splitlines()[-1])
        assert told["points"] == 2 * steps, told
        left = senders(store)
        memory = max(memory, most_memory(left))
        for entry in left:
            os.kill(int(entry.name), 9)
        return {**told, "sender_mib": memory, "training_mib": own}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--moto", required=True)
    arguments.add_argument("--steps", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--tracker", default=ROOT / "target/release/tracker")
    arguments.add_argument("--training", default=ROOT / "target/release/examples/log_latency")
    given = arguments.parse_args()
    link = build_network()
    moto = within(BUCKET, given.moto, "-H", "10.77.0.2", "-p", "5000", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        make_bucket()
        found = {case: [] for case in CASES}
        for _ in range(given.rounds):
            for case in CASES:
                found[case].append(train(link, case, given.steps, given.training, given.tracker))
        print("| case | steps/s | log p50, µs | log p99.9, µs | finish, ms | sender, MiB | training, MiB |")
        print("|---|---|---|---|---|---|---|")
        for case, all_told in found.items():
            middle = lambda key: statistics.median(told[key] for told in all_told)
            print(
                f"| {case} | {middle('steps_a_second'):,.0f} | {middle('p50_us'):.2f} | {middle('p999_us'):.2f} "
                f"| {middle('finish_ms'):,.0f} | {max(told['sender_mib'] for told in all_told)} "
                f"| {max(told['training_mib'] for told in all_told)} |"
            )
        longest = max(told["finish_ms"] for all_told in found.values() for told in all_told)
        assert longest <= 1000 * (WAIT + 1), f"an end took {longest} ms, and may wait {WAIT} s"
    finally:
        moto.kill()
        take_down()


if __name__ == "__main__":
    main()
