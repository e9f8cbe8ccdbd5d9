"""Music is brought into the same tracks and divided by pieces; a layout writes and reads tokens."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.generative.music.data import MusicData, excerpt
from maeum.generative.music.layout import Layout
from maeum.generative.music.options import ComposingOptions, MusicOptions
from maeum.music import Music, Piece, TimeSignature, Track, to_roll
from maeum.music.events import END, START

LSTM = MusicOptions(network="lstm")


def piece(bars=8, seed=0, tracks=2, signature=(4, 4)):
    rng = np.random.default_rng(seed)
    made = []
    for track in range(tracks):
        count = bars * signature[0]
        made.append(Track([(int(p), 480 * n, 480, 80)
                           for n, p in enumerate(rng.integers(55, 70, count) - 12 * track)],
                          f"t{track}", 10 * track))  # fmt: skip
    return Piece(made, time_signatures=[TimeSignature(0, *signature)])


def test_the_same_tracks_are_kept_and_others_are_grouped():
    kept = Layout.of([piece(seed=n) for n in range(3)], 1)
    assert (kept.names, kept.programs, kept.banded) == (("t0", "t1"), (0, 10), False)
    assert kept.voices == (True, True)
    mixed = [piece(), Piece([Track([(60, 0, 480, 80), (64, 0, 960, 80)], program=33)])]
    band = Layout.of(mixed, 1)
    assert (band.names, band.banded) == (("piano", "bass", "strings"), True)
    assert band.voices == (True, False, True)
    assert [len(track) for track in band.arranged(mixed[1]).tracks] == [0, 2, 0]
    with pytest.raises(DataError, match="have 2 tracks; this one has 1"):
        kept.arranged(mixed[1])


def test_a_layout_is_kept_as_plain_data():
    layout = Layout.of([piece(signature=(3, 4))], 2)
    assert (layout.steps, layout.signature) == (6, (3, 4))
    assert Layout.from_json(layout.to_json()) == layout
    low, high = layout.pitches
    assert low <= layout.lowest <= layout.highest <= high
    assert (high - low + 1) % 12 == 0


def test_tokens_keep_the_tracks_apart():
    drums = Track([(36, 0, 480, 80), (38, 480, 480, 80)], "beat", 0, True)
    whole = Piece([*piece(2).tracks, drums])
    layout = Layout.of([whole], 4)
    again = layout.decode(layout.encode(whole))
    assert [track.name for track in again.tracks] == ["t0", "t1", "beat"]
    for one, other in zip(again.tracks, whole.tracks):
        for name in ("pitch", "start", "duration"):
            np.testing.assert_array_equal(one.notes[name], other.notes[name])
    moved = layout.decode(layout.encode(whole, 3))
    assert (moved.tracks[0].notes["pitch"] == whole.tracks[0].notes["pitch"] + 3).all()
    assert (moved.tracks[2].notes["pitch"] == drums.notes["pitch"]).all()


def test_whole_pieces_are_held_out_by_the_seed():
    pieces = [piece(seed=n) for n in range(20)]
    data = MusicData.prepare(pieces, options=MusicOptions(network="lstm", seed=1))
    assert data.sizes == {"train": 15, "validation": 2, "test": 3}
    other = MusicData.prepare(pieces, options=MusicOptions(network="lstm", seed=2))
    notes = [[p.tracks[0].notes["pitch"].tolist() for p in d.test] for d in (data, other)]
    assert notes[0] != notes[1]
    every = [*data.train, *data.validation, *data.test]
    assert len({tuple(p.tracks[0].notes["pitch"].tolist()) for p in every}) == 20


def test_the_splits_of_a_file_are_kept_and_a_gan_validates_nothing(monkeypatch):
    pieces = [piece(seed=n) for n in range(6)]
    splits = {"train": [0, 1, 2], "valid": [3], "test": [4, 5]}
    music = Music(pieces, list("abcdef"), splits)
    monkeypatch.setattr("maeum.generative.music.data._read", lambda *a: ("x", music))
    data = MusicData.prepare("x.json", options=LSTM)
    assert data.sizes == {"train": 3, "validation": 1, "test": 2}
    gan = MusicData.prepare("x.json", options=MusicOptions())
    assert gan.sizes == {"train": 4, "test": 2}
    assert gan.phrases.shape == (4 * 5, 4, 4, 36, 2)


def test_a_single_piece_is_divided_at_bars():
    data = MusicData.prepare([piece(40)], options=MusicOptions(network="lstm", bars=4))
    lengths = [len(to_roll(part[0], 4).sounds) for part in (data.train, data.validation, data.test)]
    assert lengths == [30, 4, 6]
    assert any("few pieces" in note for note in data.notes)
    short = MusicData.prepare([piece(8)], options=LSTM)
    assert short.sizes == {"train": 1}
    assert any("too little music" in note for note in short.notes)


def test_an_excerpt_cuts_its_notes():
    layout = Layout.of([piece()], 1)
    long = Piece([Track([(60, 0, 480 * 12, 80), (62, 480 * 5, 480, 80)]), Track([])])
    part = excerpt(long, 1, 2, layout)
    assert part.tracks[0].notes.tolist() == [(62, 480, 480, 80)]
    assert excerpt(long, 0, 2, layout).tracks[0].notes["duration"].tolist() == [480 * 8, 480]


def test_pieces_of_other_bars_are_told_and_ignored():
    pieces = [piece(seed=n) for n in range(5)] + [piece(signature=(3, 4))]
    data = MusicData.prepare(pieces, options=LSTM)
    assert sum(data.sizes.values()) == 5
    assert "1 piece has bars of another length and is ignored." in data.notes


def test_pieces_shorter_than_a_phrase_are_refused_by_a_gan_only():
    pieces = [piece(2, seed=n) for n in range(5)]
    with pytest.raises(DataError, match="No piece has 4 bars"):
        MusicData.prepare(pieces, options=MusicOptions())
    assert MusicData.prepare(pieces, options=LSTM).sizes["train"] == 3
    both = [piece(2), *(piece(8, seed=n) for n in range(6))]
    data = MusicData.prepare(both, options=MusicOptions(network="gan", seed=3))
    assert any("shorter than 4 bars" in note for note in data.notes)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"bars": 0}, "bars"),
        ({"network": "gan", "layers": 2}, "a GAN has none"),
        ({"dropout": 0.1}, "a GAN has none"),
        ({"network": "rnn"}, "rnn"),
        ({"test_size": 0.6, "validation_size": 0.4}, "too little to learn from"),
        ({"transpose": -1}, "transpose"),
    ],
)
def test_choices_that_make_no_sense_are_refused(chosen, said):
    with pytest.raises((ConfigError, ValueError), match=said):
        MusicOptions(**chosen)


def test_making_needs_a_bar_and_a_tempo():
    for chosen in ({"bars": 0}, {"count": 0}, {"tempo": 0.0}, {"temperature": -1.0}):
        with pytest.raises(ValueError, match=next(iter(chosen))):
            ComposingOptions(**chosen)


def test_the_ends_of_tokens_are_those_of_the_vocabulary():
    data = MusicData.prepare([piece(seed=n) for n in range(5)], options=LSTM)
    [first, *_rest] = data.tokens(data.test)
    assert (first[0], first[-1]) == (START, END)
    assert data.steps([piece(8)]) == 8 * 16


def test_a_voice_ends_its_note_where_it_begins_another():
    layout = Layout.of([piece(tracks=1)], 4)
    together = Piece([Track([(60, 0, 960, 80), (62, 480, 480, 80), (64, 480, 240, 80)])])
    read = layout.decode(layout.encode(together)).tracks[0].notes
    assert read.tolist() == [(60, 0, 480, 80), (64, 480, 240, 80)]
    assert len(layout.decode([START, END]).tracks[0]) == 0
