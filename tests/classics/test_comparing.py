"""The network beside other models: the same folds, fair intervals, nothing lost."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsRegressor

from maeum.classics import compare_table, write_answers
from maeum.classics.comparing import comparing, pictures, trials
from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.differences import corrected_interval
from maeum.classics.comparing.page import page_of
from maeum.classics.comparing.wording import headline_of, verdicts
from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.core.messages import set_language
from maeum.report.html import render
from maeum.report.scores import METRICS_OF, score
from maeum.report.sections import to_json
from maeum.tables.columns import recognise
from maeum.tabular import TableOptions
from maeum.tabular.preparation import Preparation
from maeum.tabular.untested import fit_table
from maeum.tabular.usual_models import USUAL_MODELS

from ..pages import check

QUICK = {"epochs": 2, "hidden": (4,)}


@pytest.fixture(scope="module")
def frame():
    """Two telling numbers, a category, missing cells, and columns that nothing follows from."""
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 90))
    made = pd.DataFrame({
        "a": a, "b": b, "plan": np.where(random.random(90) > 0.5, "x <b>&</b>", "y"),
        "same": 1, "empty": np.nan, "name": [f"Ms. {i:03d}" for i in range(90)],
        "bought": np.where(a + b + random.normal(size=90) > 0.5, "yes", "no"),
    })  # fmt: skip
    made.loc[3, "a"] = np.nan
    return made


@pytest.fixture(scope="module")
def found(frame):
    return compare_table(frame, "bought", folds=3, **QUICK)


@pytest.fixture(scope="module")
def prices():
    """Numbers to learn, with rows that belong together."""
    random = np.random.default_rng(1)
    house = np.arange(60) // 4
    size = random.normal(100, 20, 60)
    return pd.DataFrame({"size": size, "rooms": random.integers(1, 6, 60), "house": house,
                         "price": 3 * size + 10 * house + random.normal(0, 10, 60)})  # fmt: skip


@pytest.fixture(scope="module")
def of_prices(prices):
    return compare_table(prices, "price", group="house", folds=3, **QUICK)


@pytest.fixture
def no_network(monkeypatch):
    """In place of the network, whose training is tested above: what says the same of all rows."""

    def network(self):
        classes, rows = len(self.data.target.classes), len(self.test)
        said = np.full((rows, classes), 1 / classes) if classes else np.zeros(rows)
        return self._trial("network", self.rest, False, said, 0.1, 0.1, 1000)

    monkeypatch.setattr(trials.Fold, "network", network)


def prepared(frame, target, rest, test):
    """The features of a fold, by what its training rows hold."""
    typed, columns = recognise(frame, target)
    for column in columns:
        column.used = column.used and column.name not in (target, "house")
    made = Preparation.fit(typed.iloc[rest], columns, "standard")
    return (made.transform(typed.iloc[rows])[0]["numbers"] for rows in (rest, test))


def test_folds_are_those_of_stratified_k_fold_and_scores_those_of_scikit_learn(frame, found):
    y = (frame["bought"] == "yes").to_numpy().astype(int)
    table = found.table().set_index(["model", "fold"])
    folds = StratifiedKFold(3, shuffle=True, random_state=42).split(y, y)
    for number, (rest, test) in enumerate(folds, start=1):
        x, x_test = prepared(frame, "bought", rest, test)
        p = LogisticRegression(max_iter=2000).fit(x, y[rest]).predict_proba(x_test)[:, 1]
        line = table.loc["linear", number]
        assert (line["train_rows"], line["test_rows"]) == (len(rest), len(test))
        assert line["roc_auc"] == pytest.approx(metrics.roc_auc_score(y[test], p))
        assert line["log_loss"] == pytest.approx(metrics.log_loss(y[test], p), rel=1e-5)
        assert line["accuracy"] == pytest.approx(metrics.accuracy_score(y[test], p >= 0.5))
        forest = RandomForestClassifier(random_state=42).fit(x, y[rest]).predict_proba(x_test)
        said = table.loc["forest", number]["roc_auc"]
        assert said == pytest.approx(metrics.roc_auc_score(y[test], forest[:, 1]))


def test_groups_stay_together_as_in_group_k_fold(prices, of_prices):
    folds = GroupKFold(3, shuffle=True, random_state=42).split(prices, groups=prices["house"])
    for (rest, test), rmse in zip(folds, of_prices.values("knn")):
        x, x_test = prepared(prices, "price", rest, test)
        p = KNeighborsRegressor(round(len(rest) ** 0.5)).fit(x, prices["price"][rest])
        truth = prices["price"][test]
        assert rmse == pytest.approx(metrics.root_mean_squared_error(truth, p.predict(x_test)))
    assert "house" not in of_prices.pictures.names


def test_the_network_is_that_of_fit_table_on_the_same_rows(frame, found):
    y = (frame["bought"] == "yes").to_numpy().astype(int)
    rest, test = next(StratifiedKFold(3, shuffle=True, random_state=42).split(y, y))
    x = frame[["a", "b", "plan"]]
    made = fit_table(x.iloc[rest], y[rest], TableOptions(**QUICK), classes=["no", "yes"])
    p = made.model.predict_raw(x.iloc[test].reset_index(drop=True))[0]
    assert found.values("network")[0] == pytest.approx(metrics.roc_auc_score(y[test], p))


def test_the_interval_is_that_of_nadeau_and_bengio():
    d = np.array([0.02, -0.01, 0.03, 0.015])
    half = stats.t.ppf(0.975, 3) * np.sqrt((1 / 4 + 25 / 75) * d.var(ddof=1))
    away = corrected_interval(d, 25, 75)
    assert away == pytest.approx((d.mean(), d.mean() - half, d.mean() + half, 4))
    assert np.isnan(corrected_interval([0.5], 1, 4).low)
    assert [corrected_interval([x, x + 0.01], 1, 4).says for x in (1, 0, -1)] == [1, 0, -1]


def test_the_network_is_ahead_where_its_error_is_smaller(of_prices):
    network, tree = of_prices.values("network"), of_prices.values("tree")
    away, d = of_prices.difference("tree"), tree - network
    rows = pd.DataFrame([(t.tested, t.trained) for t in of_prices.of("network")]).mean()
    half = stats.t.ppf(0.975, 2) * np.sqrt((1 / 3 + rows[0] / rows[1]) * d.var(ddof=1))
    assert away[:3] == pytest.approx((d.mean(), d.mean() - half, d.mean() + half))
    assert of_prices.ranking == sorted(of_prices.ranking, key=of_prices.mean)


def test_means_are_of_the_folds_that_define_a_metric(found):
    undefined = [replace(t, metrics=t.metrics | {"roc_auc": None}) if t.fold == 2 else t
                 for t in found.trials]  # fmt: skip
    lacking = replace(found, trials=undefined)
    assert lacking.mean("linear") == pytest.approx(np.delete(found.values("linear"), 1).mean())
    assert lacking.difference("linear").folds == 2
    notes = []
    assert comparing._defined("roc_auc", "binary", undefined, notes) == "roc_auc"
    assert "do not count for it: 2." in notes[0]
    nowhere = [replace(t, metrics=t.metrics | {"roc_auc": None}) for t in found.trials]
    assert comparing._defined("roc_auc", "binary", nowhere, notes) == "log_loss"


@pytest.mark.parametrize("task", METRICS_OF)
def test_the_metrics_that_can_be_chosen_are_those_that_are_scored(task):
    prediction = np.full((8, 4), 0.25) if task == "multiclass" else np.full(8, 0.5)
    assert METRICS_OF[task] == tuple(score(task, np.arange(8) % 2, prediction, "abcd"))


def test_sizes_are_of_the_fitted_models(found):
    assert trials.pickled_size(found.data.columns) == len(pickle.dumps(found.data.columns, 5))
    assert found.cost("forest", "size") > found.cost("tree", "size") > found.cost("linear", "size")
    assert found.cost("network", "size") > 1000


@pytest.mark.parametrize("which", ["found", "of_prices"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_whole_in_both_languages(request, which, language):
    made: Comparison = request.getfixturevalue(which)
    set_language(language)
    try:
        page = page_of(made)
        check(render(page))
    finally:
        set_language(None)
    assert "<b>&</b>" not in render(page)
    assert json.dumps(to_json(page), default=lambda value: value.tolist())
    titles = [chapter.name for chapter in page.chapters]
    assert titles == ["ranking", "metrics", "folds", "cost", "pictures", "models", "table", "next"]


def test_every_model_and_the_perceptron_is_drawn(found):
    assert found.pictures.names == ["a", "b"]
    chapter = next(c for c in page_of(found).chapters if c.name == "pictures")
    drawn = [chart.title for chart in chapter.sections[-1].sections]
    assert drawn[:3] == ["Network", "Perceptron", "Logistic regression"]
    assert len(drawn) == 2 + len(USUAL_MODELS)


def test_the_verdict_is_told_in_words(found):
    def apart(by):
        network = [replace(t, metrics={"roc_auc": 0.5 + t.fold / 100}) for t in found.of("network")]
        return replace(found, trials=network + [
            replace(t, model=key, metrics={"roc_auc": t.metrics["roc_auc"] - away + t.fold / 1e4})
            for key, away in by.items() for t in network
        ])  # fmt: skip

    made = apart({"forest": 0.01, "linear": 0.0003, "boosting": -0.02})
    assert headline_of(made) == (
        "The network is number 2 of 4 models by ROC AUC; first is gradient boosting"
    )
    ahead, level, behind = verdicts(made)
    assert ahead.startswith("By ROC AUC, the network is ahead of the random forest by 0.010 (95%")
    assert "level with logistic regression:" in level
    assert "behind gradient boosting by 0.020 (95% interval 0.020 to 0.021)" in behind


def test_files_hold_a_line_for_each_model_and_fold(found, tmp_path):
    paths = write_answers(found, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "comparison.csv", "comparison.json", "report.html"]  # fmt: skip
    table = pd.read_csv(paths["comparison"])
    assert len(table) == 7 * 3
    assert table.groupby("model")["roc_auc"].mean()["svm"] == pytest.approx(found.mean("svm"))
    told = json.loads(paths["metrics"].read_text())
    assert [model["model"] for model in told["models"]] == found.ranking
    assert told["options"]["folds"] == 3


def test_what_the_network_is_follows_from_what_was_given_and_is_told(frame, no_network):
    def told(**options):
        found = compare_table(
            frame, "bought", folds=3, models=("linear",), pictures=False, **options
        )
        return [note for note in found.notes if "network" in note]

    (few,) = told()
    assert few.startswith("One network is trained, as there are only 60 rows")
    assert told(network="mlp") == told(members=2) == []
    (chosen,) = told(validation_size=0.3)
    assert "because of --validation-size" in chosen


def test_a_slow_model_is_trained_on_drawn_rows_and_this_is_told(frame, monkeypatch, no_network):
    few = replace(USUAL_MODELS["svm"], most_rows=30)
    monkeypatch.setitem(USUAL_MODELS, "svm", few)
    monkeypatch.setattr(trials, "MOST_NUMBERS", 120)  # of three features
    made = compare_table(frame, "bought", models=("svm", "tree"), folds=2, pictures=False, **QUICK)
    assert [t.trained for t in made.of("svm")] == [30, 30]
    assert all(t.trained <= 40 and t.drawn for t in made.of("tree"))
    assert any("Support vector machine was trained on 30 of 45 rows" in n for n in made.notes)


def test_predictions_in_blocks_are_the_same(frame, found, monkeypatch, no_network):
    monkeypatch.setattr(trials, "MOST_AT_ONCE", 12)
    made = compare_table(frame, "bought", models="linear", folds=3, pictures=False, **QUICK)
    np.testing.assert_array_equal(made.values("linear"), found.values("linear"))


def test_ctrl_c_keeps_the_folds_that_are_finished(frame, monkeypatch, no_network):
    def stopped_in(fold):
        train = trials.Fold.network

        def network(self):
            if self.number == fold:
                raise KeyboardInterrupt
            return train(self)

        return network

    how = {"models": "linear", "folds": 3, **QUICK}
    monkeypatch.setattr(trials.Fold, "network", stopped_in(3))
    made = compare_table(frame, "bought", **how)
    assert made.interrupted
    assert made.folds == [1, 2]
    assert made.pictures is None
    page = page_of(made)
    assert "Stopped by hand: 2 folds were finished of 3." in render(page)
    monkeypatch.setattr(trials.Fold, "network", stopped_in(1))
    with pytest.raises(KeyboardInterrupt):
        compare_table(frame, "bought", **how)


def test_ctrl_c_within_the_first_fold_keeps_the_models_that_are_finished(
    frame, monkeypatch, no_network
):
    other = trials.Fold._other

    def stopped(self, model, *given):
        if model.key == "knn":
            raise KeyboardInterrupt
        return other(self, model, *given)

    monkeypatch.setattr(trials.Fold, "_other", stopped)
    made = compare_table(frame, "bought", folds=3, **QUICK)
    assert {t.model for t in made.trials} == {"network", "linear"}
    assert "Only one fold was finished" in verdicts(made)[0]
    check(render(page_of(made)))


def test_what_a_model_cannot_learn_excludes_it_with_the_reason(frame, no_network):
    rare = frame.assign(bought=np.where(np.arange(90) < 2, "yes", "no"))
    made = compare_table(rare, "bought", models=("linear", "svm"), folds=2,
                         pictures=False)  # fmt: skip
    assert "svm" not in made.ranking
    assert "at least 2 rows each" in made.excluded["svm"]
    assert any("Support vector machine is excluded: it needs" in note for note in made.notes)
    check(render(page_of(made)))


def test_folds_whose_training_rows_have_one_class_do_not_count(frame, no_network):
    where = frame.assign(bought=["yes"] * 30 + ["no"] * 60, shop=np.repeat([0, 1, 2], 30))
    made = compare_table(where, "bought", models="linear", group="shop", folds=3,
                         pictures=False, **QUICK)  # fmt: skip
    assert len(made.folds) == 2
    assert any("which are not counted" in note for note in made.notes)
    one = where.assign(shop=np.repeat([0, 1, 1], 30))
    with pytest.raises(DataError, match="In every fold"):
        compare_table(one, "bought", models="linear", group="shop", folds=2, **QUICK)


def test_fewer_rows_than_folds_make_fewer_folds(frame, no_network):
    few = frame[["a", "bought"]].iloc[[0, 1, 2, 3, 4, 5, 6, 7]].assign(bought=list("yyyynnnn"))
    made = compare_table(few, "bought", models=("linear", "knn", "svm"), pictures=False)
    assert len(made.folds) == 4
    assert any("too few for 5 folds: there are 4" in note for note in made.notes)


def test_a_class_with_a_single_row_is_learnt_and_never_tested(frame, no_network):
    rare = frame.assign(bought=["odd", *(["x", "y", "z"] * 30)[1:]])
    made = compare_table(rare, "bought", folds=2, models=("linear", "svm"), pictures=False, **QUICK)
    assert made.metric == "log_loss"
    assert set(made.ranking) == {"network", "linear", "svm"}
    assert any("learnt but never tested" in note for note in made.notes)


def test_a_column_of_texts_is_compared_by_its_words(no_network):
    random = np.random.default_rng(0)
    good = random.random(60) > 0.5
    words = np.array(["a fine and sunny morning with", "a dull and rainy evening with"])
    texts = [f"{words[int(not g)]} {' '.join(random.permutation(list('abcdefgh')))}" for g in good]
    table = pd.DataFrame({"text": texts, "n": random.normal(size=60), "good": good})
    made = compare_table(table, "good", folds=2, models=("linear", "tree"), **QUICK)
    assert made.mean("linear") > 0.95
    assert made.pictures is None  # one column of numbers makes no plane


@pytest.mark.parametrize(("change", "error", "said"), [
    ({"target": None}, ConfigError, "Missing option '--target'"),
    ({"target": "bougt"}, UnknownNameError, "Did you mean 'bought'"),
    ({"metric": "rmse"}, ConfigError, "not for this target"),
    ({"metric": "acuracy"}, ConfigError, "Did you mean 'accuracy'"),
    ({"models": ("forst",)}, ConfigError, "Did you mean 'forest'"),
    ({"models": ()}, ConfigError, "at least one name"),
    ({"neighbors": 80}, ConfigError, "trained on 72 rows"),
    ({"folds": 1}, ConfigError, "folds"),
    ({"fold": 3}, ConfigError, "Did you mean 'folds'"),
    ({"time_split": "a"}, ConfigError, "There is no option 'time_split'"),
    ({"ignore": ("a", "b", "plan")}, DataError, "No column is left"),
    ({"group": "bought"}, ConfigError, "cannot divide the rows"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_before_anything_is_trained(frame, change, error, said):
    with pytest.raises(error, match=said):
        compare_table(frame, **{"target": "bought"} | change)


def test_too_few_rows_are_refused(frame):
    with pytest.raises(DataError, match=r"cannot be divided|too few"):
        compare_table(frame.head(3).assign(bought=["yes", "no", "no"]), "bought")


def test_the_most_telling_pair_need_not_be_telling_alone():
    random = np.random.default_rng(0)
    columns = {name: random.normal(size=300) for name in "abcd"}
    y = (columns["b"] * columns["d"] > 0).astype(int)
    assert pictures.most_telling(columns, y, 2, 0) == ["b", "d"]
