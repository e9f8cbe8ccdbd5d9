"""The exercises in examples/ run from their options to a picture that opens."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maeum import datasets
from maeum.core.errors import DataError

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FEW_DIGITS = ("--data", "digits", "--limit", "48", "--epochs", "1")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run an example's main in this process, with its pictures in a new folder."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)

    def run(name, *options):
        return importlib.import_module(name).main([*options, "--output", str(tmp_path / "made")])

    return run


@pytest.fixture
def few_tests(monkeypatch):
    """Test with 30 digits only."""
    load = datasets.digits.load_data

    def fewer(size):
        train, (x, y) = load(size=size)
        return train, (x[:30], y[:30])

    monkeypatch.setattr(datasets.digits, "load_data", fewer)


@pytest.fixture
def cats(monkeypatch):
    """Let there be a few pictures, bright where there is a cat."""
    random = np.random.default_rng(3)

    def draw(count):
        y = np.arange(count) % 2
        x = random.integers(0, 128, (count, 64, 64, 3)) + 120 * y[:, None, None, None]
        return x.astype(np.uint8), y

    monkeypatch.setattr(datasets.cats, "load_data", lambda: (draw(16), draw(10)))


def opens(path):
    with Image.open(path) as picture:
        picture.load()
        assert min(picture.size) > 200
        assert len(picture.convert("L").getcolors()) > 20  # it is not blank


def test_exercise_2_compares_two_networks_on_cats(run, cats, capsys):
    opens(run("exercise2_cats", "--epochs", "1", "--seeds", "2"))
    said = capsys.readouterr().out
    assert "Two-layer network" in said
    assert "CNN with augmentation" in said


@pytest.mark.parametrize("error", [DataError("not here"), ImportError("no h5py")])
def test_exercise_2_without_its_pictures_says_so_in_one_line(run, monkeypatch, capsys, error):
    def missing():
        raise error

    monkeypatch.setattr(datasets.cats, "load_data", missing)
    assert run("exercise2_cats") is None
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].startswith("Exercise 2 is skipped, for want of its pictures: ")


def test_exercise_3_trains_a_network_for_each_seed(run, few_tests, capsys):
    opens(run("exercise3_mnist_cnn", *FEW_DIGITS, "--seeds", "2"))
    said = capsys.readouterr().out
    assert "48 pictures to train, 30 to test with" in said
    assert "Seed 1: " in said
    assert "Mean " in said


def test_exercise_4_draws_the_residual_network_beside_the_one_before(run, few_tests, capsys):
    opens(run("exercise4_mnist_residual", *FEW_DIGITS, "--blocks", "1"))
    said = capsys.readouterr().out
    assert "CNN: " in said
    assert "residual network: " in said


def test_exercise_4_has_as_many_parameters_as_it_says(run, monkeypatch):
    exercise = importlib.import_module("exercise4_mnist_residual")
    count = exercise.network(0).count_params()
    assert f"{count:,} parameters" in exercise.__doc__
    assert 0.46e6 < count < 0.49e6


def test_exercise_5_tells_each_way_and_keeps_the_best_model(run, few_tests, tmp_path, capsys):
    opens(run("exercise5_mnist_improved", *FEW_DIGITS, "--blocks", "1"))
    said = capsys.readouterr().out
    for way in ("as it was", "+ batch norm", "+ learning-rate steps", "+ early stopping"):
        assert way in said
    assert (tmp_path / "made" / "exercise5_best.maeum").is_file()


def test_exercise_6_draws_every_device(run, capsys):
    opens(run("exercise6_devices", "--epochs", "2", "--network", "dense"))
    assert "dense     on cpu:0" in capsys.readouterr().out


def test_ensemble_tells_its_members_and_all_together(run, few_tests, capsys):
    opens(run("ensemble_digits", *FEW_DIGITS, "--members", "2"))
    said = capsys.readouterr().out
    assert "Member 2: " in said
    assert "All together: " in said


def test_deep_belief_net_tells_both_ways(run, few_tests, capsys):
    small = "--seeds", "1", "--units", "8", "--labels", "20", "--pretraining", "1"
    opens(run("deep_belief_net", *FEW_DIGITS, *small))
    said = capsys.readouterr().out
    assert "Seed 0: with pre-training " in said
    assert "of 1 seeds: " in said


@pytest.mark.soak
def test_pre_training_helps_with_500_labels_of_mnist_in_every_seed(run, public_data, capsys):
    public_data("mnist")
    opens(run("deep_belief_net", "--data", "mnist", "--seeds", "10"))
    assert "fewer errors in 10 of 10 seeds" in capsys.readouterr().out


def test_a_gan_is_judged_beside_real_digits(run, few_tests, tmp_path, capsys):
    opens(run("gan_digits", *FEW_DIGITS))
    said = capsys.readouterr().out
    assert "made: " in said
    assert "real: " in said
    assert (tmp_path / "made" / "gan_digits.html").is_file()


def test_digits_of_mnist_come_in_an_order_that_never_changes(run, monkeypatch):
    course = importlib.import_module("course")
    pictures = np.arange(10_000, dtype=np.uint16)[:, None, None] % 256 * np.ones((28, 28))
    loaded = pictures.astype(np.uint8), (np.arange(10_000) % 10).astype(np.uint8)
    monkeypatch.setattr(datasets.mnist, "load_test_data", lambda: loaded)
    first, second = (course.load_digits("mnist") for _ in range(2))
    assert (len(first.x), len(first.x_test)) == (8500, 1500)
    assert first.x.shape[1:] == (28, 28, 1)
    np.testing.assert_array_equal(first.y, second.y)
    # Each label goes with its picture, and none is in both parts.
    every = np.concatenate([first.x, first.x_test])[:, 0, 0, 0] * 255
    labels = np.concatenate([first.y, first.y_test])
    order = np.random.default_rng(20).permutation(10_000)
    np.testing.assert_allclose(every, order % 256, atol=1e-3)
    np.testing.assert_array_equal(labels, order % 10)


@pytest.mark.parametrize("epochs", ["0", "-1", "many"])
def test_options_that_make_no_sense_are_refused(run, capsys, epochs):
    with pytest.raises(SystemExit):
        run("exercise3_mnist_cnn", "--epochs", epochs)
    assert "--epochs" in capsys.readouterr().err
