"""Where older Keras code looks for what prepares data: ``preprocessing.image``.

In Maeum the same things stand in `maeum.images`.
"""

from maeum.preprocessing import image

__all__ = ["image"]
