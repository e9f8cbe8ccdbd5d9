"""How JAX is set up when Maeum is imported."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import jax

from maeum.core.cached_files import bound_at_exit


def configure() -> None:
    """Keep compiled programs between processes, in the user's cache folder.

    The second run of a script then begins several times sooner. The folder keeps what was used
    last. ``JAX_COMPILATION_CACHE_DIR`` chooses another folder, which is not bounded;
    ``MAEUM_CACHE=0`` turns it off.
    """
    wanted = os.environ.get("MAEUM_CACHE", "")
    if wanted == "0" or jax.config.jax_compilation_cache_dir:  # type: ignore[attr-defined]
        return
    folder = cache_folder() / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # no place to write to: compile every time
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    bound_at_exit(folder)  # JAX would look at every file for each program that it adds


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Import without the garbage collector, which would look at all of JAX and find nothing."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def compiled_soon(lowered: Any) -> Callable[..., Any]:
    """Return a lowered program compiled in a half to two thirds of the usual time.

    XLA has two ways from loops to instructions on CPUs, of which the older one takes less time. It
    serves programs whose loops take little time: those that run once, or call native kernels.
    """
    try:
        return lowered.compile(compiler_options={"xla_cpu_use_fusion_emitters": False})
    except jax.errors.JaxRuntimeError:  # an XLA that knows this option no longer
        return lowered.compile()


def cache_folder() -> Path:
    """Return the folder for what can be made again: ``MAEUM_CACHE``, or the user's cache."""
    given = os.environ.get("MAEUM_CACHE", "0")
    if given not in ("", "0"):  # 0 turns the compiled programs' cache off, not data sets
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maeum"


def keras_folder() -> Path:
    """Return the folder in which Keras keeps what it downloads: ``KERAS_HOME``, or ``~/.keras``."""
    given = os.environ.get("KERAS_HOME")
    return Path(given) if given else Path.home() / ".keras"


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def installed(library: str) -> str | None:
    """Return the version of a library; None if it is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None
