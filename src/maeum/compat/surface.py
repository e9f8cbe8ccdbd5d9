"""Which module of Maeum's has the names of which module of TensorFlow or Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Module:
    """What a module consists of.

    Args:
        sources: the modules whose public names it has, the first one first.
        names: further names, and what they stand for, as ``"module:name"``.
        eager: the modules that come first where functions compute at once.
        doc: its docstring.
    """

    sources: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    eager: tuple[str, ...] = ()
    doc: str = "Maeum under another name; see maeum.compat."


def _of(room: str, *files: str) -> tuple[str, ...]:
    return tuple(f"maeum.compat.{room}.{file}" for file in files)


def _names(module: str, names: str) -> dict[str, str]:
    """Return ``"name"`` or ``"name=original"`` of a module, separated by spaces."""
    pairs = (part.partition("=") for part in names.split())
    return {name: f"maeum.compat.{module}:{own or name}" for name, _equals, own in pairs}


_GRAPH = _names(
    "graph.graph", "Graph GraphKeys Operation control_dependencies get_default_graph "
    "reset_default_graph get_default_session"
)  # fmt: skip
_TYPES = _names("graph.types", "DType TensorShape Dimension as_dtype") | _names(
    "dtypes", "bfloat16 bool complex64 complex128 float16 float32 float64 half=float16 "
    "double=float64 int8 int16 int32 int64 string uint8 uint16 uint32 uint64 quint8=uint8"
)  # fmt: skip
_SESSION = _names("session.session", "Session InteractiveSession")
_OPS = _of("ops", "arrays", "places", "maths", "convert", "random", "initializers", "groups",
           "scopes", "placeholders", "control")  # fmt: skip
_TRAIN = _of(
    "train", "optimizers", "schedules", "saver", "meta", "meta_reading", "coordinating", "queues"
)
_READERS = _names(
    "train.queues", "TFRecordReader TextLineReader WholeFileReader decode_csv read_file"
)  # fmt: skip
_FRAME = _names(
    "framework", "ConfigProto GPUOptions GIT_VERSION GraphDef Print RunMetadata RunOptions Summary "
    "Tensor VERSION Variable __version__ add_check_numerics_ops add_to_collection assign "
    "assign_add assign_sub device disable_eager_execution disable_resource_variables "
    "disable_tensor_equality disable_v2_behavior enable_eager_execution enable_resource_variables "
    "enable_v2_behavior executing_eagerly flags get_collection get_collection_ref gradients "
    "hessians is_variable_initialized numpy_function py_func scatter_add scatter_sub "
    "scatter_update set_random_seed"
)  # fmt: skip

_EAGER = _names("tape", "GradientTape") | _names("functions", "function") | _names(
    "framework", "Module"
)  # fmt: skip

MODULES: dict[str, Module] = {
    "tensorflow": Module(
        _OPS, {**_GRAPH, **_TYPES, **_SESSION, **_FRAME, **_READERS, **_EAGER},
    ),
    "tensorflow.nn": Module(
        _of("ops", "nn", "convolutions", "rnn"),
        _names("ops.maths", "sigmoid tanh softplus softsign log_sigmoid"),
        eager=_of("ops", "newer"),
    ),
    "tensorflow.nn.rnn_cell": Module(_of("ops", "cells", "wrappers")),
    "tensorflow.contrib.rnn": Module(_of("ops", "cells", "wrappers", "rnn")),
    "tensorflow.contrib.seq2seq": Module(_of("ops", "seq2seq")),
    "tensorflow.math": Module(_of("ops", "maths")),
    "tensorflow.train": Module(_TRAIN),
    "tensorflow.layers": Module(_of("layers", "layers")),
    "tensorflow.losses": Module(_of("layers", "losses"), eager=("maeum.losses",)),
    "tensorflow.metrics": Module(_of("layers", "metrics"), eager=("maeum.metrics",)),
    "tensorflow.optimizers": Module(("maeum.compat.keras2.optimizers", "maeum.optimizers")),
    "tensorflow.summary": Module(_of("train", "summary"), {}),
    "tensorflow.errors": Module(_of("graph", "errors")),
    "tensorflow.initializers": Module(
        (*_of("ops", "initializers"), "maeum.initializers"),
        _names("ops.initializers", "zeros=zeros_initializer ones=ones_initializer "
               "constant=constant_initializer random_normal=random_normal_initializer "
               "random_uniform=random_uniform_initializer orthogonal=orthogonal_initializer "
               "truncated_normal=truncated_normal_initializer "
               "variance_scaling=variance_scaling_initializer "
               "glorot_uniform=glorot_uniform_initializer glorot_normal=glorot_normal_initializer"),
    ),
    "tensorflow.random": Module(
        _of("ops", "random"),
        _names("ops.random", "normal=random_normal uniform=random_uniform set_seed=set_random_seed "
               "shuffle=random_shuffle gamma=random_gamma categorical=multinomial"),
    ),
    "tensorflow.linalg": Module(
        (),
        _names("ops.maths", "inv=matrix_inverse det=matrix_determinant matmul trace norm svd "
               "cholesky solve=matrix_solve einsum tensordot matrix_transpose")
        | _names("ops.places", "diag diag_part band_part=matrix_band_part")
        | _names("ops.arrays", "eye"),
    ),
    "tensorflow.dtypes": Module((), _TYPES | _names("ops.arrays", "cast")),
    "tensorflow.app": Module((), _names("framework", "run=run_app flags")),
    "tensorflow.data": Module(_of("data", "dataset", "files")),
    "tensorflow.data.experimental": Module(_of("data", "dataset", "files")),
    "tensorflow.config": Module(_of("ops", "devices")),
    "tensorflow.config.experimental": Module(_of("ops", "devices")),
    "tensorflow.io": Module((), _names("train.queues", "decode_csv read_file")),
    "tensorflow.io.gfile": Module(_of("ops", "gfile")),
    "tensorflow.version": Module((), _names("framework", "VERSION GIT_VERSION")),
    "tensorflow.gfile": Module(_of("ops", "gfile")),
    "tensorflow.strings": Module(_of("ops", "strings")),
    "tensorflow.test": Module((), _names("framework", "is_gpu_available")
                              | _names("ops.devices", "gpu_device_name is_built_with_cuda")),
    "tensorflow.estimator": Module(("maeum.compat.estimators",)),
    "tensorflow.estimator.inputs": Module(("maeum.compat.estimators",)),
    "tensorflow.feature_column": Module(("maeum.compat.estimators",)),
    "tensorflow.contrib.learn": Module(
        ("maeum.compat.estimators",), _names("estimators", "SKCompat")
    ),
    "tensorflow.logging": Module(_of("ops", "logs")),
    "tensorflow.examples": Module(),
    "tensorflow.examples.tutorials": Module(),
    "tensorflow.examples.tutorials.mnist": Module(),
    "tensorflow.examples.tutorials.mnist.input_data": Module(("maeum.compat.input_data",)),
    "tensorflow.contrib": Module(),
    "tensorflow.contrib.layers": Module(_of("layers", "contrib")),
    "tensorflow.contrib.framework": Module(
        (), _names("layers.contrib", "arg_scope add_arg_scope")
        | _names("train.saver", "list_variables load_variable")
        | _names("train.schedules", "get_or_create_global_step get_global_step"),
    ),
    "tensorflow.compat": Module(),
    "tensorflow.compat.v1": Module(("tensorflow",)),
    "tensorflow.python": Module(),
    "tensorflow.python.framework": Module(),
    "tensorflow.python.framework.ops": Module((), _GRAPH | _names("framework", "Tensor")),
    "tensorflow.python.framework.dtypes": Module(("tensorflow.dtypes",)),
    "tensorflow.python.ops": Module(),
}  # fmt: skip
for _name in ("rnn_cell", "init_ops", "array_ops", "math_ops", "nn_ops", "variable_scope"):
    MODULES[f"tensorflow.python.ops.{_name}"] = Module(("tensorflow", "tensorflow.nn"))


_CORE_LAYERS = (
    "advanced_activations", "convolutional", "convolutional_recurrent", "core", "embeddings",
    "local", "merge", "noise", "normalization", "pooling", "recurrent", "wrappers",
)  # fmt: skip
_LAYERS = ("maeum.compat.keras2.layers", "maeum.layers")
_MODELS = ("maeum.compat.keras2.models", "maeum.models")
_UTILS = ("maeum.compat.keras2.utils", "maeum.utils")
_SHORT = {
    short: f"maeum.losses:{name}" for short, name in (
        ("mse", "mean_squared_error"), ("MSE", "mean_squared_error"),
        ("mae", "mean_absolute_error"), ("MAE", "mean_absolute_error"),
        ("mape", "mean_absolute_percentage_error"), ("msle", "mean_squared_logarithmic_error"),
        ("kld", "kl_divergence"), ("kullback_leibler_divergence", "kl_divergence"),
        ("logcosh", "log_cosh"))
}  # fmt: skip
_KERAS: dict[str, Module] = {
    "": Module(
        ("maeum",),
        _names("keras2.models", "Model Sequential load_model=load_model")
        | _names("framework", "__version__=KERAS_VERSION"),
    ),
    "activations": Module(("maeum.activations",)),
    "applications": Module(("maeum.applications",)),
    "backend": Module(("maeum.compat.keras2.backend",)),
    "callbacks": Module(("maeum.compat.keras2.callbacks", "maeum.callbacks")),
    "constraints": Module(("maeum.constraints",)),
    "datasets": Module(("maeum.datasets",)),
    "engine": Module(_LAYERS),
    "engine.topology": Module(_LAYERS),
    "initializers": Module(("maeum.initializers",)),
    "layers": Module(_LAYERS, _names("keras2.layers", "merge")),
    "losses": Module(("maeum.losses",), _SHORT),
    "metrics": Module(("maeum.metrics",), _SHORT),
    "models": Module(_MODELS),
    "ops": Module(("maeum.ops",)),
    "optimizers": Module(("maeum.compat.keras2.optimizers", "maeum.optimizers")),
    "preprocessing": Module(("maeum.preprocessing",)),
    "preprocessing.image": Module(("maeum.preprocessing.image",)),
    "preprocessing.sequence": Module(("maeum.preprocessing.sequence",)),
    "preprocessing.text": Module(("maeum.preprocessing.text",)),
    "random": Module(("maeum.random",)),
    "regularizers": Module(
        ("maeum.regularizers",), {"WeightRegularizer": "maeum.regularizers:L1L2"}
    ),
    "utils": Module(_UTILS),
    "utils.generic_utils": Module(_UTILS),
    "utils.np_utils": Module(_UTILS),
    "utils.vis_utils": Module(_UTILS),
    "utils.visualize_util": Module(_UTILS),
    "wrappers": Module(("maeum.wrappers",)),
    "wrappers.scikit_learn": Module(("maeum.compat.keras2.scikit_learn",)),
    **{f"layers.{name}": Module(_LAYERS) for name in _CORE_LAYERS},
    **{f"datasets.{name}": Module((f"maeum.datasets.{name}",)) for name in (
        "boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb",
        "mnist", "reuters")},
    **{f"applications.{name}": Module((f"maeum.applications.{name}",)) for name in (
        "densenet", "imagenet_utils", "inception_v3", "mobilenet", "mobilenet_v2", "nasnet",
        "resnet50", "vgg16", "vgg19", "xception")},
}  # fmt: skip
for _root in ("keras", "tensorflow.keras", "tensorflow.python.keras"):
    MODULES |= {f"{_root}.{name}" if name else _root: module for name, module in _KERAS.items()}
MODULES["tensorflow.contrib.keras"] = Module(("keras",))


def _mirror(path: str, place: str) -> None:
    """Let a module stand in another place, too, with all that is inside it."""
    for own in [p for p in MODULES if p == path or p.startswith(f"{path}.")]:
        MODULES[f"{place}{own[len(path) :]}"] = Module((own,))


for _name in [
    name.partition(".")[2]
    for name in list(MODULES)
    if name.count(".") == 1
    and name.split(".")[1] not in ("compat", "python", "contrib", "examples")
]:
    _mirror(f"tensorflow.{_name}", f"tensorflow.compat.v1.{_name}")
