"""The optimizers of a generator and a discriminator, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.core.errors import ConfigError
from maeum.optimizers import Adam, MultiOptimizer, Optimizer, OptimizerMap, get


def both_optimizers(
    both: Any, generator: Any, discriminator: Any, rates: Sequence[float]
) -> MultiOptimizer:
    """Return an optimizer of both networks, of which each steps by itself.

    Args:
        both: a pair, the name of one for each, or None.
        generator, discriminator: in the place of a pair: optimizers, their names, or None.
        rates: the learning rate, ``beta_1`` and ``beta_2`` of Adam, for what is None.

    Raises:
        ConfigError: for both forms at once, or for one object in two places.
    """
    given = generator, discriminator
    if both is not None and given != (None, None):
        raise two_forms()
    if isinstance(both, (list, tuple)):
        if len(both) != 2:
            raise ConfigError("optimizer is a pair, for the generator and the discriminator; "
                              "got {n} of them.", n=len(both))  # fmt: skip
        given = both[0], both[1]
    elif isinstance(both, Optimizer):
        raise ConfigError("Generator and discriminator need an optimizer each: give a pair, "
                          "compile(optimizer=(Adam(), Adam())).")  # fmt: skip
    elif both is not None:
        given = both, both
    if given[0] is given[1] and isinstance(given[0], Optimizer):
        raise ConfigError("Generator and discriminator need an optimizer each, and got one "
                          "object for both. Make two.")  # fmt: skip
    first, second = (get(one) or Adam(rates[0], rates[1], rates[2]) for one in given)
    return MultiOptimizer(OptimizerMap(first, {"discriminator/.*": second}))


def two_forms() -> ConfigError:
    """Return the error for optimizers that are given in two forms at once."""
    return ConfigError("Give either optimizer=(one, another), or generator_optimizer= and "
                       "discriminator_optimizer=.")  # fmt: skip
