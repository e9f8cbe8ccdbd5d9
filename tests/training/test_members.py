"""Members of one program: each is the model that ``fit`` alone would have made."""

import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.layers import BatchNormalization, Dense, Dropout
from maeum.training import fit_members, groups_of

RNG = np.random.default_rng(0)
ROWS = 103
X = RNG.normal(size=(ROWS, 5)).astype("float32")
Y = (X.sum(1) + RNG.normal(size=ROWS) > 0).astype("float32")


def network(member, rate=None, units=6, optimizer=None):
    """Members that differ in their seeds and in every number that a program can take."""
    layers = [
        Dense(units, "relu", kernel_regularizer=mm.regularizers.L2(0.001 * (member + 1))),
        BatchNormalization(momentum=0.9 + 0.01 * member),
        Dropout(0.1 + 0.1 * (member % 3) if rate is None else rate),
        Dense(1, "sigmoid"),
    ]
    model = mm.Sequential([mm.Input((5,)), *layers], seed=member)
    adam = mm.optimizers.AdamW(
        0.01 * (member + 1), weight_decay=0.001 * (member + 1), beta_2=0.999 - 0.002 * member
    )
    loss = mm.losses.BinaryCrossentropy(label_smoothing=0.01 * (member + 1))
    model.compile(optimizer or adam, loss, metrics=["accuracy"])
    return model


def assert_alike(model, history, alone, expected):
    assert history.epoch == expected.epoch
    assert set(history.history) == set(expected.history)
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=2e-5, atol=1e-6)
    named = model.named_state()
    for name, variable in alone.named_state().items():
        if not name.startswith("metrics/"):
            np.testing.assert_allclose(
                named[name].numpy(), variable.numpy(), rtol=1e-4, atol=1e-5, err_msg=name
            )


@pytest.fixture(scope="module")
def members():
    """Four of them, with bootstrap samples and validation parts of different sizes."""
    rows = [RNG.integers(0, ROWS, size) for size in (20, 96, 97, ROWS)]
    held_out = [RNG.permutation(ROWS)[:size] for size in (5, 31, 64, 30)]
    models = [network(member) for member in range(4)]
    options = {"batch_size": 32, "epochs": 4}
    histories = fit_members(
        models, X, Y, rows=rows, validation_rows=held_out, patience=1, **options
    )
    return list(zip(models, histories, rows, held_out, strict=True)), options


@pytest.mark.parametrize("member", range(4))
def test_each_member_is_the_model_that_fit_alone_would_have_made(members, member):
    """Bootstrap samples, folds, numbers of all kinds, early stopping."""
    trained, options = members
    model, history, rows, held_out = trained[member]
    alone = network(member)
    stopping = mm.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    expected = alone.fit(
        X[rows], Y[rows], verbose=0, validation_data=(X[held_out], Y[held_out]),
        callbacks=[stopping], **options,
    )  # fmt: skip
    assert_alike(model, history, alone, expected)
    assert history.best_epoch == stopping.best_epoch
    assert (history.stopped_epoch or 0) == stopping.stopped_epoch


def test_a_training_goes_on_where_it_was():
    models = [network(member) for member in range(3)]
    fit_members(models, X, Y, epochs=2)
    histories = fit_members(models, X, Y, epochs=3, initial_epoch=2)
    alone = network(1)
    alone.fit(X, Y, epochs=2, verbose=0)
    expected = alone.fit(X, Y, epochs=3, initial_epoch=2, verbose=0)
    assert_alike(models[1], histories[1], alone, expected)


@pytest.mark.parametrize("at_once", [1, 3])
def test_numbers_do_not_depend_on_how_many_run_side_by_side(at_once):
    models, others = ([network(member) for member in range(5)] for _ in range(2))
    fit_members(models, X, Y, epochs=2, at_once=4)
    fit_members(others, X, Y, epochs=2, at_once=at_once)
    for one, two in zip(models, others):
        for a, b in zip(one.get_weights(), two.get_weights()):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_sample_weights_and_shared_validation_data():
    weights = RNG.random(ROWS).astype("float32")
    validation = X[:20], Y[:20], weights[:20]
    models = [network(member) for member in range(2)]
    options = {"sample_weight": weights, "validation_data": validation, "epochs": 2}
    histories = fit_members(models, X, Y, shuffle=False, **options)
    alone = network(1)
    expected = alone.fit(X, Y, shuffle=False, verbose=0, **options)
    assert_alike(models[1], histories[1], alone, expected)


def test_a_member_whose_loss_is_not_finite_ends_alone():
    def make(member):
        sgd = mm.optimizers.SGD([0.01, 1e30, 0.02][member])
        return network(member, optimizer=sgd)

    models = [make(member) for member in range(3)]
    before = models[1].get_weights()
    histories = fit_members(models, X, Y, epochs=3)
    assert [h.failed for h in histories] == [False, True, False]
    assert len(histories[1].epoch) == 1
    assert np.isnan(histories[1].history["loss"]).all()
    assert all(map(np.array_equal, before, models[1].get_weights()))
    alone = make(2)
    expected = alone.fit(X, Y, epochs=3, verbose=0)
    assert_alike(models[2], histories[2], alone, expected)


def test_members_can_be_stopped_after_an_epoch():
    """Halving by hand: half of the members go on after each epoch."""
    models = [network(member) for member in range(4)]
    seen = []

    def halve(epoch, logs):
        left = [i for i, log in enumerate(logs) if log is not None]
        seen.append(left)
        return left[len(left) // 2 :]

    histories = fit_members(models, X, Y, epochs=3, on_epoch_end=halve, at_once=2)
    assert seen == [[0, 1, 2, 3], [0, 1], [0]]
    assert [len(h.epoch) for h in histories] == [3, 2, 1, 1]
    alone = network(1)
    assert_alike(models[1], histories[1], alone, alone.fit(X, Y, epochs=2, verbose=0))


def test_time_ends_a_training_with_the_epoch_in_which_it_is_over():
    histories = fit_members([network(0), network(1)], X, Y, epochs=50, max_seconds=0)
    assert [len(h.epoch) for h in histories] == [1, 1]


def test_groups_are_those_that_one_program_can_train():
    models = [
        network(0, rate=0.1), network(1, units=7), network(2, rate=0.3), network(3, rate=0.0),
        network(4, units=7), network(5, rate=0.1, optimizer="sgd"),
    ]  # fmt: skip
    assert groups_of(models, X, Y) == [[0, 2], [1, 4], [3], [5]]


def test_numbers_that_python_asks_for_divide_the_groups():
    class Clipped(mm.layers.Layer):
        def __init__(self, most, **kwargs):
            super().__init__(**kwargs)
            self.most = most

        def call(self, x):
            return x if self.most > 2.5 else jnp.minimum(x, float(self.most))

    def make(most):
        model = mm.Sequential([mm.Input((5,)), Clipped(most), Dense(1)], seed=1)
        model.compile("sgd", "mse")
        return model

    models = [make(most) for most in (2.0, 3.0, 4.0, 2.0)]
    assert groups_of(models, X, Y) == [[0, 3], [1], [2]]
    with pytest.raises(ConfigError, match="'most' of clipped"):
        fit_members(models[:2], X, Y)


def shared_layer():
    layer = Dense(1)
    models = [mm.Sequential([mm.Input((5,)), layer]) for _ in range(2)]
    for model in models:
        model.compile("sgd", "mse")
    return models


@pytest.mark.parametrize(
    ("models", "options", "error", "told"),
    [
        (list, {}, ConfigError, "no models"),
        (lambda: [network(0)] * 2, {}, ConfigError, "shares .* with model 0"),
        (shared_layer, {}, ConfigError, "shares .* with model 0"),
        (lambda: [network(0), network(1, units=7)], {}, ConfigError, "Model 1 is not like model 0"),
        (lambda: [network(0)], {"rows": []}, ConfigError, "one array of row numbers"),
        (lambda: [network(0)], {"rows": [[]]}, DataError, r"rows\[0\]"),
        (lambda: [network(0)], {"rows": [[0, ROWS]]}, DataError, f"the row {ROWS}"),
        (lambda: [network(0)], {"validation_rows": [[-1]]}, DataError, "the row -1"),
        (lambda: [network(0)], {"rows": [[0.5]]}, DataError, "whole numbers"),
        (lambda: [network(0)], {"patience": 1}, ConfigError, "val_loss"),
        (
            lambda: [network(0)],
            {"validation_rows": [[0]], "validation_data": (X, Y)},
            ConfigError,
            "not both",
        ),
    ],
)
def test_bad_input_is_told(models, options, error, told):
    with pytest.raises(error, match=told):
        fit_members(models(), X, Y, **options)


def test_the_best_weights_are_kept_beside_the_last_ones():
    """The member ends as without patience, and the best are what it would have gone back to."""
    told = {"epochs": 4, "validation_data": (X[:20], Y[:20])}
    watching = {"patience": 4, "monitor": "loss", "mode": "max"}  # the first epoch is the best
    last, beside, back = network(1), network(1), network(1)
    fit_members([last], X, Y, **told)
    [history] = fit_members([beside], X, Y, **told, **watching, keep_best_weights=True)
    fit_members([back], X, Y, **told, **watching)
    for one, other in zip(last.get_weights(), beside.get_weights()):
        np.testing.assert_array_equal(one, other)
    assert history.best_epoch == 0
    for path, variable in back.named_variables().items():
        np.testing.assert_array_equal(history.best_weights[path], variable.numpy())


def test_numbers_may_be_inputs_although_they_are_equal():
    """Then a model alone is trained by the program of others that are like it."""
    from maeum.training import member_programs

    histories, made = [], []
    for member in range(2):
        model = network(member)
        histories += fit_members([model], X, Y, epochs=2, every_number=True)
        made.append(sum(len(each) for each in member_programs._compiled.values()))
        alone = network(member)
        assert_alike(model, histories[-1], alone, alone.fit(X, Y, epochs=2, verbose=0))
    assert made[0] == made[1]


def test_a_number_that_is_equal_for_all_members_is_theirs_and_not_that_of_others_before():
    for rate in (0.2, 0.5):
        models = [network(member, rate) for member in range(2)]
        history, _other = fit_members(models, X, Y, epochs=2)
        alone = network(0, rate)
        assert_alike(models[0], history, alone, alone.fit(X, Y, epochs=2, verbose=0))
