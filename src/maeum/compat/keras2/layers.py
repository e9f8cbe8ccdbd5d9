"""``keras.layers`` as Keras 1 and 2 spell them."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum import initializers
from maeum import layers as ours
from maeum.compat.keras2.spelling import Spelling
from maeum.core.messages import _

_WEIGHTS = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer", "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint", "bias": "use_bias",
}  # fmt: skip
_CONVOLUTION = {
    **_WEIGHTS, "nb_filter": "filters", "filter_length": "kernel_size", "border_mode": "padding",
    "subsample": "strides", "subsample_length": "strides", "dim_ordering": "data_format",
    "atrous_rate": "dilation_rate",
}  # fmt: skip
_RECURRENT = {
    **_WEIGHTS, "output_dim": "units", "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation", "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
}  # fmt: skip
_POOLING = {
    "border_mode": "padding", "pool_length": "pool_size", "stride": "strides",
    "dim_ordering": "data_format",
}  # fmt: skip
_NAMES: dict[str, dict[str, str]] = {
    "Dense": {**_WEIGHTS, "output_dim": "units"},
    "Dropout": {"p": "rate"}, "GaussianDropout": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "SpatialDropout1D": {"p": "rate"}, "SpatialDropout2D": {"p": "rate"},
    "Embedding": {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer"},
    "UpSampling1D": {"length": "size"}, "LeakyReLU": {"alpha": "negative_slope"},
    "RepeatVector": {}, "Reshape": {}, "Permute": {}, "Flatten": {}, "Activation": {},
    "BatchNormalization": {"mode": "_mode", "beta_init": "beta_initializer",
                           "gamma_init": "gamma_initializer"},
    "TimeDistributed": {}, "Bidirectional": {}, "Masking": {}, "Lambda": {},
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU"), _RECURRENT),
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D",
                     "DepthwiseConv2D"), _CONVOLUTION),
    **dict.fromkeys((f"{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3)),
                    _POOLING),
}  # fmt: skip
# What means nothing any more.
_DROPPED = {"_mode", "consume_less", "implementation_", "dtype_", "batch_size", "input_length_"}
_FORMATS = {"tf": "channels_last", "th": "channels_first"}


def _adapted(kind: type) -> Any:
    declared = getattr(kind, "declared_weights", ())

    def adapt(args: tuple, given: dict) -> tuple[tuple, dict]:
        for name in _DROPPED & given.keys():
            del given[name]
        if given.get("data_format") in _FORMATS:
            given["data_format"] = _FORMATS[given["data_format"]]
        rows = given.pop("nb_row", None), given.pop("nb_col", None)
        if None not in rows:
            given["kernel_size"] = rows
        if (
            kind.__name__ == "Conv2D"
            and len(args) > 2
            and all(isinstance(n, int) for n in args[:3])
        ):
            args = (args[0], args[1:3], *args[3:])  # filters, rows and columns
        weights = given.pop("weights", None)
        for name, value in zip(declared, weights or ()):
            given[f"{name}_initializer"] = initializers.get(np.asarray(value))
        return args, given

    return adapt


_MADE: dict[str, Any] = {}
_OTHER_NAMES = {
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose", "SeparableConvolution2D": "SeparableConv2D",
    "AtrousConvolution2D": "Conv2D", "MaxPool1D": "MaxPooling1D", "MaxPool2D": "MaxPooling2D",
    "AvgPool2D": "AveragePooling2D", "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU",
}  # fmt: skip


def merge(inputs: Any, mode: Any = "sum", concat_axis: int = -1, dot_axes: Any = -1,
          output_shape: Any = None, name: str | None = None) -> Any:  # fmt: skip
    """Join tensors, as Keras 1 does: by sum, mul, ave, max, concat or dot, or by a function."""
    if callable(mode):
        return ours.Lambda(mode, name=name)(inputs)
    kinds: dict[str, Any] = {
        "sum": ours.Add, "mul": ours.Multiply, "ave": ours.Average, "max": ours.Maximum,
    }  # fmt: skip
    if mode == "concat":
        return ours.Concatenate(concat_axis, name=name)(inputs)
    if mode == "dot":
        return ours.Dot(dot_axes, name=name)(inputs)
    if mode not in kinds:
        known = ", ".join([*kinds, "concat", "dot"])
        raise ValueError(_("merge() joins by {known}; got {mode!r}.", known=known, mode=mode))
    return kinds[mode](name=name)(inputs)


__all__ = [*_NAMES, *_OTHER_NAMES, "merge"]


def __getattr__(name: str) -> Any:
    own = _OTHER_NAMES.get(name, name)
    if own not in _NAMES:
        raise AttributeError(name)
    if own not in _MADE:
        kind = getattr(ours, own)
        _MADE[own] = Spelling(kind, _NAMES[own], _adapted(kind))
    return _MADE[own]
