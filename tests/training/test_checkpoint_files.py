"""Files of checkpoints: what damage does, and which one is the newest."""

import os

import numpy as np
import pytest

from maeum.core.errors import ModelFileError
from maeum.training import checkpoint_files
from maeum.training.checkpoint_files import Checkpoint, CheckpointFolder, from_bytes, to_bytes


def small():
    arrays = {"model/w": np.arange(3, dtype="float32"), "model/b": np.zeros((), "int32")}
    return Checkpoint(arrays, {"position": {"epoch": 2}, "logs": {"loss": 0.1}})


def test_a_checkpoint_is_read_as_it_was_written():
    found = from_bytes(to_bytes(small()))
    assert found.facts == small().facts
    assert {k: v.tolist() for k, v in found.arrays.items()} == {
        "model/w": [0, 1, 2], "model/b": 0
    }  # fmt: skip


def test_a_byte_altered_or_cut_off_anywhere_is_noticed():
    data = to_bytes(small())
    for place in range(len(data)):
        assert from_bytes(data[:place]) is None
        for bit in (1, 128):
            altered = bytearray(data)
            altered[place] ^= bit
            assert from_bytes(bytes(altered)) is None
    assert from_bytes(data + b"\0") is None


def test_the_newest_whole_one_wins_whatever_the_clock_says(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=3)
    for epoch in range(5):
        folder.write(Checkpoint({}, {"epoch": epoch}))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"checkpoint-0000000{n}.maeum-checkpoint" for n in (3, 4, 5)]
    os.utime(tmp_path / names[0], (2e9, 2e9))  # the clock has jumped
    os.utime(tmp_path / names[2], (1e9, 1e9))
    assert folder.newest().facts == {"epoch": 4}
    (tmp_path / names[2]).write_bytes((tmp_path / names[2]).read_bytes()[:-1])
    assert folder.newest().facts == {"epoch": 3}
    folder.write(Checkpoint({}, {"epoch": 9}))
    assert folder.newest().facts == {"epoch": 9}


def test_without_a_whole_one_it_is_told(tmp_path):
    folder = CheckpointFolder(tmp_path)
    assert folder.newest() is None
    folder.write(small())
    [path] = tmp_path.iterdir()
    path.write_bytes(b"")
    with pytest.raises(ModelFileError, match=r"None of the checkpoints .* is whole"):
        folder.newest()


def test_a_newer_format_says_so(monkeypatch):
    monkeypatch.setattr(checkpoint_files, "FORMAT", 9)
    data = to_bytes(small())
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match=r"format 9; .*up to 1\. Update Maeum"):
        from_bytes(data)


def test_a_checkpoint_that_cannot_be_read_is_passed_over(monkeypatch, tmp_path):
    folder = CheckpointFolder(tmp_path)
    for epoch in range(2):
        folder.write(Checkpoint({}, {"epoch": epoch}))
    newest = max(tmp_path.iterdir())
    newest.unlink()
    newest.mkdir()  # reading it is an error of the file system
    assert folder.newest().facts == {"epoch": 0}
