"""What an environment of one's own has to keep to, told before anything is compiled."""

import jax.numpy as jnp
import pytest

from maeum.core.errors import ConfigError
from maeum.rl import DQN, envs
from maeum.rl.spaces import Box, Dict, Discrete, MultiBinary


class Counter(envs.Environment):
    """Counts up; told to, it does something wrong."""

    name = "Counter"
    observation_space = Dict({"count": Box(0.0, 9.0, (2,)), "odd": MultiBinary(1)})
    action_space = Discrete(2)

    def __init__(self, wrong=None):
        self.wrong = wrong or {}

    def reset(self, key):
        return jnp.int32(0)

    def step(self, state, action, key):
        found = state + action, jnp.float32(1), state > 7
        return self.wrong.get("step", lambda *found: found)(*found)

    def observe(self, state):
        seen = {"count": jnp.full(2, state, jnp.float32), "odd": (state % 2)[None]}
        return self.wrong.get("observe", lambda seen: seen)(seen)


def test_one_that_keeps_its_promises_is_taken():
    assert DQN(Counter(), seed=0).environment.name == "Counter"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"observe": lambda seen: seen["count"]}, "observe.. of Counter .* a part of each"),
        ({"observe": lambda seen: {"count": seen["count"]}}, r"a part of each; got \['count'\]"),
        ({"observe": lambda seen: {**seen, "count": seen["odd"]}}, r"shape \(1,\).* shape \(2,\)"),
        ({"step": lambda state, reward, over: (state, reward)}, "returns 2 instead of three"),
        ({"step": lambda state, reward, over: (state, reward, over, False, {})}, "returns 5"),
        ({"step": lambda state, reward, over: state}, "instead of three values"),
        ({"step": lambda state, reward, over: (1.0 * state, reward, over)},
         r"another form than reset\(\): float32\[\] instead of int32\[\]"),
        ({"step": lambda state, reward, over: ((state, state), reward, over)}, "another form"),
        ({"step": lambda state, reward, over: (state, jnp.ones(2), over)}, r"reward float32\[2\]"),
        ({"step": lambda state, reward, over: (state, reward, 1)}, r"terminated int32\[\]"),
    ],
)  # fmt: skip
def test_one_that_does_not_is_told_what_it_returns(wrong, told):
    with pytest.raises(ConfigError, match=told):
        DQN(Counter(wrong))
