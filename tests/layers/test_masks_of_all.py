"""Every layer and every op passes the mask of its input on as Keras does, or says that it ends."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import layers as L
from maeum import ops
from maeum.core import registry
from maeum.core.masks import answered, mask_of, with_mask
from maeum.core.randomness import make_key

ROWS, STEPS = 2, 5
MASK = np.array([[1, 1, 0, 1, 0], [1, 0, 0, 1, 1]], bool)
SERIES, PAIR, IMAGES, VOLUMES = (5, 4), [(5, 4), (5, 4)], (5, 6, 3), (5, 4, 4, 2)

# The arguments and the shape of one input, of layers that need others than () and SERIES.
ARGUMENTS = {
    **dict.fromkeys(("Add", "Average", "Concatenate", "Maximum", "Minimum"), ({}, PAIR)),
    **dict.fromkeys(("Multiply", "Subtract", "Attention", "AdditiveAttention"), ({}, PAIR)),
    **dict.fromkeys(("AlphaDropout", "Dropout", "GaussianDropout"), ({"rate": 0.5}, SERIES)),
    **dict.fromkeys(("LSTM", "GRU"), ({"units": 3, "return_sequences": True}, SERIES)),
    **dict.fromkeys(
        ("TransformerEncoder", "TransformerDecoder"),
        ({"intermediate_dim": 4, "num_heads": 2}, SERIES),
    ),
    "Activation": ({"activation": "gelu"}, SERIES),
    "ConvLSTM1D": ({"filters": 2, "kernel_size": 2, "return_sequences": True}, IMAGES),
    "ConvLSTM2D": ({"filters": 2, "kernel_size": 2}, VOLUMES),
    "ConvLSTM3D": ({"filters": 2, "kernel_size": 1}, (5, 2, 2, 2, 2)),
    "CustomScaleLayer": ({"scale": 0.5}, PAIR),
    "Dense": ({"units": 3, "activation": "softmax"}, SERIES),
    "Dot": ({"axes": 2}, PAIR),
    "GaussianNoise": ({"stddev": 0.5}, SERIES),
    "GroupNormalization": ({"groups": 2}, SERIES),
    "LayerScale": ({"init_values": 0.5, "projection_dim": 4}, SERIES),
    "NTKDense": ({"units": 3, "activation": "tanh"}, SERIES),
    "PositionEmbedding": ({"sequence_length": 8}, SERIES),
    "Rescaling": ({"scale": 2.0}, SERIES),
    "RotaryEmbedding": ({}, (5, 2, 4)),
    "SimpleRNN": ({"units": 3}, SERIES),
    "SpatialDropout1D": ({"rate": 0.5}, SERIES),
    "SpatialDropout2D": ({"rate": 0.5}, IMAGES),
    "SpatialDropout3D": ({"rate": 0.5}, VOLUMES),
    "StochasticDepth": ({"drop_path_rate": 0.5}, SERIES),
}
HOLDERS = {
    "Bidirectional": lambda R: R.Bidirectional(R.LSTM(2, return_sequences=True)),
    "RNN": lambda R: R.RNN(R.SimpleRNNCell(3), return_sequences=True),
    "TimeDistributed": lambda R: R.TimeDistributed(R.Dense(2)),
}
# Those that make masks are tested elsewhere, and so are those that take more than a mask of steps.
MAKERS = {"Embedding", "Masking", "ReversibleEmbedding", "Softmax"}
OTHERWISE = {
    *("MultiHeadAttention", "GroupedQueryAttention"),
    *("Pipeline", "SpectralNormalization"),  # at which Keras's mask ends
}
# In which padding counts, in Keras as well: it has no rule to tell a sum over steps from others.
COUNTING = {"GroupNormalization", "Dot"}

CLASSES = {
    cls.__name__: cls
    for cls in (getattr(L, name) for name in L.__all__)
    if isinstance(cls, type) and issubclass(cls, L.Layer)
}
KNOWING = sorted(
    name
    for name, cls in CLASSES.items()
    if cls.supports_masking and not name.endswith("Cell") and name not in MAKERS | OTHERWISE
    if name not in {"InputLayer", "Wrapper"}
)


def masked(x):
    return with_mask(jnp.asarray(x) + 0, jnp.asarray(MASK))


def drawn(seed, shape):
    return np.random.default_rng(seed).normal(size=(ROWS, *shape)).astype("float32")


def as_padded(x, other):
    """Return ``x`` with other numbers where it is masked."""
    return np.where(MASK.reshape(ROWS, STEPS, *(1,) * (x.ndim - 2)), x, other)


@pytest.mark.parametrize("name", KNOWING)
def test_padding_changes_nothing_behind_a_layer_that_knows_masks(name, k):
    arguments, shape = ARGUMENTS.get(name, ({}, SERIES))
    make = HOLDERS.get(name, lambda room: getattr(room, name)(**arguments))
    layer, theirs = make(L), make(k) if hasattr(k, name) else None
    several = isinstance(shape, list)
    shapes = shape if several else [shape]
    inputs = [drawn(n, shape) for n, shape in enumerate(shapes)]
    others = [as_padded(x, drawn(9, shape)) for x, shape in zip(inputs, shapes)]
    layer.build([x.shape for x in inputs] if several else inputs[0].shape)

    @jax.jit
    def run(*arrays):
        output = layer([masked(x) for x in arrays] if several else masked(arrays[0]))
        return output, mask_of(output)

    (one, mask), (two, _) = run(*inputs), run(*others)
    if theirs is not None:
        given = [jnp.asarray(MASK)] * len(inputs) if several else jnp.asarray(MASK)
        expected = theirs.compute_mask(inputs if several else inputs[0], given)
        assert theirs.supports_masking
        assert (mask is None) == (expected is None)
        if expected is not None:
            np.testing.assert_array_equal(mask, expected)
    counted = slice(None) if mask is None else np.asarray(mask)
    same = np.allclose(np.asarray(one)[counted], np.asarray(two)[counted], atol=1e-5)
    assert same == (name not in COUNTING)


@pytest.mark.parametrize(
    "layer",
    [
        *(L.Conv1D(2, 2), L.DepthwiseConv1D(2), L.SeparableConv1D(2, 2), L.Conv1DTranspose(2, 2)),
        *(L.MaxPooling1D(2), L.AveragePooling1D(2), L.AdaptiveMaxPooling1D(2)),
        *(L.GlobalMaxPooling1D(), L.UpSampling1D(), L.ZeroPadding1D(), L.Cropping1D()),
        *(L.Flatten(), L.Reshape((4, 5)), L.Permute((2, 1)), L.Maxout(2), L.Lambda(jnp.tanh)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_that_knows_no_masks_says_so(layer):
    with pytest.warns(UserWarning, match="does not support masking"):
        assert jax.eval_shape(lambda x: mask_of(layer(masked(x))), drawn(0, SERIES)) is None


# ---- ops -----------------------------------------------------------------------------------------

X, Y = drawn(0, SERIES), drawn(1, SERIES)
TABLE, KEY = np.ones((9, 3), "float32"), make_key(3)


def calls(*groups):
    return [pytest.param(name, call, id=name) for names, call in groups for name in names.split()]


def cell(gates):
    """Return the state, the kernel and the recurrent kernel of a recurrent op with one unit."""
    return np.ones((ROWS, 1), "f4"), np.ones((4, gates), "f4"), np.ones((1, gates), "f4")


def four(x):
    """Return ``x`` with one more axis: (2, 5, 4, 4), matrices for each step."""
    return ops.repeat(ops.expand_dims(x, -1), 4, axis=-1)


def positive(x):
    """Return the identity matrix for each step."""
    return ops.add(ops.multiply(four(x), 0), np.eye(4, dtype="f4"))


def whole(x):
    """Return whole numbers."""
    return ops.cast(x, "int32")


KEEPING = calls(
    ("abs fabs cbrt exp2 sinh cosh arcsinh arctan arcsin arccos arccosh arctanh deg2rad", "f(x)"),
    ("rad2deg sinc i0 erfc erfinv trunc isposinf isneginf isreal signbit nan_to_num real", "f(x)"),
    ("imag conj conjugate angle copy empty_like array log_sigmoid sparse_sigmoid", "f(x)"),
    ("sparse_plus sparsemax squareplus hard_silu hard_swish hard_tanh soft_shrink", "f(x)"),
    ("tanh_shrink swish glu rms_normalization rfft diff trapezoid view_as_real", "f(x)"),
    ("view_as_complex", "f(ops.split(x, 2, -1)[0])"),
    ("full_like hard_shrink", "f(x, 0.5)"),
    ("threshold", "f(x, 0.5, 1.0)"),
    ("true_divide fmod fmax fmin hypot heaviside nextafter logaddexp logaddexp2", "f(x, Y)"),
    ("arctan2 polar isclose logical_xor binary_crossentropy", "f(x, Y)"),
    ("categorical_crossentropy", "f(Y, x)"),
    ("sparse_categorical_crossentropy", "f(np.zeros((2, 5), int), x)"),
    ("bitwise_and bitwise_or bitwise_xor gcd lcm left_shift right_shift", "f(whole(x), 3)"),
    ("bitwise_left_shift bitwise_right_shift", "f(whole(x), 3)"),
    ("bitwise_not bitwise_invert", "f(whole(x))"),
    ("ldexp argpartition", "f(x, 2)"),
    ("saturate_cast view", "f(x, 'int8')"),
    ("unravel_index", "f(whole(x), (9, 9))"),
    ("searchsorted", "f(np.arange(3.0), x)"),
    ("digitize isin", "f(x, np.arange(3.0))"),
    ("select", "f([Y > 0], [x])"),
    ("append", "f(x, Y, axis=-1)"),
    ("amax amin ptp cumprod average nansum nanprod nanmean nanvar nanstd nanmax", "f(x, axis=-1)"),
    ("nanmin nanargmax nanargmin nanmedian nancumsum nancumprod", "f(x, axis=-1)"),
    ("quantile percentile nanquantile nanpercentile", "f(x, 0.5, axis=-1)"),
    ("array_split", "f(x, 2, axis=-1)"),
    ("reshape", "f(x, (2, 5, 2, 2))"),
    ("rearrange", "f(x, 'b t (c d) -> b t d c', d=2)"),
    ("tile", "f(x, 2)"),
    ("moveaxis swapaxes", "f(four(x), 2, 3)"),
    ("diagonal", "f(four(x), 0, 2, 3)"),
    ("transpose", "f(four(x), (0, 1, 3, 2))"),
    ("tril triu svd pinv qr lu_factor matrix_rank slogdet det logdet inv", "f(four(x))"),
    ("cholesky cholesky_inverse eig eigh", "f(positive(x))"),
    ("pad", "f(x, ((0, 0), (0, 0), (1, 0)))"),
    ("tensordot", "f(x, Y, ([2], [2]))"),
    ("einsum", "f('bti,bsi->bts', x, Y)"),
    ("cdist", "f(x, Y[0])"),
    ("moments", "f(x, (-1,))"),
    ("extract_sequences", "f(x, 2, 1)"),
    ("stft", "f(x, 2, 1, 2)"),
    ("fft irfft", "f((x, Y))"),
    ("fft2 ifft2", "f((four(x), four(Y)))"),
    ("istft", "f((four(x), four(Y)), 6, 2, 6)"),
    ("linear step sign sigmoid hard_sigmoid tanh relu leaky_relu relu6 elu selu celu", "f(x)"),
    ("gelu silu mish softplus softsign exponential softmax log_softmax masked_softmax", "f(x)"),
    ("negative absolute reciprocal square sqrt exp expm1 log log1p log2 log10 sin cos tan", "f(x)"),
    ("floor ceil round isnan isinf isfinite rsqrt erf logical_not stop_gradient", "f(x)"),
    ("zeros_like ones_like layer_normalization normalize sort argsort", "f(x)"),
    ("add subtract multiply divide maximum minimum equal not_equal divide_no_nan", "f(x, Y)"),
    ("mod floor_divide power logical_and logical_or", "f(Y, x)"),
    ("greater less greater_equal less_equal", "f(x, Y[0])"),
    ("sigmoid_cross_entropy softmax_cross_entropy", "f(Y, x)"),
    ("sum prod mean var std max median min any all argmax argmin", "f(x, axis=-1)"),
    ("count_nonzero cumsum logsumexp norm flip", "f(x, axis=2)"),
    ("dropout alpha_dropout gaussian_dropout gaussian_noise", "f(x, 0.5, KEY)"),
    ("matmul dot dense embedding", "f(x, np.ones((4, 3), 'f4'))"),
    ("concatenate stack", "f([x, Y], axis=-1)"),
    ("maxout top_k", "f(x, 2)"),
    ("repeat roll split", "f(x, 2, axis=-1)"),
    ("take", "f(x, np.array([0, 2]), axis=-1)"),
    ("take_along_axis", "f(x, np.zeros((2, 5, 1), int), axis=-1)"),
    ("where", "f(Y > 0, x, 0.0)"),
    ("clip", "f(x, -1, 1)"),
    ("cast", "f(x, 'int32')"),
    ("one_hot", "f(x, 9)"),
    ("expand_dims", "f(x, -1)"),
    ("squeeze", "f(ops.expand_dims(x, 3), 3)"),
    ("batch_normalization", "f(x, *np.ones((2, 4), 'f4'))"),
    ("sparse_softmax_cross_entropy", "f(np.zeros((2, 5), int), x)"),
)
ENDING = calls(
    ("sum mean max argmax softmax cumsum", "f(x, axis=1)"),
    ("sort flip layer_normalization normalize log_softmax", "f(x, axis=-2)"),
    ("transpose ravel logsumexp norm prod normalize_batch", "f(x)"),
    ("split array_split hsplit vsplit dsplit", "f(x, [1])"),
    ("tile", "f(x, (1, 2, 1))"),
    ("roll repeat", "f(x, 2)"),
    ("unique nonzero histogram diagflat trace fliplr flipud rot90 size", "f(x)"),
    ("hstack vstack dstack", "f([x, Y])"),
    ("append", "f(x, Y, axis=1)"),
    ("allclose inner vdot kron", "f(x, Y)"),
    ("cross", "f(ops.take(x, [0, 1, 2], -1), Y[..., :3])"),
    ("percentile", "f(x, [25, 75], axis=-1)"),
    ("segment_sum segment_max segment_min segment_prod", "f(x, [0, 1], 2)"),
    ("slice", "f(x, (0, 0, 0), (2, 5, 4))"),
    ("slice_update", "f(x, (0, 0, 0), Y)"),
    ("scatter", "f([[0], [1]], x, (2, 5, 4))"),
    ("scatter_update", "f(x, [[0]], Y[:1])"),
    ("solve solve_triangular", "f(positive(x), four(Y))"),
    ("multi_hot", "f(whole(x), 9)"),
    ("in_top_k", "f(np.zeros((2, 5), int), x, 1)"),
    ("rearrange", "f(x, 'b t c -> b c t')"),
    ("map vectorized_map", "f(jnp.sin, x)"),
    ("associative_scan", "f(jnp.add, x)"),
    ("scan", "f(lambda carry, x: (carry, x + 1), 0.0, x)"),
    ("fori_loop", "f(0, 1, lambda i, x: x + 1, x)"),
    ("while_loop", "f(lambda x: True, lambda x: x + 1, x, 1)"),
    ("switch", "f(0, [jnp.sin], x)"),
    ("jvp", "f(jnp.sin, (x,), (Y,))"),
    ("swapaxes moveaxis", "f(x, 1, 2)"),
    ("add", "f(x, np.ones((2, 2, 5, 4)))"),
    ("matmul", "f(np.ones((5, 5)), x)"),
    ("dot", "f(np.ones((2, 5)), x)"),
    ("take", "f(x, np.arange(5)[::-1], axis=1)"),
    ("take_along_axis", "f(x, np.zeros((2, 5, 4), int), axis=1)"),
    ("concatenate", "f([x, Y], axis=1)"),
    ("stack", "f([x, Y])"),
    ("expand_dims", "f(x, 1)"),
    ("reshape", "f(x, (2, 10, 2))"),
    ("broadcast_to", "f(x, (3, 2, 5, 4))"),
    ("pad", "f(x, ((0, 0), (1, 0), (0, 0)))"),
    ("quantile", "f(x, 0.5, axis=1)"),
    ("outer", "f(x, x)"),
    ("tensordot", "f(x, Y, ([1], [1]))"),
    ("einsum", "f('bti,bti->bi', x, Y)"),
    ("batch_dot", "f(x, Y, (2, 2))"),
    ("moments", "f(x, (1,))"),
    ("group_normalization", "f(x, 2)"),
    ("dot_product_attention", "f(x, Y[:, :, None], Y[:, :, None])"),
    ("attention_weights", "f(x, Y[:, :, None])"),
    ("conv", "f(x, np.ones((2, 4, 3), 'f4'), padding='same')"),
    ("conv_transpose", "f(x, np.ones((2, 3, 4), 'f4'))"),
    ("depthwise_conv", "f(x, np.ones((2, 4, 1), 'f4'))"),
    ("separable_conv", "f(x, np.ones((2, 4, 1), 'f4'), np.ones((1, 4, 3), 'f4'))"),
    ("max_pool average_pool", "f(x, 2)"),
    ("adaptive_max_pool adaptive_average_pool", "f(x, 5)"),
    ("simple_rnn", "f(x, *cell(1))"),
    ("lstm", "f(x, cell(4)[:1] * 2, *cell(4)[1:])"),
    ("gru", "f(x, *cell(3))"),
)


# Their arguments have no steps, or belong to images.
WITHOUT_STEPS = (
    "zeros ones empty full eye identity tri arange linspace logspace geomspace meshgrid vander "
    "bartlett blackman hamming hanning kaiser diag correlate corrcoef bincount lstsq psnr fold "
    "unfold pad_to_halve scale_pixels depth_to_space space_to_depth ctc_loss ctc_decode"
)


def result(name, call, x):
    """Return what a call gives inside a model, its mask, and whether there was a warning."""
    f = getattr(ops, name)
    with warnings.catch_warnings(record=True) as caught, answered(by_layer=False):
        warnings.simplefilter("always")
        made = eval(call, globals(), {"f": f, "x": x})
    made = jax.tree.leaves(made)
    return made, [mask_of(one) for one in made], any("mask ends" in str(w.message) for w in caught)


@pytest.mark.parametrize(("name", "call"), KEEPING)
def test_ops_on_each_step_keep_the_mask_and_no_padding_gets_in(name, call):
    made, masks, warned = result(name, call, masked(X))
    others, _, _ = result(name, call, masked(as_padded(X, Y + 1)))
    assert not warned
    for one, other, mask in zip(made, others, masks):
        np.testing.assert_array_equal(mask, MASK)
        np.testing.assert_array_equal(np.asarray(one)[MASK], np.asarray(other)[MASK])


@pytest.mark.parametrize(("name", "call"), ENDING)
def test_ops_on_several_steps_say_that_the_mask_ends(name, call):
    x = masked(X[:, :, None] if "attention" in name else X)
    _, masks, warned = result(name, call, x)
    assert warned
    assert all(mask is None for mask in masks)


ROWS_APART = jnp.array([True, False])


@pytest.mark.parametrize(("name", "call"), [*KEEPING, *ENDING])
def test_what_says_that_it_works_row_by_row_does(name, call):
    """A rule that keeps a mask of rows promises that no row depends on another."""
    x = X[:, :, None] if "attention" in name else X
    changed = np.stack([x[0], x[1] + 1])
    made, masks, _ = result(name, call, with_mask(jnp.array(x), ROWS_APART))
    others, _, _ = result(name, call, with_mask(jnp.array(changed), ROWS_APART))
    for one, other, mask in zip(made, others, masks):
        if mask is not None:
            np.testing.assert_array_equal(np.asarray(one)[0], np.asarray(other)[0])


def test_every_op_is_listed():
    known = {name for name, op in vars(ops).items() if callable(op) and registry.name_of(op)}
    listed = {param.values[0] for param in [*KEEPING, *ENDING]}
    assert known == listed | set(WITHOUT_STEPS.split())


def test_operators_and_indices_between_layers():
    x = mm.Input((5, 4))
    h = L.Masking()(x)
    kept = [h + 1, 2 / h, -h, abs(h) ** 2, h > 0, h @ TABLE[:4]]
    kept += [h[:, :, 1:], h[..., 0], h[..., None]]
    ended = [h[:, ::-1], h[:, 1:], h[0], h[:, None], h[..., 1:, :]]
    data = X * MASK[..., None]
    first = [h[:, 0], h[:, -1, None]]  # of a step that somebody chose there is nothing to say
    for outputs in (kept, ended, first):
        for output in outputs:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                mask = mask_of(mm.Model(x, output)(data))
            assert (mask is not None) == (outputs is kept), output.node.args
            assert bool(caught) == (outputs is ended), output.node.args


def test_a_mask_reaches_a_recurrent_layer_through_ops():
    x = mm.Input((5,), dtype="int32")
    embedding, gru = L.Embedding(9, 4, mask_zero=True), L.GRU(3)

    def twice(h):
        return ops.relu(h) * 2.0 + h

    model = mm.Model(x, gru(twice(embedding(x))))
    words = np.array([[1, 2, 3, 0, 0]])
    short = mm.Model(y := mm.Input((3,), dtype="int32"), gru(twice(embedding(y))))
    np.testing.assert_allclose(model(words), short(words[:, :3]), atol=1e-6)


def test_of_several_masks_an_op_keeps_the_union_as_add_does():
    one, two = (with_mask(jnp.ones((2, 5)), jnp.asarray(mask)) for mask in (MASK, ~MASK[::-1]))
    expected = mask_of(L.Add()([one, two]))
    np.testing.assert_array_equal(mask_of(ops.add(one, two)), expected)
    np.testing.assert_array_equal(expected, MASK | ~MASK[::-1])


def test_outside_of_a_model_an_op_keeps_masks_and_ends_them_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mask_of(ops.exp(masked(X))) is not None
        assert mask_of(ops.mean(masked(X))) is None
