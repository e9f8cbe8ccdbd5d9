import json
import os
import time

import numpy as np
import pytest

from maeum.images import ImageLoader, load_image, read_folder
from maeum.images import cache as disk


@pytest.fixture
def images(classes):
    return read_folder(classes(cat=3, dog=3))


@pytest.fixture
def decoded(monkeypatch):
    """Return a list that grows with every file that is decoded."""
    from maeum.images import loading

    files = []
    decode = loading.decode

    def counted(path, *options):
        files.append(path)
        return decode(path, *options)

    monkeypatch.setattr(loading, "decode", counted)
    return files


def read(images, **options):
    return ImageLoader(images, **{"size": 8, **options}).arrays()[0]


def kept(cache):
    return sorted(path.name for path in cache.glob("*.npy")) if cache.exists() else []


def test_the_next_loader_decodes_nothing(images, decoded, cache):
    first = read(images)
    assert len(decoded) == 6
    assert (read(images) == first).all()
    assert len(decoded) == 6
    assert len(kept(cache)) == 1


def test_other_options_or_files_are_another_cache(images, decoded, cache, colours, save):
    read(images)
    read(images, size=9)
    read(images, resize="pad")
    read(images, color_mode="grayscale")
    read(images, interpolation="nearest")
    read(images.subset([1, 0]))
    assert len(decoded) == 5 * 6 + 2
    save("photos/cat/00.png", colours(13, 17, 9))  # changed since
    assert (read(images)[0] == load_image(images.paths[0], 8)).all()
    assert len(decoded) == 6 * 6 + 2
    assert len(kept(cache)) == 7


def test_a_cache_is_finished_only_when_every_image_was_seen(images, decoded, cache):
    loader = ImageLoader(images, 8, batch_size=2)
    loader[0]
    assert not [name for name in kept(cache) if not name.startswith(".part-")]
    for index in range(3):
        loader[index]
    assert len(kept(cache)) == 1
    assert not kept(cache)[0].startswith(".part-")
    assert len(decoded) == 6


def test_an_unfinished_cache_leaves_nothing_behind(images, cache):
    loader = ImageLoader(images, 8, batch_size=2)
    loader[0]
    assert len(list(cache.iterdir())) == 1
    del loader
    assert not list(cache.iterdir())


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "record", "no record", "other record"])
def test_a_damaged_cache_is_made_anew(images, decoded, cache, damage):
    first = read(images)
    (path,) = cache.glob("*.npy")
    beside = path.with_suffix(".json")
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-5] ^= 1
    path.write_bytes({"cut": content[:-9], "empty": b""}.get(damage, content))
    if damage == "record":
        beside.write_text("{")
    elif damage == "no record":
        beside.unlink()
    elif damage == "other record":
        beside.write_text(json.dumps({**json.loads(beside.read_text()), "reasons": [1]}))
    assert (read(images) == first).all()
    assert len(decoded) == 12
    assert (read(images) == first).all()
    assert len(decoded) == 12


def test_the_oldest_goes_when_there_is_too_much(images, cache, monkeypatch):
    one = 6 * 8 * 8 * 3
    monkeypatch.setattr(disk, "LIMIT", 3 * one)
    for resize in ("crop", "pad"):
        read(images, resize=resize)
    old, new = sorted(cache.glob("*.npy"), key=os.path.getmtime)
    for path, used in [(old, 1000), (new, 2000)]:
        os.utime(path, (used, used))
    read(images, resize="stretch")
    assert not old.exists()
    assert not old.with_suffix(".json").exists()
    assert new.exists()
    assert len(kept(cache)) == 2


def test_a_set_beyond_the_limit_is_not_kept(images, cache, monkeypatch):
    monkeypatch.setattr(disk, "LIMIT", 100)
    assert len(read(images)) == 6
    assert not kept(cache)


def test_what_a_killed_run_left_behind_is_removed_after_a_day(images, cache):
    cache.mkdir(parents=True)
    fresh, old = cache / ".part-a.npy", cache / ".part-b.npy"
    fresh.touch()
    old.touch()
    os.utime(old, (time.time() - 2 * 24 * 3600,) * 2)
    read(images)
    assert fresh.exists()
    assert not old.exists()


@pytest.mark.parametrize("reason", ["turned off", "no room", "no folder"])
def test_without_a_cache_everything_works(images, decoded, cache, monkeypatch, reason):
    if reason == "turned off":
        monkeypatch.setenv("MAEUM_CACHE", "0")
    elif reason == "no folder":
        cache.parent.mkdir(exist_ok=True)
        cache.write_text("a file where the folder should be")
    else:

        def full(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    loader = ImageLoader(images, 8)
    first = loader.arrays()[0]
    assert (loader.arrays()[0] == first).all()
    assert len(decoded) == 6  # kept in memory
    if reason == "no room":
        assert not list(cache.iterdir())


def test_what_cannot_be_read_is_remembered(images, decoded):
    with open(images.paths[2], "wb"):
        pass
    for _ in range(2):
        loader = ImageLoader(images, 8)
        with pytest.warns(UserWarning, match="1 image of 6 skipped"):
            x, y = loader.arrays()
        assert len(x) == len(y) == 5
        assert loader.skipped == [(images.paths[2], "the file is empty (0 bytes)")]
    assert len(decoded) == 6


def test_nothing_depends_on_the_number_of_threads(images):
    assert np.array_equal(read(images, workers=1), read(images, workers=4, cache=False))


def test_what_is_kept_is_counted_and_can_be_emptied(images, decoded, cache):
    assert disk.entries() == []
    read(images)
    read(images, size=9)
    old, new = sorted(cache.glob("*.npy"), key=os.path.getsize)
    os.utime(old, (1000, 1000))
    assert disk.entries() == [
        (old, old.stat().st_size, 1000), (new, new.stat().st_size, new.stat().st_mtime)
    ]  # fmt: skip
    loader = ImageLoader(images, 8)
    first = loader.arrays()[0]
    for path in list(cache.iterdir()):  # as `maeum cache --clear` does
        path.unlink()
    assert (loader.arrays()[0] == first).all()  # what is in use stays readable
    assert disk.entries() == []


def test_what_was_just_used_stays(images, cache, monkeypatch):
    read(images)
    read(images, size=9)
    old, new = sorted(cache.glob("*.npy"), key=os.path.getsize)
    for path, used in [(old, 1000), (new, 2000)]:
        os.utime(path, (used, used))
    read(images)  # the old one is used again
    monkeypatch.setattr(disk, "LIMIT", old.stat().st_size + 300 + 6 * 8 * 8 * 3)
    read(images, resize="pad")
    assert old.exists()
    assert not new.exists()
