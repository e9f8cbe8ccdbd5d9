"""``tf.estimator`` and ``tf.feature_column``: networks that are trained by functions of inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

import maeum
from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.ops.ignoring import check_others
from maeum.core.errors import ConfigError

__all__ = [
    "DNNClassifier", "DNNRegressor", "Estimator", "LinearClassifier", "LinearRegressor",
    "RunConfig", "indicator_column", "infer_real_valued_columns_from_input", "numeric_column",
    "numpy_input_fn", "pandas_input_fn", "real_valued_column",
]  # fmt: skip


class NumericColumn(NamedTuple):
    """A feature of numbers.

    Attributes:
        key: its name among the features.
        shape: how many numbers a row has.
    """

    key: str
    shape: tuple[int, ...] = (1,)

    @property
    def size(self) -> int:
        """How many numbers a row has."""
        return int(np.prod(self.shape))


def numeric_column(key: str, shape: Any = (1,), default_value: Any = None, dtype: Any = None,
                   normalizer_fn: Any = None) -> NumericColumn:  # fmt: skip
    """Return a feature of numbers."""
    return NumericColumn(key, (shape,) if isinstance(shape, int) else tuple(shape))


def real_valued_column(column_name: str, dimension: int = 1, **others: Any) -> NumericColumn:
    """Return a feature of numbers."""
    check_others("real_valued_column", others)
    return NumericColumn(column_name, (dimension,))


def infer_real_valued_columns_from_input(x: Any) -> list[NumericColumn]:
    """Return the features of an array: its columns, as one."""
    return [NumericColumn("", np.shape(x)[1:] or (1,))]


def indicator_column(column: Any) -> Any:
    """Return a feature as it is."""
    return column


class Inputs(NamedTuple):
    """Features by name and labels, in batches."""

    x: Mapping[str, np.ndarray]
    y: np.ndarray | None
    batch_size: int = 128
    num_epochs: int | None = 1
    shuffle: bool = False


def numpy_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1,
    shuffle: Any = None, queue_capacity: int = 1000, num_threads: int = 1,
) -> Callable[[], Inputs]:  # fmt: skip
    """Return a function of inputs that gives arrays in batches.

    Args:
        x: an array, or arrays by the names of the features.
        y: the labels.
        batch_size: how many rows a batch has.
        num_epochs: how often all rows are given; without end if None.
        shuffle: whether in another order each time.
    """
    features = x if isinstance(x, Mapping) else {"": np.asarray(x)}
    found = Inputs(
        {k: np.asarray(v) for k, v in features.items()},
        None if y is None else np.asarray(y),
        batch_size,
        num_epochs,
        bool(shuffle),
    )
    rows = {len(v) for v in found.x.values()} | (set() if y is None else {len(found.y)})  # type: ignore
    if len(rows) > 1:
        raise InvalidArgumentError("Features and labels have the same number of rows; got {rows}.",
                                   rows=sorted(rows))  # fmt: skip
    return lambda: found


def pandas_input_fn(x: Any, y: Any = None, **options: Any) -> Callable[[], Inputs]:
    """Return a function of inputs that gives the columns of a table in batches."""
    options.pop("target_column", None)
    return numpy_input_fn({name: x[name].to_numpy() for name in x.columns},
                          None if y is None else np.asarray(y), **options)  # fmt: skip


class RunConfig:
    """Settings of a training; only the seed counts.

    Args:
        tf_random_seed: the seed.
    """

    def __init__(self, model_dir: Any = None, tf_random_seed: int | None = None, **others: Any):
        check_others("RunConfig", others)
        self.model_dir, self.tf_random_seed = model_dir, tf_random_seed


class Estimator:
    """A network of dense layers on features of numbers.

    Args:
        feature_columns: the features.
        hidden_units: the sizes of its layers.
        outputs: the number of its outputs.
        loss: the loss.
        optimizer: an optimizer, or its name.
        activation: that of the hidden layers.
        dropout: the probability with which their outputs are set to 0.
    """

    classifies = False

    def __init__(
        self, feature_columns: Sequence[Any], hidden_units: Sequence[int], outputs: int, loss: str,
        optimizer: Any, activation: Any, dropout: float | None, config: Any = None,
    ):  # fmt: skip
        self._columns = list(feature_columns)
        if not self._columns or not all(isinstance(c, NumericColumn) for c in self._columns):
            raise ConfigError("An estimator takes numeric columns; got {columns!r}.",
                              columns=self._columns)  # fmt: skip
        size = sum(column.size for column in self._columns)
        layers: list[Any] = [maeum.Input((size,))]
        for units in hidden_units:
            layers.append(maeum.layers.Dense(units, activation=_activation(activation)))
            layers += [maeum.layers.Dropout(dropout)] if dropout else []
        layers.append(maeum.layers.Dense(outputs))
        seed = getattr(config, "tf_random_seed", None)
        self.model = maeum.Sequential(layers, seed=seed)
        self._step = 0
        kind = getattr(maeum.losses, loss)(from_logits=True) if self.classifies else loss
        self.model.compile(_optimizer(optimizer), kind)

    def _features(self, x: Mapping[str, Any]) -> np.ndarray:
        rows = []
        for column in self._columns:
            if column.key not in x:
                raise InvalidArgumentError("The inputs have no feature {key!r}; they have {known}.",
                                           key=column.key, known=", ".join(x))  # fmt: skip
            rows.append(np.asarray(x[column.key], np.float32).reshape(len(x[column.key]), -1))
        return np.concatenate(rows, 1)

    def _targets(self, y: Any) -> np.ndarray:
        return np.asarray(y, np.float32).reshape(len(y), -1)

    def _inputs(self, input_fn: Any) -> Inputs:
        found = input_fn() if callable(input_fn) else input_fn
        if isinstance(found, Inputs):
            return found
        rows = list(
            found if hasattr(found, "__iter__") and not isinstance(found, tuple) else [found]
        )
        pairs = [row if isinstance(row, tuple) else (row, None) for row in rows]
        x = {key: np.concatenate([np.asarray(p[0][key]) for p in pairs]) for key in pairs[0][0]}
        labels = [np.asarray(p[1]) for p in pairs if p[1] is not None]
        size = len(next(iter(pairs[0][0].values())))
        return Inputs(x, np.concatenate(labels) if labels else None, size)

    def train(self, input_fn: Any, hooks: Any = None, steps: int | None = None,
              max_steps: int | None = None, saving_listeners: Any = None) -> Estimator:  # fmt: skip
        """Learn from inputs: all of their epochs, or some steps."""
        given = self._inputs(input_fn)
        x, y = self._features(given.x), self._targets(given.y)
        each = -(-len(x) // given.batch_size)
        if steps is None and max_steps is not None:
            steps = max(max_steps - self._step, 0)
        if steps is None and given.num_epochs is None:
            raise InvalidArgumentError("The inputs never end: say how many steps to train.")
        whole = given.num_epochs if given.num_epochs is not None else -(-steps // each)  # type: ignore
        count = whole * each if steps is None else min(steps, whole * each)
        options: dict[str, Any] = {
            "batch_size": given.batch_size, "shuffle": given.shuffle, "verbose": 0
        }  # fmt: skip
        epochs, rest = divmod(count, each)
        if epochs:
            self.model.fit(x, y, epochs=epochs, **options)
        if rest:
            n = rest * given.batch_size
            self.model.fit(x[:n], y[:n], epochs=1, **options)
        self._step += count
        return self

    def fit(self, x: Any = None, y: Any = None, batch_size: int = 128, steps: int | None = None,
            max_steps: int | None = None, input_fn: Any = None,
            **others: Any) -> Estimator:  # fmt: skip
        """Learn from arrays, as ``tf.contrib.learn`` does."""
        check_others("fit", others)
        source = input_fn or numpy_input_fn(x, y, batch_size, None, True)
        return self.train(source, steps=steps, max_steps=max_steps)

    def evaluate(self, input_fn: Any = None, steps: int | None = None, x: Any = None, y: Any = None,
                 **others: Any) -> dict[str, Any]:  # fmt: skip
        """Return what is measured on inputs, by name."""
        check_others("evaluate", others)
        given = self._inputs(input_fn or numpy_input_fn(x, y))
        rows = self._features(given.x)
        if steps is not None:
            rows = rows[: steps * given.batch_size]
        targets = self._targets(given.y)[: len(rows)]
        loss = float(self.model.evaluate(rows, targets, verbose=0))
        found = {"average_loss": loss, "loss": loss * min(given.batch_size, len(rows)),
                 "global_step": self._step}  # fmt: skip
        return {**self._measured(rows, targets), **found}

    def _measured(self, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        return {}

    def predict(self, input_fn: Any = None, predict_keys: Any = None, hooks: Any = None,
                checkpoint_path: Any = None, x: Any = None,
                yield_single_examples: bool = True) -> Iterator[dict[str, Any]]:  # fmt: skip
        """Yield what is predicted for each row, by name."""
        given = self._inputs(input_fn or numpy_input_fn(x))
        outputs = self.model.predict(self._features(given.x), verbose=0)
        return (self._told(row) for row in outputs)

    def _told(self, row: np.ndarray) -> dict[str, Any]:
        return {"predictions": row}


class _Classifier(Estimator):
    classifies = True

    def _targets(self, y: Any) -> np.ndarray:
        return np.asarray(y).reshape(-1).astype(np.int32)

    def _measured(self, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        found = self.model.predict(x, verbose=0).argmax(-1)
        return {"accuracy": float((found == y).mean())}

    def _told(self, row: np.ndarray) -> dict[str, Any]:
        p = np.exp(row - row.max())
        best = int(row.argmax())
        return {
            "logits": row, "probabilities": p / p.sum(), "class_ids": np.array([best]),
            "classes": np.array([str(best).encode()], object),
        }  # fmt: skip


class DNNClassifier(_Classifier):
    """A network that tells classes."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Sequence[Any], model_dir: Any = None,
        n_classes: int = 2, weight_column: Any = None, label_vocabulary: Any = None,
        optimizer: Any = "Adagrad", activation_fn: Any = "relu", dropout: float | None = None,
        input_layer_partitioner: Any = None, config: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("DNNClassifier", others)
        super().__init__(feature_columns, hidden_units, n_classes, "SparseCategoricalCrossentropy",
                         optimizer, activation_fn, dropout, config)  # fmt: skip


class DNNRegressor(Estimator):
    """A network that tells numbers."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Sequence[Any], model_dir: Any = None,
        label_dimension: int = 1, weight_column: Any = None, optimizer: Any = "Adagrad",
        activation_fn: Any = "relu", dropout: float | None = None,
        input_layer_partitioner: Any = None, config: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("DNNRegressor", others)
        super().__init__(feature_columns, hidden_units, label_dimension, "mse", optimizer,
                         activation_fn, dropout, config)  # fmt: skip


class LinearClassifier(_Classifier):
    """A linear model that tells classes."""

    def __init__(self, feature_columns: Sequence[Any], model_dir: Any = None, n_classes: int = 2,
                 optimizer: Any = "Ftrl", config: Any = None, **others: Any):  # fmt: skip
        check_others("LinearClassifier", others)
        super().__init__(feature_columns, (), n_classes, "SparseCategoricalCrossentropy", optimizer,
                         None, None, config)  # fmt: skip


class LinearRegressor(Estimator):
    """A linear model that tells numbers."""

    def __init__(self, feature_columns: Sequence[Any], model_dir: Any = None,
                 label_dimension: int = 1, optimizer: Any = "Ftrl", config: Any = None,
                 **others: Any):  # fmt: skip
        check_others("LinearRegressor", others)
        super().__init__(feature_columns, (), label_dimension, "mse", optimizer, None, None, config)


class SKCompat:
    """An estimator with the methods of scikit-learn."""

    def __init__(self, estimator: Estimator):
        self._estimator = estimator

    def fit(self, x: Any, y: Any, batch_size: int = 128, steps: int | None = None,
            max_steps: int | None = None, monitors: Any = None) -> SKCompat:  # fmt: skip
        """Learn from arrays."""
        self._estimator.fit(x, y, batch_size, steps, max_steps)
        return self

    def predict(self, x: Any, batch_size: int = 128, outputs: Any = None) -> dict[str, np.ndarray]:
        """Return what is predicted for all rows, by name."""
        rows = list(self._estimator.predict(x=x))
        found = {key: np.array([row[key] for row in rows]) for key in rows[0]}
        return {**found, "classes": found["class_ids"][:, 0]} if "class_ids" in found else found

    def score(self, x: Any, y: Any, **others: Any) -> dict[str, Any]:
        """Return what is measured on arrays, by name."""
        check_others("score", others)
        return self._estimator.evaluate(x=x, y=y)


# The rates that TensorFlow's estimators have.
_RATES = {"Adagrad": 0.05, "Ftrl": 0.2, "Adam": 0.001, "RMSProp": 0.001, "SGD": 0.05}


def _optimizer(given: Any) -> Any:
    from maeum.compat.train.optimizers import Optimizer

    if isinstance(given, Optimizer):
        name, rate = type(given).__name__.removesuffix("Optimizer"), given._learning_rate
        ours = {"GradientDescent": "SGD", "RMSProp": "RMSprop"}.get(name, name)
        return getattr(maeum.optimizers, ours)(float(rate))
    if isinstance(given, str) and given in _RATES:
        ours = {"RMSProp": "RMSprop"}.get(given, given)
        return getattr(maeum.optimizers, ours)(_RATES[given])
    return given


def _activation(given: Any) -> Any:
    """Return one of Maeum's activations for a function of TensorFlow's, or its name."""
    return getattr(given, "__name__", given)
