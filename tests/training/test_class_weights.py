"""Weights of classes: balanced ones, and those of labels of any rank."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import maeum as mm
from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.training.class_weights import balanced_class_weights, weights_of_labels

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, (6, 4))
WEIGHT = {0: 0.5, 1: 1.0, 2: 4.0}
EXPECTED = np.vectorize(WEIGHT.get)(LABELS)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50))
def test_all_classes_weigh_the_same_and_all_rows_together_as_much_as_their_number(labels):
    weights = balanced_class_weights(labels)
    totals = [weight * labels.count(label) for label, weight in weights.items()]
    assert sorted(weights) == sorted(set(labels))
    assert totals == pytest.approx([len(labels) / len(weights)] * len(weights))
    assert balanced_class_weights(np.array(labels)) == weights


@pytest.mark.parametrize(
    ("y", "shape", "expected"),
    [
        (LABELS[:, 0], (6, 3), EXPECTED[:, 0]),
        (LABELS[:, :1], (6, 3), EXPECTED[:, 0]),
        (np.eye(3)[LABELS[:, 0]], (6, 3), EXPECTED[:, 0]),
        (LABELS, (6, 4, 3), EXPECTED),
        (LABELS[..., None], (6, 4, 3), EXPECTED),
        (np.eye(3)[LABELS], (6, 4, 3), EXPECTED),
        (LABELS.astype("float32"), (6, 4, 1), EXPECTED),
        (LABELS.reshape(6, 2, 2), (6, 2, 2, 3), EXPECTED.reshape(6, 2, 2)),
        (LABELS[:, 0], (6, 1), EXPECTED[:, 0]),
        (LABELS[:, 0], (6,), EXPECTED[:, 0]),
        (LABELS[:, 0], None, EXPECTED[:, 0]),
        (np.eye(3)[LABELS[:, 0]], None, EXPECTED[:, 0]),
    ],
)
def test_each_label_gets_the_weight_of_its_class(y, shape, expected):
    np.testing.assert_allclose(weights_of_labels(y, WEIGHT, ["y"], [shape]), expected)


@pytest.mark.parametrize(
    ("y", "weight", "shape", "error", "message"),
    [
        (RNG.integers(0, 2, (6, 3)) | [1, 1, 0], WEIGHT, (6, 3), DataError, "row 0 of y has"),
        (RNG.normal(size=6), WEIGHT, (6, 1), DataError, "classes, which are whole numbers"),
        (LABELS[:, 0], WEIGHT, (6, 4, 3), DataError, "for each place that is predicted"),
        (LABELS[:, 0], {0: -1.0}, (6, 3), ConfigError, "not negative"),
        (LABELS[:, 0], {0: np.nan}, (6, 3), ConfigError, "not negative"),
        (LABELS[:, 0], "balance", (6, 3), ConfigError, "or 'balanced'; got 'balance'"),
        (LABELS[:, 0], {"Y": {0: 1.0}}, (6, 3), UnknownNameError, "Did you mean 'y'"),
    ],
)
def test_what_has_no_weight_is_refused(y, weight, shape, error, message):
    with pytest.raises(error, match=message):
        weights_of_labels(y, weight, ["y"], [shape])


def _steps_model(outputs, loss):
    model = mm.Sequential([mm.Input((4, 3)), outputs], seed=1)
    model.compile(mm.optimizers.SGD(0.0), loss)
    return model


@pytest.mark.parametrize("rows", [None, (6,), (6, 4)])
def test_labels_per_step_weigh_as_the_same_sample_weights_do(rows):
    x = RNG.normal(size=(6, 4, 3)).astype("float32")
    own = None if rows is None else RNG.uniform(size=rows).astype("float32")
    model = _steps_model(mm.layers.Dense(3, "softmax"), "sparse_categorical_crossentropy")
    got = model.fit(x, LABELS, class_weight=WEIGHT, sample_weight=own, verbose=0)
    spread = 1.0 if own is None else own.reshape(own.shape + (1,) * (2 - own.ndim))
    want = model.fit(x, LABELS, sample_weight=EXPECTED * spread, verbose=0)
    np.testing.assert_allclose(got.history["loss"], want.history["loss"], rtol=1e-6)


def test_labels_of_pixels_without_a_channel_are_weighed_one_by_one():
    x, y = RNG.normal(size=(6, 4, 3)).astype("float32"), LABELS > 0
    model = _steps_model(mm.layers.Dense(1, "sigmoid"), "binary_crossentropy")
    got = model.fit(x, y, class_weight={0: 1.0, 1: 5.0}, verbose=0).history["loss"]
    want = model.fit(x, y[..., None], sample_weight=np.where(y, 5.0, 1.0), verbose=0)
    np.testing.assert_allclose(got, want.history["loss"], rtol=1e-6)


def test_outputs_have_weights_of_their_own():
    x = mm.Input((3,))
    a, b = (mm.layers.Dense(n, "softmax", name=name)(x) for n, name in ((3, "a"), (2, "b")))
    model = mm.Model(x, {"a": a, "b": b}, seed=1)
    model.compile(mm.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    data, y = RNG.normal(size=(6, 3)), {"a": LABELS[:, 0], "b": LABELS[:, 1] % 2}
    got = model.fit(data, y, class_weight={"a": WEIGHT, "b": "balanced"}, verbose=0).history
    weights = {
        "a": EXPECTED[:, 0],
        "b": np.vectorize(balanced_class_weights(y["b"]).get)(y["b"]),
    }
    want = model.fit(data, y, sample_weight=weights, verbose=0).history
    for name, values in want.items():
        assert got[name] == pytest.approx(values)
    with pytest.raises(ConfigError, match="give a dict by the names of outputs"):
        model.fit(data, y, class_weight=WEIGHT, verbose=0)
