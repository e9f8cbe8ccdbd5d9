"""One training step of a GAN on 28x28x1, batch 64: discriminator, generator, moving average.

The networks are those of ``GAN.convolutional((28, 28, 1))``: 446,177 weights in the generator and
435,041 in the discriminator, Adam for both. The default loss compares real and made images and
penalizes slopes on both (a gradient of a gradient); the non-saturating one is the plain GAN; the
Wasserstein one takes two steps of the discriminator with the gradient penalty. The first call of
fit includes all compiling.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import common

STEPS, BATCH, LATENT, HIDDEN = 15, 64, 64, 128
CASES = {
    "relativistic, both penalties": ("relativistic", 1),
    "non-saturating": ("non_saturating", 1),
    "Wasserstein, 2 steps": ("wasserstein", 2),
}


def work(peer: str) -> Iterator[dict]:
    images = np.random.default_rng(0).random((STEPS * BATCH, 28, 28, 1), "float32")
    kinds = {"maeum": maeum_epoch, "keras-tensorflow": keras_epoch}
    make = kinds.get(peer, torch_epoch)
    epochs = {case: make(peer, images, *given) for case, given in CASES.items()}
    while True:
        yield {case: seconds(epoch) for case, epoch in epochs.items()}


def seconds(epoch: Callable[[], None]) -> float:
    """Return the seconds that an epoch takes, for each of its steps."""
    start = time.perf_counter()
    epoch()
    return (time.perf_counter() - start) / STEPS


def maeum_epoch(peer: str, images: Any, loss: str, turns: int) -> Callable[[], None]:
    from maeum.generative import GAN

    model = GAN.convolutional((28, 28, 1), loss=loss, discriminator_steps=turns, seed=0)
    model.compile()
    return lambda: model.fit(images, batch_size=BATCH, epochs=1, verbose=0)


def keras_epoch(peer: str, images: Any, loss: str, turns: int) -> Callable[[], None]:
    import keras_gan

    return keras_gan.epoch(images, BATCH, LATENT, HIDDEN, loss, turns)


def torch_epoch(peer: str, images: Any, loss: str, turns: int) -> Callable[[], None]:
    import torch
    from torch import nn
    from torch.nn import functional as f

    def leaky() -> Any:
        return nn.LeakyReLU(0.2)

    g = nn.Sequential(
        nn.Linear(LATENT, HIDDEN), leaky(), nn.Linear(HIDDEN, 7 * 7 * 64), leaky(),
        nn.Unflatten(1, (64, 7, 7)), nn.ConvTranspose2d(64, 32, 4, 2, 1), leaky(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Sigmoid(),
    )  # fmt: skip
    d = nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), leaky(), nn.Conv2d(32, 64, 4, 2, 1), leaky(),
        nn.Flatten(), nn.Linear(7 * 7 * 64, HIDDEN), leaky(), nn.Linear(HIDDEN, 1),
    )  # fmt: skip
    x = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    if peer == "torch":
        g, d, x = (part.to(memory_format=torch.channels_last) for part in (g, d, x))
    learn = {
        part: torch.optim.Adam(part.parameters(), 2e-3, (0.0, 0.99), foreach=True)
        for part in (g, d)
    }
    average = [p.detach().clone() for p in g.parameters()]

    def slopes(images: Any, logits: Any) -> Any:
        (slope,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
        return slope.square().flatten(1).sum(1)

    def step(real: Any) -> None:
        for _ in range(turns):
            with torch.no_grad():
                made = g(torch.randn(BATCH, LATENT))
            if loss == "relativistic":
                real, made = real.detach().requires_grad_(), made.requires_grad_()
            true, false = d(real), d(made)
            if loss == "relativistic":
                value = f.softplus(false - true).mean()
                value = value + 0.05 * (slopes(real, true) + slopes(made, false)).mean()
            elif loss == "non_saturating":
                value = (f.softplus(-true) + f.softplus(false)).mean()
            else:
                far = torch.rand(BATCH, 1, 1, 1)
                between = (real + far * (made - real)).requires_grad_()
                norms = (slopes(between, d(between)) + 1e-12).sqrt()
                value = (false - true).mean() + 10 * (norms - 1).square().mean()
            learn[d].zero_grad()
            value.backward()
            learn[d].step()
        d.requires_grad_(False)
        logits = d(g(torch.randn(BATCH, LATENT)))
        if loss == "relativistic":
            with torch.no_grad():
                true = d(real)
            value = f.softplus(true - logits).mean()
        else:
            value = (f.softplus(-logits) if loss == "non_saturating" else -logits).mean()
        learn[g].zero_grad()
        value.backward()
        learn[g].step()
        d.requires_grad_(True)
        torch._foreach_lerp_(average, [p.detach() for p in g.parameters()], 0.001)

    def epoch() -> None:
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH):
            step(x[order[start : start + BATCH]])

    return epoch


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    title = f"A GAN on 28x28x1, batch {BATCH}, an epoch of {STEPS} steps: time for each step"
    once = {peer: [step] for peer, step in first.items()}
    common.table(f"{title}, first calls", *common.grid(once, CASES), failed)
    common.table(f"{title}, later calls", *common.grid(later, CASES), failed)


if __name__ == "__main__":
    peers = ["keras-tensorflow", "torch", "torch-contiguous", "maeum"]
    common.main(__file__, work, report, rounds=5, peers=peers)
