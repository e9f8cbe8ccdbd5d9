"""Kinds of image files: which can be read, and what to do about those that cannot."""

from __future__ import annotations

from importlib.util import find_spec

from maeum.core.messages import N_, _

_HEIF = (".heic", ".heif", ".hif")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
SUFFIXES = (
    ".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".jp2", ".pbm", ".pgm", ".png",
    ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    *(_HEIF if find_spec("pillow_heif") else ()),
)  # fmt: skip

# What each kind is called, and what to do about it.
_KINDS = {
    "heif": (N_("a HEIC image of a phone"), N_("install pillow-heif: pip install 'maeum[heic]'")),
    "avif": (N_("an AVIF image"), N_("install a newer Pillow: pip install --upgrade pillow")),
    "jxl": (N_("a JPEG XL image"), N_("convert it to PNG or JPEG")),
    "raw": (N_("a raw image of a camera"), N_("convert it to PNG, TIFF or JPEG")),
    "svg": (N_("a drawing (SVG)"), N_("convert it to PNG")),
    "pdf": (N_("a PDF document"), N_("convert its pages to PNG")),
    "dicom": (N_("a medical image (DICOM)"), N_("convert it to PNG")),
    "video": (N_("a video"), N_("save its frames as PNG or JPEG")),
    "html": (N_("a web page, perhaps saved in the place of an image"), N_("download it again")),
    "zip": (N_("a zip archive"), N_("unpack it")),
    "lfs": (N_("a pointer of Git LFS"), N_("fetch the file itself: git lfs pull")),
}
_BY_SUFFIX = {
    **dict.fromkeys(_HEIF, "heif"),
    **dict.fromkeys((".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"), "raw"),
    **dict.fromkeys((".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"), "video"),
    ".jxl": "jxl", ".svg": "svg", ".pdf": "pdf", ".dcm": "dicom",
}  # fmt: skip


def unreadable_kind(suffix: str) -> str:
    """Return what files of a suffix are that hold images and cannot be read, and what to do.

    >>> unreadable_kind(".svg"), unreadable_kind(".txt"), unreadable_kind(".png")
    ('a drawing (SVG); convert it to PNG', '', '')
    """
    suffix = suffix.lower()
    return "" if suffix in SUFFIXES else _said(_BY_SUFFIX.get(suffix, ""))


def kind_of(begins: bytes) -> str:
    """Return the kind of a file that Pillow cannot open, by its first bytes; ``""`` if unknown.

    >>> kind_of(bytes([0, 0, 0, 24]) + b"ftypheic")
    'heif'
    """
    brand = begins[8:12] if begins[4:8] == b"ftyp" else b""
    text = begins.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if brand:
        return "heif" if brand in _HEIF_BRANDS else "avif" if brand == b"avif" else "video"
    for kind, starts in (
        ("jxl", (b"\xff\x0a", b"\0\0\0\x0cJXL ")), ("pdf", (b"%PDF",)), ("zip", (b"PK\3\4",)),
        ("lfs", (b"version https://git-lfs",)), ("video", (b"\x1a\x45\xdf\xa3",)),
    ):  # fmt: skip
        if begins.startswith(starts):
            return kind
    if begins[128:132] == b"DICM":
        return "dicom"
    if text.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "svg" if b"<svg" in text else ""


def described(begins: bytes) -> str:
    """Return what a file is that Pillow cannot open, and what to do; ``""`` if that is unknown."""
    return _said(kind_of(begins))


def _said(kind: str) -> str:
    if not kind:
        return ""
    what, advice = _KINDS[kind]
    return _("{what}; {advice}", what=_(what), advice=_(advice))
