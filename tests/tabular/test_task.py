import signal

import numpy as np
import pandas as pd
import pytest

from maeum.callbacks import Callback, LambdaCallback
from maeum.core.errors import ConfigError, DataError, NonFiniteLossError
from maeum.experiment.events import EpochEnded, Refitting, TrainingBegan
from maeum.tabular import Dataset, Options, TableTask, train_dataset, train_table

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=200)
FRAME = pd.DataFrame(
    {"x": X, "c": RANDOM.choice(list("abc"), 200), "y": np.where(X > 0.8, "yes", "no")}
)


def quick(frame=FRAME, target="y", **options):
    defaults = {"epochs": 2, "hidden": (8,), "report": False, "refit": False}
    return train_table(frame, target, **(defaults | options))


def weights(trained):
    return trained.model.network.get_weights()


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))


def test_one_seed_gives_one_network_and_another_seed_another():
    one, two, other = quick(seed=1), quick(seed=1), quick(seed=2)
    assert same(one, two)
    np.testing.assert_array_equal(one.run.prediction, two.run.prediction)
    assert one.run.history == two.run.history
    assert not same(one, other)


def test_run_tells_everything_of_a_training():
    run = quick(report=True).run
    assert (run.source, run.target, run.task) == ("a table", "y", "binary")
    assert run.rows == {"train": 112, "validation": 28, "test": 60}
    assert len(run.test_rows) == len(run.y_true) == len(run.prediction) == 60
    assert run.y_true.tolist() == (run.test_rows["y"] == "yes").astype(int).tolist()
    assert set(run.history) >= {"loss", "val_loss", "accuracy", "val_accuracy"}
    assert 0 <= run.best_epoch < 2
    assert run.baselines[0]["name"] == "Maeum network"
    assert len(run.baselines) == 4
    assert run.baselines[0]["metrics"] == run.metrics
    assert {column for column, *_ in run.importance} == {"x", "c"}
    assert "dense" in run.network
    assert set(run.seconds) == {"preparing", "training", "testing", "comparing", "examining"}


def test_without_report_nothing_is_compared():
    run = quick().run
    assert len(run.baselines) == 1
    assert run.importance == []


def test_best_epoch_is_the_one_with_the_least_validation_loss():
    run = quick(epochs=6, learning_rate=0.3, patience=0).run
    assert run.best_epoch == int(np.argmin(run.history["val_loss"]))
    assert len(run.history["val_loss"]) == 6


def test_training_stops_when_patience_is_at_its_end():
    run = quick(epochs=200, learning_rate=1.0, patience=2, optimizer="sgd").run
    assert len(run.history["val_loss"]) == run.best_epoch + 3 < 200


def test_without_refitting_the_weights_of_the_best_epoch_are_kept():
    kept = []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(network.model.get_weights()))
    network = Callback()
    trained = quick(epochs=4, learning_rate=0.3, patience=0, callbacks=[network, keep])
    best = kept[trained.run.best_epoch]
    assert all(np.array_equal(a, b) for a, b in zip(weights(trained), best))
    assert trained.run.settings["refit"] is False


def test_refitting_takes_the_validation_rows_too():
    dataset = Dataset.prepare(FRAME, "y", Options(epochs=2, hidden=(8,)))
    told = []
    trained = train_dataset(dataset, events=told.append, report=False)
    assert dataset.options.refit
    assert sum(isinstance(event, TrainingBegan) for event in told) == 2
    best = trained.run.best_epoch + 1
    assert Refitting(best) in told
    network, rest = TableTask().build(dataset), dataset.parts.rest
    network.fit(
        dataset.inputs(rest),
        dataset.encoded[rest],
        batch_size=dataset.options.batch_size,
        epochs=best,
        verbose=0,
    )
    assert all(np.array_equal(a, b) for a, b in zip(weights(trained), network.get_weights()))


def test_there_may_be_no_validation_part():
    run = quick(validation_size=0).run
    assert run.rows == {"train": 140, "validation": 0, "test": 60}
    assert "val_loss" not in run.history
    assert run.best_epoch == 1


def test_regression_is_in_the_units_of_the_target():
    frame = pd.DataFrame({"x": X, "y": 1e6 + 1e4 * X})
    run = quick(frame, epochs=60, learning_rate=0.01).run
    truth = run.test_rows["y"].to_numpy()
    np.testing.assert_allclose(run.y_true, truth, rtol=1e-6)
    assert run.metrics["r2"] > 0.99
    assert run.metrics["mae"] == pytest.approx(np.abs(run.prediction - truth).mean())


def test_balance_lets_the_rare_class_be_answered_more_often():
    plain, balanced = (quick(epochs=8, balance=b, learning_rate=0.01).run for b in (False, True))
    assert balanced.metrics["recall"] > plain.metrics["recall"]
    assert balanced.prediction.mean() > plain.prediction.mean()


@pytest.mark.filterwarnings("ignore:.*training did not show")
@pytest.mark.parametrize(
    "table",
    [
        {"c": FRAME["c"], "y": FRAME["y"]},
        {"city": RANDOM.choice([f"city {i}" for i in range(25)], 200), "y": FRAME["y"]},
        {"when": pd.date_range("2024-01-01", periods=200).astype(str), "y": FRAME["y"]},
        {"numbers": FRAME["c"], "numbers_": X, "y": FRAME["y"]},
        {"flag": X > 0, "y": X},
        {"x": X, "y": [*"aabbc" * 39, *"aabbd"]},
    ],
    ids=["one category", "one embedding", "one date", "odd names", "one flag", "lone class"],
)
def test_tables_of_few_columns_go_all_the_way(table):
    trained = quick(pd.DataFrame(table), report=True, epochs=1)
    assert len(trained.run.baselines) == 4
    assert len(trained.run.importance) == len(table) - 1
    assert len(trained.model.predict(pd.DataFrame(table))) == 200


def test_class_with_one_row_is_learnt_and_told():
    run = quick(pd.DataFrame({"x": X, "y": [*"aabbb" * 39, *"aabbd"]})).run
    assert run.classes == ["a", "b", "d"]
    assert "Classes with a single row ('d') are learnt but never tested." in run.notes


def tiny(rows, kind):
    frame = pd.DataFrame({"x": np.arange(rows) ** 1.5, "c": [*"ab" * rows][:rows]})
    y = {"binary": ["no", "yes"], "several": ["a", "b", "c"], "number": [0.5, 1.7, 2.9]}[kind]
    frame["y"] = [y[i % len(y)] + (i / 10 if kind == "number" else "") for i in range(rows)]
    return frame


@pytest.mark.filterwarnings("ignore:.*training did not show")
@pytest.mark.parametrize("kind", ["binary", "several", "number"])
@pytest.mark.parametrize("rows", [4, 6, 20])
def test_tiny_tables_work(rows, kind):
    trained = quick(tiny(rows, kind), epochs=1)
    assert len(trained.model.predict(tiny(rows, kind))) == rows
    assert sum(trained.run.rows.values()) == rows


@pytest.mark.parametrize("kind", ["binary", "several", "number"])
def test_table_too_tiny_is_refused_clearly(kind):
    with pytest.raises(DataError, match=r"cannot be split|one row|nothing to learn|every row"):
        quick(tiny(2, kind))


def test_training_that_explodes_says_what_to_try():
    with pytest.raises(NonFiniteLossError, match="smaller learning rate"):
        quick(learning_rate=1e30, epochs=5)


def test_unknown_option_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'epochs'"):
        train_table(FRAME, "y", epoch=3)


def ctrl_c(training, epoch):
    """Return a listener that presses Ctrl-C at the end of an epoch."""
    begun = 0

    def listen(event):
        nonlocal begun
        begun += isinstance(event, TrainingBegan)
        if isinstance(event, EpochEnded) and (begun, event.epoch) == (training, epoch):
            signal.raise_signal(signal.SIGINT)

    return listen


class TestCtrlC:
    def test_keeps_and_tests_the_best_network_so_far(self):
        trained = quick(epochs=500, events=ctrl_c(1, 3))
        assert len(trained.run.history["loss"]) == 4
        assert trained.run.settings["refit"] is False
        assert "The training was stopped by hand after 4 epochs." in trained.run.notes
        assert trained.run.metrics["roc_auc"] is not None

    def test_while_refitting_keeps_the_first_network(self):
        trained = quick(refit=True, events=ctrl_c(2, 0))
        assert same(trained, quick())
        assert trained.run.settings["refit"] is False
        assert any("refitting was stopped by hand" in note for note in trained.run.notes)

    def test_before_the_first_epoch_is_over_there_is_no_network(self):
        stop = LambdaCallback(on_epoch_begin=lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt, match="no network yet"):
            quick(callbacks=[stop])

    def test_while_comparing_leaves_the_comparison_out(self, monkeypatch):
        monkeypatch.setattr(TableTask, "baselines", interrupted)
        run = quick(report=True).run
        assert len(run.baselines) == 1
        assert "The comparison with other models was stopped by hand." in run.notes

    def test_while_testing_keeps_the_network_and_leaves_the_comparison_out(self, monkeypatch):
        score = TableTask.score

        def pressed(*arguments):
            signal.raise_signal(signal.SIGINT)
            return score(*arguments)

        monkeypatch.setattr(TableTask, "score", pressed)
        run = quick(report=True).run
        assert len(run.baselines) == 1
        assert run.metrics["roc_auc"] is not None

    def test_twice_ends_everything(self, monkeypatch):
        monkeypatch.setattr(TableTask, "baselines", interrupted)
        with pytest.raises(KeyboardInterrupt):
            quick(report=True, events=ctrl_c(1, 0))


def interrupted(*arguments):
    raise KeyboardInterrupt


class TestCrossValidation:
    def test_tests_every_row_by_a_network_that_has_not_seen_it(self):
        frame = pd.DataFrame({"x": np.arange(24) % 12 + 0.5, "y": np.arange(24) % 12 >= 6})
        told = []
        trained = quick(frame, folds=3, epochs=40, learning_rate=0.05, report=True,
                        events=told.append)  # fmt: skip
        run = trained.run
        assert run.rows == {"train": 0, "validation": 0, "test": 24}
        assert run.truth.tolist() == run.test_rows["y"].astype(int).tolist()
        assert sorted(run.test_rows.index) == list(range(24))
        assert [str(e) for e in told if type(e).__name__ == "Folding"][2].endswith("3 of 3")
        assert run.metrics["accuracy"] == np.mean(run.answers == run.truth) > 0.7
        assert run.settings["folds"] == 3
        assert any("cross-validation: 3 networks" in note for note in run.notes)
        assert [m["name"] for m in run.models][1] == "Logistic regression"
        assert all(len(said.prediction) == 24 for said in run.predictions.values())
        guess = run.models[3]
        assert guess["constant"]
        assert guess["metrics"]["roc_auc"] == 0.5
        assert len(trained.model.predict(frame)) == 24

    def test_few_rows_and_rare_classes_are_cross_validated_unless_one_test_is_asked_for(self):
        assert quick(FRAME.head(30), epochs=1).run.settings["folds"] == 5
        assert quick(FRAME.head(30), epochs=1, folds=1).run.rows["test"] == 9

    def test_of_numbers_is_in_their_units(self):
        frame = pd.DataFrame({"x": X[:30], "y": 100 + 10 * X[:30]})
        run = quick(frame, epochs=60, learning_rate=0.03).run
        np.testing.assert_allclose(run.truth, run.test_rows["y"], rtol=1e-5)
        assert run.metrics["r2"] > 0.5

    def test_ctrl_c_keeps_the_network_of_the_part_that_was_trained(self):
        stop = LambdaCallback(on_epoch_end=lambda *_: signal.raise_signal(signal.SIGINT))
        run = quick(FRAME.head(30), epochs=50, callbacks=[stop]).run
        assert len(run.history["loss"]) == 1
        assert run.rows["test"] == len(run.truth) == 6
        assert "The training was stopped by hand after 1 epoch." in run.notes


RARE = pd.DataFrame({"x": np.r_[X, X], "y": np.where(np.r_[X, X + 0.1] > 1.6, "yes", "no")})


def test_rare_class_is_weighted_and_its_probabilities_stay_those_of_the_table():
    dataset = Dataset.prepare(RARE, "y", Options(epochs=30, hidden=(8,), folds=1, refit=False,
                                                 learning_rate=0.01))  # fmt: skip
    rate = np.mean(RARE["y"] == "yes")
    assert rate < 0.1
    weights = TableTask().fit_arguments(dataset, False)["class_weight"]
    assert weights[1] / weights[0] == pytest.approx((1 - rate) / rate, rel=0.05)
    run = train_dataset(dataset, report=False).run
    assert run.prediction.mean() == pytest.approx(rate, abs=0.04)
    assert run.settings["balance"] is True
    plain = Dataset.prepare(RARE, "y", Options(folds=1, balance=False))
    assert "class_weight" not in TableTask().fit_arguments(plain, False)


def test_threshold_is_chosen_where_a_class_is_rare_or_given():
    how = {"epochs": 8, "learning_rate": 0.01, "folds": 1}
    chosen = quick(RARE, **how)
    threshold = chosen.model.target.threshold
    assert threshold != 0.5
    assert chosen.run.settings["threshold"] == threshold
    assert any("“yes” is answered from a probability of" in note for note in chosen.run.notes)
    answers = chosen.model.predict(RARE)
    p = answers["probability of yes"]
    assert (answers["prediction"] == np.where(p >= threshold, "yes", "no")).all()
    assert chosen.model.predict(RARE, threshold=0.999)["prediction"].eq("no").all()
    given = quick(RARE, threshold=0.2, **how)
    assert given.model.target.threshold == 0.2
    with pytest.raises(ConfigError, match="for two classes"):
        quick(RARE, "x", threshold=0.2)


def test_churn_reaches_the_best_of_scikit_learn(public_data):
    run = train_table(public_data("tabular/churn_data.csv"), "Churn").run
    assert run.rows["train"] + run.rows["validation"] == 4930
    assert len(run.features) == 30
    areas = [baseline["metrics"]["roc_auc"] for baseline in run.baselines]
    assert areas[0] >= 0.848
    assert areas[0] >= max(areas[1:])


def test_a_cross_validation_of_many_networks_is_told(monkeypatch):
    monkeypatch.setattr("maeum.experiment.crossing.MANY", 2)
    table = pd.DataFrame({"x": np.arange(42.0), "y": np.arange(42) > 20})  # parts of one size
    notes = quick(table, folds=3, epochs=1).run.notes
    assert any(note.startswith("3 networks are trained") for note in notes)
