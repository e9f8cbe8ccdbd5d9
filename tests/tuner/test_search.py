"""Searches that train networks: each trial is what ``fit`` makes, whatever comes between."""

import json

import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import Callback, EarlyStopping
from maeum.tuner import (
    GridSearch,
    Hyperband,
    HyperModel,
    Objective,
    RandomSearch,
    SuccessiveHalving,
)


@pytest.fixture
def search(tmp_path, build, data):
    """Search, and return the tuner."""

    def run(kind=RandomSearch, name="search", objective="val_loss", model=build, **options):
        fit = {"epochs": 3, **data, **options.pop("fit", {})}
        tuner = kind(model, objective, seed=4, directory=tmp_path, project_name=name, **options)
        tuner.search(**fit, verbose=0)
        return tuner

    return run


def results(tuner):
    return [trial.get_state() for trial in tuner.oracle.trials.values()]


def fitted(build, trial, data, epochs):
    """Train what a trial trained, as a user would."""
    mm.utils.set_random_seed(trial.seed)
    model = build(trial.hyperparameters.copy())
    return model, model.fit(**data, epochs=epochs, verbose=0).history


def test_each_trial_is_the_same_training_by_fit(search, build, data):
    tuner = search(max_trials=3)
    for trial in tuner.oracle.trials.values():
        _model, history = fitted(build, trial, data, 3)
        for name, values in history.items():
            assert trial.curves[name] == pytest.approx(values, rel=1e-5)
        assert trial.score == pytest.approx(min(history["val_loss"]), rel=1e-5)
        assert trial.best_step == int(np.argmin(history["val_loss"]))
    best = tuner.get_best_models()[0].evaluate(*data["validation_data"], verbose=0)[0]
    assert best == pytest.approx(min(t.score for t in tuner.oracle.trials.values()), rel=1e-5)


def test_rungs_go_on_where_they_ended(search, build, data):
    """Four for one epoch, two of them for two, one of these for four: as four epochs at once."""
    tuner = search(SuccessiveHalving, first_trials=4, max_epochs=4, factor=2)
    trials = list(tuner.oracle.trials.values())
    assert [len(trial.curves["loss"]) for trial in trials] == [1, 1, 1, 1, 1, 1, 2]
    histories = [fitted(build, trial, data, 4)[1]["val_loss"] for trial in trials[:4]]
    first = np.argsort([history[0] for history in histories])[:2]
    second = min(first, key=lambda i: histories[i][1])
    assert [int(t.hyperparameters.get("tuner/trial_id")) for t in trials[4:6]] == first.tolist()
    assert trials[6].values == trials[second].values
    assert trials[6].curves["val_loss"] == pytest.approx(histories[second][2:], rel=1e-5)


def test_rungs_go_on_with_a_fit_of_ones_own_too(search, build, data):
    class Own(HyperModel):
        def build(self, hp):
            return build(hp)

        def fit(self, hp, model, *args, **kwargs):
            return model.fit(*args, **kwargs)

    options = {"first_trials": 2, "max_epochs": 4, "factor": 2}
    own = search(SuccessiveHalving, "own", model=Own(), **options)
    shared = search(SuccessiveHalving, **options)
    for one, other in zip(results(own), results(shared)):
        assert one["curves"]["val_loss"] == pytest.approx(other["curves"]["val_loss"], rel=1e-5)


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("kind", [RandomSearch, Hyperband])
def test_a_search_that_was_killed_ends_as_if_it_had_not_been(kind, search, build, monkeypatch):
    options = {"max_trials": 5} if kind is RandomSearch else {"max_epochs": 3}

    def grouped(hp):  # two architectures, so that a window has two groups
        hp.Choice("units", [3, 5])
        model = build(hp)
        if hp.get("units") == 3:
            return model
        model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        return model

    whole = search(kind, "whole", model=grouped, **options)
    from maeum.tuner.windows import Windows

    train, calls = Windows.train, []

    def killed(self, group):
        calls.append(group)
        if len(calls) == 2:
            raise _Killed
        return train(self, group)

    monkeypatch.setattr(Windows, "train", killed)
    with pytest.raises(_Killed):
        search(kind, "killed", model=grouped, **options)
    monkeypatch.undo()
    again = search(kind, "killed", model=grouped, **options)
    assert results(again) == results(whole)


def test_a_search_that_is_over_is_read_again(search, data):
    first, again = search(max_trials=2), search(max_trials=2)
    assert results(first) == results(again)
    x = data["x"]
    models = [tuner.get_best_models()[0] for tuner in (first, again)]
    assert np.array_equal(*(model.predict(x, verbose=0) for model in models))
    assert len(results(search(max_trials=3))) == 3  # more of the same search
    assert len(results(search(max_trials=1, overwrite=True))) == 1


def test_all_that_is_kept_is_one_json_file_and_weights(search):
    tuner = search(max_trials=3, keep_models=2)
    files = sorted(p.name for p in tuner.project_dir.rglob("*") if p.is_file())
    best = sorted(t.trial_id for t in tuner.oracle.get_best_trials(2))
    assert files == [".lock", *(f"{number}.safetensors" for number in best), "search.json"]
    assert json.loads((tuner.project_dir / "search.json").read_text())["format"] == 1
    with pytest.raises(mm.MaeumError, match="larger keep_models"):
        tuner.get_best_models(3)


def test_the_trials_of_a_rung_leave_no_states_behind(search):
    tuner = search(Hyperband, max_epochs=3, keep_models=1)
    states = [p.name for p in tuner.project_dir.rglob("*-0.safetensors")]
    last = [t for t in tuner.oracle.trials.values() if t.hyperparameters.get("tuner/bracket") == 0]
    assert len(states) == len(last)


def test_several_executions_are_one_mean(search, build, data):
    tuner = search(max_trials=1, executions_per_trial=2)
    trial = tuner.get_trial("0000")
    assert trial.epochs == 6
    one = fitted(build, trial, data, 3)[1]["val_loss"]
    assert trial.curves["val_loss"] == pytest.approx(one, rel=1e-5)
    assert trial.score != pytest.approx(min(one), rel=1e-5)


def test_early_stopping_ends_each_trial_for_itself(search, build, data):
    stopping = [EarlyStopping("val_accuracy", patience=1)]
    tuner = search(max_trials=3, fit={"epochs": 6, "callbacks": stopping})
    for trial in tuner.oracle.trials.values():
        mm.utils.set_random_seed(trial.seed)
        model = build(trial.hyperparameters.copy())
        alone = [EarlyStopping("val_accuracy", patience=1)]
        history = model.fit(**data, epochs=6, verbose=0, callbacks=alone).history
        assert len(trial.curves["loss"]) == len(history["loss"])


def test_callbacks_are_copied_for_each_training(search):
    class Count(Callback):
        epochs = 0

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1
            logs["seen"] = float(self.epochs)

    tuner = search(objective=Objective("seen", "max"), max_trials=2, fit={"callbacks": [Count()]})
    assert [trial.score for trial in tuner.oracle.trials.values()] == [3, 3]


def test_several_objectives_are_summed_up(search):
    tuner = search(objective=["val_loss", "val_accuracy"], max_trials=2)
    for trial in tuner.oracle.trials.values():
        curves = trial.curves
        sums = [a - b for a, b in zip(curves["val_loss"], curves["val_accuracy"])]
        assert trial.score == pytest.approx(min(sums))


def test_what_fit_asks_for_is_searched_too(search, build):
    class Net(HyperModel):
        def build(self, hp):
            return build(hp)

        def fit(self, hp, model, *args, batch_size, **kwargs):
            return model.fit(*args, batch_size=hp.Choice("batch_size", [20, 40]), **kwargs)

    tuner = search(GridSearch, model=Net(), max_trials=4, fit={"epochs": 1})
    found = [trial.values["batch_size"] for trial in tuner.oracle.trials.values()]
    assert found == [20, 40, 20, 40]


def test_epochs_of_all_trials_together_may_end_a_search(search):
    assert len(results(search(max_trials=9, max_total_epochs=7))) == 3  # 3, 6, and 9 are over


def test_minutes_may_end_a_search(search):
    assert len(results(search(max_trials=200, max_minutes=1e-6))) < 200


@pytest.mark.soak
def test_memory_stays_flat_over_a_thousand_trials(search):
    """Programs are shared, models are let go: the last half adds what the trials' values take."""
    import gc
    import resource

    def peak():
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    search(max_trials=500, fit={"epochs": 1})
    half = peak()
    search(max_trials=1000, fit={"epochs": 1})
    assert peak() - half < 30_000  # KiB
