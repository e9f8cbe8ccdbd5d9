"""A file from the internet: downloaded once, checked, and unpacked without surprises."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import urllib.parse
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, SaveError
from maeum.core.messages import _
from maeum.core.runtime import cache_folder
from maeum.core.settings import say
from maeum.datasets.download import Failed, download


@dataclass(frozen=True)
class _Wanted:
    """The file that a download has to become; see `maeum.datasets.files.DataFile`."""

    cached: Path
    digest: str | None
    algorithm: str

    @property
    def name(self) -> str:
        return self.cached.name

    def matches(self, path: Path) -> bool:
        """Tell whether a file has the hash that was given, if one was."""
        return path.is_file() and (self.digest is None or self.hash_of(path) == self.digest)

    def hash_of(self, path: Path) -> str:
        with open(path, "rb") as file:
            made = hashlib.new(self.algorithm, usedforsecurity=False)
            return hashlib.file_digest(file, lambda: made).hexdigest()


def get_file(
    fname: str | os.PathLike | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str | os.PathLike = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Iterable[str] | None = "auto",
    cache_dir: str | os.PathLike | None = None,
    force_download: bool = False,
) -> str:
    """Return the path of a file, downloaded first if it is not in the cache.

    Args:
        fname: the name that it gets, without folders; by default that of ``origin``. With
            ``extract``, a name without an ending is that of the folder.
        origin: its address.
        untar: unpack it, a tar archive; ``extract`` does the same for zip archives, too.
        md5_hash: Keras's older argument; ``file_hash`` takes the place.
        file_hash: the MD5 or SHA-256 that it must have; a file in the cache with another one is
            downloaded again.
        cache_subdir: the folder within ``cache_dir``.
        hash_algorithm: ``"md5"``, ``"sha256"``, or ``"auto"`` for the one that fits the length.
        extract: whether to unpack the archive; then the path is that of the folder.
        archive_format: ``"tar"``, ``"zip"``, a list of them, or ``"auto"`` for both.
        cache_dir: the folder of downloads; by default Maeum's cache (``MAEUM_CACHE``).
        force_download: whether to download it in any case.

    Raises:
        ConfigError: for arguments that name no file.
        DataError: if it cannot be downloaded, is another file than the hash says, or is an archive
            with an entry that would land outside of its folder.
        SaveError: if the cache cannot be written.
    """
    if origin is None:
        raise ConfigError("Please give origin, the address of the file to download.")
    name = os.fspath(fname) if fname else ""
    if os.sep in name:
        raise ConfigError("fname is a name without folders; got {name!r}. Give the folder as "
                          "cache_dir and cache_subdir.", name=name)  # fmt: skip
    own = name or os.path.basename(urllib.parse.urlsplit(origin).path)
    if not own:
        raise ConfigError("{origin!r} names no file; give fname.", origin=origin)
    folder = Path(cache_dir or cache_folder()).expanduser() / cache_subdir
    unpacks = extract or untar
    if unpacks and name and "." in own:
        target, into = folder / own, folder / f"{own.partition('.')[0]}_extracted"
    else:
        target, into = folder / (f"{own}_archive" if unpacks else own), folder / own
    digest = file_hash or md5_hash
    kind = "md5" if md5_hash and not file_hash else _algorithm(hash_algorithm, digest)
    fresh = _download(_Wanted(target, digest and str(digest).lower(), kind), origin, force_download)
    if not unpacks:
        return str(target)
    if fresh or not into.exists():
        _unpack(target, into, "tar" if untar else archive_format)
    return str(into)


def _algorithm(name: str, digest: str | None) -> str:
    check_choice(name, ("auto", "md5", "sha256"), "hash_algorithm")
    return ("sha256" if digest and len(digest) == 64 else "md5") if name == "auto" else name


def _download(file: _Wanted, origin: str, again: bool) -> bool:
    """Bring a file into the cache; return whether it was downloaded now."""
    target = file.cached
    if not again and file.matches(target):
        return False
    if not again and target.exists():
        say(_("{path!r} has another hash than {digest}, so it is downloaded again.",
              path=str(target), digest=file.digest))  # fmt: skip
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.digest is None or again:
            part.unlink(missing_ok=True)  # whether it is a beginning of this file is not known
        say(_("Downloading {origin}", origin=origin))
        os.replace(download(file, origin), target)
    except Failed as failure:
        if failure.wrong_hash:
            raise DataError("Incomplete or corrupted file: what {origin} serves has not the "
                            "{kind} hash {digest}.", origin=origin, kind=file.algorithm,
                            digest=file.digest) from failure  # fmt: skip
        raise DataError("{origin} could not be downloaded ({reason}).", origin=origin,
                        reason=failure) from failure  # fmt: skip
    except OSError as error:
        raise SaveError("{path!r} could not be written ({reason}).", path=str(target),
                        reason=error.strerror or error) from error  # fmt: skip
    return True


def _unpack(archive: Path, into: Path, formats: str | Iterable[str] | None) -> None:
    """Unpack an archive into a folder that is there whole or not at all."""
    if formats is None:
        formats = ()
    kinds = ("tar", "zip") if formats == "auto" else (
        (formats,) if isinstance(formats, str) else tuple(formats)
    )  # fmt: skip
    for kind in kinds:
        check_choice(kind, ("tar", "zip"), "archive_format")
    with tempfile.TemporaryDirectory(dir=archive.parent) as temporary:
        place = Path(temporary) / "content"
        place.mkdir()
        try:
            if "tar" in kinds and tarfile.is_tarfile(archive):
                with tarfile.open(archive) as tar:
                    tar.extractall(place, filter="data")  # refuses what leaves the folder
            elif "zip" in kinds and zipfile.is_zipfile(archive):
                with zipfile.ZipFile(archive) as packed:
                    _check_names(packed, place)
                    packed.extractall(place)
            else:
                said = _("Could not extract {path!r}: it is no archive of the format {formats}.",
                         path=str(archive), formats=", ".join(kinds) or None)  # fmt: skip
                warnings.warn(said, stacklevel=4)
                return
        except (tarfile.TarError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
            raise DataError("{path!r} cannot be unpacked: {error}.", path=str(archive),
                            error=error) from error  # fmt: skip
        if into.exists():
            shutil.rmtree(into)
        os.replace(place, into)


def _check_names(packed: zipfile.ZipFile, place: Path) -> None:
    """Raise `DataError` for an entry that would land outside of a folder."""
    for name in packed.namelist():
        if not (place / name).resolve().is_relative_to(place.resolve()):
            raise DataError("The archive has an entry {name!r}, which lies outside of its folder.",
                            name=name)  # fmt: skip
