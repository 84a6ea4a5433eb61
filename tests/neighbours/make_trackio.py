"""Makes the files in tracker-export/tests/files/trackio with Trackio's own writers, without a network.

    pip install trackio==0.43.0
    python tests/neighbours/make_trackio.py tracker-export/tests/files/trackio

`database/` is a TRACKIO_DIR with a project's database and one picture, `inbox/` one whose writers could not use a
database. tracker-export/tests/trackio_in.rs knows what is in them.
"""

import math
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys


def log_all():
    import numpy as np
    import trackio

    run = trackio.init(
        project="digits",
        name="first run",
        group="sweep",
        config={"lr": 0.001, "layers": [32, 16], "big": 2**53 + 1},
        embed=False,
        auto_log_gpu=False,
        auto_log_cpu=False,
    )
    trackio.log({"loss": 0.1, "valid/acc": 1 / 3, "count": 7}, step=0)
    trackio.log({"loss": math.nan, "up": math.inf, "down": -math.inf}, step=5)
    trackio.log({"loss": -0.0, "step": 12.5, "__odd": 1.5, "note": "a text", "flag": True}, step=5)
    trackio.log({"nested": {"inner": 2.5}, "tiny": 5e-324, "list": [1, 2]}, step=9_007_199_254_740_993)
    trackio.log({"report": trackio.Markdown("# Hello")}, step=10)
    counts, edges = np.histogram([0.0, 0.5, 1.0, 4.0], bins=4)
    trackio.log({"weights": trackio.Histogram(np_histogram=(counts, edges))}, step=10)
    trackio.log({"guesses": trackio.Table(columns=["id", "guess"], data=[[1, "cat"], [2, None]])}, step=10)
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    trackio.log({"sample": trackio.Image(pixels, caption="black")}, step=10)
    trackio.log_system({"cpu": 12.5, "gpu/0/util": 99.0})
    trackio.alert("Loss is NaN", text="look at step 5", level=trackio.AlertLevel.ERROR)
    trackio.finish()
    second = trackio.init(
        project="digits", name="second", config={"lr": 0.1}, embed=False, auto_log_gpu=False, auto_log_cpu=False
    )
    for step in range(3):
        trackio.log({"loss": 1.0 / (step + 1)})
    trackio.finish()
    return run, second


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--log":
        log_all()
        return
    target = pathlib.Path(sys.argv[1])
    for folder, mode in [("database", "sqlite"), ("waiting", "jsonl")]:
        path = target / folder
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        environment = dict(os.environ, TRACKIO_DIR=str(path), TRACKIO_STORAGE_MODE=mode, HF_HUB_OFFLINE="1")
        subprocess.run([sys.executable, __file__, "--log", mode], env=environment, check=True)
        for rest in [*path.glob("*.lock"), *path.glob("*.hash")]:
            rest.unlink()
        for database in path.glob("*.db"):
            connection = sqlite3.connect(database)
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA page_size = 512")
            connection.execute("VACUUM")
            connection.close()


if __name__ == "__main__":
    main()
