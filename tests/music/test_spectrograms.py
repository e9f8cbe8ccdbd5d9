"""Spectrograms: there and back, and what SciPy says of them; notes with drawn timbres."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError, ShapeError
from maeum.music.notes import frequency
from maeum.music.spectrograms import from_spectrogram, to_spectrogram
from maeum.music.timbres import TIMBRE, drawn_notes, note


@pytest.fixture(scope="module")
def notes():
    return drawn_notes(12, seed=3)


def test_magnitudes_and_phases_are_those_of_scipy(notes):
    stft = pytest.importorskip("scipy.signal").stft
    sound = notes.audio[0].astype(float)
    padded = np.pad(sound, 512 - 128)
    _, _, found = stft(padded, nperseg=512, noverlap=384, boundary=None, padded=False)
    image = to_spectrogram(sound)
    size = np.abs(found.T[:, :-1]) * 2
    np.testing.assert_allclose(np.exp(image[..., 0]) - 1e-6, size, atol=1e-6)
    phase = np.unwrap(np.angle(found.T[:, :-1]), axis=0)
    turns = np.diff(phase, axis=0) / np.pi
    loud = size[1:] > 1e-3
    apart = np.abs(turns - image[1:, :, 1])[loud]
    assert np.minimum(apart, 2 - apart).max() < 1e-4


@pytest.mark.parametrize(("window", "hop"), [(512, 128), (256, 128), (64, 8)])
def test_sound_comes_back_from_its_spectrogram(window, hop, notes):
    back = from_spectrogram(to_spectrogram(notes.audio, window, hop), window, hop, samples=7808)
    error = np.sqrt(((back - notes.audio) ** 2).mean() / (notes.audio**2).mean())
    assert back.shape == notes.audio.shape
    assert error < 1e-3  # what the highest bin held, and float32


def test_sound_of_any_length_comes_back():
    sound = np.sin(np.arange(1001) * 0.3)
    back = from_spectrogram(to_spectrogram(sound), samples=1001)
    np.testing.assert_allclose(back, sound, atol=2e-3)


def test_in_mel_the_low_bins_come_back(notes):
    back = from_spectrogram(to_spectrogram(notes.audio, mel=8000), mel=8000)
    error = np.sqrt(((back - notes.audio) ** 2).mean() / (notes.audio**2).mean())
    assert error < 0.1
    low = to_spectrogram(np.sin(2 * np.pi * 500 / 8000 * np.arange(4096)), mel=8000)
    # 500 Hz is at log1p(5/7) / log1p(40/7) of the 256 bins
    assert abs(low[16, :, 0].argmax() - 256 * np.log1p(5 / 7) / np.log1p(40 / 7)) < 3


def test_a_steady_tone_turns_steadily():
    hertz = 440.0
    image = to_spectrogram(np.sin(2 * np.pi * hertz / 8000 * np.arange(8000)))
    bin_ = round(hertz / 8000 * 512)
    turns = image[6:-6, bin_, 1]
    expected = 2 * hertz / 8000 * 128  # half circles in a hop
    np.testing.assert_allclose(turns, (expected + 1) % 2 - 1, atol=1e-3)
    assert image[30, bin_, 0] == pytest.approx(0, abs=0.2)  # the amplitude 1


def test_shapes_that_do_not_fit_are_told():
    with pytest.raises(ConfigError, match="hop"):
        to_spectrogram(np.zeros(100), 512, 100)
    with pytest.raises(ConfigError, match="hop"):
        to_spectrogram(np.zeros(100), 512, 512)
    for bad in (np.zeros(()), np.zeros((3, 0))):
        with pytest.raises(ShapeError, match="samples"):
            to_spectrogram(bad)
    for bad in (np.zeros((64, 255, 2)), np.zeros((64, 256)), np.zeros((2, 256, 2))):
        with pytest.raises(ShapeError, match="spectrogram"):
            from_spectrogram(bad)


def test_drawn_notes_have_their_pitch_and_follow_the_seed(notes):
    assert (notes.audio.shape, notes.timbre.shape) == ((12, 7808), (12, len(TIMBRE)))
    np.testing.assert_allclose(np.abs(notes.audio).max(1), 0.9, atol=1e-6)
    for sound, pitch, timbre in zip(notes.audio, notes.pitch, notes.timbre):
        size = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 2**17))
        hertz = np.fft.rfftfreq(2**17, 1 / notes.rate)
        near = np.where(np.abs(hertz / frequency(pitch) - 1) < 0.03, size, 0)
        assert abs(hertz[near.argmax()] - frequency(pitch)) < 1
        np.testing.assert_allclose(note(int(pitch), timbre), sound, atol=1e-4)
    np.testing.assert_array_equal(drawn_notes(3, seed=3).audio, notes.audio[:3])
    assert (drawn_notes(3, seed=4).audio != notes.audio[:3]).any()
    pitches = drawn_notes(40, pitches=(60, 62), samples=100).pitch
    assert set(pitches.tolist()) == {60, 61, 62}


def test_timbres_that_there_cannot_be_are_told():
    for bad in ([0.5] * 5, [2] * 6, [np.nan] * 6):
        with pytest.raises(ConfigError, match="timbre"):
            note(60, bad)
    with pytest.raises(ConfigError, match="pitches"):
        drawn_notes(1, pitches=(70, 60))
