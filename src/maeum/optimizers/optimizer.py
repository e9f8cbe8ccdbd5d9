"""The optimizer: an update rule on variables, and what it keeps for them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.functional import with_values
from maeum.core.messages import _
from maeum.core.registry import serialize
from maeum.core.scope import current_scope
from maeum.core.variable import Variable, take_values
from maeum.optimizers.rule import State, UpdateRule, check_rate
from maeum.optimizers.schedules import LearningRateSchedule


class Optimizer(UpdateRule):
    """Base of the optimizers.

    A subclass names its ``slots`` and writes ``update``; the initial values of the slots are zeros
    unless it writes ``init_slots`` too. Its ``**options`` are the arguments below, which can be
    given by position as well, behind its own.

    An optimizer is pure: ``init(weights)`` makes its state and ``advance(weights, gradients,
    state)`` returns new ones. `apply` does the same to variables, through the functional bridge,
    and is what a training step calls.

    Args:
        learning_rate: a number, a schedule, or a function without arguments.
        weight_decay: the fraction of every weight, times the learning rate, that is subtracted
            at each step (decoupled: Loshchilov and Hutter, 2019).
        clipnorm: the largest norm of each variable's gradient.
        clipvalue: the largest absolute value of each entry of a gradient; beside ``clipnorm`` it
            is applied behind it.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: keep a moving average of the weights, and end the training with it.
        ema_momentum: how much of the average stays at each step.
        ema_overwrite_frequency: replace the weights by the average every so many steps.
        loss_scale_factor: a number that the loss is multiplied by, and the gradients divided.
        gradient_accumulation_steps: average the gradients of so many steps into one update.
        name: its name.
        lr, decay: what older code calls the learning rate and its inverse time decay.
    """

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for ``variables``, unless it is there already."""
        if self._state is not None and tuple(map(id, variables)) == tuple(map(id, self.optimized)):
            return
        self.prepare(variables)
        values = take_values(variables)
        with jax.ensure_compile_time_eval():  # also when a step is being traced
            # One transfer: making arrays one by one would cost more than the first epoch.
            state = jax.device_put(self.init(values))
        self._state = jax.tree_util.tree_map_with_path(self._held, state)

    def _held(self, path: tuple, leaf: Any) -> Variable:
        name = self._slot_name(path, {})
        if name != "step":
            return Variable.holding(leaf, name)
        self._step.own(leaf)
        return self._step

    def prepare(self, variables: Sequence[Variable]) -> None:
        """Learn which variables there are, before the state is made for them."""
        self.optimized = tuple(variables)

    def named_variables(self, paths: Mapping[Variable, str] | None = None) -> dict[str, Variable]:
        """Return what the optimizer keeps by name: a slot by the path of its weight, and its own.

        Args:
            paths: the paths of the weights under a model; their own by default.
        """
        kept = jax.tree_util.tree_leaves_with_path(self._state)
        slots = {self._slot_name(path, paths or {}): variable for path, variable in kept}
        return {"learning_rate": self._rate, **slots}

    def _slot_name(self, path: tuple, paths: Mapping[Variable, str]) -> str:
        """Name a piece of the state by its weight and slot, or by its place in the structure."""
        parts: list[Any] = [getattr(key, "key", getattr(key, "idx", None)) for key in path]
        group, *rest = parts
        slot = None
        if group == "slots" and len(rest) == 2 and rest[1] in range(len(self.slots)):
            slot = self.slots[rest[1]]
        elif group in ("average", "accumulated"):
            slot = group
        if slot is None:
            return jax.tree_util.keystr(path, simple=True, separator="/")
        weight = self.optimized[rest[0]]
        return f"{paths.get(weight, weight.path)}/{slot}"

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """Change variables by one step: ``apply_gradients(zip(gradients, variables))``.

        Variables whose gradient is None stay as they are, with a warning.

        Raises:
            ConfigError: if there is nothing to change.
            ShapeError: if a gradient does not have its variable's shape.
        """
        pairs = list(grads_and_vars)
        missing = [g is None for g, _variable in pairs]
        if all(missing):
            raise ConfigError("There are no trainable weights to change; are all layers frozen?")
        for gradient, variable in pairs:
            if gradient is not None and tuple(gradient.shape) != variable.shape:
                raise ShapeError(
                    "The gradient of {path!r} has shape {given}; its variable has {shape}.",
                    path=variable.path,
                    given=tuple(gradient.shape),
                    shape=variable.shape,
                )
        if any(missing):
            paths = ", ".join(v.path for g, v in pairs if g is None)
            warnings.warn(_("There is no gradient for: {paths}.", paths=paths), stacklevel=2)
        variables = [variable for _gradient, variable in pairs]
        self.build(variables)
        scope = current_scope()
        if scope is not None and scope.abstract:  # shapes stay what they are
            for variable in (*variables, *jax.tree.leaves(self._state)):
                variable.assign(variable.value)
            self._rate_at(0)
            return
        before = [v.value for v in variables]
        gradients = [jnp.zeros_like(w) if g is None else g for (g, _v), w in zip(pairs, before)]
        old = jax.tree.map(lambda slot: slot.value, self._state)
        decayed = [self.decays_variable(v) for v in variables]
        weights, state = self.advance(before, gradients, old, None, decayed)
        if any(missing):
            weights = [b if m else w for m, b, w in zip(missing, before, weights)]
            state = _untouched(missing, old, state)
        for variable, weight in zip(variables, weights):
            variable.assign(variable.constraint(weight) if variable.constraint else weight)
        jax.tree.map(lambda slot, value: slot.assign(value), self._state, state)

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Change variables by one step: Keras 3's form of `apply_gradients`.

        Args:
            grads: one gradient for each variable.
            trainable_variables: the variables; those that it was built for by default.

        Raises:
            ConfigError: unless there is one variable for each gradient.
        """
        variables = self.optimized if trainable_variables is None else trainable_variables
        grads, variables = list(grads), list(variables)
        if len(grads) != len(variables):
            raise ConfigError(
                "There are {gradients} gradients for {variables} variables. Give both, or call "
                "build(variables) first.",
                gradients=len(grads),
                variables=len(variables),
            )
        self.apply_gradients(zip(grads, variables))

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Any
    ) -> tuple[list, list]:
        """Return the values of the weights and of `variables` after one step: purely.

        Args:
            optimizer_variables: the values of `variables` before.
            grads: one gradient for each weight.
            trainable_variables: the values of the weights before.

        Raises:
            ConfigError: before `build`.

        """
        if not self.built:
            raise ConfigError("Call build(variables) first: it tells which weights there are.")
        weights, own = list(self.optimized), self.variables
        _result, new = with_values(
            [*weights, *own],
            [*trainable_variables, *optimizer_variables],
            lambda: self.apply(grads, weights),
        )
        return new[: len(weights)], new[len(weights) :]

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times ``loss_scale_factor``: what the gradients are taken of."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def exclude_from_weight_decay(
        self,
        var_list: Iterable[Variable | str] | None = None,
        var_names: Iterable[str] | None = None,
    ) -> None:
        """Do not decay these variables.

        Args:
            var_list: variables.
            var_names: strings; what has one of them in its path is not decayed.
        """
        self._undecayed = [*self._undecayed, *(var_list or ()), *(var_names or ())]

    def decays_variable(self, variable: Variable) -> bool:
        """Tell whether the weight decay applies to a variable."""
        return not any(
            part in variable.path if isinstance(part, str) else part is variable
            for part in self._undecayed
        )

    @property
    def built(self) -> bool:
        """Whether the state was made."""
        return self._state is not None

    def get_weights(self) -> list[np.ndarray]:
        """Return the values of `variables`, as arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Give `variables` these values.

        Raises:
            ConfigError: before `build`, or for another number of values.
            ShapeError: for a value of another shape.
        """
        if not self.built:
            raise ConfigError(
                "You are calling set_weights() on an optimizer without state. Call "
                "build(variables) first."
            )
        own = self.variables
        if len(weights) != len(own):
            raise ConfigError(
                "The optimizer has {variables} variables; got {values} values.",
                variables=len(own),
                values=len(weights),
            )
        for variable, value in zip(own, weights):
            variable.assign(getattr(value, "value", value))

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the values of `variables` into a mapping, by their place."""
        store.update({str(i): value for i, value in enumerate(self.get_weights())})

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the values that `save_own_variables` put into a mapping; warn if they do not fit."""
        if len(store) != len(self.variables):
            said = _("The optimizer has {variables} variables, and {values} were saved: none is "
                     "loaded.", variables=len(self.variables), values=len(store))  # fmt: skip
            warnings.warn(said, stacklevel=2)
            return
        self.set_weights([store[str(i)] for i in range(len(store))])

    def averages(self) -> list[tuple[Variable, Variable]]:
        """Return the weights with their moving averages; none if those are not kept (yet)."""
        kept = self._state["average"] if self.use_ema and self.built else ()
        return list(zip(self.optimized, kept))

    def finalize_variable_values(self, var_list: Sequence[Variable] | None = None) -> None:
        """Give the weights their moving averages, if those are kept; ends a training."""
        averages = self.averages()
        for variable, average in averages if averages and int(self.iterations) else ():
            variable.assign(jnp.copy(average.value))

    @property
    def variables(self) -> list[Variable]:
        """The variables that the optimizer keeps: its step, its learning rate, its slots.

        A learning rate that follows a schedule is none of them.
        """
        rates = [self._rate] if self._schedule is None else []
        slots = [held for held in jax.tree.leaves(self._state) if held is not self._step]
        return [self._step, *rates, *slots]

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        return self._calls // (self.gradient_accumulation_steps or 1)

    @property
    def _calls(self) -> Any:
        return self._step.value

    @property
    def learning_rate(self) -> Any:
        """The learning rate; assign a number to change it, also in the middle of a training.

        A number takes the place of a schedule, and a schedule that of a number.
        """
        return self._rate if self._schedule is None else self._rate_at(self._calls)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value):
            self._schedule = value
            return
        if self._schedule is not None:
            self._schedule = None
        self._rate.assign(check_rate(value))

    lr = learning_rate

    @property
    def follows_schedule(self) -> bool:
        """Whether the learning rate is that of a `LearningRateSchedule`."""
        return isinstance(self._schedule, LearningRateSchedule)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again, with today's learning rate."""
        config = super().get_config()
        if "learning_rate" not in accepted_arguments(type(self)):  # type: ignore[arg-type]
            return config
        rate = float(np.asarray(self._rate.value)) if self._schedule is None else self._schedule
        return {"learning_rate": serialize(rate), **config}


def _untouched(missing: Sequence[bool], old: State, new: State) -> State:
    """Return the new state, in which that of the weights without a gradient is the old one."""

    def kept(before: Any, after: Any) -> Any:
        if not isinstance(before, list) or len(before) != len(missing):
            return after
        return [b if m else a for m, b, a in zip(missing, before, after)]

    return {name: kept(old[name], value) for name, value in new.items()}
