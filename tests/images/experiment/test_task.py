"""Training on images: what is tested, when it stops, and what is said."""

import os
import signal

import numpy as np
import pytest

from maeum.callbacks import Callback
from maeum.core.errors import ConfigError, DataError
from maeum.experiment.events import Compared, EpochEnded, Found, Imbalanced, Note
from maeum.images import ImageSet
from maeum.images.experiment import ImageData, ImageOptions, ImageTask, train_images, train_on


def two_kinds(rows=40, size=8, channels=1):
    """Dark and light noise."""
    noise = np.random.default_rng(0).integers(0, 60, (rows, size, size, channels))
    labels = np.arange(rows) % 2
    pixels = (noise + 190 * labels[:, None, None, None]).astype("uint8")
    return ImageSet(pixels=pixels, labels=labels, class_names=["dark", "light"])


def quick(images=None, **options):
    """Train for two epochs, without the comparison."""
    defaults = {"epochs": 2, "augment": "none", "report": False, "folds": 1}
    return train_images(images or two_kinds(), **(defaults | options))


def test_learns_and_is_tested_on_images_that_it_has_not_seen(trained):
    run = trained.run
    assert sum(run.rows.values()) == 72  # of 75 files; three cannot be read
    assert min(run.rows.values()) >= 8
    parts = [set(part.images.paths) for part in run.data.parts.values()]
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert run.metrics["accuracy"] == np.mean(run.answers == run.truth)
    assert run.metrics["accuracy"] > run.baselines[-1]["metrics"]["accuracy"]


def test_broken_images_are_named_and_skipped(trained):
    skipped = {path.rpartition("/")[2]: why for path, why in trained.run.data.skipped}
    assert set(skipped) == {"빈 파일.jpg", "text.png", "cut.png"}
    assert "empty" in skipped["빈 파일.jpg"]
    told = " ".join(trained.run.notes)
    assert "3 images of " in told
    for path, why in trained.run.data.skipped:  # two classes may have files of the same name
        assert f"{os.sep.join(path.split(os.sep)[-2:])} ({why})" in told
    assert ".txt (1)" in " ".join(trained.run.notes)


def test_baselines_are_scored_on_the_same_images(trained):
    names = [b["name"] for b in trained.run.baselines]
    assert names[0] == "Maeum network"
    assert names[-1] == "Always the most frequent class"
    counts = np.bincount(trained.run.truth)
    fraction = trained.run.baselines[-1]["metrics"]["accuracy"]
    assert fraction in set(counts / counts.sum())


def test_best_epoch_lies_in_the_second_half_and_has_the_least_loss_there(trained):
    losses = trained.run.history["val_loss"]
    assert trained.run.best_epoch == 5 + int(np.argmin(losses[5:]))


def test_a_training_that_broke_off_goes_on_from_its_backup_to_the_same_network(tmp_path):
    class BreakOff(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("the power is gone")

    whole = quick(augment="light")
    with pytest.raises(RuntimeError):
        quick(augment="light", backup=tmp_path, callbacks=[BreakOff()])
    resumed = quick(augment="light", backup=tmp_path)
    assert resumed.run.history == whole.run.history
    np.testing.assert_array_equal(resumed.run.probabilities, whole.run.probabilities)


def test_interrupt_keeps_the_network_so_far():
    class Stop(Callback):
        def on_epoch_end(self, epoch, logs=None):
            signal.raise_signal(signal.SIGINT)

    run = quick(epochs=5, callbacks=[Stop()]).run
    assert "stopped by hand after 1 epoch" in " ".join(run.notes)
    assert run.best_epoch == 0


def test_without_validation_every_epoch_is_trained_and_the_rate_falls_along_a_cosine():
    rates = []

    class Watch(Callback):
        def on_epoch_end(self, epoch, logs=None):
            rates.append(float(self.model.optimizer.learning_rate))

    run = quick(validation_size=0, balance=True, learning_rate=0.01, callbacks=[Watch()]).run
    assert run.rows == {"train": 34, "test": 6}
    assert run.best_epoch == 1
    assert rates == pytest.approx([0.01, 0.005])  # (1 + cos(pi * epoch / 2)) / 2


def test_everything_is_told():
    told, said = [], []
    data = ImageTask().prepare(two_kinds(), *ImageTask().split({"epochs": 1, "augment": "none"}))
    trained = train_on(data, events=told.append, tell=said.append)
    found = told[0]
    assert isinstance(found, Found)
    assert found.facts == {"classes": {"dark": 20, "light": 20}, "shape": (8, 8, 1), **data.sizes}
    assert found.lines[0].startswith("images: 40 images, 2 classes, dark 50.0%, light 50.0%")
    assert found.lines[1] == "Read as 8x8 grey, augmentation: none"
    kinds = [type(event) for event in told]
    assert kinds.count(EpochEnded) == kinds.count(Compared) == 1
    assert said == [str(event) for event in told]
    assert trained.run.settings["augment"] == "none"
    assert set(trained.run.seconds) == {
        "preparing", "training", "testing", "comparing", "examining",
    }  # fmt: skip


def test_notes_and_rare_classes_are_told_before_the_training(photos):
    task = ImageTask()
    data = task.prepare(photos, *task.split({"size": 8}))
    assert [str(e) for e in task.describe(data) if isinstance(e, Note)] == data.notes
    rare = two_kinds(50).subset([*range(0, 50, 2), 1, 3, 5])
    for balance, expected in [(False, ["light"]), (True, [])]:
        data = task.prepare(rare, *task.split({"balance": balance, "validation_size": 0}))
        told = [e.rarest for e in task.describe(data) if isinstance(e, Imbalanced)]
        assert told == expected


def test_images_beyond_the_memory_come_in_batches(make, monkeypatch):
    from maeum.images import loading

    monkeypatch.setattr(loading.ImageLoader, "fits_memory", property(lambda self: False))
    trained = quick(make(each=8), epochs=1, size=12, batch_size=8, report=True)
    assert trained.run.data.train.x is None
    assert trained.run.probabilities.shape == (trained.run.rows["test"], 3)
    assert len(trained.run.baselines) == 4


def test_a_test_set_of_its_own():
    own = two_kinds().subset(np.arange(30, 36))
    data = ImageData.prepare(two_kinds(20), test=own)
    assert {name: len(part) for name, part in data.parts.items()} == {
        "train": 17,
        "validation": 3,
        "test": 6,
    }
    np.testing.assert_array_equal(data.test.x, own.pixels)
    other = ImageSet(pixels=own.pixels, labels=own.labels, class_names=["dark", "grey"])
    with pytest.raises(DataError, match="have the class 'grey'"):
        ImageData.prepare(two_kinds(20), ImageOptions(), other)


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'augment'"):
        train_images(two_kinds(), augmnt="none")
