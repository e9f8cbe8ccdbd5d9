"""Named values, such as the hyper-parameters of an experiment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from maeum.core.errors import ConfigError, nearest
from maeum.core.messages import _


class Config:
    """Values by name, which are read and written as attributes or as entries.

    Args:
        **kwargs: the first values.

    Example:
        >>> config = Config(learning_rate=0.1)
        >>> config.seed = 123
        >>> config["seed"], config.learning_rate, "epochs" in config
        (123, 0.1, False)
        >>> config.freeze()
        >>> config.frozen
        True
    """

    _values: dict[str, Any]
    _frozen: bool

    def __init__(self, **kwargs: Any):
        object.__setattr__(self, "_values", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether the values can no longer be changed."""
        return self._frozen

    def freeze(self) -> None:
        """Let nothing be changed from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Let values be changed again."""
        object.__setattr__(self, "_frozen", False)

    def as_dict(self) -> dict[str, Any]:
        """Return the values as a dict of their own."""
        return dict(self._values)

    def to_json(self) -> str:
        """Return the values as JSON."""
        return json.dumps(self._values)

    def keys(self) -> Any:
        """Return the names."""
        return self._values.keys()

    def values(self) -> Any:
        """Return the values."""
        return self._values.values()

    def items(self) -> Any:
        """Return the names with their values."""
        return self._values.items()

    def get(self, keyname: str, value: Any = None) -> Any:
        """Return the value of a name, or another one if it has none."""
        return self._values.get(keyname, value)

    def pop(self, *args: Any) -> Any:
        """Take a name out, and return its value (or the one that is given besides)."""
        self._check_thawed(args[0] if args else "")
        return self._values.pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over values, as `dict.update` does."""
        self._check_thawed(", ".join(map(str, dict(*args, **kwargs))))
        self._values.update(*args, **kwargs)

    def _check_thawed(self, name: str) -> None:
        if self._frozen:
            raise ConfigError(
                "This Config is frozen, so {name!r} cannot be changed; config.unfreeze() lets it.",
                name=name,
            )

    def __setattr__(self, name: str, value: Any) -> None:
        if name in dir(type(self)):
            raise ConfigError("{name!r} is a method of Config; choose another name.", name=name)
        self[name] = value

    def __getattr__(self, name: str) -> Any:
        values = vars(self).get("_values", {})
        if name not in values:
            raise AttributeError(_("This Config has no {name!r}.{hint}", name=name,
                                   hint=nearest(name, values)))  # fmt: skip
        return values[name]

    def __setitem__(self, key: str, item: Any) -> None:
        self._check_thawed(key)
        self._values[key] = item

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __delitem__(self, key: str) -> None:
        self._check_thawed(key)
        del self._values[key]

    def __contains__(self, item: str) -> bool:
        return item in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Config {self._values}>"
