import contextlib
import csv
import json
import resource

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import SaveError
from maeum.experiment.files import check_folder, free_folder, write_results
from maeum.tabular import TabularModel, train_table


@pytest.fixture(scope="module")
def trained():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"금액": random.normal(size=90), "b": random.choice(list("abc"), 90)})
    return train_table(frame, "b", epochs=3, hidden=(8,))


@contextlib.contextmanager
def disk_with_room_for(size):
    """No file grows beyond ``size`` bytes: writing more fails, as on a full disk."""
    _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_five_files_are_written_and_readable(trained, tmp_path):
    paths = write_results(trained, tmp_path / "new" / "folder")
    assert set(paths) == {"model", "metrics", "history", "report", "predictions"}
    said = pd.read_csv(paths["predictions"])
    assert (said["b"] == said["prediction"]).mean() == trained.run.metrics["accuracy"]
    assert said["금액"].tolist() == trained.run.test_rows["금액"].tolist()
    metrics = json.loads(paths["metrics"].read_text(encoding="utf-8"))
    assert metrics["metrics"] == trained.run.metrics
    assert [entry["column"] for entry in metrics["importance"]] == ["금액"]
    assert [m["name"] for m in metrics["models"]][1:] == [
        "Logistic regression", "Gradient boosting", "Constant guess",
    ]  # fmt: skip
    with paths["history"].open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == trained.run.history["val_loss"]
    assert "금액" in paths["report"].read_text(encoding="utf-8")
    assert TabularModel.load(paths["model"]).facts["metrics"] == trained.run.metrics


def test_metrics_are_json_that_others_can_read(trained, tmp_path):
    paths = write_results(trained, tmp_path)

    def no_constant(name):
        raise AssertionError(f"{name} is no JSON")

    json.loads(paths["metrics"].read_text(), parse_constant=no_constant)


@pytest.mark.parametrize("room", [0, 3_000])
def test_full_disk_leaves_every_older_file_whole(trained, tmp_path, room):
    write_results(trained, tmp_path)
    before = contents(tmp_path)
    with disk_with_room_for(room), pytest.raises(SaveError, match="could not be written"):
        write_results(trained, tmp_path)
    assert contents(tmp_path) == before


def test_folder_is_looked_at_but_not_made(tmp_path):
    check_folder(tmp_path / "not" / "there")
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_is_refused_with_the_reason(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(SaveError, match="it is a file"):
            check_folder(folder)


def test_new_results_go_into_the_next_folder_or_go_on_in_the_last(tmp_path):
    def free(*unfinished):
        return free_folder(tmp_path / "r", lambda folder: folder.name in unfinished).name

    assert free() == "r"
    assert free("r") == "r"
    for name in ("r", "r-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").touch()
    assert free() == "r-3"
    assert free("r-2") == "r-2"
    assert free("r") == "r-3"
