"""Whether an environment of one's own does what it promises, before an agent learns in it."""

from __future__ import annotations

from typing import Any

from maeum.core.errors import ConfigError, DataError, MaeumError
from maeum.rl.envs.checking import check_environment
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.from_gymnasium import FromGymnasium
from maeum.rl.experiment.hosted import try_out
from maeum.rl.spaces import Space


def check_works(environment: Environment) -> None:
    """See that ``reset``, ``step`` and ``observe`` run, and that what they return fits the spaces.

    They are traced, as in a training, so that it takes no time. An environment of Gymnasium's takes
    a few steps.

    Raises:
        DataError: if one of them raises.
        ConfigError: if they return something of the wrong form, or there is no space.
    """
    if isinstance(environment, FromGymnasium):
        try_out(environment)
        return
    for which in ("observation_space", "action_space"):
        space: Any = getattr(environment, which, None)
        if not isinstance(space, Space):
            raise ConfigError(
                "{environment} has no {which}: one of maeum.rl.spaces, such as Discrete(4); got "
                "{value!r}.",
                environment=environment.name,
                which=which,
                value=space,
            )
    try:
        check_environment(environment)
    except MaeumError:
        raise
    except Exception as error:
        first = str(error).partition("\n")[0]  # those of JAX go on for pages
        raise DataError(
            "The environment {name} raised {error}.",
            name=environment.name,
            error=f"{type(error).__name__}({first!r})",
        ) from error
