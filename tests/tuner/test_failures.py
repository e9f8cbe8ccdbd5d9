"""A failed trial is a result; bad input is told."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, UnknownNameError
from maeum.tuner import (
    FailedTrialError,
    HyperParameters,
    Oracle,
    RandomSearch,
    RandomSearchOracle,
    SearchError,
    Tuner,
)


class Parabola(Tuner):
    """A search of the lowest point of a curve, without any network."""

    def run_trial(self, trial, *args, **kwargs):
        x = trial.hyperparameters.Float("x", -1, 1)
        return (x - 0.5) ** 2


def make(kind, tmp_path, **options):
    oracle = RandomSearchOracle(seed=1, **{"max_trials": 5, **options})
    return kind(oracle, directory=tmp_path)


def test_anything_can_be_searched(tmp_path, capsys):
    tuner = make(Parabola, tmp_path, max_trials=40)
    tuner.search()
    best = tuner.get_best_hyperparameters()[0]
    assert abs(best.get("x") - 0.5) < 0.1
    tuner.search_space_summary()
    tuner.results_summary(2)
    said = capsys.readouterr().out
    assert "Trial 0039" in said
    assert "x (Float): min_value=-1.0, max_value=1.0" in said
    assert "Results of 40 trials (0 failed)" in said
    assert tuner.remaining_trials == 0


def test_a_loss_that_is_not_finite_is_a_result(tmp_path, data):
    def wild(hp):
        model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
        rate = 1e30 if hp.Boolean("wild") else 1e-2  # whose square is beyond float32
        model.compile(mm.optimizers.SGD(rate), "mse")
        return model

    tuner = RandomSearch(wild, "val_loss", seed=0, directory=tmp_path)
    tuner.search(**data, epochs=3, verbose=0)
    by_wild = {trial.values["wild"]: trial for trial in tuner.oracle.trials.values()}
    assert by_wild[False].status == "COMPLETED"
    assert by_wild[True].status == "FAILED"
    assert "NaN or infinite" in by_wild[True].message
    assert tuner.get_best_hyperparameters()[0].get("wild") is False


def test_what_cannot_be_built_is_a_result(tmp_path, build, data):
    built: list[int] = []

    def some(hp):
        built.append(1)
        if hp.Choice("kind", ["good", "bad"]) == "bad":
            raise ValueError("there is no such network")
        return build(hp)

    options = {"max_trials": 6, "seed": 1, "directory": tmp_path, "max_retries_per_trial": 1}
    tuner = RandomSearch(some, "val_loss", **options)
    built.clear()
    tuner.search(**data, epochs=1, verbose=0)
    failed = tuner.oracle.ended("FAILED")
    assert [trial.failures for trial in failed] == [2] * len(failed)
    assert len(built) == 6 + len(failed)
    for trial in tuner.oracle.trials.values():
        bad = trial.values["kind"] == "bad"
        assert trial.status == ("FAILED" if bad else "COMPLETED")
        assert not bad or trial.message == "ValueError: there is no such network"
    assert {trial.status for trial in tuner.oracle.trials.values()} == {"FAILED", "COMPLETED"}


def test_too_little_memory_is_a_result_with_its_reason(tmp_path):
    class Hungry(Tuner):
        def run_trial(self, trial, **kwargs):
            if trial.hyperparameters.Boolean("large"):
                raise MemoryError("out of 139 GiB")
            return 1.0

    tuner = make(Hungry, tmp_path)
    tuner.search(verbose=0)
    failed = tuner.oracle.ended("FAILED")
    assert [trial.message for trial in failed] == ["There was not enough memory: out of 139 GiB"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_score_that_is_not_finite_is_a_failure(tmp_path, value):
    class Broken(Tuner):
        def run_trial(self, trial, **kwargs):
            return value if trial.hyperparameters.Int("n", 0, 1) else 0.5

    tuner = make(Broken, tmp_path)
    tuner.search(verbose=0)
    assert sorted(trial.status for trial in tuner.oracle.trials.values()) == ["COMPLETED", "FAILED"]


def test_if_every_trial_failed_the_reasons_are_told_at_the_end(tmp_path):
    class Broken(Tuner):
        tried = 0

        def run_trial(self, trial, **kwargs):
            Broken.tried += 1
            raise RuntimeError(f"no luck with {trial.hyperparameters.Int('n', 1, 9) % 2}")

    tuner = make(Broken, tmp_path, max_trials=4)
    with pytest.raises(SearchError, match="All 4 trials failed: RuntimeError: no luck with 1"):
        tuner.search(verbose=0)
    assert Broken.tried == 4


def test_a_failed_trial_is_tried_again_unless_it_says_not_to(tmp_path):
    class Fails(Tuner):
        def run_trial(self, trial, **kwargs):
            seeds.append(trial.seed)
            raise (FailedTrialError("never") if trial.hyperparameters.Boolean("b") else OSError())

    seeds: list[int] = []
    tuner = make(Fails, tmp_path, max_trials=1, max_retries_per_trial=2)
    with pytest.raises(SearchError, match="The only trial failed"):
        tuner.search(verbose=0)
    assert len(set(seeds)) == 3
    hp = HyperParameters()
    hp.Fixed("b", True)
    seeds.clear()
    never = Fails(RandomSearchOracle(hyperparameters=hp, max_retries_per_trial=2),
                  directory=tmp_path, overwrite=True)  # fmt: skip
    with pytest.raises(SearchError, match="never"):
        never.search(verbose=0)
    assert len(seeds) == 1


def test_another_search_in_the_same_folder_is_not_overwritten(tmp_path, build, data):
    tuner = RandomSearch(build, "val_loss", max_trials=1, seed=1, directory=tmp_path)
    tuner.search(**data, epochs=1, verbose=0)
    for options, said in (
        ({"objective": "val_accuracy"}, "objective was"),
        ({"seed": 2}, "seed was 1, now 2"),
        ({"hypermodel": lambda hp: (hp.Int("n", 1, 2), build(hp))[1]}, "space was"),
    ):
        told = {"hypermodel": build, "objective": "val_loss", "seed": 1, **options}
        with pytest.raises(ConfigError, match=said):
            RandomSearch(**told, max_trials=1, directory=tmp_path)
    again = RandomSearch(build, "val_loss", max_trials=2, directory=tmp_path)
    assert again.oracle.seed == 1
    with pytest.raises(ConfigError, match="other data: x was"):
        again.search(**{**data, "x": data["x"] + 1}, epochs=1, verbose=0)


def test_one_process_searches_in_a_folder_at_a_time(tmp_path):
    class Twice(Tuner):
        def run_trial(self, trial, **kwargs):
            make(Parabola, tmp_path).search(verbose=0)

    with pytest.raises(SearchError, match="Another process is searching"):
        make(Twice, tmp_path, max_trials=1).search(verbose=0)


def test_a_damaged_file_is_told(tmp_path):
    folder = tmp_path / "untitled_project"
    folder.mkdir()
    (folder / "search.json").write_text("{")
    with pytest.raises(mm.MaeumError, match="overwrite=True"):
        make(Parabola, tmp_path)
    assert Parabola(RandomSearchOracle(), directory=tmp_path, overwrite=True)


def test_ctrl_c_ends_a_search_which_goes_on_later(tmp_path, build, data):
    import signal

    class Interrupting(mm.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if self.params["epochs"] == 2:
                signal.raise_signal(signal.SIGINT)

    options = {"max_trials": 2, "seed": 1, "directory": tmp_path}
    tuner = RandomSearch(build, "val_loss", **options)
    tuner.search(**data, epochs=2, verbose=0, callbacks=[Interrupting()])
    assert [trial.status for trial in tuner.oracle.trials.values()] == ["RUNNING"]
    again = RandomSearch(build, "val_loss", **options)
    again.search(**data, epochs=2, verbose=0)
    assert [trial.status for trial in again.oracle.trials.values()] == ["COMPLETED"] * 2


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda hp: (hp.Int("n", 1, 9), None)[1], "returns a compiled model"),
        (lambda hp: mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)]), "compile"),
    ],
)
def test_a_builder_that_builds_no_model_is_told(build, said, tmp_path, data):
    tuner = RandomSearch(build, "val_loss", max_trials=2, directory=tmp_path)
    with pytest.raises(mm.MaeumError, match=said):
        tuner.search(**data, epochs=1, verbose=0)


def test_an_objective_that_is_not_there_ends_the_search_at_once(tmp_path, build, data):
    tuner = RandomSearch(build, "val_acc", max_trials=50, directory=tmp_path)
    with pytest.raises(UnknownNameError, match="Did you mean 'val_accuracy'"):
        tuner.search(**data, epochs=1, verbose=0)
    nothing = RandomSearch(build, max_trials=50, directory=tmp_path, project_name="nothing")
    with pytest.raises(ConfigError, match="No objective was given"):
        nothing.search(**data, epochs=1, verbose=0)


def test_a_builder_that_raises_before_it_asks_for_anything_raises(tmp_path):
    def broken(hp):
        raise KeyError("a slip of the pen")

    with pytest.raises(KeyError, match="a slip of the pen"):
        RandomSearch(broken, "val_loss", directory=tmp_path)


def test_a_space_with_one_point_is_one_trial(tmp_path):
    class Nothing(Tuner):
        def run_trial(self, trial, **kwargs):
            return 1.0

    tuner = make(Nothing, tmp_path)
    tuner.search(verbose=0)
    assert len(tuner.oracle.trials) == 1


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RandomSearch("net", "val_loss"), r"function build\(hp\)"),
        (lambda: RandomSearch(None, "val_loss"), "hypermodel is missing"),
        (lambda: RandomSearch(lambda hp: None, "val_loss", max_trails=3), "'max_trials'"),
        (lambda: Tuner("oracle", lambda hp: None), "oracle is an Oracle"),
        (lambda: Parabola(RandomSearchOracle(), max_minutes=0), "max_minutes"),
        (lambda: Parabola(RandomSearchOracle(), executions_per_trial=0), "executions_per_trial"),
    ],
)
def test_arguments_that_make_no_sense(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_an_oracle_of_ones_own_needs_one_method(tmp_path):
    class Both(Oracle):
        def populate_space(self, trial_id):
            return {"status": "RUNNING" if int(trial_id) < 2 else "STOPPED",
                    "values": {"x": float(trial_id)}}  # fmt: skip

    tuner = Parabola(Both(), directory=tmp_path)
    tuner.search(verbose=0)
    assert [trial.values["x"] for trial in tuner.oracle.trials.values()] == [0, 1]
    with pytest.raises(NotImplementedError):
        Oracle().create_trial()


def test_only_what_is_allowed_is_asked_for(tmp_path, build):
    hp = HyperParameters()
    hp.Float("dropout", 0.1, 0.2)
    told = {"hyperparameters": hp, "directory": tmp_path}
    with pytest.raises(ConfigError, match="learning_rate"):
        RandomSearch(build, "val_loss", allow_new_entries=False, **told)
    tuner = RandomSearch(build, "val_loss", tune_new_entries=False, **told)
    assert [each.name for each in tuner.oracle.get_space().space] == ["dropout"]


def test_memory_does_not_grow_with_the_trials(tmp_path):
    """A thousand trials: what each leaves are its values and its result."""
    import tracemalloc

    tuner = make(Parabola, tmp_path, max_trials=200)
    tuner.search(verbose=0)
    tracemalloc.start()
    tuner.oracle.max_trials = 1000
    before = tracemalloc.get_traced_memory()[0]
    tuner.search(verbose=0)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(tuner.oracle.trials) == 1000
    assert grown / 800 < 6000
