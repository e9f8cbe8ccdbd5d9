"""The table that ``model.summary()`` prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from maeum.core.errors import ConfigError, nearest
from maeum.core.graph import map_structure
from maeum.core.wording import columns as text_columns

_PARAMS = "Params"


def summarize(
    model: Any,
    line_length: int | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    positions: Sequence[float] | None = None,
    layer_range: Sequence[str] | None = None,
    most: int | None = None,
) -> str:
    """Return the layers of a model with their output shapes and numbers of parameters.

    The arguments are those of `Model.summary`; the table is not wider than ``most`` columns, for
    which long names go on below.
    """
    header, rows = layer_rows(model, expand_nested, show_trainable, layer_range)
    head, body = [header], rows
    widths = [max(map(text_columns, column)) for column in zip(header, *rows)]
    for i, end in enumerate((positions or ())[: len(widths)]):  # as many as there are columns
        end = int(end * (line_length or 100)) if end <= 1 else int(end)
        widths[i] = max(widths[i], end - sum(widths[:i]) - 3 * i - 3)
    if line_length is not None:  # room that is left goes to the first column
        widths[0] = max(widths[0], line_length - sum(widths[1:]) - 3 * len(widths) - 1)
    if most is not None:
        _narrow(widths, header, most - 3 * len(widths) - 1)
        head = _wrapped(header, widths)
        body = [line for row in rows for line in _wrapped(row, widths)]

    def line(cells: list[str]) -> str:
        padded = [
            _padded(cell, width, name == _PARAMS)
            for name, cell, width in zip(header, cells, widths)
        ]
        return "│ " + " │ ".join(padded) + " │"

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    return "\n".join(
        [
            f'Model "{model.name}"',
            rule("┌", "┬", "┐"),
            *map(line, head),
            rule("├", "┼", "┤"),
            *map(line, body),
            rule("└", "┴", "┘"),
            *parameter_lines(model),
        ]
    )


def layer_rows(
    model: Any,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, and a row for each layer; see `Model.summary`."""
    rows = _rows(model, expand_nested)
    if layer_range is not None:
        rows = _within(rows, layer_range)
    header = ["Layer (type)", "Output shape", _PARAMS, "Connected to", "Trainable"]
    columns = [0, 1, 2]
    columns += [3] if any(row[3] for row in rows) else []
    columns += [4] if show_trainable else []
    return [header[c] for c in columns], [[row[c] for c in columns] for row in rows]


def parameter_lines(model: Any) -> list[str]:
    """Return how many parameters a model has, as the lines below its table."""
    trainable = sum(v.size for v in model.trainable_weights)
    total = sum(v.size for v in model.weights)
    kilobytes = sum(v.size * v.dtype.itemsize for v in model.weights) / 1024
    size = f"{kilobytes:.1f} KB" if kilobytes < 1024 else f"{kilobytes / 1024:.1f} MB"
    return [
        f"Total params: {total:,} ({size})",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {total - trainable:,}",
    ]


def _narrow(widths: list[int], header: list[str], room: int) -> None:
    """Take columns of texts in, the widest first, until they fit (but none below 8)."""
    texts = [i for i, name in enumerate(header) if name != _PARAMS]
    while texts and sum(widths) > room:
        widest = max(texts, key=lambda i: widths[i])
        if widths[widest] <= 8:
            return
        widths[widest] -= 1


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """Return a row as several, with cells that fit; what does not goes on in the next."""
    cells = [_pieces(cell, width) for cell, width in zip(row, widths)]
    return [list(line) for line in zip_longest(*cells, fillvalue="")]


def _pieces(text: str, width: int) -> list[str]:
    """Cut a text into lines of so many columns, between words where that is possible.

    >>> _pieces("  probability (Dense)", 11), _pieces("마음의 소리", 8)
    (['  probabili', 'ty (Dense)'], ['마음의', '소리'])
    """
    lines, line = [], ""
    for word in re.findall(r" *[^ ]+", text):
        if line and text_columns(line + word) > width:
            lines.append(line)
            line, word = "", word.lstrip(" ")
        for letter in word:
            if text_columns(line + letter) > width:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line]


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - text_columns(cell))
    return space + cell if right else cell + space


def _within(rows: list[list[str]], layer_range: Sequence[str]) -> list[list[str]]:
    """Return the rows from the first layer that one name stands for to the last of another."""
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ConfigError("layer_range is two names of layers; got {given!r}.",
                          given=layer_range)  # fmt: skip
    names = [row[0].strip().rpartition(" (")[0] for row in rows]
    ends = []
    for pattern in layer_range:
        found = [i for i, name in enumerate(names) if name == pattern]
        found = found or [i for i, name in enumerate(names) if re.match(pattern, name)]
        if not found:
            raise ConfigError("layer_range has {name!r}, which is no layer.{hint} There are: "
                              "{names}.", name=pattern, hint=nearest(pattern, names),
                              names=", ".join(names))  # fmt: skip
        ends.append(found)
    return rows[min(ends[0][0], ends[1][0]) : max(ends[0][-1], ends[1][-1]) + 1]


def _rows(model: Any, expand_nested: bool, indent: str = "") -> list[list[str]]:
    rows = []
    sources = _sources(model)
    own = {id(variable) for variable in model._own_variables()}
    for name, variable in model.named_variables().items():
        if id(variable) in own:
            trainable = "yes" if model.trainable and variable.trainable else "no"
            title = f"{indent}{name} (Variable)"
            rows.append([title, str(variable.shape), f"{variable.size:,}", "", trainable])
    for name, layer in {id(part): (n, part) for n, part in model._children()}.values():
        trainable = "yes" if layer.trainable and layer.trainable_weights else ""
        if layer.weights and not trainable:
            trainable = "no"
        rows.append(
            [
                f"{indent}{name} ({type(layer).__name__})",
                _output_shape(model, layer),
                f"{layer.count_params():,}" if layer.built else "?",
                sources.get(id(layer), ""),
                trainable,
            ]
        )
        if expand_nested and hasattr(layer, "get_layer"):
            rows += _rows(layer, True, indent + "  ")
    return rows


def _output_shape(model: Any, layer: Any) -> str:
    """Return the shape that the layer gives in this model, or "?" where nobody can tell."""
    nodes = [] if model.graph is None else [n for n in model.graph.nodes if n.operation is layer]
    if not nodes:
        return "?"
    shapes = map_structure(lambda tensor: tensor.shape, nodes[-1].outputs)
    return ", ".join(map(str, shapes)) if isinstance(shapes, list) else str(shapes)


def _sources(model: Any) -> dict[int, str]:
    """Return where the inputs of each layer come from, unless it is just the layer before."""
    if model.graph is None:
        return {}
    names = model._component
    found: dict[int, list[str]] = {}
    before = None
    linear = True
    for node in model.graph.nodes:
        for tensor in node.inputs:
            operation = tensor.node.operation
            linear &= operation is before
            name = names.get(id(operation), operation.name)
            found.setdefault(id(node.operation), []).append(name)
        before = node.operation
    return {} if linear else {key: ", ".join(value) for key, value in found.items()}
