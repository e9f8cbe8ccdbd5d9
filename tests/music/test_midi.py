"""MIDI files: what is read is what mido wrote, and the other way round; damaged files are told."""

import contextlib
import io
import random
import struct

import mido
import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, SaveError
from maeum.music.midi import DRUMS, read_midi, write_midi
from maeum.music.notes import Piece, Tempo, TimeSignature, Track


def drawn_track(rng, program=0, is_drum=False, count=60):
    """Notes that do not overlap others of their pitch, as MIDI cannot tell these apart."""
    rows = []
    for pitch in rng.choice(128, 6, replace=False):
        ends = np.sort(rng.choice(10_000, 2 * (count // 6), replace=False))
        rows += [(int(pitch), int(a), int(b - a), int(rng.integers(1, 128)))
                 for a, b in zip(ends[::2], ends[1::2])]  # fmt: skip
    return Track(rows, f"track {program}", program, is_drum)


def midi_bytes(*tracks, kind=1, resolution=480):
    file = mido.MidiFile(type=kind, ticks_per_beat=resolution)
    file.tracks += [mido.MidiTrack(messages) for messages in tracks]
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def on(note, time=0, velocity=80, channel=0):
    return mido.Message("note_on", note=note, time=time, velocity=velocity, channel=channel)


def off(note, time=0, channel=0):
    return mido.Message("note_off", note=note, time=time, channel=channel)


@pytest.mark.parametrize("seed", range(3))
def test_a_piece_comes_back_as_it_was_written(seed, tmp_path):
    rng = np.random.default_rng(seed)
    tracks = [drawn_track(rng, program) for program in (0, 33, 127)]
    piece = Piece([*tracks, drawn_track(rng, 0, True)], 960, [(0, 97.0), (700, 33.3)],
                  [(0, 6, 8), (1440, 3, 4)])  # fmt: skip
    assert read_midi(write_midi(piece, tmp_path / "piece.mid")) == piece


def test_mido_hears_the_notes_that_were_written(tmp_path):
    piece = Piece([drawn_track(np.random.default_rng(0), 5)], 100, [(0, 60), (500, 150)])
    times, open_notes = [], {}
    now = 0.0
    for message in mido.MidiFile(write_midi(piece, tmp_path / "piece.mid")):
        now += message.time
        if message.type == "note_on":
            open_notes[message.note] = (now, message.velocity)
        elif message.type == "note_off":
            start, velocity = open_notes.pop(message.note)
            times.append((start, message.note, now, velocity))
    notes = piece.tracks[0].notes
    ends = piece.seconds(notes["start"] + notes["duration"])
    expected = zip(piece.seconds(notes["start"]), notes["pitch"], ends, notes["velocity"])
    np.testing.assert_allclose(sorted(times), sorted(expected), atol=1e-6)


def test_pretty_midi_hears_the_same(tmp_path):
    pretty_midi = pytest.importorskip("pretty_midi")
    piece = Piece([drawn_track(np.random.default_rng(1), 5)], 100, [(0, 60), (500, 150)])
    heard = pretty_midi.PrettyMIDI(str(write_midi(piece, tmp_path / "piece.mid")))
    notes = piece.tracks[0].notes
    rows = [(n.start, n.pitch, n.end) for n in heard.instruments[0].notes]
    expected = zip(piece.seconds(notes["start"]), notes["pitch"],
                   piece.seconds(notes["start"] + notes["duration"]))  # fmt: skip
    np.testing.assert_allclose(sorted(rows), sorted(expected), atol=1e-5)


def test_a_note_off_ends_the_oldest_equal_note(write):
    path = write(midi_bytes([on(60), on(60, 10), off(60, 10), off(60, 10)]), "a.mid")
    assert read_midi(path).tracks[0].notes.tolist() == [(60, 0, 20, 80), (60, 10, 20, 80)]


def test_a_note_that_is_never_ended_lasts_until_its_track_ends(write):
    path = write(midi_bytes([on(60), on(62, 10), off(62, 90)]), "a.mid")
    piece = read_midi(path)
    assert piece.tracks[0].notes.tolist() == [(60, 0, 100, 80), (62, 10, 90, 80)]
    assert piece.remarks[1] == "1 note is never ended; it lasts until its track ends."


def test_a_note_without_length_lasts_a_tick_and_an_end_without_a_note_means_nothing(write):
    piece = read_midi(write(midi_bytes([off(61), on(60, 5), on(60, velocity=0)]), "a.mid"))
    assert piece.tracks[0].notes.tolist() == [(60, 5, 1, 80)]
    assert "1 note ends where it begins; it lasts one tick." in piece.remarks


def test_running_status_is_read(write):
    body = b"\x00\x90\x3c\x50\x10\x3c\x00\x00\x3e\x50\x10\x3e\x00\x00\xff\x2f\x00"
    data = b"MThd" + struct.pack(">Lhhh", 6, 0, 1, 16) + b"MTrk" + struct.pack(">L", len(body))
    piece = read_midi(write(data + body, "a.mid"))
    assert piece.tracks[0].notes.tolist() == [(60, 0, 16, 80), (62, 16, 16, 80)]
    riff = b"RIFF" + struct.pack("<L", len(data + body) + 12) + b"RMIDdata" + b"\0\0\0\0"
    assert read_midi(write(riff + data + body, "a.rmi")) == piece


def test_a_file_without_tempo_has_120_beats_a_minute_and_says_so(write):
    piece = read_midi(write(midi_bytes([on(60), off(60, 480)]), "a.mid"))
    assert (piece.tempo, piece.duration, piece.signature[1:]) == (120.0, 0.5, (4, 4))
    assert piece.remarks == ["It names no tempo: 120 beats per minute, as the standard says."]


def test_channels_and_programs_become_tracks(write):
    change = mido.Message("program_change", program=40)
    drums = [on(36, channel=DRUMS), off(36, 5, channel=DRUMS)]
    name = mido.MetaMessage("track_name", name="피아노".encode().decode("latin-1"))
    messages = [name, on(60), off(60, 5), change, on(62), off(62, 5), *drums]
    tracks = read_midi(write(midi_bytes(messages, kind=0), "a.mid")).tracks
    assert [(t.program, t.is_drum, t.notes["pitch"].tolist()) for t in tracks] == [
        (0, False, [60]), (40, False, [62]), (0, True, [36]),
    ]  # fmt: skip
    assert {track.name for track in tracks} == {"피아노"}


def test_a_file_of_drums_only_says_so(write):
    piece = read_midi(write(midi_bytes([on(36, channel=9), off(36, 5, channel=9)]), "a.mid"))
    assert "It has drums only." in piece.remarks


GOOD = midi_bytes([on(60), off(60, 480), on(64), off(64, 480)])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"hello", "does not begin with 'MThd'"),
        (GOOD[:-6], "is damaged (it ends too early)"),
        (GOOD[:8], "is damaged (it ends too early)"),
        (GOOD[:22] + b"\xff" * 70_000, "a number in it does not end"),
        (midi_bytes([mido.MetaMessage("set_tempo")]), "has no notes"),
        (midi_bytes([on(60), off(60, 5)], kind=2), "of format 2"),
        (GOOD[:12] + b"\xe7\x28" + GOOD[14:], "counts in frames"),
    ],
)
def test_what_cannot_be_read_is_told(content, said, write):
    with pytest.raises(DataError) as error:
        read_midi(write(content, "broken.mid"))
    assert said in str(error.value)
    assert "broken.mid" in str(error.value)


def test_whatever_the_bytes_are_the_error_is_ours(write):
    draw = random.Random(0)
    for _ in range(300):
        content = bytearray(GOOD)
        for place in draw.sample(range(4, len(GOOD)), 3):
            content[place] = draw.randrange(256)
        with contextlib.suppress(DataError):
            assert read_midi(write(bytes(content), "a.mid")).count


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path / "none.mid", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_midi(path)


def test_a_file_larger_than_the_limit_is_refused_before_it_is_parsed(write):
    notes = b"\x00\x90\x3c\x50" + b"\x01\x3c\x00\x00\x3c\x50" * 1_000_000
    data = b"MThd" + struct.pack(">Lhhh", 6, 0, 1, 16) + b"MTrk" + struct.pack(">L", len(notes))
    with pytest.raises(DataError, match=r"larger than 2,097,152 bytes.*limit="):
        read_midi(write(data + notes, "a.mid"))
    path = write(GOOD, "b.mid")
    assert read_midi(path, limit=len(GOOD)).count == 2
    with pytest.raises(DataError, match="larger than"):
        read_midi(path, limit=len(GOOD) - 1)


def test_writing_keeps_what_was_there_when_it_fails(tmp_path):
    path = write_midi(Piece([Track([(60, 0, 10, 80)])]), tmp_path / "a.mid")
    before = path.read_bytes()
    with pytest.raises(DataError, match="lower resolution"):
        write_midi(Piece([Track([(60, 2**30, 10, 80)])]), path)
    assert path.read_bytes() == before
    with pytest.raises(SaveError):
        write_midi(Piece([]), tmp_path / "a.mid" / "b.mid")


@pytest.mark.parametrize(
    "row",
    [(128, 0, 1, 80), (-1, 0, 1, 80), (60, -1, 1, 80), (60, 0, 0, 80), (60, 0, 1, 0),
     (60, 0, 1, 128), (60.5, 0, 1, 80), (60, float("nan"), 1, 80), (60, 0, 2**70, 80), (60, 0, 1)],
)  # fmt: skip
def test_notes_that_there_cannot_be_are_told(row):
    with pytest.raises(DataError, match="A note is"):
        Track([(60, 0, 1, 80), row])


@pytest.mark.parametrize(
    "given",
    [{"resolution": 0}, {"resolution": 40_000}, {"tempos": [(0, 0)]}, {"tempos": [(-1, 100)]},
     {"tempos": [(0, float("nan"))]}, {"time_signatures": [(0, 4, 3)]},
     {"time_signatures": [(0, 0, 4)]}],
)  # fmt: skip
def test_pieces_that_there_cannot_be_are_told(given):
    with pytest.raises(ConfigError):
        Piece([], **given)


def test_times_follow_all_changes_of_tempo():
    piece = Piece([], 10, [Tempo(20, 60), Tempo(50, 240)], [TimeSignature(0, 3, 8)])
    ticks = np.arange(80)
    spans = np.where(ticks < 20, 0.5, np.where(ticks < 50, 1.0, 0.25)) / 10
    np.testing.assert_allclose(piece.seconds(ticks), np.cumsum(spans) - spans)
    assert piece.beats_per_bar == 1.5
