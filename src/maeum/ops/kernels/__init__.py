"""Convolution, pooling and batch normalization, each in the fastest way that the machine has.

The functions here take arrays with the channels last and a `maeum.ops.windows.Window`, and check
nothing: `maeum.ops.convolution` and `maeum.ops.pooling` stand in front.
"""

from maeum.ops.kernels.choice import (
    batch_normalize,
    convolve,
    convolve_transposed,
    max_pool,
    sum_pool,
)

__all__ = ["batch_normalize", "convolve", "convolve_transposed", "max_pool", "sum_pool"]
