"""Prints how many scalars a second tensorboardX writes and TensorBoard's EventAccumulator reads, a line each:
what, a tab, the rate. Run by the benchmark `tfevents`.
"""

import tempfile
import time

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboardX import SummaryWriter

POINTS = 1_000_000
METRICS = 10


def main():
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        with SummaryWriter(logdir=folder) as writer:
            for step in range(POINTS // METRICS):
                for metric in range(METRICS):
                    writer.add_scalar(f"train/metric-{metric}", step * 0.001, step)
        print(f"tensorboardX writes\t{POINTS / (time.perf_counter() - begin):.0f}")

        begin = time.perf_counter()
        # All of them, as an import has them.
        reader = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0})
        reader.Reload()
        read = sum(len(reader.Scalars(tag)) for tag in reader.Tags()["scalars"])
        assert read == POINTS, read
        print(f"EventAccumulator reads\t{POINTS / (time.perf_counter() - begin):.0f}")


if __name__ == "__main__":
    main()
