import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError
from maeum.images import ImageSet


def made(labels, **options):
    return ImageSet([f"{i}.png" for i in range(len(labels))], labels=labels, **options)


@settings(max_examples=40)
@given(
    labels=st.lists(st.integers(0, 3), min_size=8, max_size=80),
    validation=st.sampled_from([0, 0.1, 0.15, 0.3]),
    test=st.sampled_from([0, 0.15, 0.25, 0.5]),
    seed=st.integers(0, 1000),
    stratified=st.booleans(),
)
def test_every_image_is_in_one_part(labels, validation, test, seed, stratified):
    images = made(labels)
    parts = images.split(validation, test, seed, stratified)
    paths = [path for part in parts if part is not None for path in part.paths]
    assert sorted(paths) == sorted(images.paths)
    for part in parts:
        if part is not None:
            assert all(part.labels == [labels[int(path[:-4])] for path in part.paths])
    kept = 0 if parts.test is None else len(parts.test)
    assert abs(kept - test * len(labels)) <= (len(set(labels)) if stratified else 1)
    if stratified:  # nothing is tested that was never learnt
        assert set(parts.train.labels) == set(labels)


def test_every_class_is_divided_in_the_same_shares():
    parts = made([0] * 100 + [1] * 20).split(validation=0.2, test=0.1)
    assert [part.class_counts for part in parts] == [
        {"0": 70, "1": 14},
        {"0": 20, "1": 4},
        {"0": 10, "1": 2},
    ]


def test_small_classes_together_make_up_their_share():
    parts = made(list(range(30)) * 2).split(validation=0, test=0.2)
    assert len(parts.test) == 12  # a fifth of 2 is less than half an image of every class


def test_the_split_is_a_function_of_the_seed():
    images = made([0, 1] * 50)
    first, again, other = (images.split(seed=seed).test.paths for seed in (1, 1, 2))
    assert first == again != other


def test_a_file_listed_twice_stays_in_one_part():
    images = ImageSet([f"{i % 10}.png" for i in range(40)], labels=[0] * 40)
    parts = images.split(0.2, 0.3)
    files = [set(part.paths) for part in parts]
    assert sum(map(len, files)) == len(set.union(*files)) == 10


def test_groups_stay_together():
    groups = np.arange(60) // 3
    parts = made([0, 1, 0] * 20).split(0.2, 0.2, groups=groups)
    numbers = [{groups[int(p[:-4])] for p in part.paths} for part in parts]
    assert sum(map(len, numbers)) == 20
    with pytest.raises(DataError, match="one name for each of the 3"):
        made([0, 1, 1]).split(groups=[1, 2])


@pytest.mark.parametrize("shares", [(0.5, 0.5), (1, 0), (-0.1, 0), (0, 1.5)])
def test_shares_that_leave_nothing_are_refused(shares):
    with pytest.raises(ConfigError):
        made([0, 1] * 5).split(*shares)


def test_without_labels_and_without_shares():
    images = ImageSet(pixels=np.zeros((10, 4, 4), np.uint8))
    assert len(images.split(0.2, 0.2).train) == 6
    parts = images.split(0, 0)
    assert parts.validation is None
    assert parts.test is None
    assert images.class_counts == {}


def test_class_weights_let_every_class_count_the_same():
    # 6 images, 3 classes: on average 2 a class.
    assert made([0, 0, 0, 1, 2, 2]).class_weights() == pytest.approx({0: 2 / 3, 1: 2, 2: 1})
    assert ImageSet(pixels=np.zeros((2, 4, 4), np.uint8)).class_weights() == {}
    assert made([0, 2], class_names=["a", "b", "c"]).class_weights() == {0: 1.0, 2: 1.0}


def test_labels_of_every_kind():
    pixels = np.zeros((3, 2, 2))
    for labels in ([1, 0, 1], [[1], [0], [1]], [[0, 1], [1, 0], [0, 1]], [1.0, 0.0, 1.0]):
        assert ImageSet(pixels=pixels, labels=labels).labels.tolist() == [1, 0, 1]
    named = ImageSet(pixels=pixels, labels=["dog", "cat", "dog"])
    assert named.class_names == ["cat", "dog"]
    assert named.labels.tolist() == [1, 0, 1]
    given_order = ImageSet(pixels=pixels, labels=["dog", "cat", "dog"], class_names=["dog", "cat"])
    assert given_order.labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("labels", "names", "said"),
    [
        ([0, 1], None, "one label for each image"),
        ([0, 1.5, 1], None, "class numbers"),
        ([0, -1, 1], None, "class numbers"),
        ([0, 1, 2], ["a", "b"], "label 2 has no name"),
        (["a", "b", "x"], ["a", "b"], "'x' is not among"),
        ([[1, 1], [0, 1], [1, 0]], None, "one-hot"),
        ([0, 1, 1], ["a", "a"], "same name"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, names, said):
    with pytest.raises((DataError, ConfigError), match=said):
        ImageSet(pixels=np.zeros((3, 2, 2)), labels=labels, class_names=names)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((3, 4)), "array of numbers"),
        (np.zeros((0, 4, 4)), "no images"),
        (np.zeros((2, 0, 4)), "no pixels"),
        (np.zeros((2, 3, 40, 40)), "channels first"),
        (np.array([[["a"]]]), "array of numbers"),
    ],
)
def test_arrays_that_are_no_images_are_refused(pixels, said):
    with pytest.raises(DataError, match=said):
        ImageSet(pixels=pixels)


def test_images_come_from_one_place():
    with pytest.raises(ConfigError, match="either paths or pixels"):
        ImageSet()
    with pytest.raises(DataError, match="no images"):
        ImageSet([])


def test_subset_and_take():
    images = made([0, 1, 0, 1, 0, 1])
    assert images.subset([5, 0]).paths == ["5.png", "0.png"]
    assert images.subset(images.labels == 1).paths == ["1.png", "3.png", "5.png"]
    assert images.take(2).paths == ["0.png", "1.png"]
    assert len(images.take(100)) == 6
    assert images.take(3, seed=1).paths == images.take(3, seed=1).paths
    for wrong in ([6], [True, False], []):
        with pytest.raises(DataError):
            images.subset(wrong)
    with pytest.raises(ConfigError):
        images.take(0)
