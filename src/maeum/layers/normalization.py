"""Layers that normalize their inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import initializers, ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers import checks
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer
from maeum.ops.activations import rectifiable
from maeum.ops.normalization import wide_moments


@declares_weights("beta", "gamma", after="scale", activity_regularizer=False)
class Normalizing(Layer):
    """Base of the layers that normalize, then multiply by ``gamma`` and add ``beta``.

    Args:
        axis: the axis of the features, or several axes.
        epsilon: a small number added to the variance.
        center: whether ``beta`` is added.
        scale: whether ``gamma`` is multiplied.
    """

    supports_masking = True
    input_rank = 2
    fixed_by_build = frozenset({"axis", "center", "scale"})

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.axis = checks.axes(axis, self)
        self.epsilon = checks.number(epsilon, "epsilon", 0, self)
        self.center = center
        self.scale = scale

    def build_scale(self, shape: tuple[int, ...]) -> None:
        """Make ``gamma`` and ``beta`` of ``shape``; None where they are not wanted."""
        self.gamma = self.add_weight("gamma", shape) if self.scale else None
        self.beta = self.add_weight("beta", shape) if self.center else None


@declares_weights(
    *("beta", "gamma"), after=("scale", "moving_variance_initializer"), activity_regularizer=False
)
class BatchNormalization(Normalizing):
    """Normalize each feature over the batch, then scale and shift (Ioffe & Szegedy, 2015).

    In training the batch's own mean and variance are used, and moving averages of them are kept;
    otherwise, and if ``trainable`` is False, the moving averages are used. Masked entries do not
    count.

    Shapes: any with at least one axis besides the batch; the output has the input's shape.

    Args:
        axis: the axis of the features.
        momentum: the fraction of the moving average that is kept at each step.
        epsilon: a small number added to the variance.
        center: whether ``beta`` is added.
        scale: whether ``gamma`` is multiplied.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer:
            the initial values of ``beta``, ``gamma``, ``moving_mean`` and ``moving_variance``.
        beta_regularizer, gamma_regularizer: penalties on ``beta`` and ``gamma``.
        beta_constraint, gamma_constraint: what ``beta`` and ``gamma`` must satisfy after each step.
        renorm: whether batches are normalized as with the averages of earlier ones, which small
            batches need (batch renormalization; Ioffe, 2017).
        renorm_clipping: how far it may go, as a dict with any of ``"rmin"``, ``"rmax"`` (of the
            ratio of both standard deviations) and ``"dmax"`` (of the difference of both means).
        renorm_momentum: the fraction of those averages that is kept at each step.
        synchronized: only False.

    Raises:
        ConfigError: for an unknown limit of ``renorm_clipping``.
        ShapeError: if ``axis`` is out of range or its size unknown.
    """

    moving_stddev: Any
    renorm_mean: Any
    renorm_stddev: Any

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ):
        super().__init__(axis, epsilon, center, scale, **kwargs)
        if synchronized:
            raise ConfigError("BatchNormalization sees whole batches on one device; omit "
                              "synchronized.")  # fmt: skip
        self.synchronized = False
        self.renorm = bool(renorm)
        self.renorm_clipping = _checked_clipping(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = checks.rate(renorm_momentum, "renorm_momentum", self)
        self.momentum = checks.rate(momentum, "momentum", self)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: Any) -> None:
        """Make gamma, beta and the moving averages."""
        size = checks.fixed_size(input_shape, self.axis, self)
        self.build_scale((size,))
        self.moving_mean, self.moving_variance = (
            self.add_weight(name, (size,), getattr(self, f"{name}_initializer"), trainable=False)
            for name in ("moving_mean", "moving_variance")
        )
        if self.renorm:
            self._build_renorm(size)

    def _build_renorm(self, size: int) -> None:
        """Make the averages that batches are corrected towards."""

        def deviation(shape: Any, dtype: Any = None, key: Any = None) -> jax.Array:
            return jnp.sqrt(self.moving_variance_initializer(shape, dtype, key))

        for name, initializer in (
            ("moving_stddev", deviation),
            ("renorm_mean", self.moving_mean_initializer),
            ("renorm_stddev", deviation),
        ):
            made = self.add_weight(name, (size,), initializer, trainable=False)
            setattr(self, name, made)

    def call(self, x: jax.Array, training: bool = False, mask: Any = None) -> jax.Array:
        """Normalize ``x``, and update the moving averages if ``training``."""
        if not (training and self.trainable):
            mean, variance = self.moving_mean.value, self.moving_variance.value
            return self._normalized(x, mean, variance)
        last = checks.axis_of(self.axis, x.ndim, self) == x.ndim - 1
        if mask is None and last and not self.renorm:
            return self._at_once(x)
        mean, variance = self._batch_moments(x, mask)
        if self.renorm:
            return self._renormalized(x, mean, variance)
        self._move(self._moved(mean, variance))
        return self._normalized(x, mean, variance)

    def _normalized(self, x: jax.Array, mean: jax.Array, variance: jax.Array) -> jax.Array:
        return ops.batch_normalization(
            x, mean, variance, self.axis, self.beta, self.gamma, self.epsilon
        )

    def _renormalized(self, x: jax.Array, mean: jax.Array, variance: jax.Array) -> jax.Array:
        """Normalize as with the averages so far, up to what is clipped, and move these."""
        deviation = jnp.sqrt(variance + self.epsilon)
        known = jnp.maximum(self.renorm_stddev.value, jnp.sqrt(self.epsilon))
        limits = self.renorm_clipping or {}
        r = jnp.clip(deviation / known, limits.get("rmin"), limits.get("rmax"))
        most = limits.get("dmax")
        d = jnp.clip((mean - self.renorm_mean.value) / known, None if most is None else -most, most)
        r, d = jax.lax.stop_gradient((r, d))
        gamma, beta = (None if v is None else v.value for v in (self.gamma, self.beta))
        scale, shift = (r, d) if gamma is None else (r * gamma, d * gamma)
        shift = shift if beta is None else shift + beta
        y = ops.batch_normalization(x, mean, variance, self.axis, shift, scale, self.epsilon)
        for variable, value, kept in (
            (self.renorm_mean, mean, self.renorm_momentum),
            (self.renorm_stddev, deviation, self.renorm_momentum),
            (self.moving_mean, mean, self.momentum),
            (self.moving_stddev, deviation, self.momentum),
        ):
            variable.assign(variable.value * kept + value * (1.0 - kept))
        self.moving_variance.assign(jax.nn.relu(self.moving_stddev.value**2 - self.epsilon))
        return y

    def _at_once(self, x: jax.Array) -> jax.Array:
        """Take the moments and normalize in one go, together with a ReLU that follows."""
        moving = [v.value for v in (self.moving_mean, self.moving_variance)]

        def outputs(relu: bool) -> tuple[jax.Array, list[jax.Array]]:
            y, mean, variance = ops.normalize_batch(x, self.gamma, self.beta, self.epsilon, relu)
            return y, self._moved(mean, variance, moving)

        y, moved = outputs(False)
        self._move(moved)

        def rectified() -> jax.Array:
            y, again = outputs(True)
            # The same averages, but without them the first call would be needed after all. They
            # are left alone if the layer was called on something else in between.
            now = (self.moving_mean.value, self.moving_variance.value)
            if all(one is two for one, two in zip(now, moved)):
                self._move(again)
            return y

        return rectifiable(y, rectified)

    def _moved(self, mean: jax.Array, variance: jax.Array, moving: Any = None) -> list[jax.Array]:
        """Return the moving averages after a batch with these moments."""
        before = moving or [self.moving_mean.value, self.moving_variance.value]
        kept = self.momentum
        return [old * kept + new * (1.0 - kept) for old, new in zip(before, (mean, variance))]

    def _move(self, moved: Sequence[jax.Array]) -> None:
        self.moving_mean.assign(moved[0])
        self.moving_variance.assign(moved[1])

    def _batch_moments(self, x: jax.Array, mask: Any) -> tuple[jax.Array, jax.Array]:
        axis = checks.axis_of(self.axis, x.ndim, self)
        others = [a for a in range(x.ndim) if a != axis]
        if mask is None:
            return wide_moments(x, others)
        if mask.ndim != x.ndim - 1:
            raise ShapeError("{layer} takes a mask with one axis less than its input; got mask "
                             "{given} for input {shape}.", layer=checks.title(self),
                             given=mask.shape, shape=x.shape)  # fmt: skip
        return wide_moments(x, others, mask=jnp.expand_dims(mask, -1))


def _checked_clipping(limits: Mapping[str, float] | None) -> dict[str, float]:
    limits = dict(limits or {})
    known = ("rmax", "rmin", "dmax")
    low, high, most = (limits.get(name) for name in ("rmin", "rmax", "dmax"))
    crossed = low is not None and high is not None and high < low
    if set(limits) - set(known) or crossed or (most is not None and most < 0):
        raise ConfigError("renorm_clipping has any of rmin, rmax (not below rmin) and dmax (not "
                          "below 0); got {limits!r}.", limits=limits)  # fmt: skip
    return limits


@declares_weights("beta", "gamma", after="scale", activity_regularizer=False)
class LayerNormalization(Normalizing):
    """Normalize each sample over its features, then scale and shift (Ba et al., 2016).

    Shapes: any with at least one axis besides the batch; the output has the input's shape.

    Args:
        axis: the axis of the features, or several axes.
        epsilon: a small number added to the variance.
        center: whether ``beta`` is added.
        scale: whether ``gamma`` is multiplied.
        beta_initializer, gamma_initializer: the initial values of ``beta`` and ``gamma``.
        beta_regularizer, gamma_regularizer: penalties on ``beta`` and ``gamma``.
        beta_constraint, gamma_constraint: what ``beta`` and ``gamma`` must satisfy after each step.

        rms_scaling: only False.

    Raises:
        ConfigError: for ``rms_scaling``.
        ShapeError: if an axis is out of range or its size unknown.
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        *,
        rms_scaling: bool = False,
        **kwargs: Any,
    ):
        if rms_scaling:
            raise ConfigError("LayerNormalization has no rms_scaling, which in Keras divides by "
                              "the variance. Use RMSNormalization.")  # fmt: skip
        super().__init__(axis, epsilon, center, scale, **kwargs)
        self.rms_scaling = False

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta."""
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        self.input_axes = {axis: checks.known_size(input_shape, axis, self) for axis in axes}
        in_order = sorted(axes, key=lambda axis: axis % len(input_shape))
        self.build_scale(tuple(self.input_axes[axis] for axis in in_order))

    def call(self, x: jax.Array) -> jax.Array:
        """Normalize ``x``."""
        return ops.layer_normalization(x, self.gamma, self.beta, self.axis, self.epsilon)


@declares_weights("beta", "gamma", after="scale", activity_regularizer=False)
class GroupNormalization(Normalizing):
    """Normalize each sample within groups of features, then scale and shift (Wu & He, 2018).

    One group is layer normalization over every axis; as many groups as features (or
    ``groups=-1``) is instance normalization.

    Args:
        groups: the number of groups, a divisor of the number of features; -1 for one a feature.
        axis: the axis of the features.
        epsilon: a small number added to the variance.
        center: whether ``beta`` is added.
        scale: whether ``gamma`` is multiplied.
        beta_initializer, gamma_initializer: the initial values of ``beta`` and ``gamma``.
        beta_regularizer, gamma_regularizer: penalties on ``beta`` and ``gamma``.
        beta_constraint, gamma_constraint: what ``beta`` and ``gamma`` must satisfy after each step.

    Raises:
        ConfigError: if the features cannot be divided among the groups.
        ShapeError: if ``axis`` is out of range or its size unknown.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        **kwargs: Any,
    ):
        super().__init__(axis, epsilon, center, scale, **kwargs)
        self.groups = groups if groups == -1 else checks.whole_number(groups, "number", 1, self)

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta."""
        size = checks.fixed_size(input_shape, self.axis, self)
        if checks.axis_of(self.axis, len(input_shape), self) == 0:
            raise ShapeError("{layer} cannot group the batch axis.", layer=checks.title(self))
        if self.groups == -1:
            self.groups = size
        checks.check_divisor(self.groups, size, "groups", self)
        self.build_scale((size,))

    def call(self, x: jax.Array) -> jax.Array:
        """Normalize ``x``."""
        return ops.group_normalization(
            x, self.groups, self.gamma, self.beta, self.axis, self.epsilon
        )


class UnitNormalization(Layer):
    """Divide each sample by its Euclidean norm.

    Args:
        axis: the axis, or axes, over which the norm is taken.
    """

    supports_masking = True
    weightless = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = checks.axes(axis, self)

    def build(self, input_shape: Any) -> None:
        """Check the axes."""
        for axis in (self.axis,) if isinstance(self.axis, int) else self.axis:
            checks.axis_of(axis, len(input_shape), self)

    def call(self, x: jax.Array) -> jax.Array:
        """Normalize ``x``."""
        return ops.normalize(x, self.axis, epsilon=1e-12)
