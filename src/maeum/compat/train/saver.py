"""``tf.train.Saver``: the values of variables in files, and which of them is the latest.

A checkpoint ``path`` is three files: ``path.data-00000-of-00001`` (safetensors), ``path.index``
(JSON: names, shapes, dtypes) and ``path.meta`` (see `meta`). TensorFlow's own are not read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.compat.graph.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from maeum.compat.graph.graph import get_default_graph
from maeum.compat.ops.groups import global_variables
from maeum.compat.ops.ignoring import check_others
from maeum.compat.train.meta import export_meta_graph
from maeum.core.errors import nearest
from maeum.core.files import read_bytes, write_atomically

__all__ = [
    "CheckpointState", "NewCheckpointReader", "Saver", "checkpoint_exists", "get_checkpoint_state",
    "latest_checkpoint", "list_variables", "load_variable", "update_checkpoint_state",
]  # fmt: skip

_DATA, _INDEX = ".data-00000-of-00001", ".index"


class Saver:
    """Saves variables, and restores them.

    Args:
        var_list: the variables, or a dict of them by name; all by default.
        max_to_keep: how many checkpoints stay; 0 or None for all.
        name, sharded, allow_empty and the others: accepted.
    """

    def __init__(
        self, var_list: Any = None, reshape: bool = False, sharded: bool = False,
        max_to_keep: int | None = 5, keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None, restore_sequentially: bool = False, saver_def: Any = None,
        builder: Any = None, defer_build: bool = False, allow_empty: bool = False,
        write_version: Any = None, pad_step_number: bool = False, save_relative_paths: bool = False,
        filename: Any = None,
    ):  # fmt: skip
        given = global_variables() if var_list is None else var_list
        if isinstance(given, Mapping):
            self._variables = dict(given)
        else:
            self._variables = {v.op.name: v for v in given}
        if not self._variables and not (allow_empty or defer_build):
            raise InvalidArgumentError("There are no variables to save.")
        self._max_to_keep = max_to_keep
        self.last_checkpoints: list[str] = []

    def save(
        self, sess: Any, save_path: Any, global_step: Any = None, latest_filename: Any = None,
        meta_graph_suffix: str = "meta", write_meta_graph: bool = True, write_state: bool = True,
    ) -> str:  # fmt: skip
        """Write the values of the variables in a session, and return the path.

        Args:
            sess: the session.
            save_path: the path; its folder is made if it is not there.
            global_step: a number (or what has one) that is written behind the path.
        """
        path = str(save_path)
        if global_step is not None:
            known = hasattr(global_step, "graph")
            step = sess.run(global_step) if known else global_step
            path = f"{path}-{int(step)}"
        missing = [name for name, v in self._variables.items() if v not in sess.state]
        if missing:
            raise FailedPreconditionError("The variable {name!r} has not been initialized, so it "
                                          "cannot be saved.", name=missing[0])  # fmt: skip
        values = {name: np.asarray(sess.state[v]) for name, v in self._variables.items()}
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_checkpoint(path, values)
        if write_meta_graph:
            export_meta_graph(f"{path}.meta", sess.graph, saver=self)
        self.last_checkpoints = [p for p in self.last_checkpoints if p != path] + [path]
        self._forget()
        if write_state:
            update_checkpoint_state(
                str(Path(path).parent), path, self.last_checkpoints, latest_filename
            )
        return path

    def _forget(self) -> None:
        """Remove the oldest checkpoints."""
        if not self._max_to_keep:
            return
        while len(self.last_checkpoints) > self._max_to_keep:
            old = self.last_checkpoints.pop(0)
            for suffix in (_DATA, _INDEX, ".meta"):
                Path(f"{old}{suffix}").unlink(missing_ok=True)

    def restore(self, sess: Any, save_path: Any) -> None:
        """Give the variables the values of a checkpoint, in a session.

        Raises:
            NotFoundError: for a checkpoint that is not there, or has no such variable.
        """
        if save_path is None:
            raise InvalidArgumentError("Can't load save_path when it is None: is there a "
                                       "checkpoint in the folder?")  # fmt: skip
        reader = NewCheckpointReader(str(save_path))
        values = reader.values()
        for name in self._variables:
            if name not in values:
                raise NotFoundError(
                    "The checkpoint {path} has no variable {name!r}.{hint} It has: {known}.",
                    path=save_path, name=name, hint=nearest(name, values),
                    known=", ".join(sorted(values)[:20]),
                )  # fmt: skip
        for name, variable in self._variables.items():
            sess.put(variable, values[name])

    def recover_last_checkpoints(self, checkpoint_paths: Any) -> None:
        """Remember checkpoints of a run before."""
        self.last_checkpoints = [p for p in checkpoint_paths if checkpoint_exists(p)]

    def set_last_checkpoints(self, last_checkpoints: Any) -> None:
        """Say which checkpoints there are."""
        self.last_checkpoints = list(last_checkpoints)

    def export_meta_graph(self, filename: Any = None, **others: Any) -> Any:
        """Write the graph."""
        check_others("export_meta_graph", others)
        return export_meta_graph(filename, get_default_graph(), saver=self)


def write_checkpoint(path: str, values: dict[str, np.ndarray]) -> None:
    """Write arrays by name as a checkpoint."""
    from safetensors.numpy import save

    texts = {k: v for k, v in values.items() if v.dtype == object}
    arrays = {k: np.array(v, order="C") for k, v in values.items() if k not in texts}
    index = {
        "variables": {k: {"shape": list(v.shape), "dtype": v.dtype.name}
                      for k, v in arrays.items()},
        "texts": {k: np.vectorize(bytes.decode, otypes=[object])(v).tolist()
                  for k, v in texts.items()},
    }  # fmt: skip
    write_atomically(f"{path}{_DATA}", save(arrays))
    write_atomically(f"{path}{_INDEX}", json.dumps(index).encode())


class NewCheckpointReader:
    """Reads a checkpoint.

    Raises:
        NotFoundError: if it is not there.
    """

    def __init__(self, filepattern: str):
        self._path = str(filepattern)
        if not checkpoint_exists(self._path):
            folder = Path(self._path).parent
            there = sorted(p.name.removesuffix(_INDEX) for p in folder.glob(f"*{_INDEX}"))
            raise NotFoundError("There is no checkpoint {path}.{hint}", path=self._path,
                                hint=nearest(Path(self._path).name, there))  # fmt: skip
        try:
            self._index = json.loads(read_bytes(f"{self._path}{_INDEX}"))
        except (ValueError, UnicodeDecodeError):
            raise InvalidArgumentError(
                "{path} is a checkpoint of TensorFlow's own, which Maeum does not read. Save the "
                "variables with a script that Maeum runs.", path=self._path,
            ) from None  # fmt: skip

    def values(self) -> dict[str, np.ndarray]:
        """Return all arrays by name."""
        from safetensors.numpy import load

        found = load(read_bytes(f"{self._path}{_DATA}"))
        for name, texts in self._index.get("texts", {}).items():
            found[name] = np.asarray(texts, object)
        return found

    def get_tensor(self, name: str) -> np.ndarray:
        """Return an array."""
        return self.values()[name]

    def has_tensor(self, name: str) -> bool:
        """Tell whether there is an array of a name."""
        return name in self._index["variables"]

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Return the shapes by name."""
        return {name: one["shape"] for name, one in self._index["variables"].items()}

    def get_variable_to_dtype_map(self) -> dict[str, Any]:
        """Return the dtypes by name."""
        from maeum.compat.graph.types import as_dtype

        return {name: as_dtype(one["dtype"]) for name, one in self._index["variables"].items()}


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Return the names and shapes of what a checkpoint has."""
    return sorted(_reader(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: Any, name: str) -> np.ndarray:
    """Return an array of a checkpoint."""
    return _reader(ckpt_dir_or_file).get_tensor(name)


def _reader(place: Any) -> NewCheckpointReader:
    found = latest_checkpoint(place) if os.path.isdir(place) else place
    return NewCheckpointReader(str(found))


# ---- which is the latest ------------------------------------------------------------------------


class CheckpointState:
    """Which checkpoints a folder has, and which is the latest."""

    def __init__(self, model_checkpoint_path: str, all_model_checkpoint_paths: list[str]):
        self.model_checkpoint_path = model_checkpoint_path
        self.all_model_checkpoint_paths = all_model_checkpoint_paths


def update_checkpoint_state(
    save_dir: str, model_checkpoint_path: str, all_model_checkpoint_paths: Any = None,
    latest_filename: Any = None,
) -> None:  # fmt: skip
    """Write which checkpoints a folder has."""
    folder = Path(save_dir)

    def told(path: str) -> str:
        return os.path.relpath(path, folder)

    everything = list(all_model_checkpoint_paths or [model_checkpoint_path])
    lines = [f"model_checkpoint_path: {json.dumps(told(model_checkpoint_path))}"]
    lines += [f"all_model_checkpoint_paths: {json.dumps(told(p))}" for p in everything]
    write_atomically(folder / (latest_filename or "checkpoint"), ("\n".join(lines) + "\n").encode())


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: Any = None) -> Any:
    """Return which checkpoints a folder has; None if it has none."""
    folder = Path(checkpoint_dir)
    place = folder / (latest_filename or "checkpoint")
    if not place.is_file():
        return None
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r'^(\w+): (".*")$', place.read_text("utf-8"), re.M):
        path = json.loads(value)
        found.setdefault(key, []).append(path if os.path.isabs(path) else str(folder / path))
    if "model_checkpoint_path" not in found:
        return None
    last = found["model_checkpoint_path"][0]
    return CheckpointState(last, found.get("all_model_checkpoint_paths", [last]))


def latest_checkpoint(checkpoint_dir: Any, latest_filename: Any = None) -> str | None:
    """Return the path of the latest checkpoint of a folder; None if it has none."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None or not checkpoint_exists(state.model_checkpoint_path):
        return None
    return state.model_checkpoint_path


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Tell whether there is a checkpoint."""
    return Path(f"{checkpoint_prefix}{_INDEX}").is_file()
