"""Single notes as spectrograms and back; the example writes sounds."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.generative.music import GANSynth
from maeum.music import drawn_notes, frequency, read_wav

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="module")
def model():
    return GANSynth.of_notes((60, 63), filters=(4, 2), latent_size=2, hidden=4, seed=1)


def test_examples_are_images_that_become_the_sound_again(model):
    notes = drawn_notes(4, pitches=(60, 63), samples=3840)
    images, labels = model.examples(notes.audio, notes.pitch)
    assert (images.shape, images.dtype) == ((4, 16, 256, 2), np.float32)
    assert -1 <= images.min() <= images.max() <= 1
    assert labels.tolist() == (notes.pitch - 60).tolist()
    back = model._sound(images)
    assert np.abs(back - notes.audio).max() < 0.02  # what nobody hears has lost its phases


def test_the_phase_of_a_steady_tone_turns_as_fast_as_its_frequency_says(model):
    hertz = float(frequency(60))
    sine = np.sin(2 * np.pi * hertz / 8000 * np.arange(3840))[None]
    [image], _label = model.examples(sine, 60)
    turn = 2 * hertz * 256 / 8000  # halves of a circle in a hop
    wanted = (turn + 1) % 2 - 1
    row = round(hertz / 8000 * 512)
    np.testing.assert_allclose(image[2:-2, row, 1], wanted, atol=0.01)


def test_codes_are_timbres_and_labels_pitches(model, tmp_path):
    one, other = model.draw_codes(2, seed=1)
    between = model.between(one, other, 61, steps=3)
    assert between.shape == (3, 3840)
    np.testing.assert_allclose(between[[0, 2]], model.play([one, other], 61), atol=1e-4)
    model.save(tmp_path / "synth.maeum")
    again = mm.load_model(tmp_path / "synth.maeum")
    np.testing.assert_array_equal(again.play(one[None], [62]), model.play(one[None], [62]))


def test_pitches_that_there_are_not_are_refused(model):
    with pytest.raises(DataError, match="from 60 to 63; got 64"):
        model.play(model.draw_codes(1, seed=0), 64)
    with pytest.raises(ConfigError, match="a higher one"):
        GANSynth.of_notes((60, 60))


def test_the_example_writes_sounds(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(EXAMPLES)
    example = importlib.import_module("gansynth")
    tiny = ["--notes", "8", "--epochs", "1", "--filters", "2", "2", "--pitches", "60", "62"]
    place = example.main([*tiny, "--output", str(tmp_path / "made")])
    assert "have the pitch" in capsys.readouterr().out
    for name, count in (("real", 8), ("scale", 3), ("between", 8)):
        sound, rate = read_wav(place / f"{name}.wav")
        assert (len(sound), rate) == (count * 3840, 8000)


def test_the_pitch_of_notes_is_found(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    example = importlib.import_module("gansynth")
    pitches = np.arange(60, 72)
    sound = np.stack([drawn_notes(1, int(p), (int(p), int(p)), samples=3840).audio[0]
                      for p in pitches])  # fmt: skip
    assert example.pitch_found(sound, pitches) > 0.9
    assert example.pitch_found(sound[::-1], pitches) < 0.2
