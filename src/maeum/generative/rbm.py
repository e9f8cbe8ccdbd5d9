"""The restricted Boltzmann machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import initializers, ops
from maeum.core import registry
from maeum.core.checks import check_bool, check_choice, check_whole
from maeum.core.compiling import compiled
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.functional import built_variables
from maeum.core.messages import N_
from maeum.core.randomness import at_step, fold
from maeum.generative.own_objective import (
    OwnObjective,
    check_one_array,
    check_unit_interval,
    computed,
    key_for,
    rows_alone,
)
from maeum.generative.visible import UNITS
from maeum.layers.checks import exact_rank, fixed_size
from maeum.metrics.reduction import Mean
from maeum.ops import random


@registry.builtin
class RBM(OwnObjective):
    """Restricted Boltzmann machine: visible and hidden units that explain each other.

    With weights ``W``, visible biases ``a`` and hidden biases ``b``, a state of binary units has
    the energy ``E(v, h) = -v.a - h.b - v.W.h`` and the probability ``exp(-E) / Z``; for Gaussian
    visible units ``|v - a|^2 / 2`` stands in the place of ``-v.a``, so scale such data to mean 0
    and variance 1. Its objective is the difference of the free energies of the data and of what
    the model makes of them in ``k`` steps of Gibbs sampling: contrastive divergence (Hinton, 2002;
    "A practical guide to training restricted Boltzmann machines", 2010). With ``persistent=True``
    the model's side are chains that go on from step to step (Tieleman, 2008): slower, and nearer
    to the gradient of the likelihood. The chains are variables: a training that is resumed goes on
    with them.

    Beside the loss, training and evaluation tell

    - ``reconstruction_error``: the mean squared difference between the data and what one step
      back and forth makes of them, without drawing;
    - ``free_energy`` of the data. Where that of validation data rises above that of the training
      data, the model overfits;
    - ``pseudo_likelihood`` of binary units, in nats: the sum over the units of the logarithm of the
      probability of each, given all others, from one unit of each row, drawn at random.

    Shapes: ``(batch, visible units) -> (batch, units)``: the probabilities of the hidden units.

    Args:
        units: the number of hidden units, which are binary.
        visible: ``"binary"`` (data from 0 to 1) or ``"gaussian"``.
        k: the steps of Gibbs sampling for each step of the optimizer.
        persistent: whether chains go on.
        chains: how many chains there are then.
        kernel_initializer: how the weights begin; normal with deviation 0.01.
        name: the model's name.
        seed: the seed that all random numbers follow from.

    Raises:
        ConfigError: for numbers below 1.
        UnknownNameError: for another kind of units.
        DataError: in `fit`, for binary units and data outside 0 to 1.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> x = np.random.default_rng(0).integers(0, 2, (64, 6)).astype("float32")
        >>> model = mm.generative.RBM(4, seed=1)
        >>> model.compile("adam")
        >>> history = model.fit(x, epochs=2, verbose=0)
        >>> model.transform(x).shape, model.sample(3, steps=10, seed=1).shape
        ((64, 4), (3, 6))
    """

    def __init__(
        self,
        units: int,
        visible: str = "binary",
        *,
        k: int = 1,
        persistent: bool = False,
        chains: int = 64,
        kernel_initializer: Any = None,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, seed=seed)
        self.units = check_whole(units, "units")
        self.visible = check_choice(visible, tuple(UNITS), "visible")
        self.k = check_whole(k, "k")
        self.persistent = check_bool(persistent, "persistent")
        self.chains = check_whole(chains, "chains")
        small = initializers.RandomNormal(stddev=0.01)
        self.kernel_initializer = initializers.get(kernel_initializer) or small
        self._told = [Mean("reconstruction_error"), Mean("free_energy")]
        if visible == "binary":
            self._told.append(Mean("pseudo_likelihood"))

    def build(self, input_shape: Any = None) -> None:
        """Make the weights and, if they are persistent, the chains."""
        exact_rank(input_shape, 2, self)
        size = fixed_size(input_shape, -1, self)
        self.kernel = self.add_weight("kernel", (size, self.units), self.kernel_initializer)
        self.visible_bias = self.add_weight("visible_bias", (size,), "zeros")
        self.hidden_bias = self.add_weight("hidden_bias", (self.units,), "zeros")
        self.states = None
        if self.persistent:
            shape = self.chains, size
            self.states = self.add_weight("chains", shape, "zeros", trainable=False)

    def call(self, x: Any) -> Any:
        """Return the probabilities of the hidden units."""
        return jax.nn.sigmoid(self._hidden_inputs(x))

    def _hidden_inputs(self, visible: Any) -> Any:
        return ops.dense(visible, self.kernel, self.hidden_bias)

    def visible_means(self, hidden: Any) -> Any:
        """Return the means of the visible units for states of the hidden ones; as an op."""
        inputs = ops.dense(hidden, self.kernel.value.T, self.visible_bias)
        return UNITS[self.visible].means(inputs)

    def _free_energy(self, visible: Any, hidden_inputs: Any = None) -> Any:
        """Return ``-log sum_h exp(-E(v, h))`` of each row."""
        if hidden_inputs is None:
            hidden_inputs = self._hidden_inputs(visible)
        own = UNITS[self.visible].energy(visible, self.visible_bias.value)
        return own - jnp.sum(jax.nn.softplus(hidden_inputs), -1)

    def gibbs(self, visible: Any, steps: Any, key: Any) -> tuple[Any, Any]:
        """Return the visible units after some steps of Gibbs sampling, and their means; as an op.

        Args:
            visible: where the chains begin, ``(chains, visible units)``.
            steps: how many steps, at least 1.
            key: the key of all that is drawn.
        """
        units = UNITS[self.visible]

        def step(number: Any, carry: tuple[Any, Any]) -> tuple[Any, Any]:
            now = at_step(key, number)
            probabilities = self.call(carry[0])
            hidden = random.uniform(fold(now, "hidden"), probabilities.shape) < probabilities
            means = self.visible_means(hidden.astype(probabilities.dtype))
            return units.draw(fold(now, "visible"), means), means

        start = visible, visible
        one = isinstance(steps, int) and steps == 1
        return step(0, start) if one else jax.lax.fori_loop(0, steps, step, start)

    # ---- training --------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch: one step of the optimizer along contrastive divergence."""
        x = rows_alone(data, self)
        start = x if self.states is None else self.states.value
        end, _means = self.gibbs(start, self.k, self.random_key())
        if self.states is not None:
            self.states.assign(end)
        loss, _more = self.learn(lambda: (self._difference(x, end), None))
        return self._logs(x, loss)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch: chains begin at its rows."""
        x = rows_alone(data, self)
        end, _means = self.gibbs(x, self.k, self.random_key())
        return self._logs(x, self._difference(x, end))

    def _difference(self, x: Any, end: Any) -> Any:
        return jnp.mean(self._free_energy(x)) - jnp.mean(self._free_energy(end))

    def _logs(self, x: Any, loss: Any) -> dict[str, Any]:
        self._track_loss(loss, x)
        inputs = self._hidden_inputs(x)
        again = self.visible_means(jax.nn.sigmoid(inputs))
        found = [jnp.mean(jnp.square(x - again), -1), self._free_energy(x, inputs)]
        if self.visible == "binary":
            found.append(self._pseudo_likelihood(x, inputs))
        for metric, value in zip(self._told, found):
            metric.update_state(value)
        return self.get_metrics_result()

    def _pseudo_likelihood(self, x: Any, inputs: Any) -> Any:
        """Return an estimate for each row: a unit's conditional, times the number of units.

        Flipping a unit adds or subtracts its row of the weights: that is all there is to compute.
        """
        rows, size = x.shape
        which = (random.bits(self.random_key(), (rows,)) % np.uint32(size)).astype(jnp.int32)
        change = 1 - 2 * jnp.take_along_axis(x, which[:, None], 1)
        flipped = inputs + change * self.kernel.value[which]
        rise = -change[:, 0] * self.visible_bias.value[which]
        rise += jnp.sum(jax.nn.softplus(inputs) - jax.nn.softplus(flipped), -1)
        return -size * jax.nn.softplus(-rise)

    def match_inputs(self, x: Any) -> Any:
        """Check that there is a value for each visible unit, such as it takes."""
        x = super().match_inputs(x)
        check_one_array(x, self)
        exact_rank(x.shape, 2, self)
        self._check_inputs(x)
        if self.visible == "binary":
            who = N_("An RBM with binary visible units")
            check_unit_interval(x, who, "visible='gaussian'")
        return x

    # ---- what it has learnt ----------------------------------------------------------------------

    def transform(self, x: Any) -> np.ndarray:
        """Return the probabilities of the hidden units: features of each row."""
        return self.predict(x)

    def reconstruct(self, x: Any) -> np.ndarray:
        """Return the means of the visible units after one step back and forth, without drawing."""
        return computed(self, "reconstruct", lambda x: self.visible_means(self.call(x)), x)

    def free_energy(self, x: Any) -> np.ndarray:
        """Return the free energy of each row in nats: what is likely has a low one.

        ``-F(v) = log p(v) + log Z``: differences between rows are those of their log-likelihoods.
        """
        return computed(self, "free_energy", self._free_energy, x)

    def sample(
        self,
        count: int,
        steps: int = 1000,
        seed: int | None = None,
        *,
        start: Any = None,
        means: bool = False,
    ) -> np.ndarray:
        """Return what the model makes up: the visible units at the ends of chains.

        Args:
            count: how many chains there are.
            steps: the steps of Gibbs sampling in each.
            seed: the seed of what is drawn; another one each time by default.
            start: where the chains begin, ``(count, visible units)``; zeros by default.
            means: whether to return the means in the last step (of binary units the
                probabilities), which look smoother, in the place of what was drawn.

        Returns:
            An array of shape ``(count, visible units)``.

        Raises:
            ConfigError: for numbers below 1.
            ShapeError: for another ``start``.
        """
        begin = self.beginning(count, start)
        steps = check_whole(steps, "steps")

        def chains(start: Any, steps: Any) -> tuple[Any, Any]:
            return self.gibbs(start, steps, self.random_key())

        key = key_for(seed, "sample")
        ends = compiled(self, "sample", chains)(begin, np.int32(steps), key=key)
        return np.array(ends[1 if means else 0])

    def beginning(self, count: int, start: Any) -> jax.Array:
        """Return where the chains of `sample` begin."""
        built_variables(self)
        shape = check_whole(count, "count"), self.visible_bias.size
        if start is None:
            return jnp.zeros(shape, self.dtype)
        start = np.asarray(start, self.dtype)
        if start.shape != shape:
            raise ShapeError("The chains begin with an array of shape {shape}, one row for each; "
                             "start has shape {given}.", shape=shape,
                             given=start.shape)  # fmt: skip
        return jnp.asarray(self.match_inputs(start))

    def filters(self, shape: Sequence[int] | None = None) -> np.ndarray:
        """Return the weights of each hidden unit, as an image if its ``shape`` is given.

        Args:
            shape: the shape of a row of the data, such as ``(28, 28)``.

        Returns:
            An array of shape ``(units, visible units)`` or ``(units, *shape)``.

        Raises:
            ConfigError: for a shape of another number of entries.
        """
        built_variables(self)
        rows = self.kernel.numpy().T
        if shape is None:
            return rows
        if int(np.prod(shape)) != rows.shape[1]:
            raise ConfigError("{name!r} has {n} visible units, which do not fill the shape "
                              "{shape}.", name=self.name, n=rows.shape[1],
                              shape=tuple(shape))  # fmt: skip
        return rows.reshape(len(rows), *shape)
