"""Scripts as courses write them end without error, with what their comments promise."""

from pathlib import Path

import numpy as np
import pytest

from maeum.compat.running import run_script
from maeum.core import event_files

SCRIPTS = Path(__file__).with_name("scripts")


@pytest.fixture
def run(monkeypatch):
    """Run one of the scripts, and return its RESULT."""
    monkeypatch.setenv("MPLBACKEND", "agg")

    def result(name, *arguments):
        return run_script(SCRIPTS / f"{name}.py", [str(a) for a in arguments])["RESULT"]

    return result


def test_a_line(run):
    found = run("linear_regression")
    assert found["cost"] < 1e-3
    np.testing.assert_allclose([found["W"], found["b"]], [1, 0], atol=0.05)
    np.testing.assert_allclose(found["prediction"], [6.1, 3.6], atol=0.02)
    # 2 mean((5x - x) x) for x of 1, 2, 3 is 8 * 14 / 3
    np.testing.assert_allclose(found["gradients"], [8 * 14 / 3] * 2, rtol=1e-5)
    np.testing.assert_allclose(found["w"], 1, atol=1e-4)


def test_basics(run):
    found = run("basics")
    assert found["hello"] == b"Hello, TensorFlow!"
    assert found["repr"] == 'Tensor("Add:0", shape=(), dtype=float32)'
    assert found["sum"] == ([3.0, 4.0], 7.0)
    assert found["adder"].tolist() == [3, 7]
    assert found["fed_inside"] == 6
    assert found["shape"].tolist() == [4]
    assert found["product"][0].tolist() == [[12]]
    assert found["product"][1].tolist() == [[6, 6], [6, 6]]
    assert found["means"] == [1, 2.5, 5]
    assert found["argmax"].tolist() == [2, 0]
    assert found["reshape"] == (4, 1, 3)
    assert found["cast"].tolist() == [1, 2]
    assert found["stack"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert found["slices"].tolist() == [[4, 6], [8, 10]]
    assert found["unstack"].tolist() == [3, 4]
    assert found["split"].tolist() == [4, 5]
    assert found["where"].tolist() == [1, 4]
    assert found["range"].tolist() == [2, 5, 8]
    assert found["div"] == (3, 3.5, 3)
    assert found["cond"] == 1
    assert found["while"] == [10]
    assert found["map"].tolist() == [1, 4, 9]
    assert found["counter"] == [1, 2, 3]
    assert found["after"] == 13
    assert found["shared"] == (True, "foo/v:0")


def test_softmax(run):
    found = run("softmax")
    assert found["accuracy"] == 1
    assert found["losses"][0] == pytest.approx(found["losses"][1], rel=1e-4)
    assert found["losses"][0] < 0.3
    assert found["sum"] == pytest.approx(1)
    assert found["class"].tolist() == [1]
    assert found["one_hot"].sum(1).tolist() == [1] * 8


def test_xor_with_summaries(run, tmp_path):
    found = run("xor_deep", tmp_path)
    assert found["accuracy"] == 1
    assert found["cost"] < 0.05
    assert found["names"] == ["layer1/weight1:0", "cost/Neg:0"]
    (path,) = tmp_path.glob("events.out.tfevents.*")
    events = list(event_files.read_events(path))
    assert [kind for _step, kind, _data in events[:2]] == ["version", "graph"]
    last = event_files.read_values(events[-1][2])
    assert events[-1][0] == 300
    assert last["cost/cost"] == pytest.approx(found["cost"], rel=1e-6)
    assert {"layer1/weights1", "layer1/layer1", "accuracy"} <= last.keys()


def test_convolutions_with_a_checkpoint(run, tmp_path):
    found = run("convolutions", tmp_path)
    assert found["accuracy"] > 0.88
    assert found["steps"] == 14 * 15
    assert found["same"]
    assert Path(found["path"]).name == "model-210"


def test_layers_in_a_class(run):
    found = run("layers_class")
    assert found["accuracy"] > 0.9
    assert found["accuracy"] >= min(found["each"])
    assert found["names"] == [
        "model0/conv2d/kernel:0", "model0/conv2d/bias:0", "model0/dense/kernel:0",
        "model0/dense/bias:0",
    ]  # fmt: skip


def test_an_rnn_says_hello(run):
    found = run("hihello")
    assert found["text"] == "ihello"
    assert found["loss"] < 0.05


def test_a_series(run):
    found = run("stock")
    assert found["rmse"] < 0.03
    assert found["names"][0] == "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/kernel:0"


def test_queues_of_files(run, tmp_path):
    random = np.random.default_rng(0)
    x = random.uniform(size=(30, 3))
    rows = np.hstack([x, x @ [[1], [2], [3]] + 0.5])
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, part in zip(paths, (rows[:15], rows[15:])):
        np.savetxt(path, part, delimiter=",")
    found = run("queues", *paths)
    np.testing.assert_allclose(found["first"][0], rows[:10, :3], rtol=1e-6)
    np.testing.assert_allclose(found["first"][1], rows[:10, 3:], rtol=1e-6)
    assert found["cost"] < 1e-2


@pytest.mark.filterwarnings("ignore:Adadelta")
def test_older_keras(run, tmp_path):
    found = run("keras_older", tmp_path)
    assert found["accuracy"] > 0.85
    assert found["acc"] > 0.9
    assert found["classes"] == pytest.approx(found["accuracy"], abs=1e-6)
    assert found["same"]
    assert found["functional"]
    assert found["rate"] == 1  # of Keras 2; 0.001 of Keras 3
    assert found["own"] == (3, 2)


def test_keras_within_tensorflow(run):
    assert run("tf_keras") == {"xor": 1, "history": 1}


def test_what_computes_at_once(run):
    found = run("eager")
    np.testing.assert_allclose(found["line"], [1, 0], atol=2e-3)
    assert found["derivatives"] == (27, 18)  # 3 x**2 and 6 x
    assert [x.tolist() for x in found["persistent"]] == [[2, 4], [2, 4]]
    assert found["none"] == [None, None]
    assert found["jacobian"].tolist() == [[2, 0], [0, 4]]
    assert found["loss"] < 1e-2
    assert found["mean"] > found["loss"]
    assert found["map"] == [12, 14, 16, 18]
    assert found["batches"] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert found["windows"] == [[0, 1, 2], [2, 3, 4], [4, 5, 6], [6, 7, 8]]
    assert found["repeat"] == [0, 1, 0, 1, 9]
    assert found["zip"] == [(0, 8), (1, 9)]
    assert found["shuffled"] == list(range(10))
    assert found["padded"] == [[1, 0], [2, 3]]
    assert found["fit"][-1] < found["fit"][0]
    assert found["devices"] == 1
    assert found["order"] == pytest.approx([np.log(2)])
    assert 0.05 < found["dropped"] < 0.15  # the rate is what is dropped, not what is kept
    assert found["strings"] == (b"ab", False)


def test_an_estimator(run):
    found = run("estimator")
    assert found["accuracy"] > 0.88
    assert found["same"] == pytest.approx(found["accuracy"])
    assert found["global_step"] == 20 * 30
    assert found["sum"] == pytest.approx(1)
