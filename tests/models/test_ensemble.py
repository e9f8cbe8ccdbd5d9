"""Ensembles: members that learn side by side and answer together."""

import pickle

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.layers import LSTM, Conv2D, Dense, Dropout, Flatten, GlobalAveragePooling2D

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype("float32")
Y = (X.sum(1) > 0).astype("int32")


def network(units=8):
    layers = [Dense(units, "relu"), Dropout(0.2), Dense(2, "softmax")]
    model = mm.Sequential([mm.Input((4,)), *layers], seed=3)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def regression(layers, shape):
    model = mm.Sequential([mm.Input(shape), *layers, Dense(1)])
    model.compile(mm.optimizers.Adam(0.01), "mse")
    return model


def test_members_are_the_models_that_their_seeds_would_have_given():
    model = network()
    ensemble = mm.Ensemble(model, members=3, seed=5)
    history = ensemble.fit(X, Y, epochs=2, verbose=0)
    alone = mm.models.clone_model(model, seed=ensemble.members[1].seed)
    expected = alone.fit(X, Y, epochs=2, verbose=0).history
    for one, two in zip(alone.get_weights(), ensemble.members[1].get_weights()):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
    for name, values in expected.items():
        np.testing.assert_allclose(history.members[1].history[name], values, rtol=1e-5)
    curves = [member.history["loss"] for member in history.members]
    np.testing.assert_allclose(history.history["loss"], np.mean(curves, axis=0), rtol=1e-6)
    assert not np.array_equal(curves[0], curves[1])


def test_the_mean_of_the_members_predicts_and_is_judged():
    ensemble = mm.Ensemble(network(), members=3, seed=5)
    each = ensemble.predict_members(X)
    assert each.shape == (3, 60, 2)
    mean, spread = ensemble.predict(X, spread=True)
    np.testing.assert_allclose(ensemble.predict(X), each.mean(0), atol=1e-6)
    np.testing.assert_allclose(mean, each.mean(0), atol=1e-6)
    np.testing.assert_allclose(spread, each.std(0), atol=1e-6)
    told = ensemble.evaluate(X, Y, verbose=0, return_dict=True)
    truth = -np.log(each.astype("float64").mean(0)[np.arange(60), Y]).mean()
    np.testing.assert_allclose(told["loss"], truth, rtol=1e-5)
    np.testing.assert_allclose(told["accuracy"], (each.mean(0).argmax(1) == Y).mean(), rtol=1e-6)


def test_each_row_validates_some_member():
    """Five folds with as many of each class as can be, each of them once."""
    ensemble = mm.Ensemble(network(), members=5, seed=1)
    rows, held_out = ensemble._drawing(5).rows(Y, 60)
    assert sorted(np.concatenate(held_out)) == list(range(60))
    ones = [int(Y[fold].sum()) for fold in held_out]
    assert max(ones) - min(ones) <= 1
    for learnt, fold in zip(rows, held_out):
        assert sorted([*learnt, *fold]) == list(range(60))
    stopping = mm.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    history = ensemble.fit(X, Y, epochs=3, folds=5, callbacks=[stopping], verbose=0)
    assert all(one.best_epoch is not None for one in history.members)
    best = history.members[2]
    told = ensemble.members[2].evaluate(X[held_out[2]], Y[held_out[2]], verbose=0)[0]
    np.testing.assert_allclose(told, best.history["val_loss"][best.best_epoch], rtol=1e-5)


def test_folds_may_be_those_of_scikit_learn():
    groups = np.repeat(np.arange(12), 5)
    folds = list(GroupKFold(3).split(X, Y, groups))
    ensemble = mm.Ensemble(network(), members=3, seed=1)
    ensemble.fit(X, Y, epochs=2, folds=folds, verbose=0)
    rows, outputs = ensemble.predict_held_out(X)
    assert rows.tolist() == list(range(60))
    for member, (_learnt, fold) in zip(ensemble.members, folds):
        np.testing.assert_allclose(outputs[fold], member.predict(X[fold], verbose=0), atol=1e-6)
    with pytest.raises(ConfigError, match="a pair"):
        ensemble.fit(X, Y, folds=folds[:2], verbose=0)
    with pytest.raises(ConfigError, match="folds="):
        mm.Ensemble(network(), members=2).predict_held_out(X)


def test_a_row_held_out_of_several_members_gets_their_mean():
    ensemble = mm.Ensemble(network(), members=4, seed=1)
    ensemble.fit(X, Y, epochs=1, folds=2, verbose=0)
    rows, outputs = ensemble.predict_held_out(X)
    assert rows.tolist() == list(range(60))
    said = [m.predict(X, verbose=0) for m, out in zip(ensemble.members, ensemble.held_out)
            if 7 in out]  # fmt: skip
    np.testing.assert_allclose(outputs[7], np.mean([one[7] for one in said], axis=0), atol=1e-6)


def test_callbacks_that_only_watch_get_the_means(tmp_path):
    stopping = mm.callbacks.EarlyStopping(patience=5)
    log = mm.callbacks.CSVLogger(tmp_path / "log.csv")
    ensemble = mm.Ensemble(network(), members=3, seed=1)
    history = ensemble.fit(X, Y, epochs=3, folds=3, callbacks=[log, stopping], verbose=0)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert len(lines) == 4
    assert stopping.best_epoch == np.median([one.best_epoch for one in history.members])


def test_bootstrap_samples_are_drawn_with_replacement():
    ensemble = mm.Ensemble(network(), members=4, bootstrap=True, seed=1)
    rows, held_out = ensemble._drawing(None).rows(Y, 60)
    assert held_out is None
    assert all(len(one) == 60 and 30 < len(set(one)) < 48 for one in rows)  # 1 - 1/e of them
    assert len({tuple(one) for one in rows}) == 4


def test_an_ensemble_is_one_file(tmp_path):
    ensemble = mm.Ensemble(network(), members=3, bootstrap=True, seed=5)
    ensemble.fit(X, Y, epochs=1, verbose=0)
    ensemble.save(tmp_path / "ensemble.maeum")
    again = mm.load_model(tmp_path / "ensemble.maeum")
    assert isinstance(again, mm.Ensemble)
    assert again.get_config() == ensemble.get_config()
    for copy in (again, pickle.loads(pickle.dumps(ensemble))):
        np.testing.assert_array_equal(copy.predict(X), ensemble.predict(X))
        assert [one.seed for one in copy.members] == [one.seed for one in ensemble.members]
    again.fit(X, Y, epochs=1, verbose=0)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        (lambda: [Conv2D(3, 3, activation="relu"), GlobalAveragePooling2D()], (6, 6, 1)),
        (lambda: [LSTM(3)], (5, 2)),
    ],
)
def test_convolutional_and_recurrent_members(layers, shape):
    x = RNG.normal(size=(20, *shape)).astype("float32")
    y = x.reshape(20, -1).sum(1)
    model = regression(layers(), shape)
    ensemble = mm.Ensemble(model, members=2, seed=2)
    ensemble.fit(x, y, epochs=2, batch_size=8, verbose=0)
    alone = mm.models.clone_model(model, seed=ensemble.members[1].seed)
    alone.fit(x, y, epochs=2, batch_size=8, verbose=0)
    for one, two in zip(alone.get_weights(), ensemble.members[1].get_weights()):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)


def test_a_subclassed_model_is_built_by_the_first_data():
    class Net(mm.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.out = Dense(1)

        def call(self, x):
            return self.out(x)

    ensemble = mm.Ensemble(Net(), members=2, seed=1)
    ensemble.compile("sgd", "mse")
    ensemble.fit(X, Y, epochs=1, verbose=0)
    assert ensemble.predict(X).shape == (60, 1)


def test_a_member_that_fails_is_told_of():
    ensemble = mm.Ensemble(network(), members=2, seed=1)
    ensemble.members[1].optimizer.learning_rate = 1e35
    with pytest.warns(UserWarning, match="The loss of 1 member became NaN"):
        history = ensemble.fit(X, Y, epochs=2, batch_size=20, verbose=0)
    assert [one.failed for one in history.members] == [False, True]


def unlearnable():
    model = mm.Sequential([mm.Input((4,)), Flatten()])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("make", "options", "error", "told"),
    [
        (lambda: mm.Ensemble(network(), members=0), {}, ConfigError, "members"),
        (lambda: mm.Ensemble("mlp"), {}, ConfigError, "made of a model"),
        (lambda: mm.Ensemble(unlearnable(), 2), {}, ConfigError, "nothing to learn"),
        (lambda: mm.Ensemble(network(), 2), {"folds": 1}, ConfigError, "folds"),
        (lambda: mm.Ensemble(network(), 2), {"folds": 61}, DataError, "60 rows"),
        (
            lambda: mm.Ensemble(network(), 2),
            {"folds": 2, "validation_split": 0.1},
            ConfigError,
            "folds divide",
        ),
        (
            lambda: mm.Ensemble(network(), 2),
            {"callbacks": [mm.callbacks.ReduceLROnPlateau()]},
            ConfigError,
            "one EarlyStopping",
        ),
    ],
)
def test_bad_input_is_told(make, options, error, told):
    with pytest.raises(error, match=told):
        make().fit(X, Y, verbose=0, **options)


def test_a_member_of_one_class_is_told():
    y = np.zeros(60, "int32")
    y[0] = 1
    with pytest.raises(DataError, match="all of one class"):
        mm.Ensemble(network(), 2).fit(X, y, folds=2, verbose=0)


def test_ten_together_are_better_than_one_of_them_on_average():
    """Scikit-learn's digits, a small network."""
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_digits(return_X_y=True)
    x, order = (x / 16).astype("float32"), np.random.default_rng(0).permutation(len(x))
    train, test = order[:640], order[1200:]
    model = mm.Sequential([mm.Input((64,)), Dense(32, "relu"), Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    ensemble = mm.Ensemble(model, members=10, bootstrap=True, seed=0)
    ensemble.fit(x[train], y[train], epochs=10, verbose=0)
    each = (ensemble.predict_members(x[test]).argmax(-1) == y[test]).mean(1)
    together = (ensemble.predict(x[test]).argmax(-1) == y[test]).mean()
    assert together > each.mean()


def test_a_summary_shows_a_member_and_how_many_there_are():
    lines = []
    mm.Ensemble(network(), members=3).summary(print_fn=lines.append)
    alone = []
    network().summary(print_fn=alone.append)
    assert lines[0].splitlines()[1:] == alone[0].splitlines()[1:]
    assert lines[1].startswith("The ensemble is the mean of 3 such models: 174 parameters")
