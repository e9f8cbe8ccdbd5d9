"""How much each word of a text speaks for or against an answer, by integrated gradients.

The gradient of the answer's score is averaged on the straight line from no words (vectors of 0) to
the text (Sundararajan et al., 2017, arXiv:1703.01365). The attributions of the words of a text add
up to the difference of the two scores.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.graph import Node
from maeum.core.masks import mask_of, with_mask
from maeum.inspect.programs import blockwise, program, score
from maeum.layers import Embedding
from maeum.models import Model

STEPS = 16


def word_attributions(network: Model, x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return what each token of a text adds to the score of a class.

    Args:
        network: a functional model with one input of numbers, which an `Embedding` looks up.
        x: ``(n, length)`` numbers.
        target: the class of each text, ``(n,)``.

    Returns:
        ``(n, length)``; negative where a word speaks against the class.

    Raises:
        ConfigError: for a network without an `Embedding` in its graph.
    """
    graph = getattr(network, "graph", None)
    if graph is None or not any(isinstance(node.operation, Embedding) for node in graph.nodes):
        raise ConfigError("{name!r} has no Embedding to attribute an answer to words by.",
                          name=network.name)  # fmt: skip

    def outputs(x: jax.Array, strength: jax.Array) -> Any:
        def call(node: Node, args: tuple, kwargs: dict) -> Any:
            made = node.operation(*args, **kwargs)
            if isinstance(node.operation, Embedding):
                made = with_mask(made * strength[..., None], mask_of(made))
            return made

        return graph.run([x], call)

    def run(x: jax.Array, target: jax.Array) -> jax.Array:
        def slope(strength: jax.Array) -> jax.Array:
            return jax.grad(lambda s: score(outputs(x, s), target).sum())(strength)

        def add(i: Any, total: jax.Array) -> jax.Array:
            return total + slope(jnp.full(x.shape, (i + 0.5) / STEPS, jnp.float32))

        zeros = jnp.zeros(x.shape, jnp.float32)
        return jax.lax.fori_loop(0, STEPS, add, zeros) / STEPS

    return blockwise(program(network, "word attributions", run), x, np.asarray(target, np.int32))


word_shares = word_attributions  # its former name
