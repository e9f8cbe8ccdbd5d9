"""What a script uses of TensorFlow and Keras, found in its source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Who uses one of these means TensorFlow 1 ...
_FIRST = {
    "Session", "InteractiveSession", "placeholder", "get_variable", "global_variables_initializer",
    "initialize_all_variables", "disable_eager_execution", "disable_v2_behavior", "contrib",
    "reset_default_graph", "assign", "placeholder_with_default", "scalar_summary",
}  # fmt: skip
# ... unless it uses one of these, too.
_SECOND = {"enable_eager_execution", "enable_v2_behavior", "GradientTape"}
_ROOTS = ("tensorflow", "keras")
# What only code for Keras 1 and 2 says.
_KERAS_2 = {
    "Convolution2D", "fit_generator", "nb_classes", "nb_epoch", "nb_filter", "np_utils",
    "output_dim", "predict_classes", "predict_generator", "vis_utils", "merge", "lr", "border_mode",
}  # fmt: skip


class Use(NamedTuple):
    """A name in a script: its full path, and the line."""

    path: str
    line: int


def uses(source: str) -> list[Use]:
    """Return the names of TensorFlow and Keras that a script uses, by line.

    Raises:
        SyntaxError: for what is no Python.

    Example:
        >>> uses("import tensorflow as tf" + chr(10) + "x = tf.nn.relu(1)")
        [Use(path='tensorflow', line=1), Use(path='tensorflow.nn.relu', line=2)]
    """
    return sorted(_uses(ast.parse(source)), key=lambda use: use.line)


def _uses(tree: ast.AST) -> Iterator[Use]:
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in _ROOTS:
                    root = alias.name if alias.asname else alias.name.partition(".")[0]
                    known[alias.asname or root] = root
                    yield Use(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module.partition(".")[0] in _ROOTS:
                for alias in node.names:
                    if alias.name == "*":
                        yield Use(module, node.lineno)
                        continue
                    known[alias.asname or alias.name] = f"{module}.{alias.name}"
                    yield Use(f"{module}.{alias.name}", node.lineno)
    known |= dict(_aliases(tree, known))
    attributes = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute)]
    outer = {id(n.value) for n in attributes}
    # What a script sets itself, such as ``tf.model = ...``.
    own = {_path(n, known) for n in attributes if isinstance(n.ctx, ast.Store)}
    for node in attributes:
        path = _path(node, known) if id(node) not in outer else None
        if path is not None and not any(f"{path}.".startswith(f"{one}.") for one in own):
            yield Use(path, node.lineno)


def _aliases(tree: ast.AST, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is assigned a module of TensorFlow's, such as ``slim = tf.contrib.slim``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            path = _path(node.value, known)
            for target in node.targets:
                if path is not None and isinstance(target, ast.Name):
                    yield target.id, path


def _path(node: ast.expr, known: dict[str, str]) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in known:
        return ".".join([known[node.id], *reversed(parts)])
    return None


def wants_graph(source: str) -> bool:
    """Tell whether a script is written for TensorFlow 1.

    >>> wants_graph("import tensorflow as tf" + chr(10) + "sess = tf.Session()")
    True
    """
    try:
        parts = {part for use in uses(source) for part in use.path.split(".")}
    except SyntaxError:
        return False
    trains = any(part.endswith("Optimizer") for part in parts)
    return bool(parts & _FIRST or trains) and not parts & _SECOND


def wants_keras2(source: str) -> bool:
    """Tell whether a script is written for Keras 1 or 2 rather than for Keras 3.

    >>> wants_keras2("import keras" + chr(10) + "keras.optimizers.SGD(lr=0.1)")
    True
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    words = {part for use in _uses(tree) for part in use.path.split(".")}
    if not any(use.path.partition(".")[0] == "keras" for use in _uses(tree)):
        return False
    words |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg}
    words |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return bool(words & _KERAS_2)


def local_modules(script: Path) -> Iterator[Path]:
    """Yield a script and the files beside it that it imports, and what these import."""
    waiting, seen = [script], set[Path]()
    while waiting:
        file = waiting.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        yield file
        try:
            tree = ast.parse(file.read_text(encoding="utf-8", errors="replace"))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module] if node.module else [a.name for a in node.names]
            for name in names:
                place = script.parent.joinpath(*name.split("."))
                waiting += [place.with_suffix(".py"), place / "__init__.py"]
