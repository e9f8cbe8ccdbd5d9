"""Download a file of a data set once: from several sources, resumed where it broke off, checked.

Libraries that download and check files, such as pooch, begin again when a download breaks off; half
of what is here makes sure that nothing which arrived is downloaded twice.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from maeum.core.errors import DataError, SaveError
from maeum.core.files import lock
from maeum.core.messages import _
from maeum.datasets.files import DataFile

TIMEOUT = 20.0  # seconds without a byte after which a source is given up
_PIECE = 1 << 18


class Failed(Exception):
    """A source did not give the file; what it gave is kept, unless it is another file."""

    wrong_hash = False


def fetch(file: DataFile) -> Path:
    """Return the path of a file of a data set; download it first if it is nowhere.

    ``MAEUM_DATA`` is searched first, then the cache, then the sources are tried in turn. A
    download that broke off goes on where it stopped, at the next call, too. Only a file with the
    published hash ever gets its name.

    Raises:
        DataError: if it is nowhere and no source gives it; the message says what was tried and
            how to place the file by hand.
        SaveError: if the cache cannot be written.
    """
    found = file.find()
    if found is not None:
        return found
    target = file.cached
    reasons = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target.with_name(target.name + ".lock"), "a") as turn:
            lock(turn, wait=True)
            if file.matches(target):  # another process downloaded it meanwhile
                return target
            for url in file.urls:
                try:
                    part = download(file, url)
                except Failed as failure:
                    reasons.append(f"{url} ({failure})")
                else:
                    os.replace(part, target)
                    return target
    except OSError as error:
        raise SaveError("{path!r} could not be written ({reason}). Make room, or choose another "
                        "folder with MAEUM_CACHE.", path=str(target),
                        reason=error.strerror or error) from error  # fmt: skip
    raise DataError(_nowhere(file, reasons))


def _nowhere(file: DataFile, reasons: list[str]) -> str:
    wrong = [str(p) for p, by_hash in file.candidates() if by_hash and p.is_file()]
    damaged = _(
        " {path!r} is there, but it is another file or damaged (its hash is not {digest}).",
        path="".join(wrong[:1]), digest=file.digest,
    )  # fmt: skip
    return _(
        "{name!r} of the data set {folder!r} is not on this machine and could not be downloaded."
        "{damaged} Tried: {tried}. Connect to the internet, or download the file elsewhere and put "
        "it into the folder {cache!r}, or into the folder {folder!r} of a folder that the "
        "environment variable MAEUM_DATA names (now: {data}). datasets.digits works offline.",
        name=file.name,
        folder=file.folders[0],
        damaged=damaged if wrong else "",
        tried="; ".join(reasons) or _("no source is known"),
        cache=str(file.cached.parent),
        data=os.environ.get("MAEUM_DATA") or _("not set"),
    )


def download(file: Any, url: str) -> Path:
    """Download from one source into the ``.part`` file, and return that once its hash is right.

    Args:
        file: what it has to become: a `DataFile`, or something with its ``name``, ``cached``,
            ``digest`` (None if that is not known) and ``matches``.
        url: the source.

    Raises:
        Failed: if the source does not give it.
    """
    part = file.cached.with_name(file.cached.name + ".part")
    while True:
        before = _size(part)
        if before and file.digest and file.matches(part):
            return part
        try:
            complete = _transfer(url, part, file.name)
        except Failed:
            if _size(part) > before:
                continue  # it broke off, but sent something: go on from there
            raise
        if file.matches(part):
            return part
        if complete:
            part.unlink(missing_ok=True)
            failure = Failed(_("it serves another file: the hash is wrong"))
            failure.wrong_hash = True
            raise failure
        part.unlink(missing_ok=True)  # what was there before was no beginning of this file


def _transfer(url: str, part: Path, name: str) -> bool:
    """Append to ``part`` what a source sends; say whether it was the file from its first byte.

    Raises:
        Failed: if the source refuses, cannot be reached, or breaks off.
    """
    have = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "maeum"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = _network(lambda: urllib.request.urlopen(request, timeout=TIMEOUT))
    except Failed as failure:
        refused = failure.__cause__
        if have and isinstance(refused, urllib.error.HTTPError) and refused.code == 416:
            return False  # nothing comes after what is there: too long, or another file
        raise
    with response:
        resumed = have > 0 and response.status == 206 and _start(response) == have
        if have and response.status == 206 and not resumed:
            return False
        length = response.headers.get("Content-Length")
        total = int(length) if length and length.isdigit() else None
        start = have if resumed else 0
        with (
            open(part, "ab" if resumed else "wb") as out,
            _progress(name, start, start + total if total is not None else None) as advance,
        ):
            received = 0
            while piece := _network(lambda: response.read(_PIECE)):
                out.write(piece)
                received += len(piece)
                advance(len(piece))
        if total is not None and received < total:
            raise Failed(
                _("it broke off after {n} of {total} bytes", n=start + received,
                  total=start + total)
            )  # fmt: skip
    return not resumed


def _network(call: Callable[[], Any]) -> Any:
    """Call, and tell the network's errors from those of the disk (both are OSError)."""
    try:
        return call()
    except urllib.error.HTTPError as error:
        error.close()
        raise Failed(f"HTTP {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise Failed(str(error.reason)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(str(error) or type(error).__name__) from error


def _start(response: Any) -> int | None:
    """Return the position of the first byte of a partial answer: ``bytes 5-9/10`` gives 5."""
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.strip().isdigit() else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextlib.contextmanager
def _progress(name: str, done: int, total: int | None) -> Iterator[Callable[[int], None]]:
    """Draw a line with what has arrived, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    silent = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as line:
        task = line.add_task(name, total=total, completed=done)
        yield lambda count: line.advance(task, count)
