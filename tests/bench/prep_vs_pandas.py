#!/usr/bin/env python3
"""Compares nnrec_prep with pandas (read_csv, factorize, to_hdf) on one file of ratings.

    prep_vs_pandas.py --prep build/bin/nnrec_prep --input DIR [--rounds 5]

DIR holds u.data (tabs) or ratings.csv (header, commas). Both are run in turn, each in a process of its
own, after one run of each that is not counted; medians are compared. Before each run the system's
unwritten files are written, so that none waits for another's. What favours pandas: its time begins
after its import, it compresses nothing, makes no split and waits for no device; nnrec_prep's time is
that of the whole process. A benchmark, not a test: it needs python3-pandas and python3-tables.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

COLUMNS = ["user", "item", "rating", "time"]
LAYOUTS = {"u.data": {"sep": "\t", "header": None}, "ratings.csv": {"sep": ",", "header": 0}}


def run_pandas(file, output):
    """The usual recipe in this process; prints its seconds."""
    import pandas

    start = time.monotonic()
    frame = pandas.read_csv(file, names=COLUMNS, **LAYOUTS[file.name])
    for column in ("user", "item"):
        frame[column], ids = pandas.factorize(frame[column])
        pandas.Series(ids).to_hdf(output, key=column + "_ids")
    frame.to_hdf(output, key="ratings")
    print(time.monotonic() - start)


def run(command):
    """Returns (seconds, peak memory in MiB, output) of a process that succeeds."""
    os.sync()
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"prep_vs_pandas.py: failed: {' '.join(map(str, command))}")
    return time.monotonic() - start, usage.ru_maxrss / 1024, output


def compare(prep, folder, rounds, scratch):
    file = next((folder / name for name in LAYOUTS if (folder / name).exists()), None)
    if file is None:
        sys.exit(f"prep_vs_pandas.py: {folder} has none of {', '.join(LAYOUTS)}")
    megabytes = file.stat().st_size / 1e6
    shards, table = scratch / "shards", scratch / "pandas.h5"
    seconds = {"nnrec_prep": [], "pandas": []}
    memory = {"nnrec_prep": 0, "pandas": 0}
    for turn in range(rounds + 1):
        shutil.rmtree(shards, ignore_errors=True)
        table.unlink(missing_ok=True)
        took, peak, _ = run([prep, "--input", folder, "--output", shards])
        results = [("nnrec_prep", took, peak)]
        _, peak, output = run([sys.executable, __file__, "--pandas-once", file, table])
        results.append(("pandas", float(output), peak))
        for name, took, peak in results:
            memory[name] = max(memory[name], peak)
            if turn > 0:
                seconds[name].append(took)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{file}: {megabytes:.1f} MB, {rounds} rounds, medians (and all seconds)")
    for name, median in medians.items():
        values = " ".join(f"{value:.3f}" for value in seconds[name])
        print(f"{name:10} {median:8.3f} s {megabytes / median:7.1f} MB/s {memory[name]:7.0f} MiB  ({values})")
    print(f"pandas takes {medians['pandas'] / medians['nnrec_prep']:.2f} times as long as nnrec_prep")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--prep", type=pathlib.Path, default=pathlib.Path("build/bin/nnrec_prep"))
    parser.add_argument("--input", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pandas-once", nargs=2, type=pathlib.Path, metavar=("FILE", "OUTPUT"))
    options = parser.parse_args()
    if options.pandas_once:
        run_pandas(*options.pandas_once)
        return
    if options.input is None or options.rounds < 1:
        parser.error("--input is missing, or --rounds is below 1")
    with tempfile.TemporaryDirectory(prefix="nnrec-bench-") as scratch:
        compare(options.prep, options.input, options.rounds, pathlib.Path(scratch))


if __name__ == "__main__":
    main()
