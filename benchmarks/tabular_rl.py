"""Q-learning of tables: a million steps, beside a Python loop over Gymnasium's environments.

Both learn by the same rule and explore alike. Maeum runs 256 environments side by side in one
program; the loop has one, without Gymnasium's checker, and is measured over 50,000 steps. Then, of
Maeum, what the best policy takes: it is compared with value iteration in every state that it meets.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import common

NAMES = ("FrozenLake8x8-v1", "Taxi-v4", "CliffWalking-v1")
RATE, EPSILON, DISCOUNT = 0.1, 0.3, 0.99
STEPS, SIDE_BY_SIDE, PYTHON_STEPS = 1_000_000, 256, 50_000
PEERS = ("gymnasium", "maeum")


def python_loop(name: str, steps: int) -> float:
    """Return the seconds of Q-learning in plain Python."""
    import gymnasium
    import numpy as np

    env = gymnasium.make(name, disable_env_checker=True)
    table = np.zeros((env.observation_space.n, env.action_space.n))
    rng, actions = np.random.default_rng(0), int(env.action_space.n)
    state, _ = env.reset(seed=0)
    start = time.perf_counter()
    for _ in range(steps):
        if rng.random() < EPSILON:
            action = int(rng.integers(actions))
        else:
            row = table[state]
            best = np.flatnonzero(row == row.max())
            action = int(best[0] if len(best) == 1 else rng.choice(best))
        new, reward, terminated, truncated, _ = env.step(action)
        target = reward if terminated else reward + DISCOUNT * table[new].max()
        table[state, action] += RATE * (target - table[state, action])
        state = env.reset()[0] if terminated or truncated else new
    return time.perf_counter() - start


def recipes() -> dict[str, tuple[int, dict[str, Any]]]:
    """Return for each environment the steps of a training to the best policy, and its options."""
    from maeum.optimizers.schedules import PolynomialDecay

    falling = PolynomialDecay(1.0, 160_000, 0.0005, power=2.0)
    return {
        "FrozenLake8x8-v1": (160_000, {"learning_rate": falling, "learning_rate_decay": 0.5,
                                       "epsilon": 0.5, "environments": 256}),
        "Taxi-v4": (6000, {"learning_rate": 1.0, "epsilon": 0.3, "environments": 64}),
        "CliffWalking-v1": (1000, {"learning_rate": 0.5, "epsilon": 0.1, "environments": 16}),
    }  # fmt: skip


def suboptimal(agent: Any) -> int:
    """Return in how many states that the policy meets another action is better."""
    import numpy as np

    from maeum.rl import ValueIteration

    planner = ValueIteration(agent.environment, DISCOUNT)
    planner.fit(steps_per_epoch=3000, verbose=0)
    best, policy = planner.action_values(), agent.policy()
    tables, states = agent.environment.transitions, np.arange(len(policy))
    leads = tables.state[states, policy]
    goes_on = (tables.probability * ~tables.terminated)[states, policy] > 0
    met = agent.environment.first > 0
    while True:
        more = met.copy()
        more[leads[met][goes_on[met]]] = True
        if (more == met).all():
            break
        met = more
    return int((best.max(-1) - best[states, policy] > 1e-5)[met].sum())


def work(peer: str) -> Iterator[dict]:
    if peer == "gymnasium":
        while True:
            yield {name: python_loop(name, PYTHON_STEPS) * STEPS / PYTHON_STEPS for name in NAMES}
    from maeum.rl import QLearning

    count = STEPS // SIDE_BY_SIDE
    for seed in range(1000):
        measured: dict[str, Any] = {}
        for name in NAMES:
            agent = QLearning(name, RATE, epsilon=EPSILON, discount=DISCOUNT,
                              environments=SIDE_BY_SIDE, seed=seed)  # fmt: skip
            agent.fit(count, epochs=1, verbose=0)  # compiles, in the first round
            start = time.perf_counter()
            agent.fit(count, epochs=1, verbose=0)
            measured[name] = time.perf_counter() - start
            steps, options = recipes()[name]
            agent = QLearning(name, discount=DISCOUNT, seed=seed, **options)
            start = time.perf_counter()
            agent.fit(steps, epochs=1, verbose=0)
            measured[f"{name} best"] = time.perf_counter() - start
            measured[f"{name} wrong"] = suboptimal(agent)
        yield measured


def report(options: argparse.Namespace) -> None:
    _first, later, failed = common.interleaved(__file__, options)
    heads, rows = common.grid(later, NAMES, "s")
    common.table("A million steps of Q-learning", heads, rows, failed)
    ours = later.get("maeum")
    if not ours:
        return
    rows = []
    for name, (steps, chosen) in recipes().items():
        wrong = [step[f"{name} wrong"] for step in ours]
        seconds = common.quantity(common.median(ours, f"{name} best"), "s")
        total = f"{steps * chosen['environments']:,}"
        rows.append([name, total, seconds, f"{wrong.count(0)} of {len(wrong)}"])
    common.table(
        "The best policy by Q-learning",
        ["", "environment steps", "seconds", "seeds whose policy is that of value iteration"],
        rows,
        {},
    )


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=PEERS)
