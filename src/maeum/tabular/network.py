"""The networks for a table: dense layers over numbers, embedded categories and texts."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.initializers import RandomNormal
from maeum.layers import (
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    Input,
    NTKDense,
    ParametricActivation,
    PiecewiseLinearEmbedding,
    ValueEmbedding,
)
from maeum.models import Model
from maeum.optimizers import AdamW
from maeum.optimizers.schedules import CosineLog
from maeum.tabular.names import PIECES, values_of_names
from maeum.tabular.options import TableOptions
from maeum.tabular.preparation import Preparation
from maeum.tabular.target import Target
from maeum.tabular.text_pooling import pooled_words

MOST_ADAPTED = 100_000  # rows that embeddings of numbers go by
SCALE_RATE = 6.0  # how much faster than other weights the scales of features are learnt
WIDTH = 8  # of the vectors for a category, in a member of an ensemble
MOST_WEIGHTS = 2**22  # of an embedding: 16 MB, and Adam keeps as much twice
_OUTPUTS: dict[str, tuple] = {  # units (one for each class), activation, loss, metrics
    "binary": (1, "sigmoid", "binary_crossentropy", ["accuracy", "auc"]),
    "multiclass": (None, "softmax", "sparse_categorical_crossentropy", ["accuracy"]),
    "regression": (1, None, "mse", ["mae"]),
}


def build_network(
    preparation: Preparation, target: Target, options: TableOptions, rows: int,
    numbers: np.ndarray, goals: np.ndarray, metrics: bool = True,
) -> Model:  # fmt: skip
    """Return the compiled network for prepared rows; of an ensemble, one of its members.

    Args:
        preparation: how rows become inputs; it says which there are.
        target: what is learnt; it says how many outputs there are.
        options: the choices, resolved.
        rows: how many it learns from in an epoch.
        numbers: the features of some of them, which a member's embeddings of numbers go by.
        goals: what is learnt in these rows, which tells numbers that are names from quantities.
        metrics: whether more than the loss is measured.
    """
    member = options.network == "ensemble"
    names = values_of_names(numbers, goals, len(target.classes)) if member else []
    inputs, x = _inputs(preparation, options, numbers, names)
    hidden, everything = (_member if member else _perceptron)(x, options), x
    if options.linear and options.layers:
        hidden = Concatenate()([everything, hidden])
    units, activation, loss, measured = _OUTPUTS[target.task]
    name = "value" if target.task == "regression" else "probability"
    layer = (NTKDense if member else Dense)(
        units or len(target.classes), activation=activation, name=name
    )
    model = Model(inputs[0] if len(inputs) == 1 else inputs, layer(hidden), seed=options.seed)
    optimizer = _optimizer(options, rows) if member else options.optimizer
    model.compile(optimizer, loss, metrics=measured if metrics else None)
    if not member:
        if options.learning_rate is not None:
            model.optimizer.learning_rate = options.learning_rate
        if options.weight_decay is not None:
            model.optimizer.weight_decay = options.weight_decay
    return model


def _inputs(
    preparation: Preparation, options: TableOptions, numbers: np.ndarray,
    names: list[list[float]],
) -> tuple[list[Any], Any]:  # fmt: skip
    """Return the inputs of a network, and all of them as one vector of features."""
    inputs, parts, member = [], [], options.network == "ensemble"
    if preparation.feature_names:
        inputs.append(Input((len(preparation.feature_names),), name="numbers"))
        parts.append(inputs[-1])
        if member:
            pieces = PiecewiseLinearEmbedding(num_bins=PIECES, name="pieces")
            pieces.adapt(numbers)
            parts.append(pieces(inputs[-1]))
        if any(names):
            vectors = ValueEmbedding(names, WIDTH, RandomNormal(stddev=1.0), name="names")
            parts.append(vectors(inputs[-1]))
    for number, levels in enumerate(preparation.embedded.values(), start=1):
        inputs.append(Input((), dtype="int32", name=f"category_{number}"))
        width = WIDTH if member else embedding_width(levels)
        start = RandomNormal(stddev=1.0) if member else "uniform"
        embedding = Embedding(levels, width, embeddings_initializer=start, name=f"embed_{number}")
        parts.append(embedding(inputs[-1]))
    for number, texts in enumerate(preparation.texts.values(), start=1):
        inputs.append(Input((texts.length,), dtype="int32", name=f"text_{number}"))
        parts.append(pooled_words(inputs[-1], texts.numbers, f"words_{number}"))
    return inputs, parts[0] if len(parts) == 1 else Concatenate()(parts)


def _perceptron(x: Any, options: TableOptions) -> Any:
    for units, rate in zip(options.layers, options.rates):
        x = Dense(units, activation=options.activation)(x)
        if rate:
            x = Dropout(rate)(x)
    return x


def _member(x: Any, options: TableOptions) -> Any:
    """Return the hidden layers of a member: those of RealMLP (Holzmüller et al., 2024)."""
    for number, (units, rate) in enumerate(zip(options.layers, options.rates)):
        x = NTKDense(units, input_rate=0.0 if number else SCALE_RATE)(x)
        x = ParametricActivation("silu")(x)
        if rate:
            x = Dropout(rate)(x)
    return x


def _optimizer(options: TableOptions, rows: int) -> AdamW:
    """Return what trains a member, whose learning rate falls to 0 with the last epoch."""
    steps = max(1, rows // (options.batch_size or 1)) * (options.epochs or 1)
    rate = CosineLog(options.learning_rate or 0.02, steps)
    return AdamW(rate, weight_decay=options.weight_decay or 0.0, beta_2=0.95)


def embedding_width(levels: int) -> int:
    """Return the width of the vectors for a category (fastai's rule of thumb, within bounds).

    Of very many levels, it is what ``MOST_WEIGHTS`` allow. On ratings by 2,804 persons, widths
    of 16 and 136 gave the same error.

    >>> embedding_width(30), embedding_width(10_000), embedding_width(200_000)
    (11, 278, 20)
    """
    return int(min(round(1.6 * levels**0.56), max(8, MOST_WEIGHTS // levels)))


def as_inputs(preparation: Preparation, arrays: dict[str, np.ndarray]) -> Any:
    """Return what `Preparation.transform` made in the order of the network's inputs."""
    parts = [arrays["numbers"]] if preparation.feature_names else []
    parts += [arrays[key] for key in (*preparation.embedded, *preparation.texts)]
    return parts[0] if len(parts) == 1 else parts
