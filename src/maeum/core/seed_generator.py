"""Seeds for random numbers: `SeedGenerator`, and the key that a ``seed`` argument stands for."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import registry
from maeum.core.config import Configurable
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed, next_seed, seed_stream
from maeum.core.scope import current_scope
from maeum.core.variable import Variable


@registry.builtin
class SeedGenerator(Configurable):
    """A source of keys, of which every draw takes the next one.

    What it has come to is a variable, ``state``: in a layer that holds the generator as an
    attribute, it is part of the compiled program, goes on from step to step, and is saved with the
    training.

    Args:
        seed: a whole number; by default one of `maeum.utils.set_random_seed`, or of the system.
        name: what it is called.

    Raises:
        ConfigError: for a seed that is no whole number.

    Example:
        >>> generator = SeedGenerator(7)
        >>> generator.next().tolist(), generator.next().tolist()
        ([7, 0], [7, 1])
    """

    _untraced = Configurable._untraced | {"seed", "name"}

    def __init__(self, seed: int | None = None, name: str | None = None):
        self.seed = seed
        self.name = name or "seed_generator"
        first = np.array([next_seed() if seed is None else _checked(seed), 0], np.uint32)
        self.state = Variable.holding(first, "seed_generator_state")

    def next(self, ordered: bool = True) -> Any:
        """Return the next key, two words of 32 bits, and go on to the one after it.

        ``ordered`` is accepted as in Keras: no two keys of a generator are ever alike.
        """
        key = self.state.value
        after = key + jnp.array([0, 1], jnp.uint32)
        if current_scope() is None and isinstance(after, jax.core.Tracer):
            raise _untraceable()
        self.state.assign(after)
        return jnp.asarray(key)


def _checked(seed: Any) -> int:
    if isinstance(seed, (bool, str)) or not hasattr(seed, "__index__"):
        raise ConfigError("A seed is a whole number or a SeedGenerator; got {seed!r}.", seed=seed)
    return check_seed(seed)


def _untraceable() -> ConfigError:
    return ConfigError(
        "Inside jax.jit these random numbers would be the same at every call. Draw with a key that "
        "is an argument of the function, such as maeum.random.normal(shape, seed=key), or in the "
        "call() of a layer."
    )


class _Unseeded:
    """What draws without a seed; its keys follow from the run's key, in the order of the draws."""

    name = "random"


_UNSEEDED = _Unseeded()
# The generator of draws without a seed, and the call of set_random_seed that it follows.
_everywhere: tuple[Any, SeedGenerator] | None = None


def global_seed_generator() -> SeedGenerator:
    """Return the generator of draws without a seed, outside of layers.

    After `maeum.utils.set_random_seed` it begins anew.
    """
    global _everywhere
    if _everywhere is None or _everywhere[0] is not seed_stream():
        _everywhere = seed_stream(), SeedGenerator(name="global_seed_generator")
    return _everywhere[1]


def draw_seed(seed: Any) -> Any:
    """Return the key that a ``seed`` stands for.

    Args:
        seed: a whole number, whose key is always the same; a `SeedGenerator`, which gives its next
            one; an array, which is a key itself; or None. Then the key is another one at each
            call: in a layer it follows from the model's seed and the step.

    Raises:
        ConfigError: for anything else, and where numbers that should differ from call to call
            would become constants of a program.
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (jax.Array, np.ndarray)) and seed.ndim:
        return seed
    if seed is not None:
        return np.array([_checked(seed), 0], np.uint32)
    scope = current_scope()
    if scope is not None:
        return scope.random_key(_UNSEEDED)
    return global_seed_generator().next()
