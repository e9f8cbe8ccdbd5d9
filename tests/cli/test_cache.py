"""``maeum cache``, and the bound of what is kept between runs."""

import os
import subprocess
import sys

import jax
import pytest

from maeum.core import cached_files


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Return the folder of the cache, with three programs, an image and a data set in it."""
    for name, size in {"programs/a": 3, "programs/b": 4, "programs/c": 5, "images/i.npy": 6,
                       "images/i.json": 1, "datasets/d.gz": 7}.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(size))
    monkeypatch.setenv("MAEUM_CACHE", str(tmp_path))
    before = jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "programs"))
    jax.config.update("jax_enable_compilation_cache", False)  # nothing is added meanwhile
    yield tmp_path
    jax.config.update("jax_enable_compilation_cache", True)
    jax.config.update("jax_compilation_cache_dir", before)


def test_the_cache_is_shown_and_emptied(maeum, kept):
    shown = maeum("cache").out.split()  # a long path is on a line of its own
    assert " ".join(shown) == (
        f"Compiled programs: {kept}/programs (3 files, 12 bytes; at most 10,000 files, 1 GB) "
        f"Decoded images: {kept}/images (2 files, 7 bytes; at most 4.29 GB) "
        f"Data sets: {kept}/datasets (1 file, 7 bytes)"
    )
    assert maeum("cache", "--clear").out.splitlines() == [
        "Compiled programs: 3 files deleted (12 bytes).",
        "Decoded images: 2 files deleted (7 bytes).",
    ]
    assert [path.name for path in kept.rglob("*") if path.is_file()] == ["d.gz"]


def test_a_cache_that_is_turned_off(maeum, kept, monkeypatch):
    monkeypatch.setenv("MAEUM_CACHE", "0")
    jax.config.update("jax_compilation_cache_dir", None)
    out = maeum("cache").out
    assert out.count("not kept between runs") == 2


def test_what_was_used_longest_ago_leaves_first(tmp_path):
    paths = [tmp_path / name for name in "abcd"]
    for path, used in zip(paths, (30, 10, 40, 20)):
        path.write_bytes(bytes(10))
        os.utime(path, (used, used))
    gone = tmp_path / "gone"
    assert cached_files.evict([*paths, gone], 1000, 4) == 0
    assert cached_files.evict([*paths, gone], 1000, 3) == 1
    assert [path.name for path in paths if path.exists()] == ["a", "c", "d"]
    assert cached_files.evict(paths, 15) == 2
    assert [path.name for path in paths if path.exists()] == ["c"]


def test_a_process_that_compiles_bounds_its_programs(tmp_path):
    code = (
        "import maeum, jax, numpy as np\n"
        "from maeum.core import cached_files\n"
        "cached_files.PROGRAMS = 2\n"
        "for n in range(5): jax.jit(lambda x: x * n)(np.ones(n + 1))\n"
    )
    environment = {**os.environ, "MAEUM_CACHE": str(tmp_path), "JAX_PLATFORMS": "cpu"}
    environment.pop("JAX_COMPILATION_CACHE_DIR", None)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)
    assert len(list((tmp_path / "programs").iterdir())) == 2
