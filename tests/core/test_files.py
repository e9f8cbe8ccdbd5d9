"""Writing: whole or not at all, whatever happens to the disk."""

import errno
import os
import stat

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import SaveError
from maeum.core.files import write_atomically
from maeum.layers import Dense


def fails(number):
    def raising(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return raising


class FullDisk:
    """A file on a disk that has room for a few bytes only."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def __enter__(self):
        self.file.__enter__()
        return self

    def __exit__(self, *error):
        return self.file.__exit__(*error)

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        if len(data) > self.room:
            self.file.write(data[: self.room])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= len(data)
        return self.file.write(data)


def break_disk(monkeypatch, how):
    if how == "full":
        opened = os.fdopen
        monkeypatch.setattr(os, "fdopen", lambda *args: FullDisk(opened(*args), 100))
    elif how == "sync":
        monkeypatch.setattr(os, "fsync", fails(errno.EIO))
    elif how == "rename":
        monkeypatch.setattr(os, "replace", fails(errno.EACCES))
    elif how == "folder":
        monkeypatch.setattr(os, "open", fails(errno.EACCES))
    elif how == "interrupt":

        def interrupted(*args):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)


@pytest.mark.parametrize("how", ["full", "sync", "rename", "folder", "interrupt"])
def test_whatever_breaks_the_previous_file_stays_whole(monkeypatch, tmp_path, how):
    path = tmp_path / "m.maeum"
    model = mm.Sequential([mm.Input((3,)), Dense(4)])
    model.save(path)
    before, expected = path.read_bytes(), model.predict(np.ones((2, 3)))
    model.set_weights([np.zeros((3, 4)), np.zeros(4)])
    with monkeypatch.context() as patched:
        break_disk(patched, how)
        if how == "interrupt":
            with pytest.raises(KeyboardInterrupt):
                model.save(path)
        else:
            with pytest.raises(SaveError, match=r"m\.maeum' could not be written .*unchanged"):
                model.save(path)
            with pytest.raises(OSError, match="could not be written"):
                model.save_weights(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.maeum"]
    np.testing.assert_array_equal(mm.load_model(path).predict(np.ones((2, 3))), expected)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_disk_that_is_really_full(monkeypatch, tmp_path):
    path = tmp_path / "m"
    write_atomically(path, b"before")
    made = os.open

    def on_full_disk(path, *options):
        handle = made(path, *options)
        os.dup2(made("/dev/full", os.O_WRONLY), handle)
        return handle

    monkeypatch.setattr(os, "open", on_full_disk)
    with pytest.raises(SaveError, match="No space left on device"):
        write_atomically(path, b"x" * 10**6)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_places_that_are_no_place(tmp_path):
    (tmp_path / "file").write_text("text")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "m.maeum", tmp_path / "folder", tmp_path / ("x" * 300)):
        with pytest.raises(SaveError, match="could not be written"):
            write_atomically(path, b"data")
    with pytest.raises(SaveError, match="could not be written"):
        write_atomically(tmp_path / "a\0b", b"data")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_folders_are_made_and_the_usual_rights_given(tmp_path):
    path = tmp_path / "new" / "folder" / "m.maeum"
    mask = os.umask(0o027)
    try:
        write_atomically(path, b"data")
    finally:
        os.umask(mask)
    assert path.read_bytes() == b"data"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "m").write_bytes(b"before")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "m")
    write_atomically(tmp_path / "link", b"after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "m").read_bytes() == b"after"
