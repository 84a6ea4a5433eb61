"""Reads an offline run with W&B's own reader, as the benchmark beside it does with tracker's. Prints seconds of a processor: of its
records alone, and of the values in them.

usage: wandb.py FOLDER    (with `wandb` 0.29 or older from PyPI)
"""

import glob
import json
import os
import sys
import time

from wandb.proto import wandb_internal_pb2
from wandb.sdk.internal.datastore import DataStore


def records(path):
    """The records of a file."""
    store = DataStore()
    store.open_for_scan(path)
    while (data := store.scan_data()) is not None:
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        yield record


def values(path):
    """The values of all rows of the history, by their names."""
    count = 0
    for record in records(path):
        if record.WhichOneof("record_type") == "history":
            row = {item.key: json.loads(item.value_json) for item in record.history.item}
            count += len(row)
    return count


def main():
    (path,) = glob.glob(os.path.join(sys.argv[1], "offline-run-*", "*.wandb"))
    began = time.process_time()
    for _ in records(path):
        pass
    print("wandb: DataStore and protobuf, no values", time.process_time() - began)
    began = time.process_time()
    values(path)
    print("wandb: DataStore, protobuf and values", time.process_time() - began)


main()
