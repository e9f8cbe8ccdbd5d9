"""How the next token is chosen from the logits: the likeliest, or one that is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_number, check_whole, is_number
from maeum.core.errors import ConfigError

_ALL = 2.0  # more than any fraction
_COLDEST = 1e-30  # below it nothing but the likeliest token is drawn, and logits would overflow


@dataclass(frozen=True)
class Sampling:
    """How tokens are chosen.

    Attributes:
        temperature: the logits are divided by it before a token is drawn; 0 takes the likeliest
            token (greedy decoding), 1 draws by the probabilities as they are.
        top_k: draw among so many of the likeliest tokens only.
        top_p: draw among the fewest tokens whose probabilities sum to at least this
            (Holtzman et al., 2020, "The curious case of neural text degeneration").

    Raises:
        ConfigError: for a negative temperature, or limits out of range.

    Example:
        >>> logits = jnp.log(jnp.array([[0.5, 0.3, 0.2]]))
        >>> jnp.isfinite(Sampling(top_p=0.6).limited(logits)).tolist()
        [[True, True, False]]
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        check_number(self.temperature, "temperature")
        if self.top_k is not None:
            check_whole(self.top_k, "top_k")
        if self.top_p is not None and not (is_number(self.top_p) and 0 < self.top_p <= 1):
            raise ConfigError("top_p is a fraction above 0, up to 1; got {value!r}.",
                              value=self.top_p)  # fmt: skip

    @property
    def kind(self) -> str:
        """``"greedy"``, ``"plain"`` or ``"limited"``: what has to be compiled."""
        if self.temperature < _COLDEST or self.top_k == 1:
            return "greedy"
        return "plain" if self.top_k is None and self.top_p is None else "limited"

    def numbers(self, vocabulary: int) -> tuple[float, int, float]:
        """Return the temperature and both limits as inputs of a program."""
        k = vocabulary if self.top_k is None else min(self.top_k, vocabulary)
        # Rounded, the probabilities sum to 1 before the last token: 1 must not exclude it.
        p = _ALL if self.top_p is None or self.top_p == 1 else float(self.top_p)
        return max(float(self.temperature), _COLDEST), k, p

    def limited(self, logits: Any) -> jax.Array:
        """Return logits ``(..., vocabulary)`` with those that may not be drawn at minus infinity.

        They are divided by the temperature first.
        """
        temperature, k, p = self.numbers(logits.shape[-1])
        return limit(jnp.asarray(logits) / temperature, k, p)


def limit(logits: jax.Array, top_k: Any, top_p: Any) -> jax.Array:
    """Set the logits outside the ``top_k`` and ``top_p`` tokens to minus infinity.

    Ties with the last token that is kept are kept, too.
    """
    ranked = -jnp.sort(-logits, axis=-1)
    probabilities = jax.nn.softmax(ranked, axis=-1)
    before = jnp.cumsum(probabilities, axis=-1) - probabilities  # what likelier tokens sum to
    # A token is needed if those before it fall short of top_p; the first one always is.
    needed = (before < top_p) & (jnp.arange(logits.shape[-1]) < top_k)
    needed = needed.at[..., 0].set(True)
    least = jnp.min(jnp.where(needed, ranked, jnp.inf), axis=-1, keepdims=True)
    return jnp.where(logits >= least, logits, -jnp.inf)


def draw(logits: jax.Array, keys: jax.Array, kind: str, settings: tuple) -> jax.Array:
    """Choose a token for each row of logits ``(rows, vocabulary)``; ``keys`` has one key a row."""
    if kind == "greedy":
        return jnp.argmax(logits, axis=-1).astype(jnp.int32)
    temperature, top_k, top_p = settings
    logits = logits.astype(jnp.float32) / temperature
    if kind == "limited":
        logits = limit(logits, top_k, top_p)
    return jax.vmap(jax.random.categorical)(keys, logits).astype(jnp.int32)
