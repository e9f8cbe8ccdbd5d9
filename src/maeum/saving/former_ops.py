"""Ops in descriptions of before format 3: what their defaults and arguments were called then."""

from __future__ import annotations

from typing import Any

# The default that an op had: the argument, its place, and the value.
_DEFAULTS = {
    "ops.concatenate": ("axis", 1, -1),
    "ops.gelu": ("approximate", 1, False),
    "ops.layer_normalization": ("epsilon", 4, 1e-3),
    "ops.take_along_axis": ("axis", 2, -1),
    "ops.normalize": ("epsilon", 3, 1e-12),
}
# Arguments by name that are called otherwise now.
_NAMES = {
    "ops.reshape": {"shape": "newshape"},
    "ops.clip": {"min": "x_min", "max": "x_max"},
    "ops.tile": {"reps": "repeats"},
}
# Places of arguments that came to stand between others.
_INSERTED = {"ops.norm": 1, "ops.normalize": 2, "ops.moments": 2}


def renewed(description: Any) -> Any:
    """Return a description in which each op of a graph is called as it is called today.

    >>> node = {"op": {"function": "ops.concatenate"}, "args": {"list": [{"list": []}]}}
    >>> renewed({**node, "kwargs": {"dict": {}}})["kwargs"]
    {'dict': {'axis': {'value': -1}}}
    """
    if isinstance(description, list):
        return [renewed(part) for part in description]
    if not isinstance(description, dict):
        return description
    made = {key: renewed(part) for key, part in description.items()}
    if isinstance(made.get("op"), dict) and "args" in made:
        _renew(made, made["op"].get("function"))
    return made


def _renew(node: dict[str, Any], name: Any) -> None:
    args, kwargs = node["args"]["list"], node["kwargs"]["dict"]
    place = _INSERTED.get(name)
    if place is not None and len(args) > place:
        names = {"ops.norm": ("axis", "keepdims"), "ops.normalize": ("epsilon",),
                 "ops.moments": ("mask", "keepdims")}[name]  # fmt: skip
        kwargs.update(zip(names, args[place:]))
        del args[place:]
    for before, now in _NAMES.get(name, {}).items():
        if before in kwargs:
            kwargs[now] = kwargs.pop(before)
    argument, place, value = _DEFAULTS.get(name, ("", 0, None))
    if argument and argument not in kwargs and len(args) <= place:
        kwargs[argument] = {"value": value}
