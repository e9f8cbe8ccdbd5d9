"""What a model can do once it is compiled: fit, evaluate, predict, and single batches."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import numpy as np

from maeum import optimizers
from maeum.callbacks import CallbackList, History
from maeum.core.errors import ConfigError, DataError, MaeumError
from maeum.core.randomness import check_seed, make_key
from maeum.core.variable import Variable
from maeum.layers.layer import Layer
from maeum.training import arrays, loop
from maeum.training.augmenting import augmented, augmenting_layers
from maeum.training.interrupts import unbroken
from maeum.training.objectives import Objectives, shapes_of
from maeum.training.options import split_off, validation_epochs, verbosity
from maeum.training.predictor import Predictor
from maeum.training.program import Program
from maeum.training.sources import ArraySource, check_count, is_stream, make_source
from maeum.training.steps import Steps, pack_x_y_sample_weight
from maeum.training.streams import StreamSource
from maeum.training.truncation import Truncated

_ALL_ROWS = 2**31 - 1


class Trainer(Steps):
    """The training half of `maeum.Model`: how it is compiled, trained, evaluated and asked."""

    # What the other half, the model, brings along.
    built: bool
    seed: int

    history: History | None = None
    stop_training = False
    _augment: tuple[Layer, ...] = ()
    _truncate: int | None = None
    _key: tuple[int, jax.Array] | None = None
    _programs: dict[str, tuple[Any, Program]]
    _predicting: Predictor | None = None

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
            run_eagerly, steps_per_execution, jit_compile, auto_scale_loss: accepted as Keras's;
                a whole epoch is one compiled program here anyway.
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
        self.optimizer = optimizers.get(optimizer)
        self.objectives = Objectives(loss, loss_weights, metrics, weighted_metrics)
        self._augment = augmenting_layers(augment)
        self.compile_arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "augment": augment,
        }
        self.objectives.check_names()
        if seed is not None:
            self.seed = check_seed(seed)
        self._forget_programs()

    # ---- fit, evaluate, predict -----------------------------------------------------------------

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
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Iterable[int] = 1,
        truncate: int | None = None,
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
            validation_split: the share of the last rows that is kept for validation, unless
                there is ``validation_data``.
            validation_data: ``(x, y)``, ``(x, y, sample_weight)`` or a source.
            shuffle: take the rows in another order in every epoch.
            class_weight: a weight for each class.
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

        Returns:
            The history: ``history.history["loss"]`` and so on, one value per epoch.

        Raises:
            NotCompiledError: before ``compile``.
            DataError, ShapeError: for data that do not fit.
            NonFiniteLossError: if the loss becomes NaN or infinite.
        """
        self._compiled()
        if validation_split and validation_data is None:
            x, y, sample_weight, validation_data = split_off(
                x,
                y,
                sample_weight,
                validation_split,
                bool(self._host),  # type: ignore[attr-defined]
            )
        source = self._source(x, y, sample_weight, batch_size, steps_per_epoch, shuffle,
                              class_weight)  # fmt: skip
        self._truncate = check_count(truncate, "truncate")
        if shuffle and isinstance(source, ArraySource) and self.stateful:  # type: ignore[attr-defined]
            warnings.warn(
                f"{self.name!r} is stateful: each batch goes on from the one before, but the rows "
                "are shuffled. Give fit(..., shuffle=False).",
                stacklevel=2,
            )
        program = self._program("train", source)
        validate = None
        if validation_data is not None:
            held_out = self._validation_source(
                validation_data, validation_batch_size or batch_size, validation_steps
            )
            evaluating = self._program("test", held_out)

            def validate(hooks: CallbackList, stopped: Callable[[], bool]) -> dict[str, Any]:
                logs = self._evaluate(evaluating, held_out, hooks, stopped)
                return {f"val_{name}": value for name, value in logs.items()}

        due = validation_epochs(validation_freq)

        epochs = check_count(epochs, "epochs") or 1
        history = loop.train(
            self,
            program,
            source,
            epochs=epochs,
            initial_epoch=initial_epoch,
            verbose=verbosity(verbose),
            callbacks=callbacks,
            validate=validate,
            validation_epochs=due,
        )
        if hasattr(self.optimizer, "finalize_variable_values"):
            self.optimizer.finalize_variable_values(self.trainable_variables)
        return history

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
        self._compiled()
        source = self._source(x, y, sample_weight, batch_size, steps, False, None)
        hooks = CallbackList(loop.check_callbacks(callbacks), self, {"verbose": 0})
        logs = self._evaluate(self._program("test", source), source, hooks)
        if verbosity(verbose):
            print(" - ".join(f"{k}: {v:.4f}" for k, v in logs.items() if np.ndim(v) == 0))
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
        return self._predictor()(x, batch_size, steps, loop.check_callbacks(callbacks))

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one step with one batch, and return its loss and metrics."""
        return self._on_batch("train", x, y, sample_weight, class_weight, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss and metrics of one batch."""
        return self._on_batch("test", x, y, sample_weight, None, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        return self._predictor()(x, _ALL_ROWS, None, [])

    # ---- the machinery --------------------------------------------------------------------------

    def _prepare(self, x: Any, y: Any, sample_weight: Any) -> tuple:
        """Turn what the user gave into arrays that fit the model, or raise."""
        if x is None:
            raise DataError("There is no x: give the data as fit(x, y), or predict(x).")
        texts = bool(self._host)  # type: ignore[attr-defined]
        x = self._match_inputs(arrays.as_arrays(x, "x", texts))  # type: ignore[attr-defined]
        y = arrays.as_arrays(y, "y")
        if y is not None and self.objectives is not None and self.objectives.built:
            self.objectives.check_labels(y)
        return x, y, arrays.as_arrays(sample_weight, "sample_weight")

    def _source(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: int | None,
        steps: int | None,
        shuffle: bool,
        class_weight: Mapping[int, float] | None,
    ) -> ArraySource | StreamSource:
        return make_source(
            x,
            y,
            sample_weight,
            batch_size=self.fixed_rows if batch_size is None else batch_size,  # type: ignore[attr-defined]
            steps=steps,
            shuffle=bool(shuffle),
            seed=self.seed,
            class_weight=class_weight,
            prepare=self._prepare,
        )

    def _validation_source(self, data: Any, batch_size: int | None, steps: int | None) -> Any:
        parts = data if isinstance(data, (tuple, list)) else (data,)
        if not 1 <= len(parts) <= 3:
            raise ConfigError(
                "validation_data is (x, y), (x, y, sample_weight) or a source of batches; got "
                f"{len(parts)} parts."
            )
        padded = [*parts, None, None]
        try:
            return self._source(*padded[:3], batch_size, steps, False, None)  # type: ignore[call-arg]
        except MaeumError as error:
            error.add_note("This was said of validation_data.")
            raise

    def _program(self, phase: str, source: ArraySource | StreamSource) -> Program:
        """Return the program for "train" or "test", made for data like the source's."""
        batch = source.first_batch()
        x, y, _ = batch
        objectives = self._compiled()
        try:
            self._ensure_built_for(x)  # type: ignore[attr-defined]
            if y is not None and not objectives.built and objectives.wanted:
                outputs = self._abstract_outputs(x)  # type: ignore[attr-defined]
                objectives.build(self._names_for(outputs), y, outputs)
                everything = source.data[1] if isinstance(source, ArraySource) else y
                try:
                    objectives.check_labels(everything)
                except MaeumError:
                    objectives.forget()  # "accuracy" must not be what these labels made of it
                    raise
        except NotImplementedError:  # with steps of its own, a model need not have a call
            if not self._overrides(f"{phase}_step"):
                raise
        return self._program_for(phase, batch)

    def _overrides(self, method: str) -> bool:
        return getattr(type(self), method) is not getattr(Trainer, method)

    def _program_for(self, phase: str, batch: tuple) -> Program:
        step: Any = self._count_step if phase == "train" else self._test_step
        if phase == "train" and self._truncate is not None:
            step = Truncated(
                *(step, self._read, self._counter, self._truncate),
                stateful=self.stateful,  # type: ignore[attr-defined]
            )
        signature = (
            jax.tree.structure(batch),
            self._truncate,
            id(self.optimizer),
            id(getattr(self.optimizer, "_schedule", None)),
            tuple(id(v) for v in self.trainable_variables),
            # A frozen layer may behave otherwise, even one without variables.
            tuple(layer.trainable for layer in self.named_layers().values()),  # type: ignore[attr-defined]
        )
        known = self._programs.get(phase)
        if known is not None and known[0] == signature:
            return known[1]
        overridden = self._overrides(f"{phase}_step") or self._overrides("compute_metrics")
        try:
            program = Program(
                self,
                step,
                None if overridden else self.get_metrics_result,
                shapes_of(batch),
                training=phase == "train",
                counter=self._counter,
            )
        except MaeumError as error:
            # JAX's remark on its traceback would stand between the reader and the advice.
            notes = getattr(error, "__notes__", [])
            error.__notes__ = [note for note in notes if "JAX has removed" not in note]
            raise
        self._programs[phase] = (signature, program)
        return program

    def _count_step(self, data: tuple) -> dict[str, Any]:
        if self._augment:
            data = augmented(self._augment, data, self._compiled())
        logs = self.train_step(pack_x_y_sample_weight(*data))
        self._counter.assign_add(1)
        return _checked_logs(logs, "train_step")

    def _read(self, x: Any) -> None:
        self(x, training=True)  # type: ignore[operator]

    def _test_step(self, data: tuple) -> dict[str, Any]:
        return _checked_logs(self.test_step(pack_x_y_sample_weight(*data)), "test_step")

    def _evaluate(
        self,
        program: Program,
        source: Any,
        hooks: CallbackList,
        stopped: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        self.reset_metrics()
        hooks.call("on_test_begin", {})
        pace = loop.Pace(hooks.wants_batches("test"), live=False)
        run = loop.Run(program, self.training_key, pace, hooks, "test")
        source.rewind()
        logs = run(source.chunks(), stopped)
        if logs is None:
            raise DataError(
                "There was no batch to evaluate: the data source has ended. For one that lasts "
                "give the number of steps (validation_steps in fit), or use a source that can be "
                "iterated over again."
            )
        hooks.call("on_test_end", logs)
        return logs

    def _on_batch(
        self, phase: str, x: Any, y: Any, weight: Any, class_weight: Any, return_dict: bool
    ) -> Any:
        self._compiled()
        self._truncate = None
        if is_stream(x):
            raise ConfigError(
                f"{phase}_on_batch takes the arrays of one batch; got a {type(x).__name__}, which "
                "gives one batch after the other. Use fit or evaluate for it."
            )
        source = self._source(x, y, weight, _ALL_ROWS, None, False, class_weight)
        program = self._program(phase, source)
        self.reset_metrics()
        [chunk] = source.chunks()
        with unbroken():
            program.snapshot()  # arrays that somebody has taken from variables stay valid
            result = program(chunk, 0, 1, self.training_key)
        logs, _, _ = loop.to_host(*result)
        return logs if return_dict else _as_list(logs)

    def _predictor(self) -> Predictor:
        if self._predicting is None:
            self._predicting = Predictor(self)
        return self._predicting

    @property
    def training_key(self) -> jax.Array:
        """The key that every random number of the training follows from."""
        if self._key is None or self._key[0] != self.seed:
            self._key = (self.seed, jax.device_put(make_key(self.seed, "training")))
        return self._key[1]

    def _init_trainer(self) -> None:
        self._key = None
        self._counter = Variable((), np.int32(0), "int32", trainable=False, name="train_steps")
        self._counter._value = jax.device_put(np.int32(0))
        self._forget_programs()

    def _forget_programs(self) -> None:
        self._programs = {}
        self._predicting = None


def _checked_logs(logs: Any, step: str) -> dict[str, Any]:
    if isinstance(logs, Mapping):
        return dict(logs)
    raise ConfigError(
        f'{step} returns the logs, a dict such as {{"loss": loss}}; it returned {logs!r}.'
    )


def _as_list(logs: dict[str, Any]) -> Any:
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
