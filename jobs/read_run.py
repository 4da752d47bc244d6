#!/usr/bin/env python3
"""read_run.py RUN [RATINGS]: a run's results in Python, with h5py and pandas; an example to copy from.

Prints the history's last epochs, the newest checkpoint's parameters, who has the longest vector and, where RATINGS is
given (the output of nnrec_predict, for pairs with tabs or commas between), the means of its ratings by what training
knew of them.
"""

import pathlib
import sys

import h5py
import pandas


def texts(group, name):
    """The texts of a checkpoint: their bytes in a row, and where each begins (data/FORMAT.md)."""
    data = group[f"{name}_bytes"][...].tobytes()
    offsets = group[f"{name}_offsets"][...]
    return [data[begin:end].decode() for begin, end in zip(offsets[:-1], offsets[1:])]


def history(run):
    """A row an epoch and variant."""
    return pandas.read_csv(run / "history.csv")


def newest_checkpoint(run):
    return max((run / "checkpoints").glob("*.h5"), key=lambda path: path.stat().st_mtime)


def user_vectors(checkpoint):
    """The rows of users by their ids; row 0 of a table stands for unknown ones."""
    with h5py.File(checkpoint) as file:
        ids = texts(file["rows"], "user")
        return pandas.DataFrame(file["parameters/user"][1 : len(ids) + 1], index=ids)


def predictions(path):
    names = ["user", "item", "rating", "known"]
    return pandas.read_csv(path, sep="[\t,]", engine="python", names=names, dtype={"user": str, "item": str})


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    run = pathlib.Path(sys.argv[1])
    print(history(run).tail(3).to_string(index=False))
    checkpoint = newest_checkpoint(run)
    with h5py.File(checkpoint) as file:
        print(f"{checkpoint.name}: {file.attrs['variant'].decode()}, step {file.attrs['step']}")
        for name, values in file["parameters"].items():
            print(f"  {name} {values.shape} mean square {(values[...] ** 2).mean():.6f}")
    lengths = (user_vectors(checkpoint) ** 2).sum(axis=1) ** 0.5
    print(f"longest vector: user {lengths.idxmax()}, {lengths.max():.4f}")
    if len(sys.argv) == 3:
        print(predictions(sys.argv[2]).groupby("known")["rating"].agg(["count", "mean"]))


if __name__ == "__main__":
    main()
