"""Networks that a user's function builds, and how they are trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from maeum.callbacks import EarlyStopping
from maeum.core.errors import ConfigError, NotCompiledError
from maeum.models import Model

if TYPE_CHECKING:
    from maeum.tabular.options import TableOptions

LOSSES = {"binary": "binary_crossentropy", "multiclass": "sparse_categorical_crossentropy",
          "regression": "mse"}  # fmt: skip


class FittedNetwork(NamedTuple):
    """A network that was trained.

    Attributes:
        model: the network.
        history: the values of each epoch.
        passes: how many passes over the rows an epoch was.
        interrupted: whether Ctrl-C ended the training.
    """

    model: Model
    history: dict[str, list[float]]
    passes: int
    interrupted: bool


def check_model(made: Any, role: str = "build") -> Model:
    """Return what a function made, if it is a model.

    Args:
        made: what it returned.
        role: the argument that the function was given as.

    Raises:
        ConfigError: if it is none.
    """
    if not isinstance(made, Model):
        raise ConfigError("{role} is to give a model (a maeum.Model); it gave {made!r}.", role=role,
                          made=made)  # fmt: skip
    return made


def check_compiled(model: Model) -> Model:
    """Return a model that is compiled with a loss.

    Raises:
        NotCompiledError: if it is not.
    """
    if not model.compiled or model.compile_arguments["loss"] is None:
        raise NotCompiledError("Given model needs to be compiled, and have a loss and an "
                               "optimizer: model.compile('adam', 'mse').")  # fmt: skip
    return model


def built(
    build: Callable[..., Any],
    arguments: Mapping[str, Any] | None,
    features: int,
    outputs: int,
    task: str,
    options: TableOptions,
) -> Model:
    """Return the network that a function builds: compiled, with the seed of the options.

    Args:
        build: the function, ``build(n_features, n_outputs, **arguments)``.
        arguments: what it is given besides.
        features, outputs: the numbers of columns and of outputs: of classes, or of values.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        options: the seed, and a learning rate if one was chosen.

    Raises:
        ConfigError: if it is no function, returns no model, or one with another number of outputs.
        NotCompiledError: if it is compiled without a loss.
    """
    if not callable(build):
        raise ConfigError("build is a function build(n_features, n_outputs) that returns a model; "
                          "got {build!r}.", build=build)  # fmt: skip
    model = check_model(build(features, outputs, **(arguments or {})))
    model.reseed(options.seed)
    if not model.built:
        model(np.zeros((1, features), np.float32))
    shape = model.output_shape
    fits = (outputs, 1) if task == "binary" else (outputs,)
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] not in fits:
        wanted = " or ".join(f"(None, {n})" for n in fits)
        raise ConfigError("The model that build(n_features={features}, n_outputs={outputs}) "
                          "returns gives outputs of shape {wanted}; this one gives {shape}.",
                          features=features, outputs=outputs, wanted=wanted,
                          shape=shape)  # fmt: skip
    if not model.compiled:
        loss = LOSSES["multiclass" if task == "binary" and shape[1] > 1 else task]
        model.compile("adam", loss)
    if options.learning_rate is not None:
        check_compiled(model).optimizer.learning_rate = options.learning_rate
    return check_compiled(model)


def as_targets(model: Model, y: np.ndarray, task: str) -> np.ndarray:
    """Return targets as the loss of a model takes them.

    Class numbers are one-hot where there is an output for each class, unless the loss is one of
    class numbers (``sparse_...``).

    Args:
        model: the network, compiled.
        y: ``(n,)`` class numbers, int, or values, float, of which there may be several a row.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
    """
    outputs = model.output_shape[-1]
    if task == "regression" or outputs == 1:
        return y.astype(np.float32)
    loss = model.compile_arguments["loss"]
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    if str(name).lower().startswith("sparse"):
        return y.astype(np.int32)
    return np.eye(outputs, dtype=np.float32)[y]


def fit_network(
    model: Model,
    x: np.ndarray,
    y: np.ndarray,
    task: str,
    options: TableOptions,
    weights: np.ndarray | None,
    verbose: int,
) -> FittedNetwork:
    """Train a network until a part of the rows says that it gets no better.

    Args:
        model: the network, compiled.
        x: ``(n, features)`` float32.
        y: ``(n,)`` class numbers, int, or values, float, of which there may be several a row.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        options: the choices.
        weights: ``(n,)`` how much each row counts; None if all count the same.
        verbose: 1 for a progress display.

    Raises:
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
    """
    from maeum.tabular.splitting import split
    from maeum.tabular.untested import FEW_TO_TRAIN, several_passes

    size = (options.validation_size or 0.0) if len(x) >= FEW_TO_TRAIN else 0.0
    parts = split(y if y.ndim == 1 else np.zeros(len(y)), task, 0.0, size, options.seed)
    passes, options = several_passes(len(parts.train), options.resolved(len(parts.train), task))
    y = as_targets(model, y, task)

    train = np.tile(parts.train, passes)
    watched, epochs = len(parts.validation) > 0, options.epochs or 1
    stopping = EarlyStopping("val_loss" if watched else "loss", patience=options.patience or epochs,
                             restore_best_weights=watched)  # fmt: skip
    held_out = None
    if watched:
        held_out = tuple(each[parts.validation] for each in (x, y, weights) if each is not None)
    history = model.fit(
        x[train],
        y[train],
        sample_weight=None if weights is None else weights[train],
        validation_data=held_out,
        validation_batch_size=1024,
        batch_size=options.batch_size,
        epochs=epochs,
        callbacks=[stopping],
        verbose=verbose,
    )
    if history.interrupted and not history.epoch:
        raise KeyboardInterrupt
    return FittedNetwork(model, history.history, passes, history.interrupted)
