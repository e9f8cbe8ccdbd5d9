"""Where an environment comes from: its name, a function of one's own, or Gymnasium."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from maeum.core.errors import ConfigError, DataError, MaeumError, UnknownNameError, nearest
from maeum.core.messages import _

if TYPE_CHECKING:
    from maeum.rl.envs.environment import Environment

_OWN = re.compile(r"(?P<place>.+\.py|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*)")
_ID = re.compile(r"(?:[A-Za-z_][\w.-]*/)?[\w:.-]+-v\d+")  # of Gymnasium's form
_ALIKE = 0.75  # a word that is so much like a name may be meant for it


def is_own(text: str) -> bool:
    """Tell whether a text names a function: ``module:function`` or ``file.py:function``.

    >>> is_own("my_env.py:make"), is_own("CartPole-v1")
    (True, False)
    """
    return _OWN.fullmatch(text) is not None


def may_be_environment(path: Path) -> bool:
    """Tell whether what was given for data names an environment, perhaps misspelt.

    >>> [may_be_environment(Path(p)) for p in ("Cartpole-v2", "my.py:make", "table.csv", "photo")]
    [True, True, False, False]
    """
    text = path.as_posix()
    if path.exists():
        return False
    if is_own(text) or _ID.fullmatch(text):
        return True
    if path.suffix or path.name != text:  # a file that is not there
        return False
    from maeum.rl import envs

    known = [name.lower() for name in envs.names()]
    return bool(difflib.get_close_matches(text.lower(), known, 1, _ALIKE))


def open_environment(what: Any, max_episode_steps: int | None = None) -> Environment:
    """Return the environment that is meant.

    Args:
        what: an environment, the name of one of `maeum.rl.envs` or of Gymnasium, or where a
            function (or class) stands that makes one: ``module:function``, ``file.py:function``.
        max_episode_steps: a time limit in place of its own.

    Raises:
        UnknownNameError: for a name that nothing has; the nearest one is named.
        ConfigError: for a function that is not there, or that returns something else.
        DataError: if it raises.
    """
    from maeum.rl import envs

    limit: dict[str, Any] = {}
    if max_episode_steps is not None:
        limit["max_episode_steps"] = max_episode_steps
    text = what.as_posix() if isinstance(what, Path) else what
    if not isinstance(text, str):
        found = _taken(text, lambda: text, "", limit)
    elif is_own(text):
        function = _function(text)
        made = function if isinstance(function, envs.Environment) else _call(function, text)
        found = _taken(made, function, text, limit)
    elif text in envs.names():
        found = envs.make(text, **limit)
    else:
        found = _of_gymnasium(text, limit)
    if limit and found.max_episode_steps != max_episode_steps:
        found.max_episode_steps = max_episode_steps
    return found


def _of_gymnasium(name: str, limit: dict[str, Any]) -> Environment:
    from maeum.rl import envs

    known, more = envs.names(), ""
    if importlib.util.find_spec("gymnasium") is None:
        more = _(" Gymnasium, which has further ones, is not installed: pip install 'maeum[rl]'.")
    else:
        import gymnasium

        known = sorted({*known, *gymnasium.registry})
        if name in gymnasium.registry or ":" in name:
            try:
                return envs.FromGymnasium(name, **limit)
            except (MaeumError, KeyboardInterrupt):
                raise
            except Exception as error:  # a library that it needs is missing, a wrong module ...
                raise ConfigError(
                    "Gymnasium cannot make {name!r}: {error}", name=name, error=_line(error)
                ) from error
    raise UnknownNameError(
        "There is no environment called {name!r}, and no such file or folder.{hint}{more} Known: "
        "{known}.",
        name=name,
        hint=nearest(name, known),
        more=more,
        known=", ".join(envs.names()),
    )


def _function(text: str) -> Any:
    """Return what stands at a place: a function, a class, or an environment."""
    match = _OWN.fullmatch(text)
    assert match is not None
    module, name = _module(match["place"]), match["name"]
    if not hasattr(module, name):
        own = [one for one, value in vars(module).items()
               if callable(value) and not one.startswith("_")]  # fmt: skip
        raise ConfigError(
            "{place} has no {name!r}.{hint}", place=match["place"], name=name,
            hint=nearest(name, own),
        )  # fmt: skip
    return getattr(module, name)


def _module(place: str) -> ModuleType:
    """Import a file, or a module (also of the folder that the command runs in)."""
    try:
        if place.endswith(".py"):
            path = Path(place)
            if not path.is_file():
                raise ConfigError("There is no file {path!r}.", path=place)
            sys.path.insert(0, str(path.resolve().parent))
            spec = importlib.util.spec_from_file_location(path.stem, path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[path.stem] = module
            spec.loader.exec_module(module)
            return module
        sys.path.insert(0, str(Path.cwd()))
        return importlib.import_module(place)
    except MaeumError:
        raise
    except ModuleNotFoundError as error:
        if error.name == place.partition(".")[0] or error.name == place:
            raise ConfigError(
                "There is no module {place!r}: it is looked for in this folder, and among what is "
                "installed. A file is given as FILE.py:FUNCTION.", place=place
            ) from None  # fmt: skip
        raise ConfigError("{place} cannot be imported: {error}", place=place,
                          error=_line(error)) from error  # fmt: skip
    except Exception as error:
        raise DataError("{place} raised {error!r} when it was imported.", place=place,
                        error=error) from error  # fmt: skip


def _call(function: Any, text: str) -> Any:
    if not callable(function):
        raise ConfigError("{text} is {value!r}, which is neither a function nor an environment.",
                          text=text, value=function)  # fmt: skip
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise ConfigError("{text} is called without arguments to make an environment: {error}.",
                          text=text, error=error) from None  # fmt: skip
    except ValueError:  # written in C
        pass
    try:
        return function()
    except MaeumError:
        raise
    except Exception as error:
        raise DataError("{text} raised {error!r}.", text=text, error=error) from error


def _taken(made: Any, function: Any, text: str, limit: dict[str, Any]) -> Environment:
    """Return an environment that was made, or raise `ConfigError` for something else."""
    from maeum.rl import envs

    if isinstance(made, envs.Environment):
        made.name = made.name or type(made).__name__
        return made
    if "gymnasium" in sys.modules:
        import gymnasium

        if isinstance(made, gymnasium.Env):
            if not text:
                return envs.FromGymnasium(made, **limit)
            first = [made]

            def make() -> Any:
                return first.pop() if first else function()

            make.__name__ = text.rpartition(":")[2]
            return envs.FromGymnasium(make, **limit)
    raise ConfigError(
        "{text} gave {value!r}, which is no environment: neither a maeum.rl.Environment nor a "
        "gymnasium.Env.", text=text or _("What was given"), value=made
    )  # fmt: skip


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
