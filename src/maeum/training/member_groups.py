"""Which models are alike up to numbers, and the programs that train those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from maeum.core.axes import Likeness, NoAxisError, alike_but_numbers
from maeum.core.errors import ConfigError
from maeum.core.functional import built_variables
from maeum.core.variable import Variable
from maeum.training.arrays import shapes_of, take_rows
from maeum.training.member_programs import MembersProgram, differing, numbers_of
from maeum.training.sources import ArraySource
from maeum.training.state import State


@dataclass
class MemberPrograms:
    """The programs of members that are alike.

    Attributes:
        train, test: the programs.
        named: the variables of each member and its training, by name.
    """

    named: list[dict[str, Variable]]
    train: MembersProgram
    test: MembersProgram | None


def check_members(models: Sequence[Any]) -> None:
    """Raise `ConfigError` unless these are compiled models that share nothing."""
    if not models:
        raise ConfigError("There are no models to train.")
    owners: dict[int, int] = {}
    for number, model in enumerate(models):
        if not hasattr(model, "trainer"):
            raise ConfigError("models is a list of models; got {model!r}.", model=model)
        model.trainer.compiled()
        if model.trainer.run_eagerly:
            raise ConfigError(
                "{name!r} was compiled with run_eagerly=True; members are trained by one compiled "
                "program.",
                name=model.name,
            )
        held = [model, model.optimizer, *(built_variables(model).values() if model.built else ())]
        for one in held:
            if one is not None and owners.setdefault(id(one), number) != number:
                raise ConfigError(
                    "Model {second} shares {what} with model {first}: each member needs its own. "
                    "Make them by a function, or by maeum.models.clone_model.",
                    first=owners[id(one)],
                    second=number,
                    what=getattr(one, "path", None) or getattr(one, "name", type(one).__name__),
                )


_refused: dict[str, set[int]] = {}  # by likeness, the places whose numbers Python asks for


def groups_of(
    models: Sequence[Any], x: Any = None, y: Any = None, every_number: bool = False
) -> list[list[int]]:
    """Divide models into groups whose members one program can train: see `fit_members`.

    Args:
        models: compiled models, with known inputs unless data are given.
        x, y: a few rows of the data, or all. With them it is also known which numbers Python asks
            for while a step is traced: models that differ in those are in different groups.
        every_number: see `fit_members`.

    Returns:
        The numbers of the models in each group, both in their order.

    Example:
        >>> import maeum as mm
        >>> def network(units, rate):
        ...     layers = [mm.Input((3,)), mm.layers.Dense(units), mm.layers.Dropout(rate)]
        ...     model = mm.Sequential([*layers, mm.layers.Dense(1)])
        ...     model.compile("adam", "mse")
        ...     return model
        >>> groups_of([network(4, 0.1), network(8, 0.1), network(4, 0.5)])
        [[0, 2], [1]]
    """
    source = None
    if x is not None and len(models):
        source = models[0].trainer.source(x, y, None)
    likenesses = [_likeness(model, source, number)[0] for number, model in enumerate(models)]
    waiting = [list(group) for group in _by(range(len(models)), lambda i: likenesses[i].text)]
    found = []
    while waiting:
        group = waiting.pop(0)
        if source is not None and len(group) > 1:
            try:
                _program(models, likenesses, group, "train", source, every_number)
            except NoAxisError as error:
                values = {i: _values(likenesses[i], error.places) for i in group}
                waiting = _by(group, values.__getitem__) + waiting
                continue
        found.append(group)
    return sorted(found)


def member_programs(
    models: Sequence[Any],
    source: ArraySource,
    held_out: ArraySource | None,
    every_number: bool = False,
) -> MemberPrograms:
    """Return the programs for models that are alike.

    Args:
        models: the models.
        source: what they learn from.
        held_out: what they are validated with.
        every_number: whether numbers are inputs of the program that are equal for all of them.

    Raises:
        ConfigError: if they are not.
    """
    everyone = range(len(models))
    for phase, given in (("train", source), ("test", held_out)):
        if given is not None:
            for number in everyone:
                _prepare(models[number], phase, given, number)
    found = [_likeness(model) for model in models]
    likenesses, named = [likeness for likeness, _ in found], [variables for _, variables in found]
    groups = _by(everyone, lambda i: likenesses[i].text)
    if len(groups) > 1:
        raise ConfigError(
            "Model {other} is not like model 0 up to numbers, so that one program cannot train "
            "both: layers, shapes or options differ (or one has a rate of 0 where the other has "
            "not). maeum.training.groups_of(models) tells which are alike.",
            other=groups[1][0],
        )
    try:
        train = _program(models, likenesses, everyone, "train", source, every_number)
        test = None
        if held_out is not None:
            test = _program(models, likenesses, everyone, "test", held_out, every_number)
    except NoAxisError as error:
        place = likenesses[0].places[min(error.places)]
        raise ConfigError(
            "The members differ in {name!r} of {owner}, and its code asks for the number while the "
            "program is made. Train those with the same value together: "
            "maeum.training.groups_of(models, x, y) divides them.",
            name=place.name,
            owner=getattr(place.owner, "name", None) or type(place.owner).__name__,
        ) from None
    return MemberPrograms(named, train, test)


def _prepare(model: Any, phase: str, source: ArraySource, number: int) -> None:
    # The labels of all rows are looked at once.
    few = ArraySource(take_rows(source.data, slice(0, source.batch_size)), source.batch_size)
    model.trainer.prepare_for(phase, few if number else source)


def _likeness(
    model: Any, source: ArraySource | None = None, number: int = 0
) -> tuple[Likeness, dict[str, Variable]]:
    """Return what a model is besides its numbers, and its variables by name."""
    trainer, optimizer = model.trainer, model.optimizer
    if source is not None:
        _prepare(model, "train", source, number)
    built_variables(model)
    if not model.overrides("train_step") and model.trainable_variables:
        optimizer.build(model.trainable_variables)
    named = model.named_state()
    shapes = {name: (v.shape, str(v.dtype)) for name, v in named.items()}
    things = model, list(model.named_layers()), optimizer, trainer.losses_and_metrics
    return alike_but_numbers(*things, trainer.augment, shapes), named


def _program(
    models: Sequence[Any],
    likenesses: Sequence[Likeness],
    group: Sequence[int],
    phase: str,
    source: ArraySource,
    every_number: bool,
) -> MembersProgram:
    lead, likeness, own = models[group[0]], likenesses[group[0]], [likenesses[i] for i in group]
    program = lead.trainer.program(phase, source)
    batch = jax.tree.map(_zeros, shapes_of(source.first_batch()))
    given = State.of(lead), lead.trainer.key, batch
    numbers = differing(own)
    refused = _refused.setdefault(likeness.text, set())
    while every_number:
        others = {p: v for p, v in numbers_of(own).items() if p in numbers or p not in refused}
        try:
            return MembersProgram(program, likeness, others, *given)
        except NoAxisError as error:  # what Python asks for stays what it is
            if error.places & {*numbers} or error.places <= refused:
                break
            refused |= error.places
    return MembersProgram(program, likeness, numbers, *given)


def _zeros(shape: Any) -> np.ndarray:
    return np.zeros(shape.shape, shape.dtype)


def _values(likeness: Likeness, places: Any) -> tuple:
    return tuple(float(likeness.places[place].value) for place in sorted(places))


def _by(numbers: Any, key: Any) -> list[list[int]]:
    groups: dict[Any, list[int]] = {}
    for number in numbers:
        groups.setdefault(key(number), []).append(number)
    return list(groups.values())
