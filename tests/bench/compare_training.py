"""compare_training.py FOLDER ROUNDS: what run.sh prints; FOLDER holds the prepared sets ml-100k and ml-1m."""

import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

VARIANTS = ("basic", "one_layer", "enriched", "complex")
EPOCHS, BATCH = 20, 2048
KERNELS = ("avx512", "avx2", "neon")
PEERS = pathlib.Path(__file__).with_name("train_peers.py")
BIN = pathlib.Path("build/bin")
# Ranks of root, and ranks beside other work.
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_mpi_yield_when_idle": "1"}


def output_of(*words, **variables):
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **variables}, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


class Nnrec:
    def __init__(self, folder):
        self.folder = folder
        self.run = folder / "run"

    def train(self, variant, data, ranks, epochs, batch, *options):
        """The run's record, and seconds from the start of the processes to their end."""
        shutil.rmtree(self.run, ignore_errors=True)
        launcher = ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", ranks] if ranks > 1 else []
        started = time.perf_counter()
        output_of(*launcher, BIN / "nnrec_dist", "--data", self.folder / data, "--variant", variant, "--epochs", epochs,
                  "--batch", batch, "--threads", 1, "--checkpoint-every", f"{epochs}epochs", "--run", self.run,
                  *options, **MPI)
        seconds = time.perf_counter() - started
        return json.loads((self.run / "result.json").read_text()), seconds

    def epoch_seconds(self):
        with open(self.run / "history.csv", newline="") as file:
            return sum(float(row["seconds"]) for row in csv.DictReader(file))

    def seconds(self, variant, ranks):
        self.train(variant, "ml-100k", ranks, EPOCHS, BATCH)
        return self.epoch_seconds()

    def ratings_per_second(self, ranks, epochs=20, batch=16384):
        record, _ = self.train("basic", "ml-1m", ranks, epochs, batch)
        return record["data"]["train_rows"] * epochs / self.epoch_seconds()


class Peers:
    def __init__(self, folder):
        self.folder = folder
        self.versions = set()
        self.missing = {}

    def measured(self, figure, *words):
        """A figure of one training by others; None, and why under `missing`, where they are not there."""
        if words[0] in self.missing:
            return None
        try:
            last = output_of(sys.executable, PEERS, *words).strip().splitlines()[-1]
        except RuntimeError as error:
            self.missing[words[0]] = str(error).splitlines()[-1]
            return None
        result = json.loads(last)
        self.versions.add(result["version"])
        return result[figure]

    def torch(self, variant, form, threads):
        return self.measured("seconds", "torch", self.folder / "ml-100k", variant, form, threads, EPOCHS, BATCH)

    def keras(self, variant, form, threads):
        """Of fewer epochs, as one takes seconds."""
        epochs = 4
        seconds = self.measured("seconds", "keras", self.folder / "ml-100k", variant, form, threads, epochs, BATCH)
        return seconds and seconds * EPOCHS / epochs

    def libmf(self, threads):
        return self.measured("ratings_per_second", "libmf", self.folder / "ml-1m", threads)


def medians(rounds, forms):
    """Median of each form over rounds in which all are measured in turn."""
    figures = {name: [] for name in forms}
    for _ in range(rounds):
        for name, measure in forms.items():
            figures[name].append(measure())
    return {name: None if None in values else statistics.median(values) for name, values in figures.items()}


def table(head, rows):
    """`rows`: any iterable; each is printed as it comes."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def text(value, form=".3f"):
    return "-" if value is None else format(value, form)


def ratio(ours, theirs):
    known = [value for value in theirs if value is not None]
    return "-" if not known else f"{min(known) / ours:.2f}"


def print_machine():
    with open("/proc/cpuinfo") as file:
        name = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    print(f"processor: {name}; {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    print(f"cores: {output_of(BIN / 'core_distance_benchmark').strip()}")
    print(output_of(BIN / "nnrec_dist", "--version", **MPI).splitlines()[0])


def print_kernels():
    rows = []
    for kernels in KERNELS:
        try:
            rows.append([kernels, output_of(BIN / "product_benchmark", 1, NNREC_KERNELS=kernels).split()[2]])
        except RuntimeError:
            continue  # not on this processor
    table(["kernels", "products 64 x 32 x 1,024, GFlop/s, one core"], rows)


def training_rows(nnrec, peers, rounds):
    for variant in VARIANTS:
        forms = {"1": lambda: nnrec.seconds(variant, 1), "2": lambda: nnrec.seconds(variant, 2)}
        for form, threads in (("eager", 1), ("compiled", 1), ("eager", 2), ("compiled", 2), ("ddp", 2)):
            forms[f"{form} {threads}"] = lambda form=form, threads=threads: peers.torch(variant, form, threads)
        t = medians(rounds, forms)
        yield [variant, *(text(t[name]) for name in forms), ratio(t["1"], [t["eager 1"], t["compiled 1"]]),
               ratio(t["2"], [t[n] for n in forms if n not in ("1", "2")]), ratio(t["2"], [t["ddp 2"]])]


def print_training(nnrec, peers, rounds):
    print(f"Seconds of {EPOCHS} epochs of MovieLens 100K, batch {BATCH:,}; PyTorch's forms with their threads, ddp with "
          "two processes. Ratios: PyTorch's time over nnrec's; one core against the fastest on one, two ranks against "
          "the fastest of all, and against ddp.\n")
    table(["variant", "1 core", "2 ranks", "eager 1", "compiled 1", "eager 2", "compiled 2", "ddp 2", "1 core: ratio",
           "2 ranks: ratio", "to ddp"], training_rows(nnrec, peers, rounds))


def print_keras(nnrec, peers, rounds):
    rows = []
    for variant in VARIANTS:
        t = medians(rounds, {"nnrec": lambda: nnrec.seconds(variant, 2),
                             "tutorial": lambda: peers.keras(variant, "tutorial", 2),
                             "gathered": lambda: peers.keras(variant, "gathered", 2)})
        rows.append([variant, *(text(value) for value in t.values()), ratio(t["nnrec"], [t["tutorial"]]),
                     ratio(t["nnrec"], [t["gathered"]])])
    print("The same beside TensorFlow Recommenders (Keras fit, 2 threads; four epochs, times five).\n")
    table(["variant", "2 ranks", "tutorial", "gathered", "to tutorial", "to gathered"], rows)


def print_phases(nnrec):
    rows = []
    phases = ("project", "compute", "sum", "update", "plan", "plan_beside_compute")
    for variant in VARIANTS:
        record, _ = nnrec.train(variant, "ml-100k", 1, EPOCHS, BATCH)
        ratings = record["data"]["train_rows"] * EPOCHS
        seconds = record["variants"][0]["seconds"]
        rows.append([variant, *(f"{1e9 * seconds[phase] / ratings:.0f}" for phase in phases)])
    table(["ns a rating, 1 core", *(phase.replace("_", " ") for phase in phases)], rows)


def print_libmf(nnrec, peers, rounds):
    forms = {"nnrec 1": lambda: nnrec.ratings_per_second(1), "nnrec 2": lambda: nnrec.ratings_per_second(2),
             "LIBMF 1": lambda: peers.libmf(1), "LIBMF 2": lambda: peers.libmf(2)}
    found = medians(rounds, forms)
    table(["M ratings/s, MovieLens 1M, dim 32", *forms],
          [["basic, batch 16,384", *(text(v and v / 1e6, ".1f") for v in found.values())]])


def print_whole(nnrec, rounds):
    seconds = statistics.median(nnrec.train(",".join(VARIANTS), "ml-100k", 2, EPOCHS, BATCH)[1] for _ in range(rounds))
    print(f"all four variants, {EPOCHS} epochs, mpirun -np 2, start to end: {seconds:.2f} s")


def main():
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    nnrec, peers = Nnrec(folder), Peers(folder)
    print_machine()
    print(f"medians of {rounds} rounds in turn\n")
    print_kernels()
    print_training(nnrec, peers, rounds)
    print_keras(nnrec, peers, rounds)
    print_phases(nnrec)
    print_libmf(nnrec, peers, rounds)
    print_whole(nnrec, rounds)
    for name, why in peers.missing.items():
        print(f"not measured: {name}: {why}")
    print("beside: " + (", ".join(sorted(peers.versions)) or "nobody"))


if __name__ == "__main__":
    main()
