"""The table that ``model.summary()`` prints."""

from __future__ import annotations

from typing import Any

from maeum.core.graph import map_structure


def summarize(
    model: Any,
    line_length: int | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
) -> str:
    """Return the layers of a model with their output shapes and numbers of parameters."""
    rows = _rows(model, expand_nested)
    header = ["Layer (type)", "Output shape", "Params", "Connected to"]
    linear = all(not row[3] for row in rows)
    columns = [0, 1, 2] if linear else [0, 1, 2, 3]
    if show_trainable:
        header, columns = [*header, "Trainable"], [*columns, 4]
    table = [[header[c] for c in columns], *([row[c] for c in columns] for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(columns))]
    if line_length is not None:  # room that is left goes to the first column
        widths[0] = max(widths[0], line_length - sum(widths[1:]) - 3 * len(widths) - 1)

    def line(cells: list[str]) -> str:
        padded = [
            cell.rjust(width) if header[columns[i]] == "Params" else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths))
        ]
        return "│ " + " │ ".join(padded) + " │"

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    trainable = sum(v.size for v in model.trainable_weights)
    total = sum(v.size for v in model.weights)
    kilobytes = sum(v.size * v.dtype.itemsize for v in model.weights) / 1024
    size = f"{kilobytes:.1f} KB" if kilobytes < 1024 else f"{kilobytes / 1024:.1f} MB"
    return "\n".join(
        [
            f'Model "{model.name}"',
            rule("┌", "┬", "┐"),
            line(table[0]),
            rule("├", "┼", "┤"),
            *map(line, table[1:]),
            rule("└", "┴", "┘"),
            f"Total params: {total:,} ({size})",
            f"Trainable params: {trainable:,}",
            f"Non-trainable params: {total - trainable:,}",
        ]
    )


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
