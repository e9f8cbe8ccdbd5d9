"""Optimizers: how weights change when their gradients are known."""
# ruff: noqa: F401

from typing import Any

from maeum.core import registry
from maeum.core.errors import ConfigError
from maeum.core.lazy import lazily
from maeum.core.messages import N_
from maeum.optimizers import schedules
from maeum.optimizers.adam import Adam, Adamax, AdamW, Lamb, Nadam, ScheduleFreeAdamW
from maeum.optimizers.adaptive import Adadelta, Adafactor, Adagrad, Ftrl, Lion, RMSprop
from maeum.optimizers.lazy_adam import LazyAdam
from maeum.optimizers.loss_scale import LossScaleOptimizer
from maeum.optimizers.multi import MultiOptimizer, OptimizerMap
from maeum.optimizers.muon import Muon
from maeum.optimizers.optax import Optax, is_transformation
from maeum.optimizers.optimizer import Optimizer
from maeum.optimizers.sgd import SGD, Momentum, Nesterov

_CLASSES = [c for c in registry.public_classes(globals(), Optimizer) if c is not Optax]
_family = registry.Family(N_("optimizer"), registry.named("optimizers", _CLASSES))
registry.named("optimizers", [OptimizerMap])
serialize, deserialize = _family.keras_functions()


def get(identifier: Any) -> Optimizer | None:
    """Return the optimizer that a name, a class, a config or an object stands for.

    Args:
        identifier: such as ``"adam"``, ``Adam``, ``Adam(1e-3)``, the config of one, or an
            ``optax.GradientTransformation``; None stays None.

    Raises:
        UnknownNameError: for a name that no optimizer has.
        ConfigError: for something that is not an optimizer.

    >>> get("adam").name
    'adam'
    """
    if is_transformation(identifier):
        return Optax(identifier)
    found = _family.get(identifier)
    if found is None or isinstance(found, Optimizer):
        return found
    if is_transformation(found):
        return Optax(found)
    raise ConfigError(
        "An optimizer is given by its name, such as 'adam', an object, such as Adam(1e-3), or an "
        "optax transformation; got {identifier!r}.",
        identifier=identifier,
    )


__all__ = [
    *(cls.__name__ for cls in _CLASSES),
    "Optax", "Optimizer", "OptimizerMap", "deserialize", "get", "schedules", "serialize",
]  # fmt: skip


def scaled(optimizer: Any) -> Any:
    """Return an optimizer that scales its loss, as gradients of 16 bits want it."""
    plain = optimizer is not None and not isinstance(optimizer, LossScaleOptimizer)
    return LossScaleOptimizer(optimizer) if plain else optimizer


__getattr__, __dir__ = lazily(__name__, {})
