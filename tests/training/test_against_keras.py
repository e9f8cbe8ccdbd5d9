"""Whole trainings beside Keras 3 on JAX: the same weights, the same data, the same numbers."""

import os
import random

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import maeum as mm

ROWS, BATCH, EPOCHS = 40, 8, 4  # 20 steps

# ---- networks drawn once and built twice ---------------------------------------------------------

ACTIVATIONS = ["relu", "tanh", "sigmoid", "elu", "selu", "softplus", "gelu", "silu", "softsign"]
MERGES = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]


REGULARIZERS = [None, ("L1", 0.01), ("L2", 0.02), ("L1L2", 0.01, 0.01)]
CONSTRAINTS = [None, ("MaxNorm", 1.0), ("NonNeg",), ("UnitNorm",)]
OTHERS = [
    {"kind": "BatchNormalization", "momentum": 0.9},
    {"kind": "BatchNormalization", "scale": False},
    {"kind": "LayerNormalization"},
    {"kind": "LayerNormalization", "center": False},
    {"kind": "LeakyReLU"},
    {"kind": "PReLU"},
    {"kind": "ELU"},
    {"kind": "UnitNormalization"},
]


def draw_plan(seed):
    """Return what a network consists of: two to four blocks, with or without words beside x.

    By Python's own generator: Hypothesis begins with the simplest network, and the quick tests
    below take one for each pair.
    """
    rng = random.Random(seed)
    blocks = [draw_block(rng) for _ in range(rng.randint(2, 4))]
    return {"blocks": blocks, "tokens": rng.random() < 0.5}


def draw_block(rng):
    """Return one layer, or two branches that a merging layer brings together."""
    kind = rng.choice(["Dense", "merge", "other", "other"])
    if kind == "other":
        return rng.choice(OTHERS)
    if kind == "merge":
        return {"kind": rng.choice(MERGES), "units": rng.randint(3, 4),
                "activation": rng.choice(ACTIVATIONS)}  # fmt: skip
    return {
        "kind": "Dense",
        "units": rng.randint(3, 5),
        "activation": rng.choice([None, *ACTIVATIONS]),
        "kernel_regularizer": rng.choice(REGULARIZERS),
        "activity_regularizer": rng.choice([None, ("L2", 0.01)]),
        "bias_constraint": rng.choice(CONSTRAINTS),
    }


def made(lib, room, recipe):
    return None if recipe is None else getattr(getattr(lib, room), recipe[0])(*recipe[1:])


def apply_block(lib, settings_, x):
    options = dict(settings_)
    kind = options.pop("kind")
    for name, room in (("kernel_regularizer", "regularizers"), ("bias_constraint", "constraints"),
                       ("activity_regularizer", "regularizers")):  # fmt: skip
        if name in options:
            options[name] = made(lib, room, options[name])
    if kind.endswith("Normalization"):
        # What is normalized at once takes a shift away again: the gradient of a bias before it
        # would be rounding alone, which Adam and the like make steps of.
        x = lib.layers.Activation("softsign")(x)
    if kind in MERGES:
        branches = [lib.layers.Dense(**options)(x) for _ in range(2)]
        return getattr(lib.layers, kind)()(branches)
    return getattr(lib.layers, kind)(**options)(x)


def network(lib, plan, heads):
    """Build the plan; ``heads`` are (name, units, activation) of the outputs."""
    x = lib.Input((3,), name="x")
    inputs, h = [x], x
    if plan["tokens"]:
        words = lib.Input((4,), name="words", dtype="int32")
        e = lib.layers.Flatten()(lib.layers.Embedding(6, 2)(words))
        h = lib.layers.Concatenate()([x, e])
        inputs.append(words)
    for one in plan["blocks"]:
        h = apply_block(lib, one, h)
    outputs = [lib.layers.Dense(n, activation=a, name=name)(h) for name, n, a in heads]
    return lib.Model(inputs if len(inputs) > 1 else x, outputs if len(outputs) > 1 else outputs[0])


def twins(plan, heads):
    """Return a network of Keras's and the same of ours, with the same weights."""
    keras.utils.set_random_seed(1)
    theirs = network(keras, plan, heads)
    mine = network(mm, plan, heads)
    mine.set_weights(theirs.get_weights())
    return mine, theirs


def rows(plan, count=ROWS, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3)).astype("float32")
    return [x, rng.integers(0, 6, (count, 4)).astype("int32")] if plan["tokens"] else x


# The smallest plan for what does not depend on the network.
SMALL = {
    "tokens": False,
    "blocks": [
        {"kind": "Dense", "units": 4, "activation": "tanh"},
        {"kind": "BatchNormalization", "momentum": 0.8},
    ],
}

# ---- losses, and labels that suit them -----------------------------------------------------------

PROBABILITY = ("sigmoid", 1, lambda rng, n: rng.integers(0, 2, n))
NUMBER = (None, 2, lambda rng, n: rng.normal(size=(n, 2)))
POSITIVE = ("softplus", 2, lambda rng, n: rng.uniform(0.5, 2, size=(n, 2)))
SIGN = ("tanh", 1, lambda rng, n: rng.choice([-1, 1], (n, 1)))
ONE_HOT = ("softmax", 3, lambda rng, n: np.eye(3)[rng.integers(0, 3, n)])
CLASS = ("softmax", 3, lambda rng, n: rng.integers(0, 3, n))
SHARES = ("softmax", 3, lambda rng, n: rng.dirichlet([2, 2, 2], n))
LOSSES = {
    "mean_squared_error": NUMBER,
    "mean_absolute_error": NUMBER,
    "mean_absolute_percentage_error": POSITIVE,
    "mean_squared_logarithmic_error": POSITIVE,
    "huber": NUMBER,
    "log_cosh": NUMBER,
    "cosine_similarity": NUMBER,
    "poisson": POSITIVE,
    "kl_divergence": SHARES,
    "binary_crossentropy": PROBABILITY,
    "binary_focal_crossentropy": PROBABILITY,
    "categorical_crossentropy": ONE_HOT,
    "categorical_focal_crossentropy": ONE_HOT,
    "sparse_categorical_crossentropy": CLASS,
    "hinge": SIGN,
    "squared_hinge": SIGN,
    "categorical_hinge": ONE_HOT,
}
OPTIMIZERS = {
    "SGD": {"learning_rate": 0.05, "momentum": 0.9},
    "RMSprop": {"learning_rate": 0.01},
    "Adagrad": {"learning_rate": 0.05},
    "Adadelta": {"learning_rate": 1.0},
    "Adam": {"learning_rate": 0.01, "amsgrad": True},
    "AdamW": {"learning_rate": 0.01, "weight_decay": 0.05},
    "Adamax": {"learning_rate": 0.01},
    "Nadam": {"learning_rate": 0.01},
    "Lion": {"learning_rate": 0.003},
    "Adafactor": {"learning_rate": 0.02},
    "Ftrl": {"learning_rate": 0.05},
}


def head(name, loss):
    activation, units, _ = LOSSES[loss]
    return name, units, activation


def labels(loss, count=ROWS, seed=0):
    values = LOSSES[loss][2](np.random.default_rng(seed), count)
    return values.astype("int32" if values.dtype.kind == "i" else "float32")


def check_histories(mine, theirs, rtol=2e-4):
    assert set(mine.history) == set(theirs.history)
    assert mine.epoch == theirs.epoch
    for name, values in theirs.history.items():
        # Where two classes are equal up to rounding, one row may fall to the other.
        atol = 1.01 / ROWS if "accuracy" in name else 2e-5
        np.testing.assert_allclose(mine.history[name], values, rtol, atol, err_msg=name)


def check_weights(mine, theirs, rtol=1e-3, atol=2e-4):
    for variable, expected in zip(mine.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, rtol, atol, err_msg=variable.path)


def both(plan, heads, compiling, fitting):
    """Compile and fit the twins alike; compare, and return both."""
    mine, theirs = twins(plan, heads)
    histories = []
    for lib, model in ((keras, theirs), (mm, mine)):
        model.compile(**(compiling(lib) if callable(compiling) else compiling))
        histories.append(model.fit(shuffle=False, verbose=0, **fitting))
    assert np.isfinite(histories[0].history["loss"]).all()
    check_histories(*reversed(histories))
    check_weights(mine, theirs)
    return mine, theirs


# ---- every optimizer and every loss --------------------------------------------------------------

# Each optimizer meets one or two losses, so that every loss has its turn.
_names = list(LOSSES)
PAIRS = [
    (optimizer, _names[i : i + 1] + _names[i + len(OPTIMIZERS) :][:1])
    for i, optimizer in enumerate(OPTIMIZERS)
]


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=[f"{o}-{b}" for o, b in PAIRS])
def test_twenty_steps_go_where_keras_goes(number):
    check_twenty_steps(*PAIRS[number], seed=number)


@pytest.mark.soak
@pytest.mark.parametrize(("optimizer", "losses"), PAIRS, ids=str)
@settings(max_examples=10, phases=[Phase.generate])
@given(seed=st.integers(0, 10**6))
def test_many_networks_go_where_keras_goes(optimizer, losses, seed):
    check_twenty_steps(optimizer, losses, seed)


def check_twenty_steps(optimizer, losses, seed):
    plan = draw_plan(seed)
    names = ["a", "b"][: len(losses)]
    y = [labels(loss, seed=seed + i) for i, loss in enumerate(losses)]

    def compiling(lib):
        rule = getattr(lib.optimizers, optimizer)(**OPTIMIZERS[optimizer])
        if len(losses) == 1:
            return {"optimizer": rule, "loss": losses[0], "metrics": ["accuracy"]}
        return {"optimizer": rule, "loss": dict(zip(names, losses)),
                "loss_weights": {"a": 0.3, "b": 1.5}, "metrics": {"a": ["mse"]}}  # fmt: skip

    heads = [head(name, loss) for name, loss in zip(names, losses)]
    fitting = {"x": rows(plan, seed=seed), "y": y[0] if len(y) == 1 else y,
               "batch_size": BATCH, "epochs": EPOCHS}  # fmt: skip
    mine, theirs = both(plan, heads, compiling, fitting)
    # An evaluation and a prediction of the trained networks agree as well.
    x = rows(plan, 12, seed=seed + 1)
    target = [labels(loss, 12, seed=seed) for loss in losses]
    target = target[0] if len(target) == 1 else target
    np.testing.assert_allclose(
        mine.evaluate(x, target, batch_size=4, verbose=0),
        theirs.evaluate(x, target, batch_size=4, verbose=0),
        rtol=1e-3,
        atol=1e-4,
    )
    for ours, peers in zip(mine.predict(x), theirs.predict(x, verbose=0)):
        np.testing.assert_allclose(ours, peers, rtol=2e-3, atol=2e-4)


# ---- the arguments of fit and compile ------------------------------------------------------------

CLASSES = [head("a", "sparse_categorical_crossentropy")]


def classes(count=ROWS, seed=0):
    return labels("sparse_categorical_crossentropy", count, seed)


def weights(count=ROWS, seed=5):
    return np.random.default_rng(seed).uniform(0.1, 2, count).astype("float32")


def classifying(**more):
    """What compile is given in the tests below."""
    return {"optimizer": "adam", "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"], **more}  # fmt: skip


def test_a_smaller_last_batch_weights_and_validation_count_as_in_keras():
    # 43 rows of 8: batch normalization and the means of the metrics see a last batch of 3.
    fitting = {"x": rows(SMALL, 43), "y": classes(43), "sample_weight": weights(43),
               "validation_data": (rows(SMALL, 9, 1), classes(9, 1), weights(9, 1)),
               "batch_size": 8, "validation_batch_size": 5, "epochs": 3}  # fmt: skip
    compiling = classifying(weighted_metrics=["accuracy"])
    mine, theirs = both(SMALL, CLASSES, compiling, fitting)
    assert {"weighted_accuracy", "val_weighted_accuracy"} <= set(mine.history.history)
    x, y, w = rows(SMALL, 11, 2), classes(11, 2), weights(11, 2)
    expected = theirs.evaluate(x, y, sample_weight=w, verbose=0, return_dict=True)
    got = mine.evaluate(x, y, sample_weight=w, verbose=0, return_dict=True)
    assert next(iter(got)) == "loss"
    assert got == pytest.approx(expected, rel=1e-4)


def test_class_weight_and_validation_split_count_as_in_keras():
    fitting = {"x": rows(SMALL), "y": classes(), "class_weight": {0: 0.5, 1: 1.0, 2: 4.0},
               "validation_split": 0.2, "validation_freq": [3, 4], "batch_size": BATCH,
               "initial_epoch": 1, "epochs": 4}  # fmt: skip
    mine, _ = both(SMALL, CLASSES, classifying(), fitting)
    assert mine.history.epoch == [1, 2, 3]
    assert len(mine.history.history["val_loss"]) == 2


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("batch_size", [BATCH, None])
def test_fewer_steps_per_epoch_go_on_through_the_rows_as_in_keras(batch_size):
    # Two of five steps an epoch: the third epoch takes the one that is left, the next begins anew.
    # Without a batch size two steps are made to take all rows.
    fitting = {"x": rows(SMALL), "y": classes(), "batch_size": batch_size, "epochs": 5,
               "steps_per_epoch": 2}  # fmt: skip
    both(SMALL, CLASSES, classifying(), fitting)


def test_one_batch_at_a_time_counts_as_in_keras():
    mine, theirs = twins(SMALL, CLASSES)
    for model in (mine, theirs):
        model.compile(**classifying())
    x, y, w = rows(SMALL, 8), classes(8), weights(8)
    for step in range(4):
        got = mine.train_on_batch(x, y, sample_weight=w if step else None)
        expected = theirs.train_on_batch(x, y, sample_weight=w if step else None)
        np.testing.assert_allclose(got, expected, rtol=1e-4)
    got = mine.train_on_batch(x, y, class_weight={1: 3.0}, return_dict=True)
    assert got == pytest.approx(
        theirs.train_on_batch(x, y, class_weight={1: 3.0}, return_dict=True), rel=1e-4
    )
    got = mine.test_on_batch(x, y, sample_weight=w, return_dict=True)
    assert got == pytest.approx(theirs.test_on_batch(x, y, w, return_dict=True), rel=1e-4)
    np.testing.assert_allclose(
        mine.predict_on_batch(x), theirs.predict_on_batch(x), rtol=1e-4, atol=1e-6
    )
    check_weights(mine, theirs)


def test_several_outputs_are_logged_in_the_order_of_keras():
    heads = [head("left", "mean_squared_error"), head("right", "sparse_categorical_crossentropy")]
    compiling = {
        "optimizer": "sgd",
        "loss": {"left": "mse", "right": "sparse_categorical_crossentropy"},
        "loss_weights": {"left": 2.0, "right": 0.5},
        "metrics": {"right": ["accuracy"], "left": ["mse", "mae"]},
        "weighted_metrics": {"left": ["mse"]},
    }
    mine, theirs = twins(SMALL, heads)
    x = rows(SMALL)
    y = {"left": labels("mean_squared_error"), "right": classes()}
    w = {"left": weights(seed=1), "right": weights(seed=2)}
    results = []
    for model, target, weight in ((mine, y, w), (theirs, list(y.values()), list(w.values()))):
        model.compile(**compiling)
        results.append(model.fit(x, target, sample_weight=weight, epochs=2, batch_size=BATCH,
                                 shuffle=False, verbose=0))  # fmt: skip
    check_histories(*results)
    check_weights(mine, theirs)
    as_list = [y["left"], y["right"]]
    expected = theirs.evaluate(x, as_list, verbose=0)
    np.testing.assert_allclose(mine.evaluate(x, y, verbose=0), expected, rtol=1e-4)
    np.testing.assert_allclose(mine.evaluate(x, as_list, verbose=0), expected, rtol=1e-4)
    # An output without a loss is not trained, and the only loss is not logged twice.
    for model in (mine, theirs):
        model.compile(optimizer="sgd", loss=[None, "sparse_categorical_crossentropy"])
    partial = mine.fit(x, as_list, batch_size=BATCH, shuffle=False, verbose=0).history
    expected = theirs.fit(x, as_list, batch_size=BATCH, shuffle=False, verbose=0).history
    assert set(partial) == {"loss"}
    np.testing.assert_allclose(partial["loss"], expected["loss"], rtol=1e-4)
