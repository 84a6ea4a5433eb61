"""Reads the Parquet parts of every finished run, and the one file that `tracker export --to parquet`
makes of them, with DuckDB and Polars and compares each row with what `tracker export` says, bit for
bit.

usage: parquet_parts.py TRACKER_BINARY STORE
"""

import csv
import datetime
import glob
import io
import json
import os
import struct
import subprocess
import sys
import tempfile

import duckdb
import polars

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def bits(value):
    """The 64 bits of a float, with which even NaN equals itself."""
    return struct.pack("<d", value)


def micros(time):
    """Microseconds since 1970, exactly."""
    return (time - EPOCH) // datetime.timedelta(microseconds=1)


def exported(tracker, store, run):
    """The rows of `tracker export`, by writer and seq."""
    text = subprocess.run(
        [tracker, "--dir", store, "export", run, "--to", "csv"],
        check=True, capture_output=True, text=True,
    ).stdout
    rows = {}
    for row in csv.DictReader(io.StringIO(text)):
        time = micros(datetime.datetime.fromisoformat(row["time"]))
        value = bits(float(row["value"]))
        rows[int(row["writer"]), int(row["seq"])] = (
            row["run"], row["key"], int(row["step"]), time, value,
        )
    return rows


def from_duckdb(parts):
    """The same rows as DuckDB reads them."""
    query = f"select run, key, step, epoch_us(time), value, writer, seq from read_parquet({parts})"
    rows = duckdb.sql(query).fetchall()
    return {
        (writer, seq): (run, key, step, time, bits(value))
        for run, key, step, time, value, writer, seq in rows
    }


def from_polars(parts):
    """The same rows as Polars reads them."""
    frame = polars.concat([polars.read_parquet(part) for part in parts])
    frame = frame.with_columns(polars.col("time").dt.epoch("us"))
    columns = ["run", "key", "step", "time", "value", "writer", "seq"]
    return {
        (writer, seq): (run, key, step, time, bits(value))
        for run, key, step, time, value, writer, seq in frame.select(columns).iter_rows()
    }


def main():
    tracker, store = sys.argv[1:]
    listing = subprocess.run(
        [tracker, "--dir", store, "ls", "--json"], check=True, capture_output=True, text=True
    ).stdout
    runs = [run for run in json.loads(listing)["runs"] if run["state"] == "finished"]
    assert runs, "the store has no finished run"
    for run in runs:
        folder = os.path.join(store, run["project"], run["id"])
        parts = sorted(glob.glob(os.path.join(folder, "scalars", "*.parquet")))
        expected = exported(tracker, store, run["id"])
        count = sum(metric["count"] for metric in run["summary"].values())
        assert len(expected) == count > 0, f"{run['name']}: {len(expected)} rows, {count} counted"
        with tempfile.TemporaryDirectory() as scratch:
            whole = os.path.join(scratch, "run.parquet")
            command = [tracker, "--dir", store, "export", run["id"], "--to", "parquet", "-o", whole]
            subprocess.run(command, check=True, capture_output=True)
            for name, read in [("DuckDB", from_duckdb), ("Polars", from_polars)]:
                for what, files in [("parts", parts), ("export", [whole])]:
                    found = read(files)
                    assert found == expected, f"{run['name']}: {name} reads other rows ({what})"
                    print(f"{run['name']}: {name} reads {len(found)} rows ({what}), all equal")
    print(f"{len(runs)} passed, 0 failed")


if __name__ == "__main__":
    main()
