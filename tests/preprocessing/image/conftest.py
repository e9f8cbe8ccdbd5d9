"""The little pictures of the tests of `maeum.images`."""

from ...images.conftest import cache, classes, colours, keras, save

__all__ = ["cache", "classes", "colours", "keras", "save"]
