"""The page that plays: its notes are those of the piece, whatever the piece is."""

import html
import json
import re

import numpy as np
import pytest

from maeum.core.errors import DataError
from maeum.core.messages import set_language
from maeum.music.notes import Piece, Track
from maeum.music.page import MOST_NOTES, piano_roll, write_page
from maeum.report.charts.piano_roll import pitch_name
from maeum.report.html import render
from maeum.report.sections import Chapter, Page, Text

from .. import pages

PIECE = Piece(
    [
        Track([(60, 0, 480, 127), (67, 480, 960, 60)], "<b>lead</b> & co", 73),
        Track([(36, 0, 10, 100)], is_drum=True),
        Track([], "nobody"),
        Track([(40, 240, 240, 90)], program=33),
    ],
    480, [(0, 120), (960, 60)], [(0, 3, 4)],
)  # fmt: skip


def played(page):
    """Return what the script of a page plays."""
    data = re.findall(r'<div class="data" hidden>(.*?)</div>', page, re.DOTALL)
    return [json.loads(html.unescape(each)) for each in data]


def test_the_page_holds_the_notes_and_loads_nothing(tmp_path):
    page = write_page(PIECE, tmp_path / "page.html", title="A & B").read_text("utf-8")
    pages.check(page)
    (found,) = played(page)
    assert found["seconds"] == 2.0  # two beats of half a second, one of a whole one
    lead, drums, bass = found["tracks"]
    assert np.reshape(lead["notes"], (-1, 4)).tolist() == [[0, 500, 60, 100], [500, 1500, 67, 32]]
    assert list(drums["sound"]["drums"]) == ["36"]
    assert len(lead["sound"]["harmonics"]) == 4
    assert bass["sound"]["sustain"] == 0
    assert "&lt;b&gt;lead&lt;/b&gt; &amp; co" in page
    assert "nobody" not in page


def test_the_picture_has_a_box_for_each_note_where_it_sounds():
    roll = piano_roll(PIECE)
    picture = str(roll.picture)
    rows = float(re.search(r'viewBox="0 0 1000 ([\d.]+)"', picture)[1])
    low = 36 - 1
    paths = re.findall(r'class="tone (c\d)" d="([^"]*)"', picture)
    assert [colour for colour, _ in paths] == ["c0", "c1", "c2"]
    boxes = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", paths[0][1])
    for (left, top, width), (start, end, pitch) in zip(boxes, [(0, 0.5, 60), (0.5, 2, 67)]):
        assert float(left) == pytest.approx(1000 * start / 2)
        assert float(width) == pytest.approx(0.94 * 1000 * (end - start) / 2, abs=0.1)
        assert rows - (pitch - low) - 1 < float(top) < rows - (pitch - low)
    assert roll.bars == [0.0]  # one bar of three beats
    assert "C4" in picture
    assert roll.alt.startswith("Piano roll: 4 notes from C2 to G4 in 2")


def test_a_page_without_music_has_no_script_for_it():
    page = render(Page("a", (), "a", (), (), [Chapter("a", "a", [Text("b")])]))
    pages.check(page)
    assert "AudioContext" not in page


def test_pieces_without_notes_and_of_very_many(tmp_path):
    many = Piece([Track([(60 + n % 5, 10 * n, 10, 80) for n in range(MOST_NOTES + 50)])])
    path = write_page([Piece([]), Piece([Track([])]), many], tmp_path / "page.html")
    page = path.read_text("utf-8")
    pages.check(page)
    assert [len(each["tracks"]) for each in played(page)] == [0, 0, 1]
    assert f"The first {MOST_NOTES:,} of {MOST_NOTES + 50:,} notes are shown." in page
    assert path.stat().st_size < 2_000_000
    far = Piece([Track([(60, 2**39, 1, 80)])])
    assert len(piano_roll(far).bars) <= 2001
    with pytest.raises(DataError, match="none"):
        write_page([], tmp_path / "page.html")
    assert path.read_text("utf-8") == page


def test_the_page_speaks_korean(tmp_path):
    set_language("ko")
    try:
        page = write_page(PIECE, tmp_path / "page.html").read_text("utf-8")
    finally:
        set_language(None)
    pages.check(page)
    assert '<html lang="ko">' in page


def test_pitches_have_their_names():
    assert [pitch_name(pitch) for pitch in (0, 60, 61, 127)] == ["C-1", "C4", "C♯4", "G9"]
