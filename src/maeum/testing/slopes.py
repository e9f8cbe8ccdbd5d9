"""Gradients have to agree with finite differences."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import functional
from maeum.core.messages import _
from maeum.layers import Layer
from maeum.testing.subject import KEY, Subject, apply, demand


def check_gradients(subject: Subject) -> None:
    """Check the gradients against finite differences."""
    layer = subject.built
    values, arrays = jax.tree.map(np.asarray, (functional.values(layer), subject.rows()))
    parts: list[Any] = list(layer.named_layers().values())
    dtypes = [part.dtype for part in parts]
    rng = np.random.default_rng(KEY)

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
    leaves, structure = jax.tree.flatten(point)
    floating = [i for i, leaf in enumerate(leaves) if leaf.dtype.kind == "f"]
    directions = {i: rng.normal(size=leaves[i].shape) for i in floating}
    paths = [path for path, _leaf in jax.tree_util.tree_leaves_with_path(point)]

    def loss(distances: dict[int, Any], training: bool) -> Any:
        moved = [
            leaf + distances[i] * directions[i] if i in distances else leaf
            for i, leaf in enumerate(leaves)
        ]
        values, inputs = jax.tree.unflatten(structure, moved)
        outputs = jax.tree.leaves(apply(layer, values, inputs, training))
        floats = [o for o in outputs if jnp.issubdtype(o.dtype, jnp.floating)]
        waves = [jnp.cos(jnp.arange(o.size, dtype=o.dtype)).reshape(o.shape) for o in floats]
        return sum((jnp.sum(o * wave) for o, wave in zip(floats, waves)), jnp.zeros(()))

    here = dict.fromkeys(floating, 0.0)
    exact = jax.eval_shape(lambda: loss(here, False)).dtype == np.float64
    step, tolerance = (1e-6, 1e-4) if exact else (1e-2, 5e-2)

    # One program for all points: numbers that are drawn in float32 then are the same in each.
    height, slopes = (jax.jit(f, static_argnums=1) for f in (loss, jax.grad(loss)))
    for training in (False, True):
        computed = slopes(here, training)
        for i in floating:
            ends = [float(height({**here, i: sign * step}, training)) for sign in (1, -1)]
            got, expected = float(computed[i]), (ends[0] - ends[1]) / (2 * step)
            demand(np.isclose(got, expected, rtol=tolerance, atol=tolerance), _(
                "the gradient with respect to {name} has the slope {got:.6g} where finite "
                "differences give {expected:.6g} (training={training}). Look for stop_gradient, "
                "custom derivatives and rounding in call(); if that is intended, "
                'skip=("gradients",).', name=jax.tree_util.keystr(paths[i][1:]), got=got,
                expected=expected, training=training,
            ))  # fmt: skip
