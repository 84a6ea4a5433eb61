"""Makes the event files in tracker-export/tests/files/tensorboard with the writers of tensorboardX and of
TensorBoard itself.

usage: make_tensorboard.py FOLDER    (needs tensorboard, tensorboardX, pillow)
"""

import os
import shutil
import sys

import numpy
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from tensorboardX import SummaryWriter

START = 1_700_000_000


def tensorboardx(folder):
    """What users of torch's writer have: scalars of the older form, and a trial in a folder of its own."""
    with SummaryWriter(logdir=folder) as writer:
        for step in range(20):
            writer.add_scalar("train/loss", 1 / (step + 1), step, walltime=START + step / 2)
        for step, value in enumerate([numpy.nan, numpy.inf, -numpy.inf]):
            writer.add_scalar("odd", value, step, walltime=START + step)
        even = numpy.arange(100) / 99
        writer.add_histogram("weights", even, 1, bins=4, walltime=START)
        skewed = numpy.random.default_rng(7).exponential(size=1_000)
        writer.add_histogram("skewed", skewed, 1, bins="tensorflow", walltime=START)
        writer.add_text("notes", "a *note*", 2, walltime=START)
        picture = numpy.zeros((3, 4, 5), dtype=numpy.uint8)
        writer.add_image("picture", picture, 3, walltime=START)
        tone = numpy.sin(numpy.arange(800) / 10).astype(numpy.float32)[:, None]
        try:
            writer.add_audio("tone", tone, 4, sample_rate=8_000, walltime=START)
        except ImportError:
            sys.exit("tensorboardX writes sounds with the package soundfile: install it")
        settings = {"lr": 0.1, "layers": 3, "optimizer": "adam", "nesterov": True}
        writer.add_hparams(settings, {"hparam/accuracy": 0.75}, name="trial", global_step=5)


def value(tag, tensor, metadata):
    """A value of the newer form."""
    return summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)


def own(folder):
    """What TensorFlow 2 writes: tensors, each with its plugin."""
    writer = EventFileWriter(folder)

    def write(value, step=1, time=START + 0.25):
        summary = summary_pb2.Summary(value=[value])
        writer.add_event(event_pb2.Event(wall_time=time, step=step, summary=summary))

    def hparams(tag, **data):
        content = plugin_data_pb2.HParamsPluginData(**data)
        write(value(tag, hparams_metadata.NULL_TENSOR,
                    hparams_metadata.create_summary_metadata(content)), step=0)

    start = plugin_data_pb2.SessionStartInfo(start_time_secs=START + 0.25)
    start.hparams["learning_rate"].number_value = 0.05
    hparams("_hparams_/session_start_info", session_start_info=start)
    scalars = {
        "double": numpy.float64(0.1), "float": numpy.float32(0.1), "half": numpy.float16(0.5),
        "int64": numpy.int64(-2**40), "uint8": numpy.uint8(200), "bool": numpy.bool_(True),
    }
    of_scalars = scalar_metadata.create_summary_metadata("", "")
    for tag, number in scalars.items():
        write(value(tag, tensor_util.make_tensor_proto(number), of_scalars))
    bins = numpy.array([[0, 0.5, 3], [0.5, 1, 4]])
    write(value("weights", tensor_util.make_tensor_proto(bins),
                histogram_metadata.create_summary_metadata("", "")))
    write(value("sample", tensor_util.make_tensor_proto("a sample"),
                text_metadata.create_summary_metadata("", "")))
    png = (b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\nother")
    pictures = tensor_util.make_tensor_proto([b"2", b"3", *png])
    write(value("pictures", pictures, image_metadata.create_summary_metadata("", "")))
    mesh = summary_pb2.SummaryMetadata()
    mesh.plugin_data.plugin_name = "mesh"
    write(value("mesh", tensor_util.make_tensor_proto([1.0, 2.0]), mesh))
    end = plugin_data_pb2.SessionEndInfo(
        status=api_pb2.STATUS_FAILURE, end_time_secs=START + 100.5)
    hparams("_hparams_/session_end_info", session_end_info=end)
    writer.close()


def main():
    root = sys.argv[1]
    for name, make in [("tensorboardx", tensorboardx), ("own/run", own)]:
        folder = os.path.join(root, name)
        shutil.rmtree(folder, ignore_errors=True)
        make(folder)
        # A name that tells neither the machine nor the moment.
        for path, _, files in os.walk(folder):
            for number, file in enumerate(sorted(files)):
                os.rename(os.path.join(path, file),
                          os.path.join(path, f"events.out.tfevents.{START}.host.1.{number}"))


if __name__ == "__main__":
    main()
