import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import inspect

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.initializers.random_initializers import compute_fans as keras_fans
from scipy.stats import ks_2samp

from maeum import initializers
from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError, UnknownNameError
from maeum.core.randomness import set_random_seed

NAMES = [cls.__name__ for cls in initializers._CLASSES]
FIXED = ("Zeros", "Ones", "Constant", "Identity", "STFT")
RANDOM = [name for name in NAMES if name not in FIXED and not name.startswith("_")]
KERNEL = (3, 3, 40, 60)


def same_distribution(mine, peer):
    """Kolmogorov and Smirnov's test; 1e-4 is far below what equal distributions give."""
    mine, peer = (np.ravel(initial).astype("float64") for initial in (mine, peer))
    return ks_2samp(mine, peer).pvalue > 1e-4


@pytest.mark.parametrize("name", sorted({*RANDOM} - {"Orthogonal"}))
def test_numbers_are_distributed_as_those_of_keras(name):
    for shape in (KERNEL, (100, 200)):
        mine = getattr(initializers, name)(seed=1)(shape)
        assert same_distribution(mine, getattr(keras.initializers, name)(seed=1)(shape, "float32"))


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize(
    "distribution", ["normal", "truncated_normal", "untruncated_normal", "uniform"]
)
@pytest.mark.parametrize("axes", [(None, None), ((0, 2), (1, 3))])
def test_variance_scaling_is_that_of_keras(mode, distribution, axes):
    arguments = {"scale": 1.7, "mode": mode, "distribution": distribution, "seed": 1}
    arguments |= {"input_axes": axes[0], "output_axes": axes[1]}
    shape = (4, 3, 40, 60)
    mine = initializers.VarianceScaling(**arguments)(shape)
    peer = keras.initializers.VarianceScaling(**arguments)(shape, "float32")
    assert same_distribution(mine, peer)


@settings(max_examples=50)
@given(shape=st.lists(st.integers(1, 9), max_size=5))
def test_fans_are_those_of_keras(shape):
    assert initializers.compute_fans(shape) == keras_fans(shape)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_keras(name):
    def arguments(cls):
        if cls.__init__ is object.__init__:
            return []
        return [(p.name, p.default) for p in inspect.signature(cls).parameters.values()]

    mine = getattr(initializers, name)
    if name in ("Zeros", "Ones"):
        return
    parameters = list(inspect.signature(mine.__init__).parameters.values())[1:]
    peer = arguments(getattr(keras.initializers, name))
    assert [(p.name, p.default) for p in parameters] == peer


# The deviation is worked out from the fans: inputs 3 * 3 * 40, outputs 3 * 3 * 60.
@pytest.mark.parametrize(
    ("name", "stddev"),
    [
        ("glorot_uniform", np.sqrt(2 / (360 + 540))),
        ("glorot_normal", np.sqrt(2 / (360 + 540))),
        ("he_uniform", np.sqrt(2 / 360)),
        ("he_normal", np.sqrt(2 / 360)),
        ("lecun_uniform", np.sqrt(1 / 360)),
        ("lecun_normal", np.sqrt(1 / 360)),
        ("random_normal", 0.05),
        ("random_uniform", 0.1 / np.sqrt(12)),
        ("truncated_normal", 0.05 * 0.8796),
    ],
)
def test_numbers_have_the_spread_and_bounds_of_their_name(name, stddev):
    values = np.asarray(initializers.get(name)(KERNEL, key=jax.random.PRNGKey(1)), np.float64)
    assert abs(values.mean()) < 4 * stddev / np.sqrt(values.size)
    assert values.std() == pytest.approx(stddev, rel=0.02)
    if "uniform" in name:
        assert np.abs(values).max() <= np.sqrt(3) * stddev * 1.000001
    elif name != "random_normal":  # those are cut at two deviations of the uncut normal
        assert np.abs(values).max() <= 2 * stddev / 0.87962 * 1.000001


@pytest.mark.parametrize("name", RANDOM)
def test_numbers_are_a_function_of_the_key(name):
    initializer = initializers.get(name)
    key, other = jax.random.split(jax.random.PRNGKey(3))
    first = initializer((4, 5), key=key)
    np.testing.assert_array_equal(first, initializer((4, 5), key=key))
    assert not np.array_equal(first, initializer((4, 5), key=other))
    many = jax.vmap(lambda k: initializer((4, 5), key=k))(jnp.stack([key, other]))
    np.testing.assert_allclose(many[0], first, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_of_its_own_decides(name):
    initializer = getattr(initializers, name)(seed=5)
    keys = jax.random.split(jax.random.PRNGKey(0))
    np.testing.assert_array_equal(
        initializer((3, 2), key=keys[0]), initializer((3, 2), key=keys[1])
    )
    np.testing.assert_array_equal(initializer((3, 2)), initializer((3, 2)))


def test_without_key_and_seed_the_program_s_seed_decides():
    drawn = []
    for _ in range(2):
        set_random_seed(11)
        drawn.append([initializers.RandomNormal()((3,)) for _ in range(2)])
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0][0], drawn[0][1])


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 3, 4)])
def test_orthogonal_is_orthonormal_along_its_shorter_side(shape):
    values = initializers.Orthogonal(gain=2.0)(shape, key=jax.random.PRNGKey(0))
    matrix = np.asarray(values, np.float64).reshape(-1, shape[-1]) / 2
    product = matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-6)


def test_constants_are_what_they_say():
    np.testing.assert_array_equal(initializers.get("zeros")((2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(initializers.get("ones")((2,), "int32"), np.ones(2, "int32"))
    row = initializers.Constant(np.array([1.0, 2.0], "float32"))
    np.testing.assert_array_equal(row((3, 2)), [[1, 2]] * 3)
    np.testing.assert_array_equal(initializers.Identity(3.0)((2, 3)), 3 * np.eye(2, 3))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_dtype_and_shape_are_kept(name, dtype):
    shape = (3, 1, 4) if name == "STFT" else (3, 4)
    values = initializers.get(name)(shape, dtype=dtype, key=jax.random.PRNGKey(0))
    assert values.shape == shape
    assert values.dtype == dtype


@pytest.mark.parametrize("name", NAMES)
def test_names_and_configs_give_the_initializer(name):
    cls = getattr(initializers, name)
    snake = keras.src.utils.naming.to_snake_case(name)
    for identifier in (name, snake, cls, registry.serialize(cls())):
        assert type(initializers.get(identifier)) is cls
    assert getattr(initializers, snake) is cls


def test_older_names_work():
    for name, cls in {"normal": "RandomNormal", "uniform": "RandomUniform", "one": "Ones"}.items():
        assert type(initializers.get(name)).__name__ == cls


def test_a_config_makes_the_same_initializer():
    for initializer in (
        initializers.VarianceScaling(3.0, "fan_out", "uniform", seed=4),
        initializers.HeNormal(seed=9),
        initializers.Constant(np.array([1.0, 2.0])),
    ):
        again = registry.deserialize(registry.serialize(initializer))
        np.testing.assert_array_equal(initializer((4, 2)), again((4, 2)))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(UnknownNameError, match="'he_normal'"):
        initializers.get("he_norml")
    with pytest.raises(ConfigError, match="fan_in"):
        initializers.VarianceScaling(mode="fan")
    with pytest.raises(ConfigError, match="above 0"):
        initializers.VarianceScaling(scale=0)
    with pytest.raises(ConfigError, match="seed"):
        initializers.HeNormal(seed="x")
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        initializers.Orthogonal()((3,))
    with pytest.raises(ShapeError, match="matrices"):
        initializers.Identity()((3,))


@pytest.mark.parametrize(
    "arguments",
    [
        {}, {"side": "imag"}, {"window": None}, {"scaling": None}, {"periodic": True},
        {"scaling": "spectrum", "window": "hamming"}, {"window": np.arange(8.0)},
    ],
    ids=str,
)  # fmt: skip
def test_stft_kernels_are_those_of_keras(arguments):
    mine = initializers.STFT(**arguments)((8, 1, 5))
    peer = keras.initializers.STFT(**arguments)((8, 1, 5))
    np.testing.assert_allclose(mine, peer, atol=2e-6)  # Keras computes the angles in float32


def test_a_kernel_of_stft_is_the_fourier_transform():
    frame = np.random.default_rng(0).normal(size=8)
    parts = [initializers.STFT(side, None)((8, 1, 5))[:, 0] for side in ("real", "imag")]
    expected = np.fft.rfft(frame)
    np.testing.assert_allclose(frame @ parts[0] + 1j * (frame @ parts[1]), expected, atol=1e-5)


def test_windows_that_cannot_be_are_told():
    with pytest.raises(UnknownNameError, match="no window 'nope'"):
        initializers.STFT(window="nope")
    with pytest.raises(UnknownNameError, match="side is one of"):
        initializers.STFT(side="left")
    with pytest.raises(ShapeError, match=r"shape \(8,\)"):
        initializers.STFT(window=np.ones(3))((8, 1, 5))


def test_an_array_is_an_initializer_for_its_shape():
    array = np.arange(6, dtype="float32").reshape(2, 3)
    given = initializers.get(array)
    np.testing.assert_array_equal(given((2, 3)), array)
    with pytest.raises(ShapeError, match=r"\(2, 3\) was given"):
        given((3, 2))
    copy = given.clone()
    assert copy is not given
    np.testing.assert_array_equal(copy((2, 3)), array)
