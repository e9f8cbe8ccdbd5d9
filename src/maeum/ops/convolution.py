"""Convolutions over one, two or three spatial axes, with Keras 3's names and arguments.

What all networks call a convolution is a cross-correlation: the kernel is not turned around.
Kernels have their spatial axes first, then the channels, as in Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import each_row
from maeum.ops.activations import rectifiable
from maeum.ops.kernels import choice as kernels
from maeum.ops.layout import from_channels_last, to_channels_last
from maeum.ops.windows import Window, check_padding, per_axis, reach, resolve


@op(mask=each_row("inputs"))
def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    bias: Any = None,
    relu: bool = False,
) -> jax.Array:
    """Slide ``kernel`` over ``inputs``: each output is the sum of the products that it covers.

    Shapes: ``(batch, *sizes, C), (*kernel_size, C / groups, N) -> (batch, *new_sizes, N)``. The
    groups follow from the kernel: group ``g`` of the channels makes group ``g`` of the filters.

    Args:
        inputs: an array with one to three spatial axes.
        kernel: the weights.
        strides: how far the kernel moves, one number or one for each spatial axis.
        padding: ``"valid"``, ``"same"``, ``"causal"`` (one spatial axis) or pairs of numbers.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance of neighbouring entries of the kernel.
        bias: numbers of shape ``(N,)`` that are added.
        relu: whether negative outputs become 0. It costs nothing here.

    Raises:
        ShapeError: if the kernel does not fit the channels, or is larger than the inputs.
        ConfigError: for invalid strides, padding or dilation.

    Example:
        >>> image = jnp.array([[1.0, 0, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 0, 1, 0]])
        >>> kernel = jnp.array([[1.0, 0], [0, 1]])
        >>> conv(image[None, :, :, None], kernel[:, :, None, None])[0, :, :, 0].tolist()
        [[2.0, 1.0, 1.0], [0.0, 2.0, 2.0], [0.0, 1.0, 1.0]]
    """
    x, kernel, bias = _operands(inputs, kernel, bias, data_format)
    channels, (own, filters) = x.shape[-1], kernel.shape[-2:]
    groups = channels // max(own, 1)
    if not groups or groups * own != channels or filters % groups:
        raise ShapeError(
            "A kernel of shape {shape} takes {own} channels, or several groups of {own} that "
            "divide its {filters} filters; the inputs have {channels}.",
            shape=kernel.shape,
            own=own,
            filters=filters,
            channels=channels,
        )
    _check_bias(bias, filters)
    window = _window(x, kernel, strides, padding, dilation_rate, groups)
    return _convolved(x, kernel, bias, window, relu, data_format)


@op(mask=each_row("inputs"))
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    bias: Any = None,
    relu: bool = False,
) -> jax.Array:
    """Convolve each channel by itself, with ``m`` kernels of its own.

    Shapes: ``(batch, *sizes, C), (*kernel_size, C, m) -> (batch, *new_sizes, C * m)``; the ``m``
    outputs of a channel are neighbors. The other arguments are those of `conv`.

    Raises:
        ShapeError: if the kernel has another number of channels than the inputs.
    """
    x, kernel, bias = _operands(inputs, kernel, bias, data_format)
    _check_channels(x, kernel, kernel.shape[-2])
    channels, multiplier = kernel.shape[-2:]
    kernel = kernel.reshape(*kernel.shape[:-2], 1, channels * multiplier)
    _check_bias(bias, kernel.shape[-1])
    window = _window(x, kernel, strides, padding, dilation_rate, channels)
    return _convolved(x, kernel, bias, window, relu, data_format)


def _convolved(
    x: jax.Array, kernel: jax.Array, bias: Any, window: Window, relu: bool, data_format: str | None
) -> jax.Array:
    """Compute a convolution whose operands were checked."""

    def outputs(relu: bool) -> jax.Array:
        return from_channels_last(kernels.convolve(x, kernel, bias, window, relu), data_format)

    return outputs(True) if relu else rectifiable(outputs(False), lambda: outputs(True))


@op(mask=each_row("inputs"))
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    bias: Any = None,
    relu: bool = False,
) -> jax.Array:
    """Convolve each channel by itself, then mix the channels place by place (Chollet, 2017).

    Shapes: ``(batch, *sizes, C), (*kernel_size, C, m), (1, ..., C * m, N) -> (batch, *new_sizes,
    N)``. The other arguments are those of `conv`.

    Raises:
        ShapeError: if the kernels do not fit the channels or each other.
    """
    pointwise = jnp.asarray(pointwise_kernel)
    if any(n != 1 for n in pointwise.shape[:-2]):
        raise ShapeError(
            "The pointwise kernel has size 1 along each spatial axis; got shape {shape}.",
            shape=pointwise.shape,
        )
    depthwise = depthwise_conv(
        inputs, depthwise_kernel, strides, padding, data_format, dilation_rate
    )
    x, pointwise, bias = _operands(depthwise, pointwise, bias, data_format)
    _check_channels(x, pointwise, pointwise.shape[-2])
    return conv(depthwise, pointwise, data_format=data_format, bias=bias, relu=relu)


@op(mask=each_row("inputs"))
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
    bias: Any = None,
) -> jax.Array:
    """Spread each input over the outputs that a convolution would have made it from.

    It is the transpose of `conv` as a linear map. Shapes: ``(batch, *sizes, C), (*kernel_size, N,
    C) -> (batch, *new_sizes, N)``. Where the dilated kernel spans ``r`` places, a size ``n``
    becomes ``(n - 1) * stride + max(r, stride)`` for ``"valid"`` padding and
    ``n * stride`` for ``"same"``; with an ``output_padding`` of ``p`` it becomes
    ``(n - 1) * stride + r + p`` and ``(n - 1) * stride + r % 2 + p``.

    Args:
        inputs: an array with one to three spatial axes.
        kernel: the weights; note that the filters come before the channels.
        strides: how far neighbouring inputs lie apart in the outputs.
        padding: ``"valid"`` or ``"same"``.
        output_padding: how many places are added behind, less than the stride.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance of neighbouring entries of the kernel.
        bias: numbers of shape ``(N,)`` that are added.

    Raises:
        ShapeError: if the kernel does not fit the channels, or nothing would come out.
        ConfigError: for another padding, or an output padding that is not below the stride.

    Example:
        >>> conv_transpose(jnp.array([[[1.0], [2.0]]]), jnp.ones((2, 1, 1)), 2)[0, :, 0].tolist()
        [1.0, 1.0, 2.0, 2.0]
    """
    x, kernel, bias = _operands(inputs, kernel, bias, data_format)
    _check_channels(x, kernel, kernel.shape[-1])
    _check_bias(bias, kernel.shape[-2])
    rank = x.ndim - 2
    size = per_axis(kernel.shape[:-2], rank, "kernel_size")
    steps, gaps = _steps(rank, strides, dilation_rate)
    extras: Sequence[int | None] = check_output_padding(output_padding, steps) or (None,) * rank
    sizes, pads = [], []
    for n, k, step, gap, extra in zip(x.shape[1:-1], size, steps, gaps, extras):
        span = reach(k, gap)
        before, behind = _spread_pads(span, step, padding, extra)
        sizes.append((n - 1) * step + span - before - behind)
        # What the stride of the convolution leaves over behind needs no padding of its own.
        pads.append((before, max(behind, 0)))
    if 0 in x.shape[1:-1] or min(sizes) < 1:
        raise ShapeError(
            "A transposed convolution of an input of {size} with kernel_size={kernel_size}, "
            "padding={padding!r} and output_padding={output_padding!r} has nothing left. Use "
            "larger inputs, another output_padding or padding='valid'.",
            size=x.shape[1:-1],
            kernel_size=size,
            padding=padding,
            output_padding=output_padding,
        )
    window = Window(size, steps, tuple(pads), gaps)
    outputs = kernels.convolve_transposed(x, kernel, bias, window, sizes)
    return from_channels_last(outputs, data_format)


def check_output_padding(value: Any, strides: Sequence[int]) -> tuple[int, ...] | None:
    """Return one number below the stride for each axis, or None; else raise `ConfigError`."""
    if value is None:
        return None
    extra = per_axis(value, len(strides), "output_padding", least=0)
    if any(p >= s for p, s in zip(extra, strides)):
        raise ConfigError(
            "The output_padding has to be less than the strides along every axis; got {value!r} "
            "with strides {strides}.",
            value=value,
            strides=tuple(strides),
        )
    return extra


def _spread_pads(span: int, stride: int, padding: Any, extra: int | None) -> tuple[int, int]:
    """Return what is cut off before and behind; below 0, zeros are added there instead.

    As in Keras, the places that are left beside the kernel are halved, the odd one in front.
    """
    if check_padding(padding) == "valid":
        return 0, -(max(span, stride) - span if extra is None else extra)
    left_over = stride + span - 2 if extra is None else span + span % 2 - 2 + extra
    kept = min(left_over - left_over // 2, span - 1)
    return span - 1 - kept, span - 1 - (left_over - kept)


def _operands(x: Any, kernel: Any, bias: Any, data_format: str | None) -> tuple:
    """Return inputs with their channels last, the kernel and the bias in one floating dtype."""
    x, kernel = jnp.asarray(x), jnp.asarray(kernel)
    dtype = jnp.promote_types(x.dtype, kernel.dtype)
    if not jnp.issubdtype(dtype, jnp.floating):
        dtype = jnp.float32
    x = to_channels_last(x, data_format)
    if kernel.ndim != x.ndim:
        raise ShapeError(
            "A kernel for inputs with {n} axes has {n} axes: {spatial} spatial ones and two for "
            "channels; got shape {shape}.",
            n=x.ndim,
            spatial=x.ndim - 2,
            shape=kernel.shape,
        )
    bias = None if bias is None else jnp.asarray(bias, dtype)
    return x.astype(dtype), kernel.astype(dtype), bias


def _steps(rank: int, strides: Any, dilation: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return per_axis(strides, rank, "strides"), per_axis(dilation, rank, "dilation_rate")


def _window(
    x: jax.Array, kernel: jax.Array, strides: Any, padding: Any, dilation: Any, groups: int
) -> Window:
    rank = x.ndim - 2
    size = per_axis(kernel.shape[:-2], rank, "kernel_size")
    steps, gaps = _steps(rank, strides, dilation)
    return resolve(x.shape[1:-1], size, steps, padding, gaps, groups)


def _check_channels(x: jax.Array, kernel: jax.Array, expected: int) -> None:
    if x.shape[-1] != expected or expected == 0:
        raise ShapeError(
            "A kernel of shape {shape} takes inputs with {expected} channels; got {channels}.",
            shape=kernel.shape,
            expected=expected,
            channels=x.shape[-1],
        )


def _check_bias(bias: jax.Array | None, filters: int) -> None:
    if bias is not None and bias.shape != (filters,):
        raise ShapeError(
            "The bias has one number for each of {filters} filters; got shape {shape}.",
            filters=filters,
            shape=bias.shape,
        )
