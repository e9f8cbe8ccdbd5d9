"""The page of a search: it is whole, small, and shows what the trials were."""

import html
import json
import math
import re

import numpy as np
import pytest

from maeum.callbacks import History
from maeum.core.messages import set_language
from maeum.report.charts import Strands
from maeum.tuner import (
    HyperParameters,
    Objective,
    RandomSearchOracle,
    SearchError,
    SuccessiveHalvingOracle,
    Tuner,
    figures,
)
from maeum.tuner.finished import Finished
from maeum.tuner.report import page_of

from .. import pages


class Curved(Tuner):
    """Trials with curves; some fail."""

    def run_trial(self, trial, **kwargs):
        hp = trial.hyperparameters
        rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
        hp.Choice("kind", ["a", "b <i>"])
        with hp.conditional_scope("kind", ["a"]):
            hp.Int("width", 1, 9)
        if rate > 0.05:
            raise ValueError("too fast & loose")
        history = History()
        for epoch in range(5):
            history.on_epoch_end(epoch, {"val_loss": abs(math.log10(rate) + 2) + 1 / (1 + epoch)})
        return history


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    oracle = RandomSearchOracle("val_loss", max_trials=40, seed=3, defaults_first=True)
    tuner = Curved(oracle, directory=tmp_path_factory.mktemp("search"))
    tuner.search(verbose=0)
    return tuner


def strands(chart):
    """The key of each line of a chart, with its points; the best one stands there twice."""
    return [
        (key, line)
        for mark in chart.marks
        if isinstance(mark, Strands)
        for key, line in zip(mark.keys, mark.lines)
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_whole_and_loads_nothing(searched, tmp_path, language):
    try:
        set_language(language)
        page = searched.report(tmp_path / "a.html", "<b>.csv").read_text("utf-8")
    finally:
        set_language(None)
    pages.check(page)
    assert f'<html lang="{language}">' in page
    assert "<b>.csv" not in page
    assert "b <i>" not in page


def test_every_trial_is_in_the_drawings_and_told(searched, tmp_path):
    finished = Finished.of(searched.oracle)
    keys = {trial.number for trial in finished.trials}
    objective = searched.oracle.objective
    for chart in (figures.parallel(finished, objective), figures.curves(finished, objective)):
        assert {key for key, _line in strands(chart)} == keys
    page = searched.report(tmp_path / "a.html").read_text("utf-8")
    told = json.loads(html.unescape(re.search(r'<div class="told" hidden>(.*?)</div>', page)[1]))
    assert len(told) == 40
    for trial in searched.oracle.trials.values():
        assert told[trial.number].startswith(f"Trial {trial.number}")
        assert ("too fast & loose" in told[trial.number]) == (trial.score is None)


def test_parallel_coordinates_run_through_the_values_up_to_the_best_score(searched):
    finished = Finished.of(searched.oracle)
    chart = figures.parallel(finished, searched.oracle.objective)
    by_key = dict(strands(chart))
    order = np.argsort([t.score for t in finished.trials])
    ends = [by_key[finished.trials[i].number][1][-1] for i in order]
    assert ends[0] == 1
    assert ends == sorted(ends, reverse=True)
    for trial in finished.trials:
        _x, y = by_key[trial.number]
        assert y[0] == pytest.approx((math.log10(trial.values["rate"]) + 4) / 3)
        assert (y[2] < 0) == (trial.values["kind"] != "a")  # where it plays no part


def test_a_curve_keeps_its_best_epoch_however_long_it_is(tmp_path):
    class Long(Tuner):
        def run_trial(self, trial, **kwargs):
            history, best = History(), trial.number + 3
            trial.hyperparameters.Float("a", 0, 1)
            for epoch in range(2000):
                history.on_epoch_end(epoch, {"val_accuracy": 0.9 if epoch == best else 0.5})
            return history

    tuner = Long(RandomSearchOracle("val_accuracy", max_trials=30, seed=1), directory=tmp_path)
    tuner.search(verbose=0)
    chart = figures.curves(Finished.of(tuner.oracle), tuner.oracle.objective)
    for key, (x, y) in strands(chart):
        assert len(x) <= 301
        assert (x[np.argmax(y)], y.max()) == (key + 4, 0.9)


def test_a_thousand_trials_are_a_page_of_little_more_than_a_megabyte(monkeypatch):
    monkeypatch.setattr("maeum.tuner.report.told_or_why_not", lambda oracle: (None, "later"))
    space = HyperParameters()
    for i in range(6):
        space.Float(f"h{i}", 0, 1)
    oracle = RandomSearchOracle("val_loss", max_trials=1000, hyperparameters=space, seed=1)
    for _ in range(1000):
        trial = oracle.create_trial()
        trial.score, trial.status = trial.values["h0"], "COMPLETED"
        trial.curves = {"val_loss": [trial.score + 1 / n for n in range(1, 300)]}
        oracle.end_trial(trial)
    from maeum.report.html import render

    assert len(render(page_of(oracle, {}))) < 2e6


def test_colours_are_sixths_by_rank_whatever_the_direction():
    space = HyperParameters()
    space.Float("a", 0, 1)
    for direction in ("min", "max"):
        oracle = RandomSearchOracle(Objective("x", direction), hyperparameters=space, seed=1)
        for score in (6.0, 5.0, 4.0, 3.0, 2.0, 1.0):
            trial = oracle.create_trial()
            trial.score, trial.status = score, "COMPLETED"
            oracle.end_trial(trial)
        wanted = [0, 1, 2, 3, 4, 5]
        found = figures.colours(Finished.of(oracle)).tolist()
        assert found == (wanted if direction == "min" else wanted[::-1])


def test_rungs_have_their_epochs_as_a_scale_and_curves_go_on(tmp_path):
    class Rungs(Tuner):
        def run_trial(self, trial, **kwargs):
            values = trial.hyperparameters.values
            a, history = trial.hyperparameters.Float("a", 0, 1), History()
            for epoch in range(values["tuner/initial_epoch"], values["tuner/epochs"]):
                history.on_epoch_end(epoch, {"val_loss": a + 1 / (1 + epoch)})
            return history

    oracle = SuccessiveHalvingOracle(objective="val_loss", first_trials=9, max_epochs=9, seed=1)
    tuner = Rungs(oracle, directory=tmp_path)
    tuner.search(verbose=0)
    finished = Finished.of(oracle)
    last = finished.trials[-1].number
    assert list(dict(strands(figures.curves(finished, oracle.objective)))[last][0]) == [
        *range(4, 10)
    ]
    assert len(dict(strands(figures.parallel(finished, oracle.objective)))[last][1]) == 3
    pages.check(tuner.report(tmp_path / "a.html").read_text("utf-8"))


def test_few_trials_are_said_to_be_too_few_to_tell_what_mattered(tmp_path):
    tuner = Curved(RandomSearchOracle("val_loss", max_trials=4, seed=3), directory=tmp_path)
    tuner.search(verbose=0)
    page = tuner.report().read_text("utf-8")
    assert "can be told from 10 finished trials on" in page
    assert (tuner.project_dir / "search.html").exists()


def test_a_space_of_one_point_and_trials_that_all_failed_have_a_page(tmp_path):
    class One(Tuner):
        def run_trial(self, trial, **kwargs):
            return trial.hyperparameters.Fixed("a", 1.0)

    class Failing(Tuner):
        def run_trial(self, trial, **kwargs):
            return 0 * trial.hyperparameters.Float("a", 0, 1) + math.nan

    one = One(RandomSearchOracle(), directory=tmp_path, project_name="one")
    one.search(verbose=0)
    pages.check(one.report().read_text("utf-8"))
    failing = Failing(RandomSearchOracle(max_trials=3), directory=tmp_path, project_name="failing")
    with pytest.raises(SearchError, match="All 3 trials failed"):
        failing.search(verbose=0)
    page = failing.report().read_text("utf-8")
    pages.check(page)
    assert "none of which came to a score" in page


def test_a_search_without_trials_has_no_page(tmp_path):
    tuner = Curved(RandomSearchOracle("val_loss"), directory=tmp_path)
    with pytest.raises(SearchError, match="no trial is over"):
        tuner.report()
    assert not (tmp_path / "untitled_project" / "search.html").exists()


def test_results_are_a_line_for_each_trial(searched):
    lines = searched.results()
    assert len(lines) == 40
    assert {tuple(line) for line in lines} == {tuple(lines[0])}
    assert lines[0]["rate"] == 1e-4  # the default, first
    failed = [line for line in lines if line["status"] == "failed"]
    assert failed
    assert all(line["message"] == "ValueError: too fast & loose" for line in failed)
