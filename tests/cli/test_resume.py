"""``maeum train`` that was broken off, and goes on."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from maeum.experiment.resuming import checkpoints, is_unfinished

OPTIONS = ["--target", "y", "--epochs", "400", "--patience", "0", "--hidden", "8"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a table, and with a training that SIGTERM ended."""
    folder = tmp_path_factory.mktemp("resume")
    x = np.random.default_rng(0).normal(size=(300, 3))
    pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x.sum(1) > 0}).to_csv(folder / "t.csv")
    process = subprocess.Popen(
        [sys.executable, "-m", "maeum.cli.main", "train", "t.csv", *OPTIONS, "--out", "o"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while not is_unfinished(folder / "o"):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    output = process.communicate()[0]
    assert process.returncode == 143, output
    assert "the same training goes on from here" in output
    return folder


def metrics(folder):
    found = json.loads((folder / "metrics.json").read_text())
    return {k: v for k, v in found.items() if k not in ("seconds", "models")}


def test_another_training_is_refused_and_nothing_is_lost(place, maeum, monkeypatch):
    monkeypatch.chdir(place)
    result = maeum("train", "t.csv", *OPTIONS, "--learning-rate", "0.5", "--hidden", "9",
                 "--out", "o", "--resume")  # fmt: skip
    assert result.code == 2
    assert "is another one than this: layers.dense.units" in result.err.replace("\n", " ")
    assert is_unfinished(place / "o")


def test_a_second_process_is_refused(place, maeum, monkeypatch):
    monkeypatch.chdir(place)
    with checkpoints(place / "o", lambda: True):
        result = maeum("train", "t.csv", *OPTIONS, "--out", "o", "--resume")
    assert result.code == 2
    assert "Another process is training" in result.err.replace("\n", " ")
    assert is_unfinished(place / "o")


def test_a_training_goes_on_to_the_same_results(place, maeum, monkeypatch):
    monkeypatch.chdir(place)
    assert maeum("train", "t.csv", *OPTIONS, "--out", "o", "--resume").code == 0
    assert maeum("train", "t.csv", *OPTIONS, "--out", "whole").code == 0
    assert sorted(os.listdir("o")) == sorted(os.listdir("whole"))  # no checkpoints are left
    assert metrics(place / "o") == metrics(place / "whole")
    assert (place / "o/history.csv").read_bytes() == (place / "whole/history.csv").read_bytes()


def test_without_being_asked_a_new_training_begins_and_says_so(tmp_path, place, maeum, monkeypatch):
    monkeypatch.chdir(place)
    old = place / "p" / "checkpoints" / "training" / "checkpoint-00000001.maeum-checkpoint"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"of another training")
    short = ["--target", "y", "--epochs", "1", "--hidden", "8", "--out", "p"]
    result = maeum("train", "t.csv", *short)
    assert result.code == 0
    assert "p holds a training that was broken off; a new one begins" in result.out
    assert not is_unfinished(place / "p")
