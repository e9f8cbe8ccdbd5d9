"""Models as estimators of scikit-learn, for its pipelines, searches and cross-validation."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.models import Model, clone_model
from maeum.sklearn.networks import check_compiled, check_model

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]


class _Targets(TransformerMixin, BaseEstimator):
    """Targets as columns, and back in the form that they came in."""

    def fit(self, y: np.ndarray) -> _Targets:
        """Note the number of axes."""
        self.ndim_ = y.ndim
        return self

    def transform(self, y: np.ndarray) -> np.ndarray:
        """Return one row for each target."""
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def inverse_transform(self, y: np.ndarray) -> np.ndarray:
        """Return them as they came."""
        return y[:, 0] if self.ndim_ == 1 and y.ndim == 2 and y.shape[1] == 1 else y


class _Wrapper(BaseEstimator):
    """Base of the wrappers.

    Args:
        model: a compiled model, of which each ``fit`` trains a copy with new weights; or a function
            ``model(X, y, **model_kwargs)`` that makes one for the data.
        warm_start: whether a further ``fit`` goes on with the model of the one before.
        model_kwargs: what ``model`` is given besides.
        fit_kwargs: arguments of every ``fit``, such as ``{"epochs": 10, "verbose": 0}``.
    """

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ):
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def __sklearn_clone__(self) -> Any:
        """Return an estimator that is not fitted, with the same arguments."""
        made = self.model if not isinstance(self.model, Model) else copy.deepcopy(self.model)
        return type(self)(made, self.warm_start, self.model_kwargs, self.fit_kwargs)

    @property
    def epoch_(self) -> Any:
        """The epochs of the last ``fit``."""
        return getattr(self.history_, "epoch", 0) if hasattr(self, "history_") else 0

    def _get_model(self, X: np.ndarray, y: np.ndarray) -> Model:
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if isinstance(self.model, Model):
            made = clone_model(self.model)
        else:
            made = self.model(X=X, y=y, **(self.model_kwargs or {}))
        return check_compiled(check_model(made, "model"))

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Train a model.

        Args:
            X: ``(rows, features)``.
            y: the targets: ``(rows,)`` or ``(rows, outputs)``.
            **kwargs: arguments of `maeum.Model.fit`, over ``fit_kwargs``.
        """
        X, y = validate_data(self, X, y)
        y = self._process_target(y)
        model = self._get_model(X, y)
        self.history_ = model.fit(X, y, **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def predict(self, X: Any) -> Any:
        """Return a prediction for each row of ``X``."""
        outputs = self._outputs(X)
        return self._target_encoder.inverse_transform(outputs)

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return self.model_.predict(validate_data(self, X, reset=False), verbose=0)

    def _process_target(self, y: np.ndarray) -> np.ndarray:
        _check_target(y)
        self._target_encoder: Any = _Targets().fit(y)
        return self._target_encoder.transform(y)


def _check_target(y: Any) -> str:
    kind = type_of_target(y)
    if kind == "unknown":
        raise ValueError(_("Unknown label type for data: {y!r}", y=y))
    return kind


class SKLearnClassifier(ClassifierMixin, _Wrapper):
    """A model as a classifier of scikit-learn.

    The model gets the classes one-hot, a column for each class in the order of ``classes_``.

    Args:
        model: a compiled model, of which each ``fit`` trains a copy with new weights; or a function
            ``model(X, y, **model_kwargs)`` that makes one for the data.
        warm_start: whether a further ``fit`` goes on with the model of the one before.
        model_kwargs: what ``model`` is given besides.
        fit_kwargs: arguments of every ``fit``, such as ``{"epochs": 10, "verbose": 0}``.

    Example:
        >>> import maeum as mm
        >>> from sklearn.datasets import make_classification
        >>> def network(X, y):
        ...     model = mm.Sequential([mm.Input(X.shape[1:]),
        ...                            mm.layers.Dense(y.shape[1], activation="softmax")])
        ...     model.compile("adam", "categorical_crossentropy")
        ...     return model
        >>> X, y = make_classification(80, 4, random_state=0)
        >>> classifier = SKLearnClassifier(network, fit_kwargs={"epochs": 2, "verbose": 0})
        >>> classifier.fit(X, y).predict(X).shape
        (80,)
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def decision_function(self, X: Any) -> np.ndarray:
        """Return what the model gives for each class: ``(rows, classes)``."""
        return self._outputs(X)

    def _process_target(self, y: np.ndarray) -> np.ndarray:
        kind = _check_target(y)
        if kind not in ("binary", "multiclass"):
            raise DataError("Only binary and multiclass target types are supported; got "
                            "{kind}. Unknown label type: {kind}.", kind=kind)  # fmt: skip
        self.classes_ = np.unique(y)
        if len(self.classes_) == 1:
            raise DataError("Classifier can't train when only one class is present.")
        encoder = make_pipeline(_Targets(), OneHotEncoder(sparse_output=False)).fit(y)
        self._target_encoder = encoder
        return encoder.transform(y)


class SKLearnRegressor(RegressorMixin, _Wrapper):
    """A model as a regressor of scikit-learn.

    Args:
        model: a compiled model, of which each ``fit`` trains a copy with new weights; or a function
            ``model(X, y, **model_kwargs)`` that makes one for the data.
        warm_start: whether a further ``fit`` goes on with the model of the one before.
        model_kwargs: what ``model`` is given besides.
        fit_kwargs: arguments of every ``fit``, such as ``{"epochs": 10, "verbose": 0}``.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, _Wrapper):
    """A model as a transformer of scikit-learn: its outputs are the new features.

    Args:
        model: a compiled model, of which each ``fit`` trains a copy with new weights; or a function
            ``model(X, y, **model_kwargs)`` that makes one for the data.
        warm_start: whether a further ``fit`` goes on with the model of the one before.
        model_kwargs: what ``model`` is given besides.
        fit_kwargs: arguments of every ``fit``, such as ``{"epochs": 10, "verbose": 0}``.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def transform(self, X: Any) -> np.ndarray:
        """Return the outputs of the model for each row of ``X``."""
        return self._outputs(X)
