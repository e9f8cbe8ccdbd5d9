"""Functions on images: one ``(rows, columns, channels)``, or a batch of them.

With ``data_format="channels_first"`` the channels come before the rows. Names and arguments are
those of Keras's ``ops.image``.
"""
# ruff: noqa: F401, I001
# fmt: off

from maeum.ops.colors import (
    grayscale_to_rgb, hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv,
)
from maeum.ops.filters import (
    gaussian_blur, sobel_edges, ssim,
)
from maeum.ops.images import (
    affine_transform, crop_images, pad_images, resize,
)
from maeum.ops.patches import (
    extract_patches, extract_patches_3d,
)
from maeum.ops.warping import (
    elastic_transform, map_coordinates, perspective_transform, scale_and_translate,
)
