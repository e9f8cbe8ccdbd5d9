"""Errors say their message in the reader's language, and are the built-in errors as well."""

import inspect
import pickle

import pytest

from maeum.core import errors
from maeum.core.messages import set_language

CLASSES = [e for e in vars(errors).values() if inspect.isclass(e) and issubclass(e, Exception)]


@pytest.fixture
def in_korean():
    set_language("ko")
    yield
    set_language(None)


@pytest.mark.parametrize("cls", CLASSES)
def test_message_is_filled_in_and_survives_a_pickle(cls):
    error = cls("{count} of {self}, not {{x}}.", count=3, self="shape")
    assert str(error) == "3 of shape, not {x}."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(cls("Nothing to fill in: {x}.")) == "Nothing to fill in: {x}."


def test_message_is_translated_where_it_is_raised(in_korean):
    error = errors.ConfigError(" Did you mean {name!r}?", name="Churn")
    assert str(error) == " 혹시 'Churn'인가요?"


def test_errors_are_what_callers_would_catch():
    assert issubclass(errors.ShapeError, ValueError)
    assert issubclass(errors.UnknownNameError, KeyError)
    assert issubclass(errors.SaveError, OSError)
