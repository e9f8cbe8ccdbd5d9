"""``maeum cluster`` and ``maeum map`` as a customer uses them."""

import json

import numpy as np
import pandas as pd
import pytest

METHODS = ("kmeans", "hierarchical", "dbscan", "mixture")


@pytest.fixture
def people(tmp_path):
    rng = np.random.default_rng(0)
    old = np.arange(60) % 3 == 0
    frame = pd.DataFrame({"age": np.where(old, 60, 25) + rng.integers(0, 5, 60),
                          "home": np.where(old, "owns", "rents"),
                          "id": [f"P{i:03d}" for i in range(60)]})  # fmt: skip
    frame.to_csv(tmp_path / "people.csv", index=False)
    return tmp_path / "people.csv"


def test_cluster_writes_the_rows_with_their_groups_and_a_page(maeum, people, tmp_path):
    out = tmp_path / "results"
    ran = maeum("cluster", people, "--out", out)
    assert ran.code == 0, ran.err
    assert sorted(p.name for p in out.iterdir()) == ["groups.csv", "metrics.json", "report.html"]
    table, given = pd.read_csv(out / "groups.csv"), pd.read_csv(people)
    pd.testing.assert_frame_equal(table[given.columns.tolist()], given)
    assert (table["group"] == np.where(given["home"] == "owns", 2, 1)).all()
    assert "2 groups among 60 rows" in ran.out
    assert "Excluded 'id': looks like a key" in ran.out
    assert "home is “owns” in 100% of its rows" in ran.out
    assert f"Report: {out / 'report.html'}" in ran.out.splitlines()
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["method"], metrics["groups"], metrics["options"]["seed"]) == ("kmeans", 2, 42)


def test_map_writes_the_place_of_every_row(maeum, people, tmp_path):
    out = tmp_path / "results"
    ran = maeum("map", people, "--method", "pca", "--color", "home", "--out", out)
    assert ran.code == 0, ran.err
    table = pd.read_csv(out / "map.csv")
    assert table.columns.tolist() == ["row", "pca_x", "pca_y"]
    assert len(table) == 60
    assert "principal components hold" in ran.out
    assert f"Map: {out / 'map.csv'}" in ran.out.splitlines()


def test_earlier_results_stay(maeum, people, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _time in range(2):
        assert maeum("map", people, "--method", "pca").code == 0
    assert (tmp_path / "maeum-people-map" / "report.html").exists()
    assert (tmp_path / "maeum-people-map-2" / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cluster", "there-is-none.csv"], "there-is-none.csv"),
        (["cluster", "{data}", "--groups", "1"], "--groups is a whole number of 2 or more"),
        (["cluster", "{data}", "--groups", "1000"], "only"),
        (["cluster", "{data}", "--method", "k-mean"], "Did you mean 'kmeans'"),
        (["cluster", "{data}", "--ignore", "agee"], "Did you mean 'age'"),
        (["cluster", "{data}", "--eps", "3"], "dbscan"),
        (["map", "{data}", "--color", "house"], "no column 'house'"),
        (["map", "{data}", "--method", "umap"], "pca"),
        (["map", "{data}", "--sheet", "2"], "not a workbook"),
    ],
    ids=lambda value: " ".join(value[2:]) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_refused(refuse, people, arguments, said):
    assert said in refuse(*(str(people) if each == "{data}" else each for each in arguments))
