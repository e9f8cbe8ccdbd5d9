"""Every public name of Keras is here, with its arguments, their order and their defaults.

What is deliberately not there, or differs, stands in the tables of ``docs/differences.md``: this
test reads them, so that page and code cannot drift apart. An entry that is no longer needed fails
as well.
"""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest

import maeum

PAGE = Path(__file__).parents[1] / "docs" / "differences.md"
ROOMS = (
    "", "activations", "applications", "applications.convnext", "applications.densenet",
    "applications.efficientnet", "applications.efficientnet_v2", "applications.imagenet_utils",
    "applications.inception_resnet_v2", "applications.inception_v3", "applications.mobilenet",
    "applications.mobilenet_v2", "applications.mobilenet_v3", "applications.nasnet",
    "applications.resnet", "applications.resnet50", "applications.resnet_v2", "applications.vgg16",
    "applications.vgg19", "applications.xception", "backend", "callbacks", "config", "constraints",
    "datasets", "datasets.boston_housing", "datasets.california_housing", "datasets.cifar10",
    "datasets.cifar100", "datasets.fashion_mnist", "datasets.imdb", "datasets.mnist",
    "datasets.reuters", "dtype_policies", "export", "initializers", "layers", "legacy",
    "legacy.saving", "losses", "metrics", "mixed_precision", "models", "ops", "ops.image",
    "ops.linalg", "ops.nn", "ops.numpy", "optimizers", "optimizers.legacy",
    "optimizers.schedules", "preprocessing", "preprocessing.image", "preprocessing.sequence",
    "random", "regularizers", "saving", "tree", "utils", "utils.bounding_boxes", "utils.legacy",
    "visualization", "wrappers",
)  # fmt: skip
# What the attributes are looked for in: an object, since many are made by ``__init__``.
CLASSES = {
    "layers.Layer": lambda: maeum.Sequential([maeum.Input((1,)), maeum.layers.Dense(1)]).layers[0],
    "models.Model": lambda: maeum.Model(x := maeum.Input((1,)), x + 1),
    "models.Sequential": lambda: maeum.Sequential([maeum.Input((1,)), maeum.layers.Dense(1)]),
    "optimizers.Optimizer": lambda: maeum.optimizers.Optimizer(0.1),
    "losses.Loss": lambda: maeum.losses.Loss(),
    "metrics.Metric": lambda: maeum.metrics.Metric(),
    "callbacks.Callback": lambda: maeum.callbacks.Callback(),
    "Variable": lambda: maeum.Variable(1.0),
    "initializers.Initializer": lambda: maeum.initializers.Zeros(),
    "regularizers.Regularizer": lambda: maeum.regularizers.L2(),
    "constraints.Constraint": lambda: maeum.constraints.NonNeg(),
    "optimizers.schedules.LearningRateSchedule": (
        lambda: maeum.optimizers.schedules.ExponentialDecay(0.1, 1, 0.9)
    ),
}


def names_of(page: str) -> dict[str, set[str]]:
    """Return the tables of the page: the first column, and what the second has in backticks."""
    found: dict[str, dict[str, set[str]]] = {}
    heading = ""
    for line in page.splitlines():
        if line.startswith("## "):
            heading = line[3:].strip()
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| `") or len(cells) < 3:
            continue
        for name in re.findall(r"`([^`]+)`", cells[0]):
            found.setdefault(heading, {})[name] = set(re.findall(r"`([^`]+)`", cells[1]))
    return found


def listed(path: str) -> set[str]:
    """Return the arguments that the page says differ: in the name's own row, or in a room's."""
    if path in DIFFERING:
        return DIFFERING[path]
    rooms = [pattern for pattern in DIFFERING if pattern.endswith(".*")]
    return next((DIFFERING[r] for r in rooms if path.startswith(r[:-1])), set())


TABLES = names_of(PAGE.read_text(encoding="utf-8"))
ABSENT = TABLES["Names that are not there"]
DIFFERING = TABLES["Arguments that differ"]


def reach(root: Any, path: str) -> Any:
    """Return ``root.path``, or None."""
    try:
        for part in filter(None, path.split(".")):
            root = getattr(root, part)
    except (AttributeError, ImportError):
        return None
    return root


def public(room: str) -> Iterator[tuple[str, Any]]:
    """Yield the public names of a room of Keras, in full, with what they stand for."""
    module = reach(keras, room)
    for name in dir(module):
        thing = getattr(module, name)
        if not name.startswith("_") and name not in ("src", "tf", "np"):
            yield f"{room}.{name}".lstrip("."), thing


def absent(path: str) -> bool:
    """Tell whether the page says that a name, or all of its room, is not there."""
    parts = path.split(".")
    return any(".".join(parts[: i + 1]) in ABSENT for i in range(len(parts)))


@cache
def parameters(thing: Any) -> dict[str, inspect.Parameter]:
    function = thing.__init__ if isinstance(thing, type) else thing
    try:
        found = dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return {}
    if isinstance(thing, type):
        found.pop(next(iter(found), ""), None)
    return found


def differing(theirs: Any, ours: Any) -> set[str]:
    """Return the names of the arguments of Keras's callable that are not the same in ours.

    What ours takes besides, behind Keras's arguments or by name alone, is no difference: every
    call of Keras's means the same here.
    """
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    wanted = {n: p for n, p in parameters(theirs).items() if n != "self" and p.kind not in several}
    have = {n: p for n, p in parameters(ours).items() if n != "self"}
    positional = [n for n, p in have.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    accepted = set(have)
    if isinstance(ours, type) and any(p.kind is p.VAR_KEYWORD for p in have.values()):
        for base in ours.__mro__:  # by name, through **kwargs
            if "__init__" in vars(base):
                accepted |= set(parameters(base))
    wrong, place = set(), 0
    for name, parameter in wanted.items():
        moved = False
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            moved, place = positional[place : place + 1] != [name], place + 1
        known = name in have and alike(parameter.default, have[name].default)
        if moved or name not in accepted or (name in have and not known):
            wrong.add(name)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters(theirs).values()):
        return wrong
    required = [n for n in positional[place:] if have[n].default is inspect.Parameter.empty]
    return wrong | set(required)


def alike(one: Any, two: Any) -> bool:
    """Tell whether two defaults are the same: ``0`` and ``0.0`` are, ``1`` and ``(1, 1)`` not."""
    if one is inspect.Parameter.empty:  # who gives an argument does not need its default
        return True
    if callable(one) or callable(two):
        return getattr(one, "__name__", one) == getattr(two, "__name__", two)
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return np.array_equal(one, two)
    if isinstance(one, str) and isinstance(two, str):  # "Zeros" and "zeros" are one name
        return one.lower() == two.lower()
    return one == two and isinstance(one, bool) == isinstance(two, bool)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room or "keras")
def test_names(room):
    if absent(room) and room:
        return
    missing = [path for path, _ in public(room) if reach(maeum, path) is None and not absent(path)]
    assert not missing


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room or "keras")
def test_arguments(room):
    wrong = {}
    for path, theirs in public(room):
        ours = reach(maeum, path)
        if isinstance(theirs, ModuleType) or not callable(theirs) or ours is None:
            continue
        found = differing(theirs, ours)
        # A row for a whole room counts for what differs there; the rest of it is like Keras's.
        if found != listed(path) and (found or path in DIFFERING):
            wrong[path] = f"differs in {sorted(found)}, the page says {sorted(listed(path))}"
    assert not wrong


@pytest.mark.parametrize("path", CLASSES)
def test_methods(path):
    theirs, ours, one = reach(keras, path), reach(maeum, path), CLASSES[path]()
    wrong = {}
    for name in dir(theirs):
        full = f"{path}.{name}"
        if name.startswith("_") or absent(full) or name in dir(object):
            continue
        if not hasattr(one, name):
            wrong[full] = "is missing"
            continue
        method = inspect.getattr_static(theirs, name)
        if callable(getattr(theirs, name)) and not isinstance(method, property):
            found = differing(getattr(theirs, name), getattr(ours, name))
            if found != listed(full):
                wrong[full] = f"differs in {sorted(found)}, the page says {sorted(listed(full))}"
    assert not wrong


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_said_not_to_be_there_is_not(path):
    assert reach(keras, path) is not None, "Keras has no such name"
    assert reach(maeum, path) is None


@pytest.mark.parametrize("path", DIFFERING)
def test_what_is_said_to_differ_is_there(path):
    path = path.removesuffix(".*")
    assert reach(keras, path) is not None, "Keras has no such name"
    assert reach(maeum, path) is not None


def test_every_test_that_the_page_names_is_there():
    page = PAGE.read_text(encoding="utf-8")
    for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page):
        source = (PAGE.parents[1] / file).read_text(encoding="utf-8")
        assert f"def {name}(" in source, f"{file} has no {name}"
