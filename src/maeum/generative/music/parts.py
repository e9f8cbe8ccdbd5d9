"""A generator and a discriminator of bars of music, in the shape of MuseGAN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.generative.music.layers import Notes
from maeum.layers import Add, Concatenate, Dense, Flatten, Input, LeakyReLU, Reshape
from maeum.models.model import Model

SLOPE = 0.2


def music_parts(
    shape: Sequence[int],
    voices: Sequence[bool],
    steps_per_beat: int,
    code_size: int,
    units: int,
) -> tuple[Model, Model]:
    """Return a generator and a discriminator of phrases.

    Bars, and beats within them, are axes along which the same weights are used: none is unrolled.

    Args:
        shape: of a phrase, ``(bars, steps, pitches, tracks)``.
        voices: for each track, whether it plays one note at a time.
        steps_per_beat: the steps of a beat, of which a bar has a whole number.
        code_size: the numbers of each of the ``2 * (1 + tracks)`` codes.
        units: the units of the hidden layers.

    Raises:
        ConfigError: for a shape that is none, or bars that have no whole number of beats.
    """
    sizes = tuple(check_whole(size, "shape") for size in shape)
    if len(sizes) != 4 or sizes[1] % check_whole(steps_per_beat, "steps_per_beat"):
        raise ConfigError("The shape of a phrase is (bars, steps, pitches, tracks), the steps a "
                          "multiple of steps_per_beat={beat}; got {shape}.", beat=steps_per_beat,
                          shape=sizes)  # fmt: skip
    return (
        _generator(sizes, voices, steps_per_beat, code_size, units),
        _discriminator(sizes, steps_per_beat, units),
    )


def _generator(
    shape: tuple[int, ...], voices: Sequence[bool], beat: int, size: int, units: int
) -> Model:
    bars, steps, pitches, tracks = shape
    beats = steps // beat
    code = Input((2 * (1 + tracks) * size,))
    # The codes of what is shared between the tracks, then those of each track.
    owners = [_features(code, 2 * owner * size, bars, size, units) for owner in range(1 + tracks)]
    made = []
    for own in owners[1:]:  # the bar generators; the bars are rows to them
        # The sum is what a dense layer makes of all four codes side by side; and XLA, which takes
        # minutes to compile slices of slices put together, compiles it within seconds.
        h = LeakyReLU(SLOPE)(Add()([dense(units) for dense in (*owners[0], *own)]))
        h = LeakyReLU(SLOPE)(Dense(beats * units)(h))
        h = Reshape((bars, 1, beats, 1, units))(h)
        # What a beat sounds, and how each of its steps differs: notes begin as long ones.
        numbers = [Dense(pitches + 1)(h)]
        if beat > 1:
            each = Dense(beat * (pitches + 1))(h)
            numbers.append(Reshape((bars, 1, beats, beat, pitches + 1))(each))
        h = Add()(numbers) if beat > 1 else numbers[0]
        made.append(Reshape((bars, 1, steps, pitches + 1))(h))
    numbers = Concatenate(2)(made) if tracks > 1 else made[0]
    return Model(code, Notes(voices)(numbers), name="generator")


def _features(code: Any, at: int, bars: int, size: int, units: int) -> tuple[Callable, Callable]:
    """Return what makes features of two codes that begin ``at`` a place.

    The first stays the same all the time; the second a temporal generator turns into one for each
    bar. Their features have the shapes ``(rows, 1, units)`` and ``(rows, bars, units)``.
    """
    h = LeakyReLU(SLOPE)(Dense(units)(code[:, at + size : at + 2 * size]))
    changing = Reshape((bars, size))(Dense(bars * size)(h))
    constant = code[:, at : at + size]
    return (
        lambda n: Reshape((1, n))(Dense(n)(constant)),
        lambda n: Dense(n)(changing),
    )


def _discriminator(shape: tuple[int, ...], beat: int, units: int) -> Model:
    bars, steps, pitches, tracks = shape
    phrase = Input(shape)
    h = Reshape((bars, steps // beat, beat * pitches * tracks))(phrase)
    h = LeakyReLU(SLOPE)(Dense(units)(h))  # of each beat
    h = Reshape((bars, steps // beat * units))(h)
    h = LeakyReLU(SLOPE)(Dense(units)(h))  # of each bar
    h = LeakyReLU(SLOPE)(Dense(units)(Flatten()(h)))
    return Model(phrase, Dense(1)(h), name="discriminator")
