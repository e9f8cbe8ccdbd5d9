"""What Keras's users read of a layer besides calling it: its dtypes, metrics, shapes, files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum import activations
from maeum.core import graph, registry
from maeum.core.config import accepted_arguments, init_signature
from maeum.core.dtypes import DTypePolicy, policy_of
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.functional import scope_of
from maeum.core.module import held
from maeum.core.scope import current_scope
from maeum.core.variable import Variable
from maeum.layers.checks import title
from maeum.layers.declared_weights import WeightedModule
from maeum.layers.input_spec import InputSpec
from maeum.metrics.metric import Metric

# Arguments that a configuration has, though the class takes them for a base.
_OF_BASES = ("activity_regularizer", "data_format", "unroll", "zero_output_for_mask")
# What Keras's configurations say of weights with fewer bits or of low rank: nothing, mostly.
_QUANTIZED = {"quantization_config", "lora_rank", "lora_alpha", "gptq_unpacked_column_size"}


@functools.cache
def _declares(cls: type) -> bool:
    """Tell whether a layer class itself has an activity regularizer among its arguments."""
    return "activity_regularizer" in init_signature(cls).parameters


class LayerAttributes(WeightedModule):
    """Base of `Layer`: attributes and methods that need nothing but what a layer consists of."""

    # What later inputs must have: sizes by axis, and a least number of axes.
    input_axes: Mapping[int, int] = {}
    input_rank = 0
    autocast = True
    recomputed: Any = None  # what the `maeum.RematScope` says that it was made in
    half_dtype: str | None = None  # with a mixed policy, the dtype of the computation
    # Whether inputs are taken in the dtype of the computation, even if that has few digits.
    casts_inputs = True
    supports_jit = True
    quantization_mode = None
    _input_spec: Any = None
    _build_shapes: dict[str, Any] | None = None  # what `build` was called with
    _untracked = WeightedModule._untracked | {"_input_spec", "_build_shapes"}
    _untraced = WeightedModule._untraced | {"_input_spec", "_build_shapes"}
    _nodes: list[graph.Node]

    # ---- dtypes ------------------------------------------------------------------------------

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        return self.half_dtype or self.dtype

    input_dtype = compute_dtype  # what inputs are taken in

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights; with a mixed policy not that of the computation."""
        return self.dtype

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The dtypes as a policy."""
        return DTypePolicy(f"mixed_{self.half_dtype}" if self.half_dtype else self.dtype)

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy = policy_of(value)
        mixed = policy.compute_dtype != policy.variable_dtype
        self.dtype, self.half_dtype = policy.variable_dtype, policy.compute_dtype if mixed else None

    # ---- inputs and outputs --------------------------------------------------------------------

    @property
    def input_spec(self) -> Any:
        """What its inputs must be: what was assigned, else what it knows; None for anything."""
        if self._input_spec is not None or not (self.input_rank or self.input_axes):
            return self._input_spec
        return InputSpec(min_ndim=self.input_rank or None, axes=self.input_axes)

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        self._input_spec = value

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's first symbolic call."""
        node = self._first_node()
        return node.args[0] if node.args else node.inputs[0]

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's first symbolic call."""
        return self._first_node().outputs

    def _first_node(self) -> graph.Node:
        if not self._nodes:
            raise ConfigError("{layer} has not been called on a symbolic input yet, so it has no "
                              "symbolic input or output. Give the model an Input.",
                              layer=title(self))  # fmt: skip
        return self._nodes[0]

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors as the layer would return them for such arguments.

        A class that writes it says so itself: its ``call`` is not looked at while a graph is built.
        """
        return self._infer(args, kwargs)  # type: ignore[attr-defined]

    symbolic_call = compute_output_spec

    # ---- what it consists of -------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Its name; the path under a model is a key of the model's ``named_layers()``."""
        return self.name

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that this layer and those inside it hold, each once."""
        found: dict[int, Metric] = {}
        for layer in self.named_layers().values():
            for name, value in layer._tracked():
                found |= {id(metric): metric for _path, metric in held(Metric, name, value)}
        return list(found.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def count_params(self) -> int:
        """Return the number of entries in all weights.

        Raises:
            ConfigError: while there are none yet, since nobody has said what the inputs are.
        """
        if not self.built and not self.weights:
            raise ConfigError("{layer} is not built yet, so its weights cannot be counted. Call "
                              "it on some data, or build(input_shape).",
                              layer=title(self))  # fmt: skip
        return super().count_params()

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable: `add_weight` with the shape and the initializer first."""
        return self.add_weight(name, shape, initializer, dtype=dtype, trainable=trainable,
                               autocast=autocast, regularizer=regularizer,
                               constraint=constraint)  # fmt: skip

    # ---- a pure function -----------------------------------------------------------------------

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple:
        """Call the layer as a pure function of its variables, as jax.grad and jax.jit take it.

        Args:
            trainable_variables: a value for each of ``layer.trainable_variables``.
            non_trainable_variables: a value for each of ``layer.non_trainable_variables``.
            args: what the layer is called with.
            return_losses: whether what layers and regularizers add to the loss is returned, too.
            kwargs: what the layer is called with by name, such as ``training=True``.

        Returns:
            ``(outputs, non_trainable_variables)``, with the new values of the latter; and the
            list of the losses if ``return_losses``.

        Raises:
            ConfigError: if the layer is not built.
            ShapeError: for another number of values.
        """
        if not self.built:
            raise ConfigError("{layer} is not built yet, so it has no variables. Call it on some "
                              "data, or build(input_shape).", layer=title(self))  # fmt: skip
        fixed = self.non_trainable_variables
        given: dict[Variable, Any] = {}
        for variables, values in (
            (self.trainable_variables, trainable_variables),
            (fixed, non_trainable_variables),
        ):
            if len(variables) != len(values):
                raise ShapeError("{layer} has {n} such variables; got {given} values.",
                                 layer=title(self), n=len(variables),
                                 given=len(values))  # fmt: skip
            given |= {v: jnp.asarray(value) for v, value in zip(variables, values)}
        outer = current_scope()
        inner = outer.child(given) if outer else scope_of(self, given, training=None, key=None)
        with inner:
            outputs = self(*args, **kwargs)  # type: ignore[operator]
            losses = self.losses  # type: ignore[attr-defined]
        after = [inner.updates.get(v, given[v]) for v in fixed]
        return (outputs, after, losses) if return_losses else (outputs, after)

    def rematerialized_call(self, layer_call: Callable, *args: Any, **kwargs: Any) -> Callable:
        """Return ``layer_call`` as it is: a layer heeds a `maeum.RematScope` by itself."""
        return layer_call

    # ---- files -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer again."""
        known = accepted_arguments(type(self))  # type: ignore[arg-type]
        config = super().get_config()
        for name, made in (self._first or {}).items():  # (3, 3) for 3, and what None stands for
            if name in config and isinstance(made, (bool, int, float, str, tuple)):
                given = self._arguments.get(name)
                if given is None or isinstance(made, tuple):
                    config[name] = registry.serialize(getattr(self, name))
        for name, value in config.items():  # an activation is called by its name, as in Keras
            called = value.get("function") if isinstance(value, dict) else None
            if name.endswith("activation") and called in activations.family.members:
                config[name] = called
        for name in _OF_BASES:
            if name in known and name not in config and name not in self.undescribed:
                config[name] = registry.serialize(getattr(self, name, None))
        for name in ("dtype", "trainable"):  # last, whether they were given or not
            config.pop(name, None)
        if "dtype" in known:
            config["dtype"] = self.dtype_policy.name if self.half_dtype else self.dtype
        if "trainable" in known:
            config["trainable"] = self._trainable
        if config.get("activity_regularizer", 0) is None and not _declares(type(self)):  # type: ignore[arg-type]
            del config["activity_regularizer"]  # it is nobody's but the base's
        own = {name: config[name] for name in known if name in config}
        return own | config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer from what `get_config` returned, here or in Keras."""
        config = {k: v for k, v in config.items() if v is not None or k not in _QUANTIZED}
        return super().from_config(config)

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes that ``build`` was called with; None before."""
        shapes = self._build_shapes
        if shapes is None:
            return None
        one = next(iter(shapes.values())) if len(shapes) == 1 else None
        return {"shapes_dict": shapes} if one is None else {"input_shape": one}

    def build_from_config(self, config: Mapping[str, Any] | None) -> None:
        """Build the layer with what `get_build_config` returned."""
        if config and "input_shape" in config:
            self.build(config["input_shape"])  # type: ignore[attr-defined]
        elif config and "shapes_dict" in config:
            self.build(**config["shapes_dict"])  # type: ignore[attr-defined]

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the values of the variables that this layer itself holds into ``store``."""
        for number, variable in enumerate(self._variables_of_its_own()):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Assign what `save_own_variables` put into ``store``.

        Raises:
            ShapeError: for another number of values.
        """
        variables = self._variables_of_its_own()
        if len(variables) != len(store):
            raise ShapeError("{layer} itself holds {n} variables; the file has {given}. Is it "
                             "built, and for such inputs?", layer=title(self), n=len(variables),
                             given=len(store))  # fmt: skip
        for number, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(number)]))

    def _variables_of_its_own(self) -> list[Variable]:
        unique = {id(v): v for v in self._own_variables()}.values()
        return sorted(unique, key=lambda v: not v.trainable)

    def quantize(self, mode: Any = None, **options: Any) -> None:
        """Refuse: weights of fewer bits are not made here.

        Raises:
            ConfigError: always.
        """
        raise ConfigError("{layer} is not quantized: Maeum trains and computes in floating "
                          "numbers. For smaller ones give dtype='bfloat16'.",
                          layer=title(self))  # fmt: skip
