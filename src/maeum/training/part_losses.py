"""The losses of a compiled model, each with the part of the outputs that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maeum import losses as losses_room
from maeum.core.errors import ConfigError, UnknownNameError, nearest
from maeum.core.names import is_builtin


@dataclass(eq=False)
class PartLoss:
    """A loss, how much it counts, and the part of the outputs that it is for.

    Attributes:
        name: the name of the part, in the logs.
        part: the number of an output, or a list, tuple or dict of numbers that the loss gets at
            once, as one structure of targets and one of predictions.
        tracker: the mean of the losses of this name, where there are several names.
    """

    name: str
    part: Any
    loss: Any
    weight: Any
    tracker: Any = None

    @property
    def single(self) -> bool:
        """Whether the part is one output."""
        return not is_nested(self.part)

    def of(self, outputs: list) -> Any:
        """Return what of a list with something for each output belongs to the part."""
        return mapped(outputs.__getitem__, self.part)


def is_nested(value: Any) -> bool:
    """Tell whether this is a list, tuple or dict."""
    return isinstance(value, (Mapping, list, tuple))


def flatten(structure: Any) -> list:
    """Return the arrays of a list, tuple or dict (by sorted key) of outputs."""
    if isinstance(structure, Mapping):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def leaf_names(structure: Any, names: list[str] | None = None) -> list[str]:
    """Return a name for each array of nested outputs: the keys that lead to it.

    Args:
        structure: the outputs.
        names: the names of the arrays without their places; what is found by its place in a list
            or tuple keeps this one. By default it is numbered.

    >>> leaf_names({"a": (1, 2), "b": {"c": 3}}, ["left", "right", "up"])
    ['a/left', 'a/right', 'b/c']
    >>> leaf_names({"a": (1, 2)})
    ['a/output_1', 'a/output_2']
    """
    found: list[str] = []
    for number, path in enumerate(_paths(structure)):
        keys = [key for key in path if isinstance(key, str)]
        place = path[-1] if keys and not isinstance(path[-1], str) else number
        own = names[number] if names else f"output_{place + 1}"
        name = base = "/".join(keys if path and isinstance(path[-1], str) else [*keys, own])
        count = 1
        while name in found:
            name, count = f"{base}_{count}", count + 1
        found.append(name)
    return found


def part_losses(loss: Any, weights: Any, y_pred: Any, names: list[str]) -> list[PartLoss]:
    """Match the losses and weights that ``compile`` was given with the outputs, as Keras does.

    One loss is for every output. A list or dict gives each output its own; a list at the place of
    one output, several. Within nested outputs a list, tuple or dict of the kind of the outputs goes
    into them, and a list of another kind holds several losses of the same part.

    Raises:
        ConfigError: if losses and outputs do not fit together.
        UnknownNameError: if a dict names an output that there is not.
    """
    numbers = iter(range(len(names)))
    outputs = mapped(lambda _output: next(numbers), y_pred)
    if weights is not None and not is_nested(weights) and len(names) > 1:
        raise ConfigError("loss_weights is a list or dict with one number for each output.")
    if not is_nested(loss):
        outputs, loss = list(range(len(names))), [loss] * len(names)
    elif isinstance(loss, Mapping) and (set(loss) <= set(names) or not isinstance(y_pred, Mapping)):
        outputs, loss = list(range(len(names))), by_name(loss, names, "loss")
    flat = isinstance(weights, Mapping) and not any(map(is_nested, weights.values()))
    if flat and isinstance(loss, list):
        weights = by_name(weights, names, "loss_weights")
    return list(_matched(_weighted(loss, weights), outputs, names, ()))


@dataclass(frozen=True)
class _Weighted:
    loss: Any
    weight: Any


def _weighted(loss: Any, weight: Any) -> Any:
    """Return the losses, each with its weight; one for several losses counts for each of them."""
    if not is_nested(loss):
        if is_nested(weight):
            weight = flatten(weight)
            if len(weight) != 1:
                raise _other_number(weight, 1)
            weight = weight[0]
        return None if loss is None else _Weighted(losses_room.as_loss(loss), weight)
    if not is_nested(weight):
        return mapped(lambda one: _weighted(one, weight), loss)
    if isinstance(loss, Mapping) and isinstance(weight, Mapping):
        by_name(weight, list(loss), "loss_weights")
        return {key: _weighted(part, weight.get(key)) for key, part in loss.items()}
    listed = not isinstance(loss, Mapping) and not isinstance(weight, Mapping)
    if listed and len(loss) == len(weight):
        return of_kind(loss, [_weighted(*pair) for pair in zip(loss, weight)])
    flat = flatten(weight)
    if len(flat) != len(flatten(loss)):
        raise _other_number(flat, len(flatten(loss)))
    left = iter(flat)
    return mapped(lambda one: _weighted(one, next(left)), loss)


def _other_number(weights: list, count: int) -> ConfigError:
    return ConfigError(
        "{argument} has {count} entries for {outputs} outputs.",
        argument="loss_weights",
        count=len(weights),
        outputs=count,
    )


def _matched(given: Any, part: Any, names: list[str], path: tuple) -> Iterator[PartLoss]:
    """Yield the losses of one part of the outputs."""
    if given is None:
        return
    if isinstance(given, _Weighted):
        yield PartLoss(_part_name(part, names, path), part, given.loss, given.weight)
        if is_nested(part) and is_builtin(getattr(given.loss, "fn", type(given.loss))):
            raise ConfigError(
                "The loss {loss!r} compares one output with its targets, and stands for {count}: "
                "{names}. Give each its own, or a loss that takes them all at once.",
                loss=given.loss.name,
                count=len(flatten(part)),
                names=", ".join(names[i] for i in flatten(part)),
            )
        return
    if isinstance(given, Mapping):
        if not isinstance(part, Mapping):
            raise ConfigError(
                "loss is a dict at {part}, where the outputs are not: {names}.",
                part="/".join(map(str, path)) or "the outputs",
                names=", ".join(names[i] for i in flatten(part)),
            )
        by_name(given, list(part), "loss")
        for key in sorted(given):
            yield from _matched(given[key], part[key], names, (*path, key))
    elif len(given) == len(flatten(part)) and not any(map(is_nested, given)):
        for one, (inner, number) in zip(given, _places(part)):
            yield from _matched(one, number, names, (*path, *inner))
    elif not isinstance(part, type(given)) and not _same_nesting(given, part):
        for one in given:
            yield from _matched(one, part, names, path)
    elif len(given) != len(part):
        raise ConfigError(
            "{argument} has {count} entries for {outputs} outputs.",
            argument="loss",
            count=len(given),
            outputs=len(part),
        )
    else:
        for place, (one, inner) in enumerate(zip(given, part)):
            yield from _matched(one, inner, names, (*path, place))


def _part_name(part: Any, names: list[str], path: tuple) -> str:
    """Return the name of a part: an output's own, or the keys that lead to several."""
    if not is_nested(part):
        return names[part]
    return "/".join(map(str, path)) or "_".join(names[i] for i in flatten(part))


def by_name(given: Mapping[str, Any], names: list[str], argument: str) -> list[Any]:
    """Return what each output is given, None where that is nothing.

    Raises:
        UnknownNameError: if there is no such output; it tells the nearest.
    """
    unknown = next((key for key in given if key not in names), None)
    if unknown is not None:
        raise UnknownNameError(
            "{argument} names the output {name!r}; the model's are {names}.{hint}",
            argument=argument,
            name=unknown,
            names=", ".join(names),
            hint=nearest(unknown, names),
        )
    return [given.get(name) for name in names]


def check_keys(given: Any, outputs: Any, argument: str) -> None:
    """Raise `UnknownNameError` if nested dicts have keys that the outputs lack at their place."""
    if isinstance(given, Mapping) and isinstance(outputs, Mapping):
        by_name(given, list(outputs), argument)
        for key, part in given.items():
            check_keys(part, outputs[key], argument)
    elif isinstance(given, (list, tuple)) and isinstance(outputs, (list, tuple)):
        for one, other in zip(given, outputs):
            check_keys(one, other, argument)


# ---- structures ----------------------------------------------------------------------------------


def of_kind(like: Any, parts: list) -> Any:
    """Return a list, tuple or named tuple of these parts."""
    return type(like)(*parts) if hasattr(like, "_fields") else type(like)(parts)


def mapped(make: Any, structure: Any) -> Any:
    """Return the structure with ``make(leaf)`` in place of each leaf."""
    if isinstance(structure, Mapping):
        return {key: mapped(make, structure[key]) for key in sorted(structure)}
    if is_nested(structure):
        return of_kind(structure, [mapped(make, part) for part in structure])
    return make(structure)


def _places(structure: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """Yield each leaf with the keys and places that lead to it."""
    if not is_nested(structure):
        yield path, structure
        return
    keys = sorted(structure) if isinstance(structure, Mapping) else range(len(structure))
    for key in keys:
        yield from _places(structure[key], (*path, key))


def _paths(structure: Any) -> list[tuple]:
    return [path for path, _leaf in _places(structure)]


def _same_nesting(one: Any, other: Any) -> bool:
    """Tell whether two structures are the same but for lists in place of tuples."""
    return _paths(one) == _paths(other)
