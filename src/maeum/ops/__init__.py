"""Pure functions on arrays: everything numeric that layers, losses and metrics are made of.

On symbolic tensors they record a node of the graph, so they can stand between layers of a
functional model. Names, arguments and defaults are Keras's; `nn`, `numpy`, `linalg` and `image`
hold the parts that Keras has under these names.
"""
# ruff: noqa: F401, I001
# fmt: off

from maeum.core.lazy import lazily
from maeum.ops import image, linalg
from maeum.ops.activations import (
    celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh,
    leaky_relu, linear, log_sigmoid, log_softmax, maxout, mish, relu, relu6, selu, sigmoid,
    sign, silu, soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid,
    sparsemax, squareplus, step, tanh, tanh_shrink, threshold,
)
from maeum.ops.attention import (
    attention_weights, dot_product_attention, masked_softmax,
)
from maeum.ops.control import (
    associative_scan, cond, fori_loop, map, scan, switch, vectorize, vectorized_map, while_loop,
)
from maeum.ops.convolution import (
    conv, conv_transpose, depthwise_conv, separable_conv,
)
from maeum.ops.creation import (
    arange, array, bartlett, blackman, empty, empty_like, eye, full, full_like, geomspace,
    hamming, hanning, identity, kaiser, linspace, logspace, meshgrid, ones, ones_like, tri,
    vander, zeros, zeros_like,
)
from maeum.ops.crossentropy import (
    binary_crossentropy, categorical_crossentropy, sigmoid_cross_entropy, softmax_cross_entropy,
    sparse_categorical_crossentropy, sparse_softmax_cross_entropy,
)
from maeum.ops.ctc import (
    ctc_loss,
)
from maeum.ops.ctc_decoding import (
    ctc_decode,
)
from maeum.ops.differentiation import (
    custom_gradient, jvp,
)
from maeum.ops.elementwise import (
    abs, absolute, add, allclose, angle, arccos, arccosh, arcsin, arcsinh, arctan, arctan2,
    arctanh, bitwise_and, bitwise_invert, bitwise_left_shift, bitwise_not, bitwise_or,
    bitwise_right_shift, bitwise_xor, cast, cbrt, ceil, clip, conj, conjugate, copy, cos, cosh,
    deg2rad, divide, divide_no_nan, equal, erf, erfc, erfinv, exp, exp2, expm1, fabs, floor,
    floor_divide, fmax, fmin, fmod, gcd, greater, greater_equal, heaviside, hypot, i0, imag,
    isclose, isfinite, isinf, isnan, isneginf, isposinf, isreal, lcm, ldexp, left_shift, less,
    less_equal, log, log10, log1p, log2, logaddexp, logaddexp2, logical_and, logical_not,
    logical_or, logical_xor, maximum, minimum, mod, multiply, nan_to_num, negative, nextafter,
    not_equal, polar, power, rad2deg, real, reciprocal, right_shift, round, rsqrt,
    saturate_cast, signbit, sin, sinc, sinh, sqrt, square, stop_gradient, subtract, tan,
    true_divide, trunc, view, view_as_complex, view_as_real,
)
from maeum.ops.filters import (
    psnr,
)
from maeum.ops.indexing import (
    get_item, nonzero, scatter, scatter_update, segment_max, segment_min, segment_prod,
    segment_sum, select, slice, slice_update, take, take_along_axis, unravel_index, where,
)
from maeum.ops.linalg import (
    cholesky, cholesky_inverse, det, eig, eigh, inv, logdet, lstsq, lu_factor, matrix_rank,
    pinv, qr, slogdet, solve, solve_triangular, svd,
)
from maeum.ops.lookup import (
    embedding, multi_hot, one_hot,
)
from maeum.ops.noise import (
    alpha_dropout, dropout, gaussian_dropout, gaussian_noise,
)
from maeum.ops.normalization import (
    batch_normalization, group_normalization, layer_normalization, moments, normalize,
    normalize_batch, rms_normalization,
)
from maeum.ops.patches import (
    depth_to_space, fold, space_to_depth, unfold,
)
from maeum.ops.pixels import pad_to_halve, scale_pixels
from maeum.ops.pooling import (
    adaptive_average_pool, adaptive_max_pool, average_pool, max_pool,
)
from maeum.ops.products import (
    batch_dot, cdist, corrcoef, correlate, cross, dense, dot, einsum, inner, kron, matmul,
    outer, tensordot, trace, vdot,
)
from maeum.ops.rearranging import (
    rearrange,
)
from maeum.ops.recurrent import (
    gru, lstm, simple_rnn,
)
from maeum.ops.reductions import (
    all, amax, amin, any, argmax, argmin, average, count_nonzero, cumprod, cumsum, diff,
    logsumexp, max, mean, median, min, nanargmax, nanargmin, nancumprod, nancumsum, nanmax,
    nanmean, nanmedian, nanmin, nanpercentile, nanprod, nanquantile, nanstd, nansum, nanvar,
    norm, percentile, prod, ptp, quantile, std, sum, trapezoid, var,
)
from maeum.ops.shapes import (
    append, array_split, broadcast_to, concatenate, diag, diagflat, diagonal, dsplit, dstack,
    expand_dims, flip, fliplr, flipud, hsplit, hstack, moveaxis, ndim, pad, ravel, repeat,
    reshape, roll, rot90, shape, size, split, squeeze, stack, swapaxes, tile, transpose, tril,
    triu, unstack, vsplit, vstack,
)
from maeum.ops.sorting import (
    argpartition, argsort, bincount, digitize, histogram, in_top_k, isin, searchsorted, sort,
    top_k, unique,
)
from maeum.ops.spectral import (
    extract_sequences, fft, fft2, ifft2, irfft, istft, rfft, stft,
)
from maeum.ops.tensors import (
    convert_to_numpy, convert_to_tensor, dtype, is_tensor,
)
# fmt: on

swish, hard_swish = silu, hard_silu

__getattr__, __dir__ = lazily(__name__, {f"{__name__}.nn": (), f"{__name__}.numpy": ()})
