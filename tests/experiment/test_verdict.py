import numpy as np
import pytest

from maeum.experiment.run import ClassificationRun, Said
from maeum.experiment.verdict import of_classes
from maeum.report.answers import comparison
from maeum.report.scores import score


def run_of(truth, p, others=(), classes=("no", "yes"), threshold=0.5):
    """A run with the given probabilities of class 1, beside other models by name."""
    truth, names = np.asarray(truth), [*classes]
    tables = {"Maeum network": p, **dict(others)}
    both = {k: np.column_stack([1 - np.asarray(v), v]) for k, v in tables.items()}
    models = [
        {"name": name, "metrics": score("binary", truth, q[:, 1], names, threshold), "seconds": 0.1}
        | ({"constant": True} if np.ptp(q[:, 1]) == 0 else {})
        for name, q in both.items()
    ]
    return ClassificationRun(
        source="t.csv", notes=[], rows={"test": len(truth)}, history={}, best_epoch=0,
        metrics=models[0]["metrics"], models=models, network="", settings={}, classes=names,
        truth=truth, probabilities=both["Maeum network"], threshold=threshold,
        predictions={name: Said(q) for name, q in both.items() if name != "Maeum network"},
    )  # fmt: skip


RANDOM = np.random.default_rng(0)
HALVES = np.arange(400) % 2
GOOD = 0.5 + 0.4 * (HALVES - 0.5) * (RANDOM.random(400) < 0.9) + 0.001 * RANDOM.normal(size=400)


def said(run):
    return " ".join(of_classes(run).sentences)


def test_rare_class_is_what_the_headline_is_about():
    truth = np.array([1] * 10 + [0] * 490)
    p = np.array([0.9] * 6 + [0.1] * 4 + [0.8] * 4 + [0.05] * 486)
    verdict = of_classes(run_of(truth, p), "fraud")
    assert verdict.headline == (
        "fraud: finds 60% of the 10 rows never seen before that are “yes”, and 60% of the 10 that "
        "it names are right"
    )
    whole = " ".join(verdict.sentences)
    assert "always answering “no” would be right for 98.0% and find none" in whole
    assert "guessing gives 0.020" in whole
    assert "With only 10 “yes” in the test" in whole
    assert [tile.label for tile in verdict.tiles][1:4] == ["Recall", "Precision", "PR AUC"]


def test_rare_class_of_which_none_is_found_or_there_is_told():
    truth = np.array([1] * 10 + [0] * 490)
    assert of_classes(run_of(truth, 0.01 * truth)).headline.startswith("Finds none of the 10 rows")
    assert "nobody knows" in of_classes(run_of(0 * truth, 0.01 * truth)).headline


def test_negative_class_may_be_the_rare_one():
    truth = np.array([0] * 10 + [1] * 490)
    headline = of_classes(run_of(truth, 0.1 + 0.8 * truth)).headline
    assert headline.startswith("Finds 100% of the 10 rows never seen before that are “no”")


def test_what_chance_explains_is_level_and_what_it_does_not_is_behind():
    shaky = np.where(RANDOM.random(400) < 0.01, 1 - GOOD, GOOD)
    assert "It is level with" in said(run_of(HALVES, shaky, {"Forest": GOOD}))
    bad = np.where(RANDOM.random(400) < 0.1, 1 - GOOD, GOOD)
    assert "It is behind the best" in said(run_of(HALVES, bad, {"Forest": GOOD}))
    assert "It is ahead of the best" in said(run_of(HALVES, GOOD, {"Forest": bad}))


def test_figures_that_a_reader_cannot_tell_apart_are_level():
    truth = np.arange(4_000) % 2
    best = np.where(truth, 0.9, 0.1) + np.arange(4_000) * 1e-6
    for wrong, figure, word in ((10, "0.995", "behind"), (1, "1.000", "level with")):
        nearly = best.copy()
        nearly[: 2 * wrong : 2] = 0.95  # as many of 2,000 rows of "no" above all others
        run = run_of(truth, nearly, {"Forest": best})
        run.predictions, run.rows = {}, {"test": 10**9}  # so many that any gap is beyond chance
        text = said(run)
        assert f"It is {word} the best" in text
        assert f"(ROC AUC {figure} against 1.000)" in text


def test_clear_gap_in_the_figure_of_the_headline_is_told_where_the_ranking_is_level():
    ranked_alike = GOOD * 0.4  # the same ranking, but never above one half
    text = said(run_of(HALVES, ranked_alike, {"Forest": GOOD}))
    assert "It is level with the best" in text
    assert "By Accuracy it is clearly behind Forest" in text


def test_constant_guess_is_never_the_best():
    guess = np.full(400, 0.5)
    useless = 0.5 + 0.01 * RANDOM.normal(size=400)
    run = run_of(HALVES, useless, {"Forest": 1 - GOOD, "Guess": guess})
    text = said(run)
    assert "the best of the other models trained on the same rows, Forest" in text
    assert "not clearly better than always saying the same" in text
    assert "always saying the same" not in said(run_of(HALVES, GOOD, {"Guess": guess}))
    table = comparison(run.models)
    assert not any(row == 2 for row, _column in table.strong)


@pytest.mark.parametrize(("most", "on_average"), [(0.9, True), (0.5, False)])
def test_headline_of_several_classes_is_on_their_mean_where_one_prevails(most, on_average):
    truth = np.repeat([0, 1, 2], [int(200 * most), 10, 200 - 10 - int(200 * most)])
    run = run_of(HALVES, GOOD)
    p = np.tile([0.8, 0.1, 0.1], (200, 1))
    run.classes, run.truth, run.probabilities = ["a", "b", "c"], truth, p
    run.metrics, run.models = score("multiclass", truth, p, "abc"), run.models[:1]
    headline = of_classes(run).headline
    assert ("on average 33.3% of each class" in headline) == on_average


def test_class_of_several_that_is_hardly_found_stands_in_the_headline():
    names, truth = ["few", "many", "most"], np.array([0] * 6 + [1] * 40 + [2] * 54)
    answers = np.where(np.arange(100) < 5, 2, truth)
    run = ClassificationRun(
        source="t.csv", notes=[], rows={"test": 100}, history={}, best_epoch=0,
        metrics=score("multiclass", truth, np.eye(3)[answers], names), models=[], network="",
        settings={}, classes=names, truth=truth, probabilities=np.eye(3)[answers],
    )  # fmt: skip
    assert of_classes(run).headline == (
        "Right for 95.0% of 100 rows never seen before, but it finds only 1 of the 6 that are “few”"
    )
    run.probabilities = np.eye(3)[truth]
    assert "but" not in of_classes(run).headline


def test_metric_that_no_model_has_is_no_column():
    models = [{"name": n, "metrics": {"accuracy": a, "top_3_accuracy": None}, "seconds": 0.1}
              for n, a in (("one", 0.5), ("two", 0.7))]  # fmt: skip
    assert comparison(models).head == ["Model", "Accuracy", "Training"]


def test_terminal_says_what_is_no_better_and_only_that():
    bad = np.where(RANDOM.random(400) < 0.1, 1 - GOOD, GOOD)
    [behind] = of_classes(run_of(HALVES, bad, {"Forest": GOOD})).closing
    assert behind.startswith("It is behind the best")
    [gap] = of_classes(run_of(HALVES, GOOD * 0.4, {"Forest": GOOD})).closing
    assert "By Accuracy it is clearly behind Forest" in gap
    [guess] = of_classes(run_of(HALVES, 1 - GOOD, {"Guess": np.full(400, 0.5)})).closing
    assert "not clearly better than always saying the same" in guess
    assert not of_classes(run_of(HALVES, GOOD, {"Forest": bad})).closing
