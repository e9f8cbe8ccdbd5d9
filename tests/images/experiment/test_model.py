"""A trained model takes files, folders and arrays as they are."""

import re

import numpy as np
import pytest
from PIL import Image

import maeum as mm
from maeum.core.errors import DataError, ModelFileError
from maeum.experiment.task import open_model
from maeum.images import ImageError, ImageSet
from maeum.images.experiment import ImageModel
from maeum.tabular import TabularModel


def test_file_gives_the_same_answers(trained, tmp_path, photos):
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


def test_predicts_a_image_a_folder_and_arrays_alike(trained, photos):
    model = trained.model
    one = photos / "원" / "원01.png"
    with pytest.warns(UserWarning, match=r"cut\.png"):
        whole = model.predict(photos / "원", errors="skip")
    assert len(whole) == 24  # without the one that is cut short
    row = whole[whole["picture"] == str(one)].iloc[0]
    alone = model.predict(one).iloc[0]
    assert alone.tolist()[:2] == row.tolist()[:2]
    pixels = np.asarray(Image.open(one))[None]
    as_array = model.predict(pixels).iloc[0]
    np.testing.assert_allclose(
        as_array.to_numpy()[2:].astype(float), alone.to_numpy()[2:].astype(float), rtol=1e-4
    )
    with pytest.raises(ImageError, match=r"cut\.png"):
        model.predict(photos / "원", errors="raise")


def test_evaluates_a_folder_of_some_of_its_classes(trained, make):
    top = make("둘", each=5, names={"네모": "square", "원": "disc", "별": "triangle"})
    found = trained.model.evaluate(top)
    assert found["rows"] == 10
    assert any("no class of the model: 별" in note for note in found["notes"])
    truth = ["네모"] * 5 + ["원"] * 5
    answers = trained.model.predict([p for n in ("네모", "원") for p in sorted_files(top / n)])
    assert found["accuracy"] == np.mean(answers["prediction"] == truth)


def test_evaluating_what_was_trained_on_is_told(trained, photos, tmp_path):
    told = trained.model.evaluate(photos)["notes"][0]
    assert re.match(r"Of these images, [78]\d% were in the training", told)
    trained.model.save(tmp_path / "m.maeum")
    assert ImageModel.load(tmp_path / "m.maeum").evaluate(photos)["notes"][0] == told
    new = trained.model.evaluate(trained.run.data.test.images)["notes"]
    assert not any("in the training" in note for note in new)


def test_evaluates_arrays_by_the_names_of_their_classes(trained):
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


def test_says_what_a_file_is_for(trained, tmp_path):
    trained.model.save(tmp_path / "images.maeum")
    with pytest.raises(ModelFileError, match="not 'table'"):
        TabularModel.load(tmp_path / "images.maeum")
    assert isinstance(open_model(tmp_path / "images.maeum"), ImageModel)
    plain = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
    plain.save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="does not say how raw data"):
        ImageModel.load(tmp_path / "plain.maeum")


def test_former_names_of_arguments_still_work(trained):
    pixels = trained.run.data.test.x[:2]
    assert len(trained.model.predict(pictures=pixels)) == 2


def test_describes_what_it_reads(trained):
    assert trained.model.describe() == [
        "Predicts one of 3 classes of an image",
        f"Classes: {', '.join(trained.run.classes)}",
        "Reads images of any size as 16x16, in colour",
    ]


def sorted_files(folder):
    return sorted(str(path) for path in folder.iterdir())
