"""Spectrograms beside Keras's, in every mode."""

import numpy as np
import pytest

from maeum import layers
from maeum.core.errors import ConfigError, ShapeError

SOUND = np.random.default_rng(5).normal(size=(2, 400)).astype("float32")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sequence_length": 48, "window": "hamming", "mag_exp": 1.0},
        {"power_to_db": False, "min_freq": 100.0, "max_freq": 3000, "sampling_rate": 8000},
        {"ref_power": 2.0, "top_db": 20.0, "window": None},
    ],
)
def test_mel_spectrograms_are_those_of_keras(k, options):
    options = {"fft_length": 64, "sequence_stride": 20, "num_mel_bins": 6, **options}
    ours, theirs = (room.MelSpectrogram(**options) for room in (layers, k))
    expected = np.asarray(theirs(SOUND))
    np.testing.assert_allclose(ours(SOUND), expected, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(ours(SOUND[0]).shape, expected.shape[1:])
    assert ours.compute_output_shape((None, 400)) == (None, *expected.shape[1:])


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd", "real", "imag", "angle", "stft"])
@pytest.mark.parametrize("expand_dims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_stft_spectrograms_are_those_of_keras(k, mode, expand_dims, data_format):
    options = {
        "mode": mode, "frame_length": 16, "frame_step": 6, "expand_dims": expand_dims,
        "data_format": data_format, "scaling": None if expand_dims else "density",
    }  # fmt: skip
    x = SOUND[:, :120].reshape((2, 60, 2) if data_format == "channels_last" else (2, 2, 60))
    ours, theirs = (room.STFTSpectrogram(**options) for room in (layers, k))
    expected = np.asarray(theirs(x))
    got = np.asarray(ours(x))
    assert ours.compute_output_shape(x.shape) == got.shape == expected.shape
    if mode == "angle":  # which jumps at half a turn
        got, expected = np.cos(got), np.cos(expected)
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: layers.MelSpectrogram(64, sequence_length=65), "sequence_length"),
        (lambda: layers.MelSpectrogram(window="blackman"), "window"),
        (lambda: layers.STFTSpectrogram("loud"), "mode"),
        (lambda: layers.STFTSpectrogram(frame_length=16, frame_step=17), "frame_step"),
        (lambda: layers.STFTSpectrogram(frame_length=16, fft_length=8), "fft_length"),
        (lambda: layers.STFTSpectrogram(window="round"), "window"),
        (lambda: layers.STFTSpectrogram()(SOUND), "3 axes"),
    ],
)
def test_bad_arguments_are_explained(call, words):
    with pytest.raises((ConfigError, ShapeError), match=words):
        call()
