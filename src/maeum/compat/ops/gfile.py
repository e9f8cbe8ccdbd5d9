"""``tf.gfile`` and ``tf.io.gfile``: files and folders."""

from __future__ import annotations

import glob as _glob
import os
import shutil
from typing import Any

__all__ = [
    "DeleteRecursively", "Exists", "FastGFile", "GFile", "Glob", "IsDirectory", "ListDirectory",
    "MakeDirs", "MkDir", "Remove", "copy", "exists", "glob", "isdir", "listdir", "makedirs",
    "mkdir", "remove", "rmtree",
]  # fmt: skip


def GFile(name: str, mode: str = "r") -> Any:
    """Open a file."""
    return open(name, mode)


FastGFile = GFile
exists = Exists = os.path.exists
isdir = IsDirectory = os.path.isdir
listdir = ListDirectory = os.listdir
mkdir = MkDir = os.mkdir
remove = Remove = os.remove
rmtree = DeleteRecursively = shutil.rmtree
copy = shutil.copy


def makedirs(path: str) -> None:
    """Make a folder, and those that it lies in."""
    os.makedirs(path, exist_ok=True)


def glob(pattern: Any) -> list[str]:
    """Return the names of the files that match a pattern, or one of several."""
    patterns = [pattern] if isinstance(pattern, str) else pattern
    return sorted(name for one in patterns for name in _glob.glob(one))


MakeDirs, Glob = makedirs, glob
