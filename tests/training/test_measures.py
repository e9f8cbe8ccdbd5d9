"""What users give as losses and metrics, and outputs of one number for each row."""

import functools

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, UnknownNameError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 3)).astype("float32")
Y = RNG.integers(0, 2, (10, 1)).astype("float32")
WEIGHTS = RNG.uniform(size=10).astype("float32")


def scaled(y_true, y_pred, factor=1.0):
    return factor * mm.ops.square(y_true - y_pred)


class Scaled:
    """An object that is called, as a loss and as a metric."""

    factor = 3.0

    def __call__(self, y_true, y_pred):
        return scaled(y_true, y_pred, self.factor)


def compiled(loss="mse", outputs=("a",), **arguments):
    x = mm.Input((3,))
    made = [mm.layers.Dense(1, name=name)(x) for name in outputs]
    model = mm.Model(x, made if len(made) > 1 else made[0])
    model.compile("sgd", loss, **arguments)
    return model


@pytest.mark.parametrize(
    ("loss", "name"),
    [(functools.partial(scaled, factor=3.0), "scaled"), (Scaled(), "scaled")],
    ids=["partial", "object"],
)
def test_partials_and_objects_are_losses_and_metrics(loss, name):
    model = compiled(loss, metrics=[loss])
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    expected = 3 * np.mean((Y - model.predict(X)) ** 2)
    assert logs == {"loss": pytest.approx(expected), name: pytest.approx(expected)}
    assert len(model.fit(X, Y, verbose=0).history[name]) == 1


def test_a_partial_of_a_loss_of_maeums_is_that_loss():
    loss = functools.partial(mm.losses.binary_crossentropy, from_logits=True)
    logits = compiled(loss)
    value = logits.evaluate(X, Y, verbose=0)
    assert value == pytest.approx(mm.losses.BinaryCrossentropy(True)(Y, logits.predict(X)))
    with pytest.raises(mm.core.errors.DataError, match="out of range"):
        compiled(loss).fit(X, 5 * Y, verbose=0)


@pytest.mark.parametrize("form", [lambda m: m, lambda m: [m], lambda m: {"a": m, "b": [m]}])
@pytest.mark.parametrize("argument", ["metrics", "weighted_metrics"])
def test_one_metric_object_measures_each_output_by_itself(form, argument):
    metric = mm.metrics.MeanSquaredError(name="error")
    model = compiled(outputs=("a", "b"), **{argument: form(metric)})
    logs = model.evaluate(X, [Y, 2 * Y], batch_size=4, verbose=0, return_dict=True)
    for output, factor, predicted in zip("ab", (1, 2), model.predict(X)):
        assert logs[f"{output}_error"] == pytest.approx(np.mean((factor * Y - predicted) ** 2))


@pytest.mark.parametrize("loss", [["mse", None], {"a": "mse"}, {"a": "mse", "b": None}])
def test_an_output_may_be_without_a_loss(loss):
    model = compiled(loss, outputs=("a", "b"))
    value = model.evaluate(X, [Y, Y], verbose=0)
    assert value == pytest.approx(np.mean((Y - model.predict(X)[0]) ** 2))


def test_losses_and_metrics_are_given_as_dicts_in_keras_form():
    huber = {"class_name": "Huber", "config": {"delta": 0.5}}
    error = {"module": "keras.metrics", "class_name": "MeanAbsoluteError", "config": {"name": "e"}}
    model = compiled(huber, metrics=[error])
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    away = np.abs(Y - model.predict(X))
    expected = np.mean(np.where(away <= 0.5, away**2 / 2, 0.5 * away - 0.125))
    assert logs == {"loss": pytest.approx(expected), "e": pytest.approx(np.mean(away))}
    two = compiled({"a": huber, "b": "mse"}, outputs=("a", "b"))
    assert len(two.evaluate(X, [Y, Y], verbose=0)) == 3


def asks(y_true, y_pred):
    return y_pred if y_pred.sum() > 0 else -y_pred


def counts(y_true, y_pred):
    from sklearn.metrics import accuracy_score

    return accuracy_score(y_true, y_pred)


def forgets(y_true, y_pred):
    y_true - y_pred


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (asks, r"'asks' asks for the numbers .*where\(condition"),
        (counts, "'counts' asks for the numbers .*scikit-learn"),
        (lambda y_true, y_pred: float(y_pred.sum()), "asks for the numbers"),
        (forgets, "'forgets' returned None"),
        (lambda y_true, y_pred: "x", "returned 'x'"),
    ],
)
@pytest.mark.parametrize("as_metric", [False, True])
def test_what_cannot_be_compiled_is_told_in_one_sentence(function, message, as_metric):
    model = compiled(metrics=[function]) if as_metric else compiled(function)
    with pytest.raises(ConfigError, match=message):
        model.fit(X, Y, verbose=0)


def flat(outputs, **arguments):
    """Return a model with outputs of shape ``(rows,)``, or ``(rows, 1)``, and the same weights."""
    model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1, "sigmoid", name="d")])
    if outputs == "flat":
        x = mm.Input((3,))
        model = mm.Model(x, mm.layers.Dense(1, "sigmoid", name="d")(x)[:, 0])
    model.compile("sgd", **arguments)
    model.set_weights([np.array([[1.0], [-1.0], [0.5]], "float32"), np.array([0.1], "float32")])
    return model


MEASURES = [
    "accuracy", "binary_accuracy", "mse", "mae", "rmse", "auc", "precision", "recall", "f1",
    "binary_crossentropy", "hinge", "r2", "log_cosh", "true_positives", mm.losses.huber,
]  # fmt: skip


@pytest.mark.parametrize("argument", ["metrics", "weighted_metrics"])
def test_one_number_for_each_row_is_measured_as_a_column(argument):
    arguments = {"loss": "binary_crossentropy", argument: MEASURES}
    given = {"batch_size": 4, "sample_weight": WEIGHTS, "verbose": 0, "return_dict": True}
    expected = flat("columns", **arguments).evaluate(X, Y, **given)
    for y in (Y, Y[:, 0]):
        found = flat("flat", **arguments).evaluate(X, y, **given)
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


def test_a_metric_that_is_one_number_counts_for_its_rows():
    """Batches of 4, 4 and 2 rows: the mean of the rows, not of the three batches."""
    model = flat("columns", loss="mse", metrics=[lambda y, p: mm.ops.mean(p)])
    value = model.evaluate(X, Y, batch_size=4, verbose=0)[1]
    assert value == pytest.approx(model.predict(X).mean(), rel=1e-5)


def test_losses_and_metrics_that_nobody_registered_are_handed_over_at_loading(tmp_path):
    def far(y_true, y_pred):
        return mm.ops.absolute(y_true - y_pred)

    class Twice(mm.losses.Loss):
        def call(self, y_true, y_pred):
            return 2 * far(y_true, y_pred)

    model = compiled(Twice(), metrics=[far])
    expected = model.evaluate(X, Y, verbose=0)
    model.save(tmp_path / "m.maeum")
    custom = {"far": far, "Twice": Twice}
    loaded = mm.load_model(tmp_path / "m.maeum", custom_objects=custom)
    assert loaded.evaluate(X, Y, verbose=0) == pytest.approx(expected, rel=1e-6)
    with pytest.warns(UserWarning, match="without its compile.*custom_objects"):
        loaded = mm.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert mm.load_model(tmp_path / "m.maeum", compile=False).losses_and_metrics is None
    with pytest.raises(UnknownNameError, match="far"):
        mm.losses.deserialize({"function": "custom>far"})
