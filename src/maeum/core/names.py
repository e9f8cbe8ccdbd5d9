"""Names for classes and functions: what a model file may name.

A file is only ever turned into classes and functions of this registry (Maeum's own,
and those that the user registered) or that the caller hands over as ``custom_objects``. Nothing
is imported because a file names it.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TypeVar

from maeum.core.errors import ConfigError, UnknownNameError, nearest

T = TypeVar("T")

builtins: dict[str, Any] = {}
_users: dict[str, Any] = {}  # `get_custom_objects` hands it out
_names: dict[Any, str] = {}
# Names of Maeum's own whose rooms are imported when they are first asked for.
_LATE = {
    "A2C": "maeum.rl.a2c",
    "AbsentEnvironment": "maeum.rl.envs.absent",
    "Autoencoder": "maeum.generative.autoencoder",
    "ConditionalVAE": "maeum.generative.conditional_vae",
    "DQN": "maeum.rl.dqn",
    "DeepBeliefNetwork": "maeum.generative.dbn",
    "DenoisingAutoencoder": "maeum.generative.autoencoder",
    "EpsilonGreedy": "maeum.rl.bandits",
    "FeatureSpace": "maeum.utils.feature_space",
    "GAN": "maeum.generative.gan",
    "GANSynth": "maeum.generative.music.synth",
    "GradientBandit": "maeum.rl.bandits",
    "KLSparsity": "maeum.generative.sparsity",
    "MaskedColumnModel": "maeum.generative.anomaly.network",
    "MaskingNoise": "maeum.generative.noise",
    "MusicGAN": "maeum.generative.music.gan",
    "Notes": "maeum.generative.music.layers",
    "PPO": "maeum.rl.ppo",
    "PolicyIteration": "maeum.rl.planning",
    "QLearning": "maeum.rl.q_learning",
    "RBM": "maeum.generative.rbm",
    "REINFORCE": "maeum.rl.a2c",
    "RelativisticGAN": "maeum.generative.gan",
    "SAC": "maeum.rl.sac",
    "SARSA": "maeum.rl.q_learning",
    "SaltAndPepperNoise": "maeum.generative.noise",
    "UCB": "maeum.rl.bandits",
    "VAE": "maeum.generative.vae",
    "ValueIteration": "maeum.rl.planning",
    "WassersteinGAN": "maeum.generative.gan",
}
_NONE: Mapping[str, Any] = MappingProxyType({})
_custom: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default=_NONE)


def register(name: str | None = None, *, package: str = "custom") -> Callable[[T], T]:
    """Register a class or function of yours, so that models that use it can be saved and loaded.

    Usable with and without parentheses; the registered name is ``package>name``.

    >>> @register(package="shop")
    ... def double(x):
    ...     return 2 * x
    >>> name_of(double)
    'shop>double'
    """
    if callable(name):
        return register()(name)

    def decorate(thing: T) -> T:
        add(f"{package}>{name or thing.__name__}", thing)  # type: ignore[attr-defined]
        return thing

    return decorate


def add(name: str, thing: Any) -> None:
    """Put ``thing`` into the registry; a later definition of the same name replaces the earlier."""
    (_users if ">" in name else builtins)[name] = thing
    _names[thing] = name


def builtin(thing: T) -> T:
    """Decorate one of Maeum's own classes or functions: its registered name is its own."""
    add(thing.__name__, thing)  # type: ignore[attr-defined]
    return thing


@contextlib.contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Make ``custom_objects`` (name to class or function) known while a file or config is read."""
    token = _custom.set({**_custom.get(), **(custom_objects or {})})
    try:
        yield
    finally:
        _custom.reset(token)


class _References(dict):
    """Objects that a copy within this process refers to, by names made up for it."""


@contextlib.contextmanager
def reference_scope() -> Iterator[dict[str, Any]]:
    """Let everything that is not Maeum's own stand for itself, for a copy or a pickle.

    Yields the objects that were referred to, by the names that `serialize` wrote for them.
    """
    references = _References(_custom.get())
    token = _custom.set(references)
    try:
        yield references
    finally:
        _custom.reset(token)


def get_custom_objects() -> dict[str, Any]:
    """Return the dict of what users registered, by name: what is put into it is registered, too."""
    return _users


def known_to_users(name: Any) -> Any:
    """Return the class or function that a scope, or a user's registration, calls ``name``."""
    if not isinstance(name, str):
        return None
    short = name.rpartition(">")[2]
    tables = (_custom.get(), _users)
    return next((t[key] for key in (name, short) for t in tables if key in t), None)


def find(name: str) -> Any:
    """Return the class or function called ``name``, from the scope or the registry.

    Raises:
        UnknownNameError: if nothing has that name.
    """
    if not isinstance(name, str):
        raise ConfigError("The name of a class or function is a string; got {name!r}.", name=name)
    found = known_to_users(name)
    if found is None and name in _LATE:
        importlib.import_module(_LATE[name])
    if found is None:
        found = builtins.get(name)
    if found is not None:
        return found
    raise UnknownNameError(
        "Nothing is registered as {name!r}.{hint} If it is a class or function of yours, decorate "
        "it with @maeum.register(), or pass custom_objects={{{short!r}: ...}}.",
        name=name,
        hint=nearest(name, known_names()),
        short=name.rpartition(">")[2],
    )


def known_names() -> list[str]:
    """Return every name that `find` knows."""
    return [*_custom.get(), *_users, *builtins]


def is_builtin(thing: Any) -> bool:
    """Tell whether a class or function is one of Maeum's own."""
    return isinstance(thing, Hashable) and ">" not in _names.get(thing, ">")


def name_of(thing: Any) -> str | None:
    """Return the registered name of a class or function, or None."""
    custom = _custom.get()
    for name, value in custom.items():
        if value is thing:
            return name
    known = _names.get(thing) if isinstance(thing, Hashable) else None
    if is_builtin(thing) or not isinstance(custom, _References):
        return known
    made_up = f"custom>{getattr(thing, '__name__', type(thing).__name__)}@{len(custom)}"
    custom[made_up] = thing
    return made_up
