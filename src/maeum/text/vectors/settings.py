"""Checks of the settings of Word2Vec, FastText, GloVe and LSA."""

from __future__ import annotations

import math
from typing import Any

from maeum.core.checks import (
    check_fraction,
    check_number,
    check_whole,
    is_number,
)
from maeum.core.errors import ConfigError, nearest
from maeum.core.messages import _

_OLD_NAMES = {"size": "vector_size", "iter": "epochs", "max_vocab_size": "max_final_vocab"}
_LEAST = {
    "vector_size": 1, "window": 1, "min_count": 0, "negative": 0, "epochs": 1, "workers": 1,
    "seed": 0, "min_n": 1, "max_n": 0, "bucket": 1,
}  # fmt: skip


def check_sizes(**settings: Any) -> None:
    """Raise `ConfigError` unless these settings are whole numbers that are large enough."""
    for name, value in settings.items():
        check_whole(value, name, _LEAST[name])


def check(owner: str, settings: dict[str, Any], unknown: dict[str, Any]) -> None:
    """Check the settings of Word2Vec or FastText.

    Args:
        owner: the class, for the message.
        settings: all of them.
        unknown: arguments that do not exist.

    Raises:
        ConfigError: for a value that makes no sense.
        TypeError: for an unknown argument; for an older name the message gives today's.
    """
    if unknown:
        name = next(iter(unknown))
        renamed = _OLD_NAMES.get(name)
        hint = _(" It is now {name!r}.", name=renamed) if renamed else nearest(name, settings)
        raise TypeError(
            _("{owner}: unknown argument {name!r}.{hint} There are: {known}.",
              owner=owner, name=name, hint=hint, known=", ".join(settings))
        )  # fmt: skip
    check_sizes(**{name: settings[name] for name in _LEAST if name in settings})
    if settings["max_final_vocab"] is not None:
        check_whole(settings["max_final_vocab"], "max_final_vocab", 1)
    if not settings["hs"] and not settings["negative"]:
        raise ConfigError("hs=0 and negative=0: nothing is left to learn from. Set hs=1, or "
                          "negative=5.")  # fmt: skip
    check_fraction(settings["sample"], "sample")
    check_number(settings["alpha"], "alpha")
    check_number(settings["min_alpha"], "min_alpha", most=settings["alpha"])
    exponent = settings["ns_exponent"]
    if not is_number(exponent) or not math.isfinite(exponent):
        raise ConfigError("ns_exponent is a number; got {value!r}.", value=exponent)
