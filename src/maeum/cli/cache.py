"""``maeum cache``: what is kept between runs, and emptying it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from maeum.core.cached_files import PROGRAM_BYTES, PROGRAMS
from maeum.core.messages import N_, _
from maeum.core.wording import Things, as_written

MOST = PROGRAM_BYTES, PROGRAMS
FILES = Things("{n:,} file", "{n:,} files")


class Kept(NamedTuple):
    """A folder of files that are kept.

    Attributes:
        what: what they are.
        folder: where they lie; None if they are not kept.
        files: how many there are.
        bytes: what they take.
        most: how many bytes and files there may be; None without a bound.
        again: whether they are made again when they are needed.
    """

    what: str
    folder: str | None
    files: int
    bytes: int
    most: tuple[int, int | None] | None
    again: bool


def command() -> click.Command:
    """Return the command."""
    said = _("Show what is kept between runs: compiled programs, decoded images, data sets.")
    clears = _("Delete the compiled programs and the decoded images; they are made again.")
    clear = click.Option(["--clear"], is_flag=True, help=clears)
    return click.Command("cache", callback=cache, params=[clear], help=said)


def cache(clear: bool = False) -> None:
    """Show what is kept, or delete what can be made again."""
    from maeum.cli import display

    for kept in all_kept():
        if clear and kept.again and kept.folder is not None:
            files, size = FILES.count(_empty(Path(kept.folder))), in_bytes(kept.bytes)
            print(_("{what}: {files} deleted ({size}).", what=_(kept.what), files=files, size=size))
        elif not clear:
            display.show_fact(_(kept.what), say(kept), 20)


def all_kept() -> list[Kept]:
    """Return what is kept, in the order in which it is shown."""
    import jax

    from maeum.core.runtime import cache_folder
    from maeum.images import cache as images

    given = jax.config.jax_compilation_cache_dir  # type: ignore[attr-defined]
    programs, ours = Path(given) if given else None, cache_folder() / "programs"
    return [
        _kept(N_("Compiled programs"), programs, MOST if programs == ours else None),
        _kept(N_("Decoded images"), images.folder(), (images.LIMIT, None)),
        _kept(N_("Data sets"), cache_folder() / "datasets", None, again=False),
    ]


def say(kept: Kept) -> str:
    """Say what a folder holds, and what it may hold.

    >>> say(Kept("Data sets", None, 0, 0, None, False))
    'not kept between runs'
    """
    if kept.folder is None:
        return _("not kept between runs")
    said = f"{kept.folder} ({FILES.count(kept.files)}, {in_bytes(kept.bytes)}"
    if kept.most is not None:
        size, files = kept.most
        most = in_bytes(size) if files is None else f"{FILES.count(files)}, {in_bytes(size)}"
        said += "; " + _("at most {most}", most=most)
    return said + ")"


def in_bytes(count: int) -> str:
    """Say a size: ``1.5 GB``.

    >>> in_bytes(0), in_bytes(1_500_000_000)
    ('0 bytes', '1.5 GB')
    """
    for size, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{as_written(count / size, 3)} {unit}"
    return f"{count} bytes"


def _kept(
    what: str, folder: Path | None, most: tuple[int, int | None] | None, again: bool = True
) -> Kept:
    found = list(sizes(folder)) if folder is not None else []
    return Kept(what, str(folder) if folder else None, len(found), sum(found), most, again)


def sizes(folder: Path) -> Iterator[int]:
    """Yield the bytes of the files in a folder; of what vanishes meanwhile, none."""
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                yield path.stat().st_size


def _empty(folder: Path) -> int:
    """Delete the files of a folder, and return how many there were."""
    removed = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                os.unlink(path)
                removed += 1
    return removed
