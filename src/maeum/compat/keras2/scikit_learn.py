"""``keras.wrappers.scikit_learn``: models that a function builds, as estimators."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from maeum import utils
from maeum.core.errors import ArgumentError

__all__ = ["KerasClassifier", "KerasRegressor"]

_FIT = ("epochs", "nb_epoch", "batch_size", "verbose", "callbacks", "validation_split", "shuffle")


class _Built(BaseEstimator):
    """A model that a function builds for each fit.

    Args:
        build_fn: the function.
        parameters: arguments of it, or of ``fit``.
    """

    def __init__(self, build_fn: Callable[..., Any] | None = None, **parameters: Any):
        self.build_fn, self.parameters = build_fn, parameters

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments."""
        return {"build_fn": self.build_fn, **self.parameters}

    def set_params(self, **params: Any) -> Any:
        """Change arguments."""
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.parameters = {**self.parameters, **params}
        return self

    def _own(self) -> set[str]:
        return set(inspect.signature(self.build_fn).parameters)  # type: ignore[arg-type]

    def fit(self, x: Any, y: Any, **options: Any) -> Any:
        """Build a model, and train it."""
        own = self._own()
        strange = self.parameters.keys() - own - set(_FIT)
        if strange:
            raise ArgumentError("{name!r} is an argument of neither the function that builds the "
                                "model nor of fit.", name=min(strange))  # fmt: skip
        build = {k: v for k, v in self.parameters.items() if k in own}
        self.model = self.build_fn(**build)  # type: ignore[misc]
        fit = {k: v for k, v in self.parameters.items() if k in _FIT and k not in own}
        if "nb_epoch" in fit:
            fit["epochs"] = fit.pop("nb_epoch")
        self.history = self.model.fit(np.asarray(x), y, **{**fit, **options})
        return self


class KerasClassifier(ClassifierMixin, _Built):
    """A classifier."""

    def fit(self, x: Any, y: Any, **options: Any) -> Any:
        """Build a model, and train it."""
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
            return super().fit(x, y, **options)
        self.classes_, numbers = np.unique(y.ravel(), return_inverse=True)
        self._targets = numbers
        return super().fit(x, self._as_outputs(numbers), **options)

    def _as_outputs(self, numbers: np.ndarray) -> np.ndarray:
        """Return one-hot rows where the model's loss takes these."""
        build = {k: v for k, v in self.parameters.items() if k in self._own()}
        loss = str(getattr(self.build_fn(**build), "loss", ""))  # type: ignore[misc]
        categorical = "categorical" in loss and "sparse" not in loss
        return utils.to_categorical(numbers, len(self.classes_)) if categorical else numbers

    def predict(self, x: Any, **options: Any) -> np.ndarray:
        """Return the class of each row."""
        found = self.predict_proba(x, **options)
        return self.classes_[found.argmax(-1)]

    def predict_proba(self, x: Any, **options: Any) -> np.ndarray:
        """Return the probability of each class."""
        found = self.model.predict(np.asarray(x), verbose=0, **options)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found


class KerasRegressor(RegressorMixin, _Built):
    """A regressor."""

    def predict(self, x: Any, **options: Any) -> np.ndarray:
        """Return the prediction for each row."""
        return np.squeeze(self.model.predict(np.asarray(x), verbose=0, **options), -1)
