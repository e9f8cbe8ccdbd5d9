"""The optimizer: what all of them share around the few lines of each.

An optimizer is pure: `Optimizer.init` makes its state for some weights and `Optimizer.advance`
turns (weights, gradients, state) into new ones. `Optimizer.apply_gradients` does the same to
`Variable` objects, through the functional bridge, and is what a training step calls.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_positive, check_whole
from maeum.core.config import Configurable, accepted_arguments
from maeum.core.errors import ConfigError, ShapeError, not_implemented
from maeum.core.messages import _
from maeum.core.registry import serialize, snake_case
from maeum.core.scope import current_scope
from maeum.core.variable import Variable, take_values
from maeum.optimizers.schedules import InverseTimeDecay, LearningRateSchedule

State = dict[str, Any]


class Optimizer(Configurable):
    """Base of the optimizers.

    A subclass names its ``slots`` and writes ``update``; the initial values of the slots are zeros
    unless it writes ``init_slots`` too.

    Args:
        learning_rate: a number, a schedule, or a function without arguments.
        weight_decay: the fraction of every weight, times the learning rate, that is subtracted
            at each step (decoupled: Loshchilov and Hutter, 2019).
        clipnorm: the largest norm of each variable's gradient.
        clipvalue: the largest absolute value of each entry of a gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: keep a moving average of the weights, and end the training with it.
        ema_momentum: how much of the average stays at each step.
        ema_overwrite_frequency: replace the weights by the average every so many steps.
        loss_scale_factor: a number that the loss was multiplied by; gradients are divided by it.
        gradient_accumulation_steps: average the gradients of so many steps into one update.
        name: its name.
        lr, decay: what older code calls the learning rate and its inverse time decay.
    """

    slots: tuple[str, ...] = ()
    undescribed = frozenset({"learning_rate", "lr", "decay"})  # see `get_config`
    _untraced = Configurable._untraced | {"optimized"}
    _uncounted = frozenset({"learning_rate", "lr"})  # what they hold is a variable

    def __init__(
        self,
        learning_rate: Any = 0.001,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        lr: float | None = None,
        decay: float | None = None,
    ):
        learning_rate = _older_names(learning_rate, lr, decay)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = [key for key, value in clips.items() if value is not None]
        if len(given) > 1:
            raise ConfigError(
                "Only one way of clipping at a time; got {given}.", given=", ".join(given)
            )
        for key in given:
            check_positive(clips[key], key)
        if use_ema:
            check_number(ema_momentum, "ema_momentum", most=1)
        if gradient_accumulation_steps is not None:
            check_whole(gradient_accumulation_steps, "gradient_accumulation_steps", 2)
        self.name = name or snake_case(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._undecayed: list[str] = []
        self._schedule = learning_rate if callable(learning_rate) else None
        first = 0.0 if callable(learning_rate) else _check_rate(learning_rate)
        self._rate = Variable.holding(np.float32(first), "learning_rate")
        self._state: Any = None
        self.optimized: tuple[Variable, ...] = ()  # what the state was made for

    # ---- what each optimizer writes ----------------------------------------------------------

    def init_slots(self, w: Any) -> tuple:
        """Return the initial slots for a weight of this shape and dtype."""
        return tuple(np.zeros(w.shape, w.dtype) for slot in self.slots)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return ``(delta, *new_slots)`` for the gradient ``g`` of the weight ``w``.

        Args:
            g: the gradient.
            slots: the slots, in the order of ``self.slots``.
            w: the weight.
            lr: the learning rate of this step.
            step: how many updates came before this one, as a float32 number.
        """
        raise not_implemented(self, "update(g, ...)")

    # ---- the pure optimizer ----------------------------------------------------------------------

    def init(self, weights: Sequence[Any]) -> State:
        """Return the state before the first step: a structure of arrays."""
        state: State = {"step": np.zeros((), np.int32), "slots": self.init_all(weights)}
        if self.use_ema:
            state["average"] = [np.zeros(w.shape, w.dtype) for w in weights]
        if self.gradient_accumulation_steps:
            state["accumulated"] = [np.zeros(w.shape, w.dtype) for w in weights]
        return state

    def init_all(self, weights: Sequence[Any]) -> Any:
        """Return the slots of all weights."""
        return [self.init_slots(w) for w in weights]

    def update_all(
        self, gradients: Sequence[Any], slots: Any, weights: Sequence[Any], lr: Any, step: Any
    ) -> tuple[list[Any], Any]:
        """Return the changes of all weights and their new slots, whose dtypes stay."""
        deltas, new = [], []
        for g, own, w in zip(gradients, slots, weights):
            delta, *after = self.update(g, *own, w=w, lr=jnp.asarray(lr, w.dtype), step=step)
            deltas.append(delta)
            new.append(tuple(jnp.asarray(b, a.dtype) for a, b in zip(own, after)))
        return deltas, new

    def advance(
        self,
        weights: Sequence[Any],
        gradients: Sequence[Any],
        state: State,
        learning_rate: Any = None,
        decayed: Sequence[bool] | None = None,
    ) -> tuple[list[Any], State]:
        """Return the weights and the state after one step.

        Args:
            weights: the weights.
            gradients: one gradient for each.
            state: what `init` or the step before returned.
            learning_rate: used instead of the optimizer's own.
            decayed: which weights the weight decay applies to; all by default.
        """
        calls = state["step"]
        every = self.gradient_accumulation_steps
        count = calls if every is None else calls // every
        lr = self._rate_at(calls) if learning_rate is None else learning_rate
        gradients = [jnp.asarray(g, w.dtype) for g, w in zip(gradients, weights)]
        if self.loss_scale_factor is not None:
            gradients = [g / self.loss_scale_factor for g in gradients]

        def change(gradients: list, weights: list, slots: Any) -> tuple[list, Any]:
            gradients = self._clip(gradients)
            if self.weight_decay is not None:
                weights = [
                    w - w * jnp.asarray(self.weight_decay * lr, w.dtype) if decay else w
                    for w, decay in zip(weights, decayed or [True] * len(weights))
                ]
            step = jnp.asarray(count, jnp.float32)
            deltas, slots = self.update_all(gradients, slots, weights, lr, step)
            return [w + jnp.asarray(d, w.dtype) for w, d in zip(weights, deltas)], slots

        new: State = {"step": calls + 1}
        current, slots = list(weights), state["slots"]
        if every is None:
            current, new["slots"] = change(gradients, current, slots)
        else:
            total = [a + g for a, g in zip(state["accumulated"], gradients)]
            mean = [a / every for a in total]
            due = (calls + 1) % every == 0
            current, new["slots"] = jax.lax.cond(
                due, change, lambda mean, weights, slots: (weights, slots), mean, current, slots
            )
            new["accumulated"] = [jnp.where(due, 0, a) for a in total]
        if self.use_ema:
            current, new["average"] = self._averaged(current, state["average"], count)
        return current, new

    def _rate_at(self, step: Any) -> Any:
        if self._schedule is None:
            return self._rate.value
        if isinstance(self._schedule, LearningRateSchedule):
            return jnp.asarray(self._schedule(step), jnp.float32)
        return jnp.asarray(self._schedule(), jnp.float32)

    def _clip(self, gradients: list) -> list:
        if self.clipvalue is not None:
            return [jnp.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        if self.clipnorm is not None:
            return [_shrink(g, jnp.sqrt(jnp.sum(g * g)), self.clipnorm) for g in gradients]
        if self.global_clipnorm is not None:
            norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gradients))
            return [_shrink(g, norm, self.global_clipnorm) for g in gradients]
        return gradients

    def _averaged(self, weights: list, averages: list, step: Any) -> tuple[list, list]:
        momentum = jnp.where(step == 0, 0.0, self.ema_momentum)
        averages = [momentum * a + (1 - momentum) * w for a, w in zip(averages, weights)]
        if self.ema_overwrite_frequency:
            due = (step + 1) % self.ema_overwrite_frequency == 0
            weights = [jnp.where(due, a, w) for a, w in zip(averages, weights)]
        return weights, averages

    # ---- the same on Variables -------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for ``variables``, unless it is there already."""
        if self._state is not None and tuple(map(id, variables)) == tuple(map(id, self.optimized)):
            return
        values = take_values(variables)
        with jax.ensure_compile_time_eval():  # also when a step is being traced
            # One transfer: making arrays one by one would cost more than the first epoch.
            state = jax.device_put(self.init(values))
        self.optimized = tuple(variables)
        self._state = jax.tree_util.tree_map_with_path(
            lambda path, leaf: Variable.holding(leaf, self._slot_name(path, {})), state
        )

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

    def apply_gradients(self, pairs: Iterable[tuple[Any, Variable]]) -> None:
        """Change variables by one step: ``apply_gradients(zip(gradients, variables))``.

        Raises:
            ConfigError: if there is nothing to change.
            ShapeError: if a gradient does not have its variable's shape.
        """
        pairs = [(g, v) for g, v in pairs if g is not None]
        if not pairs:
            raise ConfigError("There are no trainable weights to change; are all layers frozen?")
        for gradient, variable in pairs:
            if tuple(gradient.shape) != variable.shape:
                raise ShapeError(
                    "The gradient of {path!r} has shape {given}; its variable has {shape}.",
                    path=variable.path,
                    given=tuple(gradient.shape),
                    shape=variable.shape,
                )
        gradients, variables = zip(*pairs)
        self.build(variables)
        scope = current_scope()
        if scope is not None and scope.abstract:  # shapes stay what they are
            for variable in (*variables, *jax.tree.leaves(self._state)):
                variable.assign(variable.value)
            self._rate_at(0)
            return
        state = jax.tree.map(lambda slot: slot.value, self._state)
        decayed = [not any(part in v.path for part in self._undecayed) for v in variables]
        weights, state = self.advance([v.value for v in variables], gradients, state, None, decayed)
        for variable, weight in zip(variables, weights):
            variable.assign(variable.constraint(weight) if variable.constraint else weight)
        jax.tree.map(lambda slot, value: slot.assign(value), self._state, state)

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable]) -> None:
        """Change variables by one step: Keras 3's form of `apply_gradients`."""
        self.apply_gradients(zip(grads, trainable_variables))

    def exclude_from_weight_decay(self, var_names: Iterable[str]) -> None:
        """Do not decay the variables whose path contains one of these strings."""
        self._undecayed = [*self._undecayed, *var_names]

    def finalize_variable_values(self, variables: Sequence[Variable]) -> None:
        """Give the variables their moving averages, if those are kept; ends a training."""
        if self.use_ema and self._state is not None and int(self.iterations):
            for variable, average in zip(variables, self._state["average"]):
                variable.assign(jnp.copy(average.value))

    @property
    def variables(self) -> list[Variable]:
        """The variables that the optimizer keeps: its learning rate, its step, its slots."""
        return [self._rate, *jax.tree.leaves(self._state)]

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        return self._calls // (self.gradient_accumulation_steps or 1)

    @property
    def _calls(self) -> Any:
        return np.int32(0) if self._state is None else self._state["step"].value

    @property
    def learning_rate(self) -> Any:
        """The learning rate; assign a number to change it, also in the middle of a training."""
        return self._rate if self._schedule is None else self._rate_at(self._calls)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value):
            self._schedule = value
            return
        if isinstance(self._schedule, LearningRateSchedule):
            raise ConfigError(
                "The learning rate follows a schedule, so it cannot be set to a number. Give the "
                "optimizer a number instead of the schedule, or assign another schedule."
            )
        self._schedule = None
        self._rate.assign(_check_rate(value))

    lr = learning_rate

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again, with today's learning rate."""
        config = super().get_config()
        if "learning_rate" not in accepted_arguments(type(self)):  # type: ignore[arg-type]
            return config
        rate = float(np.asarray(self._rate.value)) if self._schedule is None else self._schedule
        return {"learning_rate": serialize(rate), **config}

    def check_slots(self, slots: Sequence[Any]) -> None:
        """Raise `ConfigError` if the state was made for other settings, with other slots."""
        if len(slots) != len(self.slots):
            raise ConfigError(
                "The state of {kind} has {n} slots for each weight, and its settings now need "
                "{needed}: {slots}. Change them before the first step, or compile with a new "
                "optimizer.",
                kind=type(self).__name__,
                n=len(slots),
                needed=len(self.slots),
                slots=list(self.slots),
            )


def _shrink(g: Any, norm: Any, largest: float) -> Any:
    """Scale ``g`` down so that ``norm`` becomes at most ``largest``."""
    return g * (largest / jnp.maximum(norm, largest))


def _check_rate(value: Any) -> np.float32:
    try:
        rate = float(value)
    except (TypeError, ValueError):
        raise ConfigError(
            "A learning rate is a number or a schedule; got {value!r}.", value=value
        ) from None
    return np.float32(check_number(rate, "learning_rate"))


def _older_names(learning_rate: Any, lr: float | None, decay: float | None) -> Any:
    """Understand Keras 2's ``lr`` and ``decay``, and say what they are called now."""
    notes = []
    if lr is not None:
        notes.append(_("lr is called learning_rate now."))
        learning_rate = lr
    if decay:
        notes.append(_("decay is now a schedule: learning_rate=InverseTimeDecay(rate, 1, decay)."))
        learning_rate = InverseTimeDecay(learning_rate, 1, decay)
    for note in notes:
        warnings.warn(note, stacklevel=_depth_of_caller())
    return learning_rate


def _depth_of_caller() -> int:
    """Return how far up the user's line is: a subclass may have an ``__init__`` in between."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("maeum."):
        frame, depth = frame.f_back, depth + 1
    return depth
