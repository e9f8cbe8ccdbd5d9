"""Losses, metrics, optimizers and so on take Keras's arguments, in its order, with its defaults."""

import inspect

import keras
import pytest

import maeum as mm

ROOMS = {
    "losses": (mm.losses, keras.losses),
    "metrics": (mm.metrics, keras.metrics),
    "optimizers": (mm.optimizers, keras.optimizers),
    "schedules": (mm.optimizers.schedules, keras.optimizers.schedules),
    "callbacks": (mm.callbacks, keras.callbacks),
    "initializers": (mm.initializers, keras.initializers),
    "regularizers": (mm.regularizers, keras.regularizers),
    "constraints": (mm.constraints, keras.constraints),
}
# What is not there on purpose.
ABSENT = {
    "legacy",  # says only that it is not there, in Keras, too
    "OrbaxCheckpoint", "TensorBoard",  # the error names what is there instead
}  # fmt: skip
# The rate of the base has a default in ours.
DEFAULTS = {"Optimizer": {"learning_rate"}}


def _arguments(thing):
    function = thing.__init__ if inspect.isclass(thing) else thing
    if function is object.__init__:
        return {}
    parameters = inspect.signature(function).parameters.values()
    named = {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}
    named.pop("self", None)
    return named


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_keras_is_there_with_its_arguments(room):
    ours, theirs = ROOMS[room]
    names = {name for name in dir(theirs) if not name.startswith("_")} - ABSENT
    assert {name for name in names if not hasattr(ours, name)} == set()
    for name in names:
        expected = getattr(theirs, name)
        if inspect.ismodule(expected):
            continue
        arguments, wanted = _arguments(getattr(ours, name)), _arguments(expected)
        for skipped in DEFAULTS.get(name, ()):
            arguments[skipped] = wanted[skipped] = None
        # What only Maeum has stands behind, so that calls by position mean the same.
        assert list(arguments.items())[: len(wanted)] == list(wanted.items()), name
