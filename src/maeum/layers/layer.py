"""The layer: hyper-parameters, variables made in ``build``, and ``call``."""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import regularizers
from maeum.core import graph
from maeum.core.checks import check_bool
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.keras_scopes import current_remat
from maeum.core.masks import answered, mask_of, with_mask
from maeum.core.messages import _
from maeum.core.randomness import fold
from maeum.core.rematerializing import rematerialized
from maeum.core.scope import Scope, current_scope
from maeum.core.threads import check_process
from maeum.core.variable import Variable, materialize
from maeum.layers.checks import explain, is_shape, title
from maeum.layers.input_spec import check_inputs
from maeum.layers.masked_layer import MaskedLayer, first_option, mask_arguments
from maeum.metrics.reduction import Mean


class Layer(MaskedLayer):
    """Base of every layer, yours included.

    Write ``build(input_shape)`` to make variables with `add_weight`, and ``call(inputs)`` to
    compute. ``call`` may also take ``training`` and ``mask``; both are then handed to it.

    Args:
        name: the layer's name; one after its class by default.
        trainable: whether an optimizer may change its variables.
        dtype: the dtype of its variables and of its computation; or a policy such as
            ``"mixed_bfloat16"``, for variables of 32 bits and a computation in 16.
        activity_regularizer: a regularizer of its output, added to the loss.
        autocast: whether inputs, and the weights in ``call``, take the dtype of the computation.
        input_shape: the shape of one input, for a first layer (as in older Keras code).
        input_dim: the same for inputs with one axis.
        batch_input_shape: the same with the batch axis in front.

    Example:
        >>> import numpy as np
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight("factor", (input_shape[-1],), "ones")
        ...     def call(self, x):
        ...         return x * self.factor
        >>> Scale()(np.ones((2, 3), "float32")).shape
        (2, 3)
    """

    activity_regularizer: Any = None
    first_shape: tuple | None = None
    # Whether there is nothing to make in `build`, which only checks the shape: then the layer
    # counts as built from the beginning, as in Keras.
    weightless = False
    # Whether the mask that `call` takes has an entry for each of the input, instead of each step.
    masks_entries = False
    # Whether a batch goes on from the batch before, and then how many rows each batch has.
    stateful = False
    fixed_rows: int | None = None
    # The names of the arguments of `call`, without ``self``, and what it takes for ``training``
    # where nobody says it.
    call_arguments: tuple[str, ...] = ("inputs",)
    training_by_default: bool | None = None

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        activity_regularizer: Any = None,
        autocast: bool = True,
        input_shape: tuple | None = None,
        input_dim: int | None = None,
        batch_input_shape: tuple | None = None,
    ):
        if name is not None and (not isinstance(name, str) or not name or "/" in name):
            raise ConfigError("A layer's name is a string without '/'; got {name!r}.", name=name)
        self._name = name
        self._trainable = check_bool(trainable, "trainable")
        self.dtype_policy = dtype
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = bool(autocast)
        self.first_shape = _first_shape(input_shape, input_dim, batch_input_shape)
        self.built = self.weightless
        self.recomputed = current_remat()
        self._nodes: list[graph.Node] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.weightless = vars(cls).get("weightless", False)
            cls.build = cls._wrap_build(cls.build)  # type: ignore[method-assign]
        if "compute_mask" in vars(cls) and cls.supports_masking is False:
            # Whoever computes a mask knows masks, unless it says otherwise.
            cls.supports_masking = vars(cls).get("supports_masking", True)
        if "call" in vars(cls):
            parameters = inspect.signature(cls.call).parameters
            cls.call_arguments = tuple(parameters)[1:]
            cls._options_from = first_option(parameters)
            cls.mask_arguments = mask_arguments(cls.call_arguments)
            default = getattr(parameters.get("training"), "default", None)
            cls.training_by_default = default if isinstance(default, bool) else None

    @staticmethod
    def _wrap_build(build: Any) -> Any:
        """Return a ``build`` that also notes that the layer is built now."""

        @functools.wraps(build)
        def wrapped(self: Layer, *args: Any, **kwargs: Any) -> None:
            build(self, *args, **kwargs)
            vars(self)["_build_shapes"] = dict(zip(names, args)) | kwargs
            self.built = True

        names = list(inspect.signature(build).parameters)[1:]
        return wrapped

    def __getstate__(self) -> dict[str, Any]:
        # A copy stands in no graph yet (but an input layer is the node that it begins with).
        nodes = [node for node in self._nodes if not node.inputs]
        return {**vars(self), "_nodes": nodes, "_compiled_functions": None}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if "_nodes" not in vars(self):
                raise AttributeError(_(
                    "{layer}.__init__ has to call super().__init__() first.",
                    layer=type(self).__name__,
                ))  # fmt: skip
            return object.__getattribute__(self, name)  # which raises the usual error

    # ---- what a layer writes -------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the variables for inputs of ``input_shape`` (None where unknown)."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Compute the outputs."""
        raise NotImplementedError(
            _("{layer} has no call(inputs) yet; write one.", layer=type(self).__name__)
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        inputs: Any
        if is_shape(input_shape):
            inputs = graph.SymbolicTensor(tuple(input_shape), self.dtype)
        else:
            inputs = type(input_shape)(graph.SymbolicTensor(s, self.dtype) for s in input_shape)
        outputs = self._infer((inputs,), {})
        return graph.map_structure(lambda tensor: tensor.shape, outputs)

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Add to the loss of the model; called from ``call``.

        Args:
            loss: a number, an array (whose sum is added) or a list of them.
            inputs: what older code says the loss depends on; it need not be said.
        """
        losses = loss if isinstance(loss, (list, tuple)) else [loss]
        _scope_for("add_loss", losses).losses.extend(jnp.sum(jnp.asarray(part)) for part in losses)

    def add_metric(self, value: Any, name: str, aggregation: str | None = "mean") -> None:
        """Show a value among the metrics, as its mean over the batches; called from ``call``.

        Args:
            value: a number, or an array with one number for each sample.
            name: the name under which it is logged.
            aggregation: Keras 2's argument; the mean is the only one.
        """
        _scope_for("add_metric", value)
        if aggregation not in ("mean", None):
            raise ConfigError("add_metric knows the aggregation 'mean'; got {aggregation!r}. For "
                              "another, hold a metric of maeum.metrics as an attribute, and call "
                              "its update_state.", aggregation=aggregation)  # fmt: skip
        vars(self).setdefault("_added_metrics", {}).setdefault(name, Mean(name)).update_state(value)

    def random_key(self, seed: int | None = None) -> jax.Array:
        """Return the key for this layer's next random draw, which a seed may set apart.

        It is called from ``call``.
        """
        key = _scope_for("random_key").random_key(self)
        return key if seed is None else fold(key, seed)

    # ---- calling ---------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; on symbolic inputs, record a node and return symbolic outputs."""
        if not args and "inputs" in kwargs and "inputs" not in self.call_arguments:
            args = (kwargs.pop("inputs"),)  # what Keras calls the first argument
        if graph.symbolic_leaves((args, kwargs)):
            outputs = graph.record(self, args, kwargs, self._specified(args, kwargs))
            self._nodes.append(graph.symbolic_leaves(outputs)[0].node)  # type: ignore[arg-type]
            return outputs
        scope = current_scope()
        if scope is not None:
            return self._run(scope, args, kwargs)
        check_process()
        with Scope(training=None) as scope:
            outputs = self._run(scope, args, kwargs)
        self.__dict__["_last_losses"] = scope.losses
        return outputs

    def _specified(self, args: tuple, kwargs: dict) -> Any:
        """Return the symbolic outputs, as a class says itself that writes `compute_output_spec`."""
        if type(self).compute_output_spec is not Layer.compute_output_spec:
            self._ensure_built(args, kwargs)
            with contextlib.suppress(NotImplementedError):
                return self.compute_output_spec(*args, **kwargs)
        return self._infer(args, kwargs)

    def _infer(self, args: tuple, kwargs: dict) -> Any:
        """Build the layer for symbolic arguments and return its symbolic outputs."""
        self._ensure_built(args, kwargs)
        read: dict[Variable, None] = {}

        def run(*args: Any, **kwargs: Any) -> Any:
            with Scope(abstract=True) as scope:
                outputs = self._run(scope, args, kwargs)
            read.update(scope.reads)
            return outputs

        own = type(self).__module__.startswith("maeum.")  # others may note something in `call`
        try:
            outputs = graph.infer_outputs(run, args, kwargs, name=self.name if own else None)
        except (TypeError, ValueError):
            outputs = self._declared_outputs_of(args, kwargs)
            if outputs is None:
                raise
        held = set(self.weights)
        for variable in read:
            if variable.trainable and variable not in held:
                warnings.warn(_(
                    "{layer} reads the variable {path!r} but does not hold it, so no model trains "
                    "or saves it for this layer. Hold it as an attribute of the layer, or hand it "
                    "to an op or layer beside its input.", layer=title(self), path=variable.path,
                ), stacklevel=3)  # fmt: skip
        for tensor in graph.symbolic_leaves(outputs):
            tensor.name = self.name
        return outputs

    def _declared_outputs_of(self, args: tuple, kwargs: dict) -> Any:
        """Return what `compute_output_shape` says of one symbolic input, if a layer writes it."""
        own = type(self).compute_output_shape is not Layer.compute_output_shape
        if not own or len(args) != 1 or not graph.is_symbolic(args[0]) or kwargs:
            return None
        shape = self.compute_output_shape(args[0].shape)
        return graph.SymbolicTensor(shape, self.dtype) if is_shape(shape) else None

    def _run(self, scope: Scope, args: tuple, kwargs: dict) -> Any:
        args, kwargs = self._with_options_by_name(args, kwargs)
        args = graph.map_structure(self._as_array, args)
        if not self._is_ready():
            self._ensure_built(args, kwargs)
            if not scope.abstract:
                materialize(self.variables)  # all by one program
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        self._check_inputs(inputs)
        accepted = self.call_arguments
        outer_training, outer_cast = scope.training, scope.cast_to
        said = (kwargs.pop("training", None), outer_training, self.training_by_default)
        scope.training = next((bool(one) for one in said if one is not None), None)
        if "training" in accepted:
            kwargs["training"] = bool(scope.training)
        masks = graph.map_structure(mask_of, inputs)
        if self.mask_arguments:
            kwargs = self._with_masks(args, kwargs)
        scope.cast_to = self.half_dtype if self.autocast else None
        try:
            with answered(by_layer=not self._is_composite()):
                if self.recomputed is None:
                    outputs = self.call(*args, **kwargs)
                else:
                    outputs = rematerialized(self, self.recomputed, scope, args, kwargs)
        except (TypeError, ValueError) as error:
            explain(error, self, inputs)
            raise
        finally:
            scope.training, scope.cast_to = outer_training, outer_cast
        if outputs is None:
            own = type(self).__name__
            raise ConfigError("{layer}.call() returned nothing; is a return missing?", layer=own)
        if self.activity_regularizer is not None:
            # A penalty per sample, so that it does not grow with the batch (as in Keras).
            scope.losses.extend(
                self.activity_regularizer(x) / (max(x.shape[0], 1) if x.ndim else 1)
                for x in jax.tree.leaves(outputs)
            )
        return self._pass_mask(inputs, kwargs.get("mask", masks), outputs)

    def _as_array(self, x: Any) -> Any:
        """Turn an argument into a JAX array; floating numbers take the dtype of the computation."""
        if isinstance(x, Variable):
            x = x.value
        elif isinstance(x, (np.ndarray, np.generic)):
            x = np.asarray(x)
            if x.dtype == object or x.dtype.kind in "SU":
                raise ShapeError("{layer} got an array of {dtype}; it takes numbers. Turn "
                                 "categories into numbers first (one-hot, or an index for "
                                 "Embedding).", layer=title(self), dtype=x.dtype)  # fmt: skip
            floating = x.dtype.kind == "f" and self.autocast
            x = jnp.asarray(x, self._input_dtype if floating else None)
        if isinstance(x, jax.Array) and self.autocast and jnp.issubdtype(x.dtype, jnp.floating):
            cast = x.astype(self._input_dtype)
            return with_mask(cast, mask_of(x)) if cast is not x else x
        return x

    @property
    def _input_dtype(self) -> Any:
        if self.casts_inputs:
            return np.dtype(self.compute_dtype)
        return jnp.promote_types(self.dtype, jnp.float32)

    def _check_inputs(self, inputs: Any) -> None:
        if self._input_spec is not None:
            check_inputs(self._input_spec, inputs, self)
        if not hasattr(inputs, "shape"):
            return
        ranks = (axis + 1 if axis >= 0 else -axis for axis in self.input_axes)
        rank = max(self.input_rank, *ranks, 0)
        if len(inputs.shape) < rank:
            raise ShapeError("{layer} takes inputs with at least {rank} axes, the batch included; "
                             "got shape {shape}.", layer=title(self), rank=rank,
                             shape=tuple(inputs.shape))  # fmt: skip
        for axis, size in self.input_axes.items():
            if inputs.shape[axis] not in (size, None):
                raise ShapeError("{layer} was built for inputs of size {size} along axis {axis}; "
                                 "got shape {shape}.", layer=title(self), size=size, axis=axis,
                                 shape=tuple(inputs.shape))  # fmt: skip

    def _is_ready(self) -> bool:
        return self.built and (self._build_shapes is not None or not self.weightless)

    def _ensure_built(self, args: tuple, kwargs: dict) -> None:
        if self._is_ready():
            return
        given = dict(zip(self.call_arguments, args)) | kwargs
        names = list(inspect.signature(self.build).parameters)
        if len(names) > 1:  # build(query_shape, value_shape): one for each argument of call
            shapes = {
                name: _shapes(given[name.removesuffix("_shape")])
                for name in names
                if given.get(name.removesuffix("_shape")) is not None
            }
            self.build(**shapes)
        else:
            self.build(_shapes(next(iter(given.values()), None)))
        self.built = True

    @property
    def losses(self) -> list[jax.Array]:
        """What regularizers and `add_loss` add to the loss, for the latest call."""
        scope = current_scope()
        collected = scope.losses if scope is not None else vars(self).get("_last_losses", [])
        penalties = [v.regularizer(v.value) for v in self.trainable_weights if v.regularizer]
        return [*collected, *penalties]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name!r}{'' if self.built else ' (not built)'}>"


def _scope_for(method: str, value: Any = None) -> Scope:
    """Return the scope of the call that uses a layer's ``method``, or say where that belongs."""
    scope = current_scope()
    if scope is None or graph.symbolic_leaves(value):
        raise ConfigError("{method} belongs in the call() of a layer. Losses and metrics of "
                          "symbolic tensors are those of a functional model: "
                          "model.add_loss(tensor), model.add_metric(tensor, name); a penalty on a "
                          "weight is its regularizer.", method=method)  # fmt: skip
    return scope


def _first_shape(shape: Any, size: int | None, batch_shape: Any) -> tuple | None:
    if size is not None:
        shape = (size,)
    if batch_shape is not None:
        return graph.check_shape(batch_shape, "batch_input_shape")
    return None if shape is None else (None, *graph.check_shape(shape, "input_shape"))


def _shapes(structure: Any) -> Any:
    return graph.map_structure(lambda x: tuple(getattr(x, "shape", np.shape(x))), structure)
