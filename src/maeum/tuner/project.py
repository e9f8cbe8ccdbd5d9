"""The folder of a search: one JSON file of all trials, and the weights of the best."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core import files, json, tensors
from maeum.core.errors import ConfigError, ModelFileError

_FORMAT = 1
_PAUSE = 1.0  # seconds between two writings: what is lost by a kill is computed anew, and equal


class Project:
    """The files of a search; see `Tuner` for what is in the folder.

    Args:
        folder: the folder.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._file, self._written = folder / "search.json", -_PAUSE

    def load(self) -> dict[str, Any] | None:
        """Return what `save` wrote; None if there is nothing.

        Raises:
            ModelFileError: if the file is damaged, or of a newer format.
        """
        if not self._file.is_file():
            return None
        try:
            found = json.from_bytes(files.read_bytes(self._file))
            newer = found["format"] > _FORMAT
        except (ValueError, TypeError, KeyError) as error:
            raise ModelFileError("{path!r} is not the file of a search ({error}). Give overwrite="
                                 "True to begin anew.", path=str(self._file),
                                 error=error) from None  # fmt: skip
        if newer:
            raise ModelFileError("{path!r} was written by a newer version of Maeum.",
                                 path=str(self._file))  # fmt: skip
        return found

    def save(self, state: Callable[[], Mapping[str, Any]], now: bool = False) -> None:
        """Write the state, unless that was done a moment ago.

        Args:
            state: returns what is to be written.
            now: write it in any case.
        """
        if now or time.monotonic() - self._written >= _PAUSE:
            files.write_atomically(self._file, json.to_bytes({"format": _FORMAT, **state()}))
            self._written = time.monotonic()

    def clear(self) -> None:
        """Delete what a search has written."""
        for path in (self._file, self.folder / "trials"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from searching in the same folder.

        Raises:
            ConfigError: if one does.
            SaveError: if nothing can be written there.
        """
        path = self.folder / ".lock"
        files.write_atomically(path, b"") if not path.exists() else None
        with open(path, "ab") as file:
            if not files.lock(file):
                raise ConfigError("Another process is searching in {folder!r}. Wait until it is "
                                  "over, or give another project_name.",
                                  folder=str(self.folder))  # fmt: skip
            yield

    # ---- arrays ----------------------------------------------------------------------------------

    def write(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write arrays under a name."""
        files.write_atomically(self._path(name), tensors.pack(arrays))

    def read(self, name: str) -> dict[str, np.ndarray] | None:
        """Return the arrays of a name; None if there are none.

        Raises:
            ModelFileError: if the file is damaged.
        """
        path = self._path(name)
        if not path.is_file():
            return None
        try:
            return tensors.unpack(files.read_bytes(path))
        except tensors.UNREADABLE as error:
            raise ModelFileError("{path!r} is damaged: {reason}.", path=str(path),
                                 reason=error) from None  # fmt: skip

    def names(self) -> list[str]:
        """Return the names that there are arrays of."""
        return sorted(path.stem for path in (self.folder / "trials").glob("*.safetensors"))

    def remove(self, name: str) -> None:
        """Delete the arrays of a name."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / "trials" / f"{name}.safetensors"
