"""Makes `tracker-export/tests/files/wandb/offline-run` with W&B's own writer.

usage: WANDB_MODE=offline python make_wandb.py FOLDER    (with `wandb`, `numpy` and `pillow` from PyPI)
"""

import glob
import os
import shutil
import sys
import tempfile

import numpy
import wandb

KEPT = ("media", ".wandb")


def train(folder):
    """A short run with one of everything."""
    run = wandb.init(
        project="mnist", name="first", group="three", tags=["a", "b"], notes="what it is about", dir=folder,
        id="fixture1", config={"lr": 0.1, "net": {"depth": 3, "act": "relu"}},
        settings=wandb.Settings(x_disable_stats=True, x_disable_machine_info=True, host="machine"),
    )
    run.define_metric("epoch", hidden=True)
    run.define_metric("valid/acc", step_metric="epoch", summary="max")
    for step in range(20):
        run.log({"loss": 1 / (step + 1), "nested": {"a": step, "b": {"c": step / 3}}, "epoch": step // 5, "flag": True})
    run.log({"valid/acc": 0.1 + 0.2, "nan": float("nan"), "up": float("inf"), "down": float("-inf")}, step=20)
    run.log({
        "weights": wandb.Histogram(np_histogram=(numpy.array([3, 0, 5, 2]), numpy.linspace(0, 1, 5))),
        "picture": wandb.Image(numpy.zeros((4, 6, 3), dtype=numpy.uint8), caption="black"),
        "pictures": [wandb.Image(numpy.full((4, 4, 3), shade, dtype=numpy.uint8), caption=str(shade)) for shade in (1, 2)],
        "table": wandb.Table(columns=["x", "word"], data=[[1.5, "one"], [None, "two"]]),
        "page": wandb.Html("<p>hello</p>"),
        "word": "seven",
        "list": [1, 2, 3],
        "nothing": None,
    }, step=1000)
    run.alert("too hot", "look at the fan", level="WARN")
    print("said on standard output")
    run.summary["best"] = 0.25
    run.finish(exit_code=3)


def main():
    (to,) = sys.argv[1:]
    folder = tempfile.mkdtemp()
    train(folder)
    (made,) = glob.glob(os.path.join(folder, "wandb", "offline-run-*"))
    shutil.rmtree(to, ignore_errors=True)
    os.makedirs(os.path.join(to, "files"))
    shutil.copy(os.path.join(made, "run-fixture1.wandb"), to)
    shutil.copytree(os.path.join(made, "files", "media"), os.path.join(to, "files", "media"))


main()
