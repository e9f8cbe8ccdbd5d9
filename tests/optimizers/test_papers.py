"""The newer optimizers beside their papers' formulas, in NumPy and double precision."""

import numpy as np
import pytest

from maeum import optimizers

RNG = np.random.default_rng(0)
WEIGHT = RNG.normal(size=(3, 4))
GRADIENTS = RNG.normal(size=(5, 3, 4))


def lamb(w, lr=0.1, b1=0.9, b2=0.999, eps=1e-7):
    """You et al., 2019, algorithm 2 (without weight decay)."""
    m = v = 0
    for t, g in enumerate(GRADIENTS, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        r = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)
        w = w - lr * np.linalg.norm(w) / np.linalg.norm(r) * r
    return w


def schedule_free(w, lr=0.1, b1=0.9, b2=0.999, eps=1e-8):
    """Defazio et al., 2024, algorithm 1, with c = 1 / t; the weights are the y of its next step."""
    x = z = w
    v = 0
    for t, g in enumerate(GRADIENTS, 1):
        v = b2 * v + (1 - b2) * g**2
        z = z - lr * g / (np.sqrt(v / (1 - b2**t)) + eps)
        x = (1 - 1 / t) * x + z / t
    return (1 - b1) * z + b1 * x


def muon(w, lr=0.1, momentum=0.95):
    """Jordan, 2024, with the scale of Liu et al., 2025, equation 4; Newton-Schulz on the values.

    The polynomial a s + b s**3 + c s**5 changes each singular value alone.
    """
    m = 0
    for g in GRADIENTS:
        m = momentum * m + g
        u, s, v = np.linalg.svd(g + momentum * m, full_matrices=False)
        s = s / np.linalg.norm(s)
        for _ in range(5):
            s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
        w = w - lr * 0.2 * np.sqrt(max(w.shape)) * (u * s) @ v
    return w


@pytest.mark.parametrize(
    ("optimizer", "paper"),
    [
        (optimizers.Lamb(0.1), lamb),
        (optimizers.ScheduleFreeAdamW(0.1), schedule_free),
        (optimizers.Muon(0.1, weight_decay=None), muon),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_five_steps_are_those_of_the_paper(optimizer, paper):
    weights = [np.float32(WEIGHT)]
    state = optimizer.init(weights)
    for g in GRADIENTS:
        weights, state = optimizer.advance(weights, [np.float32(g)], state)
    np.testing.assert_allclose(weights[0], paper(WEIGHT), rtol=2e-4, atol=2e-5)


def test_muon_leaves_embeddings_and_vectors_to_adam():
    shapes = {"embedding/embeddings": (5, 2), "dense/kernel": (4, 3), "dense/bias": (3,)}
    optimizer = optimizers.Muon(exclude_layers=["head"])
    slots = {}
    for path, shape in {**shapes, "head/kernel": (3, 2)}.items():
        optimizer._paths = (path,)
        slots[path] = len(optimizer.init_all([np.zeros(shape, "float32")])[0])
    assert slots == {
        "embedding/embeddings": 2, "dense/kernel": 1, "dense/bias": 2, "head/kernel": 2
    }  # fmt: skip
