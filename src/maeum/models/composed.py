"""What models share that consist of other models and answer with a mean of theirs."""

from __future__ import annotations

from typing import Any

from maeum.core.errors import not_implemented
from maeum.models.model import Model


class ComposedModel(Model):
    """Base of models that consist of models with the same inputs and outputs."""

    def parts(self) -> list[Any]:
        """Return the models."""
        raise not_implemented(self, "parts()")

    def _adopt(self) -> None:
        """Leave the weights of the parts to their own seeds."""

    def _call_abstractly(self, *args: Any, **kwargs: Any) -> Any:
        if all(part.built for part in self.parts()):
            return None  # as those with a graph are: nothing has to be found out
        return super()._call_abstractly(*args, **kwargs)
