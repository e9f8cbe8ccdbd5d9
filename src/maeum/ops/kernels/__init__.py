"""Attention, convolution, pooling, normalization, recurrence, in the machine's fastest way.

The functions here take arrays with the channels last (and a `maeum.ops.windows.Window`), and check
nothing: `maeum.ops.convolution`, `maeum.ops.pooling` and `maeum.ops.recurrent` stand in front.
"""

from maeum.ops.kernels.choice import (
    attend,
    batch_normalize,
    convolve,
    convolve_transposed,
    gelu,
    gru,
    layer_normalize,
    lstm,
    max_pool,
    simple_rnn,
    sum_pool,
)

__all__ = [
    "attend",
    "batch_normalize",
    "convolve",
    "convolve_transposed",
    "gelu",
    "gru",
    "layer_normalize",
    "lstm",
    "max_pool",
    "simple_rnn",
    "sum_pool",
]
