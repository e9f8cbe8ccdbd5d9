"""Steps: the grid of equal times onto which notes are rounded."""

from __future__ import annotations

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.music.notes import Piece

MOST_STEPS = 2**20


def quantized(notes: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pitches, starts and numbers of steps (1 at least) of notes, both ends rounded."""
    start = np.floor(notes["start"] * scale + 0.5).astype(np.int64)
    end = np.floor((notes["start"] + notes["duration"]) * scale + 0.5).astype(np.int64)
    return notes["pitch"].astype(np.int64), start, np.maximum(end - start, 1)


def check_steps(steps: int) -> int:
    """Return the number of steps of a piece, or raise `DataError` if there are too many."""
    if steps > MOST_STEPS:
        raise DataError("The piece has {steps:,} steps, {most:,} at most are possible: a note "
                        "stands far behind the others, or steps_per_beat is too large.",
                        steps=steps, most=MOST_STEPS)  # fmt: skip
    return steps


def ticks_per_step(resolution: int, steps_per_beat: int) -> int:
    """Return the ticks of a step, or raise `DataError` where that is no whole number."""
    ticks, rest = divmod(check_whole(resolution, "resolution"),
                         check_whole(steps_per_beat, "steps_per_beat"))  # fmt: skip
    if rest:
        raise DataError("resolution={resolution} is no multiple of steps_per_beat={steps}.",
                        resolution=resolution, steps=steps_per_beat)  # fmt: skip
    return ticks


def bar_steps(piece: Piece, steps_per_beat: int) -> int:
    """Return the steps of a bar, or raise `ConfigError` where that is no whole number."""
    steps = check_whole(steps_per_beat, "steps_per_beat") * piece.beats_per_bar
    if steps != int(steps):
        raise ConfigError("A bar of {n}/{d} has {steps:g} steps with steps_per_beat={given}; take "
                          "a multiple of {least}.", n=piece.signature.numerator,
                          d=piece.signature.denominator, steps=steps, given=steps_per_beat,
                          least=piece.signature.denominator // 4)  # fmt: skip
    return int(steps)
