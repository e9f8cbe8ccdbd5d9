"""What a compiled model has for its training: losses, metrics, optimizer, compiled programs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from maeum import optimizers
from maeum.callbacks import CallbackList, History
from maeum.core.config import count_change
from maeum.core.errors import ConfigError, DataError, MaeumError, NotCompiledError
from maeum.core.messages import _
from maeum.core.randomness import make_key
from maeum.core.threads import check_process
from maeum.core.variable import Variable
from maeum.layers.embedding import check_vocabularies
from maeum.training import arrays
from maeum.training.augmenting import augmented, augmenting_layers
from maeum.training.backup import as_checkpointer
from maeum.training.class_weights import like_outputs, weights_of_labels
from maeum.training.interrupts import unbroken
from maeum.training.loop import Loop
from maeum.training.losses_and_metrics import LossesAndMetrics
from maeum.training.options import FitOptions
from maeum.training.part_losses import flatten
from maeum.training.predictor import Predictor
from maeum.training.program import Program
from maeum.training.running import Pass, to_host
from maeum.training.sources import ArraySource, Source, check_count, is_stream, limited
from maeum.training.steps import pack_x_y_sample_weight
from maeum.training.streams import StreamSource, batch_parts
from maeum.training.truncation import Truncated

ALL_ROWS = 2**31 - 1


class Trainer:
    """What a model needs to be trained, evaluated and asked; `maeum.Model` has one.

    Args:
        model: the model.

    Attributes:
        losses_and_metrics: what ``compile`` was told to minimise and to measure; None before.
        counter: the variable that counts the steps of training.
    """

    def __init__(self, model: Any):
        self.model = model
        self.losses_and_metrics: LossesAndMetrics | None = None
        self.augment: tuple[Any, ...] = ()
        self.counter = Variable.holding(np.int32(0), "train_steps")
        self.predictor = Predictor(model)
        self.run_eagerly = False
        self.steps_per_call = 1
        self._key: tuple[int, jax.Array] | None = None
        self._lock, self._fitting = threading.RLock(), False

    def compile(self, arguments: Mapping[str, Any], eager: bool, steps_per_call: int) -> None:
        """Take over what ``compile`` was given."""
        names = ("loss", "loss_weights", "metrics", "weighted_metrics")
        found = LossesAndMetrics(*(arguments[name] for name in names))
        found.check_names()
        self.augment = augmenting_layers(arguments["augment"])
        self.losses_and_metrics = found
        self.run_eagerly, self.steps_per_call = eager, steps_per_call
        count_change()

    def compiled(self) -> LossesAndMetrics:
        """Return the losses and metrics, or raise `NotCompiledError`."""
        if self.losses_and_metrics is None:
            raise NotCompiledError(
                'Call {name}.compile(optimizer="adam", loss=...) before training or evaluating it.',
                name=self.model.name,
            )
        return self.losses_and_metrics

    @property
    def key(self) -> jax.Array:
        """The key that every random number of the training follows from."""
        if self._key is None or self._key[0] != self.model.seed:
            self._key = (self.model.seed, jax.device_put(make_key(self.model.seed, "training")))
        return self._key[1]

    def named_state(self) -> dict[str, Variable]:
        """Return the variables of the training by name: optimizer, metrics, number of steps."""
        model = self.model
        paths = {variable: path for path, variable in model.named_variables().items()}
        named = {"train_steps": self.counter}
        if isinstance(model.optimizer, optimizers.Optimizer):
            kept = model.optimizer.named_variables(paths)
            named |= {f"optimizer/{name}": variable for name, variable in kept.items()}
        for number, metric in enumerate(model.metrics):
            for place, variable in enumerate(metric.variables):
                named[f"metrics/{number}/{place}/{metric.name}/{variable.name}"] = variable
        for path, layer in model.named_layers().items():
            for i, variable in enumerate(jax.tree.leaves(getattr(layer, "states", None))):
                named[f"states/{path}/{i}"] = variable
        return named

    # ---- fit, evaluate, predict ------------------------------------------------------------------

    def fit(self, options: FitOptions) -> History:
        """Train the model; see `maeum.Model.fit`."""
        self.compiled()
        with self.turn(fitting=True):
            options.split(self.model.takes_texts)
            with as_checkpointer(options.backup, options.callbacks) as checkpointer:
                history = Loop(self, options, checkpointer).run()
        finalize = getattr(self.model.optimizer, "finalize_variable_values", None)
        if finalize is not None:
            finalize(self.model.trainable_variables)
        return history

    @contextlib.contextmanager
    def turn(self, fitting: bool = False) -> Iterator[None]:
        """Be the only thread that trains or evaluates the model, whose metrics count one pass.

        Raises:
            ConfigError: if another thread trains it, which may take any time.
        """
        while not self._lock.acquire(timeout=0.05):
            if self._fitting:
                raise ConfigError(
                    "{name!r} is being trained by another thread. Wait until it is done (predict "
                    "may be called meanwhile), or train a copy: maeum.models.clone_model(model).",
                    name=self.model.name,
                )
        before, self._fitting = self._fitting, self._fitting or fitting
        try:
            yield
        finally:
            self._fitting = before
            self._lock.release()

    def evaluate(
        self,
        program: Program,
        source: Source,
        hooks: CallbackList,
        stopped: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """Return the logs of one pass over a source, without learning from it."""
        with self.turn():
            self.model.reset_metrics()
            hooks.call("on_test_begin", {})
            source.rewind()
            run = Pass(program, self.key, self.steps_per_call, hooks, "test")
            logs = run(source.chunks(), stopped)
        if logs is None:
            raise DataError(
                "There was no batch to evaluate: the data source has ended. For one that "
                "lasts give the number of steps (validation_steps in fit), or use a source "
                "that can be iterated over again."
            )
        if isinstance(source, ArraySource) and not np.isfinite(logs.get("loss", 0.0)):
            check_vocabularies(self.model, source.data[0], np.arange(source.rows))
        hooks.call("on_test_end", logs)
        return logs

    def on_batch(
        self, phase: str, x: Any, y: Any, weight: Any, class_weight: Any = None
    ) -> dict[str, Any]:
        """Take one step with one batch; return the logs."""
        self.compiled()
        if is_stream(x):
            raise ConfigError(
                "{phase}_on_batch takes the arrays of one batch; got a {kind}, which gives "
                "one batch after the other. Use fit or evaluate for it.",
                phase=phase,
                kind=type(x).__name__,
            )
        with self.turn():
            source = self.source(x, y, weight, ALL_ROWS, None, False, class_weight)
            program = self.program(phase, source)
            self.model.reset_metrics()
            [chunk] = source.chunks()
            with unbroken():
                program.snapshot()  # arrays that somebody has taken from variables stay valid
                result = program(chunk, 0, 1, self.key)
            logs = to_host(*result)[0]
            if not np.isfinite(logs.get("loss", 0.0)):
                check_vocabularies(self.model, source.first_batch()[0], None)
            return logs

    # ---- from data to programs -------------------------------------------------------------------

    def prepare(self, x: Any, y: Any, sample_weight: Any) -> tuple:
        """Turn what the user gave into arrays that fit the model, or raise."""
        check_process()
        if x is None:
            raise DataError("There is no x: give the data as fit(x, y), or predict(x).")
        x = self.model.match_inputs(arrays.as_arrays(x, "x", self.model.takes_texts))
        y = arrays.as_arrays(y, "y")
        if y is not None:
            self.model.check_targets(y)
        compiled = self.losses_and_metrics
        if y is not None and compiled is not None and compiled.names is not None:
            compiled.check_labels(y)
        return x, y, arrays.as_arrays(sample_weight, "sample_weight")

    def source(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: int | None = None,
        steps: int | None = None,
        shuffle: bool = False,
        class_weight: Any = None,
    ) -> Source:
        """Make the source of batches of what the user gave.

        Raises:
            ConfigError: for arguments that do not go together.
            DataError: for data that is no data.
        """
        batch_size = check_count(batch_size, "batch_size") or self.model.fixed_rows
        batch_size, steps = limited(batch_size, check_count(steps, "steps"))
        seed = self.model.seed

        def prepare(x: Any, y: Any, weight: Any) -> tuple:
            x, y, weight = self.prepare(x, y, weight)
            if class_weight is not None and class_weight != {}:
                y, weight = self._weigh_classes(x, y, weight, class_weight)
            return x, y, weight

        endless = is_stream(x) and not getattr(x, "fits_memory", False)
        if endless and isinstance(class_weight, str):
            raise ConfigError(
                "class_weight='balanced' counts the labels, and x is a {kind} that gives one batch "
                "after the other. Give the weights as a dict.",
                kind=type(x).__name__,
            )
        if is_stream(x):
            if y is not None or sample_weight is not None:
                raise ConfigError(
                    "x is a {kind} that yields whole batches, (x, y) or (x, y, sample_weight), "
                    "so y and sample_weight cannot be given beside it.",
                    kind=type(x).__name__,
                )
            if endless:
                return StreamSource(x, steps, prepare, bool(shuffle), seed)
            # A loader whose rows all fit into memory: they move to the device once, as arrays do.
            batch_size = batch_size or x.batch_size
            x, y, sample_weight = batch_parts(x.arrays())
        return ArraySource(prepare(x, y, sample_weight), batch_size, bool(shuffle), seed, steps)

    def _weigh_classes(self, x: Any, y: Any, weight: Any, class_weight: Any) -> tuple[Any, Any]:
        """Return the targets, and the weights of the samples with those of their classes."""
        if y is None:
            raise DataError("class_weight needs labels, and there is no y.")
        shapes: list[tuple[int, ...] | None]
        try:
            outputs = self.model.output_shapes_for(arrays.take_rows(x, slice(0, 1)))
        except NotImplementedError:  # with steps of its own, a model need not have a call
            names, shapes = [_("the output")], [None]
        else:
            names, rows = self.model.names_for(outputs), arrays.row_count(x)
            shapes = [(rows, *leaf.shape[1:]) if leaf.shape else () for leaf in flatten(outputs)]
        factor, y = weights_of_labels(y, class_weight, names, shapes), like_outputs(y, shapes)
        if weight is None:
            return y, factor
        given = dict(zip(names, weight)) if isinstance(weight, (list, tuple)) else weight
        if not isinstance(factor, Mapping):
            return y, _times(given[names[0]] if isinstance(given, Mapping) else given, factor)
        if not isinstance(given, Mapping):
            given = dict.fromkeys(names, given)
        pairs = {name: (given.get(name), factor.get(name)) for name in names}
        return y, {
            name: _times(*pair) for name, pair in pairs.items() if any(p is not None for p in pair)
        }

    def validation_source(self, data: Any, batch_size: int | None, steps: int | None) -> Source:
        """Make the source of the batches of a validation."""
        try:
            x, y, weight = batch_parts(data if isinstance(data, (tuple, list)) else (data,))
            return self.source(x, y, weight, batch_size, steps)
        except MaeumError as error:
            error.add_note(_("This was said of validation_data."))
            raise

    def program(self, phase: str, source: Source, truncate: int | None = None) -> Program:
        """Return the program for "train" or "test", made for data like the source's."""
        self.prepare_for(phase, source)
        model, compiled, batch = self.model, self.compiled(), source.first_batch()
        step: Any = self._train_step if phase == "train" else self._test_step
        if truncate is not None and phase == "train":
            step = Truncated(step, self._read, self.counter, truncate, stateful=model.stateful)
        overridden = model.overrides(f"{phase}_step") or model.overrides("compute_metrics")
        try:
            return Program(
                model,
                (phase, truncate),
                step,
                None if overridden else model.get_metrics_result,
                arrays.shapes_of(batch),
                training=phase == "train",
                counter=self.counter,
                depends_on=(model.optimizer, compiled, self.augment),
                eager=self.run_eagerly,
            )
        except MaeumError as error:
            # JAX's remark on its traceback would stand between the reader and the advice.
            notes = getattr(error, "__notes__", [])
            error.__notes__ = [note for note in notes if "JAX has removed" not in note]
            raise

    def prepare_for(self, phase: str, source: Source) -> None:
        """Make all that the steps of "train" or "test" need, for data like the source's."""
        model, batch = self.model, source.first_batch()
        x, y = batch[:2]
        compiled = self.compiled()
        try:
            model.ensure_built_for(x)
            if y is not None and compiled.names is None and compiled.wanted:
                outputs = model.output_shapes_for(x)
                compiled.build(model.names_for(outputs), y, outputs)
                everything = source.data[1] if isinstance(source, ArraySource) else y
                try:
                    compiled.check_labels(everything)
                except MaeumError:
                    compiled.forget()  # "accuracy" must not be what these labels made of it
                    raise
        except NotImplementedError:  # with steps of its own, a model need not have a call
            if not model.overrides(f"{phase}_step"):
                raise
        # A step of the user's may change other weights than all of them.
        changes_all = getattr(model, "changes_all_weights", not model.overrides("train_step"))
        if phase == "train" and changes_all and model.trainable_variables:
            model.optimizer.build(model.trainable_variables)

    def _train_step(self, data: tuple) -> dict[str, Any]:
        if self.augment:
            data = augmented(self.augment, data, self.compiled())
        logs = self.model.train_step(pack_x_y_sample_weight(*data))
        self.counter.assign_add(1)
        return _checked_logs(logs, "train_step")

    def _test_step(self, data: tuple) -> dict[str, Any]:
        return _checked_logs(self.model.test_step(pack_x_y_sample_weight(*data)), "test_step")

    def _read(self, x: Any) -> None:
        self.model(x, training=True)


def _checked_logs(logs: Any, step: str) -> dict[str, Any]:
    if isinstance(logs, Mapping):
        return dict(logs)
    raise ConfigError(
        '{step} returns the logs, a dict such as {{"loss": loss}}; it returned {logs!r}.',
        step=step,
        logs=logs,
    )


def _times(weight: Any, factor: Any) -> Any:
    """Return the product of the weights of rows and those of labels, of which one may miss."""
    if weight is None or factor is None:
        return factor if weight is None else weight
    weight, factor = np.asarray(weight), np.asarray(factor)
    if weight.ndim == factor.ndim + 1 and weight.shape[-1] == 1:
        weight = weight[..., 0]
    more = factor.ndim - weight.ndim
    weight = weight.reshape(weight.shape + (1,) * more) if more > 0 else weight
    factor = factor.reshape(factor.shape + (1,) * -more) if more < 0 else factor
    return weight * factor
