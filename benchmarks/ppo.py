"""PPO on CartPole-v1: a whole process, from its start to a judged agent.

Everybody has two 64-64 tanh networks; the mean return of 100 greedy episodes with other seeds is
told. Stable-Baselines3 has the settings of its zoo for CartPole and 100,000 steps, Maeum 61,440.
Then, of Maeum, steps a second of acting and of learning in a compiled program, and how long 32
seeds take beside one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import common

STEPS = 100_000  # those of Stable-Baselines3's zoo
UPDATES = 60  # of Maeum, of 1,024 steps each
RECIPE = {"discount": 0.98, "gae_lambda": 0.9, "decay_steps": UPDATES}
PEERS = ("stable-baselines3", "maeum")
SEEDS = 32


def stable_baselines3() -> Iterator[dict]:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    env = make_vec_env("CartPole-v1", n_envs=8, seed=0)
    agent = PPO(
        "MlpPolicy", env, n_steps=32, batch_size=256, gae_lambda=0.8, gamma=0.98, n_epochs=20,
        learning_rate=lambda left: 1e-3 * left, clip_range=lambda left: 0.2 * left, seed=0,
        device="cpu",
    )  # fmt: skip
    agent.learn(STEPS)
    fresh = make_vec_env("CartPole-v1", n_envs=8, seed=1000)
    yield {"return": float(evaluate_policy(agent, fresh, 100)[0])}


def work(peer: str) -> Iterator[dict]:
    if peer == "stable-baselines3":
        yield from stable_baselines3()
        return
    from maeum.rl import PPO

    agent = PPO("CartPole-v1", seed=time.time_ns() % 1000, **RECIPE)
    agent.fit(UPDATES, verbose=0)
    yield {"return": float(agent.evaluate(100).total.mean())}
    yield speeds()


def speeds() -> dict[str, Any]:
    """Return steps a second in a compiled program, and seconds of one seed and of many."""
    from maeum.rl import PPO, fit_agents

    def made(count: int) -> list[Any]:
        return [PPO("CartPole-v1", seed=seed, **RECIPE) for seed in range(count)]

    [agent] = made(1)
    agent.fit(UPDATES, verbose=0)
    agent.evaluate(2048, greedy=False)
    start = time.perf_counter()
    played = agent.evaluate(2048, greedy=False, seed=1).length
    acting = float(played.sum()) / (time.perf_counter() - start)
    measured = {"acting": acting}
    for count in (1, SEEDS):
        fit_agents(made(count), UPDATES)  # compiles
        start = time.perf_counter()
        fit_agents(made(count), UPDATES)
        measured[str(count)] = time.perf_counter() - start
    return measured


def report(options: argparse.Namespace) -> None:
    _first, later, failed = common.fresh(__file__, options)
    heads, rows = common.compared(later, "process", "s", {"stable-baselines3": "20x"})
    for row, peer in zip(rows, later):
        row.append(f"{common.median(later[peer], 'return'):.0f}")
    common.table("Process start to a judged agent", [*heads, "mean return"], rows, failed)
    if common.OURS not in later:
        return
    worker = common.Worker(__file__, common.OURS)
    try:
        worker.step()
        found = worker.step()
    finally:
        worker.close()
    one, many = found["1"], found[str(SEEDS)]
    common.table(
        "Maeum's PPO in a compiled program",
        ["", "measured"],
        [
            ["steps a second, acting", f"{found['acting']:,.0f}"],
            ["steps a second, learning", f"{1024 * UPDATES / one:,.0f}"],
            [f"{SEEDS} seeds beside one", f"{many / one:.1f} times its time"],
        ],
        {},
    )


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=PEERS)
