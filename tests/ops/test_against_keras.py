"""Every op of `keras.ops`: signature, values, dtypes and symbolic shapes are those of Keras on JAX.

Each row of the table calls one function of both with the same arguments.
"""

import inspect
import itertools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import maeum as mm
from maeum import ops
from maeum.core.graph import SymbolicTensor

keras = pytest.importorskip("keras")

rng = np.random.default_rng(7)
x, y = rng.normal(size=(2, 2, 3, 4)).astype("float32")
p = rng.uniform(0.1, 0.9, (2, 3, 4)).astype("float32")
q = rng.uniform(0.1, 0.9, (2, 3, 4)).astype("float32")
n, m = rng.integers(1, 9, (2, 2, 3, 4)).astype("int32")
b, c = rng.random((2, 2, 3, 4)) < 0.5
holes = np.where(rng.random((2, 3, 4)) < 0.3, np.nan, x)
square = rng.normal(size=(2, 3, 3)).astype("float32")
positive = square @ square.transpose(0, 2, 1) + 2 * np.eye(3, dtype="float32")
image = rng.uniform(0, 1, (2, 6, 8, 3)).astype("float32")
other = rng.uniform(0, 1, (2, 6, 8, 3)).astype("float32")
corners = np.array([[0, 0], [0, 5], [7, 0], [7, 5]])
volume = rng.normal(size=(1, 4, 4, 4, 2)).astype("float32")
v, w = rng.normal(size=(2, 4)).astype("float32")
ids = np.array([0, 1, 1, 2], "int32")
wave = rng.normal(size=(2, 40)).astype("float32")
logits = rng.normal(size=(2, 5, 4)).astype("float32")
labels = np.array([[1, 2, 2], [3, 1, 0]], "int32")

TABLE = {
    "f(x)": "abs absolute arcsinh arctan cosh sinh cos sin tan tanh exp exp2 expm1 fabs floor ceil "
    "trunc round square negative reciprocal sign signbit cbrt sinc i0 deg2rad rad2deg isnan isinf "
    "isfinite isposinf isneginf isreal real imag conj conjugate angle copy array ravel size erf "
    "erfc relu relu6 sigmoid silu swish softplus softsign elu selu celu gelu glu hard_sigmoid "
    "hard_silu hard_swish hard_tanh hard_shrink soft_shrink tanh_shrink leaky_relu log_sigmoid "
    "log_softmax softmax sparse_plus sparse_sigmoid squareplus sum prod mean std var "
    "max min amax amin any all argmax argmin argsort sort median ptp count_nonzero cumsum cumprod "
    "logsumexp norm normalize rms_normalization layer_normalization nan_to_num zeros_like "
    "ones_like empty_like average diff trapezoid transpose flip fliplr flipud rot90 squeeze "
    "stop_gradient unstack convert_to_tensor convert_to_numpy shape is_tensor dtype ndim nonzero "
    "rfft view_as_real trace diagonal tril triu diagflat unique",
    "f(p)": "sqrt rsqrt log log1p log2 log10 arcsin arccos arctanh erfinv",
    "f(p + 1)": "arccosh",
    "f(n)": "sqrt exp floor ceil mean sum prod std var median max argmax sin arctan tanh log abs "
    "negative square cumsum sort angle softmax bitwise_invert bitwise_not nanmean "
    "logical_not average round any all count_nonzero norm logsumexp sign exp2 reciprocal cbrt "
    "trunc isnan real conj hard_sigmoid gelu",
    "f(b)": "sum mean prod any all max cumsum logical_not sqrt exp abs argmax count_nonzero sort",
    "f(x.astype('float16'))": "sum mean var std sqrt exp softmax max median norm logsumexp cumsum "
    "normalize rms_normalization gelu floor argmax",
    "f(holes)": "nansum nanprod nanmean nanstd nanvar nanmax nanmin nanmedian nancumsum nancumprod "
    "isnan nan_to_num max sum",
    "f(holes, axis=1)": "nansum nanmean nanargmax nanargmin nancumsum nanmedian",
    "f(holes, 0.3, axis=-1)": "nanquantile",
    "f(holes, [30, 60], axis=-1)": "nanpercentile",
    "f(x, axis=(0, 2), keepdims=True)": "sum prod mean std var max min any all median ptp "
    "logsumexp",
    "f(x, axis=1)": "sum argmax argmin cumsum cumprod sort argsort mean norm softmax log_softmax "
    "flip count_nonzero average normalize rms_normalization diff unstack ptp",
    "f(x, axis=-2, keepdims=True)": "argmax argmin std logsumexp norm",
    "f(x, y)": "add subtract multiply divide true_divide floor_divide mod fmod maximum minimum "
    "fmax fmin equal not_equal greater greater_equal less less_equal isclose allclose arctan2 "
    "hypot heaviside nextafter logaddexp logaddexp2 logical_and logical_or logical_xor "
    "divide_no_nan append inner outer vdot kron polar",
    "f(x, n)": "add subtract multiply divide maximum power floor_divide equal arctan2",
    "f(n, m)": "add subtract multiply divide floor_divide mod fmod power maximum gcd lcm "
    "bitwise_and bitwise_or bitwise_xor left_shift right_shift bitwise_left_shift "
    "bitwise_right_shift ldexp equal less divide_no_nan logaddexp true_divide isin",
    "f(b, c)": "add multiply logical_and logical_or logical_xor bitwise_and equal maximum",
    "f(n, 2)": "add divide power maximum floor_divide mod subtract",
    "f(n, 2.5)": "add divide multiply maximum",
    "f(x.astype('float16'), 2.0)": "add multiply power divide",
    "f(x, 1)": "add power full_like expand_dims repeat roll tile take cumsum",
    "f(x, 2)": "ldexp top_k roll repeat split",
    "f(x, 0.3)": "quantile hard_shrink soft_shrink leaky_relu elu celu",
    "f(x, [25, 60], axis=1, keepdims=True)": "percentile",
    "f(x, 3, axis=1)": "array_split split",
    "f(x, [1, 2], axis=2)": "split",
    "f(x, 2, axis=-1)": "repeat roll",
    "f(x, 2) ": "dsplit vsplit",
    "f(x, 3)": "hsplit",
    "f(x, (4, 6))": "reshape",
    "f(x, (2, -1))": "reshape",
    "f(x, (2, 1, 3))": "tile",
    "f(x, (5, 2, 3, 4))": "broadcast_to",
    "f(x, 0, 2)": "swapaxes moveaxis",
    "f(x, (2, 0, 1))": "transpose",
    "f(x, ((1, 0), (0, 2), (1, 1)))": "pad",
    "f(x, ((1, 0), (0, 2), (1, 1)), mode='reflect')": "pad",
    "f([x, y])": "concatenate stack hstack vstack dstack",
    "f([x, y], axis=-1)": "concatenate stack",
    "f(x, [0, 2], axis=1)": "take",
    "f(x, np.zeros((2, 3, 1), 'int32'), axis=2)": "take_along_axis",
    "f(x, (slice(None), 1))": "get_item",
    "f(x, (0, 1, 0), (2, 1, -1))": "slice",
    "f(x, (0, 1, 0), y[:, :1])": "slice_update",
    "f(np.array([[0, 1], [2, 0], [0, 1]]), v[:3], (3, 2))": "scatter",
    "f(x, np.array([[0, 1], [1, 2]]), y[0, :2])": "scatter_update",
    "f(x, np.array([[0], [1]]), y, reduction='max')": "scatter_update",
    "f(v, ids, 3)": "segment_sum segment_max segment_min segment_prod",
    "f(b, x, y)": "where",
    "f([b, c], [x, y], default=2.0)": "select",
    "f(n, (3, 4))": "unravel_index",
    "f(np.array([[0, 2], [1, 1]]), 3)": "one_hot multi_hot",
    "f(labels, 4, axis=1, dtype='int32')": "one_hot",
    "f(v)  ": "histogram",
    "f(ids, weights=v)": "bincount",
    "f(np.sort(v), x)": "searchsorted",
    "f(x, np.sort(v))": "digitize",
    "f(x, -0.5, 0.5)": "clip threshold",
    "f(n, 2, 5)": "clip",
    "f(300 * x, 'uint8')": "saturate_cast",
    "f(x, 'int32')": "cast view",
    "f(np.array([1, 3]), x[:, 0], 2)": "in_top_k",
    "f(x, y[0].T)": "matmul dot",
    "f(x, y.transpose(0, 2, 1))": "matmul",
    "f(n.astype('int8'), m[0].T.astype('int8'))": "matmul",
    "f(x, y, axes=([1, 2], [1, 2]))": "tensordot",
    "f('abc,adc->abd', x, y)": "einsum",
    "f(x[..., :3], y[..., :3])": "cross",
    "f(v, w, 'same')": "correlate",
    "f(x[0])": "corrcoef diag",
    "f(v)": "diag vander",
    "f(v, w)": "meshgrid",
    "f(x, y) ": "cdist",
    "f(square)": "det inv slogdet logdet pinv lu_factor matrix_rank",
    "f(positive)": "cholesky inv",
    "f(positive[0])": "cholesky_inverse",
    "f(square, compute_uv=False)": "svd",
    "f(positive, x[:, :, :2])": "solve solve_triangular",
    "f(positive[0], v[:3])": "lstsq",
    "f(square, 'fro', axis=(1, 2))": "norm",
    "f(x, 1, axis=1)": "norm",
    "f((x, y))": "fft fft2 ifft2 irfft",
    "f(x[..., :2])": "view_as_complex",
    "f(wave, 10, 4, 16)": "stft",
    "f((wave.reshape(2, 8, 5), wave.reshape(2, 8, 5)), 6, 2, 8)": "istft",
    "f(wave, 8, 3)": "extract_sequences",
    "f(x, 'a b c -> (a c) b')": "rearrange",
    "f(p, q)": "binary_crossentropy categorical_crossentropy",
    "f(p, x, from_logits=True)": "binary_crossentropy categorical_crossentropy",
    "f(np.array([[0, 3, 1], [2, 1, 1]]), q)": "sparse_categorical_crossentropy",
    "f(x, (0, 1))": "moments",
    "f(x.astype('float16'), (0,), keepdims=True)": "moments",
    "f(x, v, p[0, 0], -1, w, v, 0.01)": "batch_normalization",
    "f(x, v, w)": "layer_normalization",
    "f(p, q, 1.0)": "psnr",
    "f(image, 2, 2)": "max_pool average_pool",
    "f(image, 2)": "adaptive_max_pool adaptive_average_pool space_to_depth",
    "f(np.tile(image, 4), 2)": "depth_to_space",
    "f(image, 3, 2, 'same')": "max_pool average_pool",
    "f(image, rng_weights((3, 3, 3, 5)), 2, 'same')": "conv",
    "f(image, rng_weights((3, 3, 3, 2)))": "depthwise_conv",
    "f(image, rng_weights((3, 3, 5, 3)), 2)": "conv_transpose",
    "f(image, rng_weights((3, 3, 3, 2)), rng_weights((1, 1, 6, 4)))": "separable_conv",
    "f(*(image.reshape(2, 6, 3, 8)[:, :, ::-1] for _ in range(3)))": "dot_product_attention",
    "f(image.transpose(0, 3, 1, 2), (2, 3), stride=2, padding=1)": "unfold",
    "f(rng_weights((2, 12, 12)), (6, 8), (2, 2), stride=2)": "fold",
    "f(labels, logits, np.array([3, 2]), np.array([5, 4]))": "ctc_loss",
    "f(logits, np.array([5, 4]))": "ctc_decode",
    "f((2, 3))": "zeros ones empty",
    "f((2, 3), 4)": "full",
    "f(3)": "eye identity tri arange bartlett blackman hamming hanning",
    "f(3, 4, 1)": "eye tri",
    "f(5, 2.0)": "kaiser",
    "f(1, 9, 2)": "arange",
    "f(0.0, 2.0, 5)": "linspace logspace",
    "f(1.0, 8.0, 4)": "geomspace",
    "f(np.array(True), lambda: x, lambda: y)": "cond",
    "f(1, [jnp.sin, jnp.cos], x)": "switch",
    "f(lambda i, t: i < 3, lambda i, t: (i + 1, t * 2), (0, x))": "while_loop",
    "f(0, 3, lambda i, t: t + i, x)": "fori_loop",
    "f(lambda carry, row: (carry + row, carry * row), x[0], x)": "scan",
    "f(jnp.add, x, axis=1)": "associative_scan",
    "f(lambda row: row * 2, x)": "map vectorized_map",
    "f(jnp.sin, (x,), (y,))": "jvp",
    "f(lambda t: (t * 2, lambda g: g))(x)": "custom_gradient",
}
IMAGE = {
    "f(image)": "rgb_to_grayscale rgb_to_hsv hsv_to_rgb sobel_edges",
    "f(image, (5, 3), (2.0, 0.5), 'channels_last')": "gaussian_blur",
    "f(image, (4, 5))": "resize",
    "f(image[0], np.array([1, 0.1, 1, 0, 1, -0.5, 0, 0]))": "affine_transform",
    "f(image, 2)": "extract_patches",
    "f(image[0], (2, 3), 1, 1, 'same')": "extract_patches",
    "f(volume, 2)": "extract_patches_3d",
    "f(image, 1, 2, target_height=9, target_width=11)": "pad_images",
    "f(image, 1, 2, target_height=4, target_width=5)": "crop_images",
    "f(image[..., 0], np.stack([n[..., :2] / 2 - 1, m[..., :2] / 2, n[..., 2:] / 1.0]), 1)":
        "map_coordinates",
    "f(x[0], n[:, 0] / 2, 1, 'reflect')": "map_coordinates",
    "f(image[0], corners, np.array([[1, 0], [0, 4], [6, 1], [7, 5]]))":
        "perspective_transform",
    "f(x[0], (5, 6), np.array([1.5, 2.0]), np.array([0.5, -1.0]), (0, 1), 'linear')":
        "scale_and_translate",
    "f(image, other, filter_size=5)": "ssim",
}  # fmt: skip
NUMPY = (
    "abs absolute arcsinh arctan cosh sinh cos sin tan tanh exp exp2 expm1 fabs floor ceil trunc "
    "square negative reciprocal sign cbrt sinc i0 deg2rad rad2deg sum prod mean std var max min "
    "median ptp cumsum cumprod add subtract multiply divide hypot logaddexp logaddexp2 arctan2 "
    "heaviside kron outer inner nansum nanmean nanstd nanvar nanmedian percentile quantile sort "
    "diff trapezoid tril triu trace rot90 unique searchsorted digitize cross correlate corrcoef "
    "vander select where gcd lcm linspace logspace geomspace kaiser bartlett blackman hamming"
)


def rng_weights(shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def rows(table):
    pairs = [(name, call) for call, names in table.items() for name in names.split()]
    return [pytest.param(*pair, id=f"{pair[0]}-{i}") for i, pair in enumerate(pairs)]


def called(module, name, call, **values):
    return eval(call.strip(), {**globals(), **values, "f": getattr(module, name)})


def leaves(result):
    return jax.tree.leaves(result)


def same(got, expected, tolerance=2e-5):
    got, expected = leaves(got), leaves(expected)
    assert len(got) == len(expected)
    for one, two in zip(got, expected):
        if isinstance(two, str):
            assert one == two
            continue
        assert np.asarray(one).dtype == np.asarray(two).dtype
        assert np.shape(one) == np.shape(two)
        loose = 2e-3 if np.asarray(two).dtype == np.float16 else tolerance
        np.testing.assert_allclose(one, two, rtol=loose, atol=loose)


@pytest.mark.parametrize(("name", "call"), rows(TABLE))
def test_values_and_dtypes(name, call):
    same(called(ops, name, call), called(keras.ops, name, call))


@pytest.mark.parametrize(("name", "call"), rows(IMAGE))
def test_images(name, call):
    same(called(ops.image, name, call), called(keras.ops.image, name, call), 1e-4)


def test_every_name_is_in_the_table():
    known = {name for name in dir(keras.ops) if callable(getattr(keras.ops, name))}
    tested = {row.values[0] for row in rows(TABLE)}
    # Those are tested below.
    apart = {"argpartition", "eig", "eigh", "qr", "sparsemax", "vectorize"}
    assert {name for name in known - tested if not name.startswith("_")} == apart
    assert {row.values[0] for row in rows(IMAGE)} >= set(public(keras.ops.image)) - {
        "elastic_transform"
    }


def public(module):
    return [name for name in dir(module) if not name.startswith("_")]


@pytest.mark.parametrize("room", ["nn", "numpy", "linalg", "image"])
def test_rooms_have_the_names_of_keras(room):
    missing = set(public(getattr(keras.ops, room))) - set(public(getattr(ops, room)))
    assert missing == set()
    for name in public(getattr(keras.ops, room)):
        if hasattr(keras.ops, name):
            assert getattr(getattr(ops, room), name) is getattr(ops, name)


# Arguments of Keras 3 that are deliberately written otherwise: **kwargs take an older name.
FREE = {"multi_hot", "layer_normalization"}


def differences(ours, theirs):
    """Say in what our function does not take the arguments of Keras's, in order, with defaults."""
    own = list(inspect.signature(ours).parameters.values())
    for place, wanted in enumerate(inspect.signature(theirs).parameters.values()):
        if wanted.kind is wanted.VAR_KEYWORD and theirs.__name__ in FREE:
            continue
        found = own[place] if place < len(own) else None
        if found is None or found.name != wanted.name or found.kind != wanted.kind:
            yield f"{place}: {wanted} and not {found}"
        elif found.default != wanted.default and wanted.default is not wanted.empty:
            yield f"{wanted} and not {found}"
    for more in own[len(inspect.signature(theirs).parameters) :]:
        if more.default is more.empty and more.kind not in (more.VAR_KEYWORD, more.VAR_POSITIONAL):
            yield f"{more} has to be given"


@pytest.mark.parametrize("room", ["ops", "ops.image", "activations", "random"])
def test_signatures(room):
    def within(module):
        for part in room.split("."):
            module = getattr(module, part)
        return module

    found = {}
    for name in public(within(keras)):
        theirs, ours = getattr(within(keras), name), getattr(within(mm), name, None)
        if inspect.isfunction(theirs) and ours is not None:
            found[name] = list(differences(ours, theirs))
    assert len(found) >= 10
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize(
    ("name", "call"),
    [
        r
        for r in rows(TABLE)
        if r.values[0] in NUMPY.split() and r.values[1] not in ("f(n)", "f(b)")
    ],
)
def test_values_are_those_of_numpy(name, call):
    got, expected = called(ops, name, call), called(np, name, call)
    tolerance = 2e-3 if "float16" in call else 1e-4
    for one, two in zip(leaves(got), leaves(expected)):
        np.testing.assert_allclose(one, two, rtol=tolerance, atol=tolerance / 10)


# What Keras cannot tell, or tells otherwise than it computes.
SHAPES_APART = (
    "nonzero unique size ndim shape is_tensor dtype convert_to_numpy array histogram bincount "
    "slogdet eig svd argpartition convert_to_tensor arange unravel_index"
)


ALONE = re.compile(r"(?=.*\b[xypqnmb]\b)(?!.*(np\.|lambda|\b[xypqnmb][.\[])).*")


@pytest.mark.parametrize(
    ("name", "call"),
    [
        row
        for row in rows(TABLE)
        if row.values[0] not in SHAPES_APART.split() and ALONE.fullmatch(row.values[1])
    ],
)
def test_symbolic_shapes_and_dtypes(name, call):
    """Every drawn array that stands for itself in a call becomes symbolic."""
    symbolic = {k: SymbolicTensor(globals()[k].shape, globals()[k].dtype) for k in "xypqnmb"}
    ours = called(ops, name, call, **symbolic)
    computed = called(ops, name, call)
    for one, two in zip(leaves(ours), leaves(computed), strict=True):
        assert one.shape == np.shape(two)
        assert one.dtype == np.asarray(two).dtype


SMOOTH = {
    "f(x)": "sparsemax glu rms_normalization logsumexp norm cumprod std",
    "f(p)": "erfinv arctanh",
    "f(x, y)": "cdist logaddexp hypot divide_no_nan kron inner",
    "f(positive)": "cholesky logdet inv",
    "f((x, y))": "fft",
}


@pytest.mark.parametrize(("name", "call"), rows(SMOOTH))
def test_gradients_are_those_of_finite_differences(name, call):
    free = [k for k in ("x", "y", "p", "positive") if k in call]
    with jax.enable_x64(True):
        given = [globals()[k].astype("float64") for k in free]
        check_grads(
            lambda *a: called(ops, name, call, **dict(zip(free, a))), given, 1, ["rev"], eps=1e-5
        )


def test_decompositions_give_the_matrix_back():
    got = [
        ops.qr(x),
        ops.qr(x, mode="complete"),
        ops.svd(square),
        ops.eigh(positive),
        ops.eig(square),
    ]
    (q1, r1), (q2, r2), (u, s, vt), (values, vectors), (lam, vec) = got
    same(q1 @ r1, x)
    same(q2 @ r2, x)
    same(u * s[:, None] @ vt, square)
    same(vectors * values[:, None] @ vectors.swapaxes(1, 2), positive)
    np.testing.assert_allclose(vec * lam[:, None], square @ np.asarray(vec), atol=1e-5)


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    got = np.asarray(ops.sparsemax(3 * x, axis=1))
    np.testing.assert_allclose(got.sum(1), 1, rtol=1e-5)
    # By the conditions of Karush, Kuhn and Tucker: what is left of x is the same t wherever the
    # result is positive, and no larger elsewhere (Martins & Astudillo, 2016, proposition 1).
    rest = np.where(got > 0, 3 * x - got, np.nan)
    t = np.nanmax(rest, 1, keepdims=True)
    np.testing.assert_allclose(np.nan_to_num(rest - t), 0, atol=1e-5)
    assert np.all((3 * x <= t + 1e-5) | (got > 0))


def test_argpartition_puts_one_entry_where_sorting_would():
    order = np.asarray(ops.argpartition(v, 2))
    values = v[order]
    assert values[2] == np.sort(v)[2]
    assert values[:2].max() <= values[2] <= values[3:].min()


def test_beam_search_finds_the_likeliest_labels():
    """Every way through three classes in four steps, summed by the labels that it reads as."""
    lengths = [4, 2]
    paths, scores = ops.ctc_decode(logits[:, :4, :3], lengths, "beam_search", 40, 3)
    for row, length in enumerate(lengths):
        log_p = np.asarray(jax.nn.log_softmax(logits[row, :length, :3]), "float64")
        total = {}
        for way in itertools.product(range(3), repeat=length):
            read = tuple(label for label, _ in itertools.groupby(way) if label)
            p = np.exp(sum(log_p[step, label] for step, label in enumerate(way)))
            total[read] = total.get(read, 0) + p
        best = sorted(total, key=total.get)[:-4:-1]
        np.testing.assert_allclose(scores[row], [np.log(total[b]) for b in best], atol=1e-5)
        for place, labels in enumerate(best):
            assert paths[place, row].tolist() == [*labels, *[-1] * (4 - len(labels))]


def test_vectorize_takes_a_signature():
    total = ops.vectorize(lambda row: jnp.sum(row), signature="(n)->()")
    same(total(x), jnp.sum(x, -1))
