"""Write a folder of made-up tunes as MIDI files: a melody, chords and a bass, in several keys.

python examples/make_tunes.py tunes
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maeum.music import Piece, Track, write_midi

BEAT = 480
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])
ENDINGS = [[0, 3, 4, 0], [0, 5, 3, 4], [0, 3, 1, 4], [5, 3, 0, 4]]  # steps on which chords stand


def main(argv: Sequence[str] | None = None) -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    given = parser.parse_args(argv)
    draw = np.random.default_rng(given.seed)
    for number in range(given.count):
        write_midi(tune(draw), given.folder / f"tune-{number + 1:02}.mid")
    print(f"{given.count} tunes: {given.folder}")


def tune(draw: np.random.Generator) -> Piece:
    """Return a tune of eight bars."""
    key = 55 + int(draw.integers(0, 8))
    melody, chords, bass = [], [], []
    roots = [root for _half in range(2) for root in ENDINGS[draw.integers(len(ENDINGS))]]
    step = int(roots[0])
    for bar, root in enumerate(roots):
        begin = 4 * BEAT * bar
        for place in (0, 2, 4):
            chords.append((pitch(key, root + place), begin, 4 * BEAT, 60))
        for half in range(2):
            bass.append((pitch(key - 24, root + 4 * half), begin + 2 * BEAT * half, 2 * BEAT, 80))
        at = begin
        while at < begin + 4 * BEAT:
            length = int(draw.choice([BEAT // 2, BEAT, BEAT, 2 * BEAT]))
            length = min(length, begin + 4 * BEAT - at)
            # From note to note in small steps; on beats to one of the chord.
            step = int(np.clip(step + draw.integers(-2, 3), -2, 9))
            if at % (2 * BEAT) == 0:
                step = min((root + n + 7 * up for n in (0, 2, 4) for up in (-1, 0, 1)),
                           key=lambda near: abs(near - step))  # fmt: skip
            melody.append((pitch(key + 12, step), at, length, 90))
            at += length
    return Piece([Track(melody, "melody", 73), Track(chords, "chords", 0), Track(bass, "bass", 32)],
                 tempos=[(0, 110)])  # fmt: skip


def pitch(key: int, step: int) -> int:
    """Return the pitch of a step of the major scale on a key."""
    octave, place = divmod(step, len(SCALE))
    return int(key + 12 * octave + SCALE[place])


if __name__ == "__main__":
    main()
