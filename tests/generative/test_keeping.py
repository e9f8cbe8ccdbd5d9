"""Models that are saved answer the same bits; trainings that are killed go on to the same."""

import subprocess
import sys

import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import Callback
from maeum.core import functional
from maeum.generative import (
    RBM,
    VAE,
    Autoencoder,
    BetaWarmUp,
    DeepBeliefNetwork,
    DenoisingAutoencoder,
    KLSparsity,
    SaltAndPepperNoise,
)
from maeum.training.members import fit_members

X = np.random.default_rng(0).random((30, 6)).astype("float32")


class Killed(Exception):
    pass


class Kill(Callback):
    """Break a training off behind so many steps."""

    def __init__(self, steps):
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if not self.steps:
            raise Killed


def autoencoder():
    model = Autoencoder.dense(6, (4, 2), code_regularizer="l1", seed=1)
    model.compile("adam", "mse", metrics=["mae"])
    return model


def denoising():
    noise = SaltAndPepperNoise(0.2)
    model = DenoisingAutoencoder.dense(
        6, (4,), noise=noise, code_regularizer=KLSparsity(0.1), seed=1
    )
    model.compile("adam", "mse")
    return model


def vae():
    model = VAE.dense(6, (4, 2), likelihood="gaussian", warmup_steps=7, seed=1)
    model.compile("adam")
    return model


def rbm():
    model = RBM(4, persistent=True, chains=5, k=2, seed=1)
    model.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    return model


def dbn():
    model = DeepBeliefNetwork([6, 6, 6], seed=1)  # two alike: one program
    model.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    return model


MADE = [autoencoder, denoising, vae, rbm]
ASKED = {
    "predict": lambda model: model.predict(X),
    "sample": lambda model: (
        model.sample(3, seed=1, like=X)
        if isinstance(model, Autoencoder)
        else model.sample(3, steps=4, seed=1)
    ),
}


@pytest.fixture(scope="module", params=[*MADE, dbn], ids=lambda make: make.__name__)
def trained(request):
    model = request.param()
    model.fit(X, batch_size=8, epochs=2, verbose=0)
    return model


def test_a_saved_model_answers_the_same_bits(trained, tmp_path):
    trained.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    assert type(again) is type(trained)
    for ask in ASKED.values():
        np.testing.assert_array_equal(ask(trained), ask(again))
    assert again.get_config() == trained.get_config()
    if type(trained) is DeepBeliefNetwork:  # each layer begins with a new optimizer
        return
    # Its training goes on as if it had never been saved.
    one, two = (m.fit(X, batch_size=8, epochs=1, verbose=0).history for m in (trained, again))
    assert one == two
    values, others = functional.values(trained), functional.values(again)
    for path in values:
        np.testing.assert_array_equal(values[path], others[path])


def test_a_file_is_loaded_where_the_room_was_not_imported(tmp_path):
    model = denoising()
    model.save(tmp_path / "model.maeum")
    code = "import maeum as mm; print(type(mm.load_model('model.maeum')).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "DenoisingAutoencoder"


@pytest.mark.parametrize("make", MADE, ids=lambda make: make.__name__)
def test_a_killed_training_goes_on_to_the_same_bits(make, tmp_path):
    def fit(model, *callbacks, **options):
        callbacks = [*callbacks, *([BetaWarmUp(3)] if make is vae else [])]
        return model.fit(X, batch_size=8, epochs=4, callbacks=callbacks, verbose=0, **options)

    whole = make()
    expected = fit(whole)
    backup = mm.training.Backup(tmp_path / "kept", steps=3, overhead=1)
    with pytest.raises(Killed):
        fit(make(), Kill(10), backup=backup)
    resumed = make()
    found = fit(resumed, backup=backup)
    assert found.history == expected.history
    values = functional.values(resumed)
    for path, value in functional.values(whole).items():
        np.testing.assert_array_equal(values[path], value)


def test_a_killed_pretraining_goes_on_in_its_layer(tmp_path):
    whole = dbn()
    expected = whole.fit(X, batch_size=8, epochs=3, verbose=0)
    with pytest.raises(Killed):
        dbn().fit(
            X, batch_size=8, epochs=3, verbose=0, backup=tmp_path / "kept",
            callbacks=lambda layer: [Kill(6)] if layer == 1 else [],
        )  # fmt: skip
    resumed = dbn()
    found = resumed.fit(X, batch_size=8, epochs=3, verbose=0, backup=tmp_path / "kept")
    assert [h.history for h in found] == [h.history for h in expected]
    for one, two in zip(whole.get_weights(), resumed.get_weights()):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("make", [vae, rbm], ids=lambda make: make.__name__)
def test_seeds_side_by_side_learn_what_each_learns_alone(make):
    one, two, alone = make(), make(), make()
    for model in (two, alone):
        model.reseed(5)
    histories = fit_members([one, two], X, None, batch_size=10, epochs=2)
    expected = alone.fit(X, batch_size=10, epochs=2, verbose=0).history
    assert histories[0].history["loss"] != histories[1].history["loss"]
    for name, values in expected.items():
        np.testing.assert_allclose(histories[1].history[name], values, rtol=1e-4, atol=1e-5)
