"""Sound as an image: how loud each pitch is at each time, on the mel scale."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.layers.checks import argument, exact_rank, number, positive, whole_number
from maeum.layers.layer import Layer


class MelSpectrogram(Layer):
    """Turn sound into a mel spectrogram: how loud each band of frequencies is at each time.

    Shapes: ``(samples,) -> (num_mel_bins, times)``, or a batch of them. The magnitudes of the
    short-time Fourier transform, raised to ``mag_exp``, are summed over triangular bands that are
    equally wide on the mel scale ``1127 * log(1 + f / 700)``, and may be given in decibels.

    Args:
        fft_length: the length of each transform.
        sequence_stride: how far one window lies from the next.
        sequence_length: the length of the windows, ``fft_length`` at most; that by default.
        window: ``"hann"``, ``"hamming"`` or an array of ``sequence_length`` factors; None for none.
        sampling_rate: samples in a second.
        num_mel_bins: the number of bands.
        min_freq: where the lowest band begins, in Hertz.
        max_freq: where the highest ends; half the sampling rate by default.
        power_to_db: whether the result is in decibels above ``ref_power``.
        top_db: the least is so many decibels below the loudest.
        mag_exp: the exponent of the magnitude: 1 for energy, 2 for power.
        min_power: what counts as silence.
        ref_power: what counts as 0 decibels.

    Raises:
        ConfigError: for windows that are longer than the transform.

    Example:
        >>> import numpy as np
        >>> MelSpectrogram(512, 128, num_mel_bins=40)(np.ones((2, 4000), "float32")).shape
        (2, 40, 32)
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.fft_length = whole_number(fft_length, "fft_length", 1, self)
        self.sequence_stride = whole_number(sequence_stride, "sequence_stride", 1, self)
        length = sequence_length or fft_length
        self.sequence_length = whole_number(length, "sequence_length", 1, self)
        if self.fft_length < self.sequence_length:
            raise ConfigError("The windows of MelSpectrogram are no longer than its transforms; "
                              "got sequence_length={length} and fft_length={fft_length}.",
                              length=sequence_length, fft_length=fft_length)  # fmt: skip
        if isinstance(window, str):
            check_choice(window, ("hann", "hamming"), argument("window", self))
        self.window = window
        self.sampling_rate = positive(sampling_rate, "sampling_rate", self)
        self.num_mel_bins = whole_number(num_mel_bins, "num_mel_bins", 1, self)
        self.min_freq = number(min_freq, "min_freq", 0, self)
        self.max_freq = positive(max_freq or int(sampling_rate / 2), "max_freq", self)
        self.power_to_db = bool(power_to_db)
        self.top_db, self.mag_exp = number(top_db, "top_db", of=self), mag_exp
        self.min_power, self.ref_power = min_power, ref_power

    def build(self, input_shape: Any) -> None:
        """Check the number of axes."""
        if len(input_shape) != 1:
            exact_rank(input_shape, 2, self)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute the spectrogram of ``x``."""
        dtype = self.dtype
        loud = jnp.abs(self._transform(x.astype(jnp.promote_types(dtype, "float32"))))
        mel = jnp.power(loud, self.mag_exp) @ jnp.asarray(self._bands(), loud.dtype)
        if self.power_to_db:
            mel = 10 * jnp.log10(jnp.maximum(mel, self.min_power))
            mel = mel - 10 * jnp.log10(jnp.maximum(jnp.abs(self.ref_power), self.min_power))
            mel = jnp.maximum(mel, mel.max() - self.top_db)
        return jnp.swapaxes(mel, -1, -2).astype(dtype)

    def _transform(self, x: jax.Array) -> jax.Array:
        """Return the transform of each window, ``(..., times, fft_length // 2 + 1)``."""
        half = self.fft_length // 2
        x = jnp.pad(x, [*[(0, 0)] * (x.ndim - 1), (half, half)], mode="reflect")
        first = np.arange(0, x.shape[-1] - self.fft_length + 1, self.sequence_stride)
        frames = x[..., first[:, None] + np.arange(self.fft_length)]
        return jnp.fft.rfft(frames * jnp.asarray(self._factors(), x.dtype))

    def _factors(self) -> np.ndarray:
        size, window = self.sequence_length, self.window
        if isinstance(window, str):
            low = {"hann": 0.5, "hamming": 0.54}[window]
            window = low - (1 - low) * np.cos(2 * np.pi * np.arange(size) / size)
        window = np.ones(size) if window is None else np.asarray(window, float)
        before = (self.fft_length - size) // 2
        return np.pad(window, (before, self.fft_length - size - before))

    def _bands(self) -> np.ndarray:
        """Return how much each frequency counts in each band: ``(frequencies, num_mel_bins)``."""

        def mel(hertz: Any) -> np.ndarray:
            return 1127 * np.log(1 + np.asarray(hertz) / 700)

        found = mel(np.linspace(0, self.sampling_rate / 2, self.fft_length // 2 + 1))[:, None]
        ends = np.linspace(mel(self.min_freq), mel(self.max_freq), self.num_mel_bins + 2)
        low, middle, high = ends[:-2], ends[1:-1], ends[2:]
        weights = np.minimum((found - low) / (middle - low), (high - found) / (high - middle))
        weights[0] = 0  # the mean of the sound is no pitch
        return np.maximum(weights, 0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        *batch, samples = input_shape
        padded = None if samples is None else samples + self.fft_length // 2 * 2 - self.fft_length
        times = None if padded is None else padded // self.sequence_stride + 1
        return (*batch, self.num_mel_bins, times)
