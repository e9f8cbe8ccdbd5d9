"""Folders of MIDI files, and chorales as JSON."""

import json

import numpy as np
import pytest

from maeum.core.errors import DataError
from maeum.music.files import read_chorales, read_music
from maeum.music.midi import write_midi
from maeum.music.notes import Piece, Track

PIECE = Piece([Track([(60, 0, 480, 80)])], tempos=[(0, 90)])


def test_a_folder_uses_what_it_can_and_tells_the_rest(tmp_path):
    write_midi(PIECE, tmp_path / "b.mid")
    write_midi(PIECE, tmp_path / "below" / "a.MIDI")
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    (tmp_path / "empty.mid").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no music")
    music = read_music(tmp_path)
    assert music.names == ["b.mid", "below/a.MIDI"]
    assert [piece.count for piece in music.pieces] == [1, 1]
    assert set(music.broken) == {"broken.mid", "empty.mid"}
    assert "2 files cannot be used and are ignored: broken.mid, empty.mid." in music.remarks


def test_remarks_name_the_files(tmp_path):
    for name in "abcd":
        write_midi(Piece([Track([(36, 0, 480, 80)], is_drum=True)]), tmp_path / f"{name}.mid")
    remarks = read_music(tmp_path).remarks
    assert remarks == ["It has drums only. (a.mid, b.mid, c.mid and 1 more)"]


def test_a_folder_without_music_is_told(tmp_path):
    with pytest.raises(DataError, match="has no MIDI files"):
        read_music(tmp_path)
    (tmp_path / "a.mid").write_bytes(b"x")
    with pytest.raises(DataError, match="None of the 1 MIDI files"):
        read_music(tmp_path)


def test_chorales_of_sets_have_the_highest_pitch_first(write):
    path = write(json.dumps({"train": [[[50, 60, 70], [51, 60], []]], "valid": [[]]}), "a.json")
    splits = read_chorales(path)
    assert splits["train"][0].tolist() == [[70, 60, 50], [60, 51, -1], [-1, -1, -1]]
    music = read_music(path)
    assert (music.names, music.splits) == (["train/0"], {"train": [0], "valid": []})
    assert music.remarks == ["1 piece has no notes and is ignored."]


def test_chorales_of_voices_keep_their_order_and_hold_equal_pitches(write):
    path = write(json.dumps([[[70, 60], [70.0, 72], [70, 72]]]), "a-16th.json")
    (piece,) = read_music(path).pieces
    assert piece.tracks[0].notes.tolist() == [(70, 0, 360, 80)]
    assert piece.tracks[1].notes.tolist() == [(60, 0, 120, 80), (72, 120, 240, 80)]


@pytest.mark.parametrize(
    "content",
    ["", "{", "3", '{"train": 3}', '{"train": [[[200]]]}', '{"train": [[["a"]]]}', '[[[60.5]]]',
     "[" * 100_000],
)  # fmt: skip
def test_other_json_is_told(content, write):
    with pytest.raises(DataError, match="JSON"):
        read_music(write(content, "a.json"))


def test_the_chorales_of_the_data_folder_are_read(public_data):
    path = public_data("music/jsb-chorales-quarter.json")
    if not path.is_file():
        pytest.skip("needs jsb-chorales-quarter.json")
    data = json.loads(path.read_text())
    found = read_chorales(path)
    assert {k: len(v) for k, v in found.items()} == {"train": 229, "valid": 76, "test": 77}
    for chord, row in zip(data["test"][0], found["test"][0]):
        assert sorted(row[row >= 0].tolist()) == chord
    assert all(np.diff(row[row >= 0]).max(initial=-1) <= 0 for row in found["test"][0])
