"""A network that makes images, from data to report; and what goes wrong on the way."""

import json
from dataclasses import replace

import numpy as np
import pytest

from maeum.experiment.events import Note, heard_by
from maeum.experiment.files import write_results
from maeum.experiment.report import page_of
from maeum.generative import CollapseDetector
from maeum.generative.images import (
    GenerateTask,
    ImageGenerator,
    callbacks,
    judging,
    train_generator,
)
from maeum.generative.images.callbacks import DivergenceGuard, Expected, TimeLimit
from maeum.images.image_set import ImageSet

from ...pages import check


def bars(count):
    """Return dark images with a light bar that stands or lies, by the class."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 40, (count, 8, 8)).astype(np.uint8)
    for i, place in enumerate(rng.integers(1, 6, count)):
        bar = pixels[i, :, place : place + 2] if i % 2 else pixels[i, place : place + 2]
        bar += 200
    return ImageSet(pixels=pixels, labels=np.arange(count) % 2, class_names=["lying", "standing"])


@pytest.fixture(scope="module")
def events():
    return []


def test_figures_of_a_classifier_that_knows_little_are_no_headline(trained):
    run = replace(trained.run, judged=trained.run.judged._replace(accuracy=0.6))
    verdict = trained.task.verdict(run)
    assert verdict.headline == "Makes images after 374 images; how good they are cannot be told"
    assert any("right for only 60%" in sentence for sentence in verdict.sentences)


@pytest.fixture(scope="module")
def trained(events):
    return train_generator(bars(440), filters=4, epochs=2, conditional=True, latent_size=4,
                           augmentation=False, events=events.append)  # fmt: skip


def test_a_gan_is_trained_judged_and_told(trained, events):
    run, judged = trained.run, trained.run.judged
    assert run.rows == {"train": 374, "test": 66}
    assert run.metrics.keys() == {"frechet_distance", "precision", "recall", "modes"}
    made, real = judged.comparison
    assert made.rows == real.rows == (33, 33)
    assert judged.accuracy > 0.9
    assert real.precision > 0.5
    assert real.modes == real.classes == 2
    assert {"generator_loss", "discriminator_loss"} <= run.history.keys()
    assert run.best_epoch == 1
    told = [str(event) for event in events]
    assert any(line.startswith("Loss of the generator") for line in told)
    assert not any("Comparing" in line for line in told)
    assert run.data.kept.epochs == [0, 1, 2]
    told = trained.task.verdict(run).sentences
    assert "It was trained for 12 steps only; a thousand or more are usual." in told


def test_the_files_of_a_training(trained, tmp_path):
    paths = write_results(trained, tmp_path)
    assert sorted(paths) == ["history", "metrics", "model", "report"]
    found = json.loads(paths["metrics"].read_text())
    assert found["quality"]["real"]["rows"] == [33, 33]
    assert found["classes"] == ["lying", "standing"]
    page = paths["report"].read_text()
    check(page)
    for heading in ("How good they are", "Drawn samples", "Samples through time", "Interpolation",
                    "Learnt or copied?", "The images", "Loss of the discriminator",
                    "Real images", "maeum generate model.maeum"):  # fmt: skip
        assert heading in page
    for wrong in ("best epoch", "Compared with other models"):
        assert wrong not in page
    again = ImageGenerator.load(paths["model"])
    np.testing.assert_array_equal(again.sample(2, "lying", 1), trained.model.sample(2, "lying", 1))


def test_without_labels_an_autoencoder_judges(monkeypatch):
    monkeypatch.setattr(judging, "_STEPS", 6)
    images = ImageSet(pixels=bars(440).pixels)
    trained = train_generator(images, network="vae", epochs=2, filters=(4, 4), latent_size=3)
    judged = trained.run.judged
    assert judged.accuracy is None
    assert judged.comparison.real.classes == 0
    assert "val_loss" in trained.run.history
    chapters = {chapter.name: chapter for chapter in page_of(trained).chapters}
    assert "autoencoder" in chapters["quality"].sections[-1].text


def test_few_images_are_not_judged():
    trained = train_generator(bars(20), network="vae", epochs=1, filters=(4, 4))
    assert trained.run.judged is None
    assert "not measured" in trained.task.verdict(trained.run).sentences[0]
    assert "quality" not in [chapter.name for chapter in page_of(trained).chapters]


class Watched:
    """A model whose training a callback watches."""

    stop_training = False


def test_minutes_stop_a_training_and_its_time_is_told(monkeypatch):
    now = iter([0.0, 10.0, 16.0, 50.0, 61.0])
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: next(now))
    limit, heard = TimeLimit(minutes=1), []
    limit.model, limit.params = Watched(), {"epochs": 100}
    limit.on_train_begin()
    with heard_by(heard.append):
        for epoch in range(4):
            assert not limit.model.stop_training
            limit.on_epoch_end(epoch)
    assert limit.model.stop_training
    assert heard[0] == Expected(60.0)  # 16 s, and 98 epochs of 6 s: the minute ends it
    assert "Stopped after" in str(heard[1])


def test_one_that_diverges_in_the_first_epoch_is_an_error():
    guard, heard = DivergenceGuard(), []
    with heard_by(heard.append):
        assert not guard.on_nonfinite_loss(0, 5)
        guard.on_epoch_end(0)
        assert guard.on_nonfinite_loss(1, 7)
    assert "epoch 2" in str(heard[0])


def test_a_training_that_diverges_is_judged_all_the_same():
    chosen = {"network": "vae", "filters": (4, 4), "epochs": 3, "learning_rate": 1e30}
    trained = train_generator(bars(20), **chosen)  # each epoch is one step
    assert any("NaN or infinite in epoch 2" in note for note in trained.run.notes)
    assert len(trained.run.history["loss"]) == 1
    assert np.isfinite(trained.run.history["loss"]).all()


def test_signs_of_collapse_are_notes():
    heard = []
    detector = callbacks.collapse_detector()
    assert isinstance(detector, CollapseDetector)
    detector.warmup_steps = 0
    detector.model = type("Model", (), {"trainer": type("T", (), {
        "counter": type("C", (), {"value": 9})})})  # fmt: skip
    with heard_by(heard.append):
        for epoch in range(4):
            detector.on_epoch_end(epoch, {"diversity": 0.1, "accuracy": 0.5})
    assert [type(event) for event in heard] == [Note]
    assert "may have collapsed" in str(heard[0])


def test_only_what_is_asked_for_is_taken(tmp_path):
    task = GenerateTask()
    assert not task.recognises(tmp_path, {})
    assert task.recognises(tmp_path, {"task": "generate"})
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    assert not task.recognises(tmp_path / "t.csv", {"task": "generate"})
