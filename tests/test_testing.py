"""`check_layer` passes every layer of Maeum, and catches every defect that it promises to."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import layers as L
from maeum import ops
from maeum.core.errors import ConfigError
from maeum.testing import LayerCheckError, check_layer

WORDS = np.array([[1, 2, 0], [8, 0, 3], [4, 4, 4]])
SERIES, IMAGES, PAIR = (6, 4), (5, 6, 4), [(4,), (4,)]


@mm.register(package="test_testing")
def doubled(x):
    return 2 * x


LAYERS = {
    "AdditiveAttention": ({"dropout": 0.2}, [(3, 4), (5, 4)]),
    "Attention": ({"use_scale": True, "dropout": 0.2}, [(3, 4), (5, 4)]),
    "ELU": ({}, (5,)),
    "Activation": ({"activation": "gelu"}, (5,)),
    "ActivityRegularization": ({"l1": 0.1, "l2": 0.1}, (5,)),
    "Add": ({}, PAIR),
    "AlphaDropout": ({"rate": 0.3}, (5,)),
    "Average": ({}, PAIR),
    "BatchNormalization": ({}, IMAGES),
    "CategoryEncoding": ({"num_tokens": 9}, WORDS),
    "Concatenate": ({"axis": 1}, [(3, 4), (2, 4)]),
    "CustomScaleLayer": ({"scale": 0.5}, PAIR),
    "Dense": ({"units": 3, "activation": "softmax", "kernel_regularizer": "l2"}, SERIES),
    "Dot": ({"axes": 1, "normalize": True}, PAIR),
    "Discretization": ({"bin_boundaries": [-0.5, 0.5], "output_mode": "one_hot"}, SERIES),
    "Dropout": ({"rate": 0.4, "noise_shape": (None, 1, 4)}, SERIES),
    "EinsumDense": (
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "de"},
        SERIES,
    ),
    "Embedding": ({"input_dim": 9, "output_dim": 3, "mask_zero": True}, WORDS),
    "Flatten": ({}, IMAGES),
    "GaussianDropout": ({"rate": 0.3}, (5,)),
    "GaussianNoise": ({"stddev": 0.3}, (5,)),
    "GroupNormalization": ({"groups": 2}, IMAGES),
    "Identity": ({}, SERIES),
    "Lambda": ({"function": doubled}, (5,)),
    "LayerNormalization": ({"axis": (1, 2)}, SERIES),
    "LayerScale": ({"init_values": 0.5, "projection_dim": 4}, SERIES),
    "LeakyReLU": ({}, (5,)),
    "LocalResponseNormalization": ({"alpha": 0.1}, (4, 4, 6)),
    "Masking": ({}, SERIES),
    "Maximum": ({}, PAIR),
    "Maxout": ({"num_units": 3}, (6,)),
    "Minimum": ({}, PAIR),
    "MelSpectrogram": ({"fft_length": 16, "sequence_stride": 4, "num_mel_bins": 3}, (40,)),
    "Multiply": ({}, PAIR),
    "Pipeline": ({"layers": [L.Rescaling(2.0), L.Dense(3)]}, SERIES),
    "PositionEmbedding": ({"sequence_length": 8}, SERIES),
    "RMSNormalization": ({}, SERIES),
    "PReLU": ({"shared_axes": [1]}, SERIES),
    "Permute": ({"dims": (2, 1)}, SERIES),
    "ReversibleEmbedding": ({"input_dim": 9, "output_dim": 3, "mask_zero": True}, WORDS),
    "ReLU": ({"max_value": 1.5}, (5,)),
    "RepeatVector": ({"n": 3}, (5,)),
    "Reshape": ({"target_shape": (2, -1)}, (6,)),
    "STFTSpectrogram": ({"frame_length": 8}, (24, 2)),
    "RotaryEmbedding": ({}, (5, 2, 4)),
    "SinePositionEncoding": ({}, SERIES),
    "Softmax": ({}, SERIES),
    "SpectralNormalization": ({"layer": L.Dense(3)}, SERIES),
    "SpatialDropout1D": ({"rate": 0.4}, SERIES),
    "SpatialDropout2D": ({"rate": 0.4}, IMAGES),
    "SpatialDropout3D": ({"rate": 0.4}, (2, 3, 2, 4)),
    "StochasticDepth": ({"drop_path_rate": 0.5}, SERIES),
    "Subtract": ({}, PAIR),
    "UnitNormalization": ({}, (5,)),
}
# As in Keras, the mask of a Softmax has the shape of its input; and the singular vectors count as
# constants in the gradient.
_SKIPPED = {"Softmax": ["masks"], "SpectralNormalization": ["gradients"]}
# The layers of these files are checked by tests of the same name in tests/layers.
ELSEWHERE = {
    *("convolution", "convolution_transposed", "depthwise", "pooling", "global_pooling"),
    *("padding", "upsampling", "preprocessing", "preprocessing_statistics"),
    *("augmentation", "augmentation_values", "augmentation_mixing", "bounding_boxes"),
    "augmentation_affine",
    *("augmentation_colors", "augmentation_tones", "augmentation_warps", "augmentation_chains"),
    *("hashing", "input_spec", "numerical_embeddings", "ntk", "trees"),
    *("multi_head_attention", "transformer"),  # in test_attention, test_transformer
    *("recurrent", "stacked_rnn_cells", "simple_rnn", "lstm", "gru"),  # in test_recurrent
    *("bidirectional", "time_distributed", "conv_lstm"),
    *("text_vectorization", "string_lookup", "integer_lookup"),  # in test_text_vectorization
}


def test_every_layer_is_listed():
    known = {name for name in L.__all__ if name[0].isupper()} - {"Input", "InputLayer", "Layer"}
    here = {n for n in known if getattr(L, n).__module__.rpartition(".")[2] not in ELSEWHERE}
    assert here == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_keep_the_contract(name):
    init, given = LAYERS[name]
    data = {"inputs": given} if isinstance(given, np.ndarray) else {"input_shape": given}
    check_layer(getattr(L, name), init=init, skip=_SKIPPED.get(name, []), **data)


class Scale(mm.Layer):
    """A layer without fault, and with everything that a layer may have."""

    def __init__(self, rate=0.2, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.inner = [L.Dense(4, activation="tanh"), L.BatchNormalization()]

    def build(self, input_shape):
        self.factor = self.add_weight("factor", (input_shape[-1],), "uniform", regularizer="l2")
        self.seen = self.add_weight("seen", (), "zeros", dtype="int32", trainable=False)

    def call(self, x, training=False):
        if training:
            x = ops.gaussian_noise(x, self.rate, self.random_key())
            self.seen.assign_add(1)
        for layer in self.inner:
            x = layer(x * self.factor if layer is self.inner[0] else x)
        return [x, ops.sum(x, axis=-1)]


def test_a_layer_of_ones_own_passes_in_every_form():
    check_layer(Scale)
    check_layer(lambda: Scale(0.3), inputs=np.ones((1, 5)))
    unbuilt = Scale(rate=0.1, name="mine")
    check_layer(unbuilt, (3, 5))
    assert not unbuilt.built


class Broken(Scale):
    """The base of layers with one fault each."""

    def call(self, x, training=False):
        return x * self.factor


class WrongShape(Broken):
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)


class DropsRows(Broken):
    def call(self, x):
        return x[:1] * self.factor


class KnowsTheBatch(Broken):
    def call(self, x):
        return jnp.reshape(x, (4, -1)) * self.factor


class HalfPrecision(Broken):
    def call(self, x):
        return (x * self.factor).astype("float16")


class DividesByZero(Broken):
    def call(self, x):
        return x / (x - x)


class ReturnsNothing(Broken):
    def call(self, x):
        self.result = None


class MakesWeightsInCall(Broken):
    def call(self, x):
        self.more = [*getattr(self, "more", []), self.add_weight("w", (), "ones")]
        return x * self.factor


class TrainsWholeNumbers(Broken):
    def build(self, input_shape):
        self.factor = self.add_weight("factor", (), "ones", dtype="int32")


class DrawsWithNumPy(Broken):
    def call(self, x):
        return x * self.factor + np.random.rand()


class CountsCalls(Broken):
    count = 0

    def call(self, x):
        self.count += 1
        return x * self.factor + self.count


class Decides(Broken):
    def call(self, x):
        return x * self.factor if x.sum() > 0 else -x


class UsesNumPy(Broken):
    def call(self, x):
        return np.tanh(x) * self.factor


class KeepsValues(Broken):
    def call(self, x):
        self.latest = x
        return x * self.factor


class KeepsWeights(Broken):
    def call(self, x):
        if not hasattr(self, "kept"):
            self.kept = self.factor.numpy()
        return x * self.kept


class ChangesItself(Broken):
    def call(self, x):
        self.factor._value = self.factor.value + 1
        return x * self.factor


class WrongSlope(Broken):
    def call(self, x):
        return x * jax.lax.stop_gradient(jnp.tanh(x)) * self.factor


class WrongSlopeOfWeight(Broken):
    def call(self, x):
        return x * (self.factor + jax.lax.stop_gradient(self.factor**2))


class OneAtATime(Broken):
    def call(self, x):
        shape = jax.ShapeDtypeStruct(x.shape, x.dtype)
        twice = jax.custom_jvp(lambda x: jax.pure_callback(lambda x: 2 * x, shape, x))
        twice.defjvp(lambda point, slope: (twice(*point), 2 * slope[0]))
        return twice(x * self.factor)


class ForgetsArgument(Broken):
    def get_config(self):
        return {"name": self.name}

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate


class ChangesArgument(Broken):
    def get_config(self):
        return {**super().get_config(), "rate": self.rate + 1}


class NoJson(Broken):
    def get_config(self):
        return {**super().get_config(), "rate": {1, 2}}


class HidesWeights(Broken):
    def build(self, input_shape):
        self.factor = jnp.asarray(np.random.rand(input_shape[-1]), "float32")


class WrongMask(Broken):
    supports_masking = True

    def call(self, x):
        return ops.reshape(x, (x.shape[0], -1))


class AlwaysTrains(Broken):
    @property
    def trainable_weights(self):
        return [self.factor]


FAULTS = {
    WrongShape: ("shapes", "compute_output_shape"),
    DropsRows: ("shapes", "first axis is the batch"),
    KnowsTheBatch: ("shapes", "of any size"),
    ReturnsNothing: ("weights", "is a return missing"),
    HalfPrecision: ("dtypes", "float16"),
    DividesByZero: ("dtypes", "NaN"),
    MakesWeightsInCall: ("weights", "build"),
    TrainsWholeNumbers: ("weights", "not floating-point"),
    DrawsWithNumPy: ("determinism", "random_key"),
    CountsCalls: ("determinism", "no state outside"),
    ChangesItself: ("determinism", "keep no state"),
    Decides: ("compilation", "not use if"),
    UsesNumPy: ("compilation", "NumPy"),
    KeepsValues: ("compilation", "latest"),
    KeepsWeights: ("shapes", "Tracer"),
    WrongSlope: ("gradients", "finite differences"),
    WrongSlopeOfWeight: ("gradients", "factor"),
    OneAtATime: ("vmap", "vmap"),
    ForgetsArgument: ("configuration", "survive"),
    ChangesArgument: ("configuration", "another configuration"),
    NoJson: ("configuration", "JSON"),
    HidesWeights: ("saving", "add_weight"),
    WrongMask: ("masks", "compute_mask"),
    AlwaysTrains: ("freezing", "stay trainable"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda cls: cls.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_fault_is_caught_and_explained(fault):
    check, words = FAULTS[fault]
    init = {"rate": 0.5} if fault is ForgetsArgument else {}
    shape = (3, 5) if fault is WrongMask else (5,)
    with pytest.raises(LayerCheckError) as caught:
        check_layer(fault, shape, init=init)
    assert isinstance(caught.value, AssertionError)
    assert f"{fault.__name__} (" in str(caught.value)
    assert f"the check {check!r}" in str(caught.value)
    assert words in str(caught.value)


def test_a_check_can_be_skipped():
    check_layer(WrongSlope, skip=["gradients"])
    check_layer(WrongSlope, skip="gradients")
    with pytest.raises(ConfigError, match="Did you mean 'gradients'"):
        check_layer(WrongSlope, skip=["gradient"])


def test_misuse_of_the_check_itself():
    with pytest.raises(ConfigError, match="takes a layer"):
        check_layer(lambda: 3)
    with pytest.raises(ConfigError, match="layer class"):
        check_layer(Scale(), init={"rate": 1})
    with pytest.raises(ConfigError, match="batch axis"):
        check_layer(Scale, inputs=np.float32(3))
    with pytest.raises(TypeError, match="Did you mean 'rate'"):
        check_layer(Scale, init={"rates": 1})
