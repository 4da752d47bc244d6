#!/usr/bin/env python3
"""Trains what nnrec trains, elsewhere:
  train_peers.py torch|keras SET VARIANT FORM THREADS [EPOCHS BATCH]
  train_peers.py libmf SET THREADS

SET is a prepared set (nnrec_prep), so all train on the same rows. FORM of torch is eager (modules,
torch.optim.Adagrad), compiled (one graph for forward, gradient and Adagrad) or ddp (eager on THREADS processes with
gloo, a thread each); of keras, a ranking model of TensorFlow Recommenders and its fit, tutorial (ratings one by one
through shuffle and batch, as its tutorials have it) or gathered (a batch's rows taken at once). Prints the
seconds of training and the RMSE on the test part as JSON; the first, untimed, epoch is for compiling. libmf prints
ratings a second from two fits of different length; LIBMF_OBJ may name its library. Called by run.sh.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
import time

import h5py
import numpy

DIM = 32
GENRE_SLOTS = 5
TIME_BUCKETS = 1000


class Set:
    """The rows of a prepared set's parts, and what the published variants read of them."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        with h5py.File(folder / "manifest.h5") as m:
            files, parts = self.texts(m, "shards/file"), self.texts(m, "shards/part")
            self.title_of_item = m["items/title"][:].astype(numpy.int64)
            self.users, self.titles = int(m.attrs["user_count"]), int(m.attrs["title_count"])
            self.words, self.genres = len(self.texts(m, "words")), len(self.texts(m, "genres"))
            self.title_words = self.lists(m, "titles/word")
            self.item_genres = self.lists(m, "items/genre", GENRE_SLOTS)
            self.age = m["users/age"][:]
            self.times = {name: float(m.attrs[f"time_{name}"]) for name in ("min", "max", "mean", "variance")}
        self.parts = {part: self.columns(folder, [f for f, p in zip(files, parts) if p == part]) for part in set(parts)}

    @staticmethod
    def texts(file, name):
        offsets, data = file[name + "_offsets"][:], file[name + "_bytes"][:].tobytes()
        return [data[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:])]

    @staticmethod
    def lists(file, name, most=None):
        """Index + 1 of each list's values, filled up by 0 to one width."""
        offsets, values = file[name + "_offsets"][:].astype(numpy.int64), file[name + "_values"][:].astype(numpy.int64)
        lengths = numpy.diff(offsets)
        width = most or int(lengths.max(initial=1))
        table = numpy.zeros((len(lengths), width), dtype=numpy.int64)
        for row, (begin, length) in enumerate(zip(offsets, lengths)):
            table[row, : min(length, width)] = values[begin : begin + min(length, width)] + 1
        return table

    @staticmethod
    def columns(folder, files):
        names = ("user", "item", "rating", "timestamp")
        rows = {name: [] for name in names}
        for file in files:
            with h5py.File(folder / file) as shard:
                for name in names:
                    if name in shard:
                        rows[name].append(shard[name][:])
        return {name: numpy.concatenate(values) for name, values in rows.items() if values}

    def inputs(self, part, variant):
        rows = self.parts[part]
        user, item = rows["user"].astype(numpy.int64), rows["item"].astype(numpy.int64)
        columns = [user + 1, self.title_of_item[item] + 1]
        if variant == "enriched":
            span = self.times["max"] - self.times["min"]
            boundaries = self.times["min"] + span * numpy.arange(TIME_BUCKETS) / (TIME_BUCKETS - 1)
            columns.append(numpy.searchsorted(boundaries, rows["timestamp"], side="right").astype(numpy.int64))
            normalised = (rows["timestamp"] - self.times["mean"]) / self.times["variance"] ** 0.5
            columns += [normalised.astype(numpy.float32)[:, None], self.title_words[self.title_of_item[item]]]
        if variant == "complex":
            columns += [self.age[user][:, None], self.item_genres[item]]
        return columns, rows["rating"].astype(numpy.float32)


def network(torch, data, variant):
    """The published variant (data/FORMAT.md names the columns) as a module of columns."""
    nn = torch.nn

    def table(rows, mode=None):
        layer = nn.EmbeddingBag(rows, DIM, mode=mode, padding_idx=0) if mode else nn.Embedding(rows, DIM)
        nn.init.uniform_(layer.weight, -0.05, 0.05)
        return layer

    def dense(inputs, outputs):
        layer = nn.Linear(inputs, outputs)
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
        return layer

    class Basic(nn.Module):
        def __init__(self):
            super().__init__()
            self.user, self.title = table(data.users + 1), table(data.titles + 1)

        def forward(self, user, title):
            return (self.user(user) * self.title(title)).sum(1)

    class OneLayer(Basic):
        def __init__(self, width=2 * DIM):
            super().__init__()
            self.head = nn.Sequential(dense(width, 64), nn.ReLU(), dense(64, 1))

        def forward(self, user, title):
            return self.head(torch.cat([self.user(user), self.title(title)], 1))[:, 0]

    class Enriched(OneLayer):
        def __init__(self):
            super().__init__(4 * DIM + 1)
            self.bucket, self.word = table(TIME_BUCKETS + 1), table(data.words + 2, "mean")

        def forward(self, user, title, bucket, time_, words):
            parts = [self.user(user), self.bucket(bucket), time_, self.title(title), self.word(words)]
            return self.head(torch.cat(parts, 1))[:, 0]

    class Complex(Basic):
        def __init__(self):
            super().__init__()
            self.age, self.genre = dense(1, 8), table(data.genres + 1)
            self.of_genre = dense(DIM, 4)
            self.head = nn.Sequential(
                dense(2 * DIM + 12, 64), nn.ReLU(), dense(64, 16), nn.ReLU(), dense(16, 1)
            )

        def forward(self, user, title, age, genres):
            by_genre = self.of_genre(self.genre(genres)).relu().mean(1)
            parts = [self.user(user), self.title(title), self.age(age).relu(), by_genre]
            return self.head(torch.cat(parts, 1))[:, 0]

    return {"basic": Basic, "one_layer": OneLayer, "enriched": Enriched, "complex": Complex}[variant]()


def eager_step(torch, model):
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1, initial_accumulator_value=0.1, eps=1e-7, foreach=True)

    def step(columns, rating):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(*columns), rating).backward()
        optimizer.step()

    return step


def compiled_step(torch, model):
    parameters = {name: value.detach() for name, value in model.named_parameters()}
    squares = {name: torch.full_like(value, 0.1) for name, value in parameters.items()}

    def loss(values, columns, rating):
        return torch.nn.functional.mse_loss(torch.func.functional_call(model, values, tuple(columns)), rating)

    def step(columns, rating):
        gradient = torch.func.grad(loss)(parameters, columns, rating)
        for name, value in parameters.items():
            squares[name].addcmul_(gradient[name], gradient[name])
            value.sub_(0.1 * gradient[name] / (squares[name] + 1e-7).sqrt())

    return torch.compile(step, dynamic=False)


def train_torch(folder, variant, form, threads, epochs, batch, rank=0, ranks=1):
    import torch

    torch.manual_seed(1)
    torch.set_num_threads(threads)
    data = Set(folder)
    columns, rating = data.inputs("train", variant)
    columns, rating = [torch.from_numpy(numpy.ascontiguousarray(c)) for c in columns], torch.from_numpy(rating)
    model = network(torch, data, variant)
    trained = torch.nn.parallel.DistributedDataParallel(model) if form == "ddp" else model
    step = compiled_step(torch, model) if form == "compiled" else eager_step(torch, trained)

    def epoch():
        order = torch.randperm(len(rating))
        for begin in range(0, len(rating), batch):
            mine = order[begin : begin + batch][rank::ranks]
            step([c[mine] for c in columns], rating[mine])

    epoch()
    started = time.perf_counter()
    for _ in range(epochs):
        epoch()
    seconds = time.perf_counter() - started
    with torch.no_grad():
        columns, rating = data.inputs("test", variant)
        found = model(*[torch.from_numpy(numpy.ascontiguousarray(c)) for c in columns]).numpy()
    rmse = float(numpy.sqrt(numpy.mean((found - rating) ** 2)))
    return {"seconds": seconds, "rmse": rmse, "version": f"PyTorch {torch.__version__}"}


def ddp_rank(rank, folder, variant, ranks, epochs, batch, results):
    import torch.distributed

    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(20000 + os.getppid() % 20000))
    torch.distributed.init_process_group("gloo", rank=rank, world_size=ranks)
    result = train_torch(folder, variant, "ddp", 1, epochs, batch, rank, ranks)
    if rank == 0:
        results.put(result)
    torch.distributed.destroy_process_group()


def train_ddp(folder, variant, ranks, epochs, batch):
    import torch.multiprocessing

    results = torch.multiprocessing.get_context("spawn").SimpleQueue()
    torch.multiprocessing.spawn(ddp_rank, (folder, variant, ranks, epochs, batch, results), nprocs=ranks)
    return results.get()


def keras_network(tf, data, variant):
    """As network() has it, of columns with a batch in front."""
    layers = tf.keras.layers

    def table(rows):
        return layers.Embedding(rows, DIM, embeddings_initializer=tf.keras.initializers.RandomUniform(-0.05, 0.05))

    def mean_of_words(words):
        known = tf.cast(tf.not_equal(words, 0), tf.float32)[:, :, None]
        total = tf.reduce_sum(table(data.words + 2)(words) * known, 1)
        return tf.math.divide_no_nan(total, tf.reduce_sum(known, 1))

    def number(shape=(), dtype="int64"):
        return tf.keras.Input(shape=shape, dtype=dtype)

    columns = [number(), number()]
    parts = [table(data.users + 1)(columns[0]), table(data.titles + 1)(columns[1])]
    if variant == "enriched":
        columns += [number(), number((1,), "float32"), number((data.title_words.shape[1],))]
        parts += [table(TIME_BUCKETS + 1)(columns[2]), columns[3], mean_of_words(columns[4])]
    if variant == "complex":
        columns += [number((1,), "float32"), number((GENRE_SLOTS,))]
        of_genre = layers.Dense(4, "relu")(table(data.genres + 1)(columns[3]))
        parts += [layers.Dense(8, "relu")(columns[2]), tf.reduce_mean(of_genre, 1)]
    if variant == "basic":
        rating = layers.Dot(1)(parts)
    else:
        rating = layers.Concatenate()(parts)
        for units in (64, 16) if variant == "complex" else (64,):
            rating = layers.Dense(units, "relu")(rating)
        rating = layers.Dense(1)(rating)
    return tf.keras.Model(columns, rating)


def train_keras(folder, variant, form, threads, epochs, batch):
    os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    import tensorflow as tf
    import tensorflow_recommenders as tfrs

    class Ranking(tfrs.Model):
        def __init__(self, rating_of):
            super().__init__()
            self.rating_of = rating_of
            self.task = tfrs.tasks.Ranking(loss=tf.keras.losses.MeanSquaredError())

        def compute_loss(self, inputs, training=False):
            columns, rating = inputs
            return self.task(labels=rating[:, None], predictions=self.rating_of(columns, training=training))

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.keras.utils.set_random_seed(1)
    data = Set(folder)
    columns, rating = data.inputs("train", variant)
    rows = (tuple(columns), rating)
    if form == "tutorial":
        batches = tf.data.Dataset.from_tensor_slices(rows).shuffle(len(rating)).batch(batch)
    else:
        kept = tf.nest.map_structure(tf.constant, rows)
        batches = tf.data.Dataset.range(len(rating)).shuffle(len(rating)).batch(batch).map(
            lambda mine: tf.nest.map_structure(lambda column: tf.gather(column, mine), kept))
    batches = batches.prefetch(2)
    model = Ranking(keras_network(tf, data, variant))
    model.compile(tf.keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.1, epsilon=1e-7))
    model.fit(batches, epochs=1, verbose=0)
    started = time.perf_counter()
    model.fit(batches, epochs=epochs, verbose=0)
    seconds = time.perf_counter() - started
    columns, rating = data.inputs("test", variant)
    found = model.rating_of.predict(columns, batch_size=4096, verbose=0)[:, 0]
    rmse = float(numpy.sqrt(numpy.mean((found - rating) ** 2)))
    return {"seconds": seconds, "rmse": rmse, "version": f"TensorFlow {tf.__version__} with TFRS {tfrs.__version__}"}


def train_libmf(folder, threads):
    """The library's matrix factorisation: dim 32, L2, its own defaults otherwise."""
    with contextlib.redirect_stdout(io.StringIO()):
        from libmf import mf
    columns, rating = Set(folder).inputs("train", "basic")
    rows = numpy.stack([columns[0], columns[1], rating], 1).astype(numpy.float32)

    def seconds(epochs):
        engine = mf.MF(k=DIM, nr_iters=epochs, nr_threads=threads, quiet=True)
        started = time.perf_counter()
        engine.fit(rows)
        return time.perf_counter() - started

    seconds(1)
    few, many = 5, 45
    return {"ratings_per_second": len(rating) * (many - few) / (seconds(many) - seconds(few)), "version": "LIBMF"}


def main():
    words = sys.argv[1:]
    if words[:1] == ["libmf"] and len(words) == 3:
        result = train_libmf(words[1], int(words[2]))
    elif words[:1] in (["torch"], ["keras"]) and len(words) in (5, 7):
        folder, variant, form, threads = *words[1:4], int(words[4])
        epochs, batch = (int(word) for word in words[5:] or (20, 2048))
        if words[0] == "keras":
            result = train_keras(folder, variant, form, threads, epochs, batch)
        elif form == "ddp":
            result = train_ddp(folder, variant, threads, epochs, batch)
        else:
            result = train_torch(folder, variant, form, threads, epochs, batch)
    else:
        sys.exit(__doc__)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
