"""The update rule: an optimizer as a pure function of weights, gradients and state.

`UpdateRule.init` makes the state for some weights and `UpdateRule.advance` turns (weights,
gradients, state) into new ones. `maeum.optimizers.optimizer` does the same to variables.
"""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_positive, check_whole
from maeum.core.config import Configurable
from maeum.core.errors import ConfigError, not_implemented
from maeum.core.messages import _
from maeum.core.registry import snake_case
from maeum.core.variable import Variable
from maeum.optimizers.schedules import InverseTimeDecay, LearningRateSchedule

State = dict[str, Any]


class UpdateRule(Configurable):
    """What `Optimizer` shares around the few lines of each, as far as it is pure."""

    slots: tuple[str, ...] = ()
    undescribed = frozenset({"learning_rate", "lr", "decay"})  # see `get_config`
    _untraced = Configurable._untraced | {"optimized"}
    _uncounted = frozenset({"learning_rate", "lr"})  # what they hold is a variable

    def __init__(
        self,
        learning_rate: Any = 0.001,
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
        *,
        lr: float | None = None,
        decay: float | None = None,
    ):
        learning_rate = _older_names(learning_rate, lr, decay)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = [key for key, value in clips.items() if value is not None]
        if "global_clipnorm" in given and len(given) > 1:
            raise ConfigError(
                "global_clipnorm clips all gradients together, so it goes with no other way of "
                "clipping; got {given}.",
                given=", ".join(given),
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
        self._undecayed: list[Any] = []
        self._step = Variable.holding(np.int32(0), "step")
        self._schedule = learning_rate if callable(learning_rate) else None
        first = 0.0 if callable(learning_rate) else check_rate(learning_rate)
        self._rate = Variable.holding(np.float32(first), "learning_rate")
        self._state: Any = None
        self.optimized: tuple[Variable, ...] = ()  # what the state was made for

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = _with_shared(cls.__init__)  # type: ignore[method-assign]
        super().__init_subclass__(**kwargs)

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

    def step_all(
        self, gradients: Sequence[Any], slots: Any, weights: Sequence[Any], lr: Any, step: Any,
        decays: Sequence[float | None],
    ) -> tuple[list[Any], Any]:  # fmt: skip
        """Return all weights and their slots after one step: they decay, and then they change."""
        weights = [
            w if decay is None else w - w * jnp.asarray(decay * lr, w.dtype)
            for w, decay in zip(weights, decays)
        ]
        deltas, slots = self.update_all(gradients, slots, weights, lr, step)
        return [w + jnp.asarray(d, w.dtype) for w, d in zip(weights, deltas)], slots

    def decays(self, count: int, slots: Any) -> Sequence[float | None]:
        """Return the weight decay of each of ``count`` weights, None for none."""
        return [self.weight_decay] * count

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
            gradients = self._clip_gradients(gradients)
            decays = [
                decay if wanted else None
                for decay, wanted in zip(
                    self.decays(len(weights), slots), decayed or [True] * len(weights)
                )
            ]
            step = jnp.asarray(count, jnp.float32)
            return self.step_all(gradients, slots, weights, lr, step, decays)

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

    def _clip_gradients(self, gradients: list) -> list:
        """Return clipped gradients: by the norm first, then by the value."""
        if self.clipnorm is not None:
            gradients = [_shrink(g, jnp.sqrt(jnp.sum(g * g)), self.clipnorm) for g in gradients]
        if self.clipvalue is not None:
            gradients = [jnp.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        if self.global_clipnorm is not None:
            norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gradients))
            gradients = [_shrink(g, norm, self.global_clipnorm) for g in gradients]
        return gradients

    def _averaged(self, weights: list, averages: list, step: Any) -> tuple[list, list]:
        momentum = jnp.where(step == 0, 0.0, self.ema_momentum)
        averages = [momentum * a + (1 - momentum) * w for a, w in zip(averages, weights)]
        if self.ema_overwrite_frequency:
            due = (step + 1) % self.ema_overwrite_frequency == 0
            weights = [jnp.where(due, a, w) for a, w in zip(averages, weights)]
        return weights, averages

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


def _with_shared(init: Callable[..., None]) -> Callable[..., None]:
    """Return an ``__init__`` whose ``**options`` are what every optimizer takes, by position, too.

    They stand behind its own arguments, and before those that it takes by name alone.
    """
    own = list(inspect.signature(init).parameters.values())
    kinds = [p.kind for p in own]
    if kinds[-1:] != [inspect.Parameter.VAR_KEYWORD] or inspect.Parameter.VAR_POSITIONAL in kinds:
        return init
    named = {p.name for p in own}
    shared = [p for p in _SHARED if p.name not in named]
    first = [p for p in own if p.kind is p.POSITIONAL_OR_KEYWORD]
    behind = [p for p in own if p.kind is p.KEYWORD_ONLY]
    if all(p.default is not p.empty for p in behind):
        behind = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in behind]
    parameters = [*first, *shared, *behind]
    parameters.sort(key=lambda p: p.kind)  # lr and decay by name alone
    signature = inspect.Signature(parameters)

    @functools.wraps(init)
    def __init__(*args: Any, **kwargs: Any) -> None:
        init(**signature.bind(*args, **kwargs).arguments)

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    return __init__


_SHARED = list(inspect.signature(UpdateRule.__init__).parameters.values())[2:]


def _shrink(g: Any, norm: Any, largest: float) -> Any:
    """Scale ``g`` down so that ``norm`` becomes at most ``largest``."""
    return g * (largest / jnp.maximum(norm, largest))


def check_rate(value: Any) -> np.float32:
    """Return a learning rate, or raise `ConfigError`."""
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
