"""The short-time Fourier transform as a layer whose waves are weights."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import initializers, ops
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.messages import _
from maeum.layers.checks import (
    argument,
    check_data_format,
    exact_rank,
    known_size,
    title,
    whole_number,
)
from maeum.layers.layer import Layer
from maeum.ops.windows import check_padding, resolve

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
_EPSILON = 1e-7  # the least magnitude that a logarithm is taken of, as in Keras


class STFTSpectrogram(Layer):
    """Turn signals into spectrograms by a convolution with windowed waves, which can be learned.

    Shapes: ``(batch, samples, channels) -> (batch, times, channels * frequencies)``, or ``(batch,
    times, frequencies, channels)`` with ``expand_dims``; there are ``fft_length // 2 + 1``
    frequencies, and twice as many for ``mode="stft"``.

    Args:
        mode: ``"log"`` (the logarithm of the magnitude), ``"magnitude"``, ``"psd"`` (the power
            spectral density), ``"real"``, ``"imag"``, ``"angle"`` or ``"stft"`` (real and imaginary
            parts together).
        frame_length: the length of the windows.
        frame_step: how far one lies from the next; half their length by default.
        fft_length: the length of each transform; the next power of two by default.
        window: the name of a window of SciPy, an array of ``frame_length`` factors, or None.
        periodic: whether a window that is given by its name is a periodic one.
        scaling: ``"density"``, ``"spectrum"`` or None.
        padding: ``"valid"`` or ``"same"``.
        expand_dims: whether the channels have an axis of their own.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for lengths that do not fit together, or an unknown mode, window or scaling.
        ShapeError: for inputs that have not three axes.

    Example:
        >>> import numpy as np
        >>> layer = STFTSpectrogram("magnitude", frame_length=32, trainable=False)
        >>> layer(np.ones((2, 320, 1), "float32")).shape
        (2, 19, 17)
    """

    fixed_by_build = frozenset({"frame_length", "fft_length", "window", "scaling", "data_format"})
    real_kernel: Any = None
    imag_kernel: Any = None

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.mode = check_choice(mode, _MODES, argument("mode", self))
        self.frame_length = whole_number(frame_length, "frame_length", 1, self)
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise ConfigError("The frame_step of STFTSpectrogram lies between 1 and its "
                              "frame_length, {length}; got {step}.", length=frame_length,
                              step=frame_step)  # fmt: skip
        if fft_length is not None and fft_length < frame_length:
            raise ConfigError("The fft_length of STFTSpectrogram is at least its frame_length, "
                              "{length}; got {fft_length}.", length=frame_length,
                              fft_length=fft_length)  # fmt: skip
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(_("A power of two is the usual fft_length of STFTSpectrogram; got {n}.",
                            n=fft_length), stacklevel=2)  # fmt: skip
        self.frame_step, self.fft_length = frame_step, fft_length
        self.window, self.periodic = window, bool(periodic)
        self.scaling = check_choice(scaling, ("density", "spectrum", None), "scaling")
        self.padding = check_padding(padding)
        self.expand_dims = bool(expand_dims)
        self.data_format = check_data_format(data_format)
        if isinstance(window, str):
            self._factors()  # or an error for an unknown one

    @property
    def step(self) -> int:
        """How far one window lies from the next."""
        return self.frame_step or max(self.frame_length // 2, 1)

    @property
    def frequencies(self) -> int:
        """The number of frequencies."""
        return (self.fft_length or 1 << (self.frame_length - 1).bit_length()) // 2 + 1

    def build(self, input_shape: Any) -> None:
        """Make the waves."""
        exact_rank(input_shape, 3, self)
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_axes = {axis: known_size(input_shape, axis, self)}
        turns = np.arange(self.frequencies) / (2 * (self.frequencies - 1) or 1)
        angle = -2 * np.pi * np.arange(self.frame_length)[:, None, None] * turns
        factors = self._factors()
        if factors is not None:
            scale = {"density": np.sqrt((factors**2).sum()), "spectrum": np.abs(factors).sum()}
            factors = (factors / scale.get(str(self.scaling), 1.0))[:, None, None]
        waves = {"real": np.cos(angle), "imag": np.sin(angle)}
        for side, other in (("real", "imag"), ("imag", "real")):
            if self.mode != other:
                kernel = waves[side] if factors is None else waves[side] * factors
                made = self.add_weight(
                    f"{side}_kernel", kernel.shape, initializers.Constant(kernel)
                )
                setattr(self, f"{side}_kernel", made)

    def _factors(self) -> np.ndarray | None:
        window = self.window
        if isinstance(window, str):
            from scipy import signal

            try:
                window = signal.get_window(window, self.frame_length, self.periodic)
            except ValueError:
                raise ConfigError("The window of STFTSpectrogram is one of scipy.signal, such as "
                                  "'hann'; got {window!r}.", window=window) from None  # fmt: skip
        if window is not None and np.shape(window) != (self.frame_length,):
            raise ShapeError("The window of STFTSpectrogram has {length} factors, its "
                             "frame_length; got shape {shape}.", length=self.frame_length,
                             shape=np.shape(window))  # fmt: skip
        return None if window is None else np.asarray(window, float)

    def call(self, inputs: jax.Array) -> jax.Array:
        """Compute the spectrogram."""
        if not jnp.issubdtype(inputs.dtype, jnp.floating):
            raise TypeError(_("{layer} takes floating numbers; got {dtype}.", layer=title(self),
                              dtype=inputs.dtype))  # fmt: skip
        x = inputs if self.data_format == "channels_last" else jnp.swapaxes(inputs, 1, 2)
        real, imag = (self._with(x, k) for k in (self.real_kernel, self.imag_kernel))
        return self._arranged(self._in_mode(real, imag))

    def _with(self, x: jax.Array, kernel: Any) -> Any:
        """Return the products with a kernel, ``(batch, times, frequencies, channels)``."""
        if kernel is None:
            return None
        rows = jnp.moveaxis(x, 2, 1).reshape(-1, x.shape[1], 1)
        made = ops.conv(rows, kernel, strides=self.step, padding=self.padding)
        made = made.reshape(x.shape[0], x.shape[2], *made.shape[1:])
        return jnp.moveaxis(made, 1, 3)

    def _in_mode(self, real: Any, imag: Any) -> jax.Array:
        if self.mode in ("real", "imag"):
            return real if self.mode == "real" else imag
        if self.mode == "stft":
            return jnp.concatenate([real, imag], 2)
        if self.mode == "angle":
            return jnp.arctan2(imag, real)
        power = real**2 + imag**2
        if self.mode == "psd":  # both halves of the spectrum, of which only one is shown
            return power.at[:, :, 1:-1].multiply(2)
        magnitude = jnp.sqrt(jnp.maximum(power, _EPSILON))
        if self.mode == "magnitude":
            return magnitude
        return jnp.log(jnp.maximum(magnitude, _EPSILON))

    def _arranged(self, x: jax.Array) -> jax.Array:
        last = self.data_format == "channels_last"
        if self.expand_dims:
            return x if last else jnp.moveaxis(x, 3, 1)
        flat = jnp.swapaxes(x, 2, 3).reshape(*x.shape[:2], -1)
        return flat if last else jnp.swapaxes(flat, 1, 2)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        exact_rank(input_shape, 3, self)
        last = self.data_format == "channels_last"
        batch, samples, channels = (input_shape[i] for i in ((0, 1, 2) if last else (0, 2, 1)))
        times = None
        if samples is not None:
            window = (samples,), (self.frame_length,), (self.step,), self.padding, (1,)
            times = resolve(*window).output_sizes((samples,))[0]
        found = self.frequencies * (2 if self.mode == "stft" else 1)
        if self.expand_dims:
            return (batch, times, found, channels) if last else (batch, channels, times, found)
        flat = None if channels is None else found * channels
        return (batch, times, flat) if last else (batch, flat, times)
