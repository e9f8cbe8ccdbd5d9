"""Settings that make sense."""

from __future__ import annotations

import math
import numbers
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, nearest

_OLD_NAMES = {"size": "vector_size", "iter": "epochs", "max_vocab_size": "max_final_vocab"}
_LEAST = {
    "vector_size": 1,
    "window": 1,
    "min_count": 0,
    "negative": 0,
    "epochs": 1,
    "workers": 1,
    "seed": 0,
}


def check(owner: str, settings: dict[str, Any], unknown: dict[str, Any]) -> None:
    """Look at the settings of Word2Vec or FastText.

    Args:
        owner: the class, for the message.
        settings: all of them.
        unknown: arguments that nobody knows.

    Raises:
        ConfigError: for a value that makes no sense.
        TypeError: for an argument that is unknown; older names are answered with today's.
    """
    if unknown:
        name = next(iter(unknown))
        hint = f" It is now {_OLD_NAMES[name]!r}." if name in _OLD_NAMES else ""
        raise TypeError(
            f"{owner}: unknown argument {name!r}.{hint or nearest(name, settings)} There are: "
            f"{', '.join(settings)}."
        )
    for name, least in _LEAST.items():
        check_whole(settings[name], name, least)
    if settings["max_final_vocab"] is not None:
        check_whole(settings["max_final_vocab"], "max_final_vocab", 1)
    if not settings["hs"] and not settings["negative"]:
        raise ConfigError(
            "hs=0 and negative=0: nothing is left to learn from. Set hs=1, or negative=5."
        )
    for name in ("sample", "alpha", "min_alpha", "ns_exponent"):
        value = settings[name]
        if not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise ConfigError(f"{name}={value!r}; expected a number.")
    if not 0 <= settings["sample"] < 1:
        raise ConfigError(f"sample={settings['sample']}; expected a share of the text, 0 to 1.")
    if not 0 <= settings["min_alpha"] <= settings["alpha"]:
        raise ConfigError(
            f"alpha={settings['alpha']} and min_alpha={settings['min_alpha']}; expected "
            "alpha >= min_alpha >= 0."
        )
