"""Files that others publish: where they are, or how to get them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from maeum.core.errors import ConfigError
from maeum.core.runtime import keras_folder


def find(names: Sequence[str], address: str) -> Path:
    """Return the path of a file, whichever of its ``names`` it has.

    It is searched for in the folder that the variable ``MAEUM_DATA`` names, in its folder
    ``models``, and in the folder in which Keras keeps such files (``~/.keras/models``, or
    ``KERAS_HOME``).

    Raises:
        ConfigError: if it is in none of them; the message says what to get and where to put it.
    """
    folders = []
    if data := os.environ.get("MAEUM_DATA"):
        folders += [Path(data), Path(data) / "models"]
    folders.append(keras_folder() / "models")
    for folder in folders:
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise ConfigError("The file {name} is in none of the folders {folders}. Download it from "
                      "{address} and put it into one of them, or name its folder in the "
                      "environment variable MAEUM_DATA.", name=names[0],
                      folders=", ".join(map(str, folders)), address=address)  # fmt: skip
