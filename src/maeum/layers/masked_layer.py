"""How a layer gets the masks of its inputs, and hands one on with its outputs."""

from __future__ import annotations

import inspect
import itertools
import operator
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import jax

from maeum.core import graph
from maeum.core.masks import mask_of, with_mask
from maeum.core.messages import _
from maeum.layers.checks import title
from maeum.layers.layer_attributes import LayerAttributes


def mask_arguments(names: Sequence[str]) -> dict[str, str]:
    """Return the arguments of a ``call`` that are masks, and which argument each belongs to.

    >>> mask_arguments(["x", "mask"]), mask_arguments(["a", "b", "b_mask", "attention_mask"])
    ({'mask': 'x'}, {'b_mask': 'b'})
    """
    own = {f"{name}_mask": name for name in names} | ({"mask": names[0]} if names else {})
    return {name: own[name] for name in names if name in own}


def first_option(parameters: Mapping[str, inspect.Parameter]) -> int | None:
    """Return the place of the first of ``mask`` and ``training`` that `call` takes by position."""
    by_position = [n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD][1:]
    places = (n for n, name in enumerate(by_position) if n and name in ("mask", "training"))
    return next(places, None)


class MaskedLayer(LayerAttributes):
    """The masks of a layer: ``call(x, mask=None)`` and ``call(a, b, b_mask=None)`` are given them.

    A layer with ``supports_masking`` hands on what its ``compute_mask`` returns.
    """

    supports_masking = False
    call_arguments: tuple[str, ...]
    mask_arguments: Mapping[str, str] = {}
    _options_from: int | None = None  # from which place on a mask or ``training`` may follow

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the outputs; the inputs' mask unless a layer knows better."""
        return previous_mask

    def _with_options_by_name(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Return the arguments of a call, where a mask and ``training`` are given by name."""
        first = self._options_from
        if first is None or first >= len(args):
            return args, kwargs
        return args[:first], dict(zip(self.call_arguments[first:], args[first:])) | kwargs

    def _with_masks(self, args: tuple, kwargs: dict) -> dict:
        """Return the arguments given by name with the masks that `call` wants and nobody gave."""
        given = dict(zip(self.call_arguments, args)) | kwargs
        found = {
            mask: graph.map_structure(mask_of, given[argument])
            for mask, argument in self.mask_arguments.items()
            if given.get(mask) is None and argument in given
        }
        wanted = {
            name: mask
            for name, mask in found.items()
            if name == "mask" or any(one is not None for one in jax.tree.leaves(mask))
        }
        return kwargs | wanted

    def _pass_mask(self, inputs: Any, masks: Any, outputs: Any) -> Any:
        """Return the outputs with their mask attached, if the layer knows it."""
        known = any(mask is not None for mask in jax.tree.leaves(masks))
        composite = self._is_composite()
        if not self.supports_masking:
            if composite:  # the layers inside have attached their own
                return outputs
            if known:
                warnings.warn(_(
                    "{layer} does not support masking; the mask of its input ends here.",
                    layer=title(self),
                ), stacklevel=4)  # fmt: skip
        mask = self.compute_mask(inputs, masks) if self.supports_masking else None
        if mask is None and composite:
            return outputs
        if isinstance(outputs, (list, tuple)):
            each = mask if isinstance(mask, (list, tuple)) else [mask]
            pairs = itertools.zip_longest(outputs, each[: len(outputs)])
            masked = [with_mask(output, one) for output, one in pairs]
            return outputs if all(map(operator.is_, masked, outputs)) else type(outputs)(masked)
        return outputs if isinstance(mask, (list, tuple, dict)) else with_mask(outputs, mask)

    def _is_composite(self) -> bool:
        return next(iter(self._children()), None) is not None
