"""Episodes against a plain loop in NumPy that is written from the definition."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core.randomness import at_step, fold, make_key
from maeum.rl.envs import CartPole, Environment
from maeum.rl.envs.episodes import advance, begin, observe, play
from maeum.rl.spaces import Box, Discrete


class Walk(Environment):
    """A walk that ends at a wall; where it begins is drawn, and the reward is the place."""

    name = "Walk"
    action_space = Discrete(2)

    def __init__(self, wall=5, max_episode_steps=7):
        self.wall, self.max_episode_steps = wall, max_episode_steps
        self.observation_space = Box(-wall, wall, (1,))

    def reset(self, key):
        return (jnp.asarray(key)[0] % 3).astype(jnp.int32)

    def step(self, state, action, key):
        state = state + 2 * action - 1
        return state, state.astype(jnp.float32), jnp.abs(state) >= self.wall

    def observe(self, state):
        return state[None].astype(jnp.float32)


def test_time_limit_reset_returns_and_lengths_equal_a_plain_loop():
    env, count, steps = Walk(), 5, 60
    rng = np.random.default_rng(1)
    actions = (rng.random((steps, count)) < 0.62).astype(np.int32)
    key = make_key(3)
    episodes = begin(env, key, count)

    def first(key, i):  # the place where environment i begins
        return int(np.asarray(at_step(fold(key, "reset"), i))[0] % 3)

    place = [first(key, i) for i in range(count)]
    length, total = [0] * count, [0.0] * count
    both = ended_by_wall = ended_by_time = 0
    move = jax.jit(lambda episodes, action, key: advance(env, episodes, action, key))
    for t in range(steps):
        now = make_key(4, t)
        episodes, seen = move(episodes, actions[t], now)
        for i in range(count):
            place[i] += 2 * actions[t, i] - 1
            length[i] += 1
            total[i] += place[i]
            terminated, truncated = abs(place[i]) >= 5, length[i] >= 7
            assert seen.reward[i] == place[i]
            assert seen.next_observation[i, 0] == place[i]  # what the agent is bootstrapped from
            assert (bool(seen.terminated[i]), bool(seen.truncated[i])) == (terminated, truncated)
            assert (int(seen.length[i]), float(seen.total[i])) == (length[i], total[i])
            both += terminated and truncated
            ended_by_wall += terminated
            ended_by_time += truncated
            if terminated or truncated:
                place[i], length[i], total[i] = first(now, i), 0, 0.0
            assert seen.observation[i, 0] == place[i]  # what it sees next
            assert bool(seen.ended[i]) == (terminated or truncated)
    assert 0 < both < min(ended_by_wall, ended_by_time)  # every case was met


def test_without_a_time_limit_nothing_is_truncated():
    env = Walk(wall=1000, max_episode_steps=None)
    episodes = begin(env, make_key(0), 2)
    move = jax.jit(lambda episodes, key: advance(env, episodes, jnp.ones(2, jnp.int32), key))
    for t in range(3):
        episodes, seen = move(episodes, make_key(1, t))
        assert not seen.truncated.any()
    assert episodes.length.tolist() == [3, 3]


def test_played_episodes_are_whole_and_the_first_of_each():
    env = Walk(wall=5, max_episode_steps=7)
    right = lambda seen, key: jnp.ones(len(seen), jnp.int32)  # noqa: E731
    found = jax.jit(lambda: play(env, right, make_key(0), 6))()
    begun = 5 - np.asarray(found.length)  # it walks from there to 5, one step at a time
    assert found.terminated.all()
    assert not found.cut.any()
    assert set(begun.tolist()) <= {0, 1, 2}
    assert found.total.tolist() == [sum(range(b + 1, 6)) for b in begun]


def test_an_episode_that_never_ends_is_cut_and_told():
    stay = lambda seen, key: (jnp.arange(len(seen)) * 0 + (seen[:, 0] < 1)).astype(int)  # noqa: E731
    found = jax.jit(lambda: play(Walk(1000, None), stay, make_key(0), 3, most_steps=50))()
    assert found.cut.all()
    assert found.length.tolist() == [50] * 3


def test_the_same_key_gives_the_same_episodes_and_environments_differ():
    env = CartPole()
    one, two = (np.asarray(observe(env, begin(env, make_key(5), 4))) for _ in range(2))
    assert (one == two).all()
    assert len(np.unique(one[:, 0])) == 4


@pytest.mark.parametrize("count", [0, -1, 2.5])
def test_the_number_of_episodes_is_checked(count):
    with pytest.raises(ValueError, match="count is a whole number"):
        play(CartPole(), lambda seen, key: seen, make_key(0), count)
