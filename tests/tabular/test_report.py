"""The report: complete for every task, safe with hostile names, readable at every size."""

from __future__ import annotations

import functools
import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score
from sklearn.neural_network import MLPClassifier

from maeum.core import files
from maeum.core.errors import SaveError
from maeum.core.wording import shorten
from maeum.experiment.report import page_of, right_and_wrong
from maeum.experiment.training import Trained
from maeum.report import html
from maeum.report.answers import comparison
from maeum.report.learning import learning
from maeum.tables.columns import recognise
from maeum.tabular import bars, figures_data, figures_model, outcome, report, verdict
from maeum.tabular.relations import Sample, relations
from maeum.tabular.result import TableRun
from maeum.tabular.task import TableTask

from ..pages import check

HOSTILE = '<script>alert("x")</script>'


def made(
    task: str = "binary",
    *,
    rows: int = 240,
    classes: list[str] | None = None,
    extra: dict[str, object] | None = None,
    target: str = "left",
    seed: int = 0,
) -> TableRun:
    """A run on a made-up table; for two classes a scikit-learn network stands in for ours."""
    random = np.random.default_rng(seed)
    names = classes or {"binary": ["no", "yes"], "multiclass": ["a", "b", "c"]}.get(task, [])
    months, price = random.integers(1, 72, rows), random.normal(60, 20, rows)
    score = months / 20 - price / 40 + random.normal(0, 0.5, rows)
    raw = pd.DataFrame(
        {
            "key": [f"K{i:05d}" for i in range(rows)],
            "months": months,
            "price": np.where(random.random(rows) < 0.1, np.nan, price),
            "plan": random.choice(["monthly", "yearly", "never"], rows),
            "paper": random.choice(["yes", "no"], rows),
            "since": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(random.integers(0, 900, rows), "D"),
            **(extra or {}),
        }
    )
    typed, columns = recognise(raw)
    rank = np.argsort(np.argsort(score))
    y = score if task == "regression" else rank * len(names) // rows
    frame = typed.assign(**{target: y if task == "regression" else np.array(names)[y]})
    test = np.arange(rows) % 3 == 0
    x = np.column_stack([months, price])
    x = (x - x.mean(0)) / x.std(0)
    if task == "regression":
        prediction, metrics = y[test] + random.normal(0, 0.3, test.sum()), {"r2": 0.9, "rmse": 0.3}
    elif task == "binary":
        net = MLPClassifier((8,), solver="lbfgs", max_iter=500, random_state=0).fit(
            x[~test], y[~test]
        )
        prediction = net.predict_proba(x[test])[:, 1]
        auc = roc_auc_score(y[test], prediction)
        metrics = {
            "accuracy": float(((prediction >= 0.5) == y[test]).mean()),
            "roc_auc": float(auc),
        }
        prediction = np.stack([1 - prediction, prediction], axis=1)
    else:
        prediction = random.dirichlet(np.ones(len(names)), test.sum())
        prediction[np.arange(len(prediction)), y[test]] += 0.6
        prediction /= prediction.sum(1, keepdims=True)
        metrics = {"accuracy": float((prediction.argmax(1) == y[test]).mean())}
    return TableRun(
        source="made.csv",
        target=target,
        task=task,
        classes=list(names),
        notes=["Missing prices were filled with the median."],
        columns=columns,
        frame=frame,
        features=["months", "price", "plan=monthly"],
        rows={"train": int((~test).sum()), "validation": 0, "test": int(test.sum())},
        history={"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.5, 0.6], "accuracy": [0.5, 0.7, 0.8]},
        best_epoch=1,
        test_rows=raw[test],
        truth=y[test],
        probabilities=np.zeros((test.sum(), 0)) if task == "regression" else prediction,
        values=prediction if task == "regression" else np.zeros(0),
        metrics=metrics,
        models=[
            {"name": "Maeum", "metrics": metrics, "seconds": 1.2},
            {
                "name": "scikit-learn model",
                "metrics": {k: v - 0.2 for k, v in metrics.items()},
                "seconds": 0.2,
            },
        ],
        importance=[("months", 0.2, 0.01), ("price", 0.1, 0.02), ("paper", -0.001, 0.001)],
        network="dense (Dense)   (None, 8)   24",
        settings={"hidden": [8], "learning_rate": 0.001, "class_weight": None},
        seconds={"training": 1.2},
    )


def render(run: TableRun) -> str:
    return html.render(page_of(Trained(None, run, TableTask())))


class Page(HTMLParser):
    """The elements of a page, and the tags that were left open."""

    VOID = {"meta", "br", "input", "link", "img"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.text += data

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]


TASKS = ["binary", "multiclass", "regression"]


@functools.cache
def html_of(task: str) -> str:
    return render(made(task))


@pytest.mark.parametrize("task", TASKS)
def test_page_is_well_formed_and_says_everything(task):
    page = Page(html_of(task))
    assert not page.open
    assert page.tags().count("h1") == 1
    assert "rows never seen before" in page.text
    for heading in (
        "Compared with other models",
        "What it goes by",
        "Examples",
        "Excluded",
        "What next",
    ):
        assert heading in page.text
    expected = {
        "binary": ["Confusion matrix", "ROC curve", "Precision and recall", "Calibration"],
        "multiclass": ["Confusion matrix", "ROC curve", "Most frequent mistakes", "Calibration"],
        "regression": ["Predicted and true", "Spread of the errors"],
    }
    for heading in expected[task]:
        assert heading in page.text
    assert "maeum predict" in page.text


@pytest.mark.parametrize("task", TASKS)
def test_page_loads_nothing_and_runs_only_its_own_script(task):
    html = html_of(task)
    check(html)
    page = Page(html)
    assert not {"link", "iframe", "object", "embed"} & set(page.tags())
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("href", "src", "xlink:href"):
                assert value.startswith("#")
    assert not re.search(r"@import|url\((?!#)", html)


def test_ids_are_unique_and_every_reference_has_its_target():
    html = html_of("binary")
    ids = [a["id"] for _, a in Page(html).elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([\w-]+)', html)) <= set(ids)


def test_every_drawing_has_a_description():
    page = Page(html_of("binary"))
    described = [a for _, a in page.elements if a.get("role") == "img"]
    assert len(described) == html_of("binary").count('class="frame"') > 5
    assert all(a["aria-label"] for a in described)


@pytest.mark.parametrize("task", TASKS)
def test_hostile_names_and_cells_are_escaped(task):
    extra = {
        HOSTILE + "n": np.arange(240.0) % 7,
        HOSTILE + "c": [HOSTILE, "</svg><b>", "\x00\x1b[31m"] * 80,
    }
    classes = [HOSTILE, "</style>"] if task == "binary" else None
    run = made(task, extra=extra, target=HOSTILE, classes=classes)
    run.source = run.network = run.notes[0] = HOSTILE
    run.settings[HOSTILE] = HOSTILE
    run.models[1]["name"] = HOSTILE
    run.metrics[HOSTILE] = run.history[HOSTILE] = 0.5
    run.history[HOSTILE] = [0.5, 0.4]
    run.importance.insert(0, (HOSTILE + "c", 0.3, 0.1))
    page = Page(render(run))
    assert not page.open
    assert page.tags().count("script") == 1
    assert "b" not in [tag for tag, attributes in page.elements if not attributes]
    assert page.text.count(HOSTILE) > 8


def test_formulas_and_underscores_in_names_are_taken_literally():
    run = made(extra={"$\\frac{a}": np.arange(240.0), "_hidden": np.arange(240.0) ** 0.5})
    text = Page(render(run)).text
    assert "$\\frac{a}" in text
    assert "_hidden" in text


def test_korean_names_reach_the_page_as_text_without_a_warning(recwarn):
    run = made(extra={"월요금": np.arange(240.0)}, target="해지", classes=["아니요", "예"])
    html = render(run)
    assert "월요금" in html
    assert "해지" in verdict.of(run).headline
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_wide_table_with_long_names_is_cut_and_counted():
    random = np.random.default_rng(0)
    numbers = {f"{'long name ' * 30}{i}": random.normal(size=240) for i in range(1000)}
    words = {f"word{i}": random.choice(["p", "q", "r"], 240) for i in range(1000)}
    html = render(made(extra=numbers | words))
    assert len(html) < 1_500_000
    page = Page(html)
    assert html.count('class="frame"') <= report.MAX_HISTOGRAMS + 14
    assert f"and {1003 - report.MAX_HISTOGRAMS} more" in page.text
    assert f"and {1002 - report.MAX_CATEGORY_CHARTS} more" in page.text
    assert "long name " * 30 not in page.text


def test_long_names_keep_their_ends_apart():
    names = [f"{'sensor reading ' * 20}{i}" for i in range(3)]
    shown = [shorten(name, 40) for name in names]
    assert len(set(shown)) == 3
    assert all(len(name) <= 40 for name in shown)


def test_hundred_classes_stay_readable():
    names = [f"class number {i}" for i in range(100)]
    run = made("multiclass", rows=900, classes=names)
    html = render(run)
    assert len(html) < 1_000_000
    assert "12 most frequent of 100 classes" in html
    assert len(figures_model.one_against_rest(run)) == 10


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    "spoil",
    [
        {
            "history": {"loss": [math.nan, math.nan], "val_loss": [math.nan]},
            "best_epoch": 5,
            "metrics": {"accuracy": math.nan, "roc_auc": None, "r2": -math.inf},
            "importance": [("months", math.nan, math.nan), ("gone", 0.1, math.nan)],
        },
        {"history": {}, "metrics": {}, "models": [], "importance": [], "settings": {}},
        {"columns": [], "notes": [], "features": [], "rows": {}, "network": "", "seconds": {}},
        {"frame": pd.DataFrame({"left": pd.Series([], dtype=object)})},
    ],
    ids=["undefined values", "no results", "no columns", "no rows"],
)
def test_incomplete_runs_still_give_a_report(task, spoil):
    run = made(task)
    for name, value in spoil.items():
        setattr(run, name, value)
    page = Page(render(run))
    assert not page.open
    assert "nan" not in page.text.lower().split()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kept", [0, 1])
def test_tiny_test_parts_still_give_a_report(task, kept):
    run = made(task)
    run.test_rows, run.truth = run.test_rows[:kept], run.truth[:kept]
    run.probabilities, run.values = run.probabilities[:kept], run.values[:kept]
    assert not Page(render(run)).open


def test_test_part_with_one_class_says_why_there_are_no_curves():
    run = made()
    run.truth = np.zeros_like(run.truth)
    text = Page(render(run)).text
    assert "hold only one class" in text
    assert "ROC curve" not in text


@pytest.mark.parametrize("task", TASKS)
def test_predictions_that_are_nan_do_not_stop_the_report(task):
    run = made(task)
    run.probabilities = np.full_like(run.probabilities, np.nan)
    run.values = np.full_like(run.values, np.nan, dtype=float)
    assert not Page(render(run)).open


def test_class_names_match_numbers_in_the_table():
    run = made(classes=["0", "1"])
    run.frame["left"] = run.frame["left"].astype(float)
    assert set(Sample(run).target) == {0, 1}


def test_correlations_agree_with_pandas():
    run = made()
    found = {(r.column, r.value): r.strength for r in relations(run, Sample(run))}
    positive = pd.Series((run.frame["left"] == "yes").astype(float))
    assert found["months", None] == pytest.approx(positive.corr(run.frame["months"]))
    assert found["price", None] == pytest.approx(positive.corr(run.frame["price"]))
    monthly = (run.frame["plan"] == "monthly").astype(float)
    assert found["plan", "monthly"] == pytest.approx(positive.corr(monthly))
    assert ("key", None) not in found


def test_strength_for_many_classes_agrees_with_its_definition():
    run = made("multiclass")
    found = {r.column: r.strength for r in relations(run, Sample(run))}
    months = run.frame["months"]
    between = months.groupby(run.frame["left"]).transform("mean")
    assert found["months"] == pytest.approx(math.sqrt(between.var() / months.var()))
    from scipy.stats.contingency import association

    table = pd.crosstab(run.frame["plan"].astype(str), run.frame["left"]).to_numpy()
    assert found["plan"] == pytest.approx(association(table, method="cramer"))


def test_confusion_and_curves_agree_with_scikit_learn():
    run = made()
    answers = (run.prediction >= 0.5).astype(int)
    confusion, *_ = right_and_wrong(run)
    counts = [[count for count, _ in row] for row in confusion.rows]
    assert counts == confusion_matrix(run.y_true, answers).tolist()
    area = roc_auc_score(run.y_true, run.prediction)
    assert figures_model.roc(run).legend == ((f"yes: {area:.3f}", "c1"),)
    precision = average_precision_score(run.y_true, run.prediction)
    assert figures_model.precision_recall(run).legend == ((f"yes: {precision:.3f}", "c1"),)


@pytest.mark.parametrize(("first", "begins"), [(1, 1.0), (0, 0.0)])
def test_precision_begins_with_the_surest_row(first, begins):
    run = made()
    run.truth = np.array([first, 1, 0, 1, 0, 0])
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    run.probabilities = np.stack([1 - p, p], axis=1)
    curve = next(
        mark for mark in figures_model.precision_recall(run).marks if hasattr(mark, "look")
    )
    assert (curve.x[0], curve.y[0]) == (0, begins)
    hits = np.cumsum(run.truth)
    points = set(zip(hits / hits[-1], hits / np.arange(1, 7)))
    drawn = set(zip(curve.x[1:], curve.y[1:]))
    assert drawn <= points
    assert len(drawn) >= hits[-1]


def test_verdict_compares_with_the_lazy_answer_and_the_best_baseline():
    run = made()
    run.truth = np.array([0] * 60 + [1] * 20)
    p = np.array([0.1] * 56 + [0.9] * 4 + [0.8] * 16 + [0.2] * 4)  # 72 of 80 right
    run.probabilities = np.stack([1 - p, p], axis=1)
    run.metrics = {"roc_auc": 0.9}
    run.models = [
        {"name": "Maeum", "metrics": {"roc_auc": 0.9}, "seconds": 1.0},
        {"name": "forest", "metrics": {"roc_auc": 0.7}, "seconds": 1.0},
        {"name": "line", "metrics": {"roc_auc": math.nan}, "seconds": 1.0},
    ]
    assert verdict.of(run).headline == "left: right for 90.0% of 80 rows never seen before"
    said = " ".join(verdict.of(run).sentences)
    assert "15.0 points better than always answering “no” (75.0%)" in said
    assert "finds 80% of the “yes” rows" in said  # 16 of 20
    assert "ahead of the best of the other models trained on the same rows, forest" in said
    run.models[1]["metrics"]["roc_auc"] = 0.93  # 0.5 / sqrt(80) = 0.056 is more than 0.03
    assert "level with" in " ".join(verdict.of(run).sentences)


def test_overfitting_is_told():
    history = {"loss": [0.9, 0.5, 0.1], "val_loss": [0.8, 0.5, 0.9]}
    assert "after epoch 2 of 3" in learning(history, 1)
    assert "from 0.5 to 0.9: the network began to overfit" in learning(history, 1)
    history["val_loss"] = [0.8, 0.5, 0.51]
    assert "overfit" not in learning(history, 1)
    assert "more of them may still help" in learning(history, 2)


def test_examples_show_the_raw_rows_of_the_right_answers():
    run = made()
    right, wrong, unsure = outcome.examples(run)
    assert right.head[:5] == ["Network", "Sure", "Truth", "key", "months"]
    sure = np.where(run.answers == run.truth, run.probabilities.max(axis=1), 0)
    assert right.rows[0][3] == run.test_rows["key"].iloc[int(sure.argmax())]
    assert all(row[0] != row[2] for row in wrong.rows)
    assert unsure.rows[0][1] == f"{50 + 100 * np.abs(run.prediction - 0.5).min():.1f}%"


def test_comparison_marks_the_best_of_each_column():
    run = made("regression")
    table = comparison(run.models)
    assert table.head == ["Model", "R²", "RMSE", "Training"]
    assert table.strong == {(0, 1), (1, 2)}  # a higher R², a lower error


def test_histogram_shares_are_drawn_for_dates_and_skip_far_values():
    run = made(extra={"spiky": np.r_[np.linspace(0, 1, 239), 1e9]})
    sample = Sample(run)
    groups = figures_data.groups_by_target(run, sample)
    assert "far outside" in figures_data.histogram(sample, "spiky", groups).caption
    assert "Median 202" in figures_data.histogram(sample, "since", groups).caption


def test_bars_stay_inside_their_track():
    for task in TASKS:
        run = made(task)
        sample = Sample(run)
        groups = figures_data.groups_by_target(run, sample)
        charts = [
            bars.importance_bars(run),
            bars.relation_bars(run, relations(run, sample)),
            bars.missing_values(run),
            bars.category_chart(run, sample, "plan", groups),
        ]
        for segment in (s for chart in charts for bar in chart.bars for s in bar.segments):
            assert 0 <= segment.left <= 100
            assert 0 <= segment.width <= 100.001 - segment.left


def test_same_run_gives_the_same_page():
    assert render(made()) == html_of("binary")


def test_report_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "report.html"
    assert html.write_page(page_of(Trained(None, made(), TableTask())), path) == path
    before = path.read_text(encoding="utf-8")
    assert before.startswith("<!DOCTYPE html>")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(SaveError, match="No space left on device"):
        html.write_page(page_of(Trained(None, made("regression"), TableTask())), path)
    assert path.read_text(encoding="utf-8") == before
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_a_folder_that_cannot_be_written_is_an_error_with_advice(tmp_path):
    (tmp_path / "file").write_text("")
    page = page_of(Trained(None, made(), TableTask()))
    with pytest.raises(SaveError, match="Choose another place"):
        html.write_page(page, tmp_path / "file" / "report.html")
