"""Initializers: the initial values of weights.

An initializer is a pure function of a shape, a dtype and a key, so that the initial values of a
whole model are one compiled program, and of many models (`jax.vmap` over keys) still one.

Example:
    >>> import jax
    >>> get("glorot_uniform")((3, 2), key=make_key(0)).shape
    (3, 2)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import registry
from maeum.core.checks import check_choice, check_positive
from maeum.core.config import Configurable
from maeum.core.errors import ShapeError, UnknownNameError, not_implemented
from maeum.core.fans import compute_fans
from maeum.core.messages import N_
from maeum.core.randomness import check_seed, make_key, next_seed
from maeum.core.seed_generator import SeedGenerator
from maeum.core.settings import settings
from maeum.ops import random
from maeum.ops.stft_kernel import stft_kernel

# The standard deviation of a standard normal that is cut off at two standard deviations.
_CUT_STDDEV = 0.87962566103423978


class Initializer(Configurable):
    """Base of the initializers; a subclass writes ``draw(key, shape, dtype)``."""

    seed: Any = None

    def __call__(
        self, shape: Sequence[int], dtype: Any = None, key: jax.Array | None = None
    ) -> jax.Array:
        """Return an array of ``shape``.

        Args:
            shape: the shape.
            dtype: the dtype; None is float32.
            key: what the random numbers are a function of. An initializer with a seed of its own
                goes by that seed; without both, a new seed is taken.
        """
        return self.draw(self.own_key(key), tuple(shape), jnp.dtype(dtype or settings.floatx))

    def own_key(self, key: jax.Array | None) -> jax.Array:
        """Return the key of the random numbers; see `__call__`."""
        if isinstance(self.seed, SeedGenerator):
            return self.seed.next()
        if self.seed is not None:
            return make_key(self.seed)
        return make_key(next_seed()) if key is None else key

    def clone(self) -> Initializer:
        """Return another one with the same arguments."""
        return type(self).from_config(self.get_config())

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return an array of ``shape`` and ``dtype``, a function of ``key`` alone."""
        raise not_implemented(self, "draw(key, shape, dtype)")


class Constant(Initializer):
    """The same value everywhere, or an array that is broadcast to the shape.

    >>> Constant(2.5)((2,)).tolist()
    [2.5, 2.5]
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the value, broadcast."""
        return jnp.broadcast_to(jnp.asarray(self.value, dtype), shape)


class _Given(Constant):
    """An array as it is: it has the shape that is asked for."""

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the array; raise `ShapeError` for another shape."""
        if jnp.shape(self.value) != shape:
            raise ShapeError(
                "An array of shape {given} was given as the initializer of a weight of shape "
                "{shape}.",
                given=jnp.shape(self.value),
                shape=shape,
            )
        return super().draw(key, shape, dtype)


class Zeros(Initializer):
    """Zeros."""

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return zeros."""
        return jnp.zeros(shape, dtype)


class Ones(Initializer):
    """Ones."""

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return ones."""
        return jnp.ones(shape, dtype)


class Identity(Initializer):
    """``gain`` on the diagonal of a matrix, zeros elsewhere.

    >>> Identity()((2, 3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the scaled identity; raise `ShapeError` for anything but a matrix."""
        if len(shape) != 2:
            raise ShapeError("Identity makes matrices; got the shape {shape}.", shape=shape)
        return self.gain * jnp.eye(*shape, dtype=dtype)


class STFT(Initializer):
    """The kernel of a convolution that computes a short-time Fourier transform.

    Of shape ``(window, 1, frequencies)``: ``cos`` or ``sin`` of ``-2 pi t f / size`` where the size
    of the transform is ``2 (frequencies - 1)``, weighted by a window.

    Args:
        side: ``"real"`` or ``"imag"``.
        window: a name of `scipy.signal.get_window`, an array of the window's length, or None.
        scaling: divide by the norm of the window (``"density"``), by its sum (``"spectrum"``), or
            by nothing (None).
        periodic: whether a named window is periodic rather than symmetric; as in Keras, it is
            handed on as SciPy's ``fftbins``.

    Raises:
        UnknownNameError: for another side, scaling or window.

    >>> STFT(window=None)((2, 1, 2)).tolist()
    [[[1.0, 1.0]], [[1.0, -1.0]]]
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ):
        self.side = check_choice(side, ("real", "imag"), "side")
        self.scaling = check_choice(scaling, ("density", "spectrum", None), "scaling")
        self.window, self.periodic = window, periodic
        if isinstance(window, str):
            self._window(1)

    def _window(self, length: int) -> Any:
        if not isinstance(self.window, str):
            return self.window
        from scipy.signal import get_window

        try:
            return get_window(self.window, length, self.periodic)
        except ValueError as error:
            raise UnknownNameError(
                "There is no window {name!r} that needs no parameters: {error}",
                name=self.window,
                error=error,
            ) from None

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the kernel; raise `ShapeError` if a window of another length was given."""
        window = self._window(shape[0])
        kernel = stft_kernel(shape, self.side == "imag", window, self.scaling)
        return jnp.asarray(kernel, dtype)


class _Random(Initializer):
    """Initializers that draw random numbers; ``seed`` fixes which."""

    def __init__(self, seed: int | SeedGenerator | None = None):
        self.seed = seed if seed is None or isinstance(seed, SeedGenerator) else check_seed(seed)


class RandomNormal(_Random):
    """Normal numbers."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return normal numbers."""
        return random.normal(key, shape, dtype) * self.stddev + self.mean


class TruncatedNormal(RandomNormal):
    """Normal numbers of which those beyond two standard deviations are drawn again."""

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return normal numbers without the tails."""
        return random.truncated_normal(key, shape, dtype) * self.stddev + self.mean


class RandomUniform(_Random):
    """Uniform numbers of ``[minval, maxval)``."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return uniform numbers."""
        return random.uniform(key, shape, dtype, self.minval, self.maxval)


class VarianceScaling(_Random):
    """Random numbers of variance ``scale / n``, n being the number of inputs, outputs or both.

    Args:
        scale: a positive number.
        mode: ``"fan_in"``, ``"fan_out"`` or ``"fan_avg"``: what n counts.
        distribution: ``"truncated_normal"``, ``"untruncated_normal"`` or ``"uniform"``.
        seed: fixes the numbers.
        input_axes: which axes of the shape are inputs (see `compute_fans`).
        output_axes: which are outputs.

    Raises:
        ConfigError: for a scale, mode or distribution that does not exist.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(seed)
        distribution = "truncated_normal" if distribution == "normal" else distribution.lower()
        check_choice(mode, ("fan_in", "fan_out", "fan_avg"), "mode")
        check_choice(
            distribution, ("truncated_normal", "untruncated_normal", "uniform"), "distribution"
        )
        self.scale = check_positive(scale, "scale")
        self.mode, self.distribution = mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return numbers of the scaled variance."""
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        variance = self.scale / max(1.0, fans[self.mode])
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random.uniform(key, shape, dtype, -limit, limit)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return random.normal(key, shape, dtype) * stddev
        # Cutting the tails off makes the spread smaller, which is corrected here.
        stddev /= _CUT_STDDEV
        return random.truncated_normal(key, shape, dtype) * stddev


class _Preset(VarianceScaling):
    """A `VarianceScaling` whose scale, mode and distribution have a name."""

    preset: ClassVar[tuple[float, str, str]]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(*self.preset, seed, input_axes, output_axes)


class GlorotUniform(_Preset):
    """Uniform numbers up to ``sqrt(6 / (fan_in + fan_out))`` (Glorot and Bengio, 2010)."""

    preset = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Preset):
    """Normal numbers of variance ``2 / (fan_in + fan_out)`` (Glorot and Bengio, 2010)."""

    preset = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Preset):
    """Uniform numbers up to ``sqrt(6 / fan_in)``, for ReLU (He et al., 2015)."""

    preset = (2.0, "fan_in", "uniform")


class HeNormal(_Preset):
    """Normal numbers of variance ``2 / fan_in``, for ReLU (He et al., 2015)."""

    preset = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Preset):
    """Uniform numbers up to ``sqrt(3 / fan_in)`` (LeCun et al., 1998)."""

    preset = (1.0, "fan_in", "uniform")


class LecunNormal(_Preset):
    """Normal numbers of variance ``1 / fan_in``, for SELU (Klambauer et al., 2017)."""

    preset = (1.0, "fan_in", "truncated_normal")


class Orthogonal(_Random):
    """A random orthogonal matrix times ``gain`` (Saxe et al., 2014).

    All axes but the last are taken together as the rows. The shorter side of the matrix is
    orthonormal.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None):
        super().__init__(seed)
        self.gain = gain

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the matrix; raise `ShapeError` for fewer than two axes."""
        return self.finish(self.begin(key, shape, dtype), shape, dtype, jnp)

    @property
    def in_two(self) -> bool:
        """Whether `begin` and `finish` make the whole of `draw`, as they do but in a subclass.

        The matrices of a model are finished by NumPy: it takes a third of a second to compile
        the first factorization.
        """
        return type(self).draw is Orthogonal.draw

    def begin(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the random numbers that are made orthogonal, with at least as many rows."""
        if len(shape) < 2:
            raise ShapeError(
                "Orthogonal needs at least two axes; got the shape {shape}.", shape=shape
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        exact = dtype if jnp.finfo(dtype).bits >= 32 else jnp.float32  # QR has no half precision
        return random.normal(key, (max(rows, columns), min(rows, columns)), exact)

    def finish(self, tall: Any, shape: tuple[int, ...], dtype: Any, numpy: Any = np) -> Any:
        """Return the matrix that follows from the numbers of `begin`, by a library's functions."""
        q, r = numpy.linalg.qr(tall)
        q = q * numpy.sign(numpy.diagonal(r))  # makes the distribution uniform over the group
        turned = q.T if math.prod(shape[:-1]) < shape[-1] else q
        return numpy.reshape(self.gain * turned, shape).astype(dtype)


_CLASSES = registry.public_classes(globals(), Initializer)
_ALIASES = {
    "zero": Zeros,
    "one": Ones,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "OrthogonalInitializer": Orthogonal,
    "IdentityInitializer": Identity,
    "STFTInitializer": STFT,
}
_names = registry.named("initializers", _CLASSES)
_family = registry.Family(N_("initializer"), _names | _ALIASES)
globals().update(_names)  # he_normal() is HeNormal(), as in older code
OrthogonalInitializer, IdentityInitializer, STFTInitializer = Orthogonal, Identity, STFT
serialize, deserialize = _family.keras_functions()


def get(identifier: Any) -> Any:
    """Return the initializer that a name, class, config, function, array or None stands for.

    Raises:
        UnknownNameError: for a name that no initializer has; the message names the nearest.

    >>> type(get("he_normal")).__name__
    'HeNormal'
    """
    if isinstance(identifier, (np.ndarray, np.generic, jax.Array)):
        return _Given(identifier)
    return _family.get(identifier)
