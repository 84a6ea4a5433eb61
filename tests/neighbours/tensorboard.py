"""Reads event files that tracker has written with TensorBoard's own code: its EventAccumulator, and its server with the
older and the newer reader behind it.

usage: python -P tensorboard.py TRACKER STORE    (with `tensorboard` from PyPI; the example `everything` of tracker-export makes
the store)
"""

import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

STEPS = 1_000
RUNS = {"calm-otter": 0.1, "bold-heron": 0.01}


def as_float(value):
    """What is left of a double in 32 bits."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def accumulator(folder, rate):
    """All that the class reads on which every tool around TensorBoard is built, in its default size."""
    reader = EventAccumulator(folder)
    reader.Reload()
    assert reader.file_version == 2.0, reader.file_version
    tags = reader.Tags()
    assert sorted(tags["scalars"]) == ["odd", "train/loss"], tags["scalars"]
    losses = reader.Scalars("train/loss")
    assert [event.step for event in losses] == list(range(STEPS))
    for event in losses:
        assert event.value == as_float(rate / (event.step + 1)), event
        assert 1.6e9 < event.wall_time < 1e10, event
    odd = [event.value for event in reader.Scalars("odd")]
    assert math.isnan(odd[0]) and odd[1:] == [math.inf, -math.inf], odd
    plugins = {
        "images": ["digits"], "audio": ["tone"], "histograms": ["weights"],
        "text": ["classes", "guesses", "sample", "tracker/alerts", "tracker/run"],
    }
    for plugin, expected in plugins.items():
        found = sorted(reader.PluginTagToContent(plugin))
        assert found == expected, f"{plugin}: {found}"
    print(f"EventAccumulator reads {len(losses)} losses, all equal")


class Server:
    """The real server on some port."""

    def __init__(self, logdir, *options):
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", logdir, "--port", "0",
                   "--bind_all", "--samples_per_plugin", "scalars=5000,images=50,text=50", *options]
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            found = re.search(r"http://[^ /]*:(\d+)/", line)
            if found:
                self.root = f"http://127.0.0.1:{found[1]}/data/"
                break
        else:
            raise RuntimeError("the server has not started:\n" + "".join(lines))
        # What it says later fills no pipe.
        threading.Thread(target=lambda: list(self.process.stdout), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def raw(self, path, body=None, **query):
        """The bytes of an answer."""
        url = self.root + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def get(self, path, body=None, **query):
        """An answer in JSON."""
        return json.loads(self.raw(path, body, **query))


def plugins(server, run, rate):
    """Each kind of value, as the page gets it."""
    scalars = server.get("plugin/scalars/scalars", run=run, tag="train/loss")
    assert [step for _, step, _ in scalars] == list(range(STEPS)), len(scalars)
    assert all(value == as_float(rate / (step + 1)) for _, step, value in scalars)
    odd = [value for _, _, value in server.get("plugin/scalars/scalars", run=run, tag="odd")]
    assert [str(value).lower() for value in odd] == ["nan", "infinity", "-infinity"] or (
        math.isnan(odd[0]) and odd[1:] == [math.inf, -math.inf]), odd

    histograms = server.get("plugin/histograms/histograms", run=run, tag="weights")
    for _, step, bins in histograms:
        assert bins == [[-1, -0.5, 1], [-0.5, 0, 2], [0, 0.5, 3], [0.5, 1, step]], bins
    assert [step for _, step, _ in histograms] == [10, 20]

    pictures = server.get("plugin/images/images", run=run, tag="digits", sample=0)
    assert [found["step"] for found in pictures] == [10, 20], pictures
    for sample in (0, 1):
        found = server.get("plugin/images/images", run=run, tag="digits", sample=sample)[0]
        png = server.raw("plugin/images/individualImage?" + found["query"])
        assert png.startswith(b"\x89PNG"), png[:8]
    tags = server.get("plugin/images/tags")[run]["digits"]
    assert tags["samples"] == 2, tags

    sounds = server.get("plugin/audio/audio", run=run, tag="tone", sample=0)
    wav = server.raw("plugin/audio/individualAudio?" + sounds[0]["query"])
    assert wav.startswith(b"RIFF") and sounds[0]["step"] == 20, sounds

    texts = server.get("plugin/text/text", run=run, tag="sample")
    assert [text["step"] for text in texts] == [10, 20], texts
    assert "<em>sample</em> of step 10" in texts[0]["text"], texts[0]
    table = server.get("plugin/text/text", run=run, tag="guesses")[0]["text"]
    assert "<td>7</td>" in table and "<td>seven</td>" in table, table
    facts = server.get("plugin/text/text", run=run, tag="tracker/run")
    assert "as in the **paper**" in facts[-1]["text"], facts[-1]


def hparams(server, names):
    """The HParams tab: settings, states, and metrics that it finds by itself."""
    experiment = server.get("plugin/hparams/experiment", {"includeMetrics": True})
    settings = {info["name"]: info for info in experiment["hparamInfos"]}
    expected = ["lr", "model.bias", "model.hidden", "model.layers", "optimizer", "tags"]
    assert sorted(settings) == expected, sorted(settings)
    assert settings["lr"]["domainInterval"] == {"minValue": 0.01, "maxValue": 0.1}, settings["lr"]
    metrics = {info["name"]["tag"] for info in experiment["metricInfos"]}
    assert metrics == {"train/loss", "odd"}, metrics

    request = {
        "allowedStatuses": ["STATUS_SUCCESS"], "sliceSize": 10,
        "colParams": [{"metric": {"group": "", "tag": "train/loss"}}],
    }
    groups = server.get("plugin/hparams/session_groups", request)["sessionGroups"]
    assert len(groups) == len(RUNS), groups
    for group in groups:
        (name,) = [name for name, run in names.items() if run == group["sessions"][0]["name"]]
        assert group["hparams"]["lr"] == RUNS[name], group
        assert group["hparams"]["model.hidden"] == 100 and group["hparams"]["model.bias"] is True
        values = {value["name"]["tag"]: value["value"] for value in group["metricValues"]}
        assert values["train/loss"] == as_float(RUNS[name] / STEPS), values


def main():
    tracker, store = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        for run in RUNS:
            command = [tracker, "--dir", store, "export", run, "--to", "tensorboard", out]
            subprocess.run(command, check=True, capture_output=True)
        folders = os.listdir(os.path.join(out, "digits"))
        names = {run: f"digits/{folder}" for run in RUNS for folder in folders if folder.startswith(run)}
        assert sorted(names) == sorted(RUNS), folders
        for run, rate in RUNS.items():
            accumulator(os.path.join(out, names[run]), rate)
        for reader in ["--load_fast=false", "--load_fast=true"]:
            with Server(out, reader, "--reload_interval", "1") as server:
                wait_for(server, names)
                for run, rate in RUNS.items():
                    plugins(server, names[run], rate)
                hparams(server, names)
                print(f"the server ({reader}) shows both runs, with their settings")
    print("all passed")


def wait_for(server, names):
    """Until the server has read what is there."""
    for _ in range(100):
        tags = server.get("plugin/text/tags")
        facts = [tags.get(run, []) for run in names.values()]
        if sorted(server.get("runs")) == sorted(names.values()) and all(
                "tracker/run" in found for found in facts):
            ended = [server.get("plugin/text/text", run=run, tag="tracker/run") for run in names.values()]
            if all(len(texts) >= 2 for texts in ended):
                return
        time.sleep(0.2)
    raise RuntimeError("the server has not read the runs in 20 s")


if __name__ == "__main__":
    main()
