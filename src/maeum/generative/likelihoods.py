"""How unlikely data are for what a decoder says of them."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from maeum import activations
from maeum.core.errors import ConfigError
from maeum.layers import Flatten, Reshape
from maeum.losses.crossentropy import binary_values


def bernoulli(x: Any, probabilities: Any) -> Any:
    """Return ``-log p`` of each entry, from 0 to 1, for the probabilities of 1, in nats.

    What came out of a sigmoid is computed from its logits.
    """
    return binary_values(x, probabilities, from_logits=False)


def gaussian(x: Any, means: Any, scale: Any) -> Any:
    """Return ``-log p`` of each entry for means and a standard deviation, in nats."""
    scale = jnp.asarray(scale, x.dtype)
    return 0.5 * (jnp.square((x - means) / scale) + math.log(2 * math.pi)) + jnp.log(scale)


LIKELIHOODS = ("bernoulli", "gaussian")
_WITHIN = (activations.sigmoid, activations.hard_sigmoid, activations.softmax)


def check_probabilities(decoder: Any) -> None:
    """Raise `ConfigError` if a decoder ends with an activation that gives no probabilities.

    Where it does not end with a layer that has an activation, nothing can be said.
    """
    layers = decoder.layers if decoder.graph is not None else []
    last = next((one for one in reversed(layers) if not isinstance(one, (Reshape, Flatten))), None)
    activation = getattr(last, "activation", activations.sigmoid)
    if activation in _WITHIN:
        return
    known = activation is None or getattr(activation, "__module__", "").startswith("maeum.")
    if known:
        raise ConfigError("A Bernoulli likelihood takes probabilities, and the decoder ends with "
                          "the layer {layer!r}, whose activation is {activation!r}. Give it "
                          "activation='sigmoid', or the VAE likelihood='gaussian'.",
                          layer=last.name,  # type: ignore[union-attr]
                          activation=getattr(activation, "__name__", "linear"))  # fmt: skip
