"""Searching for a table's network: what is tried, what answers, and that the test stays unseen."""

import signal
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.experiment.task import open_model
from maeum.tabular import Dataset, TableOptions, TableTask, train_table
from maeum.tabular.averaging import mean_of, members_of
from maeum.tabular.search_events import TrialEnded
from maeum.tabular.searching import search_table
from maeum.tabular.tuning import tune_table
from maeum.tuner import SearchError

ROWS = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": ROWS.normal(size=240), "b": ROWS.normal(size=240)}).round(3)
FRAME["y"] = (FRAME.a + 0.3 * FRAME.b**2 + 0.1 * ROWS.normal(size=240)).round(3)
SMALL = {"hidden": (8,), "epochs": 3, "batch_size": 64}


def numbers(**options):
    return Dataset.prepare(FRAME, "y", TableOptions(**SMALL, **options, folds=1))


def found(data, **options):
    usual = {"trials": 4, "fixed": ["hidden"], "ensemble": 1}
    return search_table(TableTask(), data, **usual | options)


def scores(search):
    return [trial.score for trial in search.tuner.oracle.trials.values()]


@pytest.fixture(scope="module")
def searched():
    return found(numbers(), trials=6, ensemble=3)


def test_the_first_trial_has_the_usual_values_and_what_is_fixed_stays(searched):
    trials = list(searched.tuner.oracle.trials.values())
    first = trials[0]
    assert first.values == {"learning_rate": 0.001, "dropout": 0.0, "weight_decay": 1e-5}
    assert all(
        set(trial.values) == set(first.values) for trial in searched.tuner.oracle.trials.values()
    )
    assert len({trial.seed for trial in trials}) == 6


def test_the_best_answer_together_where_the_validation_rows_say_so(searched):
    data = numbers()
    x = data.inputs(data.parts.validation)
    y = data.goals(data.parts.validation)
    each = [searched.tuner.oracle.get_best_trials(3)[i].score for i in range(3)]
    assert scores_of(searched.network, x, y) <= each[0] + 1e-6
    if len(searched.best) == 3:
        members = [member.predict(x, verbose=0) for member in members_of(searched.network)]
        assert searched.network.predict(x, verbose=0) == pytest.approx(
            np.mean(members, axis=0), abs=1e-6
        )
        assert searched.gained == pytest.approx(scores_of(searched.network, x, y), rel=1e-5)


def scores_of(network, x, y):
    return float(np.mean((network.predict(x, verbose=0).ravel() - y) ** 2))


def test_a_search_goes_on_where_it_was_and_never_looks_at_the_test_rows(searched, tmp_path):
    data = numbers()
    encoded = data.encoded.copy()
    encoded[data.parts.test] = 1e6
    blind = replace(data, encoded=encoded)
    found(blind, trials=2, folder=tmp_path / "search")
    whole = found(blind, trials=6, folder=tmp_path / "search")
    assert scores(whole) == pytest.approx(scores(searched), rel=1e-6)
    anew = found(blind, trials=2, folder=tmp_path / "search", overwrite=True)
    assert len(scores(anew)) == 2


def network(units, activation="relu"):
    inputs = [mm.layers.Input((2,), name="numbers"), mm.layers.Input((), dtype="int32", name="c")]
    parts = [inputs[0], mm.layers.Embedding(3, 2)(inputs[1])]
    x = mm.layers.Dense(units, activation)(mm.layers.Concatenate()(parts))
    model = mm.Model(inputs, mm.layers.Dense(1, "sigmoid")(x))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize(
    ("networks", "kind"),
    [
        ([(4, "relu"), (4, "relu")], mm.Ensemble),
        ([(4, "relu"), (4, "tanh")], mm.Model),
        ([(4, "relu"), (8, "relu"), (8, "relu")], mm.Model),
    ],
)
def test_networks_of_any_architecture_answer_with_their_mean(networks, kind, tmp_path):
    each = [network(*one) for one in networks]
    mean = mean_of(each)
    assert type(mean) is kind
    x = [FRAME[["a", "b"]].to_numpy("float32")[:9], np.arange(9) % 3]
    wanted = np.mean([one.predict(x, verbose=0) for one in each], axis=0)
    assert mean.predict(x, verbose=0) == pytest.approx(wanted, abs=1e-6)
    assert len(members_of(mean)) == len(each)
    mean.save(tmp_path / "m.maeum")
    assert mm.load_model(tmp_path / "m.maeum").predict(x, verbose=0) == pytest.approx(
        wanted, abs=1e-6
    )


def test_a_rare_class_is_answered_by_the_mean_of_what_each_member_says_of_it(tmp_path):
    frame = FRAME.assign(y=np.where(FRAME.a > 1.45, "yes", "no"))
    tuned = tune_table(frame, "y", trials=4, ensemble=2, report=False, **SMALL)
    search = tuned.task.search
    p = tuned.model.predict(frame)["probability of yes"]
    members = members_of(tuned.model.network)
    each = [
        replace(tuned.model, network=one).predict(frame)["probability of yes"] for one in members
    ]
    assert p.to_numpy() == pytest.approx(np.mean(each, axis=0), abs=1e-6)
    assert search.refitted
    assert p.mean() == pytest.approx((frame.y == "yes").mean(), abs=0.15)  # not as if balanced
    tuned.model.save(tmp_path / "m.maeum")
    again = open_model(tmp_path / "m.maeum").predict(frame)["probability of yes"]
    assert again.to_numpy() == pytest.approx(p.to_numpy(), abs=1e-6)
    assert tuned.run.settings["trials"] == 4
    assert tuned.run.settings["ensemble"] == len(members)


@pytest.mark.parametrize("search", ["refined", "grid", "halving", "hyperband"])
def test_every_search_tries_what_it_is_for(search):
    done = found(numbers(), search=search, trials=3, refit=False)
    trials = list(done.tuner.oracle.trials.values())
    assert type(done.tuner.oracle).__name__.lower().startswith(search[:6]) or search == "halving"
    assert len(trials) >= 3
    assert done.best[0].score == min(trial.score for trial in trials)
    if search == "grid":
        assert {trial.values["weight_decay"] for trial in trials} <= {1e-3, 2e-2}


def test_ctrl_c_keeps_what_is_there_and_goes_on_to_the_test():
    def stop(event):
        if isinstance(event, TrialEnded) and event.number == 1:
            signal.raise_signal(signal.SIGINT)

    tuned = tune_table(FRAME, "y", trials=6, events=stop, report=False, **SMALL)
    assert tuned.interrupted
    assert tuned.run.metrics["rmse"] > 0
    assert any("stopped by hand" in note for note in tuned.run.notes)


def test_values_that_cannot_be_built_are_results_and_all_of_them_an_error():
    def some(hp, options, fixed):
        rate = hp.Choice("rate", [0.001, 0.01])
        if rate == 0.001:
            raise ValueError("too slow")
        return replace(options, learning_rate=rate)

    def none(hp, options, fixed):
        hp.Float("rate", 0, 1)
        raise ValueError("never")

    done = found(numbers(), space=some)
    assert [t.message for t in done.tuner.oracle.trials.values()].count("ValueError: too slow") == 1
    assert [t.values["rate"] for t in done.best] == [0.01]
    with pytest.raises(SearchError, match="never"):
        found(numbers(), space=none)


def test_a_space_of_one_point_is_one_trial_and_diverging_trials_fail():
    one = found(numbers(), space=lambda hp, options, fixed: options)
    assert len(scores(one)) == 1

    def wild(hp, options, fixed):
        return replace(options, learning_rate=hp.Float("rate", 1e30, 1e31))

    with pytest.raises(SearchError, match="trials failed"):
        found(numbers(), space=wild)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"trials": 0}, ConfigError, "trials is a whole number of 1 or more"),
        ({"seconds": 0}, ConfigError, "seconds"),
        ({"ensemble": 0}, ConfigError, "ensemble"),
        ({"search": "randm"}, ConfigError, "Did you mean 'random'"),
        ({"objective": "val_mea"}, UnknownNameError, "Did you mean 'val_mae'"),
        ({"objective": "val_auc"}, UnknownNameError, "val_loss, val_mae"),
    ],
)
def test_what_makes_no_sense_is_refused(options, error, said):
    with pytest.raises(error, match=said):
        found(numbers(), **options)


def test_rows_to_validate_with_are_needed_and_folds_are_not_taken():
    with pytest.raises(DataError, match="needs rows to validate with"):
        found(numbers(validation_size=0.0))
    with pytest.raises(ConfigError, match="takes no folds"):
        tune_table(FRAME, "y", folds=3)


def test_the_best_values_of_members_are_those_of_an_ensemble():
    tuned = tune_table(FRAME, "y", trials=3, network="ensemble", hidden=(8,), members=2, epochs=4,
                       report=False)  # fmt: skip
    network, best = tuned.model.network, tuned.task.search.best[0].values
    assert isinstance(network, mm.Ensemble)
    assert len(network.members) == 2
    assert tuned.run.settings["learning_rate"] == best["learning_rate"]
    rate = network.members[1].optimizer.get_config()["learning_rate"]["config"]
    assert rate["learning_rate"] == pytest.approx(best["learning_rate"])
    assert tuned.run.rows["validation"] == 0
    assert tuned.model.target.ends  # as of any ensemble


def test_minutes_are_spent_on_a_search_and_on_more_members(monkeypatch):
    monkeypatch.setattr("maeum.tabular.task.learn_trees", lambda data, seconds: [])  # own tests
    said = []
    trained = train_table(FRAME, "y", minutes=0.02, hidden=(8,), epochs=2, report=False,
                          events=lambda event: said.append(str(event)))  # fmt: skip
    assert len(trained.model.network.members) == 16
    assert any(line.startswith("Of ") and "learning_rate" in line for line in said)
