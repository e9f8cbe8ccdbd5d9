"""Piano rolls, voices and tokens, compared with plain loops and their own way back."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from maeum.music.events import EventVocabulary
from maeum.music.notes import Piece, Track
from maeum.music.phrases import to_phrases
from maeum.music.rolls import FAMILIES, from_roll, group_tracks, to_roll
from maeum.music.voices import from_tokens, from_voices, to_tokens


def drawn_piece(seed, grid=120, tracks=3, count=40, signature=(0, 4, 4)):
    """A piece on a grid of ticks, in which no note overlaps an equal one."""
    rng = np.random.default_rng(seed)
    made = []
    for track in range(tracks):
        rows = []
        for pitch in rng.choice(np.arange(24, 108), count // 4, replace=False):
            ends = np.sort(rng.choice(64, 8, replace=False)) * grid
            rows += [(int(pitch), int(a), int(b - a), 80) for a, b in zip(ends[::2], ends[1::2])]
        made.append(Track(rows, f"t{track}", 8 * track, track == 2))
    return Piece(made, 480, [(0, 100)], [signature])


@pytest.mark.parametrize("grid", [120, 37])
def test_a_roll_is_what_a_loop_over_the_notes_fills_in(grid):
    piece = drawn_piece(0, grid)
    roll = to_roll(piece, 4)
    flat = np.zeros((roll.sounds.shape[0] * 16, 84, 3), bool)
    begins = np.zeros_like(flat)
    for number, track in enumerate(piece.tracks):
        for pitch, start, duration, _velocity in track.notes.tolist():
            first = int(np.floor(start * 4 / 480 + 0.5))
            last = max(int(np.floor((start + duration) * 4 / 480 + 0.5)), first + 1)
            for step in range(first, last):
                flat[step, pitch - 24, number] = True
            begins[first, pitch - 24, number] = True
    np.testing.assert_array_equal(roll.sounds.reshape(flat.shape), flat)
    np.testing.assert_array_equal(roll.onsets.reshape(flat.shape), begins)


@pytest.mark.parametrize("signature", [(0, 4, 4), (0, 3, 4), (0, 6, 8)])
def test_a_piece_on_the_grid_comes_back_from_its_roll(signature):
    piece = drawn_piece(1, signature=signature)
    back = from_roll(to_roll(piece))
    assert back == piece
    assert to_roll(piece).sounds.shape[1] == 4 * piece.beats_per_bar


def test_without_onsets_notes_that_touch_are_one():
    piece = Piece([Track([(60, 0, 480, 80), (60, 480, 480, 80)])])
    roll = to_roll(piece)
    assert from_roll(roll) == Piece(piece.tracks, 480, [(0, 120)], [(0, 4, 4)])
    assert from_roll(roll.sounds).tracks[0].notes.tolist() == [(60, 0, 960, 80)]


def test_what_rounding_and_limits_do_is_told():
    notes = [(60, 10, 480, 80), (10, 0, 480, 80), (60, 0, 480, 80)]
    piece = Piece([Track(notes)], tempos=[(0, 100), (480, 90)],
                  time_signatures=[(0, 4, 4), (1920, 3, 4)])  # fmt: skip
    assert to_roll(piece).remarks == [
        "1 of 3 notes begins between two steps; it was moved by 0.08 of a step.",
        "1 note lies outside the pitches from 24 to 107 and is ignored.",
        "1 note begins in the same step as an equal one.",
        "The tempo changes; the roll has the first one.",
        "The time signature changes; the bars are those of the first one.",
    ]


def test_rolls_that_there_cannot_be_are_told():
    piece = drawn_piece(0)
    with pytest.raises(ConfigError, match="pitches"):
        to_roll(piece, pitches=(60, 50))
    odd = Piece(piece.tracks, 480, time_signatures=[(0, 5, 32)])
    with pytest.raises(ConfigError, match="multiple of 8"):
        to_roll(odd)
    assert to_roll(odd, 8).sounds.shape[1] == 5
    far = Piece([Track([(60, 2**36, 10, 80)])])
    with pytest.raises(DataError, match="steps"):
        to_roll(far)
    cells = np.zeros((2, 16, 84, 1))
    with pytest.raises(ShapeError, match="bars, steps, pitches, tracks"):
        from_roll(cells[0])
    with pytest.raises(ShapeError, match="another shape"):
        from_roll(cells, onsets=cells[:1])
    with pytest.raises(ShapeError, match="1 tracks"):
        from_roll(cells, names=["a", "b"])
    with pytest.raises(ShapeError, match="beyond 127"):
        from_roll(cells, lowest=60)
    with pytest.raises(DataError, match="no multiple"):
        from_roll(cells, steps_per_beat=7)


def test_an_empty_piece_is_one_silent_bar():
    roll = to_roll(Piece([Track([])]))
    assert roll.sounds.shape == (1, 16, 84, 1)
    assert from_roll(roll).count == 0


def test_tracks_are_grouped_by_families():
    notes = [(60, 0, 10, 80)]
    piece = Piece([Track(notes, program=33), Track(notes, program=73), Track(notes, is_drum=True),
                   Track([(62, 5, 10, 80)], program=38)])  # fmt: skip
    band = group_tracks(piece)
    assert [len(track) for track in band.tracks] == [1, 0, 0, 2, 1]
    assert [track.is_drum for track in band.tracks] == [True, False, False, False, False]
    assert group_tracks(piece, ["bass"], rest=None).tracks[0].notes["pitch"].tolist() == [60, 62]
    assert FAMILIES[band.tracks[3].program // 8] == "bass"
    with pytest.raises(UnknownNameError, match="guitar"):
        group_tracks(piece, ["guitars"])


def test_voices_come_back_as_they_were():
    rng = np.random.default_rng(0)
    voices = rng.choice([-1, 60, 61, 62], (50, 4))
    voices[-1] = 60
    tokens = to_tokens(from_voices(voices))
    held = np.maximum.accumulate(np.where(tokens != 1, np.arange(50)[:, None], 0), axis=0)
    pitches = np.take_along_axis(tokens, held, axis=0) - 2
    np.testing.assert_array_equal(np.where(tokens == 0, -1, pitches), voices)
    assert from_tokens(tokens) == from_voices(voices)


def test_repeated_notes_are_struck_and_long_ones_held():
    piece = Piece([Track([(60, 0, 240, 80), (60, 240, 240, 80)])])
    assert to_tokens(piece, voices=1).ravel().tolist() == [62, 1, 62, 1]


def test_notes_of_other_pieces_are_shared_out_from_the_highest_down():
    chords = Piece([Track([(60, 0, 240, 80), (64, 0, 120, 80), (67, 120, 120, 80),
                           (40, 0, 240, 80)])])  # fmt: skip
    assert to_tokens(chords, voices=2).tolist() == [[66, 62], [69, 1]]
    with pytest.raises(DataError, match="beside drums"):
        to_tokens(Piece([Track([(60, 0, 10, 80)], is_drum=True)]))


def test_what_holds_nothing_is_silent():
    assert from_tokens([[1], [1], [62]]).tracks[0].notes.tolist() == [(60, 240, 120, 80)]
    for bad in ([[130]], [[-1]], [1], []):
        with pytest.raises(DataError, match="tokens"):
            from_tokens(bad)


def test_events_come_back_as_they_were():
    vocabulary = EventVocabulary(longest=16)
    piece = drawn_piece(2)
    tokens = vocabulary.encode(piece)
    assert tokens.max() < len(vocabulary) == len(set(vocabulary.words))
    back = vocabulary.decode(tokens, tempo=100)
    for a, b in zip(piece.tracks, back.tracks):
        assert (a.program % 128, a.is_drum) == (b.program, b.is_drum) or a.is_drum
        np.testing.assert_array_equal(a.notes, b.notes)


def test_events_that_make_no_sense_are_ignored():
    vocabulary = EventVocabulary()
    number = {word: place for place, word in enumerate(vocabulary.words)}
    words = ("pitch-60 duration-4 start bar duration-4 pitch-61 pitch-62 duration-4 bar position-4 "
             "pitch-63 bar end bar pitch-60 duration-1")  # fmt: skip
    piece = vocabulary.decode([number[word] for word in words.split()])
    assert [track.notes.tolist() for track in piece.tracks] == [[(62, 0, 480, 80)]]
    assert vocabulary.decode([]).count == 0
    with pytest.raises(DataError, match="tokens of a piece"):
        vocabulary.decode([len(vocabulary)])


def test_long_notes_are_cut_and_bars_follow_the_signature():
    vocabulary = EventVocabulary(2, (3, 4), longest=1)
    piece = Piece([Track([(60, 6 * 480, 4 * 480, 80)])])
    words = [vocabulary.words[token] for token in vocabulary.encode(piece)]
    assert words == ["start", "bar", "bar", "bar", "position-0", "program-0", "pitch-60",
                     "duration-2", "end"]  # fmt: skip


def test_phrases_are_the_bars_of_the_rolls():
    pieces = [drawn_piece(seed) for seed in (0, 1)]
    short = Piece(drawn_piece(2, grid=8).tracks, 480)
    waltz = Piece(pieces[0].tracks, 480, (), [(0, 3, 4)])
    found = to_phrases([pieces[0], waltz, short, pieces[1]], bars=2, hop=1)
    expected, sources = [], []
    for number, piece in ((0, pieces[0]), (3, pieces[1])):
        roll = to_roll(piece)
        expected += [roll.sounds[start : start + 2] for start in range(len(roll.sounds) - 1)]
        sources += [number] * (len(roll.sounds) - 1)
    np.testing.assert_array_equal(found.sounds, np.stack(expected))
    assert found.piece.tolist() == sources
    assert found.onsets.shape == found.sounds.shape
    assert found.remarks == [
        "1 piece has bars of another length and is ignored.",
        "1 piece is shorter than 2 bars and is ignored.",
    ]
    quiet = Piece([Track([(60, 0, 480, 80), (60, 1920 * 3, 480, 80)])])
    assert len(to_phrases([quiet], bars=1).sounds) == 2  # of four bars, two are silent


def test_phrases_that_there_cannot_be_are_told():
    piece = drawn_piece(0)
    with pytest.raises(DataError, match="group_tracks"):
        to_phrases([piece, Piece(piece.tracks[:1])])
    with pytest.raises(DataError, match="no phrase of 400 bars"):
        to_phrases([piece], bars=400)
    with pytest.raises(DataError, match="no phrase"):
        to_phrases([])
