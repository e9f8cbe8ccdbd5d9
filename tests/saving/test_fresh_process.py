"""A model that another process loads predicts the same bits and goes on as if nothing happened."""

import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

ZOO = Path(__file__).with_name("zoo.py")
spec = importlib.util.spec_from_file_location("zoo", ZOO)
zoo = importlib.util.module_from_spec(spec)
spec.loader.exec_module(zoo)


@pytest.fixture(scope="module")
def stories(request, tmp_path_factory):
    """Train, save, go on; and what a fresh process makes of it, by model that is asked for."""
    folder = tmp_path_factory.mktemp("zoo")
    models, before = {}, {}
    asking = [item for item in request.session.items if "stories" in item.fixturenames]
    names = list(dict.fromkeys(item.callspec.params["name"] for item in asking))
    for name in names:
        models[name] = zoo.MODELS[name]()
        zoo.fit(models[name], name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if name == "optax" else "error")
            models[name].save(folder / f"{name}.maeum")
        before[name] = zoo.as_dict(models[name].predict(zoo.data(name)[0]))
    path = os.pathsep.join(filter(None, ["src", os.environ.get("PYTHONPATH")]))
    subprocess.run(
        [sys.executable, str(ZOO), str(folder), *names],
        check=True,
        cwd=ZOO.parents[2],
        env={**os.environ, "PYTHONPATH": path},
    )
    found = {name: dict(np.load(folder / f"{name}.npz")) for name in names}
    return models, before, found


@pytest.mark.parametrize("name", zoo.MODELS)
def test_predictions_are_bit_equal_in_another_process(stories, name):
    _, before, found = stories
    for output, expected in before[name].items():
        np.testing.assert_array_equal(found[name][f"predicted_{output}"], expected)


@pytest.mark.parametrize("name", zoo.MODELS)
def test_training_goes_on_bit_equal_in_another_process(stories, name):
    models, _, found = stories
    model = models[name]
    zoo.fit(model, name)
    for path, variable in model.named_variables().items():
        np.testing.assert_array_equal(found[name][f"trained_{path}"], variable.numpy())
    np.testing.assert_array_equal(found[name]["rate"], np.asarray(model.optimizer.learning_rate))


@pytest.mark.parametrize("name", ["adam", "schedule", "graph", "accumulation"])
def test_two_fits_are_one_long_fit(name):
    parts, whole = zoo.MODELS[name](), zoo.MODELS[name]()
    x, y = zoo.data(name)
    parts.fit(x, y, epochs=2, batch_size=8, verbose=0)
    parts.fit(x, y, epochs=4, initial_epoch=2, batch_size=8, verbose=0)
    whole.fit(x, y, epochs=4, batch_size=8, verbose=0)
    for a, b in zip(parts.get_weights(), whole.get_weights()):
        np.testing.assert_array_equal(a, b)
