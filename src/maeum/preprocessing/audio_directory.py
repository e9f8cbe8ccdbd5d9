"""`audio_dataset_from_directory`: a folder of WAV files as batches, with Keras's arguments."""

from __future__ import annotations

import math
import os
import wave
from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.images.directory import FolderOptions
from maeum.preprocessing.labelled_files import files_in_folders


def read_wav(path: str | os.PathLike, sampling_rate: int | None = None) -> np.ndarray:
    """Return the sound of a WAV file as numbers between -1 and 1.

    Args:
        path: a file of uncompressed whole numbers with 8, 16, 24 or 32 bits.
        sampling_rate: the samples of a second that are wanted; those of the file by default.

    Returns:
        float32 of shape ``(samples, channels)``.

    Raises:
        DataError: if it is no such file.
    """
    try:
        with wave.open(os.fspath(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
    except (OSError, EOFError, wave.Error) as error:
        raise DataError("{path!r} is no WAV file of whole numbers, or it is damaged ({error}).",
                        path=os.fspath(path), error=error) from error  # fmt: skip
    if width == 1:  # from 0 to 255 around 128
        numbers = (data.astype(np.float32) - 128) / 128
    else:
        bits = np.zeros((data.size // width, 4), np.uint8)  # the upper bytes of 32 bits
        bits[:, 4 - width :] = data[: len(bits) * width].reshape(-1, width)
        numbers = bits.view("<i4")[:, 0].astype(np.float64) / 2**31
    sound = numbers.reshape(-1, channels).astype(np.float32)
    if sampling_rate is None or sampling_rate == rate:
        return sound
    from scipy.signal import resample_poly

    common = math.gcd(sampling_rate, rate)
    return resample_poly(sound, sampling_rate // common, rate // common).astype(np.float32)


def audio_dataset_from_directory(
    directory: str | os.PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Return the ``.wav`` files of a folder, one folder for each class, as batches of sounds.

    Sounds are numbers between -1 and 1 of shape ``(batch, samples, channels)``. The same seed gives
    the same parts as in Keras.

    Args:
        directory: the folder.
        labels: ``"inferred"`` from the folders; None; or a list of class numbers, one for each
            file in order.
        label_mode: ``"int"``, ``"categorical"``, ``"binary"`` or None.
        class_names: the folders to take, in the order of their numbers; by default all, sorted.
        batch_size: the sounds of a batch.
        sampling_rate: the samples of a second; those of each file by default.
        output_sequence_length: the samples of every sound: longer ones are cut, shorter ones
            filled up with silence. By default a batch is as long as its longest sound.
        ragged: only False: batches are arrays.
        shuffle: whether to shuffle.
        seed: of the order and of the parts.
        validation_split: the fraction of files to validate with.
        subset: ``"training"``, ``"validation"``, or ``"both"`` for a list of the two.
        follow_links: whether links to folders are followed.
        verbose: whether to print how many files were found.

    Returns:
        Batches with ``class_names`` and ``file_paths``; a list of two for ``subset="both"``.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: if there are no files; while it is iterated over, if one cannot be read.
    """
    if ragged:
        raise ConfigError("Batches are arrays, so sounds of different lengths are filled up with "
                          "silence; there are no ragged ones. Leave ragged out.")  # fmt: skip
    for value, name in ((sampling_rate, "sampling_rate"),
                        (output_sequence_length, "output_sequence_length")):  # fmt: skip
        if value is not None:
            check_whole(value, name)
    how = FolderOptions(labels, label_mode, class_names, shuffle, seed, validation_split, subset,
                        follow_links, verbose)  # fmt: skip

    def read(paths: list[str]) -> np.ndarray:
        sounds = [read_wav(path, sampling_rate) for path in paths]
        for sound, path in zip(sounds, paths):
            if sound.shape[1] != sounds[0].shape[1]:
                raise DataError("All sounds need as many channels; {one!r} has {m}, {two!r} has "
                                "{n}.", one=paths[0], m=sounds[0].shape[1], two=path,
                                n=sound.shape[1])  # fmt: skip
        length = output_sequence_length or max(map(len, sounds))
        batch = np.zeros((len(sounds), length, sounds[0].shape[1]), np.float32)
        for place, sound in enumerate(sounds):
            batch[place, : len(sound)] = sound[:length]
        return batch

    return files_in_folders(how, directory, (".wav",), read, batch_size)
