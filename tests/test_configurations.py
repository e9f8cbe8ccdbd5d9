"""What `get_config` tells, class by class, beside Keras's; and that objects come back from it."""

import inspect
import json

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core import registry
from maeum.core.config import Configurable, accepted_arguments
from maeum.core.errors import ConfigError
from maeum.core.keras_objects import deserialize_keras_object, serialize_keras_object

_ROOMS = {
    "layers": (mm.layers, keras.layers),
    "losses": (mm.losses, keras.losses),
    "metrics": (mm.metrics, keras.metrics),
    "optimizers": (mm.optimizers, keras.optimizers),
    "schedules": (mm.optimizers.schedules, keras.optimizers.schedules),
    "initializers": (mm.initializers, keras.initializers),
    "regularizers": (mm.regularizers, keras.regularizers),
    "constraints": (mm.constraints, keras.constraints),
}
# What the classes cannot be made without, by name of the argument.
_NEEDED = {
    "units": 3, "filters": 4, "kernel_size": 3, "input_dim": 9, "output_dim": 2, "rate": 0.25,
    "stddev": 0.5, "factor": 0.25, "height": 4, "width": 5, "height_factor": 0.25,
    "width_factor": 0.5, "num_heads": 2, "key_dim": 3, "head_dim": 2, "num_query_heads": 4,
    "num_key_value_heads": 2, "n": 2, "dims": (2, 1), "target_shape": (2, 3), "activation": "tanh",
    "scale": 2.0, "axes": 1, "shape": (3,), "output_size": 2, "num_units": 2,
    "sequence_length": 8, "intermediate_dim": 4,
    "boundaries": [5, 9], "values": [0.5, 0.25, 0.125], "initial_learning_rate": 0.5,
    "decay_steps": 10, "decay_rate": 0.5, "first_decay_steps": 10, "warmup_steps": 5,
    "num_classes": 3, "target_class_ids": [0, 1], "specificity": 0.5, "sensitivity": 0.5,
    "recall": 0.5, "precision": 0.5, "pool_size": 2,
    "equation": "ab,bc->ac", "output_shape": 4, "num_bins": 4, "max_number": 3, "num_tokens": 5,
    "init_values": 1e-6, "projection_dim": 3, "drop_path_rate": 0.25,
}  # fmt: skip
_NEEDED_BY = {
    "LinearWarmup": {"learning_rate": 0.1},
    "CosineLog": {"learning_rate": 0.1, "cycles": 3},
    "Constant": {"value": 2.5},
    "RandomErasing": {}, "Cutout": {},
    "Lambda": {"function": mm.activations.relu},
    "Wrapper": {"layer": lambda room: room.Dense(2)},
    "TimeDistributed": {"layer": lambda room: room.Dense(2)},
    "Bidirectional": {"layer": lambda room: room.LSTM(2)},
    "RNN": {"cell": lambda room: room.LSTMCell(2)},
    "StackedRNNCells": {"cells": lambda room: [room.GRUCell(2), room.LSTMCell(3)]},
    "MeanMetricWrapper": {"fn": mm.losses.mean_squared_error},
    "InputLayer": {"shape": (3,)},
    "DecisionTrees": {"trees": 6, "nodes": 8, "depth": 2},
    "SpectralNormalization": {"layer": lambda room: room.Dense(2)},
    "Pipeline": {"layers": lambda room: [room.Rescaling(2.0), room.Resizing(4, 4)]},
    "Discretization": {"num_bins": 4},
    "LossScaleOptimizer": {"inner_optimizer": lambda room: room.SGD(0.5, 0.25)},
    "OptimizerMap": {"default_optimizer": lambda room: room.SGD(0.5, 0.25)},
    "MultiOptimizer": {"optimizer_map": lambda room: room.OptimizerMap(room.SGD(0.5))},
    "LossFunctionWrapper": {"fn": mm.losses.mean_squared_error},
}  # fmt: skip
# Bases that are no use by themselves; optax's transformations, which no file holds.
_BASES = {
    "Layer", "HostLayer", "Loss", "Metric", "Optimizer", "LearningRateSchedule", "Initializer",
    "Regularizer", "Constraint", "Optax", "IndexLookup", "Configurable", "Merge", "WrapsFunction",
}  # fmt: skip
# Keys whose values differ on purpose.
_DIFFERENT = {
    "name": "one that nobody chose is None in ours, where it is not a layer's",
    "dtype": "a name in ours, a policy in Keras's",
    "layer": "a layer inside is described in each library's own form",
    "cell": "likewise",
    "inner_optimizer": "likewise",
    "default_optimizer": "likewise",
    "optimizer_map": "likewise",
    "backward_layer": "likewise",
    "cells": "likewise",
    "layers": "likewise",
    "factor": "the number that was given in ours, the range that it stands for in Keras's",
    "height_factor": "likewise",
    "width_factor": "likewise",
    "x_factor": "likewise",
    "y_factor": "likewise",
    "addition_factor": "likewise",
    "threshold_factor": "likewise",
    "function": "a function is described by its name in the registry",
    "fn": "a function is described by its name in the registry",
}
_DIFFERENT_IN = {
    "SimpleRNN": {"activity_regularizer"},  # Keras's is None whatever was given
    "AUC": {"thresholds"},  # Keras writes those that num_thresholds stands for
    "BinaryIoU": {"target_class_ids"},
    "InputLayer": {"batch_shape"},  # (None, 3), which is no array
    "RandomGaussianBlur": {"sigma"},  # a range, as the factors
    "RandomElasticTransform": {"scale"},
}


def _classes():
    return [
        pytest.param(room, name, getattr(theirs, name, None), id=f"{room}.{name}")
        for room, (ours, theirs) in _ROOMS.items()
        for name, cls in vars(ours).items()
        if inspect.isclass(cls) and issubclass(cls, Configurable)
        if name == cls.__name__ and not name.startswith("_") and name not in _BASES
    ]


def _drawn(data, cls, other):
    """Draw arguments that both classes know."""
    parameters = inspect.signature(cls.__init__).parameters
    known = inspect.signature(other.__init__).parameters if other else parameters
    needed = _NEEDED_BY.get(cls.__name__, {})
    drawn = {}
    for name, p in list(parameters.items())[1:]:
        if name not in known or p.kind is not p.POSITIONAL_OR_KEYWORD:
            continue
        choices = None
        if name in needed:
            choices = [needed[name]]
        elif p.default is p.empty:
            choices = [_NEEDED[name]]
        elif name.endswith("_initializer"):
            choices = ["zeros", "he_normal", p.default]
        elif name.endswith("_regularizer"):
            choices = ["l2", None]
        elif name.endswith("_constraint"):
            choices = ["non_neg", None]
        elif name.endswith("activation"):
            choices = ["relu", "tanh", p.default]
        elif name == "seed":
            choices = [7, None]
        elif isinstance(p.default, bool) and name not in ("sparse", "ragged", "stateful"):
            choices = [True, False]
        elif isinstance(p.default, float) and 0 < p.default < 1:
            choices = [p.default, 0.25]
        if choices is not None:
            drawn[name] = data.draw(st.sampled_from(choices), label=name)
    return drawn


def _made(room, cls, arguments):
    return cls(**{k: v(room) if inspect.isfunction(v) and v.__name__ == "<lambda>" else v
                  for k, v in arguments.items()})  # fmt: skip


@pytest.mark.parametrize(("room", "name", "other"), _classes())
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_configurations(room, name, other, data):
    ours, theirs = _ROOMS[room]
    cls = getattr(ours, name)
    arguments = _drawn(data, cls, other)
    try:
        made = _made(ours, cls, arguments)
    except ConfigError:  # they do not go together
        return
    config = json.loads(json.dumps(registry.serialize(made.get_config())))
    again = cls.from_config(config)
    assert registry.serialize(again.get_config()) == config
    own = [p.name for p in list(inspect.signature(cls.__init__).parameters.values())[1:]
           if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]  # fmt: skip
    rarely = {"learning_rate", "backward_layer", "autocast", "batch_input_shape", "input_dim",
              "input_shape"}  # fmt: skip
    assert set(own) - set(made.undescribed) <= set(config) | rarely
    if other is None:
        return
    try:
        peer = _made(theirs, other, arguments)
        expected = peer.get_config()
    except (ImportError, ValueError, TypeError):  # some of its layers need TensorFlow
        return
    skipped = set(_DIFFERENT) | _DIFFERENT_IN.get(name, set())
    for key in (config.keys() & expected.keys()) - skipped:
        assert _same(config[key], expected[key], key), (key, config[key], expected[key])
    _check_dicts_of_keras(made, peer, expected, skipped)


def _check_dicts_of_keras(made, peer, expected, skipped):
    """Check that Keras's dict makes our object, that ours does, and that the keys are the same."""
    theirs = json.loads(json.dumps(keras.saving.serialize_keras_object(peer)))
    ours = json.loads(json.dumps(serialize_keras_object(made)))
    assert ours["module"].replace("maeum", "keras") == theirs["module"]
    assert {k: ours[k] for k in ("class_name", "registered_name")} == {
        k: theirs[k] for k in ("class_name", "registered_name")
    }
    if type(made).__name__ in ("Lambda", "BatchNormalization"):  # names of functions; renorm
        return
    for described in (theirs, ours):
        again = deserialize_keras_object(described)
        assert type(again) is type(made)
        found = registry.serialize(again.get_config())
        for key in (found.keys() & expected.keys()) - skipped:
            assert _same(found[key], expected[key], key), (key, found[key], expected[key])


def _same(ours, theirs, key):
    if isinstance(theirs, dict) and "class_name" in theirs:
        family = next((f for f in ("initializer", "regularizer", "constraint") if f in key), None)
        if family is not None:
            ours = registry.serialize(getattr(mm, f"{family}s").get(ours))
        if "class" not in ours:
            return ours == theirs
        same_class = ours["class"].rpartition(".")[2] == theirs["class_name"]
        both = (ours["config"].keys() & theirs["config"].keys()) - {"name", "dtype"}
        return same_class and all(_same(ours["config"][k], theirs["config"][k], k) for k in both)
    if key.endswith("activation"):
        return (ours or "linear") == (theirs or "linear")
    if key == "seed" and ours is None:  # Keras draws one
        return True
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours.lower() == theirs.lower()
    if ours is None or theirs is None:
        # None stands for a default of ours where Keras writes it out.
        defaults = {"data_format": "channels_last", "strides": None, "value_dim": None}
        return ours == theirs or key in defaults or (not ours and not theirs)
    if isinstance(theirs, (list, tuple)) or isinstance(ours, (int, float, list)):
        one, two = np.broadcast_arrays(np.asarray(ours, float), np.asarray(theirs, float))
        return np.allclose(one, two)
    return ours == theirs


def _attribute_cases():
    return [
        (mm.layers.Dense(2, activation="relu"), "activation", mm.activations.linear),
        (mm.layers.Dropout(0.5), "rate", 0.25),
        (mm.layers.LeakyReLU(alpha=0.2), "negative_slope", 0.5),
        (mm.layers.BatchNormalization(), "momentum", 0.5),
        (mm.layers.RandomFlip("vertical"), "mode", "horizontal"),
        (mm.layers.RandomRotation(0.5), "factor", (0.25, 0.25)),
        (mm.layers.LSTM(2), "recurrent_dropout", 0.5),
        (mm.layers.ActivityRegularization(0.1), "l2", 0.5),
        (mm.layers.MultiHeadAttention(2, 3), "dropout", 0.5),
        (mm.losses.BinaryCrossentropy(), "label_smoothing", 0.25),
        (mm.losses.Huber(), "reduction", "sum"),
        (mm.metrics.BinaryAccuracy(), "threshold", 0.25),
        (mm.metrics.PrecisionAtRecall(0.5), "recall", 0.75),
        (mm.optimizers.SGD(0.5), "momentum", 0.5),
        (mm.optimizers.Adam(), "clipnorm", 1.0),
        (mm.optimizers.Adam(0.5), "learning_rate", 0.25),
        (mm.optimizers.schedules.CosineDecay(0.5, 10), "alpha", 0.25),
        (mm.initializers.VarianceScaling(), "scale", 2.0),
        (mm.regularizers.L1L2(0.1), "l2", 0.5),
        (mm.constraints.MaxNorm(), "max_value", 3.0),
    ]


@pytest.mark.parametrize(
    ("made", "name", "value"), _attribute_cases(), ids=lambda v: type(v).__name__
)
def test_a_changed_attribute_comes_back(made, name, value):
    setattr(made, name, value)
    config = json.loads(json.dumps(registry.serialize(made.get_config())))
    again = type(made).from_config(config)
    got = getattr(again, name)
    assert (tuple(got) if isinstance(got, list) else got) == value or float(got) == value
    assert name in accepted_arguments(type(made))
