"""PPO on CartPole-v1: a whole process, from its start to a judged agent.

Everybody has two 64-64 tanh networks; the mean return of 100 greedy episodes with other seeds is
told. Stable-Baselines3 has the settings of its zoo for CartPole and 100,000 steps, Maeum 61,440.
CleanRL is a script and no package: its settings and formulas are written down here in PyTorch.
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
PEERS = ("stable-baselines3", "torch-cleanrl", "maeum")
CLEANRL_STEPS = 500_000  # those of its script
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


def cleanrl(steps: int = CLEANRL_STEPS, seed: int = 1) -> Iterator[dict]:
    """PPO in PyTorch with the settings of CleanRL's ``ppo.py``."""
    import gymnasium
    import numpy as np
    import torch
    from torch import nn

    environments, n_steps, passes, minibatches, clip = 4, 128, 4, 4, 0.2
    torch.manual_seed(seed)

    def network(outputs: int, gain: float) -> nn.Sequential:
        def layer(inputs: int, outputs: int, gain: float = 2**0.5) -> nn.Linear:
            made = nn.Linear(inputs, outputs)
            nn.init.orthogonal_(made.weight, gain)
            nn.init.zeros_(made.bias)
            return made

        return nn.Sequential(
            layer(4, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, outputs, gain)
        )

    def made(count: int) -> gymnasium.vector.SyncVectorEnv:
        return gymnasium.vector.SyncVectorEnv(
            [lambda: gymnasium.make("CartPole-v1")] * count,
            autoreset_mode=gymnasium.vector.AutoresetMode.SAME_STEP,
        )

    policy, value = network(2, 0.01), network(1, 1.0)
    weights = [*policy.parameters(), *value.parameters()]
    optimizer = torch.optim.Adam(weights, lr=2.5e-4, eps=1e-5)
    env = made(environments)
    seen = torch.as_tensor(env.reset(seed=seed)[0])
    over = torch.zeros(environments)
    rollouts = steps // (environments * n_steps)
    for rollout in range(rollouts):
        optimizer.param_groups[0]["lr"] = 2.5e-4 * (1 - rollout / rollouts)
        rows: list[list[Any]] = []
        for _ in range(n_steps):
            with torch.no_grad():
                chances = torch.distributions.Categorical(logits=policy(seen))
                action = chances.sample()
                kept = [seen, action, chances.log_prob(action), value(seen)[:, 0], over]
            found, reward, terminated, truncated, _ = env.step(action.numpy())
            rows.append([*kept, torch.as_tensor(reward, dtype=torch.float32)])
            seen = torch.as_tensor(found)
            over = torch.as_tensor(terminated | truncated, dtype=torch.float32)
        inputs, action, log_prob, values, overs, reward = map(torch.stack, zip(*rows))
        with torch.no_grad():
            after, later = value(seen)[:, 0], torch.zeros(environments)
            advantage = torch.zeros_like(reward)
            for t in reversed(range(n_steps)):
                goes_on = 1 - (over if t == n_steps - 1 else overs[t + 1])
                error = reward[t] + 0.99 * after * goes_on - values[t]
                advantage[t] = later = error + 0.99 * 0.95 * goes_on * later
                after = values[t]
        flat = [a.flatten(0, 1) for a in (inputs, action, log_prob, values, advantage)]
        for _ in range(passes):
            order = torch.as_tensor(np.random.permutation(n_steps * environments))
            for part in order.chunk(minibatches):
                x, a, before, old, gain = (each[part] for each in flat)
                chances = torch.distributions.Categorical(logits=policy(x))
                ratio = (chances.log_prob(a) - before).exp()
                scaled = (gain - gain.mean()) / (gain.std() + 1e-8)
                clipped = ratio.clamp(1 - clip, 1 + clip)
                policy_loss = -torch.min(scaled * ratio, scaled * clipped).mean()
                new, wanted = value(x)[:, 0], gain + old
                near = old + (new - old).clamp(-clip, clip)
                error = torch.max((new - wanted) ** 2, (near - wanted) ** 2)
                loss = policy_loss - 0.01 * chances.entropy().mean() + 0.25 * error.mean()
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(weights, 0.5)
                optimizer.step()
    fresh = made(100)
    seen, total, running = fresh.reset(seed=1000)[0], np.zeros(100), np.ones(100, bool)
    while running.any():
        with torch.no_grad():
            best = policy(torch.as_tensor(seen)).argmax(-1).numpy()
        seen, reward, terminated, truncated, _ = fresh.step(best)
        total += reward * running
        running &= ~(terminated | truncated)
    yield {"return": float(total.mean())}


def work(peer: str) -> Iterator[dict]:
    if peer != common.OURS:
        yield from {"stable-baselines3": stable_baselines3, "torch-cleanrl": cleanrl}[peer]()
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
    heads, rows = common.compared(later, "process", "s", dict.fromkeys(PEERS[:2], "20x"))
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
