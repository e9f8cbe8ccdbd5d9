"""Event files: what is written is read again, and its checksums are those of the standard."""

import numpy as np
import pytest

from maeum.core import event_files


def test_crc_of_the_standard():
    # RFC 3720, B.4
    assert event_files.crc32c(bytes(32)) == 0x8A9136AA
    assert event_files.crc32c(b"\xff" * 32) == 0x62A8AB43
    assert event_files.crc32c(bytes(range(32))) == 0x46DD794E


def test_scalars_and_histograms(tmp_path):
    with event_files.EventFile(tmp_path) as events:
        values = [event_files.scalar("loss", 0.25), event_files.histogram("w", [1.0, 1.0, -2.0])]
        events.add(7, event_files.summary(values))
        events.add_graph(event_files.graph([("a", "Const", []), ("b", "Neg", ["a"])]))
    found = list(event_files.read_events(events.path))
    assert [(step, kind) for step, kind, _data in found] == [
        (0, "version"), (7, "summary"), (0, "graph"),
    ]  # fmt: skip
    values = event_files.read_values(found[1][2])
    assert values["loss"] == 0.25
    histogram = dict(event_files._fields(values["w"]))
    assert [histogram[i] for i in (1, 2, 3, 4, 5)] == [-2, 1, 3, 0, 6]
    limits, counts = (np.frombuffer(histogram[i]) for i in (6, 7))
    assert counts.tolist() == [0, 1, 0, 2]  # what is empty between is one bucket
    assert limits[-1] > 1
    assert (np.diff(limits) > 0).all()


def test_a_file_that_was_altered(tmp_path):
    with event_files.EventFile(tmp_path) as events:
        events.add(1, event_files.summary([event_files.scalar("x", 1.0)]))
    data = bytearray(events.path.read_bytes())
    data[-6] ^= 1
    events.path.write_bytes(data)
    with pytest.raises(ValueError, match="TFRecord"):
        list(event_files.read_events(events.path))
