"""`get_file`: once, checked, and unpacked so that nothing lands outside of its folder."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.utils import get_file


@pytest.fixture
def served(tmp_path):
    """Return a file that is served, its address, and a cache for it."""
    file = tmp_path / "served" / "words.txt"
    file.parent.mkdir()
    file.write_text("float like a butterfly")
    return file, file.as_uri(), tmp_path / "cache"


def test_a_file_is_downloaded_once(served):
    file, origin, cache = served
    path = get_file(origin=origin, cache_dir=cache)
    assert Path(path) == cache / "datasets" / "words.txt"
    file.write_text("sting like a bee")
    assert Path(get_file("words.txt", origin, cache_dir=cache)).read_text().startswith("float")
    get_file("words.txt", origin, cache_dir=cache, force_download=True)
    assert Path(path).read_text().startswith("sting")


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_a_file_has_the_hash_that_was_given(served, kind):
    file, origin, cache = served
    digest = hashlib.new(kind, file.read_bytes()).hexdigest()
    path = Path(get_file(origin=origin, file_hash=digest, cache_dir=cache))
    path.write_text("damaged")  # in the cache: it is downloaded again
    assert Path(get_file(origin=origin, file_hash=digest, cache_dir=cache)) == path
    assert path.read_text().startswith("float")
    with pytest.raises(DataError, match="Incomplete or corrupted"):
        get_file("other.txt", origin, file_hash="0" * len(digest), cache_dir=cache)
    assert not (path.parent / "other.txt").exists()


def archive(path, name, kind):
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(name, "inside")
    else:
        with tarfile.open(path, "w:gz") as file:
            entry = tarfile.TarInfo(name)
            entry.size = 6
            file.addfile(entry, io.BytesIO(b"inside"))


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(("fname", "folder"), [
    (None, "data.bin"), ("flowers", "flowers"), ("flowers.tar.gz", "flowers_extracted"),
])  # fmt: skip
def test_archives_are_unpacked(tmp_path, kind, fname, folder):
    archive(tmp_path / "data.bin", "a/b.txt", kind)
    origin = (tmp_path / "data.bin").as_uri()
    path = Path(get_file(fname, origin, extract=True, cache_dir=tmp_path / "cache"))
    assert path.name == folder
    assert (path / "a/b.txt").read_text() == "inside"


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_nothing_lands_outside_of_the_folder(tmp_path, kind):
    archive(tmp_path / "bad.bin", "../../evil.txt", kind)
    with pytest.raises(DataError, match=r"evil\.txt"):
        get_file(origin=(tmp_path / "bad.bin").as_uri(), extract=True, cache_dir=tmp_path / "cache")
    assert not list(tmp_path.rglob("evil.txt"))


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(ConfigError, match="origin"):
        get_file("a.txt")
    with pytest.raises(ConfigError, match="fname"):
        get_file("a/b.txt", "file:///b.txt")
    with pytest.raises(DataError, match="could not be downloaded"):
        get_file("a.txt", (tmp_path / "nowhere.txt").as_uri(), cache_dir=tmp_path)
