"""Keras's room for models as programs of other runtimes, which Maeum does not write.

`maeum.Model.save` keeps a model for Maeum; `maeum.functional.apply` makes it a pure function for
JAX.
"""

from maeum.core.lazy import lazily

__all__: list[str] = []

__getattr__, __dir__ = lazily(__name__, {})
