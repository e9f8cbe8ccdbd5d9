"""A small training of each kind, as a process that may be killed: ``train.py KIND FOLDER RESULT``.

It prints "training" when it begins, and writes a digest of weights, optimizer and history, bit for
bit, to RESULT when it is over. FOLDER is ``-`` for a training without checkpoints.
"""

import hashlib
import json
import sys

import numpy as np

import maeum as mm
from maeum.callbacks import EarlyStopping, LearningRateScheduler, ReduceLROnPlateau
from maeum.layers import (
    LSTM,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    RandomFlip,
)
from maeum.training import Backup, State


def table():
    """Rows in memory, shuffled, with dropout, validation and callbacks that remember."""
    x = np.random.default_rng(0).normal(size=(210, 6)).astype("float32")
    y = (x[:, 0] + x[:, 1] > 0).astype("float32")
    model = mm.Sequential(
        [mm.Input((6,)), Dense(8, "relu"), BatchNormalization(), Dropout(0.3), Dense(1, "sigmoid")]
    )
    model.compile(mm.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    remember = [
        EarlyStopping("val_loss", patience=4, restore_best_weights=True),
        ReduceLROnPlateau(patience=1),
        LearningRateScheduler(lambda epoch, rate: rate * 0.98),
    ]
    return model, {"x": x, "y": y, "validation_split": 0.2, "callbacks": remember, "epochs": 9}


def images():
    """A convolution with augmentation, and a last batch that is smaller."""
    rng = np.random.default_rng(0)
    x = rng.random((70, 8, 8, 1)).astype("float32")
    y = rng.integers(0, 3, 70)
    model = mm.Sequential(
        [mm.Input((8, 8, 1)), Conv2D(4, 3, activation="relu"), Flatten(), Dense(3, "softmax")]
    )
    flip = RandomFlip("horizontal")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], augment=flip)
    return model, {"x": x, "y": y, "batch_size": 16, "epochs": 8}


def sequences():
    """Truncated backpropagation, and a learning rate that follows a schedule."""
    x, y = np.random.default_rng(0).integers(0, 7, (2, 40, 12))
    model = mm.Sequential(
        [
            mm.Input((None,), dtype="int32"),
            Embedding(7, 4),
            LSTM(5, return_sequences=True),
            Dense(7, "softmax"),
        ]
    )
    rate = mm.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    model.compile(mm.optimizers.RMSprop(rate), "sparse_categorical_crossentropy")
    return model, {"x": x, "y": y, "batch_size": 8, "epochs": 6, "truncate": 4}


class Indexed:
    """A sequence of batches, as Keras has it."""

    def __len__(self):
        return 7

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        x = rng.normal(size=(16, 4)).astype("float32")
        return x, x.sum(1)


def _stream(source, **options):
    model = mm.Sequential([mm.Input((4,)), Dense(6, "tanh"), Dropout(0.2), Dense(1)])
    model.compile(mm.optimizers.SGD(0.01, momentum=0.9), "mse")
    return model, {"x": source, **options}


def indexed():
    """A sequence of batches in another order in every epoch."""
    return _stream(Indexed(), epochs=8)


def generator():
    """A generator that never ends, in epochs of five batches."""

    def endless():
        number = 0
        while True:
            yield Indexed()[number]
            number += 1

    return _stream(endless(), epochs=8, steps_per_epoch=5)


KINDS = {f.__name__: f for f in (table, images, sequences, indexed, generator)}


def digest(model, history):
    """Return what has to be equal bit for bit."""
    state = State.of(model).by_name()
    found = hashlib.sha256()
    for name in sorted(name for name in state if not name.startswith("metrics/")):
        found.update(name.encode() + np.asarray(state[name]).tobytes())
    return {"state": found.hexdigest(), "history": history.history, "epochs": history.epoch}


def main(kind, folder, result):
    mm.utils.set_random_seed(3)
    model, options = KINDS[kind]()
    backup = None if folder == "-" else Backup(folder, steps=1, overhead=1)
    print("training", flush=True)
    history = model.fit(verbose=0, backup=backup, **options)
    with open(result, "w") as file:
        json.dump(digest(model, history), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
