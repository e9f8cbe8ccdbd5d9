"""Loss scaling: gradients of half precision that neither vanish nor overflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_positive, check_whole
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError
from maeum.core.variable import Variable
from maeum.optimizers.optimizer import Optimizer
from maeum.optimizers.rule import State


class LossScaleOptimizer(Optimizer):
    """Another optimizer whose loss is multiplied by a number that it finds by itself.

    Where a gradient is not finite, the step is skipped and the number halved; after many steps in
    a row that were finite it is doubled (Micikevicius et al., 2018).

    Args:
        inner_optimizer: the optimizer; its own ``loss_scale_factor`` is switched off.
        initial_scale: the number to begin with.
        dynamic_growth_steps: after how many finite steps it is doubled.
        name: its name.
        dynamic: only True, as in older code.

    Raises:
        ConfigError: unless the inner one is an optimizer; for a scale that does not move.
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        *,
        dynamic: bool = True,
    ):
        if not dynamic:
            raise ConfigError(
                "LossScaleOptimizer finds its scale by itself. For one that stays, give the "
                "optimizer itself loss_scale_factor, such as Adam(loss_scale_factor=1024)."
            )
        if not isinstance(inner_optimizer, Optimizer):
            raise ConfigError(
                "LossScaleOptimizer wraps an optimizer, such as Adam(); got {value!r}.",
                value=inner_optimizer,
            )
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        inner_optimizer.loss_scale_factor = None
        self.initial_scale = check_positive(initial_scale, "initial_scale")
        self.dynamic_growth_steps = check_whole(dynamic_growth_steps, "dynamic_growth_steps")
        self._rate = inner_optimizer._rate

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LossScaleOptimizer:
        """Make it from what `get_config` returned, or older Keras, which names the base's, too."""
        base = set(accepted_arguments(Optimizer)) - {"name"}
        return super().from_config({k: v for k, v in config.items() if k not in base})

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the inner optimizer."""
        return self.inner_optimizer.slots

    def init(self, weights: Sequence[Any]) -> State:
        """Return the inner optimizer's state, the scale, and how many steps were finite."""
        return {
            "inner": self.inner_optimizer.init(weights),
            "dynamic_scale": np.float32(self.initial_scale),
            "step_counter": np.int32(0),
        }

    def advance(
        self,
        weights: Sequence[Any],
        gradients: Sequence[Any],
        state: State,
        learning_rate: Any = None,
        decayed: Sequence[bool] | None = None,
    ) -> tuple[list[Any], State]:
        """Return the weights and the state after one step, which may be skipped."""
        weights = [jnp.asarray(w) for w in weights]
        scale, count = jnp.asarray(state["dynamic_scale"]), jnp.asarray(state["step_counter"])

        def step() -> tuple[list[Any], State]:
            unscaled = [g / scale for g in gradients]
            made, inner = self.inner_optimizer.advance(
                weights, unscaled, state["inner"], learning_rate, decayed
            )
            grows = count == self.dynamic_growth_steps - 1
            return made, _state(inner, scale * (1 + grows), jnp.where(grows, 0, count + 1))

        def skip() -> tuple[list[Any], State]:
            inner = jax.tree.map(jnp.asarray, state["inner"])
            return weights, _state(inner, scale / 2, jnp.zeros_like(count))

        finite = jnp.all(jnp.stack([jnp.all(jnp.isfinite(g)) for g in gradients]))
        return jax.lax.cond(finite, step, skip)

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times the scale."""
        return loss * (self._state["dynamic_scale"].value if self.built else self.initial_scale)

    def averages(self) -> list[tuple[Variable, Variable]]:
        """Return the weights with their moving averages, if the inner optimizer keeps them."""
        kept = (
            self._state["inner"]["average"] if self.inner_optimizer.use_ema and self.built else ()
        )
        return list(zip(self.optimized, kept))

    def _rate_at(self, step: Any) -> Any:
        return self.inner_optimizer._rate_at(step)

    def _slot_name(self, path: tuple, paths: Mapping[Variable, str]) -> str:
        return super()._slot_name(path[path[0].key == "inner" :], paths)

    def decays_variable(self, variable: Variable) -> bool:
        """Tell whether the weight decay applies to a variable."""
        return self.inner_optimizer.decays_variable(variable)

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Do what the inner optimizer does."""
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def prepare(self, variables: Sequence[Variable]) -> None:
        """Let the inner optimizer learn which variables there are, too."""
        super().prepare(variables)
        self.inner_optimizer.prepare(variables)

    @property
    def follows_schedule(self) -> bool:
        """Whether the learning rate of the inner optimizer is that of a schedule."""
        return self.inner_optimizer.follows_schedule

    @property
    def iterations(self) -> Any:
        """How many updates the inner optimizer made."""
        return self._calls // (self.inner_optimizer.gradient_accumulation_steps or 1)

    @property
    def learning_rate(self) -> Any:
        """That of the inner optimizer."""
        inner = self.inner_optimizer
        return inner._rate if inner._schedule is None else inner._rate_at(self._calls)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value


def _state(inner: State, scale: Any, count: Any) -> State:
    return {"inner": inner, "dynamic_scale": scale, "step_counter": count}
