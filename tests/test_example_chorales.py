"""The example of chorales runs from its options to a page, and counts nats as a loop would."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

import maeum as mm
from maeum.music import read_midi, read_wav

from .pages import check

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def chorales(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAEUM_DATA", raising=False)
    return importlib.import_module("chorales")


def test_a_chorale_is_gone_on_with_and_written(chorales, tmp_path, capsys):
    rng = np.random.default_rng(0)
    pieces = [[sorted(map(int, rng.choice(range(50, 80), 4, replace=False))) for _ in range(20)]
              for _ in range(6)]  # fmt: skip
    data = {"train": pieces, "valid": pieces[:2], "test": pieces[2:]}
    (tmp_path / "jsb-chorales-quarter.json").write_text(json.dumps(data))
    page = chorales.main(["--epochs", "1", "--units", "4", "--output", "made"])
    check(page.read_text("utf-8"))
    assert "nats a step" in capsys.readouterr().out
    piece = read_midi("made/chorale.mid")
    first = sorted(int(track.notes["pitch"][0]) for track in piece.tracks)
    assert first == pieces[2][0]
    assert len(read_wav("made/chorale.wav")[0]) > 0


def test_without_the_data_it_says_so(chorales, capsys):
    assert chorales.main([]) is None
    assert "jsb-chorales-quarter.json" in capsys.readouterr().out


def test_nats_are_those_of_a_loop_over_all_pitches(chorales):
    rng = np.random.default_rng(1)
    pieces = [rng.choice([-1, 60, 62, 64], (n, 4)) for n in (3, 7)]
    x = mm.Input((None, 88))
    model = mm.Model(x, mm.layers.Dense(88, activation="sigmoid", bias_initializer="normal")(x))
    total, steps = 0.0, 0
    for piece in pieces:
        before = np.zeros((1, 1, 88), np.float32)
        for chord in piece:
            told = model.predict(before, verbose=0)[0, 0].astype(float)
            sounds = {int(pitch) - 21 for pitch in chord if pitch >= 0}
            for pitch, p in enumerate(told):
                total -= np.log(p if pitch in sounds else 1 - p)
            before = np.zeros((1, 1, 88), np.float32)
            before[0, 0, list(sounds)] = 1
            steps += 1
    assert chorales.nats(model, pieces) == pytest.approx(total / steps, rel=1e-5)


def test_what_sounds_becomes_voices_and_back(chorales):
    voices = np.array([[72, 67, 64, 48], [72, 60, -1, -1]])
    np.testing.assert_array_equal(chorales.as_voices(chorales.hot(voices)), voices)
    x, y, there = chorales.rows([voices, np.full((85, 4), 60)])
    assert (x.shape, there.sum(1).tolist()) == ((3, 80, 88), [2, 80, 5])
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1] * there[:, 1:, None])
    np.testing.assert_array_equal(x[2, 0], y[1, -1])
