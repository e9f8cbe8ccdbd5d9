"""What cannot be trained on says why and what to do; afterwards the model still works."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import maeum as mm
from maeum.core.errors import (
    ConfigError,
    DataError,
    NonFiniteLossError,
    NotCompiledError,
    ShapeError,
    UnknownNameError,
)
from maeum.layers import Dense

rng = np.random.default_rng(0)
X = rng.random((20, 3))
CLASSES = np.arange(20) % 3
YES = (CLASSES > 0).astype("float32")


def network(units, activation, loss):
    model = mm.Sequential([mm.Input((3,), name="x"), Dense(units, activation=activation, name="y")])
    model.compile("adam", loss, metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def models():
    return {
        "sparse": network(3, "softmax", "sparse_categorical_crossentropy"),
        "one-hot": network(3, "softmax", "categorical_crossentropy"),
        "binary": network(1, "sigmoid", "binary_crossentropy"),
        "numbers": network(2, None, "mse"),
    }


# ---- x -------------------------------------------------------------------------------------------

BAD_X = {
    "too narrow": (X[:, :2], ShapeError, r"'x' .* shape \(rows, 3\); got \(20, 2\)"),
    "too wide": (np.ones((20, 5)), ShapeError, r"\(rows, 3\); got \(20, 5\)"),
    "one example": (X[0], ShapeError, r"got \(3,\).*batch axis: x\[None\]"),
    "an axis too many": (X[None], ShapeError, r"got \(1, 20, 3\)"),
    "a narrow frame": (pd.DataFrame(X[:, :2]), ShapeError, r"got \(20, 2\)"),
    "one number": (3.0, DataError, "single value"),
    "text": (np.full((20, 3), "a"), DataError, "not numbers, such as 'a'.*get_dummies"),
    "a list with text": ([[1, 2, "b"]] * 20, DataError, "not numbers, such as '.'"),
    "mixed objects": (np.array([[1, 2, "c"]] * 20, object), DataError, "such as 'c'"),
    "a frame with text": (
        pd.DataFrame({"age": [1] * 20, "city": ["Seoul"] * 20, "n": [1] * 20}),
        DataError,
        "columns that are not numbers: city.*maeum train",
    ),
    "rows of two lengths": ([[1, 2, 3], [1, 2]] * 10, DataError, "differ in length.*Pad"),
    "an array of lists": (
        np.array([[1, 2, 3], [1, 2]] * 10, object), DataError, "differ in length.*Pad",
    ),
    "a list of rows": (list(X), DataError, "takes these inputs: .*got 20.*numpy.stack"),
    "a name": ("data.csv", DataError, "the text 'data.csv'.*pandas.read_csv"),
    "a large sparse matrix": (
        scipy.sparse.csr_array((20, 2**30), dtype="f4"), DataError, "takes 86 GB as an array",
    ),
    "a function": (X.mean, DataError, r"the function or class 'mean'; call it first"),
    "a class": (dict, DataError, "the function or class 'dict'"),
    "a masked array": (np.ma.masked_less(X, 0.5), DataError, r"x\.filled"),
    "complex numbers": (X.astype(complex), DataError, "complex128; numbers"),
    "dates": (np.full((20, 3), "2020-01-01", "M8[D]"), DataError, "datetime64"),
    "huge integers": (np.full((20, 3), 2**40), DataError, "beyond 32 bits.*as floats"),
    "a wrong name": ({"z": X}, DataError, "lacks 'x'"),
    "nothing": (None, DataError, "There is no x"),
    "no rows": (X[:0], DataError, "no rows"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_X)
def test_bad_inputs_are_explained(models, case):
    x, error, message = BAD_X[case]
    model = models["sparse"]
    y = CLASSES[:0] if case == "no rows" else CLASSES
    before = model.get_weights() if model.built else None
    for act in (
        lambda: model.fit(x, y, verbose=0),
        lambda: model.evaluate(x, y, verbose=0),
        lambda: model.predict(x),
        lambda: model.train_on_batch(x, y),
    ):
        with pytest.raises(error, match=message):
            act()
    for a, b in zip(model.get_weights(), before):
        np.testing.assert_array_equal(a, b)


# ---- y -------------------------------------------------------------------------------------------

BAD_Y = [
    ("sparse", CLASSES + 1, "label 3 in row 2 .* 3 outputs.* begin with 1: subtract 1"),
    ("sparse", CLASSES + 5, "label 5 in row 0 .*from 0 to 2.*8 or more"),
    ("sparse", CLASSES - 1, "label -1 in row 0"),
    ("sparse", CLASSES + 0.5, "label 0.5 in row 0 .*whole numbers"),
    ("sparse", np.where(CLASSES == 2, np.nan, 1.0), "label nan in row 2"),
    ("sparse", np.array(["a", "b"] * 10), "y holds values that are not numbers, such as 'a'"),
    ("sparse", [None] * 20, "label nan in row 0"),
    ("one-hot", np.eye(4)[CLASSES], "rows of 4 columns .*model has 3 outputs"),
    ("one-hot", CLASSES, "one number for each row .*sparse_categorical_crossentropy"),
    ("binary", CLASSES, "label 2 in row 2 .*is out of range"),
    ("binary", np.where(YES > 0, YES, np.nan), "label nan in row 0"),
    ("numbers", YES, r"labels have 1 column .*2 outputs.*one by one"),
    ("numbers", np.ones((20, 5)), r"labels have 5 columns .*2 outputs"),
    ("numbers", [np.ones((20, 2)), np.ones(20)], "y has another number of arrays: 2"),
    ("numbers", np.ones((7, 2)), r"same number of rows; got shapes \(20, 3\), \(7, 2\)"),
    ("sparse", None, "need targets"),
]


@pytest.mark.parametrize(("name", "y", "message"), BAD_Y)
def test_bad_labels_are_explained(models, name, y, message):
    model = models[name]
    for act in (
        lambda: model.fit(X, y, verbose=0),
        lambda: model.evaluate(X, y, verbose=0),
        lambda: model.train_on_batch(X, y),
    ):
        with pytest.raises(DataError, match=message):
            act()


def test_the_models_still_train_after_all_that(models):
    labels = {"sparse": CLASSES, "one-hot": np.eye(3)[CLASSES], "binary": YES,
              "numbers": np.ones((20, 2))}  # fmt: skip
    for name, y in labels.items():
        history = models[name].fit(X, y, epochs=1, verbose=0).history
        assert np.isfinite(history["loss"]).all()


def test_labels_that_were_refused_leave_no_trace_in_the_metrics():
    model = network(3, "softmax", "sparse_categorical_crossentropy")
    with pytest.raises(DataError):
        model.fit(X, CLASSES[:, None] + 9, verbose=0)
    model.fit(X, CLASSES, verbose=0)
    expected = np.mean(model.predict(X).argmax(-1) == CLASSES)
    assert model.evaluate(X, CLASSES, verbose=0)[1] == pytest.approx(expected)


def test_custom_losses_may_take_labels_of_any_shape():
    model = network(1, None, lambda y_true, y_pred: (y_true.sum(-1) - y_pred[..., 0]) ** 2)
    assert len(model.fit(X, np.ones((20, 5)), verbose=0).history["loss"]) == 1


# ---- arguments -----------------------------------------------------------------------------------

BAD_ARGUMENTS = [
    ({"batch_size": 0}, ConfigError, "batch_size is a whole number of 1 or more; got 0"),
    ({"batch_size": "8"}, ConfigError, "batch_size is a whole number .*got '8'"),
    ({"epochs": 1.5}, ConfigError, "epochs is a whole number of 1 or more; got 1.5"),
    ({"epochs": -1}, ConfigError, "epochs is a whole number"),
    ({"steps_per_epoch": 0}, ConfigError, "steps_per_epoch is a whole"),
    (
        {"validation_split": 1.5},
        ConfigError,
        "validation_split takes numbers from 0, below 1; got 1.5",
    ),
    ({"validation_split": 0.999}, DataError, "of 20 rows leaves no rows to train on"),
    ({"validation_data": (X, CLASSES, None, None)}, DataError, "gave a tuple of 4"),
    ({"validation_data": (X[:, :2], CLASSES)}, ShapeError, r"got \(20, 2\)"),
    ({"validation_data": (X, CLASSES + 3)}, DataError, "label 3 in row 0"),
    ({"validation_data": (X, CLASSES), "validation_freq": 0}, ConfigError, "validation_freq"),
    ({"sample_weight": np.ones(3)}, DataError, "same number of rows"),
    ({"sample_weight": np.ones((20, 7))}, ShapeError, "one weight for each row"),
    ({"verbose": "loud"}, ConfigError, "verbose is one of 0, 1, 2"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD_ARGUMENTS)
def test_bad_arguments_are_explained(models, arguments, error, message):
    with pytest.raises(error, match=message):
        models["sparse"].fit(X, CLASSES, **{"verbose": 0, **arguments})


def test_notes_say_which_data_are_meant(models):
    with pytest.raises(ShapeError) as caught:
        models["sparse"].fit(X, CLASSES, validation_data=(X[:, :2], CLASSES), verbose=0)
    assert caught.value.__notes__ == ["This was said of validation_data."]
    stream = iter([(X, CLASSES), (X, CLASSES), (X[:, :2], CLASSES)])
    with pytest.raises(ShapeError) as caught:
        models["sparse"].fit(stream, verbose=0)
    assert "batch 2 of a list_iterator" in caught.value.__notes__[0]
    with pytest.raises(DataError, match="need targets") as caught:
        network(3, "softmax", "sparse_categorical_crossentropy").fit(X, verbose=0)
    assert not any("JAX" in note for note in caught.value.__notes__)


def test_compile_names_what_is_meant():
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    for arguments, message in (
        ({"loss": "binary_crossentrpy"}, "no loss called .*Did you mean 'binary_crossentropy'"),
        ({"metrics": ["acuracy"]}, "no metric called 'acuracy'.* Did you mean 'accuracy'"),
        ({"metrics": {"y": [["acuracy"]]}}, "Did you mean 'accuracy'"),
        ({"weighted_metrics": ["mes"]}, "Did you mean 'mse'"),
        ({"optimizer": "adm"}, "no optimizer called 'adm'. Did you mean 'adam'"),
    ):
        with pytest.raises(UnknownNameError, match=message):
            model.compile(**arguments)
    for arguments in ({"loss": 3}, {"metrics": [3]}, {"optimizer": 3}):
        with pytest.raises(ConfigError, match="got 3 of type int"):
            model.compile(**arguments)


def test_outputs_and_their_losses_must_fit():
    x = mm.Input((3,))
    model = mm.Model(x, [Dense(1, name="left")(x), Dense(1, name="right")(x)])
    y = [YES, YES]
    for arguments, error, message in (
        ({"loss": {"lefd": "mse"}}, ConfigError, "'lefd'.*left, right.*Did you mean 'left'"),
        ({"loss": ["mse"] * 3}, ConfigError, "3 entries for 2 outputs"),
        ({"loss": "mse", "loss_weights": 2.0}, ConfigError, "loss_weights is a list or dict"),
        ({}, NotCompiledError, "no loss"),
    ):
        model.compile("sgd", **arguments)
        with pytest.raises(error, match=message):
            model.fit(X, y, verbose=0)
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match=r"left, right; y has another number of arrays: 1"):
        model.fit(X, YES, verbose=0)
    with pytest.raises(DataError, match="output 'right' need targets"):
        model.fit(X, {"left": YES}, verbose=0)
    assert len(model.fit(X, y, verbose=0).history["left_loss"]) == 1
    for missing in ({"left": YES}, None):
        with pytest.raises(DataError, match="need targets"):
            model.fit(X, missing, verbose=0)
    with pytest.raises(DataError, match="sample_weight has another number of arrays: 3"):
        model.fit(X, y, sample_weight=[YES] * 3, verbose=0)
    with pytest.raises(ConfigError, match="give a dict by the names of outputs"):
        model.fit(X, y, class_weight={0: 2.0}, verbose=0)


def test_nothing_works_before_compile_but_predict():
    model = mm.Sequential([mm.Input((3,)), Dense(1)], name="net")
    for act in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(NotCompiledError, match=r"net\.compile"):
            act(X, YES)
    assert model.predict(X).shape == (20, 1)
    model.trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.warns(UserWarning, match="'net' has no trainable weights"):
        history = model.fit(X, YES, verbose=0)  # as in Keras
    assert history.history["loss"] == pytest.approx([model.evaluate(X, YES, verbose=0)])
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights()))
    with pytest.raises(ConfigError, match="train_on_batch takes the arrays of one batch"):
        model.train_on_batch(iter([(X, YES)]))
    empty = mm.Sequential([])
    empty.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="has no layers yet"):
        empty.fit(X, YES, verbose=0)


# ---- numbers that are not finite -----------------------------------------------------------------


def test_a_value_that_is_not_finite_is_found_in_the_data(models):
    model = models["binary"]
    before = model.get_weights()
    x = X.copy()
    x[13, 1] = np.inf
    with pytest.raises(NonFiniteLossError, match=r"in 1 of 20 rows: the first is x\[13, 1\] = inf"):
        model.fit(x, YES, batch_size=5, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), before):
        np.testing.assert_array_equal(a, b)
    assert model.fit(X, YES, verbose=0).epoch == [0]


def test_a_training_that_diverges_goes_back_to_the_last_whole_epoch():
    model = network(1, None, "mse")
    model.compile(mm.optimizers.SGD(1e3, momentum=0.9), "mse")
    first, kept = model.get_weights(), {}
    keep = mm.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: kept.update(
            {epoch: [v.numpy() for v in (*model.weights, *model.optimizer.variables)]}
        )
    )
    with pytest.raises(NonFiniteLossError, match=r"epoch \d+ at step \d.*learning rate \(now 1000"):
        model.fit(X, YES, batch_size=8, epochs=50, callbacks=[keep], verbose=0)
    last = max(kept)
    assert last > 0
    assert model.history.epoch == list(range(last))
    assert len(model.history.history["loss"]) == last
    # Weights and optimizer are those of the beginning of the epoch.
    for variable, value in zip((*model.weights, *model.optimizer.variables), kept[last]):
        np.testing.assert_array_equal(variable.numpy(), value)
    assert int(model.optimizer.iterations) == 3 * last
    model.compile("sgd", "mse")
    model.set_weights(first)
    assert model.fit(X, YES, epochs=2, verbose=0).epoch == [0, 1]


def test_an_evaluation_reports_nan_rather_than_failing():
    model = network(1, None, lambda y_true, y_pred: y_pred * np.nan)
    assert np.isnan(model.evaluate(X, YES, verbose=0)[0])
    model = network(1, None, "mse")
    x = X.copy()
    x[3] = np.nan
    history = model.fit(X, YES, validation_data=(x, YES), epochs=2, verbose=0).history
    assert np.isnan(history["val_loss"]).all()
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_array"])
def test_a_sparse_matrix_is_its_array(kind):
    sparse = getattr(scipy.sparse, kind)(np.where(X > 0.5, X, 0))
    model = network(3, "softmax", "sparse_categorical_crossentropy")
    np.testing.assert_array_equal(model.predict(sparse), model.predict(sparse.toarray()))
    model.fit(sparse, CLASSES, validation_split=0.25, verbose=0)
    assert model.evaluate(sparse, CLASSES, verbose=0) == pytest.approx(
        model.evaluate(sparse.toarray(), CLASSES, verbose=0)
    )


def test_no_epoch_changes_nothing():
    model = network(3, "softmax", "sparse_categorical_crossentropy")
    before = model.get_weights()
    assert model.fit(X, CLASSES, epochs=0, verbose=0).history == {}
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
