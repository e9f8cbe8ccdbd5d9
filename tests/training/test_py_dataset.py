"""Data sets with workers: every batch once, in order, whatever loads it and however it ends."""

import threading
import time

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import DataError
from maeum.training.py_dataset import PyDataset, batches_of


class Slow(PyDataset):
    """Batches that take the longer, the earlier they come."""

    def __init__(self, count=8, fail_at=None, **kwargs):
        super().__init__(**kwargs)
        self.count, self.fail_at, self.told, self.threads = count, fail_at, [], set()

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.threads.add(threading.get_ident())
        time.sleep(0.01 * (index % 3 == 0))
        if index == self.fail_at:
            raise OSError("the disk is gone")
        x = np.full((4, 1), index, "float32")
        return x, 2 * x

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")


class Endless(PyDataset):
    num_batches = None

    def __getitem__(self, index):
        return np.full((2, 1), index), np.zeros((2, 1))


def compiled():
    model = mm.Sequential([mm.Input((1,)), mm.layers.Dense(1)], seed=1)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("options", [{}, {"workers": 3}, {"workers": 4, "max_queue_size": 1}])
def test_batches_come_in_order(options):
    dataset = Slow(**options)
    seen = [int(x[0, 0]) for x, _y in batches_of(dataset, [5, 0, 3, 3, 7])]
    assert seen == [5, 0, 3, 3, 7]
    assert (len(dataset.threads) > 1) == ("workers" in options)


def test_workers_change_nothing_but_the_time():
    one, three = compiled(), compiled()
    first = one.fit(Slow(), epochs=3, verbose=0)
    second = three.fit(Slow(workers=3), epochs=3, verbose=0)
    assert first.history == second.history
    np.testing.assert_array_equal(one.predict(Slow()), three.predict(Slow(workers=2)))


def test_it_is_told_of_every_epoch():
    dataset, model = Slow(4, workers=2), compiled()
    model.fit(dataset, epochs=2, verbose=0)
    model.evaluate(dataset, verbose=0)
    model.predict(dataset, verbose=0)
    assert dataset.told == ["begin", "end"] * 4


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_names_the_batch(workers):
    with pytest.raises(OSError, match="disk") as caught:
        compiled().fit(Slow(fail_at=5, workers=workers), shuffle=False, verbose=0)
    assert any("batch 5 of Slow" in note for note in caught.value.__notes__)


def test_a_training_that_stops_leaves_no_thread_waiting():
    class Stop(mm.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    compiled().fit(Slow(100, workers=3), callbacks=[Stop()], verbose=0)
    for _try in range(100):
        left = [t for t in threading.enumerate() if t.name == "maeum-worker"]
        if not left:
            break
        time.sleep(0.05)
    assert not left


def test_data_without_an_end_go_on_where_they_were():
    class Sums(mm.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.rows = 0

    model = compiled()
    model.fit(Endless(workers=2), epochs=2, steps_per_epoch=3, verbose=0)
    assert int(model.optimizer.iterations) == 6
    assert len(model.predict(Endless(), steps=5)) == 10


def test_what_is_missing_is_said():
    with pytest.raises(NotImplementedError, match="__getitem__"):
        PyDataset()[0]
    with pytest.raises(NotImplementedError, match="num_batches"):
        _ = PyDataset().num_batches


def test_processes_load_what_threads_load(tmp_path, monkeypatch):
    (tmp_path / "its_data.py").write_text(
        "import os\n"
        "from maeum.training.py_dataset import PyDataset\n"
        "class Ids(PyDataset):\n"
        "    def __len__(self):\n"
        "        return 3\n"
        "    def __getitem__(self, index):\n"
        "        return index, os.getpid()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import os

    from its_data import Ids

    found = list(batches_of(Ids(workers=1, use_multiprocessing=True), range(3)))
    assert [index for index, _process in found] == [0, 1, 2]
    assert os.getpid() not in {process for _index, process in found}


def test_what_cannot_be_pickled_is_refused():
    dataset = Slow(workers=1, use_multiprocessing=True)
    dataset.lock = threading.Lock()
    with pytest.raises(DataError, match="threads"):
        next(batches_of(dataset, range(2)))
