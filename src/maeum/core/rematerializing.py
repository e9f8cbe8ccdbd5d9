"""A layer that is computed again for its gradient, rather than kept: less memory, more time."""

from __future__ import annotations

from typing import Any

import jax

from maeum.core import graph
from maeum.core.keras_scopes import Recomputed
from maeum.core.masks import mask_of, with_mask
from maeum.core.scope import Scope


def wanted(layer: Any, how: Recomputed) -> bool:
    """Tell whether a layer is one of those that a `maeum.RematScope` means, but for their sizes."""
    if how.mode == "list_of_layers":
        return layer.name in how.names
    return how.mode != "activations" or getattr(layer, "activation", None) is not None


def rematerialized(layer: Any, how: Recomputed, scope: Scope, args: tuple, kwargs: dict) -> Any:
    """Return ``layer.call(*args, **kwargs)``, of which only what goes in is kept for the gradient.

    Args:
        layer: a built layer.
        how: which layers are meant, and which size of outputs.
        scope: the scope in which it runs; assignments, losses and states reach it as ever.
        args: what the layer is called with.
        kwargs: likewise.
    """
    traced = any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves((args, kwargs)))
    if scope.abstract or not traced or not wanted(layer, how):
        return layer.call(*args, **kwargs)
    variables = list(layer.variables)
    masks = graph.map_structure(mask_of, args)
    noted: dict[str, Any] = {}

    def pure(values: list[Any], args: tuple) -> Any:
        cast, scope.cast_to = scope.cast_to, None
        with scope.child(dict(zip(variables, values))) as inner:
            scope.cast_to = inner.cast_to = cast
            outputs = layer.call(*_masked(args, masks), **kwargs)
        noted["updated"] = list(inner.updates)
        left = {name: inner.left[name] for name in inner.left}
        kept = graph.map_structure(mask_of, outputs)
        return outputs, kept, list(inner.updates.values()), inner.losses, left

    cast, scope.cast_to = scope.cast_to, None
    values = [variable.value for variable in variables]
    scope.cast_to = cast
    if how.mode == "larger_than":
        draws = dict(scope._draws)
        shapes = jax.eval_shape(lambda v, a: pure(v, a)[0], values, args)
        scope._draws.clear()
        scope._draws.update(draws)
        if max((s.size for s in jax.tree.leaves(shapes)), default=0) <= how.size:
            return layer.call(*args, **kwargs)
    outputs, kept, updates, losses, left = jax.checkpoint(pure)(values, args)
    scope.assign(noted["updated"], updates)
    scope.losses.extend(losses)
    scope.left.update(left)
    return _masked(outputs, kept)


def _masked(structure: Any, masks: Any) -> Any:
    """Return arrays with their masks attached again: masks belong to arrays, not to numbers."""
    if isinstance(structure, dict):
        return {key: _masked(part, masks[key]) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        parts = [_masked(part, mask) for part, mask in zip(structure, masks)]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return structure if masks is None else with_mask(structure, masks)
