"""Parts and folds: copies stay together, few images are all tested."""

import os

import numpy as np
import pytest
from tests.images.experiment.conftest import make_folder

from maeum.core.errors import ConfigError, DataError
from maeum.images import ImageSet
from maeum.images.experiment import ImageData, ImageOptions, train_images


def noise(labels, size=12, seed=0):
    """Dark (0), grey (1) and light (2) noise."""
    labels = np.asarray(labels)
    x = np.random.default_rng(seed).integers(0, 60, (len(labels), size, size, 1))
    return ImageSet(pixels=(x + 90 * labels[:, None, None, None]).astype(np.uint8), labels=labels)


def prepared(labels, change=None, **options):
    images = noise(labels)
    if change is not None:
        change(images.pixels)
    return ImageData.prepare(images, ImageOptions(**options))


@pytest.mark.parametrize(
    ("counts", "folds"),
    [((7, 3), 5), ((30, 19), 5), ((30, 30), 0), ((80, 9), 5), ((300, 9), 0), ((2, 2), 4)],
)
def test_few_images_or_a_rare_class_are_cross_validated(counts, folds):
    data = prepared(np.repeat([0, 1], counts))
    assert len(data.divisions) == folds
    if folds:
        tested = np.concatenate([test for _train, test in data.divisions])
        assert sorted(tested) == list(range(sum(counts)))
        for train, test in data.divisions:
            assert not set(train) & set(test)
            assert len(train) + len(test) == sum(counts)
            assert len(set(data.train.y[train])) == 2
        np.testing.assert_array_equal(data.test.y, data.train.y[tested])
        assert data.sizes == {"train": sum(counts)}


def test_folds_can_be_chosen():
    assert not prepared([0, 1] * 10, folds=1).divisions
    assert len(prepared([0, 1] * 60, folds=3).divisions) == 3


def test_folds_that_are_asked_for_use_all_parts(tmp_path):
    for part, each in [("train", 6), ("test", 2)]:
        make_folder(tmp_path / part, each=each, seed=each)
    data = ImageData.prepare(tmp_path, ImageOptions(folds=3))
    assert data.sizes == {"train": 24}
    assert any("are not used: all are cross-validated" in note for note in data.notes)
    usual = ImageData.prepare(tmp_path)
    assert usual.sizes["test"] == 6
    assert any("largely chance: 네모 (2), 세모 (2), 원 (2)" in note for note in usual.notes)
    with pytest.raises(ConfigError, match="does not go with images of their own"):
        ImageData.prepare(tmp_path / "train", ImageOptions(folds=3), tmp_path / "test")


def test_a_class_with_one_image_is_learnt_and_not_tested():
    data = prepared([0] * 6 + [1] * 5 + [2])
    assert all(11 in train for train, _test in data.divisions)
    assert set(data.test.y) == {0, 1}
    assert any("a single image, so they are learnt and not tested: 2" in n for n in data.notes)


@pytest.mark.parametrize("labels", [[0, 1], [0, 0, 0, 1], [0, 1, 2]])
def test_what_cannot_be_tested_is_refused(labels):
    with pytest.raises(DataError, match="too few to learn from some and to test on others"):
        prepared(labels)


def test_ten_images_are_all_answered_by_networks_that_have_not_seen_them():
    told = []
    images = noise([0] * 7 + [2] * 3, size=4)
    trained = train_images(images, epochs=1, folds=2, augment="none", events=told.append)
    run = trained.run
    assert len(run.truth) == len(run.probabilities) == len(run.table()) == 10
    assert run.rows == {"train": 10}
    assert "cross-validation: 2 networks" in " ".join(run.notes)
    assert {m["name"] for m in run.models} >= {"Logistic regression"}
    assert [type(event).__name__ for event in told].count("Folding") == 2


@pytest.mark.parametrize("folds", [1, 4])
def test_copies_are_in_one_part(folds):
    def copy(x):
        x[40:60] = x[:20]

    data = prepared([0, 1] * 50, copy, folds=folds)
    divisions = data.divisions or [(data.train.which, data.test.which)]
    for train, test in divisions:
        doubled = {int(row) % 40 for row in test if row < 20 or 40 <= row < 60}
        assert not doubled & {int(row) % 40 for row in train if row < 20 or 40 <= row < 60}
    told = " ".join(data.notes)
    assert "20 images are copies of others, or nearly: image 1 = image 41" in told
    assert "Copies stay together" in told


def test_a_copy_in_another_class_is_told_by_name():
    def copy(x):
        x[41] = x[0]

    told = " ".join(prepared([0, 1] * 50, copy).notes)
    assert "one of the two labels is wrong: image 1 (0) = image 42 (1)" in told


def test_images_of_which_nearly_all_are_copies_are_divided_all_the_same():
    def copy(x):
        x[::2], x[1::2] = x[0], x[1]

    data = prepared([0, 1] * 50, copy)
    assert data.sizes["test"] > 5
    assert any("the test says little about new images" in note for note in data.notes)


def test_what_the_test_part_has_too_is_not_learnt(tmp_path):
    top = make_folder(tmp_path / "s" / "train", each=12)
    make_folder(tmp_path / "s" / "test", each=4, seed=9)
    for k, name in enumerate(["원", "네모"]):
        copy = (tmp_path / "s" / "test" / name / f"{name}00.png").read_bytes()
        (top / name / f"copy{k}.png").write_bytes(copy)
    data = ImageData.prepare(tmp_path / "s", ImageOptions(validation_size=0))
    assert data.sizes == {"train": 36, "test": 12}
    told = " ".join(data.notes)
    assert "copy0.png = " in told or " = 원/copy0.png" in told
    assert "2 of these copies are in the test or validation part, too" in told
    assert "The parts are those that the images came in: train/, test/." in told
    own = ImageData.prepare(top, ImageOptions(validation_size=0), tmp_path / "s" / "test")
    assert own.sizes == {"train": 36, "test": 12}


def test_images_without_labels_are_predicted_and_not_learnt(tmp_path):
    make_folder(tmp_path / "s" / "train", each=20)
    loose = make_folder(tmp_path / "s" / "test", each=2, names={"unknown": "disc"}, seed=5)
    trained = train_images(tmp_path / "s", epochs=1, augment="none", size=4, color="grey")
    assert sum(trained.run.rows.values()) == 60
    assert "2 images without labels: not learnt, but predicted" in " ".join(trained.run.notes)
    table = trained.run.table()
    assert table.columns.tolist()[:2] == ["picture", "prediction"]
    assert [os.path.dirname(path) for path in table["picture"]] == [str(loose / "unknown")] * 2


def test_too_many_unreadable_images_are_an_error(tmp_path):
    top = make_folder(tmp_path / "s", each=6)
    for path in sorted(top.glob("*/*.png"))[:10]:
        path.write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match=r"More than half of the images .* a web page"):
        ImageData.prepare(top)
