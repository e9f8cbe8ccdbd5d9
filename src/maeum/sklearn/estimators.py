"""Networks as estimators of scikit-learn, with the table's whole preparation inside."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from maeum.core.checks import check_fraction
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _
from maeum.models import Model
from maeum.sklearn.networks import built, fit_network
from maeum.sklearn.rows import (
    as_frame,
    check_weights,
    distinct,
    in_blocks,
    listed,
    single_precision,
    weights_by_class,
)

OF_TABLES = ("network", "members", "hidden", "dropout", "activation", "optimizer", "refit")


class _Estimator(BaseEstimator):
    """What `MaeumClassifier` and `MaeumRegressor` share."""

    def __init__(
        self,
        build: Callable[..., Model] | None = None,
        *,
        build_kwargs: Mapping[str, Any] | None = None,
        network: str | None = None,
        members: int | None = None,
        hidden: Sequence[int] | None = None,
        dropout: float | Sequence[float] | None = None,
        activation: str | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float | None = None,
        refit: bool | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        self.build = build
        self.build_kwargs = build_kwargs
        self.network = network
        self.members = members
        self.hidden = hidden
        self.dropout = dropout
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.refit = refit
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = tags.input_tags.string = self.build is None
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _options(self) -> Any:
        """Return the choices, checked.

        Raises:
            ConfigError: for one that cannot be.
        """
        from maeum.tabular.options import TableOptions

        given = {name: getattr(self, name) for name in OF_TABLES}
        given = {name: _plain(value) for name, value in given.items() if value is not None}
        if self.build is not None and given:
            raise ConfigError("{names} is for the network of a table; with build, the function "
                              "says it.", names=", ".join(given))  # fmt: skip
        numbers = ("learning_rate", "batch_size", "epochs", "patience")
        given |= {name: _plain(getattr(self, name)) for name in numbers}
        size = _plain(self.validation_fraction)
        size = 0.2 if size is None and self.build is not None else size
        if size is not None:
            given["validation_size"] = check_fraction(size, "validation_fraction")
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        return TableOptions(**given, seed=int(seed))

    def _frame(self, X: Any, reset: bool) -> Any:
        """Return X as a frame, checked, its columns in the order of the fit.

        Raises:
            DataError, ValueError, TypeError: for what is no table.
        """
        texts = self.build is None
        if texts and hasattr(X, "columns") and hasattr(X, "shape"):
            validate_data(self, X, reset=reset, skip_check_array=True)
            least = 2 if reset else 1
            for n, what in ((X.shape[0], "sample"), (X.shape[1], "feature")):
                least = least if what == "sample" else 1
                if n < least:
                    raise DataError("Found array with {n} {what}(s) (shape={shape}) while a "
                                    "minimum of {least} is required.", n=n, what=what,
                                    shape=X.shape, least=least)  # fmt: skip
        else:
            if texts and isinstance(X, (list, tuple)):
                X = listed(X)
            X = validate_data(
                self, X, reset=reset, accept_sparse="csr",
                dtype=None if texts else np.float64,
                ensure_all_finite="allow-nan" if texts else True,
                ensure_min_samples=2 if reset else 1,
            )  # fmt: skip
            X = X.toarray() if hasattr(X, "toarray") else X
        names = getattr(self, "feature_names_in_", None)
        return as_frame(X, None if names is None else names.tolist())

    def _rows(
        self, X: Any, y: np.ndarray, sample_weight: Any
    ) -> tuple[Any, np.ndarray, np.ndarray]:
        """Return X as a frame, y and the weights of the rows that have a weight.

        Raises:
            DataError: for what cannot be learnt from.
        """
        frame = self._frame(X, reset=True)
        check_consistent_length(frame, y)
        weights = check_weights(sample_weight, len(frame))
        kept = weights > 0
        return (frame, y, weights) if kept.all() else (frame[kept], y[kept], weights[kept])

    def _learn(
        self, frame: Any, y: np.ndarray, weights: np.ndarray, classes: Sequence[str] = (),
        class_weights: Callable[[np.ndarray, np.ndarray], Any] | None = None,
    ) -> Self:  # fmt: skip
        """Train on rows of X with targets.

        Args:
            frame, weights: as `_rows` returned them.
            y: ``(n,)`` class numbers, int, or values, float64, of which there may be several a row.
            classes: the names of the classes; none for values.
            class_weights: returns a further weight for each row from class numbers and weights.
        """
        options, rows = self._options(), distinct(frame, y, weights)
        frame, y = frame.iloc[rows.places].reset_index(drop=True), y[rows.places]
        if len(frame) < 2:
            raise DataError("Found 1 sample that differs from the others and has a weight; at "
                            "least 2 are needed to learn from.")  # fmt: skip
        weights = rows.weights
        if class_weights is not None:
            weights = weights * class_weights(y, weights)
        alike = (weights == weights[0]).all()
        relative = None if alike else (weights / weights.mean()).astype(np.float32)
        verbose = int(self.verbose)
        if self.build is None:
            from maeum.tabular.untested import fit_table

            made: Any = fit_table(frame, y, options, classes=classes, weights=relative,
                                  repeats=rows.repeats, verbose=verbose)  # fmt: skip
        else:
            outputs = len(classes) or (1 if y.ndim == 1 else y.shape[1])
            task = ("multiclass" if len(classes) > 2 else "binary") if classes else "regression"
            network = built(self.build, self.build_kwargs, frame.shape[1], outputs, task, options)
            made = fit_network(
                network, single_precision(frame), y, task, options, relative, verbose
            )
        if made.interrupted:
            warnings.warn(_("Training interrupted by Ctrl-C; the best network so far is kept."),
                          stacklevel=3)  # fmt: skip
        self.model_, self.history_ = made.model, made.history
        self.n_iter_ = made.passes * len(made.history["loss"])
        return self

    def _outputs(self, X: Any) -> np.ndarray:
        """Return what the network says of each row, ``(n,)`` or ``(n, outputs)``."""
        check_is_fitted(self)
        frame = self._frame(X, reset=False)
        if isinstance(self.model_, Model):
            return in_blocks(
                lambda x: self.model_.predict(x["x"], verbose=0), {"x": single_precision(frame)}
            )
        arrays, _told = self.model_.preparation.transform(frame)
        return in_blocks(self.model_.predict_arrays, arrays)


class MaeumClassifier(ClassifierMixin, _Estimator):
    """A network as a classifier of scikit-learn.

    Without ``build``, X is a table: its columns of numbers, categories, dates and texts are
    recognised, encoded and scaled, missing cells included, and the network is that of
    ``maeum train``. With ``build``, X are numbers, and the network is whatever it returns.

    A fit depends on the rows, their weights and the seed alone, not on the order of the rows: a
    weight of 2 is the row twice, a weight of 0 the row absent, to the last bit.

    Args:
        build: a function ``build(n_features, n_outputs, **build_kwargs)`` that returns a model:
            one with ``n_outputs`` probabilities, one for each class; of two classes it may give
            only that of the second. If it is not compiled, it gets Adam and the cross-entropy.
        build_kwargs: what ``build`` is given besides.
        network: of a table, ``"ensemble"``: several networks, each validated with a part of the
            rows of its own; ``"mlp"``: one multi-layer perceptron, which options of it alone choose
            too. By default an ensemble, unless there are hardly any rows.
        members: how many networks the ensemble has.
        hidden: the units of the hidden layers.
        dropout: the dropout rate behind each hidden layer, or one for all.
        activation: the activation of the hidden layers.
        optimizer: the name of the optimizer.
        learning_rate: the learning rate.
        batch_size: the rows of a step.
        epochs: the most epochs.
        patience: epochs without a better validation loss before it stops; 0 trains all.
        validation_fraction: the fraction of the rows that decides when one network stops, 0.2 by
            default. Fewer than 8 different rows are all trained on.
        refit: after the best number of epochs was found, train a new network for so many on all
            rows. It is for tables, as are ``network``, ``members``, ``hidden``, ``dropout``,
            ``activation`` and ``optimizer``.
        class_weight: weights by class; ``"balanced"`` lets each class count the same.
        random_state: what every random choice follows from: a seed, a ``RandomState``, or None.
        verbose: 1 for a progress display.

    What is None is chosen by the data, as for `maeum.tabular.TableOptions`.

    Attributes:
        classes_: the classes, in the order of the probabilities.
        model_: the network: a `maeum.tabular.TabularModel` (which can be saved), or that of
            ``build``.
        history_: the loss of the training and of the validation rows, by name; where rows are few,
            after every few epochs.
        n_iter_: the epochs that were trained.
        n_features_in_, feature_names_in_: the columns of X.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> classifier = MaeumClassifier(epochs=30, random_state=0).fit(X, y)
        >>> classifier.predict_proba(X).shape, bool(classifier.score(X, y) > 0.8)
        ((150, 3), True)
    """

    def __init__(
        self,
        build: Callable[..., Model] | None = None,
        *,
        build_kwargs: Mapping[str, Any] | None = None,
        network: str | None = None,
        members: int | None = None,
        hidden: Sequence[int] | None = None,
        dropout: float | Sequence[float] | None = None,
        activation: str | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float | None = None,
        refit: bool | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        super().__init__(
            build, build_kwargs=build_kwargs, network=network, members=members, hidden=hidden,
            dropout=dropout,
            activation=activation, optimizer=optimizer, learning_rate=learning_rate,
            batch_size=batch_size, epochs=epochs, patience=patience,
            validation_fraction=validation_fraction, refit=refit, random_state=random_state,
            verbose=verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a network.

        Args:
            X: ``(rows, columns)``: a DataFrame, an array or a sparse matrix.
            y: ``(rows,)`` classes: numbers, texts or truth values.
            sample_weight: ``(rows,)`` how much each row counts; 1 by default.

        Raises:
            DataError, ConfigError: for data or parameters that cannot be used.
            KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
        """
        _check_targets(y)
        y = column_or_1d(np.asarray(y), warn=True)
        check_classification_targets(y)
        frame, y, weights = self._rows(X, y, sample_weight)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError("Classifier can't train when only one class is present.")
        by_class = None
        if self.class_weight is not None:
            by_class = functools.partial(weights_by_class, self.class_weight, self.classes_)
        return self._learn(frame, codes, weights, [str(c) for c in self.classes_], by_class)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, ``(rows, classes)`` float64."""
        outputs = self._outputs(X)
        if not isinstance(self.model_, Model):
            return self.model_.probabilities(outputs)
        p = outputs.astype(np.float64)
        p = np.column_stack([1 - p, p]) if p.shape[1] == 1 else p
        sums = p.sum(axis=1, keepdims=True)
        if not ((p >= 0).all() and np.allclose(sums, 1, atol=1e-3)):
            raise DataError("The network gives numbers that are not probabilities. Let its last "
                            "layer end with softmax, or with sigmoid for one output.")  # fmt: skip
        return p / sums

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each row."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]


class MaeumRegressor(RegressorMixin, _Estimator):
    """A network as a regressor of scikit-learn.

    It takes the parameters of `MaeumClassifier`, but ``class_weight``. With ``build``, y may have
    several columns; the model has an output for each, and gets Adam and the mean squared error if
    it is not compiled. The values are learnt as they are there, and standardised otherwise.

    Attributes:
        model_, history_, n_iter_, n_features_in_, feature_names_in_: as of `MaeumClassifier`.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
        >>> regressor = MaeumRegressor(epochs=20, random_state=0).fit(X, y)
        >>> bool(regressor.score(X, y) > 0.4)
        True
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self.build is not None
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a network.

        Args:
            X: ``(rows, columns)``: a DataFrame, an array or a sparse matrix.
            y: ``(rows,)`` values; with ``build`` also ``(rows, outputs)``.
            sample_weight: ``(rows,)`` how much each row counts; 1 by default.

        Raises:
            DataError, ConfigError: for data or parameters that cannot be used.
            KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
        """
        _check_targets(y)
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        y = column_or_1d(y, warn=True) if self.build is None or y.ndim == 1 else y
        frame, y, weights = self._rows(X, y + 0.0, sample_weight)
        self._several = y.ndim > 1
        return self._learn(frame, y, weights)

    def predict(self, X: Any) -> np.ndarray:
        """Return the value of each row, ``(rows,)`` or ``(rows, outputs)`` float64."""
        outputs = self._outputs(X).astype(np.float64)
        return outputs if self._several or outputs.ndim == 1 else outputs[:, 0]


def _plain(value: Any) -> Any:
    """Return NumPy's numbers and arrays as Python's."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value


def _check_targets(y: Any) -> None:
    """Raise `DataError` where there is none, or a class is missing."""
    if y is None:
        raise DataError("This estimator requires y to be passed, but the target y is None.")
    import pandas as pd

    y = np.asarray(y)
    if y.dtype.kind == "O" and (n := int(pd.isna(y).sum())):
        raise DataError("Input y contains NaN: {n:,} rows have none. Exclude them.", n=n)
