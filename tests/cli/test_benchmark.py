"""``maeum benchmark``: one row for each network and device, and what it refuses."""

import json

import jax
import numpy as np
import pytest

from maeum import datasets
from maeum.cli import benchmark
from maeum.core.errors import ConfigError, UnknownNameError


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch):
    """Let the benchmark learn 64 digits."""
    (x, y), test = datasets.digits.load_data(size=28)
    monkeypatch.setattr(datasets.digits, "load_data", lambda size: ((x[:64], y[:64]), test))


def test_prints_a_table_and_how_to_get_a_gpu(maeum):
    ran = maeum("benchmark", "--network", "dense", "--epochs", 2)
    assert ran.code == 0
    heading, head, *rows = ran.out.splitlines()
    # 784 * 256 + 256, 256 * 128 + 128, 128 * 10 + 10
    assert heading == "dense, 235,146 parameters, 128 images a step"
    assert "First epoch" in head
    assert rows[0].startswith("cpu:0 ")
    if jax.default_backend() == "cpu":
        assert "pip install 'maeum[cuda]'" in " ".join(rows)


def test_json_holds_every_network(maeum):
    options = ("--network", "dense", "--network", "cnn", "--epochs", 3, "--batch-size", 32)
    found = json.loads(maeum("benchmark", *options, "--json").out)
    assert (found["epochs"], found["batch_size"]) == (3, 32)
    devices = len(found["timings"]) // 2
    assert [t["network"] for t in found["timings"]] == ["dense"] * devices + ["cnn"] * devices
    for timing in found["timings"]:
        assert timing["first"] > 0
        assert timing["pictures_per_second"] == pytest.approx(64 / timing["later"])
        assert 0 <= timing["accuracy"] <= 1


def test_every_device_learns_the_same_and_is_compared_with_the_slowest(monkeypatch):
    cpu = jax.devices("cpu")[0]
    timings = benchmark.compare_devices(["dense"], 2, 32, devices=[cpu, cpu])
    assert [t.device for t in timings] == ["cpu:0", "cpu:0"]
    assert timings[0].accuracy == timings[1].accuracy
    slowest = max(t.later for t in timings)
    assert [t.times for t in timings] == [slowest / t.later for t in timings]
    assert min(t.times for t in timings) == 1


def test_trains_on_the_device_that_was_asked_for(monkeypatch):
    asked = []

    def remember(*args, **kwargs):
        asked.append(jax.config.jax_default_device)
        return original(*args, **kwargs)

    original = benchmark._dense
    monkeypatch.setattr(benchmark, "_dense", remember)
    cpu = jax.devices("cpu")[0]
    benchmark.compare_devices(["dense"], 2, 64, devices=[cpu])
    assert asked == [cpu]


def test_later_epochs_are_told_by_their_median(monkeypatch):
    times = iter(np.cumsum([0, 9.0, 0, 3.0, 0, 1.0, 0, 2.0]))
    monkeypatch.setattr(benchmark, "perf_counter", lambda: next(times))
    run = benchmark._measure(
        "dense",
        benchmark._dense,
        jax.devices("cpu")[0],
        *(np.zeros((8, 28, 28, 1), "float32"), np.zeros(8, "uint8")),
        epochs=4,
        batch_size=8,
    )
    assert (run.first, run.later) == (9.0, 2.0)  # the median of 3, 1 and 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--network", "rnn"), "network is one of 'dense', 'cnn', 'residual'; got 'rnn'."),
        (("--network", "desne"), "Did you mean 'dense'?"),
        (("--epochs", 1), "takes 2 epochs or more"),
        (("--batch-size", 0), "batch_size is a whole number of 1 or more; got 0."),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_training(refuse, options, said):
    assert said in refuse("benchmark", *options)


def test_errors_can_be_caught():
    with pytest.raises(UnknownNameError):
        benchmark.compare_devices(["x"])
    with pytest.raises(ConfigError):
        benchmark.compare_devices(epochs=0)
