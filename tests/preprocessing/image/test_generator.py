import os
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.images import ImageDataGenerator, ImageError, load_img
from maeum.preprocessing.image.transforms import apply_affine_transform, apply_brightness_shift

PIXELS = np.random.default_rng(0).uniform(0, 255, (6, 12, 12, 3)).astype(np.float32)


@pytest.fixture
def legacy(keras):
    from keras.src.legacy.preprocessing import image

    return image


PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "theta": st.floats(-180, 180),
        "tx": st.floats(-6, 6),
        "ty": st.floats(-6, 6),
        "shear": st.floats(-60, 60),
        "zx": st.floats(0.5, 2),
        "zy": st.floats(0.5, 2),
        "flip_horizontal": st.booleans(),
        "flip_vertical": st.booleans(),
        "channel_shift_intensity": st.floats(-80, 80),
        "brightness": st.floats(0, 2.5),
    },
)


@settings(max_examples=40)
@given(
    parameters=PARAMETERS,
    fill_mode=st.sampled_from(["nearest", "constant", "reflect", "wrap"]),
    data_format=st.sampled_from(["channels_last", "channels_first"]),
    order=st.integers(0, 3),
)
def test_a_square_is_transformed_as_in_keras(parameters, fill_mode, data_format, order):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    legacy = pytest.importorskip("keras.src.legacy.preprocessing.image")
    options = {
        "fill_mode": fill_mode,
        "cval": 7.0,
        "data_format": data_format,
        "interpolation_order": order,
    }
    if data_format == "channels_first":  # where Keras takes rows for channels
        parameters.pop("brightness", None)
    x = PIXELS[0] if data_format == "channels_last" else np.moveaxis(PIXELS[0], -1, 0)
    expected = legacy.ImageDataGenerator(**options).apply_transform(x, parameters)
    got = ImageDataGenerator(**options).apply_transform(x, parameters)
    assert got.shape == expected.shape
    # Float noise may carry a pixel over the edge of the next, or of a whole step of brightness.
    bound = 1.5 if "brightness" in parameters else 0.05
    assert np.mean(abs(got - expected) > bound) < 0.02


def test_a_picture_that_is_no_square_keeps_its_middle():
    x = np.zeros((11, 21, 1), np.float32)
    x[5, 10] = 1
    for parameters in ({"theta": 90}, {"zx": 0.5, "zy": 0.5}, {"theta": 180, "shear": 10}):
        assert ImageDataGenerator().apply_transform(x, parameters)[5, 10, 0] > 0.99
    turned = ImageDataGenerator(fill_mode="constant").apply_transform(x + 1, {"theta": 90})
    expected = ndimage.rotate(x[..., 0] + 1, 90, reshape=False, order=1)
    assert (turned[..., 0] > 0.5).sum() == (expected > 0.5).sum() == 11 * 11


def test_shifts_move_the_way_their_names_say():
    x = np.zeros((8, 16, 1), np.float32)
    x[4, 8] = 1
    generator = ImageDataGenerator(height_shift_range=[0.25], fill_mode="constant")
    row, column, _ = np.argwhere(generator.random_transform(x, 0))[0]
    assert (abs(row - 4), column) == (2, 8)
    generator = ImageDataGenerator(width_shift_range=[3], fill_mode="constant")
    row, column, _ = np.argwhere(generator.random_transform(x, 0))[0]
    assert (row, abs(column - 8)) == (4, 3)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_parameters_lie_in_their_ranges(seed):
    generator = ImageDataGenerator(
        rotation_range=30,
        width_shift_range=0.5,
        height_shift_range=3,
        shear_range=10,
        zoom_range=(0.8, 1.3),
        channel_shift_range=20,
        brightness_range=(0.5, 1.5),
        horizontal_flip=True,
    )
    drawn = generator.get_random_transform((20, 40, 3), seed)
    assert abs(drawn["theta"]) <= 30
    assert abs(drawn["tx"]) <= 20
    assert drawn["ty"] in (-2, -1, 0, 1, 2)
    assert abs(drawn["shear"]) <= 10
    assert 0.8 <= drawn["zx"] <= 1.3
    assert drawn["zx"] != drawn["zy"]
    assert abs(drawn["channel_shift_intensity"]) <= 20
    assert 0.5 <= drawn["brightness"] <= 1.5
    assert not drawn["flip_vertical"]
    assert drawn == generator.get_random_transform((20, 40, 3), seed)


def test_nothing_asked_changes_nothing():
    assert (ImageDataGenerator().random_transform(PIXELS[0]) == PIXELS[0]).all()


@pytest.mark.parametrize("factor", [0, 0.3, 1, 1.7])
@pytest.mark.parametrize("low", [0, -50])
@pytest.mark.parametrize("scale", [True, False])
def test_brightness_is_that_of_keras(legacy, factor, low, scale):
    x = PIXELS[0] + low
    expected = legacy.apply_brightness_shift(x, factor, scale)
    assert abs(apply_brightness_shift(x, factor, scale) - expected).max() <= 2


@pytest.mark.parametrize(
    "options",
    [
        {"rescale": 1 / 255},
        {"samplewise_center": True},
        {"samplewise_std_normalization": True},
        {"featurewise_center": True},
        {"featurewise_std_normalization": True, "rescale": 0.5},
        {"zca_whitening": True},
        {"preprocessing_function": lambda x: x[::-1] / 2, "rescale": 2},
        {"featurewise_center": True, "data_format": "channels_first"},
    ],
)
def test_standardizing_is_that_of_keras(legacy, options):
    data = PIXELS[:, :6, :6]
    if "data_format" in options:
        data = np.moveaxis(data, -1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = legacy.ImageDataGenerator(**options)
    got = ImageDataGenerator(**options)
    expected.fit(data)
    got.fit(data)
    np.testing.assert_allclose(
        got.standardize(data[1]), expected.standardize(data[1].copy()), rtol=1e-4, atol=2e-3
    )


def test_before_fit_there_is_a_warning():
    generator = ImageDataGenerator(featurewise_center=True)
    with pytest.warns(UserWarning, match=r"featurewise_center does nothing before fit"):
        assert (generator.standardize(PIXELS[0]) == PIXELS[0]).all()
    with pytest.raises(ShapeError, match="four axes"):
        generator.fit(PIXELS[0])
    generator.fit(PIXELS, augment=True, rounds=2, seed=0)
    assert generator.mean.shape == (1, 1, 3)


# ---- flow -------------------------------------------------------------------------------------


def test_flow_hands_out_every_picture_once_in_an_epoch():
    flow = ImageDataGenerator().flow(PIXELS, np.arange(6), batch_size=4, seed=3)
    assert (len(flow), flow.n, flow.samples) == (2, 6, 6)
    for _ in range(2):
        batches = [next(flow) for _ in range(2)]
        labels = np.concatenate([y for _, y in batches])
        assert sorted(labels) == list(range(6))
        assert (np.concatenate([x for x, _ in batches]) == PIXELS[labels]).all()


def test_flow_is_a_function_of_seed_and_epoch():
    generator = ImageDataGenerator(rotation_range=40, horizontal_flip=True)

    def epochs(seed):
        flow = generator.flow(PIXELS, np.arange(6), batch_size=4, seed=seed)
        return [np.concatenate([next(flow)[0] for _ in range(2)]) for _ in range(2)]

    first, again, other = epochs(1), epochs(1), epochs(2)
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (first[0] != first[1]).any()
    assert (first[0] != other[0]).any()
    flow = generator.flow(PIXELS, np.arange(6), batch_size=4, seed=1)
    assert (flow[1][0] == first[0][4:]).all()
    flow.on_epoch_end()
    assert (flow[0][0] == first[1][:4]).all()
    next(flow)
    flow.reset()
    assert (next(flow)[0] == first[1][:4]).all()


def test_flow_of_several_arrays_weights_and_subsets():
    generator = ImageDataGenerator(validation_split=0.34)
    weights, more = np.linspace(0, 1, 6), np.arange(6) * 10
    y = np.array([0, 1, 0, 1, 0, 1])
    (x, extra), labels, w = generator.flow(
        (PIXELS, more), y, 8, shuffle=False, sample_weight=weights, subset="training"
    )[0]
    assert (x == PIXELS[2:]).all()
    assert extra.tolist() == [20, 30, 40, 50]
    assert labels.tolist() == [0, 1, 0, 1]
    assert (w == weights[2:]).all()
    assert len(generator.flow(PIXELS, y, subset="validation")[0][1]) == 2
    assert generator.flow(PIXELS)[0].shape == PIXELS.shape
    with pytest.raises(DataError, match="different classes"):
        generator.flow(PIXELS, [0, 0, 1, 1, 1, 1], subset="training")
    assert generator.flow(PIXELS, [0, 0, 1, 1, 1, 1], subset="training", ignore_class_split=True)
    with pytest.raises(DataError, match="x has 6 rows and y has 5"):
        generator.flow(PIXELS, np.arange(5))
    with pytest.raises(DataError, match="four axes"):
        generator.flow(PIXELS[0])


def test_flow_from_directory_is_that_of_keras(legacy, classes, save, capsys):
    top = classes(cat=5, dog=4)
    save("photos/cat/in/a.jpg")
    save("photos/cat/b.gif")
    for options in (
        {},
        {"class_mode": "binary", "color_mode": "grayscale"},
        {"class_mode": "sparse", "classes": ["dog", "cat"]},
        {"class_mode": "input", "interpolation": "bilinear"},
        {"class_mode": None, "keep_aspect_ratio": True},
        {"subset": "training"},
        {"subset": "validation", "color_mode": "rgba"},
    ):
        arguments = dict(target_size=(9, 7), batch_size=4, shuffle=False, **options)
        split = {"validation_split": 0.4, "rescale": 1 / 255}
        expected = legacy.ImageDataGenerator(**split).flow_from_directory(str(top), **arguments)
        got = ImageDataGenerator(**split).flow_from_directory(top, **arguments)
        printed = capsys.readouterr().out.splitlines()
        assert printed[0] == printed[1]
        assert got.filenames == expected.filenames
        assert got.filepaths == expected.filepaths
        assert got.class_indices == expected.class_indices
        assert got.num_classes == expected.num_classes
        assert got.samples == expected.samples
        assert got.image_shape == expected.image_shape
        assert got.classes.tolist() == expected.classes.tolist() == got.labels.tolist()
        assert len(got) == len(expected)
        for index in range(len(got)):
            a, b = got[index], expected[index]
            pairs = [(a, b)] if options.get("class_mode", "") is None else list(zip(a, b))
            for mine, theirs in pairs:
                np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_flow_from_dataframe_is_that_of_keras(legacy, classes, capsys):
    top = classes(cat=5, dog=4)
    frame = pd.DataFrame(
        {
            "filename": [f"cat/{i:02}.png" for i in range(5)]
            + [f"dog/{i:02}.png" for i in range(4)],
            "class": ["cat"] * 5 + ["dog"] * 4,
            "size": np.linspace(0, 1, 9),
            "many": [["a", "b"]] * 3 + [["b"]] * 3 + [["c", "a"]] * 3,
            "w": np.arange(9.0),
        }
    )
    for options in (
        {},
        {"class_mode": "binary"},
        {"class_mode": "sparse", "weight_col": "w", "classes": ["dog", "cat"]},
        {"class_mode": "raw", "y_col": "size"},
        {"class_mode": "raw", "y_col": ["size", "w"]},
        {"class_mode": "multi_output", "y_col": ["size", "w"]},
        {"class_mode": "categorical", "y_col": "many"},
        {"class_mode": "input"},
        {"class_mode": None},
        {"subset": "training"},
    ):
        arguments = dict(target_size=(9, 7), batch_size=4, shuffle=False, **options)
        split = {"validation_split": 0.4}
        expected = legacy.ImageDataGenerator(**split).flow_from_dataframe(
            frame, str(top), **arguments
        )
        got = ImageDataGenerator(**split).flow_from_dataframe(frame, top, **arguments)
        printed = capsys.readouterr().out.splitlines()
        assert printed[0] == printed[1]
        assert got.filenames == expected.filenames
        for index in range(len(got)):
            a, b = got[index], expected[index]
            a, b = (a, b) if isinstance(b, tuple) else ((a,), (b,))
            for mine, theirs in zip(a, b):
                np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), atol=1e-6)


def test_flow_from_dataframe_leaves_out_and_refuses(classes):
    top = classes(cat=2, dog=2)
    frame = pd.DataFrame({"filename": ["cat/00.png", "no.png", "dog/00.png"], "class": list("aab")})
    generator = ImageDataGenerator()
    with pytest.warns(UserWarning, match="1 row ignored"):
        assert generator.flow_from_dataframe(frame, top).samples == 2
    frame = frame.iloc[[0, 2]]
    for change, said in [
        ({"x_col": "file"}, "Did you mean 'filename'"),
        ({"y_col": "clas"}, "Did you mean 'class'"),
        ({"class_mode": "multi_output"}, "list of columns"),
        ({"class_mode": "other"}, "class_mode"),
        ({"class_mode": "binary", "classes": ["a"]}, "needs two classes"),
        ({"weight_col": "class"}, "not numeric"),
    ]:
        with pytest.raises((ConfigError, DataError), match=said):
            generator.flow_from_dataframe(frame, top, **change)
    with pytest.raises(DataError, match="not file names"):
        generator.flow_from_dataframe(pd.DataFrame({"filename": [1], "class": ["a"]}), top)
    numbers = frame.assign(**{"class": [0, 1]})
    with pytest.raises(DataError, match=r"astype\(str\)"):
        generator.flow_from_dataframe(numbers, top)


def test_augmented_pictures_can_be_saved(classes, tmp_path):
    top = classes(cat=2, dog=1)
    flow = ImageDataGenerator(horizontal_flip=True).flow_from_directory(
        top, (8, 8), save_to_dir=tmp_path / "seen", save_prefix="aug", save_format="jpeg", seed=0
    )
    flow[0]
    names = sorted(os.listdir(tmp_path / "seen"))
    assert names == ["aug_0_0.jpeg", "aug_1_0.jpeg", "aug_2_0.jpeg"]
    assert load_img(tmp_path / "seen" / names[0]).size == (8, 8)


def test_a_damaged_file_is_an_error_that_names_it(classes):
    top = classes(cat=2, dog=1)
    (top / "cat" / "01.png").write_bytes(b"")
    with pytest.raises(ImageError, match=r"01\.png"):
        ImageDataGenerator().flow_from_directory(top, (8, 8))[0]
    with pytest.raises(DataError, match=r"'dgo'.*Did you mean 'dog'"):
        ImageDataGenerator().flow_from_directory(top, classes=["dgo"])
    with pytest.raises(DataError, match="no folder"):
        ImageDataGenerator().flow_from_directory(top / "no")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"zoom_range": (1, 2, 3)}, "zoom_range"),
        ({"zoom_range": (2, 1)}, "zoom_range"),
        ({"brightness_range": 0.5}, "brightness_range"),
        ({"fill_mode": "mirror"}, "fill_mode"),
        ({"data_format": "first"}, "data_format"),
        ({"validation_split": 1}, "validation_split"),
    ],
)
def test_ranges_that_are_none_are_refused(options, said):
    with pytest.raises(ConfigError, match=said):
        ImageDataGenerator(**options)


def test_an_unknown_argument_names_the_nearest():
    with pytest.raises(TypeError, match="Did you mean 'rotation_range'"):
        ImageDataGenerator(rotation=20)
    with pytest.raises(ShapeError, match="three axes"):
        apply_affine_transform(np.zeros((4, 4)))
