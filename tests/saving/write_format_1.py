"""Write model files of format 1, with what they predicted: kept as test data, not written again.

The files in ``files_format_1`` were written by the last version before the rooms were divided and
a training's state became one value, with a processor's own kernels, by

    python tests/saving/write_format_1.py

Each ``NAME.maeum`` was trained for two steps. ``NAME.npz`` holds its inputs ``x``, its targets
``y``, what it ``predicted`` when it was saved, and what it predicted after two more steps
(``trained``). Models of tasks have their inputs in ``NAME.csv`` (images: ``NAME.npz``) and what
they predicted in ``NAME_predicted.csv``; a language model has both in ``NAME.json``.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

import maeum as mm
from maeum import optimizers
from maeum.layers import LSTM, BatchNormalization, Dense, Embedding, Input, TextVectorization

FOLDER = Path(__file__).with_name("files_format_1")

rng = np.random.default_rng(0)
X = rng.normal(size=(8, 3)).astype("float32")
Y = (X[:, :1] > X[:, 1:2]).astype("float32")
TEXTS = np.array(["a good film", "bad", "good good", "a bad film"] * 2, object)[:, None]


@mm.register(package="format_1")
class Net(mm.Model):
    """A subclassed model."""

    def __init__(self, units):
        super().__init__()
        self.hidden = [Dense(units, activation="relu")]
        self.out = Dense(1, activation="sigmoid")

    def call(self, x):
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)


def stack(*layers):
    end = Dense(1, activation="sigmoid")
    return mm.Sequential([Input((3,)), *(layers or [Dense(4, activation="relu")]), end], seed=3)


def functional():
    row = Input((3,), name="row")
    inner = mm.Model(row, Dense(4, activation="tanh")(row), name="inner")
    a, b = Input((3,), name="a"), Input((3,), name="b")
    return mm.Model([a, b], Dense(1, activation="sigmoid")(inner(a) + inner(b) * 2), seed=5)


def subclassed():
    model = Net(4)
    model(X)
    return model


def stateful():
    layers = [Input((4, 3), batch_size=4), LSTM(3, stateful=True), Dense(1, activation="sigmoid")]
    return mm.Sequential(layers, seed=3)


def of_texts():
    strings = TextVectorization(output_sequence_length=4, vocabulary=["good", "bad", "film"])
    pooled = mm.layers.GlobalAveragePooling1D()
    layers = [strings, Embedding(5, 3), pooled, Dense(1, activation="sigmoid")]
    return mm.Sequential([Input((1,), dtype="string"), *layers], seed=3)


SEQUENCES = rng.normal(size=(8, 4, 3)).astype("float32")
MODELS = {
    "adam": (stack, lambda: "adam", X),
    "amsgrad": (stack, lambda: optimizers.Adam(0.01, amsgrad=True), X),
    "momentum": (stack, lambda: optimizers.SGD(0.1, momentum=0.9), X),
    "ema": (stack, lambda: optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9), X),
    "accumulation": (stack, lambda: optimizers.Adam(gradient_accumulation_steps=3), X),
    "batch_normalization": (
        lambda: stack(Dense(4), BatchNormalization()), lambda: optimizers.RMSprop(0.01), X,
    ),
    "functional": (functional, lambda: optimizers.SGD(0.1, 0.9, nesterov=True), [X, X[::-1]]),
    "subclassed": (subclassed, lambda: "adam", X),
    "stateful_lstm": (stateful, lambda: "adam", SEQUENCES),
    "text_vectorization": (of_texts, lambda: "adam", TEXTS),
}  # fmt: skip


def train(model, x):
    """Train two steps."""
    model.fit(x, Y, epochs=1, batch_size=4, shuffle=False, verbose=0)


def write_models():
    for name, (make, optimizer, x) in MODELS.items():
        model = make()
        model.compile(optimizer(), "binary_crossentropy", metrics=["accuracy"])
        train(model, x)
        model.save(FOLDER / f"{name}.maeum")
        # A stateful layer goes on from where it is: so does the model that is loaded.
        predicted = model.predict(x, batch_size=4, verbose=0)
        train(model, x)
        trained = model.predict(x, batch_size=4, verbose=0)
        inputs = {"x": x} if isinstance(x, np.ndarray) else {"x": x[0], "x2": x[1]}
        inputs = {k: v.astype(str) if v.dtype == object else v for k, v in inputs.items()}
        np.savez(FOLDER / f"{name}.npz", **inputs, y=Y, predicted=predicted, trained=trained)
    model = stack(Dense(4), BatchNormalization())
    model.save_weights(FOLDER / "only.weights.safetensors")
    np.savez(FOLDER / "only.npz", x=X, predicted=model.predict(X, verbose=0))


def write_tasks():
    from maeum.images import ImageSet
    from maeum.images.experiment import train_images
    from maeum.language import train_language_model, train_text
    from maeum.sequences import train_series
    from maeum.tabular import train_table

    i = np.arange(60)
    table = pd.DataFrame(
        {
            "hours": (i * 7 % 60) / 2,
            "town": np.array(["서울", "부산", "대구"])[i % 3],
            "day": pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d"),
            "member": np.where(i % 4 == 0, "yes", "no"),
            "passed": np.where(i * 7 % 60 > 25, "yes", "no"),
        }
    )
    table["price"] = table["hours"] * 3.5 + i % 3
    for name, target in {"table": "passed", "table_regression": "price"}.items():
        trained = train_table(table, target, hidden=(4,), epochs=2, report=False)
        write_task(name, trained.model, table)
    series = pd.DataFrame(
        {"date": pd.date_range("2024-01-01", periods=90), "units": 50 + 10 * (np.arange(90) % 7)}
    )
    options = {"network": "gru", "hidden": (4,), "epochs": 2, "report": False}
    trained = train_series(series, "units", time="date", ahead=2, window=7, **options)
    write_task("series", trained.model, series)
    i = np.arange(40)
    reviews = [f"{'a good' if n % 2 else 'a bad'} film number{n}" for n in i]
    texts = pd.DataFrame({"review": reviews, "label": np.where(i % 2, "pos", "neg")})
    trained = train_text(texts, "review", "label", units=4, epochs=2, report=False)
    write_task("texts", trained.model, texts)
    pixels = np.random.default_rng(0).integers(0, 60, (24, 8, 8, 1))
    labels = np.arange(24) % 2
    pixels = (pixels + 190 * labels[:, None, None, None]).astype("uint8")
    images = ImageSet(pixels=pixels, labels=labels, class_names=["dark", "light"])
    trained = train_images(images, epochs=1, batch_size=8, report=False)
    trained.model.save(FOLDER / "images.maeum")
    np.savez_compressed(FOLDER / "images.npz", pixels=pixels)
    trained.model.predict(images).to_csv(FOLDER / "images_predicted.csv", index=False)
    options = {"units": 4, "layers": 1, "epochs": 1, "window": 8}
    trained = train_language_model(["abcd\n" * 60], **options)
    model = trained.model
    model.save(FOLDER / "language.maeum")
    story = {
        "prompt": "ab",
        "greedy": model.generate("ab", 12, temperature=0),
        "text": "abcdab",
        "evaluated": model.evaluate("abcdab"),
    }
    (FOLDER / "language.json").write_text(json.dumps(story))


def write_task(name, model, inputs):
    model.save(FOLDER / f"{name}.maeum")
    inputs.to_csv(FOLDER / f"{name}.csv", index=False)
    found = model.predict(pd.read_csv(FOLDER / f"{name}.csv"))
    found.to_csv(FOLDER / f"{name}_predicted.csv", index=False)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write_models()
    write_tasks()
