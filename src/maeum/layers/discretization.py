"""`Discretization`: numbers become the numbers of the bins that they lie in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.layers.category_encoding import check_mode, encoded, encoded_shape, refuse_sparse
from maeum.layers.checks import positive, title, whole_number
from maeum.layers.index_lookup import batches_of
from maeum.layers.layer import Layer


class Discretization(Layer):
    """The number of the bin that each number lies in: ``boundaries[i - 1] <= x < boundaries[i]``.

    The boundaries are given, or `adapt` takes quantiles of the data.

    Args:
        bin_boundaries: where one bin ends and the next begins, in ascending order: one bin more
            than boundaries.
        num_bins: the number of bins that `adapt` makes, of about as many numbers each.
        epsilon: how far the quantiles of `adapt` may be from the exact ones, as a fraction of the
            data; the smaller, the more is kept.
        output_mode: ``"int"``, or ``"one_hot"``, ``"multi_hot"`` or ``"count"``; see
            `CategoryEncoding`.
        sparse: only False.
        dtype: that of the outputs of all modes but ``"int"``.
        name: the layer's name.

    Raises:
        ConfigError: unless one of ``bin_boundaries`` and ``num_bins`` is given; if the layer is
            called without either boundaries or `adapt`.

    Example:
        >>> import numpy as np
        >>> Discretization([0.0, 1.0, 2.0])(np.array([[-1.5, 1.0, 3.4, 0.5]])).tolist()
        [[0, 2, 3, 1]]
    """

    fixed_by_build = frozenset({"output_mode"})

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(dtype=dtype, name=name, **kwargs)
        if (bin_boundaries is None) == (num_bins is None):
            raise ConfigError("Discretization takes bin_boundaries, or num_bins (and then adapt); "
                              "got {boundaries!r} and {num_bins!r}.", boundaries=bin_boundaries,
                              num_bins=num_bins)  # fmt: skip
        self.num_bins = None if num_bins is None else whole_number(num_bins, "num_bins", 0, self)
        self.bin_boundaries = None if bin_boundaries is None else list(bin_boundaries)
        self.epsilon = positive(epsilon, "epsilon", self)
        self.output_mode = check_mode(output_mode, ("int", "one_hot", "multi_hot", "count"), self)
        self.sparse = refuse_sparse(sparse, self)
        self.summary = np.zeros((2, 0), np.float32)

    @property
    def output_dtype(self) -> str:
        """The dtype of the outputs."""
        return "int32" if self.output_mode == "int" else self.dtype

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Take the boundaries from data, in place of former ones.

        Args:
            data: an array or list of numbers; or batches of them (a generator, a loader), of
                which the first part counts where a batch is a tuple, such as ``(x, y)``.
            steps: of a source of batches, how many to take; all by default.

        Raises:
            ConfigError: if the boundaries were given.
            DataError: for data without numbers, or with NaN.
        """
        self._require_bins()
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        if not self.summary.size:
            raise DataError("Discretization.adapt was given no numbers.")
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count more data in; `finalize_state` makes the boundaries of all."""
        self._require_bins()
        x = np.asarray(data).astype(np.float32).ravel()
        if np.isnan(x).any():
            raise DataError("Discretization.adapt was given values that are NaN; fill them in, or "
                            "drop their rows.")  # fmt: skip
        both = np.concatenate([_summary(x, self.epsilon), self.summary], axis=1)
        both = both[:, np.argsort(both[0])]
        self.summary = _compressed(both, self.epsilon)

    def finalize_state(self) -> None:
        """Make the boundaries of what was counted."""
        if self.num_bins is not None:
            self.bin_boundaries = _compressed(self.summary, 1 / self.num_bins)[0, :-1].tolist()

    def reset_state(self) -> None:
        """Forget what was counted."""
        if self.num_bins is not None:
            self.summary = np.zeros((2, 0), np.float32)

    def _require_bins(self) -> None:
        if self.num_bins is None:
            raise ConfigError("{layer} was given its bin_boundaries; give num_bins instead to "
                              "adapt it to data.", layer=title(self))  # fmt: skip

    def call(self, inputs: Any) -> jax.Array:
        """Return the bins of numbers, in the output mode."""
        if self.bin_boundaries is None:
            raise ConfigError("{layer} has no boundaries yet. Call adapt(data), or give it "
                              "bin_boundaries.", layer=title(self))  # fmt: skip
        bins = jnp.digitize(jnp.asarray(inputs), jnp.asarray(self.bin_boundaries, jnp.float32))
        depth = len(self.bin_boundaries) + 1
        return encoded(bins, self.output_mode, depth, self.output_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for numbers of ``input_shape``."""
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        return encoded_shape(tuple(input_shape), self.output_mode, depth or 1)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        config = dict(config)
        adapted = config.get("num_bins") is not None
        boundaries = config.pop("bin_boundaries", None) if adapted else None
        layer = super().from_config(config)
        if boundaries is not None:
            layer.bin_boundaries = list(boundaries)
        return layer


def _summary(x: np.ndarray, epsilon: float) -> np.ndarray:
    """Return every ``n * epsilon``-th number in ascending order, and for how many each stands."""
    step = max(x.size * epsilon, 1)
    kept = np.sort(x)[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """Return a summary of ``1 / epsilon`` numbers at most, between which lie equal weights."""
    if summary.shape[1] * epsilon < 1:
        return summary
    fractions = epsilon + np.arange(0.0, 1.0, epsilon)
    weights = summary[1].cumsum()
    so_far = weights / weights[-1]
    numbers = np.interp(fractions, so_far, summary[0])
    weights = np.diff(np.interp(fractions, so_far, weights), prepend=0)
    return np.stack([numbers, weights]).astype(np.float32)
