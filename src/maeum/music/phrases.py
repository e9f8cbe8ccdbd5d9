"""Phrases: pieces cut into rolls of equally many bars, for networks that make so many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.core.messages import ngettext
from maeum.music.notes import Piece
from maeum.music.rolls import MOST_CELLS, to_roll
from maeum.music.steps import bar_steps


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases of pieces.

    Attributes:
        sounds: ``(phrases, bars, steps, pitches, tracks)`` of bool, whether a pitch sounds.
        onsets: the same, whether a note begins.
        piece: ``(phrases,)`` the number of the piece each is of: data are divided by pieces, so
            that no phrase of a test stands beside its neighbour in training.
        remarks: which pieces are ignored and why, as sentences.
    """

    sounds: np.ndarray
    onsets: np.ndarray
    piece: np.ndarray
    remarks: Sequence[str] = field(default=(), repr=False)


def to_phrases(
    pieces: Sequence[Piece],
    bars: int = 4,
    steps_per_beat: int = 4,
    pitches: tuple[int, int] = (24, 107),
    hop: int | None = None,
) -> Phrases:
    """Cut pieces into phrases of so many bars; what is left at their ends is ignored.

    All pieces need the same tracks, as `group_tracks` makes them. Those whose bars have another
    length than most are ignored, and so are phrases in which nothing sounds.

    Args:
        pieces: the pieces.
        bars: of a phrase.
        steps_per_beat, pitches: of the rolls, as of `to_roll`.
        hop: bars from the beginning of a phrase to that of the next; None for ``bars``.

    Raises:
        DataError: if the pieces have different numbers of tracks, there is no phrase, or there are
            more than memory holds.

    Example:
        >>> from maeum.music.notes import Track
        >>> piece = Piece([Track([(60, 0, 480 * 33, 80)])])  # 8 bars and a beat
        >>> to_phrases([piece, piece]).sounds.shape
        (4, 4, 16, 84, 1)
    """
    check_whole(bars, "bars")
    hop = check_whole(bars if hop is None else hop, "hop")
    counts = {len(piece.tracks) for piece in pieces}
    if len(counts) > 1:
        raise DataError("The pieces have different numbers of tracks: {counts}. group_tracks gives "
                        "them the same ones.", counts=sorted(counts))  # fmt: skip
    lengths = [bar_steps(piece, steps_per_beat) for piece in pieces]
    usual = Counter(lengths).most_common(1)[0][0] if lengths else 0
    found: list[tuple[np.ndarray, np.ndarray, int]] = []
    cells = short = 0
    for number, (piece, length) in enumerate(zip(pieces, lengths)):
        if length != usual:
            continue
        roll = to_roll(piece, steps_per_beat, pitches)
        starts = range(0, len(roll.sounds) - bars + 1, hop)
        short += not starts
        for start in starts:
            sounds, onsets = (each[start : start + bars] for each in (roll.sounds, roll.onsets))
            if sounds.any():
                found.append((sounds.copy(), onsets.copy(), number))
                cells += sounds.size
        if cells > MOST_CELLS:
            raise DataError("The phrases would have {cells:,} cells or more; take fewer pieces, "
                            "steps_per_beat, pitches or tracks, or a greater hop.",
                            cells=cells)  # fmt: skip
    if not found:
        raise DataError("There is no phrase of {bars} bars in the {n:,} pieces; take fewer bars.",
                        bars=bars, n=len(pieces))  # fmt: skip
    sounds, onsets, sources = (np.stack(each) for each in zip(*found))
    other = sum(length != usual for length in lengths)
    return Phrases(sounds, onsets, sources, _remarks(other, short, bars))


def _remarks(other: int, short: int, bars: int) -> list[str]:
    said = []
    if other:
        said.append(ngettext("{n:,} piece has bars of another length and is ignored.",
                             "{n:,} pieces have bars of another length and are ignored.",
                             other))  # fmt: skip
    if short:
        said.append(ngettext("{n:,} piece is shorter than {bars} bars and is ignored.",
                             "{n:,} pieces are shorter than {bars} bars and are ignored.",
                             short, bars=bars))  # fmt: skip
    return said
