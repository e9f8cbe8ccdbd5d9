"""A toy sixth task goes all the way, with nothing changed outside its file."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from toy import PairModel, PairTask

from maeum.cli.main import main
from maeum.core.errors import ModelFileError
from maeum.experiment import events as told
from maeum.experiment import task as registry
from maeum.experiment.files import write_results
from maeum.experiment.task import open_model
from maeum.experiment.training import train
from maeum.saving import archive
from maeum.training.backup import Backup

TASK = PairTask()


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(registry, "_further", [])
    registry.register(TASK)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "두 수.pairs"
    x = np.random.default_rng(0).uniform(-100, 100, 60)
    path.write_text("\n".join(f"{v:.2f} {v / 2:.2f}" for v in x))
    return path


def ready(pairs, **options):
    options = {"epochs": 3, "batch_size": 16, **options}
    return TASK.prepare(pairs, *TASK.split(options))


@pytest.fixture(scope="module")
def trained(pairs):
    heard = []
    made = train(TASK, ready(pairs), events=heard.append)
    return made, heard


def test_run_says_everything_that_all_tasks_share(trained):
    run = trained[0].run
    assert run.source == "두 수.pairs"
    assert run.rows == {"train": 39, "validation": 9, "test": 12}
    assert set(run.history) == {"loss", "val_loss"}
    assert run.best_epoch == int(np.argmin(run.history["val_loss"]))
    assert [model["name"] for model in run.models] == ["Maeum network", "The mean"]
    assert run.models[0]["metrics"] == run.metrics
    assert run.settings["width"] == 4
    assert set(run.seconds) == {"training", "testing", "comparing", "examining"}
    assert run.notes == ["All are numbers."]
    assert "dense" in run.network
    assert trained[0].model.facts["metrics"] == run.metrics


def test_events_come_in_the_order_in_which_things_happen(trained):
    names = [type(event).__name__ for event in trained[1]]
    assert names == [
        "Found", "Note", "TrainingBegan", *3 * ["EpochEnded"], "TrainingEnded", "Comparing",
        "Compared",
    ]  # fmt: skip
    assert json.dumps([event.to_json() for event in trained[1]])
    assert "to train" in str(trained[1][0])


def test_progress_within_an_epoch_is_told_to_a_listener_that_is_live(pairs):
    class Live:
        live = True
        heard = ()

        def __call__(self, event):
            self.heard += (event,)

    listener = Live()
    train(TASK, ready(pairs, epochs=1), events=listener, report=False)
    fractions = [e.fraction for e in listener.heard if isinstance(e, told.Progress)]
    assert fractions
    assert max(fractions) == 1


def test_folder_to_go_on_from_reaches_fit(pairs, monkeypatch, tmp_path):
    given = []

    class Stop(Exception):
        pass

    class Network:
        def fit(self, **arguments):
            given.append(arguments)
            raise Stop

    monkeypatch.setattr(PairTask, "build", lambda self, data: Network())
    with pytest.raises(Stop):
        train(TASK, ready(pairs), backup=Backup(tmp_path, minutes=5))
    assert given[0]["backup"].folder == tmp_path / "training"
    assert given[0]["backup"].minutes == 5
    with pytest.raises(Stop):
        train(TASK, ready(pairs))
    assert "backup" not in given[1]


def press(kind):
    def listen(event):
        if isinstance(event, kind):
            signal.raise_signal(signal.SIGINT)

    return listen


class TestCtrlC:
    def test_keeps_the_network_and_notes_it(self, pairs):
        made = train(TASK, ready(pairs, epochs=500), events=press(told.EpochEnded))
        assert made.run.notes[-1] == "The training was stopped by hand after 1 epoch."
        assert len(made.run.models) == 2

    def test_while_comparing_keeps_the_network(self, pairs):
        made = train(TASK, ready(pairs), events=press(told.Comparing))
        assert made.run.notes[-1] == "The comparison with other models was stopped by hand."
        assert len(made.run.models) == 1

    def test_twice_ends_everything(self, pairs):
        with pytest.raises(KeyboardInterrupt):
            train(TASK, ready(pairs), events=press((told.EpochEnded, told.Comparing)))


class TestFiles:
    def test_are_the_same_for_every_task(self, trained, tmp_path):
        paths = write_results(trained[0], tmp_path)
        assert sorted(path.name for path in paths.values()) == [
            "history.csv", "metrics.json", "model.maeum", "report.html",
        ]  # fmt: skip
        metrics = json.loads(paths["metrics"].read_text(encoding="utf-8"))
        assert metrics["models"][1]["name"] == "The mean"
        page = paths["report"].read_text(encoding="utf-8")
        assert "두 수.pairs" in page
        assert "The mean" in page

    def test_any_model_opens_with_one_function(self, trained, pairs, tmp_path, registered):
        trained[0].model.save(tmp_path / "m.maeum")
        again = open_model(tmp_path / "m.maeum")
        assert type(again) is PairModel
        assert again.facts == trained[0].model.facts
        assert again.predict(pairs).equals(trained[0].model.predict(pairs))

    def test_kind_that_is_not_known_says_what_to_do(self, trained, tmp_path):
        trained[0].model.save(tmp_path / "m.maeum")
        with pytest.raises(ModelFileError, match="kind 'pairs', which this version"):
            open_model(tmp_path / "m.maeum")

    def test_name_that_is_not_utf_8_saves_and_loads(self, trained, tmp_path):
        made = trained[0]
        odd = os.fsdecode("café.pairs".encode("latin-1"))
        model = PairModel(made.model.network, 100.0, odd, {"source": odd})
        model.save(tmp_path / "m.maeum")
        again = PairModel.load(tmp_path / "m.maeum")
        assert again.note == again.facts["source"] == odd
        entry = archive.read_entries(tmp_path / "m.maeum")["preprocessing.json"]
        assert json.loads(entry.decode("utf-8"))["note"] == odd  # any reader of JSON can


def test_command_takes_the_task_as_it_is(registered, pairs, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["train", pairs, "--width", "3", "--epochs", "2", "--batch-size", "8"],
        ["show", "maeum-두 수/model.maeum"],
        ["evaluate", "maeum-두 수/model.maeum", pairs],
        ["predict", "maeum-두 수/model.maeum", pairs],
    ):
        monkeypatch.setattr(sys, "argv", ["maeum", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "두 수.pairs: 39 to train, 9 to validate and 12 to test" in said
    assert "Predicts the second number of a pair; learnt from 두 수.pairs" in said
    assert "두 수.pairs: 60 pairs" in said
    assert "60 predictions: 두 수-predictions.csv" in said
    settings = json.loads(Path("maeum-두 수/metrics.json").read_text())["settings"]
    assert settings["width"] == 3


def test_toy_task_is_small():
    assert len((Path(__file__).parent / "toy.py").read_text().splitlines()) < 150
