"""One image: from a file of any kind to an array of bytes.

Pillow decodes. What a file may hold besides plain colours is settled here, once: how it was held
(EXIF), transparency, 16 bits, ink colours, several frames.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core.errors import DataError, nearest
from maeum.core.messages import N_, _
from maeum.images import formats
from maeum.images.resizing import Reading, resized

if TYPE_CHECKING:
    from PIL import Image

_ORIENTATION = 0x0112  # the EXIF tag, and what turns its values from 2 on upright
_TURNS = ("FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM", "TRANSPOSE", "ROTATE_270",
          "TRANSVERSE", "ROTATE_90")  # fmt: skip


class ImageError(DataError):
    """An image that cannot be read.

    Attributes:
        path: the file.
        reason: why, without the name of the file.
    """

    def __init__(self, path: str | os.PathLike, reason: str, advice: str = ""):
        self.path = str(path)
        self.reason = reason
        said = _("{path} cannot be read: {reason}.", path=shown(self.path), reason=reason)
        super().__init__(f"{said} {advice}".rstrip())


class MissingImageError(ImageError, FileNotFoundError):
    """There is no file where the image should be."""


def load_image(
    path: str | os.PathLike,
    size: int | tuple[int, int] | None = None,
    color_mode: str = "rgb",
    resize: str = "crop",
    interpolation: str = "bilinear",
) -> np.ndarray:
    """Read an image.

    It is turned as the camera was held (EXIF). Transparent parts are shown on white, unless
    ``color_mode`` is ``"rgba"``; 16 bits are scaled to 8; of an animation, the first frame is
    taken. A JPEG that is much larger than ``size`` is decoded at a reduced size, which is faster.

    Args:
        path: the file. What it holds counts, not its suffix.
        size: ``(height, width)``, or one number for a square; by default that of the image.
        color_mode: ``"rgb"``, ``"grayscale"`` or ``"rgba"``.
        resize: how an image of another shape becomes one of ``size``: ``"crop"`` takes the
            largest part in the middle, ``"pad"`` adds black bars, ``"stretch"`` distorts it.
        interpolation: ``"nearest"``, ``"bilinear"``, ``"bicubic"``, ``"lanczos"``, ``"box"`` or
            ``"hamming"``; smoothed when the image is made smaller, all but ``"nearest"``.

    Returns:
        ``(height, width, channels)`` uint8, with 1, 3 or 4 channels.

    Raises:
        MissingImageError: if there is no such file.
        ImageError: if it is empty, not an image, damaged, cut short, or has so many pixels that
            Pillow takes it for an attack.
        ConfigError: for a size, colour mode or way to resize that is none.

    Example:
        >>> import os, tempfile
        >>> from PIL import Image
        >>> path = os.path.join(tempfile.mkdtemp(), "red.png")
        >>> Image.new("RGB", (40, 20), "red").save(path)
        >>> load_image(path).shape, load_image(path, size=8)[0, 0].tolist()
        ((20, 40, 3), [255, 0, 0])
    """
    return decode(path, Reading(size, color_mode, resize, interpolation))[0]


def decode(path: str | os.PathLike, how: Reading) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read an image as `load_image` does, and say what it had.

    Returns:
        The pixels, and remarks such as ``"transparent, shown on white"``.
    """
    from PIL.Image import Transpose

    path = os.fspath(path)
    remarks: list[str] = []
    try:
        with _open(path) as image:
            # A stereo or preview image (MPO) is a photograph all the same.
            if getattr(image, "is_animated", False) and image.format != "MPO":
                remarks.append(N_("animated or of several pages; the first one is taken"))
            turn = _orientation(image)
            upright = how.size[::-1] if how.size and turn >= 5 else how.size
            area = (float(image.width), float(image.height))
            if upright is not None and image.format == "JPEG":
                area = _draft(image, upright, how)
            image.load()
            plain = _plain(image, how.color_mode, path, remarks)
        if upright is not None:
            plain = resized(plain, upright, how.resize, how.interpolation, area)
        if turn > 1:
            plain = plain.transpose(Transpose[_TURNS[turn - 2]])
        pixels = np.asarray(plain)
    except DataError:
        raise
    except Exception as error:  # decoders of damaged data raise whatever they run into
        said = _("it is damaged or cut short ({error})", error=_first_line(error))
        raise ImageError(path, said) from error
    return (pixels[:, :, None] if pixels.ndim == 2 else pixels), tuple(remarks)


def find_file(path: str | os.PathLike) -> str:
    """Return the path under which a file is there: names may spell Korean in two ways.

    File systems and archives hold 한 as one character or as its three letters, and a list of
    files made on one machine must find them on another.

    Raises:
        MissingImageError: if there is none.
    """
    path = os.fspath(path)
    if os.path.exists(path):
        return path
    for other in (unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)):
        if os.path.exists(other):
            return other
    folder, name = os.path.split(path)
    if not os.path.isdir(folder or "."):
        raise MissingImageError(path, _("the folder {folder} does not exist", folder=shown(folder)))
    # Written alike, spelt in two ways within one path: compare the names in the folder.
    there = os.listdir(folder or ".")
    for other in there:
        if shown(other) == shown(name):
            return os.path.join(folder, other)
    raise MissingImageError(path, _("there is no such file"), nearest(name, there).strip())


def shown(path: str) -> str:
    """Return a path as text that can be printed, with Korean in whole syllables."""
    text = os.fsencode(path).decode("utf-8", "replace") if isinstance(path, str) else str(path)
    return unicodedata.normalize("NFC", text)


def _open(path: str) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        try:
            return Image.open(path)
        except FileNotFoundError:
            return Image.open(find_file(path))
    except IsADirectoryError:
        raise ImageError(path, _("it is a folder"), _("Read a folder with read_folder.")) from None
    except Image.DecompressionBombError as error:
        raise ImageError(
            path,
            _("it is too large ({error})", error=_first_line(error)),
            _("If you trust it, make it smaller, or raise the limit: PIL.Image.MAX_IMAGE_PIXELS."),
        ) from None
    except UnidentifiedImageError:
        if not os.path.getsize(path):
            raise ImageError(path, _("the file is empty (0 bytes)")) from None
        with open(path, "rb") as file:
            begins = file.read(512)
        if formats.kind_of(begins) == "heif" and (opened := _open_heif(path)) is not None:
            return opened
        if said := formats.described(begins):
            raise ImageError(path, _("it is {said}", said=said)) from None
        raise ImageError(path, _("it is not an image of a kind that Pillow knows; it begins with "
                                 "{begins!r}", begins=begins[:8])) from None  # fmt: skip
    except MissingImageError:
        raise
    except OSError as error:
        why = error.strerror or _("it is damaged or cut short ({error})", error=_first_line(error))
        raise ImageError(path, why) from error


def _open_heif(path: str) -> Image.Image | None:
    """Open an image of a phone with pillow-heif; None if that is not installed."""
    try:
        import pillow_heif
    except ImportError:
        return None
    pillow_heif.register_heif_opener()
    from PIL import Image

    return Image.open(path)


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held, 1 to 8; 1 is upright, and from 5 on it lay on its side."""
    try:
        turn = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # what cannot be understood about an image does not make it unreadable
        return 1
    return turn if turn in range(1, 9) else 1


def _draft(image: Any, size: tuple[int, int], how: Reading) -> tuple[float, float]:
    """Let the decoder of JPEG leave out detail that the size wanted cannot show.

    Returns:
        The width and height of what will be decoded, which may end within a pixel.
    """
    height, width = size
    area = (float(image.width), float(image.height))
    factors = height / image.height, width / image.width
    factor = min(factors) if how.resize == "pad" else max(factors)
    needed = (int(np.ceil(image.width * factor)), int(np.ceil(image.height * factor)))
    needed = (width, height) if how.resize == "stretch" else needed
    done = image.draft("L" if how.color_mode == "grayscale" else "RGB", needed)
    return area if done is None else done[1][2:]


def _plain(image: Image.Image, color_mode: str, path: str, remarks: list[str]) -> Image.Image:
    """Return the image in the mode L, RGB or RGBA, 8 bits for a channel."""
    from PIL import Image

    mode = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}[color_mode]
    if image.mode.startswith("I"):
        remarks.append(N_("16 bits, scaled to 8"))
        image = Image.fromarray(_eight_bits(image, path))
    elif image.mode == "F":
        values = np.asarray(image)
        if not (values.min() >= 0 and values.max() <= 1):
            raise ImageError(
                path,
                _("it holds floats from {low:g} to {high:g}", low=values.min(), high=values.max()),
                _("Only floats from 0 to 1 have a known scale; convert it first."),
            )
        image = Image.fromarray(np.round(values * 255).astype(np.uint8))
    elif image.has_transparency_data and mode != "RGBA":
        remarks.append(N_("transparent, shown on white"))
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB")
    elif image.mode in ("CMYK", "YCCK"):
        remarks.append(N_("ink colours (CMYK), converted"))
    if image.mode in ("LAB", "HSV", "YCbCr", "CMYK") and mode != "RGB":
        image = image.convert("RGB")  # the one way out of these
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(image: Image.Image, path: str) -> np.ndarray:
    """Scale 0 ... 65535 to 0 ... 255; 257 is exactly 65535 / 255."""
    values = np.asarray(image).astype(np.int64)
    if values.min(initial=0) < 0 or values.max(initial=0) > 0xFFFF:
        raise ImageError(
            path,
            _("it holds whole numbers from {low} to {high}", low=values.min(), high=values.max()),
            _("Only those of 16 bits (0 to 65535) have a known scale; convert it first."),
        )
    return ((values + 128) // 257).astype(np.uint8)


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".")
