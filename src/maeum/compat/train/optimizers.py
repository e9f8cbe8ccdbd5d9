"""``tf.train``'s optimizers: operations that change variables of a graph, by Maeum's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.graph.graph import GraphKeys, Operation, Tensor, control_dependencies
from maeum.compat.graph.modes import needs_graph
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.variables import GraphVariable, assign_add, write
from maeum.compat.train import rules
from maeum.compat.train.gradients import gradients
from maeum.core.errors import ConfigError
from maeum.optimizers.adam import Adam
from maeum.optimizers.adaptive import Adadelta, Ftrl

__all__ = [
    "AdadeltaOptimizer", "AdagradOptimizer", "AdamOptimizer", "FtrlOptimizer",
    "GradientDescentOptimizer", "MomentumOptimizer", "Optimizer", "ProximalAdagradOptimizer",
    "RMSPropOptimizer",
]  # fmt: skip


_RULES: dict[str, Callable[..., Any]] = {
    "Adadelta": lambda rho, epsilon: Adadelta(1.0, rho=rho, epsilon=epsilon),
    "Adagrad": rules.Adagrad,
    "Adam": lambda *settings: Adam(0.0, *settings),
    "Ftrl": lambda *settings: Ftrl(0.001, *settings),
    "GradientDescent": rules.GradientDescent,
    "Momentum": rules.Momentum,
    "ProximalAdagrad": rules.ProximalAdagrad,
    "RMSProp": rules.RMSProp,
}
_COUNTING = {"Adam"}  # those that depend on the number of the step


def step_of(
    type_: str, recipe: Sequence[Any], variables: list, state: list, args: tuple, name: str
) -> Operation:
    """Return an operation that makes a step.

    Args:
        type_: the name of what it computes.
        recipe: the name of the rule, and its numbers.
        variables: the variables that it changes.
        state: the slots of each, and the number of the step if the rule depends on it.
        args: the learning rate, and the gradients.
        name: the name of the operation.
    """
    rule, counts = _RULES[recipe[0]](*recipe[1:]), recipe[0] in _COUNTING
    count = len(variables)
    many = (len(state) - counts) // count

    def function(now: list, lr: Any, *grads: Any) -> tuple[list, list]:
        weights, kept, step = now[:count], now[count:], now[-1]
        each = [tuple(kept[i * many : (i + 1) * many]) for i in range(count)]
        number = jnp.asarray(step, jnp.float32) if counts else jnp.float32(0)
        wide = [jnp.asarray(g, w.dtype) for g, w in zip(grads, weights)]
        weights, each = rule.step_all(wide, each, weights, lr, number, [None] * count)
        weights = [
            w if v.constraint is None else v.constraint(w) for v, w in zip(variables, weights)
        ]
        slots = [slot for part in each for slot in part]
        return [*weights, *slots, *([step + 1] if counts else ())], []

    kept = (list(recipe), count)
    return write(type_, [*variables, *state], args, function, True, name, False, kept)


class Optimizer:
    """What the optimizers share: from a loss to the operation that makes a step.

    Args:
        learning_rate: a number, or a tensor.
        rule: the name of the rule by which a step changes weights.
        name: the name of its operation, and of its slots.
        settings: the numbers of the rule.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, learning_rate: Any, rule: str, name: str, *settings: Any):
        self._learning_rate, self._lr, self._name = learning_rate, learning_rate, name
        self._recipe = (rule, *settings)
        self._rule, self._counts = _RULES[rule](*settings), rule in _COUNTING
        self._slots: dict[Any, list[GraphVariable]] = {}
        self._step: GraphVariable | None = None

    def get_name(self) -> str:
        """Return the name."""
        return self._name

    def minimize(
        self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = 1,
        aggregation_method: Any = None, colocate_gradients_with_ops: bool = False,
        name: str | None = None, grad_loss: Any = None,
    ) -> Operation:  # fmt: skip
        """Return an operation that makes a step towards a smaller loss.

        Raises:
            InvalidArgumentError: if the loss depends on no variable.
        """
        needs_graph(f"{type(self).__name__}.minimize")
        pairs = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        if all(gradient is None for gradient, _variable in pairs):
            raise InvalidArgumentError(
                "No gradients: {loss} depends on none of the variables {names}.",
                loss=loss, names=[v.op.name for _g, v in pairs],
            )  # fmt: skip
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(
        self, loss: Any, var_list: Any = None, gate_gradients: int = 1,
        aggregation_method: Any = None, colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:  # fmt: skip
        """Return pairs of a gradient (None if there is none) and its variable."""
        if var_list is None:
            var_list = loss.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        variables = [var_list] if isinstance(var_list, Tensor) else list(var_list)
        if not variables:
            raise InvalidArgumentError("There are no variables to optimize.")
        return list(zip(gradients(loss, variables, grad_loss), variables))

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Operation:
        """Return an operation that makes a step with gradients."""
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if not pairs:
            raise InvalidArgumentError("No gradients are given for any variable.")
        grads, variables = [convert_to_tensor(g) for g, _ in pairs], [v for _, v in pairs]
        for variable in variables:
            if not isinstance(variable, GraphVariable):
                raise InvalidArgumentError("{value!r} is no variable, so an optimizer cannot "
                                           "change it.", value=variable)  # fmt: skip
        own = name or self._name
        operation = self._apply(grads, variables, own if global_step is None else f"{own}/update")
        if global_step is None:
            return operation
        with control_dependencies([operation]):
            return assign_add(global_step, 1, name=own).op

    def _apply(self, grads: list, variables: list, name: str) -> Operation:
        slots = [self._slots_of(v) for v in variables]
        state = [slot for each in slots for slot in each]
        if self._counts and self._step is None:
            self._step = GraphVariable(np.int32(0), trainable=False, name=f"{self._name}/step")
        steps = [self._step] if self._counts else []
        rate = self._learning_rate() if callable(self._learning_rate) else self._learning_rate
        return step_of(self._name, self._recipe, variables, [*state, *steps], (rate, *grads), name)

    def _slots_of(self, variable: Any) -> list[GraphVariable]:
        if variable not in self._slots:
            if not variable.shape.is_fully_defined():
                raise ConfigError(
                    "An optimizer needs variables whose shapes are known; {name!r} has {shape}.",
                    name=variable.op.name,
                    shape=variable.shape,
                )
            like = jax.ShapeDtypeStruct(tuple(variable.shape), variable.dtype.dtype)
            graph = variable.graph
            with graph.name_scope(None), graph.control_dependencies(None):
                self._slots[variable] = [
                    GraphVariable(value, trainable=False, name=f"{variable.op.name}/{self._name}")
                    for value in self._rule.init_slots(like)
                ]
        return self._slots[variable]

    def get_slot(self, var: Any, name: str) -> Any:
        """Return one of what it keeps for a variable, by the name or the position of the slot."""
        found = dict(zip(self.get_slot_names(), self._slots.get(var, ())))
        return found.get(name)

    def get_slot_names(self) -> list[str]:
        """Return the names of what it keeps for each variable."""
        return list(self._rule.slots)

    def variables(self) -> list[GraphVariable]:
        """Return the variables in which it keeps its state."""
        own = [] if self._step is None else [self._step]
        return own + [slot for slots in self._slots.values() for slot in slots]


class GradientDescentOptimizer(Optimizer):
    """w <- w - lr g."""

    def __init__(self, learning_rate: Any, use_locking: bool = False,
                 name: str = "GradientDescent"):  # fmt: skip
        super().__init__(learning_rate, "GradientDescent", name)


class MomentumOptimizer(Optimizer):
    """a <- m a + g;  w <- w - lr a."""

    def __init__(self, learning_rate: Any, momentum: float, use_locking: bool = False,
                 name: str = "Momentum", use_nesterov: bool = False):  # fmt: skip
        super().__init__(learning_rate, "Momentum", name, momentum, use_nesterov)


class AdagradOptimizer(Optimizer):
    """s <- s + g**2;  w <- w - lr g / sqrt(s)."""

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1,
                 use_locking: bool = False, name: str = "Adagrad"):  # fmt: skip
        super().__init__(learning_rate, "Adagrad", name, initial_accumulator_value)


class ProximalAdagradOptimizer(Optimizer):
    """Adagrad with l1 and l2 that shrink the weights."""

    def __init__(
        self, learning_rate: Any, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        use_locking: bool = False, name: str = "ProximalAdagrad",
    ):  # fmt: skip
        strengths = l1_regularization_strength, l2_regularization_strength
        first = initial_accumulator_value
        super().__init__(learning_rate, "ProximalAdagrad", name, first, *strengths)


class AdadeltaOptimizer(Optimizer):
    """The size of the steps follows from those before (Zeiler, 2012)."""

    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-8,
                 use_locking: bool = False, name: str = "Adadelta"):  # fmt: skip
        super().__init__(learning_rate, "Adadelta", name, rho, epsilon)


class RMSPropOptimizer(Optimizer):
    """g divided by the root of its mean square (Tieleman and Hinton, 2012)."""

    def __init__(
        self, learning_rate: Any, decay: float = 0.9, momentum: float = 0.0,
        epsilon: float = 1e-10, use_locking: bool = False, centered: bool = False,
        name: str = "RMSProp",
    ):  # fmt: skip
        super().__init__(learning_rate, "RMSProp", name, decay, momentum, epsilon, centered)


class AdamOptimizer(Optimizer):
    """Means of the gradient and of its square (Kingma and Ba, 2014)."""

    def __init__(self, learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999,
                 epsilon: float = 1e-8, use_locking: bool = False, name: str = "Adam"):  # fmt: skip
        super().__init__(learning_rate, "Adam", name, beta1, beta2, epsilon)


class FtrlOptimizer(Optimizer):
    """Follow the regularized leader (McMahan et al., 2013)."""

    def __init__(
        self, learning_rate: Any, learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1, l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0, use_locking: bool = False, name: str = "Ftrl",
        l2_shrinkage_regularization_strength: float = 0.0,
    ):  # fmt: skip
        strengths = l1_regularization_strength, l2_regularization_strength
        settings = learning_rate_power, initial_accumulator_value, *strengths
        shrinkage = l2_shrinkage_regularization_strength
        super().__init__(learning_rate, "Ftrl", name, *settings, shrinkage)
