"""Training on a folder of pictures, from files to a tested model."""

import signal

import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import Callback
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.images import ImageSet, PictureError
from maeum.images.experiment import ImageData, ImageModel, train_images
from maeum.images.experiment.network import augmentation, build_network
from maeum.images.experiment.options import ImageOptions
from maeum.tabular import TabularModel


def two_kinds(rows=40, size=8, channels=1):
    """Dark and light noise."""
    noise = np.random.default_rng(0).integers(0, 60, (rows, size, size, channels))
    labels = np.arange(rows) % 2
    pixels = (noise + 190 * labels[:, None, None, None]).astype("uint8")
    return ImageSet(pixels=pixels, labels=labels, class_names=["dark", "light"])


class TestTraining:
    def test_learns_and_is_tested_on_pictures_that_it_has_not_seen(self, trained):
        run = trained.run
        assert sum(run.rows.values()) == 72  # of 75 files; three cannot be read
        assert min(run.rows.values()) >= 8
        parts = [set(part.images.paths) for part in run.data.parts.values()]
        assert sum(map(len, parts)) == len(set.union(*parts))
        assert run.metrics["accuracy"] == np.mean(run.answers == run.truth)
        assert run.metrics["accuracy"] > run.baselines[-1]["metrics"]["accuracy"]

    def test_broken_pictures_are_named_and_skipped(self, trained):
        skipped = {path.rpartition("/")[2]: why for path, why in trained.run.data.skipped}
        assert set(skipped) == {"빈 파일.jpg", "text.png", "cut.png"}
        assert "empty" in skipped["빈 파일.jpg"]
        assert "3 pictures skipped" in " ".join(trained.run.notes)
        assert ".txt (1)" in " ".join(trained.run.notes)

    def test_baselines_are_scored_on_the_same_pictures(self, trained):
        names = [b["name"] for b in trained.run.baselines]
        assert names[0] == "Maeum network"
        assert names[-1] == "Always the commonest class"
        counts = np.bincount(trained.run.truth)
        truth_share = trained.run.baselines[-1]["metrics"]["accuracy"]
        assert truth_share in set(counts / counts.sum())

    def test_best_epoch_lies_in_the_second_half_and_has_the_least_loss_there(self, trained):
        losses = trained.run.history["val_loss"]
        assert trained.run.best_epoch == 5 + int(np.argmin(losses[5:]))

    def test_same_seed_same_network(self):
        runs = [train_images(two_kinds(), epochs=2, augment="none", report=False) for _ in range(2)]
        assert runs[0].run.history["loss"] == runs[1].run.history["loss"]
        np.testing.assert_array_equal(runs[0].run.probabilities, runs[1].run.probabilities)

    def test_interrupt_keeps_the_network_so_far(self):
        class Stop(Callback):
            def on_epoch_end(self, epoch, logs=None):
                signal.raise_signal(signal.SIGINT)

        trained = train_images(
            two_kinds(), epochs=5, augment="none", callbacks=[Stop()], report=False
        )
        assert "stopped by hand after 1 epoch" in " ".join(trained.run.notes)
        assert trained.run.best_epoch == 0

    def test_without_validation_every_epoch_is_trained(self):
        trained = train_images(
            two_kinds(), epochs=2, validation_size=0, augment="none", balance=True, report=False
        )
        assert trained.run.rows == {"train": 34, "test": 6}
        assert trained.run.best_epoch == 1

    def test_pictures_beyond_the_memory_come_in_batches(self, make, monkeypatch):
        from maeum.images import loading

        monkeypatch.setattr(loading.ImageLoader, "fits_memory", property(lambda self: False))
        trained = train_images(
            make(each=8), epochs=1, size=12, augment="none", batch_size=8, report=True
        )
        assert trained.run.data.train.x is None
        assert trained.run.probabilities.shape == (trained.run.rows["test"], 3)
        assert len(trained.run.baselines) == 4

    def test_a_test_set_of_its_own(self):
        own = two_kinds(rows=6)
        data = ImageData.prepare(two_kinds(20), test=own)
        assert {name: len(part) for name, part in data.parts.items()} == {
            "train": 17,
            "validation": 3,
            "test": 6,
        }
        np.testing.assert_array_equal(data.test.x, own.pixels)
        other = ImageSet(pixels=own.pixels, labels=own.labels, class_names=["dark", "grey"])
        with pytest.raises(DataError, match="have the class 'grey'"):
            train_images(two_kinds(20), test=other, epochs=1)

    def test_an_unknown_option_names_the_nearest(self):
        with pytest.raises(ConfigError, match="Did you mean 'augment'"):
            train_images(two_kinds(), augmnt="none")


class TestNetwork:
    def test_grows_with_the_pictures_and_their_number(self):
        def size(rows, side):
            options = ImageOptions().resolved(rows, (side, side), "rgb")
            return build_network((side, side, 3), 4, rows, options).count_params()

        assert size(100, 28) < size(5_000, 28)
        assert size(100, 28) < size(100, 64)

    @pytest.mark.parametrize("network", ["residual", "resnet18", "mobilenet"])
    def test_others_take_pictures_and_end_in_the_classes(self, network):
        options = ImageOptions(network=network).resolved(100, (32, 32), "rgb")
        model = build_network((32, 32, 3), 4, 100, options)
        assert model.output_shape == (None, 4)

    def test_weights_of_others_are_kept_and_a_new_classifier_learns(self, tmp_path):
        path = tmp_path / "base.safetensors"
        base = mm.applications.MobileNet(include_top=False, input_shape=(32, 32, 3))
        base.save_weights(path)

        def build(weights, channels=3):
            options = ImageOptions(network="mobilenet", weights=weights)
            options = options.resolved(100, (32, 32), "rgb")
            return build_network((32, 32, channels), 4, 100, options)

        network = build(path)
        inside = next(layer for layer in network.layers if isinstance(layer, mm.Model))
        for ours, theirs in zip(inside.get_weights(), base.get_weights()):
            np.testing.assert_array_equal(ours, theirs)
        assert [w.path for w in network.trainable_weights] == [
            "probability/kernel",
            "probability/bias",
        ]
        with pytest.raises(ConfigError, match="There is no file"):
            build(tmp_path / "none.weights.h5")
        with pytest.raises(ConfigError, match="pictures in colour"):
            build(path, channels=1)

    def test_letters_are_not_mirrored(self):
        kinds = [type(layer).__name__ for layer in augmentation("light", flip=False)]
        assert kinds == ["RandomRotation", "RandomTranslation", "RandomZoom"]
        assert type(augmentation("strong", flip=True)[0]).__name__ == "RandomFlip"
        assert augmentation("none", flip=True) == []


class TestModel:
    def test_file_gives_the_same_answers(self, trained, tmp_path, photos):
        trained.model.save(tmp_path / "model.maeum")
        model = ImageModel.load(tmp_path / "model.maeum")
        paths = trained.run.data.test.images.paths
        found = model.predict(paths)
        assert found.columns.tolist() == [
            "picture",
            "prediction",
            *(f"probability of {name}" for name in trained.run.classes),
        ]
        assert found["picture"].tolist() == paths
        np.testing.assert_allclose(
            found.iloc[:, 2:].to_numpy(), trained.run.probabilities, rtol=1e-5, atol=1e-6
        )
        answers = [trained.run.classes[k] for k in trained.run.answers]
        assert found["prediction"].tolist() == answers
        assert model.facts["metrics"] == trained.run.metrics

    def test_predicts_a_picture_a_folder_and_arrays_alike(self, trained, photos):
        model = trained.model
        one = photos / "원" / "원01.png"
        with pytest.warns(UserWarning, match=r"cut\.png"):
            whole = model.predict(photos / "원", errors="skip")
        assert len(whole) == 24  # without the one that is cut short
        row = whole[whole["picture"] == str(one)].iloc[0]
        alone = model.predict(one).iloc[0]
        assert alone.tolist()[:2] == row.tolist()[:2]
        from PIL import Image

        pixels = np.asarray(Image.open(one))[None]
        as_array = model.predict(pixels).iloc[0]
        np.testing.assert_allclose(
            as_array.to_numpy()[2:].astype(float), alone.to_numpy()[2:].astype(float), rtol=1e-4
        )
        with pytest.raises(PictureError, match=r"cut\.png"):
            model.predict(photos / "원", errors="raise")

    def test_evaluates_a_folder_of_some_of_its_classes(self, trained, make):
        top = make("둘", each=5, names={"네모": "square", "원": "disc", "별": "triangle"})
        found = trained.model.evaluate(top)
        assert found["rows"] == 10
        assert any("no class of the model: 별" in note for note in found["notes"])
        truth = ["네모"] * 5 + ["원"] * 5
        answers = trained.model.predict([p for n in ("네모", "원") for p in sorted_files(top / n)])
        assert found["accuracy"] == np.mean(answers["prediction"] == truth)

    def test_evaluates_arrays_by_the_names_of_their_classes(self, trained):
        data = trained.run.data
        names = data.classes[::-1]
        labels = [names.index(data.classes[k]) for k in trained.run.truth]
        turned = ImageSet(pixels=data.test.x, labels=labels, class_names=names)
        assert trained.model.evaluate(turned)["accuracy"] == trained.run.metrics["accuracy"]
        strange = ImageSet(pixels=data.test.x, labels=labels, class_names=["a", "b", "c"])
        with pytest.raises(DataError, match="the class 'a'"):
            trained.model.evaluate(strange)
        with pytest.raises(DataError, match="no labels"):
            trained.model.evaluate(ImageSet(pixels=data.test.x))

    def test_says_what_a_file_is_for(self, trained, tmp_path):
        trained.model.save(tmp_path / "pictures.maeum")
        with pytest.raises(ModelFileError, match="not 'table'"):
            TabularModel.load(tmp_path / "pictures.maeum")
        plain = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
        plain.save(tmp_path / "plain.maeum")
        with pytest.raises(ModelFileError, match="not one for pictures"):
            ImageModel.load(tmp_path / "plain.maeum")


def sorted_files(folder):
    return sorted(str(path) for path in folder.iterdir())
