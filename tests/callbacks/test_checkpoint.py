"""ModelCheckpoint: which moments of a training are kept."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.callbacks import LambdaCallback, ModelCheckpoint
from maeum.core.errors import ConfigError, SaveError


def scripted(twin, values):
    return twin.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(val_loss=values[epoch])
    )


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    values=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.9]), min_size=3, max_size=6),
    options=st.fixed_dictionaries(
        {"save_best_only": st.booleans()},
        optional={
            "mode": st.sampled_from(["min", "max", "auto"]),
            "initial_value_threshold": st.sampled_from([0.15, 0.25]),
        },
    ),
)
def test_it_saves_the_epochs_that_keras_saves(twins, tmp_path, values, options):
    results = []
    for twin, ending in zip(twins, (".safetensors", ".weights.h5")):
        twin.begin()
        folder = tmp_path / f"{ending}-{len(os.listdir(tmp_path))}"
        callback = twin.callbacks.ModelCheckpoint(
            folder / ("{epoch:02d}-{val_loss:.2f}" + ending), save_weights_only=True, **options
        )
        twin.fit(scripted(twin, values), callback, epochs=len(values))
        results.append({name.removesuffix(ending) for name in os.listdir(folder)}
                       if folder.exists() else set())  # fmt: skip
    assert results[0] == results[1]


@pytest.mark.parametrize("every", [1, 2, 5])
def test_it_saves_after_so_many_batches_as_keras_does(twins, tmp_path, every):
    names = []
    for twin, ending in zip(twins, (".safetensors", ".weights.h5")):
        folder = tmp_path / ending
        callback = twin.callbacks.ModelCheckpoint(
            folder / ("{epoch}-{batch}" + ending), save_weights_only=True, save_freq=every
        )
        twin.fit(callback, epochs=3)
        names.append({name.removesuffix(ending) for name in os.listdir(folder)})
    assert names[0] == names[1]
    assert len(names[0]) == 9 // every


def test_what_was_saved_is_the_model_of_that_epoch(ours, data, tmp_path):
    kept = {}
    keep = LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.update({epoch: ours.model.get_weights()})
    )
    path = tmp_path / "best.maeum"
    best = ModelCheckpoint(path, monitor="val_loss", save_best_only=True)
    ours.fit(scripted(ours, [0.5, 0.2, 0.4]), best, keep, epochs=3)
    for a, b in zip(mm.load_model(path).get_weights(), kept[1]):
        np.testing.assert_array_equal(a, b)
    assert best.best == 0.2


def test_without_the_monitored_value_everything_is_saved_with_a_warning(ours, tmp_path):
    callback = ModelCheckpoint(tmp_path / "{epoch}.maeum", save_best_only=True)
    with pytest.warns(UserWarning, match="watches 'val_loss'"):
        ours.fit(callback, epochs=2)
    assert sorted(os.listdir(tmp_path)) == ["1.maeum", "2.maeum"]


def test_it_says_what_it_does_and_what_is_wrong(ours, tmp_path, capsys):
    ours.fit(ModelCheckpoint(tmp_path / "a.maeum", verbose=1), epochs=1)
    assert "Epoch 1: saving to" in capsys.readouterr().out
    with pytest.raises(ConfigError, match=r"names 'val_los'.*among: epoch, loss, accuracy"):
        ours.fit(ModelCheckpoint(tmp_path / "{val_los}.maeum"))
    with pytest.raises(ConfigError, match="save_freq is"):
        ModelCheckpoint(tmp_path / "a.maeum", save_freq="batch")
    with pytest.raises(SaveError, match="could not be written"):
        ours.fit(ModelCheckpoint(tmp_path))
    assert ours.fit().epoch == [0, 1]
