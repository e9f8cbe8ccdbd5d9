import os

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.images import ImageLoader, image_dataset_from_directory, load_image


@pytest.fixture
def top(classes, save):
    top = classes(cat=7, dog=5, eel=3)
    save("photos/cat/deeper/a.png")
    return str(top)


def index(keras, top, **options):
    from keras.src.utils import dataset_utils

    formats = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
    return dataset_utils.index_directory(top, "inferred", formats, **options)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("split", [0.2, 0.5])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_parts_are_those_of_keras(keras, top, seed, split, shuffle):
    from keras.src.utils import dataset_utils

    paths, labels, names = index(keras, top, shuffle=shuffle, seed=seed)
    for subset in ("training", "validation"):
        expected, numbers = dataset_utils.get_training_or_validation_split(
            paths, labels, split, subset
        )
        got = image_dataset_from_directory(
            top, image_size=8, seed=seed, shuffle=shuffle, validation_split=split, subset=subset
        )
        assert got.file_paths == expected
        assert got.images.labels.tolist() == list(numbers)
        assert got.class_names == names


def test_both_subsets_at_once(top, capsys):
    training, validation = image_dataset_from_directory(
        top, image_size=(8, 8), batch_size=4, validation_split=0.25, subset="both"
    )
    assert (training.rows, validation.rows) == (12, 4)
    assert not set(training.file_paths) & set(validation.file_paths)
    assert training.shuffle
    assert not validation.shuffle
    assert capsys.readouterr().out.splitlines() == [
        "Found 16 files belonging to 3 classes.",
        "Using 12 files for training.",
        "Using 4 files for validation.",
    ]


def test_batches_are_floats_from_0_to_255(top):
    images = image_dataset_from_directory(
        top, image_size=(8, 8), batch_size=16, shuffle=False, verbose=False
    )
    assert isinstance(images, ImageLoader)
    ((x, y),) = list(images)
    assert x.dtype == np.float32
    assert y.dtype == np.int32
    assert (x[3] == load_image(images.file_paths[3], 8, resize="stretch")).all()


def test_aspect_and_colours(top):
    def first(**options):
        loader = image_dataset_from_directory(
            top, image_size=(8, 8), shuffle=False, dtype="uint8", verbose=False, **options
        )
        return next(iter(loader))[0][0], loader.file_paths[0]

    for options, resize in [({"crop_to_aspect_ratio": True}, "crop"),
                            ({"pad_to_aspect_ratio": True}, "pad")]:  # fmt: skip
        x, path = first(**options)
        assert (x == load_image(path, 8, resize=resize)).all()
    assert first(color_mode="grayscale")[0].shape == (8, 8, 1)
    assert first(color_mode="rgba")[0].shape == (8, 8, 4)


def test_labels_of_every_kind(top):
    def batch(**options):
        return next(iter(image_dataset_from_directory(
            top, image_size=8, shuffle=False, verbose=False, **options)))  # fmt: skip

    assert batch(label_mode="categorical")[1].shape == (16, 3)
    assert batch(labels=None).shape == (16, 8, 8, 3)
    assert batch(label_mode=None).shape == (16, 8, 8, 3)
    assert batch(class_names=["dog", "cat"], label_mode="binary")[1].tolist() == (
        [[0]] * 5 + [[1]] * 8
    )
    numbers = list(range(1, 17))
    assert batch(labels=numbers)[1].tolist() == numbers


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"labels": "folders"}, "inferred"),
        ({"labels": [1, 2]}, "each of the 16 files"),
        ({"labels": ["a"] * 16}, "a class number for each"),
        ({"labels": None, "class_names": ["cat"]}, "goes together"),
        ({"label_mode": "sparse"}, "label_mode"),
        ({"label_mode": "binary"}, "needs two classes"),
        ({"class_names": ["cat", "dgo"]}, "Did you mean 'dog'"),
        ({"validation_split": 0.2}, "go together"),
        ({"subset": "training"}, "go together"),
        ({"validation_split": 0.2, "subset": "training"}, "would overlap"),
        ({"validation_split": 1.5, "subset": "both"}, "numbers from 0, below 1"),
        ({"validation_split": 0.01, "subset": "validation", "seed": 0}, "No files are left"),
        ({"subset": "test"}, "subset"),
        ({"batch_size": None}, "batch_size=1"),
        ({"interpolation": "gaussian"}, "come closest"),
        ({"data_format": "channels_first"}, "channels_last"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "Only one"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(top, options, said):
    with pytest.raises((ConfigError, DataError), match=said):
        image_dataset_from_directory(top, image_size=8, **options)


def test_a_folder_without_images(tmp_path):
    with pytest.raises(DataError, match="holds no such files"):
        image_dataset_from_directory(tmp_path, labels=None)
    with pytest.raises(DataError, match="no folder"):
        image_dataset_from_directory(os.path.join(tmp_path, "no"), labels=None)
