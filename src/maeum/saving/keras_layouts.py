"""Which arrays of a Keras file belong to which layer of a model.

`by_tree` reads the files of Keras 3, whose groups follow the attributes of the objects;
`by_lists` reads the older ones, which list layers and their weights in order. Both yield the ways
in which file and model can be matched; the caller checks whether shapes fit.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maeum.core.errors import ModelFileError
from maeum.core.module import Module
from maeum.core.registry import snake_case
from maeum.core.variable import Variable

# How Keras calls the list of a model's layers; the second by some versions of Keras 2.
_LISTS = ("layers", "_layer_checkpoint_dependencies")
_DEPTH = 64  # of groups in groups; deeper is a file that links to itself


@dataclass
class Pair:
    """A layer's variables, and its arrays in the file (None where there are none)."""

    layer: str
    variables: list[Variable]
    saved: str = ""
    datasets: list[Any] | None = None


@dataclass
class Pairing:
    """One way to match file and model; ``unknown`` is what the model has no place for."""

    pairs: list[Pair]
    unknown: list[str]


# ---- Keras 3: a tree of groups -------------------------------------------------------------------


def by_tree(model: Any, root: Any, by_name: bool) -> Iterator[Pairing]:
    """Match a file of Keras 3: by chosen names where they are the same, then by order alone."""
    tree = _Tree(root)
    if not tree.arrays or (by_name and not tree.names):
        return
    for names in (True,) if by_name else (True, False):
        places = tree.places(model, names, by_name)
        pairs = []
        for path, layer in model.named_layers().items():
            own = _own_variables(layer)
            place = places.get(id(layer))
            if own and (place is not None or not by_name):
                arrays = None if place is None else tree.arrays[place]
                pairs.append(Pair(path or model.name, own, place or "", arrays))
        taken = set(places.values())
        unknown = [
            place
            for place in tree.arrays
            if place not in taken and not set(_LISTS).isdisjoint(place.split("/"))
        ]
        yield Pairing(pairs, [] if by_name else unknown)


class _Tree:
    """The arrays of a file by the path of their layer, and the names that layers had."""

    def __init__(self, root: Any):
        self.arrays: dict[str, list[Any]] = {}
        self.names: dict[str, str] = {}
        numbered: dict[str, dict[int, Any]] = {}

        def visit(name: str, item: Any) -> None:  # links to elsewhere are not visited
            parent, _slash, last = name.rpartition("/")
            place, _slash, kind = parent.rpartition("/")
            if kind == "vars" and last.isdecimal() and hasattr(item, "shape"):
                if "seed_generator" not in place:  # the state of a random layer is not a weight
                    numbered.setdefault(place, {})[int(last)] = item
            elif last == "vars" and isinstance(item.attrs.get("name"), str):
                self.names[parent] = item.attrs["name"]

        root.visititems(visit)
        for place, items in numbered.items():
            self.arrays[place] = [items[number] for number in sorted(items)]
        every = [*self.arrays, *self.names]
        self.groups = {
            "/".join(parts[:n])
            for parts in (place.split("/") for place in every)
            for n in range(len(parts) + 1)
        }

    def places(self, model: Any, names: bool, by_name: bool) -> dict[int, str]:
        """Return where the arrays of each layer are, by the layer's id.

        Keras writes a layer where it meets it first; here each is searched for everywhere, in the
        same order.
        """
        found: dict[int, str] = {}

        def walk(layer: Module, place: str) -> None:
            if place in self.arrays:
                found.setdefault(id(layer), place)
            for attribute, value in _attributes(layer):
                for child, inner in self._held(value, _join(place, attribute), names):
                    walk(child, inner)

        if by_name:
            listed = [key for key in self.names if key.rpartition("/")[0] in _LISTS]
            for key, layer in itertools.product(listed, model.layers):
                if layer.name == self.names[key]:
                    walk(layer, key)
        else:
            walk(model, "")
        return found

    def _held(self, value: Any, place: str, names: bool) -> Iterator[tuple[Module, str]]:
        """Yield the layers in an attribute, and where Keras puts each of them."""
        if place not in self.groups or place.count("/") > _DEPTH:
            return
        if isinstance(value, Module):
            yield value, place
        elif isinstance(value, (Mapping, list, tuple)):
            items = list(value.values() if isinstance(value, Mapping) else value)
            items = [item for item in items if isinstance(item, (Module, Mapping, list, tuple))]
            for item, key in zip(items, self._keys(items, place, names)):
                yield from self._held(item, _join(place, key), names)

    def _keys(self, items: list[Any], place: str, names: bool) -> list[str]:
        """Return the keys of things in a list: their classes, numbered; or those of their names."""
        kinds = [_kind(item) for item in items]
        counts = [kinds[:i].count(kind) for i, kind in enumerate(kinds)]
        keys = [f"{kind}_{count}" if count else kind for kind, count in zip(kinds, counts)]
        if names:
            for kind in set(kinds):
                members = [i for i, each in enumerate(kinds) if each == kind]
                known = self._named(place, kind)
                if all(_is_chosen(items[i]) and items[i].name in known for i in members):
                    for i in members:
                        keys[i] = known[items[i].name]
        return keys

    def _named(self, place: str, kind: str) -> dict[str, str]:
        """Return the keys of the layers of a class, by the names that they had in Keras."""
        pattern = re.compile(re.escape(_join(place, kind)) + r"(_\d+)?")
        return {
            name: path.rpartition("/")[2]
            for path, name in self.names.items()
            if pattern.fullmatch(path)
        }


def _attributes(layer: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a layer holds, in the order in which Keras visits it."""
    held = {
        name: value for name, value in vars(layer).items() if name not in type(layer)._untracked
    }
    if hasattr(layer, "layers"):
        if getattr(layer, "graph", None) is not None:
            yield from ((name, layer.layers) for name in _LISTS)
        held |= dict.fromkeys(_LISTS, layer.layers)
    yield from sorted(held.items(), key=lambda item: (item[0].startswith("_"), item[0]))


def _own_variables(layer: Any) -> list[Variable]:
    """Return the variables of a layer itself, in the order in which Keras writes them."""
    own = {id(variable): variable for variable in layer._own_variables()}
    return sorted(own.values(), key=lambda variable: not variable.trainable)


def _kind(item: Any) -> str:
    """Return how Keras calls a thing in a list."""
    if not isinstance(item, Module):
        return "container"
    name = type(item).__name__
    return "functional" if name == "Model" else snake_case(name)


def _is_chosen(layer: Any) -> bool:
    """Say whether a layer's name is more than that of its class with a number."""
    return isinstance(layer, Module) and not re.fullmatch(
        re.escape(_kind(layer)) + r"(_\d+)?", layer.name
    )


def _join(place: str, part: str) -> str:
    return f"{place}/{part}" if place else part


# ---- Keras 1 and 2, and ``.h5`` of Keras 3: lists of names ---------------------------------------


def is_listed(group: Any) -> bool:
    """Say whether a file lists its layers in the older way."""
    return "layer_names" in group.attrs or "layer_names0" in group.attrs


def by_lists(model: Any, group: Any, by_name: bool) -> Iterator[Pairing]:
    """Match an older file: by chosen names where they are the same, then by order alone."""
    saved: dict[str, list[tuple[str, Any]]] = {}
    for name in _texts(group, "layer_names"):
        layer_group = _child(group, name)
        weights = _texts(layer_group, "weight_names")
        if weights:
            saved[name] = [(weight, _child(layer_group, weight)) for weight in weights]
    layers = [layer for layer in model.layers if layer.weights]
    if by_name:
        yield _listed(layers, {id(each): each.name for each in layers if each.name in saved}, saved)
        return
    chosen = {id(each): each.name for each in layers if _is_chosen(each) and each.name in saved}
    for names in (chosen, {}) if chosen else ({},):
        rest = [name for name in saved if name not in names.values()]
        others = [each for each in layers if id(each) not in names]
        matched = names | {id(layer): name for layer, name in zip(others, rest)}
        pairing = _listed(layers, matched, saved)
        pairing.pairs += [Pair(each.name, each.weights) for each in others[len(rest) :]]
        pairing.unknown = rest[len(others) :]
        yield _with_own(model, group, pairing)


def _listed(layers: list[Any], names: dict[int, str], saved: dict[str, Any]) -> Pairing:
    pairs = []
    for layer in layers:
        if id(layer) in names:
            name = names[id(layer)]
            arrays = [array for _name, array in saved[name]]
            order = _in_file_order(layer, saved[name])
            pairs.append(Pair(layer.name, order, name, arrays))
    return Pairing(pairs, [])


def _in_file_order(layer: Any, saved: Sequence[tuple[str, Any]]) -> list[Variable]:
    """Return a layer's variables in the order in which the file has its arrays.

    Keras wrote those that an optimizer may change first, and which these were depends on what was
    frozen then; the names and shapes in the file tell.
    """
    weights = layer.weights
    orders = [
        sorted(weights, key=lambda v: not v.trainable),
        [*layer.trainable_weights, *layer.non_trainable_weights],
        weights,
    ]
    shapes = [array.shape for _name, array in saved]
    names = [name.rpartition("/")[2].partition(":")[0] for name, _array in saved]
    fitting = [order for order in orders if [tuple(v.shape) for v in order] == shapes]
    named = [order for order in fitting if [v.name for v in order] == names]
    return (named or fitting or orders)[0]


def _with_own(model: Any, group: Any, pairing: Pairing) -> Pairing:
    """Add the weights that the model itself holds, rather than one of its layers."""
    own = _own_variables(model)
    name = "top_level_model_weights"
    arrays = []
    if name in group:
        top = _child(group, name)
        arrays = [_child(top, weight) for weight in _texts(top, "weight_names")]
    if own:
        pairing.pairs.append(Pair(model.name, own, name, arrays or None))
    elif arrays:
        pairing.unknown.append(name)
    return pairing


def _texts(group: Any, name: str) -> list[str]:
    """Return a list of names, which Keras splits into several attributes where it is long."""
    numbered = (f"{name}{count}" for count in itertools.count())
    attributes = [name] if name in group.attrs else []
    attributes += itertools.takewhile(lambda attribute: attribute in group.attrs, numbered)
    return [
        text.decode("utf-8") if isinstance(text, bytes) else str(text)
        for attribute in attributes
        for text in group.attrs[attribute]
    ]


def _child(group: Any, path: str) -> Any:
    """Return what is at a path within a group; links, which may lead anywhere, are refused."""
    for part in path.split("/"):
        link = group.get(part, getlink=True) if hasattr(group, "keys") else None
        if link is None or type(link).__name__ != "HardLink":
            raise ModelFileError("{path!r} is listed, but missing.", path=path)
        group = group[part]
    return group
