"""Files that older versions wrote are read, predict what they did, and can be trained on.

`write_format_1.py` says what the files hold and how they were written.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import maeum as mm
from maeum.forecasting import SeriesModel
from maeum.images import ImageSet
from maeum.images.experiment import ImageModel
from maeum.language import LanguageModel
from maeum.layers import BatchNormalization, Dense, Input
from maeum.tabular import TabularModel
from maeum.texts import TextClassifier

FOLDER = Path(__file__).with_name("files_format_1")
MODELS = [
    "accumulation",
    "adam",
    "amsgrad",
    "batch_normalization",
    "ema",
    "functional",
    "momentum",
    "stateful_lstm",
    "subclassed",
    "text_vectorization",
]
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@mm.register(package="format_1")
class Net(mm.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden = [Dense(units, activation="relu")]
        self.out = Dense(1, activation="sigmoid")

    def call(self, x):
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)


@pytest.mark.parametrize("name", MODELS)
def test_an_old_model_predicts_and_trains_on_as_it_did(name):
    model = mm.load_model(FOLDER / f"{name}.maeum")
    kept = dict(np.load(FOLDER / f"{name}.npz"))
    x = [kept["x"], kept["x2"]] if "x2" in kept else kept["x"]
    np.testing.assert_allclose(
        model.predict(x, batch_size=4, verbose=0), kept["predicted"], **CLOSE
    )
    model.fit(x, kept["y"], epochs=1, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.predict(x, batch_size=4, verbose=0), kept["trained"], **CLOSE)


def test_an_old_file_of_weights_is_read():
    kept = np.load(FOLDER / "only.npz")
    end = Dense(1, activation="sigmoid")
    model = mm.Sequential([Input((3,)), Dense(4), BatchNormalization(), end], seed=9)
    model.load_weights(FOLDER / "only.weights.safetensors")
    np.testing.assert_allclose(model.predict(kept["x"], verbose=0), kept["predicted"], **CLOSE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("table", TabularModel),
        ("table_regression", TabularModel),
        ("series", SeriesModel),
        ("texts", TextClassifier),
    ],
)
def test_an_old_model_of_a_task_predicts_as_it_did(name, kind, tmp_path):
    model = kind.load(shutil.copy(FOLDER / f"{name}.maeum", tmp_path))
    found = model.predict(pd.read_csv(FOLDER / f"{name}.csv"))
    found.to_csv(tmp_path / "found.csv", index=False)
    expected = pd.read_csv(FOLDER / f"{name}_predicted.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "found.csv"), expected, rtol=1e-4)


def test_an_old_model_of_images_predicts_as_it_did(tmp_path):
    pixels = np.load(FOLDER / "images.npz")["pixels"]
    images = ImageSet(pixels=pixels, labels=np.arange(24) % 2, class_names=["dark", "light"])
    found = ImageModel.load(FOLDER / "images.maeum").predict(images)
    found.to_csv(tmp_path / "found.csv", index=False)
    expected = pd.read_csv(FOLDER / "images_predicted.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "found.csv"), expected, rtol=1e-4)


def test_an_old_language_model_writes_as_it_did():
    story = json.loads((FOLDER / "language.json").read_text())
    model = LanguageModel.load(FOLDER / "language.maeum")
    assert model.generate(story["prompt"], 12, temperature=0) == story["greedy"]
    found = model.evaluate(story["text"])
    metrics = {name: found[name] for name in story["evaluated"]}
    assert metrics == pytest.approx(story["evaluated"], rel=1e-4)
