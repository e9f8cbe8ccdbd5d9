import contextlib
import struct
import unicodedata
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from maeum.core.errors import ConfigError, DataError
from maeum.images import ImageError, MissingImageError, load_image
from maeum.images.reading import decode
from maeum.images.resizing import INTERPOLATIONS, Reading


def remarks(path, color_mode="rgb"):
    return decode(path, Reading(color_mode=color_mode))[1]


def test_plain_image_is_read_bit_for_bit(save, colours):
    assert (load_image(save("a.png")) == colours()).all()


def test_jpeg_is_what_pillow_decodes(save):
    path = save("a.jpg")
    assert (load_image(path) == np.asarray(Image.open(path))).all()


@pytest.mark.parametrize("size", [(24, 32), (10, 10), (50, 20), (1, 1), (100, 160)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_stretched_image_is_that_of_pillow(save, colours, size, interpolation):
    expected = Image.fromarray(colours()).resize(
        size[::-1], Image.Resampling[interpolation.upper()]
    )
    got = load_image(save("a.png"), size, resize="stretch", interpolation=interpolation)
    assert (got == np.asarray(expected)).all()


def test_crop_takes_the_middle(save, colours):
    wide = colours(20, 60)
    middle = Image.fromarray(wide[:, 20:40]).resize((10, 10), Image.Resampling.BILINEAR)
    got = load_image(save("a.png", wide), 10)
    inside = np.s_[:, 1:-1]  # at the edges, smoothing sees the pixels beyond them
    assert abs(got.astype(int) - np.asarray(middle))[inside].max() <= 1


def test_pad_keeps_everything_between_black_bars(save, colours):
    wide = colours(20, 40) // 2 + 100
    got = load_image(save("a.png", wide), 20, resize="pad")
    expected = Image.fromarray(wide).resize((20, 10), Image.Resampling.BILINEAR)
    assert (got[:5] == 0).all()
    assert (got[15:] == 0).all()
    assert abs(got[5:15].astype(int) - np.asarray(expected)).max() <= 1


@settings(max_examples=25)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    resize=st.sampled_from(["crop", "pad", "stretch"]),
    color_mode=st.sampled_from(["rgb", "grayscale", "rgba"]),
    suffix=st.sampled_from(["png", "jpg"]),
)
def test_every_shape_becomes_the_size_wanted(
    tmp_path_factory, height, width, size, resize, color_mode, suffix
):
    path = tmp_path_factory.mktemp("p") / f"a.{suffix}"
    Image.new("RGB", (width, height), (200, 200, 200)).save(path)
    got = load_image(path, size, color_mode, resize)
    assert got.shape == (*size, {"rgb": 3, "grayscale": 1, "rgba": 4}[color_mode])
    assert got.dtype == np.uint8
    if resize != "pad":
        assert abs(got[..., 0].astype(int) - 200).max() <= 2


@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale"])
def test_reduced_decoding_of_jpeg_is_close_to_the_whole(save, colours, resize, color_mode):
    path = save("a.jpg", colours(300, 400), quality=95)
    small = load_image(path, (32, 48), color_mode, resize)
    lossless = save("a.png", np.asarray(Image.open(path)))
    whole = load_image(lossless, (32, 48), color_mode, resize)
    assert abs(small.astype(int) - whole).mean() < 1.5


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("size", [None, (20, 12)])
def test_photograph_is_turned_as_the_camera_was_held(save, colours, turn, size):
    exif = Image.Exif()
    exif[0x0112] = turn
    path = save("a.jpg", colours(40, 64), exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(path))
    got = load_image(path, size, resize="stretch")
    if size is not None:
        upright = upright.resize(size[::-1], Image.Resampling.BILINEAR)
    assert got.shape == np.asarray(upright).shape
    assert abs(got.astype(int) - np.asarray(upright)).mean() < 2


def test_damaged_exif_does_not_matter(save, colours):
    path = save("a.jpg", exif=b"Exif\0\0garbage that is no EXIF at all")
    assert load_image(path).shape == (24, 32, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV"])
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_every_mode_becomes_the_one_wanted(tmp_path, colours, mode, color_mode):
    image = Image.fromarray(colours())
    if mode == "LAB":
        from PIL import ImageCms

        change = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        image = ImageCms.applyTransform(image, change)
    else:
        image = image.convert(mode)
    suffix = "jpg" if mode in ("CMYK", "YCbCr") else "tif" if mode == "LAB" else "png"
    if mode == "HSV":
        pytest.skip("no file format holds it")
    path = tmp_path / f"a.{suffix}"
    image.save(path)
    got = load_image(path, color_mode=color_mode)
    assert got.shape == (24, 32, {"rgb": 3, "grayscale": 1, "rgba": 4}[color_mode])
    if color_mode == "rgba":
        assert (got[..., 3] == 255).all()
    if mode in ("RGB", "YCbCr", "CMYK"):
        rgb = got[..., :3] if color_mode != "grayscale" else got
        plain = colours() if color_mode != "grayscale" else Image.fromarray(colours()).convert("L")
        assert abs(rgb.astype(int) - np.asarray(plain).reshape(rgb.shape)).mean() < 12


def test_cmyk_is_noted_and_is_not_inverted(save):
    red = np.full((8, 8, 3), (250, 10, 10), np.uint8)
    path = save("a.jpg", red, mode="CMYK")
    got = load_image(path)
    assert got[..., 0].min() > 200
    assert got[..., 1:].max() < 60
    assert remarks(path) == ("ink colours (CMYK), converted",)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_to_eight(tmp_path, suffix):
    values = np.array([[0, 128, 129, 257, 32768, 65535]], np.uint16)
    path = tmp_path / f"deep.{suffix}"
    Image.fromarray(values).save(path)
    expected = np.round(values / 257).astype(np.uint8)
    assert (load_image(path, color_mode="grayscale")[..., 0] == expected).all()
    assert (load_image(path)[..., 2] == expected).all()
    assert remarks(path) == ("16 bits, scaled to 8",)


def test_numbers_without_a_known_scale_are_refused(tmp_path):
    path = tmp_path / "a.tif"
    Image.fromarray(np.array([[0, 70000]], np.int32)).save(path)
    with pytest.raises(ImageError, match=r"whole numbers from 0 to 70000.*16 bits"):
        load_image(path)
    Image.fromarray(np.array([[0.0, 300.5]], np.float32)).save(path)
    with pytest.raises(ImageError, match=r"floats from 0 to 300\.5"):
        load_image(path)
    Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32)).save(path)
    assert load_image(path)[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_are_white_unless_they_are_wanted(tmp_path, mode):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2] = (255, 0, 0, 255)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).convert(mode).save(path)
    got = load_image(path)
    assert (got[2:] == 255).all()
    assert (got[:2] < 255).any()
    assert load_image(path, color_mode="rgba")[3, 3, 3] == 0
    assert remarks(path) == ("transparent, shown on white",)
    assert remarks(path, "rgba") == ()


def test_half_transparent_is_mixed_with_white(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGBA", (2, 2), (0, 0, 0, 51)).save(path)  # 51 of 255: a fifth of black
    assert load_image(path)[0, 0].tolist() == [204, 204, 204]


@pytest.mark.parametrize("suffix", ["gif", "png", "tif", "webp"])
def test_of_an_animation_the_first_frame_is_taken(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    assert load_image(path)[0, 0].tolist() == [255, 0, 0]
    assert remarks(path) == ("animated or of several pages; the first one is taken",)


def test_the_name_does_not_matter(save, colours):
    path = save("a.png")
    wrong = path.rename(path.with_suffix(".jpg"))
    assert (load_image(wrong) == colours()).all()


def bomb(path, width=20_000, height=20_000):
    def chunk(kind, data):
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x"))
    return path


BAD = {
    "zero.jpg": (b"", r"zero\.jpg cannot be read: the file is empty \(0 bytes\)"),
    "text.jpg": (
        b"hello world",
        r"not an image of a kind that Pillow knows; it begins with b'hello",
    ),
    "zip.png": (b"PK\x03\x04" + bytes(40), "it is a zip archive; unpack it"),
    "phone.jpg": (
        b"\0\0\0\x18ftypheic" + bytes(40),
        r"a HEIC image of a phone; install pillow-heif: pip install 'maeum\[heic\]'",
    ),
    "film.jpg": (b"\0\0\0\x18ftypisom" + bytes(40), "it is a video"),
    "page.png": (b"\n<!DOCTYPE html><html>", "a web page, perhaps saved in the place of an image"),
    "lfs.png": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "short.png": (b"\x89PNG\r\n\x1a\n", "cannot be read"),
    "magic.gif": (b"GIF89a", "cannot be read"),
    "magic.jpg": (b"\xff\xd8\xff\xe0", "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_image_is_named(tmp_path, name):
    content, said = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageError, match=said) as caught:
        load_image(tmp_path / name)
    assert caught.value.path.endswith(name)
    assert name not in caught.value.reason


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "bmp", "tif", "webp"])
def test_a_image_cut_short_is_an_error(save, suffix, colours):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(f"a.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match=r"damaged or cut short|no image"):
        load_image(path, 16)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # about the damage
@settings(max_examples=40)
@given(data=st.data(), suffix=st.sampled_from(["jpg", "png", "gif", "bmp", "tif", "webp"]))
def test_damaged_bytes_give_a_image_or_a_image_error(tmp_path_factory, data, suffix):
    path = tmp_path_factory.mktemp("d") / f"a.{suffix}"
    Image.effect_mandelbrot((16, 16), (-2, -2, 2, 2), 20).convert("RGB").save(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(ImageError):
        assert load_image(path, 8).shape == (8, 8, 3)


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path):
    path = bomb(tmp_path / "bomb.png")
    with pytest.raises(ImageError, match=r"bomb\.png.*400000000 pixels.*MAX_IMAGE_PIXELS"):
        load_image(path, 8)


def test_a_missing_file_names_the_nearest(save):
    path = save("holiday.png")
    with pytest.raises(MissingImageError, match=r"Did you mean 'holiday\.png'"):
        load_image(path.with_name("holyday.png"))
    with pytest.raises(FileNotFoundError, match=r"folder .* does not exist"):
        load_image(path.parent / "no" / "a.png")
    with pytest.raises(ImageError, match=r"it is a folder.*read_folder"):
        load_image(path.parent)


@pytest.mark.parametrize("there", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_korean_names_are_found_however_they_are_spelt(save, colours, there, asked):
    path = save(unicodedata.normalize(there, "고양이 사진.png"))
    wanted = path.with_name(unicodedata.normalize(asked, "고양이 사진.png"))
    assert (load_image(wanted) == colours()).all()
    assert (load_image(str(wanted)) == colours()).all()


def test_an_error_shows_korean_in_whole_syllables(tmp_path):
    path = tmp_path / unicodedata.normalize("NFD", "빈 파일.jpg")
    path.touch()
    with pytest.raises(ImageError, match=r"빈 파일\.jpg cannot be read"):
        load_image(path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 0}, "height, width"),
        ({"size": (3, 4, 5)}, "height, width"),
        ({"size": (2.5, 3)}, "height, width"),
        ({"size": "big"}, "height, width"),
        ({"size": True}, "height, width"),
        ({"color_mode": "gray"}, "Did you mean 'grayscale'"),
        ({"resize": "cropp"}, "Did you mean 'crop'"),
        ({"interpolation": "linear"}, "Did you mean 'bilinear'"),
        ({"interpolation": "gaussian"}, "come closest"),
    ],
)
def test_unknown_options_are_refused(save, options, said):
    with pytest.raises(ConfigError, match=said):
        load_image(save("a.png"), **options)


def test_errors_can_be_caught_as_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_image(tmp_path / "no.png")
    with pytest.raises(DataError):
        load_image(tmp_path / "no.png")
