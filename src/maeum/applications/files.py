"""Files that others publish: where they lie, or how to get them."""

from __future__ import annotations

import os
from pathlib import Path

from maeum.core.errors import ConfigError


def find(name: str, address: str) -> Path:
    """Return where the file ``name`` lies.

    Looked in are the folder that the variable ``MAEUM_DATA`` names, its folder ``models``, and
    the folder in which Keras keeps such files (``~/.keras/models``, or ``KERAS_HOME``).

    Raises:
        ConfigError: if it is in none of them; the message says what to get and where to put it.
    """
    folders = []
    if data := os.environ.get("MAEUM_DATA"):
        folders += [Path(data), Path(data) / "models"]
    keras = os.environ.get("KERAS_HOME")
    folders.append((Path(keras) if keras else Path.home() / ".keras") / "models")
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(map(str, folders))
    raise ConfigError(
        f"The file {name} is not there; looked in {looked}. Get it from {address} and put it into "
        f"one of these folders, or name its folder in the environment variable MAEUM_DATA."
    )
