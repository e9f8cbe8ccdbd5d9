"""Folders of sounds, against TensorFlow's reading of WAV files (numbers of 16 bits / 2^15)."""

import wave

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.preprocessing.audio_directory import read_wav
from maeum.utils import audio_dataset_from_directory


def write(path, samples, width=2, rate=1000):
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.round(np.asarray(samples, float) * (2 ** (8 * width - 1) - 1)).astype("<i8")
    if width == 1:
        whole = whole + 128
    data = whole.reshape(-1, 1).view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(np.shape(samples)[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)


@pytest.fixture
def folder(tmp_path):
    for number in range(6):
        sound = np.full((20 + number, 1), number / 10)
        write(tmp_path / ("one" if number % 2 else "two") / f"{number}.wav", sound)
    return tmp_path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_files_of_any_width(tmp_path, width, channels):
    sound = np.random.default_rng(0).uniform(-1, 1, (50, channels))
    write(tmp_path / "a.wav", sound, width)
    read = read_wav(tmp_path / "a.wav")
    assert read.shape == (50, channels)
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, sound, atol=2.0 ** (2 - 8 * width) + 1e-6)


def test_a_sound_at_another_rate(tmp_path):
    time = np.arange(1000) / 1000
    write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 5 * time)[:, None])
    read = read_wav(tmp_path / "a.wav", 2000)[200:-200, 0]
    np.testing.assert_allclose(read, 0.5 * np.sin(2 * np.pi * 5 * np.arange(2000) / 2000)[200:-200],
                               atol=0.01)  # fmt: skip


@pytest.mark.parametrize(("mode", "shape", "dtype"), [
    ("int", (4,), "int32"), ("binary", (4, 1), "float32"), ("categorical", (4, 2), "float32"),
])  # fmt: skip
def test_batches(folder, mode, shape, dtype):
    sounds = audio_dataset_from_directory(folder, label_mode=mode, batch_size=4,
                                          output_sequence_length=24, verbose=False)  # fmt: skip
    x, y = next(iter(sounds))
    assert (x.shape, x.dtype.name, y.shape, y.dtype.name) == ((4, 24, 1), "float32", shape, dtype)
    assert sounds.class_names == ["one", "two"]


def test_lengths_and_parts(folder, capsys):
    train, held = audio_dataset_from_directory(folder, batch_size=8, validation_split=1 / 3,
                                               subset="both", seed=1)  # fmt: skip
    assert "Using 4 files for training" in capsys.readouterr().out
    assert len(train.file_paths) == 4
    assert len(held.file_paths) == 2
    plain = audio_dataset_from_directory(folder, labels=None, shuffle=False, verbose=False)
    assert plain[0].shape == (6, 25, 1)  # as long as the longest
    with pytest.raises(ConfigError, match="ragged"):
        audio_dataset_from_directory(folder, ragged=True)
    (folder / "one" / "1.wav").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"1\.wav"):
        audio_dataset_from_directory(folder, shuffle=False, verbose=False)[0]
