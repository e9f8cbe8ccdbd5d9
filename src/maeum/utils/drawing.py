"""The graph of a model as a drawing: as SVG, or by way of Graphviz in other formats."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, SaveError
from maeum.core.files import write_atomically
from maeum.core.graph import map_structure, symbolic_leaves
from maeum.core.messages import _
from maeum.core.settings import say
from maeum.core.wording import some
from maeum.layers import Layer
from maeum.models import Model
from maeum.utils.graph_svg import graph_svg

_HOW = "node [shape=record, fontname=Helvetica, fontsize=10, style=filled, fillcolor=white];"


class Dot:
    """A drawing in the language of Graphviz, as `model_to_dot` returns it.

    Attributes:
        source: its text.
        svg: the same as a drawing in SVG, for which Graphviz is not needed.
    """

    def __init__(self, source: str, svg: str = ""):
        self.source, self.svg = source, svg

    def to_string(self) -> str:
        """Return the text."""
        return self.source

    def write(self, path: str | os.PathLike, format: str | None = None) -> None:
        """Write it as a file: as text (``*.dot``, ``*.gv``), else drawn by Graphviz.

        Args:
            path: the file.
            format: such as ``"png"``, ``"svg"`` or ``"pdf"``; after the ending by default.

        Raises:
            SaveError: if Graphviz is not there or does not know the format.
        """
        kind = format or Path(path).suffix[1:].lower() or "png"
        if kind in ("dot", "gv"):
            write_atomically(path, self.source.encode())
            return
        program = shutil.which("dot")
        if program is None and kind == "svg" and self.svg:
            write_atomically(path, self.svg.encode())
            return
        if program is None:
            raise SaveError("Drawing {path!r} needs the program dot of Graphviz, which is not "
                            "installed (apt install graphviz, brew install graphviz). A name that "
                            "ends in .svg (a drawing) or .dot (its text) needs nothing.",
                            path=os.fspath(path))  # fmt: skip
        made = subprocess.run([program, f"-T{kind}"], input=self.source.encode(),
                              capture_output=True, check=False)  # fmt: skip
        if made.returncode:
            raise SaveError("Graphviz could not draw {path!r}: {reason}", path=os.fspath(path),
                            reason=made.stderr.decode(errors="replace").strip())  # fmt: skip
        write_atomically(path, made.stdout)

    def __str__(self) -> str:
        return self.source

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the drawing."""
        return self.svg


class _Drawing:
    """The lines of a drawing, and what each layer shows."""

    def __init__(self, shown: dict[str, bool], expand_nested: bool):
        self.shown, self.expand_nested = shown, expand_nested
        self.lines: list[str] = []
        self.edges: dict[tuple[str, str], None] = {}
        self.boxes: dict[str, list[str]] = {}

    def add(self, model: Any, path: str, indent: str) -> tuple[dict[int, list[str]], list[str]]:
        """Draw what is in a model.

        Returns:
            By the id of each operation the boxes that lead on from it, and the first boxes.
        """
        ends: dict[int, list[str]] = {}
        starts: dict[int, list[str]] = {}
        for number, (operation, node) in enumerate(_operations(model)):
            name = f"{path}{number}"
            nested = self.expand_nested and isinstance(operation, Model)
            if nested and list(_operations(operation)):
                self.lines.append(f"{indent}subgraph cluster_{name} {{")
                self.lines.append(f'{indent}  label="{_escaped(operation.name)}"; style=rounded;')
                inner, first = self.add(operation, f"{name}_", indent + "  ")
                self.lines.append(f"{indent}}}")
                starts[id(operation)], ends[id(operation)] = first, _last(operation, inner)
            else:
                box = f"n{name}"
                label = self.label(operation, node)
                self.boxes[box] = _rows_of(label)
                self.lines.append(f'{indent}{box} [label="{label}"];')
                starts[id(operation)] = ends[id(operation)] = [box]
        for source, target in _links(model):
            for before in ends.get(id(source), ()):
                for after in starts.get(id(target), ()):
                    self.edges[before, after] = None
        return ends, [box for boxes in _first(model, starts) for box in boxes]

    def label(self, operation: Any, node: Any) -> str:
        """Return what a box says of a layer or an op."""
        kind = type(operation).__name__ if isinstance(operation, Layer) else operation.name
        rows = [_escaped(kind)]
        if self.shown["layer_names"] and isinstance(operation, Layer):
            rows = [f"{_escaped(operation.name)} ({rows[0]})"]
        activation = getattr(operation, "activation", None)
        if self.shown["layer_activations"] and activation is not None:
            rows.append("activation: " + _escaped(getattr(activation, "__name__", str(activation))))
        if self.shown["shapes"]:
            outputs = None if node is None else map_structure(lambda t: t.shape, node.outputs)
            inputs = None if node is None else [t.shape for t in node.inputs]
            if inputs:
                rows.append("input: " + _escaped(some([str(shape) for shape in inputs], 3)))
            rows.append("output: " + _escaped("?" if outputs is None else str(outputs)))
        if self.shown["dtype"]:
            tensors = [] if node is None else symbolic_leaves(node.outputs)
            dtypes = dict.fromkeys(t.dtype.name for t in tensors)
            rows.append("dtype: " + (", ".join(dtypes) or getattr(operation, "dtype", "?")))
        if self.shown["trainable"] and getattr(operation, "weights", None):
            rows.append("trainable" if operation.trainable_weights else "non-trainable")
        return "{" + "|".join(rows) + "}"


def _operations(model: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the layers and ops of a model, each with the call that its shapes are taken from."""
    if model.graph is None:
        yield from ((layer, None) for layer in model.layers)
        return
    for operation in model.graph.operations:
        nodes = [node for node in model.graph.nodes if node.operation is operation]
        yield operation, nodes[-1] if nodes else None


def _links(model: Any) -> Iterator[tuple[Any, Any]]:
    """Yield which operation hands its output to which."""
    if model.graph is not None:
        for node in model.graph.nodes:
            yield from ((tensor.node.operation, node.operation) for tensor in node.inputs)
    elif hasattr(model, "add"):  # a stack whose input is not known yet
        yield from zip(model.layers, model.layers[1:])


def _first(model: Any, starts: dict[int, list[str]]) -> list[list[str]]:
    if model.graph is None:
        return list(starts.values())[:1]
    sources = [tensor.node.operation for tensor in model.graph.input_tensors]
    return [starts[id(operation)] for operation in sources if id(operation) in starts]


def _last(model: Any, ends: dict[int, list[str]]) -> list[str]:
    if model.graph is None:
        return list(ends.values())[-1]
    results = [tensor.node.operation for tensor in model.graph.output_tensors]
    return [box for operation in results for box in ends.get(id(operation), ())]


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in '\\"{}|<> ' else c for c in text)


def _rows_of(label: str) -> list[str]:
    r"""Return the rows of a label as plain texts.

    >>> _rows_of(r"{a\ (Dense)|output: (None,\ 3)}")
    ['a (Dense)', 'output: (None, 3)']
    """
    rows = re.split(r"(?<!\\)\|", label[1:-1])
    return [re.sub(r"\\(.)", r"\1", row) for row in rows]


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Dot:
    """Return the graph of a model in the language of Graphviz.

    Args:
        model: the model. One without a graph (a subclass with a ``call``) is drawn as its layers.
        show_shapes: whether boxes tell the shapes of inputs and outputs.
        show_dtype: whether they tell the dtype of the outputs.
        show_layer_names: whether they tell the names of the layers.
        rankdir: ``"TB"`` from top to bottom, ``"LR"`` from left to right; ``"BT"``, ``"RL"``.
        expand_nested: whether models inside are drawn with what is in them.
        dpi: the dots per inch.
        subgraph: whether to return a part for a larger drawing.
        show_layer_activations: whether boxes tell the activations.
        show_trainable: whether they tell if weights are trained.
        splines: how edges run: ``"ortho"``, ``"curved"``, ``"polyline"`` and so on.

    Returns:
        A `Dot`, whose ``source`` is the text.

    Raises:
        ConfigError: for something that is no model, or has no layers yet.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(2, name="out")])
        >>> print(model_to_dot(model, show_shapes=True))
        digraph "sequential" {
          graph [rankdir=TB, dpi=200, splines=ortho, concentrate=true];
          node [shape=record, fontname=Helvetica, fontsize=10, style=filled, fillcolor=white];
          n0 [label="{input_layer (InputLayer)|output: (None,\\ 3)}"];
          n1 [label="{out (Dense)|input: (None,\\ 3)|output: (None,\\ 2)}"];
          n0 -> n1;
        }
    """
    if not isinstance(model, Model):
        raise ConfigError("A model is drawn; got {model!r}.", model=model)
    check_choice(rankdir, ("TB", "LR", "BT", "RL"), "rankdir")
    shown = {
        "shapes": show_shapes,
        "dtype": show_dtype,
        "layer_names": show_layer_names,
        "layer_activations": show_layer_activations,
        "trainable": show_trainable,
    }
    drawing = _Drawing(shown, expand_nested)
    drawing.add(model, "", "  ")
    if not drawing.lines:
        raise ConfigError("{name!r} has no layers to draw yet; add some, or call it on data.",
                          name=model.name)  # fmt: skip
    head = f'subgraph "cluster_{model.name}"' if subgraph else f'digraph "{model.name}"'
    how = f"  graph [rankdir={rankdir}, dpi={dpi}, splines={splines}, concentrate=true];"
    edges = (f"  {before} -> {after};" for before, after in drawing.edges)
    lines = [f"{head} {{", how, f"  {_HOW}", *drawing.lines, *edges, "}"]
    return Dot("\n".join(lines), graph_svg(drawing.boxes, drawing.edges, rankdir))


def plot_model(
    model: Any,
    to_file: str | os.PathLike = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """Draw the graph of a model into a file.

    Args:
        model: the model; see `model_to_dot` for the other arguments.
        to_file: the file: ``*.png``, ``*.pdf`` and so on are drawn by the program ``dot`` of
            Graphviz; ``*.svg`` too, and without it by Maeum itself; ``*.dot`` is the text. Where
            no name is given and Graphviz is not installed, it is ``model.svg``.
        show_shapes: whether boxes tell the shapes of inputs and outputs.
        show_dtype: whether they tell the dtype of the outputs.
        show_layer_names: whether they tell the names of the layers.
        rankdir: ``"TB"`` from top to bottom, ``"LR"`` from left to right; ``"BT"``, ``"RL"``.
        expand_nested: whether models inside are drawn with what is in them.
        dpi: the dots per inch.
        show_layer_activations: whether boxes tell the activations.
        show_trainable: whether they tell if weights are trained.
        splines: how edges run.

    Returns:
        In a notebook the image, else None.

    Raises:
        SaveError: if Graphviz is not installed, and the format needs it.
    """
    dot = model_to_dot(
        model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, False,
        show_layer_activations, show_trainable, splines,
    )  # fmt: skip
    if os.fspath(to_file) == "model.png" and shutil.which("dot") is None:
        to_file = "model.svg"  # the name that nobody chose
        say(_("Without Graphviz the drawing is written as {path}.", path=to_file))
    dot.write(to_file)
    try:
        from IPython import display  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    kind = Path(to_file).suffix.lower()
    if kind in (".png", ".jpg", ".jpeg"):
        return display.Image(filename=os.fspath(to_file))
    return display.SVG(filename=os.fspath(to_file)) if kind == ".svg" else None
