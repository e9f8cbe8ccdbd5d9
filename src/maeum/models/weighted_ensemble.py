"""Weighted ensembles: models of any kind, whose weighted mean predicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from maeum.core import registry
from maeum.core.checks import check_number
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.settings import say
from maeum.models.composed import ComposedModel
from maeum.models.model import Model
from maeum.training.py_dataset import PyDataset


@registry.builtin
class WeightedEnsemble(ComposedModel):
    """Models of any kind whose weighted mean predicts; of probabilities also called soft voting.

    The models stay what they are and share inputs and outputs. By which weights they predict best
    is found by `maeum.tabular.blending.greedy_weights`.

    Args:
        models: the models.
        weights: a number for each, at least 0; they are divided by their sum.
        name: the ensemble's name.

    Attributes:
        models: the models.
        model_weights: their weights, which sum to 1.
        held_out: the numbers of rows that no model learnt from, and the weighted means of what the
            models said of them, if whoever found the weights noted them here. It is not saved.

    Raises:
        ConfigError: for no models, or other weights.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> one, two = (
        ...     mm.Sequential([mm.Input((3,)), mm.layers.Dense(1, kernel_initializer=kernel)])
        ...     for kernel in ("ones", "zeros")
        ... )
        >>> both = mm.WeightedEnsemble([one, two], [3, 1])
        >>> both.predict(np.ones((1, 3), "float32"), verbose=0).tolist()
        [[2.25]]
    """

    def __init__(self, models: Sequence[Model], weights: Sequence[float], name: str | None = None):
        super().__init__(name=name)
        self.models: list[Any] = list(models)
        given = [check_number(weight, "weights", 0.0) for weight in weights]
        if not self.models or not all(isinstance(m, Model) for m in self.models):
            raise ConfigError("A weighted ensemble is made of models; got {given!r}.",
                              given=list(models))  # fmt: skip
        if len(given) != len(self.models) or not sum(given) > 0:
            raise ConfigError("A weighted ensemble of {n} models has as many weights, of which at "
                              "least one is above 0; got {given!r}.", n=len(self.models),
                              given=given)  # fmt: skip
        self.model_weights = [weight / sum(given) for weight in given]
        self.held_out: tuple[np.ndarray, np.ndarray] | None = None
        graph = next((m.graph for m in self.models if m.graph is not None), None)
        if graph is not None and all(model.built for model in self.models):
            self._ensure_built((graph.inputs,), {})

    def parts(self) -> list[Any]:
        """Return the models."""
        return self.models

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the weighted mean of the models' outputs."""
        return self._mean([model(x, training=training) for model in self.models])

    def _mean(self, outputs: Sequence[Any]) -> Any:
        def mean(*each: Any) -> Any:
            return sum(w * one for w, one in zip(self.model_weights, each))

        return jax.tree.map(mean, *outputs)

    def predict(  # type: ignore[override]
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the weighted means of the models' outputs; see `maeum.Model.predict`."""
        if steps is not None or callbacks is not None or isinstance(x, (Iterator, PyDataset)):
            return super().predict(x, batch_size, verbose, steps, callbacks)
        # Each has a program of its own, which others of its architecture share.
        return self._mean([model.predict(x, batch_size, verbose) for model in self.models])

    def summary(self, *args: Any, print_fn: Any = None, **kwargs: Any) -> None:
        """Print the layers of each model, and its weight.

        Args:
            args, kwargs: see `maeum.Model.summary`.
            print_fn: what is called with each of the texts, in place of ``print``.
        """
        for model, weight in zip(self.models, self.model_weights):
            model.summary(*args, print_fn=print_fn, **kwargs)
            (print_fn or say)(_("Weight of {name!r} in the mean: {weight:.0%}", name=model.name,
                                weight=weight))  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return what makes this ensemble again, without the models' weights."""
        return {
            "models": [registry.serialize(model) for model in self.models],
            "weights": list(self.model_weights),
            "name": self.name,
        }
