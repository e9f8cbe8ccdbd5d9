"""``maeum train --task anomaly``."""

import numpy as np
import pandas as pd


def test_the_command_finds_predicts_and_shows(maeum, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=80)
    frame = pd.DataFrame({"a": x, "b": 2 * x})
    frame.loc[7, "b"] = 60.0
    frame.round(3).to_csv("t.csv", index=False)
    ran = maeum("train", "t.csv", "--task", "anomaly", "--epochs", "2", "--hidden", "8")
    assert ran.code == 0, ran.err
    assert "80 rows, 2 columns looked at" in ran.out
    assert "unusual" in ran.out
    for name in ("model.maeum", "report.html", "predictions.csv", "metrics.json"):
        assert (tmp_path / "maeum-t" / name).exists()
    ran = maeum("predict", "maeum-t/model.maeum", "t.csv")
    assert ran.code == 0, ran.err
    assert pd.read_csv("t-predictions.csv")["rank"].idxmin() == 7
    assert "Finds unusual rows" in maeum("show", "maeum-t/model.maeum").out


def test_every_task_tells_its_names(maeum, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"a": range(30), "b": range(30)}).to_csv("t.csv", index=False)
    ran = maeum("train", "t.csv", "--task", "anomly")
    assert ran.code
    for name in ("anomaly", "regression", "classification"):
        assert f"'{name}'" in ran.err
    ran = maeum("train", "t.csv", "--task", "anomaly", "--target", "a")
    assert ran.code
    assert "--target is for" in ran.err
    ran = maeum("train", "t.csv", "--label", "b")
    assert "say --task anomaly" in ran.err
    assert "--contamination" in maeum("train", "--help-anomaly").out
