"""Muon: the step of a matrix is its momentum, made orthogonal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number
from maeum.core.variable import Variable
from maeum.optimizers.adam import corrected, mean_and_square
from maeum.optimizers.optimizer import Optimizer


class Muon(Optimizer):
    """m <- momentum m + g;  w <- w - lr orthogonal(g + momentum m)  (Jordan et al., 2024).

    Matrices are learnt so, everything else (and embeddings) by `AdamW`. Newton-Schulz iterations
    make the step nearly orthogonal, and it is scaled to the size of Adam's (Liu et al., 2025), so
    that one learning rate serves both.

    Args:
        learning_rate: a number or a schedule.
        adam_beta_1, adam_beta_2, adam_weight_decay: AdamW's, for what is no matrix.
        epsilon: keeps AdamW's division finite.
        weight_decay: that of the matrices.
        exclude_layers: regular expressions; weights in whose path one is found go by AdamW.
        exclude_embeddings: whether weights with "embedding" in their path do.
        muon_a, muon_b, muon_c: the polynomial of an iteration, ``a x + (b A + c A A) x`` with
            ``A = x x'``.
        adam_lr_ratio: AdamW's learning rate over that of the matrices.
        momentum: how much of the momentum stays at each step.
        ns_steps: how many iterations are made.
        nesterov: whether the momentum looks one step ahead.
        rms_rate: a matrix's step is scaled by ``rms_rate sqrt(larger side)``; None leaves it.
        options: what every `Optimizer` takes.
    """

    slots = ("momentum", "velocity")
    _paths: tuple[str, ...] = ()

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Any,
    ):
        super().__init__(learning_rate, weight_decay=weight_decay, **options)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = exclude_layers or [], exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum = check_number(momentum, "momentum", most=1)
        self.ns_steps, self.nesterov, self.rms_rate = ns_steps, nesterov, rms_rate

    def prepare(self, variables: Sequence[Variable]) -> None:
        """Learn the paths of the variables, which tell which go by AdamW."""
        super().prepare(variables)
        self._paths = tuple(variable.path for variable in variables)

    def init_all(self, weights: Sequence[Any]) -> Any:
        """Return one slot for a matrix, two for what goes by AdamW."""
        paths = self._paths if len(self._paths) == len(weights) else ("",) * len(weights)
        return [
            tuple(np.zeros(w.shape, w.dtype) for _slot in self.slots[: 1 + self._by_adam(w, path)])
            for w, path in zip(weights, paths)
        ]

    def _by_adam(self, w: Any, path: str) -> bool:
        embeds = self.exclude_embeddings and "embedding" in path.lower()
        return len(w.shape) != 2 or embeds or any(re.search(p, path) for p in self.exclude_layers)

    def decays(self, count: int, slots: Any) -> Sequence[float | None]:
        """Return the weight decay of matrices, and AdamW's for the rest."""
        return [self.adam_weight_decay if len(own) == 2 else self.weight_decay for own in slots]

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the slots."""
        if len(slots) == 2:
            m, v = slots
            m, v = mean_and_square(g, m, v, self.adam_beta_1, self.adam_beta_2)
            lr = corrected(lr * self.adam_lr_ratio, self.adam_beta_1, self.adam_beta_2, step)
            return -lr * m / (jnp.sqrt(v) + self.epsilon), m, v
        m = self.momentum * slots[0] + g
        delta = self._orthogonal(g + self.momentum * m if self.nesterov else m)
        scale = 1 if self.rms_rate is None else self.rms_rate * max(delta.shape) ** 0.5
        return -lr * scale * delta, m

    def _orthogonal(self, x: jax.Array) -> jax.Array:
        """Return nearly ``U V'`` of the singular value decomposition ``U S V'`` of a matrix."""
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        x = x / (jnp.sqrt(jnp.sum(jnp.square(x))) + 1e-7)
        for _step in range(self.ns_steps):
            square = x @ x.T
            x = self.muon_a * x + (self.muon_b * square + self.muon_c * square @ square) @ x
        return x.T if tall else x
