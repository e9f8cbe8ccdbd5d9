"""Does a layer of your own keep the contract? `check_layer` tries it out.

Example:
    >>> import maeum as mm
    >>> from maeum.testing import check_layer
    >>> class Scale(mm.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight("factor", (input_shape[-1],), "ones")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> check_layer(Scale)
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import functional, graph, registry
from maeum.core.annotations import annotate
from maeum.core.errors import ConfigError, MaeumError, nearest
from maeum.layers import Input, Layer
from maeum.models import Model
from maeum.saving import load_model

_KEY = 7


class LayerCheckError(MaeumError, AssertionError):
    """A layer does not keep the contract; the message says which part and how to mend it."""


def check_layer(
    layer: Layer | type[Layer] | Callable[[], Layer],
    input_shape: Any = (5,),
    *,
    inputs: Any = None,
    init: Mapping[str, Any] | None = None,
    skip: Iterable[str] = (),
) -> None:
    """Check that a layer does what the rest of Maeum expects of it.

    It is called with two batch sizes and with symbolic inputs, eagerly and compiled, in training
    and otherwise; it is described, made again, saved and loaded; its gradients are compared with
    finite differences in double precision; and ``vmap`` over its weights with a loop.

    Args:
        layer: a layer class, a function that returns a layer, or a layer (which stays unbuilt).
        input_shape: the shape of one input without the batch axis, or a list of such shapes for
            a layer that takes a list.
        inputs: arrays to call it with, instead of numbers drawn for ``input_shape``: give whole
            numbers to a layer that looks something up.
        init: arguments for a layer class.
        skip: names of checks to leave out: "configuration", "weights", "determinism",
            "compilation", "shapes", "dtypes", "gradients", "vmap", "masks", "freezing", "saving".

    Raises:
        LayerCheckError: (an `AssertionError`) for the first part of the contract that is broken.
        ConfigError: for a check to skip that does not exist.

    Example:
        >>> import maeum as mm
        >>> check_layer(mm.layers.Dense, (3,), init={"units": 2})
        >>> check_layer(lambda: mm.layers.Embedding(9, 4), inputs=np.array([[1, 8], [0, 3]]))
    """
    skip = {skip} if isinstance(skip, str) else set(skip)
    for name in skip - set(_CHECKS):
        known = ", ".join(_CHECKS)
        raise ConfigError(f"There is no check {name!r}.{nearest(name, _CHECKS)} Known: {known}.")
    subject = _Subject(layer, input_shape, inputs, init)
    for name, check in _CHECKS.items():
        if name in skip:
            continue
        try:
            check(subject)
        except _Broken as defect:
            raise LayerCheckError(f"{subject.title} fails the check {name!r}: {defect}") from None
        except Exception as error:
            raise LayerCheckError(
                f"{subject.title} fails the check {name!r} with {type(error).__name__}: {error} "
                f"({check.__doc__})"
            ) from error


class _Broken(Exception):
    """What is wrong, and how to mend it."""


def _demand(condition: Any, message: str) -> None:
    if not condition:
        raise _Broken(message)


class _Subject:
    """The layer under test: ways to make it, and inputs for it."""

    def __init__(self, layer: Any, shape: Any, inputs: Any, init: Mapping[str, Any] | None):
        self.layer, self.init = layer, dict(init or {})
        if init and not isinstance(layer, type):
            raise ConfigError("init= gives arguments to a layer class; this is none.")
        first = self.make()
        if not isinstance(first, Layer):
            raise ConfigError(f"check_layer takes a layer, or what makes one; got {layer!r}.")
        self.title = f"{type(first).__name__} ({first.name!r})"
        if inputs is None:
            rng = np.random.default_rng(_KEY)
            several = isinstance(shape, list)
            shapes = [graph.check_shape(s, "input_shape") for s in (shape if several else [shape])]
            sizes = [[3 if n is None else n for n in s] for s in shapes]
            drawn = [rng.normal(size=(4, *s)).astype("float32") for s in sizes]
            inputs = drawn if several else drawn[0]
        self.inputs = graph.map_structure(_four_rows, inputs)

    def make(self) -> Layer:
        """Return a new layer without weights."""
        if isinstance(self.layer, Layer):
            return type(self.layer).from_config(self.layer.get_config())
        return self.layer(**self.init)

    def rows(self, count: int = 4) -> Any:
        """Return inputs with so many rows."""
        return graph.map_structure(lambda x: jnp.asarray(x[:count]), self.inputs)

    def built(self) -> Layer:
        """Return a new layer with weights."""
        layer = self.make()
        layer(self.rows())
        return layer

    def symbolic(self) -> Any:
        """Return symbolic inputs with any number of rows."""
        return graph.map_structure(lambda x: Input(x.shape[1:], dtype=x.dtype), self.inputs)


def _four_rows(array: Any) -> np.ndarray:
    array = np.asarray(array)
    if not array.ndim or not len(array):
        raise ConfigError(f"inputs need a batch axis with at least one row; got {array!r}.")
    array = array.astype({"f": "float32", "i": "int32"}.get(array.dtype.kind, array.dtype))
    return np.resize(array, (4, *array.shape[1:]))


def _run(layer: Layer, inputs: Any, training: bool = False, key: int = _KEY) -> Any:
    """Return the outputs of the layer as a pure function, from its own weights."""
    values = functional.values(layer)
    key_array = jax.random.PRNGKey(key)
    return functional.apply(layer, values, inputs, training=training, key=key_array)[0]


def _same(one: Any, two: Any, tolerance: float = 0.0) -> bool:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(two))
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
        for a, b in pairs
    )


# ---- the checks, in the order in which they run ------------------------------------------------


def _check_configuration(subject: _Subject) -> None:
    """Every argument of __init__ has to survive get_config() and from_config()."""
    layer = subject.make()
    try:
        json.dumps(registry.serialize(layer.get_config()))
    except (MaeumError, TypeError) as error:
        raise _Broken(
            f"get_config() cannot be written as JSON: {error} Return numbers, texts, lists, dicts "
            "and registered objects."
        ) from None
    with registry.reference_scope():
        config = registry.serialize(layer.get_config())
        again = type(layer).from_config(config)
        same = registry.serialize(again.get_config()) == config
    _demand(
        same and again.name == layer.name,
        "a layer made by from_config(get_config()) has another configuration. Hand **kwargs to "
        "super().__init__(), and return every argument from get_config() (or do not write it: "
        "it is recorded by itself).",
    )


def _check_weights(subject: _Subject) -> None:
    """Weights are made once, with add_weight, in build() or in a layer held as an attribute."""
    layer = subject.built()
    weights = layer.weights
    layer(subject.rows())
    _demand(
        layer.weights == weights,
        f"a second call changed the weights from {len(weights)} to {len(layer.weights)}. Make "
        "them in build(input_shape), which runs once, not in call().",
    )
    floats = [w for w in layer.trainable_weights if not np.issubdtype(w.dtype, np.floating)]
    _demand(
        not floats, f"{floats} is trainable, but no floating number. Give add_weight a "
        "floating dtype, or trainable=False."
    )  # fmt: skip


def _check_determinism(subject: _Subject) -> None:
    """The outputs may depend on the inputs, the weights and the key alone."""
    layer = subject.built()
    before = layer.get_weights()
    for training in (False, True):
        mode = "training" if training else "inference"
        outputs = [_run(layer, subject.rows(), training) for _ in range(2)]
        _demand(
            _same(*outputs),
            f"two runs in {mode} with the same key differ. Draw random numbers with "
            "jax.random and self.random_key() in call(), and keep no state outside of variables.",
        )
    _demand(
        _same(before, layer.get_weights()),
        "a pure run changed the weights of the layer itself. Change them with variable.assign(), "
        "and without touching variable._value.",
    )


def _check_compilation(subject: _Subject) -> None:
    """Inside a compiled program there are no values: no if, float() or NumPy function of them."""
    layer = subject.built()
    values = functional.values(layer)
    for training in (False, True):

        def pure(values: Any, x: Any, training: bool = training) -> Any:
            key = jax.random.PRNGKey(_KEY)
            return functional.apply(layer, values, x, training=training, key=key)[0]

        compiled = jax.jit(pure)(values, subject.rows())
        held = [
            name
            for name, value in vars(layer).items()
            if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(value))
        ]
        _demand(
            not held,
            f"the attribute {held[:1]} holds on to a value of a compiled program. Keep state in a "
            "variable made with add_weight(trainable=False), and assign to it.",
        )
        _demand(
            _same(compiled, _run(layer, subject.rows(), training), 1e-4),
            "the compiled layer gives other numbers. Whatever changes has to be an input, a "
            "weight or drawn with self.random_key(); Python values are frozen when it is compiled.",
        )


def _check_shapes(subject: _Subject) -> None:
    """The layer has to take batches of any size, and to tell the shape of its outputs."""
    layer = subject.built()
    symbolic = subject.make()(subject.symbolic())
    told = jax.tree.leaves(
        subject.make().compute_output_shape(
            graph.map_structure(lambda tensor: tensor.shape, subject.symbolic())
        ),
        is_leaf=lambda shape: all(n is None or isinstance(n, int) for n in shape),
    )
    for rows in (2, 3):
        outputs = jax.tree.leaves(jax.eval_shape(layer, subject.rows(rows)))
        _demand(
            len(told) == len(outputs), f"{len(told)} outputs were told, {len(outputs)} returned."
        )
        for output, tensor, shape in zip(outputs, graph.symbolic_leaves(symbolic), told):
            _demand(
                output.ndim and output.shape[0] == rows,
                f"for {rows} rows the output has shape {output.shape}. Its first axis is the "
                "batch: work on the other axes only, and take sizes from x.shape.",
            )
            for claimed, origin in ((tensor.shape, "Calling it"), (shape, "compute_output_shape")):
                fits = len(claimed) == output.ndim and all(
                    a in (None, b) for a, b in zip(claimed, output.shape)
                )
                _demand(
                    fits,
                    f"{origin} on any number of rows gave the shape {tuple(claimed)}, but the "
                    f"output for {rows} rows has {output.shape}. Correct compute_output_shape (or "
                    "do not write it: it is worked out from call()).",
                )


def _check_dtypes(subject: _Subject) -> None:
    """Floating outputs need the layer's dtype, and finite inputs should give finite outputs."""
    layer = subject.built()
    outputs = jax.tree.leaves(layer(subject.rows()))
    symbolic = graph.symbolic_leaves(subject.make()(subject.symbolic()))
    for output, tensor in zip(outputs, symbolic):
        floating = jnp.issubdtype(output.dtype, jnp.floating)
        _demand(
            not floating or output.dtype == layer.dtype,
            f"the output has dtype {output.dtype} though the layer's is {layer.dtype}. Cast to "
            "self.dtype, and make constants with the dtype of the inputs.",
        )
        _demand(
            output.dtype == tensor.dtype,
            f"symbolic inputs promise {tensor.dtype}, arrays give {output.dtype}. The dtype may "
            "not depend on the values.",
        )
        _demand(
            not floating or bool(jnp.isfinite(output).all()),
            "the output holds NaN or infinite numbers for ordinary inputs. Guard divisions, "
            "logarithms and roots with a small epsilon.",
        )


def _check_gradients(subject: _Subject) -> None:
    """Gradients have to agree with finite differences; skip this where that is not meant."""
    layer = subject.built()
    values, arrays = jax.tree.map(np.asarray, (functional.values(layer), subject.rows()))
    parts: list[Any] = list(layer.named_layers().values())
    dtypes = [part.dtype for part in parts]
    rng = np.random.default_rng(_KEY)

    def widened(array: np.ndarray) -> Any:
        return array.astype("float64") if array.dtype.kind == "f" else array

    try:
        for part in parts:
            part.dtype = "float64"
        with jax.enable_x64(True):
            _compare_slopes(layer, jax.tree.map(widened, (values, arrays)), rng)
    finally:
        for part, dtype in zip(parts, dtypes):
            part.dtype = dtype


def _compare_slopes(layer: Layer, point: Any, rng: np.random.Generator) -> None:
    """Compare slopes along drawn directions, one array (a weight or an input) at a time."""
    key = jax.random.PRNGKey(_KEY)
    leaves, structure = jax.tree.flatten(point)
    floating = [i for i, leaf in enumerate(leaves) if leaf.dtype.kind == "f"]
    directions = {i: rng.normal(size=leaves[i].shape) for i in floating}
    paths = [path for path, _ in jax.tree_util.tree_leaves_with_path(point)]

    def loss(distances: dict[int, Any], training: bool) -> Any:
        moved = [
            leaf + distances[i] * directions[i] if i in distances else leaf
            for i, leaf in enumerate(leaves)
        ]
        values, inputs = jax.tree.unflatten(structure, moved)
        outputs = functional.apply(layer, values, inputs, training=training, key=key)[0]
        floats = [o for o in jax.tree.leaves(outputs) if jnp.issubdtype(o.dtype, jnp.floating)]
        waves = [jnp.cos(jnp.arange(o.size, dtype=o.dtype)).reshape(o.shape) for o in floats]
        return sum((jnp.sum(o * wave) for o, wave in zip(floats, waves)), jnp.zeros(()))

    here = dict.fromkeys(floating, 0.0)
    exact = jax.eval_shape(lambda: loss(here, False)).dtype == np.float64
    step, tolerance = (1e-6, 1e-4) if exact else (1e-2, 5e-2)

    @jax.jit
    def slopes() -> Any:
        result = []
        for training in (False, True):
            ends = {i: [loss({i: sign * step}, training) for sign in (1, -1)] for i in floating}
            result.append((jax.grad(loss)(here, training), ends))
        return result

    for mode, (computed, ends) in zip(("inference", "training"), slopes()):
        for i in floating:
            got, expected = float(computed[i]), float(ends[i][0] - ends[i][1]) / (2 * step)
            _demand(
                np.isclose(got, expected, rtol=tolerance, atol=tolerance),
                f"the gradient with respect to {jax.tree_util.keystr(paths[i][1:])} "
                f"has the slope {got:.6g} where finite differences give {expected:.6g} ({mode}). "
                "Look for stop_gradient, custom derivatives and rounding in call(); if it is "
                'meant so, skip=("gradients",).',
            )


def _check_vmap(subject: _Subject) -> None:
    """Many copies of the layer have to run at once: use no Python code that depends on values."""
    layer = subject.built()
    seeds = jnp.arange(3, dtype=jnp.uint32)
    stacked = jax.vmap(lambda seed: functional.init(layer, seed))(seeds)

    def pure(values: Any, x: Any) -> Any:
        key = jax.random.PRNGKey(_KEY)
        return functional.apply(layer, values, x, training=True, key=key)[0]

    x = subject.rows()
    if stacked:
        together = jax.jit(jax.vmap(pure, in_axes=(0, None)))(stacked, x)
        single = [pure(jax.tree.map(lambda v, i=i: v[i], stacked), x) for i in range(3)]
    else:
        copies = jax.tree.map(lambda a: jnp.stack([a, a[::-1]]), x)
        together = jax.jit(jax.vmap(pure, in_axes=(None, 0)))({}, copies)
        single = [pure({}, jax.tree.map(lambda a, i=i: a[i], copies)) for i in range(2)]
    for i, expected in enumerate(single):
        got = jax.tree.map(lambda a, i=i: a[i], together)
        _demand(
            _same(got, expected, 1e-4),
            "vmap over stacked weights gives other numbers than one copy after the other.",
        )


def _check_masks(subject: _Subject) -> None:
    """A layer with supports_masking = True has to take a mask and to say what becomes of it."""
    layer = subject.built()
    inputs = subject.rows()
    if not layer.supports_masking or any(x.ndim < 3 for x in jax.tree.leaves(inputs)):
        return
    masks = graph.map_structure(
        lambda x: jnp.broadcast_to(jnp.arange(x.shape[1]) > 0, x.shape[:2]), inputs
    )
    annotated = jax.tree.map(lambda x, mask: annotate(x + 0, mask=mask), inputs, masks)
    outputs = layer(annotated)
    told = layer.compute_mask(inputs, masks)
    if isinstance(outputs, (list, tuple)) or told is None or isinstance(told, (list, tuple)):
        return
    _demand(
        tuple(told.shape) == outputs.shape[: told.ndim],
        f"the mask of the output has shape {tuple(told.shape)}, the output {outputs.shape}. A "
        "mask has the output's leading axes: write compute_mask(inputs, mask), or leave "
        "supports_masking False.",
    )


def _check_freezing(subject: _Subject) -> None:
    """Setting trainable = False has to freeze every weight, and True to free them again."""
    layer = subject.built()
    free = layer.trainable_weights
    layer.trainable = False
    _demand(
        not layer.trainable_weights and set(layer.non_trainable_weights) == set(layer.weights),
        f"{len(layer.trainable_weights)} weights stay trainable when trainable is False. Do not "
        "override trainable or trainable_weights, and hold layers as attributes.",
    )
    layer(subject.rows())
    layer.trainable = True
    _demand(layer.trainable_weights == free, "trainable = True does not free the weights again.")


def _check_saving(subject: _Subject) -> None:
    """A model with the layer has to be the same after it was saved and loaded."""
    inputs = subject.symbolic()
    model = Model(inputs, subject.make()(inputs))
    parts = [type(part) for part in model.named_layers().values()]
    own = {cls.__name__: cls for cls in parts if registry.name_of(cls) is None}
    expected = model.predict(subject.inputs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.maeum"
        model.save(path)
        loaded = load_model(path, custom_objects=own)
    _demand(
        _same(loaded.get_weights(), model.get_weights()),
        "other weights came back from the file. Make all of them with add_weight.",
    )
    _demand(
        _same(loaded.predict(subject.inputs), expected),
        "a loaded model predicts other numbers. What call() uses has to be an argument of "
        "__init__ or a weight made with add_weight.",
    )


_CHECKS: dict[str, Callable[[_Subject], None]] = {
    "configuration": _check_configuration,
    "weights": _check_weights,
    "determinism": _check_determinism,
    "compilation": _check_compilation,
    "shapes": _check_shapes,
    "dtypes": _check_dtypes,
    "gradients": _check_gradients,
    "vmap": _check_vmap,
    "masks": _check_masks,
    "freezing": _check_freezing,
    "saving": _check_saving,
}
