"""What Keras's users read of a model: how it was compiled, its state, its loss as a function."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum.core import keras_objects
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError, UnknownNameError, nearest
from maeum.core.functional import built_variables, scope_of
from maeum.core.messages import _
from maeum.core.scope import current_scope
from maeum.core.variable import Variable
from maeum.models.trainable import Trainable


class ModelAttributes(Trainable):
    """Base of `maeum.Model`: what follows from what it consists of, and how it was compiled."""

    # ---- how it was compiled ---------------------------------------------------------------------

    @property
    def compiled(self) -> bool:
        """Whether ``compile`` was called."""
        return self.losses_and_metrics is not None

    @property
    def run_eagerly(self) -> bool:
        """Whether steps run operation by operation, uncompiled."""
        return self.trainer.run_eagerly

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        self.trainer.run_eagerly = bool(value)

    @property
    def jit_compile(self) -> bool:
        """Whether steps are compiled by XLA: always, unless `run_eagerly`."""
        return not self.run_eagerly

    @jit_compile.setter
    def jit_compile(self, value: Any) -> None:
        if not value:
            warnings.warn(_("jit_compile=False has no effect: steps are compiled by XLA. To run "
                            "them operation by operation, set run_eagerly = True."),
                          stacklevel=2)  # fmt: skip

    def get_compile_config(self) -> dict[str, Any] | None:
        """Return what ``compile`` was given, as dicts in Keras's form; None before.

        Raises:
            ConfigError: for a loss or metric that no dict can describe.
        """
        if not self.compiled:
            return None
        given = {"optimizer": self.optimizer, **self.compile_arguments}
        return {
            name: keras_objects.serialize_keras_object(value)
            for name, value in given.items()
            if value is not None or name in ("loss", "metrics")
        }

    def compile_from_config(self, config: Mapping[str, Any] | None) -> None:
        """Compile the model as `get_compile_config` says; nothing is done for None."""
        if config:
            self.compile(**keras_objects.deserialize(dict(config)))
            if self.built and hasattr(self.optimizer, "build") and self.trainable_variables:
                self.optimizer.build(self.trainable_variables)

    @property
    def operations(self) -> list[Any]:
        """The layers and ops of the graph, in the order in which they stand in it."""
        return list(self._require_graph().operations)

    # ---- its state, and functions of it ----------------------------------------------------------

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """Return the values of all variables, as nested dicts by their paths.

        Args:
            value_format: ``"backend_tensor"`` for JAX's arrays, ``"numpy_array"`` for NumPy's.

        Returns:
            ``{"trainable_variables": {...}, "non_trainable_variables": {...},
            "optimizer_variables": {...}, "metrics_variables": {...}}``.
        """
        check_choice(value_format, ("backend_tensor", "numpy_array"), "value_format")
        tree: dict[str, Any] = {}
        for kind, variables in self._state_by_kind().items():
            inner = tree.setdefault(kind, {})
            for path, variable in variables.items():
                *folders, name = path.split("/")
                place = inner
                for folder in folders:
                    place = place.setdefault(folder, {})
                numpy = value_format == "numpy_array"
                place[name] = variable.numpy() if numpy else jnp.copy(variable.value)
        return tree

    def set_state_tree(self, state_tree: Mapping[str, Any]) -> None:
        """Assign values that `get_state_tree` returned; kinds that are not there stay.

        Raises:
            UnknownNameError: for a path that the model does not have.
        """
        for kind, variables in self._state_by_kind().items():
            for path, value in _paths(state_tree.get(kind, {})):
                if path not in variables:
                    raise UnknownNameError("{model!r} has no variable {name!r}.{hint}",
                                           model=self.name, name=path,
                                           hint=nearest(path, variables))  # fmt: skip
                variables[path].assign(value)

    def _state_by_kind(self) -> dict[str, dict[str, Variable]]:
        own = built_variables(self)
        learnt = {id(v) for v in self.trainable_variables}
        named = self.trainer.named_state()
        optimizer = getattr(self.optimizer, "name", "optimizer")
        kept, measured = {"train_steps": named["train_steps"]}, dict[str, Variable]()
        for path, variable in named.items():
            kind, _slash, rest = path.partition("/")
            if kind == "optimizer":  # named as in Keras
                kept[f"{optimizer}/{'iteration' if rest == 'step' else rest}"] = variable
            elif kind == "metrics":
                number, place, name = rest.split("/", 2)
                name = name if name not in measured else f"{number}/{place}/{name}"
                measured[name] = variable
        return {
            "trainable_variables": {k: v for k, v in own.items() if id(v) in learnt},
            "non_trainable_variables": {k: v for k, v in own.items() if id(v) not in learnt},
            "optimizer_variables": kept,
            "metrics_variables": measured,
        }

    def stateless_compute_loss(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        metrics_variables: Sequence[Any],
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Any, tuple[list[Any], list[Any], list[Any]]]:
        """Return the loss of a batch as a pure function of the variables.

        Args:
            trainable_variables: a value for each of ``model.trainable_variables``.
            non_trainable_variables: a value for each of ``model.non_trainable_variables``.
            metrics_variables: a value for each of ``model.metrics_variables``.
            x, y, y_pred, sample_weight, training: as `compute_loss` takes them.

        Returns:
            The loss, and the three lists with their new values.
        """
        kinds = (
            (self.trainable_variables, trainable_variables),
            (self.non_trainable_variables, non_trainable_variables),
            (self.metrics_variables, metrics_variables),
        )
        given: dict[Variable, Any] = {}
        for variables, values in kinds:
            if len(variables) != len(values):
                raise ShapeError("{name!r} has {n} such variables; got {given} values.",
                                 name=self.name, n=len(variables),
                                 given=len(values))  # fmt: skip
            given |= {v: jnp.asarray(value) for v, value in zip(variables, values)}
        outer = current_scope()
        inner = outer.child(given) if outer else scope_of(self, given, training=training, key=None)
        with inner:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
        lists = [[inner.updates.get(v, given[v]) for v in variables] for variables, _v in kinds]
        return loss, (lists[0], lists[1], lists[2])

    # ---- files of other programs -----------------------------------------------------------------

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
    ) -> None:
        """Refuse: programs for other runtimes are not written.

        Raises:
            ConfigError: always, with what there is instead.
        """
        raise ConfigError(
            "A model is not written as a program for other runtimes ({format}). Keep it with "
            "model.save('model.maeum'); for JAX, maeum.functional.apply makes it a pure function, "
            "which jax.export can write: jax.export.export(jax.jit(lambda x: "
            "maeum.functional.apply(model, values, x)[0])).",
            format=format,
        )


def _paths(tree: Mapping[str, Any], above: str = "") -> Any:
    for name, value in tree.items():
        path = f"{above}/{name}" if above else name
        if isinstance(value, Mapping):
            yield from _paths(value, path)
        else:
            yield path, np.asarray(value)
