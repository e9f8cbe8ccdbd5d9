"""Objects that are alike up to numbers, and programs in which those numbers are inputs.

Two models may differ in a rate of dropout, a momentum or a factor of a penalty, and in nothing
else. `alike_but_numbers` finds where objects hold such numbers. While a program for several models
is traced, an `Axis` stands in their place: the number of each member, one entry of an input of the
program. What is computed of axes and numbers alone, such as ``1 - beta``, is computed in double
precision on the host, as it is for a member alone.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from maeum.core.fingerprint import Walk
from maeum.core.settings import settings

Values = Mapping[int, np.ndarray]  # the numbers of all members, by place


class Place(NamedTuple):
    """An attribute that is a number.

    Attributes:
        owner: the object that has it.
        name: its name.
        value: the number.
    """

    owner: Any
    name: str
    value: Any


class Likeness(NamedTuple):
    """What objects are besides their numbers.

    Attributes:
        text: equal for objects that are alike up to numbers.
        places: where they hold numbers, in the same order for all that are alike.
        closed: whether all of it is Maeum's own; see `maeum.core.fingerprint.Fingerprint`.
    """

    text: str
    places: list[Place]
    closed: bool


def alike_but_numbers(*things: Any) -> Likeness:
    """Return what objects are besides the numbers (floats, and seeds) among their attributes.

    Python may ask whether a number is 0 or 1 (no dropout, no momentum), and build another program
    then: objects are alike only if they agree on that.

    Example:
        >>> from maeum.layers import Dropout
        >>> one, two, none = (alike_but_numbers(Dropout(rate)) for rate in (0.5, 0.4, 0.0))
        >>> one.text == two.text, one.text == none.text
        (True, False)
        >>> [place.name for place in one.places]
        ['rate']
    """
    walk = _Walk()
    walk.add(settings.traced)
    for thing in things:
        walk.add(thing)
    digest = hashlib.blake2b("\x1f".join(walk.words).encode("utf-8", "replace"), digest_size=16)
    return Likeness(digest.hexdigest(), walk.places, walk.closed)


class _Walk(Walk):
    def __init__(self) -> None:
        super().__init__()
        self.places: list[Place] = []

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        number = isinstance(value, (float, np.floating)) and math.isfinite(value)
        if not number or vars(owner).get(name) is not value:
            return super().attribute(owner, name, value)
        kind = {0.0: "zero", 1.0: "one"}.get(float(value), "number")
        self.words.append(f"axis {kind}")
        self.places.append(Place(owner, name, value))
        return None


class NoAxisError(Exception):
    """A number was asked for while it stood for those of several members.

    Args:
        places: the places whose numbers have to be equal, therefore.
    """

    def __init__(self, places: frozenset[int]):
        super().__init__(sorted(places))
        self.places = places


@dataclass
class Axes:
    """What a program made of the axes while it was traced.

    Attributes:
        computed: by their text, what it takes as inputs, as functions of the numbers.
        answers: by their text, what Python asked of the numbers, and the answer for all members.
    """

    computed: dict[str, tuple[Callable[[Values], np.ndarray], Any]] = field(default_factory=dict)
    answers: dict[str, tuple[Callable[[Values], np.ndarray], bool]] = field(default_factory=dict)

    def suits(self, values: Values) -> bool:
        """Tell whether Python would build the same program of other numbers."""
        found = ((ask(values), answer) for ask, answer in self.answers.values())
        return all(bool(np.all(each == answer)) for each, answer in found)

    def inputs(self, values: Values) -> dict[str, np.ndarray]:
        """Return the inputs of the program, one entry for each member."""
        return {
            text: np.asarray(compute(values), dtype)
            for text, (compute, dtype) in self.computed.items()
        }


class _Tracing(NamedTuple):
    axes: Axes
    values: Values  # of all members
    inputs: Mapping[str, Any] | None  # this member's, traced; None the first time


_tracing: ContextVar[_Tracing] = ContextVar("axes")


class Axis:
    """A number of each member; arithmetic with other numbers is that of Python.

    Args:
        text: what it is, in words.
        compute: returns it from the numbers of the places, in double precision.
        places: the places that it depends on.
    """

    __array_priority__ = 50

    def __init__(
        self, text: str, compute: Callable[[Values], np.ndarray], places: frozenset[int]
    ) -> None:
        self._text, self._compute, self._places = text, compute, places

    def __jax_array__(self) -> Any:
        now = _tracing.get()
        if now.inputs is None:
            values = self._compute(now.values)
            dtype = np.dtype(np.uint32 if values.dtype.kind in "iu" else np.float32)
            now.axes.computed[self._text] = self._compute, dtype
            return jnp.asarray(values[0], dtype)
        return now.inputs[self._text]

    def _asked(self, text: str, ask: Callable[[Values], np.ndarray], places: frozenset) -> bool:
        now = _tracing.get()
        found = ask(now.values)
        if not (found == found[0]).all():
            raise NoAxisError(places)
        now.axes.answers[text] = ask, bool(found[0])
        return bool(found[0])

    def __bool__(self) -> bool:
        return self._asked(
            f"bool {self._text}", lambda values: self._compute(values) != 0, self._places
        )

    def __neg__(self) -> Any:
        return self * -1.0  # type: ignore[operator]

    def __round__(self, digits: int | None = None) -> Any:
        if digits is not None:
            raise NoAxisError(self._places)
        return Axis(
            f"round {self._text}",
            lambda values: np.round(self._compute(values)).astype(np.int64),
            self._places,
        )

    def _refuse(self, *_anything: Any) -> Any:
        raise NoAxisError(self._places)

    __float__ = __int__ = __index__ = __hash__ = _refuse  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Axis {self._text}>"

    def item(self) -> Any:
        """Raise, since there is no such single number."""
        return self._refuse()


def _operation(name: str, reflected: bool) -> Callable[..., Any]:
    function = getattr(operator, name)
    asks = name in ("lt", "le", "gt", "ge", "eq", "ne")

    def method(self: Axis, other: Any) -> Any:
        if other is None or isinstance(other, (str, tuple, list, dict)):
            return NotImplemented
        if not isinstance(other, (Axis, bool, int, float, np.generic)):
            pair = (self.__jax_array__(), other)
            return function(*(pair[::-1] if reflected else pair))
        right = other._text if isinstance(other, Axis) else repr(other)
        places = self._places | (other._places if isinstance(other, Axis) else frozenset())

        def compute(values: Values) -> np.ndarray:
            own = self._compute(values)
            pair = own, (other._compute(values) if isinstance(other, Axis) else other)
            return np.asarray(function(*(pair[::-1] if reflected else pair)))

        text = f"({right} {name} {self._text})" if reflected else f"({self._text} {name} {right})"
        return self._asked(text, compute, places) if asks else Axis(text, compute, places)

    return method


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Axis, f"__{_name}__", _operation(_name, False))
    setattr(Axis, f"__r{_name}__", _operation(_name, True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Axis, f"__{_name}__", _operation(_name, False))


@contextlib.contextmanager
def axes_in_place(
    places: Sequence[Place],
    axes: Axes,
    values: Values,
    inputs: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Let axes stand in the place of numbers while a program is traced.

    Args:
        places: the places of the objects that are traced.
        axes: notes what becomes of them.
        values: by the numbers of the places that differ, those of all members.
        inputs: what `Axes.inputs` of an earlier trace returned, traced, for one member.
    """
    token = _tracing.set(_Tracing(axes, values, inputs))
    try:
        for number in values:
            place = places[number]
            of = functools.partial(lambda values, number: values[number], number=number)
            vars(place.owner)[place.name] = Axis(str(number), of, frozenset([number]))
        yield
    finally:
        _tracing.reset(token)
        for number in values:
            place = places[number]
            vars(place.owner)[place.name] = place.value
