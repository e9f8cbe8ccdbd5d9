"""What is printed of Maeum's errors: the user's lines and the message."""

import sys

import numpy as np
import pytest

from maeum import config
from maeum.core import tracebacks
from maeum.core.errors import ConfigError, DataError, MaeumError
from maeum.layers import Dense, Layer


def caught(function, *arguments):
    with pytest.raises(MaeumError) as found:
        function(*arguments)
    return found.value


@pytest.fixture
def unfiltered():
    config.disable_traceback_filtering()
    yield
    config.enable_traceback_filtering()


def test_frames_of_the_library_are_not_printed_but_kept():
    error = caught(Dense, -1)
    said = "\n".join(tracebacks.lines(error))
    assert "units of Dense is a whole number" in said
    assert f'File "{__file__}"' in said
    assert "maeum/layers/" not in said
    assert "not shown: " in said
    frames, tb = 0, error.__traceback__
    while tb is not None:
        frames, tb = frames + 1, tb.tb_next
    assert frames > 3


def test_what_the_users_code_did_before_is_told():
    def raises():
        try:
            int("five")
        except ValueError as error:
            raise DataError("It has no number.") from error

    said = "\n".join(tracebacks.lines(caught(raises)))
    assert "invalid literal for int()" in said
    assert "direct cause" in said


def test_what_only_the_library_did_before_is_not_told():
    try:
        exec(compile("1 / 0", tracebacks.__file__, "exec"))
    except ZeroDivisionError as before:
        bare = before.with_traceback(before.__traceback__.tb_next)

    def raises():
        raise ConfigError("No such thing.") from bare

    said = "\n".join(tracebacks.lines(caught(raises)))
    assert "ZeroDivisionError" not in said
    assert said.count("Traceback") == 1


def test_python_prints_it_so(capsys):
    error = caught(Dense, -1)
    sys.excepthook(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert "maeum/layers/" not in said
    assert "units of Dense" in said


def test_mistakes_in_the_users_code_are_shown_without_what_called_it(capsys):
    class Mine(Layer):
        def call(self, x):
            return x + undefined  # noqa: F821

    with pytest.raises(NameError) as found:
        Mine()(np.ones((1, 2), np.float32))
    sys.excepthook(NameError, found.value, found.value.__traceback__)
    said = capsys.readouterr().err
    assert "return x + undefined" in said
    assert "maeum/layers/" not in said


def test_mistakes_of_the_library_are_shown_whole(capsys):
    with pytest.raises(ZeroDivisionError) as found:
        exec(compile("1 / 0", tracebacks.__file__, "exec"))
    sys.excepthook(ZeroDivisionError, found.value, found.value.__traceback__)
    assert tracebacks.__file__ in capsys.readouterr().err


def test_ipython_finds_it(unfiltered):
    error = caught(Dense, -1)
    assert not hasattr(error, "_render_traceback_")
    config.enable_traceback_filtering()
    assert error._render_traceback_() == tracebacks.lines(error)


def test_everything_is_printed_where_that_was_asked_for(unfiltered, capsys, monkeypatch):
    error = caught(Dense, -1)
    sys.excepthook(type(error), error, error.__traceback__)
    assert "maeum/layers/" in capsys.readouterr().err
