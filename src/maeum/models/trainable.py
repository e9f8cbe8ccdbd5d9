"""The training side of `maeum.Model`: its methods, and the steps that a subclass overrides."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import optimizers
from maeum.callbacks import CallbackList, History
from maeum.core.functional import value_and_grad
from maeum.core.messages import _
from maeum.core.randomness import check_seed
from maeum.core.scope import current_scope
from maeum.core.settings import say
from maeum.core.variable import Variable
from maeum.models.functional import Functional
from maeum.training.losses_and_metrics import LossesAndMetrics
from maeum.training.options import FitOptions, check_callbacks, verbosity
from maeum.training.part_losses import flatten, leaf_names
from maeum.training.sources import check_count
from maeum.training.steps import takes, unpack_x_y_sample_weight
from maeum.training.trainer import ALL_ROWS, Trainer


class Trainable(Functional):
    """A model as far as it is compiled, trained, evaluated and asked; see `maeum.Model`."""

    seed: int
    optimizer: Any = None
    history: History | None = None
    stop_training = False
    compile_arguments: dict[str, Any]

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.trainer = Trainer(self)

    @property
    def losses_and_metrics(self) -> LossesAndMetrics | None:
        """What ``compile`` was told to minimise and to measure; None before."""
        return self.trainer.losses_and_metrics

    objectives = losses_and_metrics  # its former name

    def named_state(self) -> dict[str, Variable]:
        """Return every variable of the model and its training, by its name in files."""
        return super().named_state() | self.trainer.named_state()

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        seed: int | None = None,
        augment: Any = None,
    ) -> None:
        """Say how the model is trained.

        Args:
            optimizer: a name, an optimizer, or an optax transformation.
            loss: a name, a loss, a function ``(y_true, y_pred)``, or one for each output.
            loss_weights: how much the loss of each output counts.
            metrics: a list of names, metrics or functions, or one for each output.
            weighted_metrics: metrics that take sample weights into account.
            run_eagerly: run every step operation by operation, uncompiled: slow, but ``print`` and
                a debugger see numbers.
            steps_per_execution: call the batch hooks of callbacks after so many steps. A whole
                epoch is one compiled program anyway, if no callback has such hooks.
            jit_compile: True or "auto"; everything is compiled by XLA.
            auto_scale_loss: with the dtype policy ``"mixed_float16"``, scale the loss.
            seed: the seed for the order of the rows and for dropout; the model's by default.
            augment: a layer, or a list of layers, that change the inputs of a training step
                before the network gets them, such as ``[layers.RandomFlip("horizontal"),
                layers.MixUp()]``. They are part of the compiled program; what they draw follows
                from the seed, the step and the layer. Layers such as `layers.MixUp` change the
                targets as well, which have to be one-hot. Evaluation and prediction leave them
                out.

        Raises:
            UnknownNameError: for a name that is not known, with the nearest one.
            ConfigError: if ``augment`` is something else than layers.
        """
        found = optimizers.get(optimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16":
            found = optimizers.scaled(found)
        if not jit_compile:
            warnings.warn(
                _(
                    "jit_compile=False has no effect: steps are compiled by XLA. To run them "
                    "operation by operation, give run_eagerly=True."
                ),
                stacklevel=2,
            )
        arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "augment": augment,
        }
        steps = check_count(steps_per_execution, "steps_per_execution") or 1
        self.trainer.compile(arguments, bool(run_eagerly), steps)
        self.optimizer, self.compile_arguments = found, arguments
        if seed is not None:
            self.seed = check_seed(seed)

    # ---- fit, evaluate, predict ------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Iterable[int] = 1,
        truncate: int | None = None,
        backup: Any = None,
    ) -> History:
        """Train the model.

        Args:
            x: arrays, tables, lists or dicts of them by input, or a source of whole batches: a
                generator, a sequence with ``__len__`` and ``__getitem__``, a PyTorch loader.
            y: the targets, in the same forms.
            batch_size: the rows of a step; 32 by default.
            epochs: the number of the last epoch.
            verbose: 0 for silence, 1 for a display, 2 for a line per epoch.
            callbacks: a list of callbacks.
            validation_split: the fraction of the last rows that is kept for validation, unless
                there is ``validation_data``.
            validation_data: ``(x, y)``, ``(x, y, sample_weight)`` or a source.
            shuffle: take the rows in another order in every epoch.
            class_weight: a weight for each class, ``{0: 1.0, 1: 2.5}``, or ``"balanced"``; for
                several outputs a dict of these by name. Labels may be one for each row, step or
                pixel, as numbers or one-hot.
            sample_weight: a weight for each row.
            initial_epoch: the epoch to begin with, to go on with a training.
            steps_per_epoch: the steps of an epoch; all rows by default.
            validation_steps: the steps of a validation; all rows by default.
            validation_batch_size: the rows of its steps; ``batch_size`` by default.
            validation_freq: validate every so many epochs, or after the epochs given.
            truncate: for sequences ``(rows, steps, ...)``, the time steps that gradients flow
                back (truncated backpropagation through time). Recurrent layers carry their
                states from stretch to stretch. With a target for every time step, each stretch
                is a step of the optimizer; with one for the whole sequence, the last stretch is.
                What reads a sequence from its end begins anew in each stretch.
            backup: a folder for checkpoints, or a `maeum.training.Backup`. A training that was
                killed goes on from the newest one when ``fit`` is called with the same folder
                again, and ends with the same weights and history, bit for bit.

        Returns:
            The history: ``history.history["loss"]`` and so on, one value per epoch.

        Raises:
            NotCompiledError: before ``compile``.
            DataError, ShapeError: for data that do not fit.
            ConfigError: if the checkpoints are those of another training.
            NonFiniteLossError: if the loss becomes NaN or infinite.
        """
        arguments = {name: value for name, value in locals().items() if name not in _NO_OPTIONS}
        return self.trainer.fit(FitOptions(**arguments))

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics on data, without learning from them.

        Returns:
            The loss, or a list of it and the metrics; with ``return_dict`` a dict by name.
        """
        trainer = self.trainer
        trainer.compiled()
        source = trainer.source(x, y, sample_weight, batch_size, steps)
        hooks = CallbackList(check_callbacks(callbacks), model=self, verbose=0)
        logs = trainer.evaluate(trainer.program("test", source), source, hooks)
        if verbosity(verbose):
            say(" - ".join(f"{k}: {v:.4f}" for k, v in logs.items() if np.ndim(v) == 0))
        return logs if return_dict else _as_list(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for ``x`` as NumPy arrays, in the order of its rows.

        Args:
            x: what the model takes, or a source of batches.
            batch_size: how many rows to compute at once; chosen by itself by default.
            verbose, callbacks: as in Keras; there is no display.
            steps: for a source, how many batches to take.
        """
        return self.trainer.predictor(x, batch_size, steps, callbacks)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one step with one batch, and return its loss and metrics."""
        logs = self.trainer.on_batch("train", x, y, sample_weight, class_weight)
        return logs if return_dict else _as_list(logs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss and metrics of one batch."""
        logs = self.trainer.on_batch("test", x, y, sample_weight)
        return logs if return_dict else _as_list(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        return self.trainer.predictor(x, ALL_ROWS)

    # ---- the steps: they run inside the compiled program, and may be overridden ------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch; return the logs. Override it for training of your own.

        Args:
            data: ``(x, y)`` or ``(x, y, sample_weight)``; ``x`` alone if ``fit`` was given no
                ``y``.
        """
        x, y, sample_weight = self.parts_of(data)

        def objective() -> tuple[Any, Any, Any]:
            y_pred = self(x, training=True)
            loss = self._loss_of(x, y, y_pred, sample_weight, training=True)
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
            return scaled, loss, y_pred

        variables = self.trainable_variables
        if not variables:
            scope = current_scope()
            if scope is None or scope.abstract:  # a step is traced again when it is compiled
                said = _("{name!r} has no trainable weights, so nothing is learned.",
                         name=self.name)  # fmt: skip
                warnings.warn(said, stacklevel=2)
            _scaled, loss, y_pred = objective()
        else:
            (_scaled, loss, y_pred), gradients = value_and_grad(objective, variables)
        self._track_loss(loss, y_pred)
        if variables:
            self.optimizer.apply_gradients(zip(gradients, variables))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch; return the logs."""
        x, y, sample_weight = self.parts_of(data)
        y_pred = self(x, training=False)
        loss = self._loss_of(x, y, y_pred, sample_weight, training=False)
        self._track_loss(loss, y_pred)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for one batch."""
        x = unpack_x_y_sample_weight(data)[0]
        return self(x, training=False)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> jax.Array:
        """Return the loss of a batch, with what regularizers and layers add to it."""
        compiled = self._compiled_for(y, y_pred)
        extra = self.losses
        if extra and compiled.given[0] is None:
            total: Any = 0.0
        else:
            total = compiled.loss(y, y_pred, sample_weight)
        return total + sum(extra) if extra else jnp.asarray(total)

    def _loss_of(self, *batch: Any, training: bool) -> Any:
        """Call `compute_loss`, which a class may write without ``training``."""
        told = {} if not takes(type(self).compute_loss, "training") else {"training": training}
        return self.compute_loss(*batch, **told)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Add a batch to the metrics and return their values by name."""
        compiled = self._compiled_for(y, y_pred)
        if y is not None:
            compiled.update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the value of every metric by name."""
        results = self.trainer.compiled().results()
        for metric in self._own_metrics():
            results[metric.name] = metric.result()
        return results

    def _compiled_for(self, y: Any, y_pred: Any) -> LossesAndMetrics:
        compiled = self.trainer.compiled()
        compiled.build(self.names_for(y_pred), y, y_pred)
        return compiled

    def _track_loss(self, loss: Any, y_pred: Any) -> None:
        tracker = self.trainer.compiled().tracker
        tracker.update_state(loss, sample_weight=np.float32(flatten(y_pred)[0].shape[0]))
        scope = current_scope()
        if scope is not None:
            scope.watched = loss

    # ---- metrics ---------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """Every metric, the mean of the loss first; then those held by the model itself."""
        compiled = self.losses_and_metrics
        return [*([] if compiled is None else compiled.metrics), *self._own_metrics()]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what ``evaluate`` returns, in its order."""
        compiled = self.losses_and_metrics
        own = [metric.name for metric in self._own_metrics()]
        return [*([] if compiled is None else compiled.logged_names), *own]

    def reset_metrics(self) -> None:
        """Begin to count anew."""
        for metric in self.metrics:
            metric.reset_state()

    def _own_metrics(self) -> list[Any]:
        """Return the metrics that the model and the layers inside it hold as attributes."""
        found: dict[int, Any] = {}
        for layer in self.named_layers().values():
            if layer is self or not isinstance(layer, Trainable):
                held = [value for _name, value in layer._tracked()]
                found |= {id(metric): metric for metric in _metrics_in(held)}
        return list(found.values())

    def names_for(self, y_pred: Any) -> list[str]:
        """Return a name for each output."""
        names, count = self.output_names, len(flatten(y_pred))
        if len(names) == count:
            return names
        return leaf_names(y_pred)

    def overrides(self, method: str) -> bool:
        """Tell whether the class of this model has a method of training of its own."""
        return getattr(type(self), method) is not getattr(Trainable, method)


_NO_OPTIONS = ("self", "__class__")


def _metrics_in(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [metric for part in value for metric in _metrics_in(part)]
    return [value] if hasattr(value, "update_state") and not isinstance(value, type) else []


def _as_list(logs: dict[str, Any]) -> Any:
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
