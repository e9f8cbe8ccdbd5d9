"""Environments against Gymnasium's: what they are, and step for step from drawn states."""

import jax
import numpy as np
import pytest

from maeum.core.randomness import at_step, fold, make_key
from maeum.rl import envs
from maeum.rl.envs.acrobot import AcrobotState
from maeum.rl.envs.blackjack import BlackjackState, Hand, draw_card
from maeum.rl.envs.cartpole import CartPoleState
from maeum.rl.envs.mountain_car import CarState
from maeum.rl.envs.pendulum import PendulumState
from maeum.rl.envs.taxi import decode
from maeum.rl.spaces import Discrete

gymnasium = pytest.importorskip("gymnasium")


def mapped(function):
    return jax.jit(jax.vmap(function))


SHARED = [name for name in envs.names() if name in gymnasium.envs.registry]


def test_all_that_gymnasium_has_are_there():
    assert len(SHARED) == 11


@pytest.mark.parametrize("name", SHARED)
def test_spaces_limits_and_thresholds_are_gymnasiums(name):
    ours, spec = envs.make(name), gymnasium.spec(name)
    theirs = gymnasium.make(name)
    assert ours.max_episode_steps == spec.max_episode_steps
    assert ours.reward_threshold == spec.reward_threshold
    for space in ("observation_space", "action_space"):
        assert getattr(ours, space).to_gymnasium() == getattr(theirs, space)


def in_turn(kind, low, high):
    return lambda rng, n: kind(*rng.uniform(low, high, (n, len(low))).T.astype(np.float32))


CLASSIC = {
    "CartPole-v1": (in_turn(CartPoleState, (-2.6, -3, -0.25, -3), (2.6, 3, 0.25, 3)), {}),
    "MountainCar-v0": (in_turn(CarState, (-1.2, -0.07), (0.6, 0.07)), {}),
    "MountainCarContinuous-v0": (in_turn(CarState, (-1.2, -0.07), (0.6, 0.07)), {}),
    "Acrobot-v1": (in_turn(AcrobotState, (-3, -3, -9, -20), (3, 3, 9, 20)), {}),
    "Pendulum-v1": (in_turn(PendulumState, (-9, -8), (9, 8)), {"g": 9.81}),
}


@pytest.mark.parametrize("name", CLASSIC)
def test_a_step_of_classic_control_is_gymnasiums(name):
    draw, options = CLASSIC[name]
    rng = np.random.default_rng(0)
    ours, theirs = envs.make(name, **options), gymnasium.make(name, **options).unwrapped
    theirs.reset(seed=0)
    states = draw(rng, 300)
    discrete = isinstance(ours.action_space, Discrete)
    if discrete:
        actions = rng.integers(ours.action_space.n, size=300).astype(np.int32)
    else:  # some beyond the limits
        actions = rng.uniform(-3, 3, (300, 1)).astype(np.float32)

    @mapped
    def step(state, action):
        after, reward, terminated = ours.step(state, action, np.zeros(2, np.uint32))
        return ours.observe(state), ours.observe(after), reward, terminated

    before, seen, rewards, ends = map(np.asarray, step(states, actions))
    assert rewards.dtype == np.float32
    for i in range(300):
        theirs.state = np.array([part[i] for part in states], np.float64)
        theirs.steps_beyond_terminated = None
        theirs.last_u = None
        action = int(actions[i]) if discrete else actions[i].astype(np.float64)
        told, reward, terminated, _, _ = theirs.step(action)
        # float32 against float64; a product of velocities makes Acrobot's numbers large.
        np.testing.assert_allclose(seen[i], told, rtol=2e-5, atol=1e-4 if "Acro" in name else 2e-6)
        np.testing.assert_allclose(rewards[i], reward, rtol=1e-5, atol=1e-5)
        assert ends[i] == terminated
    assert ("Pendulum" in name) != (0 < ends.sum() < 300)
    assert np.isfinite(before).all()


@pytest.mark.parametrize("name", ["CartPole-v1"])
def test_the_reward_of_sutton_and_barto(name):
    ours = envs.make(name, sutton_barto_reward=True)
    theirs = gymnasium.make(name, sutton_barto_reward=True).unwrapped
    theirs.reset(seed=0)
    for x in (0.0, 2.5):
        state = CartPoleState(*np.float32([x, 0.5, 0.0, 0.0]))
        theirs.state, theirs.steps_beyond_terminated = np.array(state, np.float64), None
        assert float(ours.step(state, 1, make_key(0))[1]) == theirs.step(1)[1]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("CartPole-v1", -0.05, 0.05),
        ("MountainCar-v0", (-0.6, 0), (-0.4, 0)),
        (
            "Acrobot-v1",
            (0.995, -0.0999, 0.995, -0.0999, -0.1, -0.1),
            (1, 0.0999, 1, 0.0999, 0.1, 0.1),
        ),
        ("Pendulum-v1", -1, 1),
    ],
)
def test_first_states_are_drawn_from_where_gymnasium_draws_them(name, low, high):
    env = envs.make(name)
    keys = np.stack([make_key(0, n) for n in range(400)])
    seen = np.asarray(mapped(lambda key: env.observe(env.reset(key)))(keys))
    theirs = gymnasium.make(name)
    told = np.stack([theirs.reset(seed=n)[0] for n in range(400)])
    assert (seen >= low).all()
    assert (seen <= high).all()
    # Mean and spread of both, up to five standard errors of 400 numbers.
    error = 5 * told.std(0) * np.sqrt(2 / 400) + 1e-7
    assert (abs(seen.mean(0) - told.mean(0)) <= error).all()
    assert (abs(seen.std(0) - told.std(0)) <= error).all()


TABLES = [
    ("FrozenLake-v1", {}),
    ("FrozenLake-v1", {"map_name": "8x8", "is_slippery": False}),
    (
        "FrozenLake-v1",
        {"desc": ["SFF", "FHG"], "success_rate": 0.7, "reward_schedule": [5, -1, -0.1]},
    ),
    ("FrozenLake8x8-v1", {}),
    ("CliffWalking-v1", {}),
    ("CliffWalkingSlippery-v1", {}),
    ("Taxi-v4", {}),
    ("Taxi-v4", {"is_rainy": True, "rainy_probability": 0.7}),
]


@pytest.mark.parametrize(("name", "options"), TABLES)
def test_tables_of_transitions_are_gymnasiums(name, options):
    ours = envs.make(name, **options)
    theirs = gymnasium.make(name, **options).unwrapped
    expected = envs.Transitions.of(theirs.P)
    for part, other in zip(ours.transitions, expected):
        np.testing.assert_allclose(part, other, atol=1e-12)
    np.testing.assert_allclose(ours.first, theirs.initial_state_distrib)


@pytest.mark.parametrize(("name", "options"), [TABLES[0], TABLES[7]])
def test_outcomes_are_drawn_as_often_as_the_table_says(name, options):
    env = envs.make(name, **options)
    state, action, n = 9 if env.observation_space.n == 16 else 223, 2, 20_000
    keys = np.random.default_rng(0).integers(2**32, size=(n, 2), dtype=np.uint32)
    after, reward, terminated = mapped(lambda key: env.step(state, action, key))(keys)
    table = env.transitions
    for number in np.unique(table.state[state, action]):
        chance = table.probability[state, action][table.state[state, action] == number].sum()
        found = (np.asarray(after) == number).mean()
        assert abs(found - chance) < 5 * np.sqrt(chance * (1 - chance) / n) + 1e-9
    known = set(zip(*(part[state, action].tolist() for part in table[1:])))
    assert set(zip(after.tolist(), reward.tolist(), terminated.tolist())) <= known
    starts = np.asarray(mapped(env.reset)(keys))
    counts = np.bincount(starts, minlength=len(env.first)) / n
    assert (abs(counts - env.first) <= 5 * np.sqrt(env.first / n)).all()


def test_a_fickle_passenger_changes_the_destination_with_the_first_drive():
    env = envs.make("Taxi-v4", fickle_passenger=True, fickle_probability=0.5)
    keys = np.random.default_rng(0).integers(2**32, size=(2000, 2), dtype=np.uint32)
    first = np.asarray(mapped(env.reset)(keys))
    assert 0.45 < (first >= 500).mean() < 0.55
    riding = 500 + (((2 * 5 + 2) * 5 + 4) * 4 + 1)  # in the middle, in the taxi, to stop 1, fickle
    after = np.asarray(mapped(lambda key: env.step(riding, 0, key)[0])(keys))
    assert {decode(int(s))[3] for s in np.unique(after)} == {0, 2, 3}
    assert (after < 500).all()  # they change their mind once
    blocked = 500 + (((4 * 5 + 0) * 5 + 4) * 4 + 1)
    assert mapped(lambda key: env.step(blocked, 0, key)[0])(keys[:1]).tolist() == [
        blocked
    ]  # the taxi has not moved
    assert int(env.observe(blocked)) == blocked - 500


def hand(cards):
    return Hand(np.int32(sum(cards)), np.bool_(1 in cards), np.int32(len(cards)))


@pytest.mark.parametrize("options", [{}, {"sab": False, "natural": True}, {"sab": False}])
def test_blackjack_is_gymnasiums_with_the_same_cards(options, monkeypatch):
    from gymnasium.envs.toy_text import blackjack

    ours = envs.make("Blackjack-v1", **options)
    theirs = gymnasium.make("Blackjack-v1", **options).unwrapped
    rng, deck = np.random.default_rng(1), blackjack.deck
    hands, dealers, actions, told = [], [], [], []
    keys = rng.integers(2**32, size=(200, 2), dtype=np.uint32)
    players = mapped(lambda key: draw_card(fold(key, "player")))(keys).tolist()
    lines = mapped(
        lambda key: mapped(lambda i: draw_card(at_step(fold(key, "dealer"), i)))(np.arange(12))
    )(keys).tolist()
    for i in range(200):
        player = [int(c) for c in rng.choice(deck, 2 + (i % 3 == 0))]
        dealer = [int(c) for c in rng.choice(deck, 2)]
        if i % 10 == 0:
            player = [1, 10]
        if blackjack.is_bust(player):
            player = [2, 3]
        action = int(i % 4 == 1)
        hands.append(hand(player))
        dealers.append(dealer)
        actions.append(action)
        drawn = iter([players[i]] if action else lines[i])
        monkeypatch.setattr(blackjack, "draw_card", lambda _, drawn=drawn: next(drawn))
        theirs.reset = None
        theirs.player, theirs.dealer = list(player), list(dealer)
        told.append(theirs.step(action)[:3])
    stacked = jax.tree.map(lambda *parts: np.stack(parts), *hands)
    other = jax.tree.map(lambda *parts: np.stack(parts), *map(hand, dealers))
    state = BlackjackState(stacked, other, np.array([d[0] for d in dealers], np.int32))
    after, reward, ends = mapped(ours.step)(state, np.array(actions), keys)
    seen = np.stack(mapped(ours.observe)(after), -1)
    assert seen.tolist() == [list(t[0]) for t in told]
    assert reward.tolist() == [t[1] for t in told]
    assert ends.tolist() == [t[2] for t in told]
    assert len(set(reward.tolist())) >= 3


def test_cards_are_drawn_as_from_an_endless_deck():
    keys = np.random.default_rng(0).integers(2**32, size=(26_000, 2), dtype=np.uint32)
    counts = np.bincount(mapped(draw_card)(keys), minlength=11)[1:] / 26_000
    assert (abs(counts - np.array([1] * 9 + [4]) / 13) < 0.01).all()
