import io

import numpy as np
import pytest
from PIL import Image

from maeum.core.errors import ConfigError, DataError, SaveError, ShapeError
from maeum.images import array_to_img, img_to_array, load_img, save_img


@pytest.mark.parametrize("color_mode", ["rgb", "rgba", "grayscale"])
@pytest.mark.parametrize("mode", ["RGB", "L", "LA", "RGBA", "P", "1", "I;16"])
def test_load_img_is_that_of_keras(keras, tmp_path, colours, color_mode, mode):
    path = tmp_path / "a.png"
    if mode == "I;16":
        Image.fromarray(colours()[..., 0].astype(np.uint16) * 200).save(path)
    else:
        Image.fromarray(colours()).convert(mode).save(path)
    for options in (
        {},
        {"target_size": (10, 17)},
        {"target_size": (10, 17), "keep_aspect_ratio": True},
        {"target_size": (31, 8), "interpolation": "bilinear"},
        {"target_size": (7, 7), "interpolation": "bicubic", "keep_aspect_ratio": True},
    ):
        if mode == "I;16" and color_mode == "grayscale" and options:
            continue  # Pillow resizes 16 bits by the nearest only
        expected = keras.utils.load_img(path, color_mode=color_mode, **options)
        got = load_img(path, color_mode, **options)
        assert got.mode == expected.mode
        assert (np.asarray(got) == np.asarray(expected)).all()


def test_load_img_takes_open_files_and_names_what_is_no_image(save, tmp_path):
    path = save("a.png")
    assert load_img(io.BytesIO(path.read_bytes())).size == load_img(str(path)).size
    assert load_img(str(path).encode()).size == (32, 24)
    (tmp_path / "b.png").write_text("no image")
    with pytest.raises(DataError, match=r"b\.png cannot be read"):
        load_img(tmp_path / "b.png")
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'a\.png'"):
        load_img(tmp_path / "aa.png")


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [True, False])
def test_arrays_become_images_and_back_as_in_keras(keras, data_format, channels, scale):
    pixels = np.random.default_rng(0).uniform(0, 200, (5, 7, channels)).astype(np.float32)
    if data_format == "channels_first":
        pixels = np.moveaxis(pixels, -1, 0)
    expected = keras.utils.array_to_img(pixels, data_format, scale)
    got = array_to_img(pixels, data_format, scale)
    assert got.mode == expected.mode
    # Stretching rounds in another order: at most one step.
    assert abs(np.asarray(got).astype(int) - np.asarray(expected)).max() <= (1 if scale else 0)
    back = img_to_array(expected, data_format)
    assert back.dtype == np.float32
    assert (back == keras.utils.img_to_array(expected, data_format)).all()


def test_deep_grey_and_black_images():
    assert array_to_img(np.full((2, 2, 1), 4000.0), scale=False).mode == "I"
    assert np.asarray(array_to_img(np.zeros((2, 2, 3)))).max() == 0


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (1, 4, 4, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ShapeError):
        array_to_img(np.zeros(shape))
    with pytest.raises(ShapeError):
        img_to_array(np.zeros((1, 4, 4, 3)))
    with pytest.raises(ConfigError, match="data_format"):
        img_to_array(np.zeros((4, 4)), "first")


def test_save_img_writes_what_load_img_reads(tmp_path, colours):
    save_img(tmp_path / "new" / "a.png", colours(), scale=False)
    assert (np.asarray(load_img(tmp_path / "new" / "a.png")) == colours()).all()
    opened = io.BytesIO()
    save_img(opened, colours(), file_format="bmp", scale=False)
    assert (np.asarray(load_img(io.BytesIO(opened.getvalue()))) == colours()).all()
    with pytest.warns(UserWarning, match="no transparency"):
        save_img(tmp_path / "a.jpg", np.zeros((4, 4, 4)))
    save_img(tmp_path / "a.tif", colours())
    with pytest.raises(ConfigError, match="not a format"):
        save_img(tmp_path / "a.xyz", colours())
    with pytest.raises(SaveError):
        save_img(tmp_path, colours(), file_format="png")
