"""The recurrent layer: a cell that is run over the steps of sequences."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import graph, registry
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.messages import _
from maeum.core.scope import current_scope
from maeum.core.variable import Variable
from maeum.layers.checks import checked_mask, is_shape, title
from maeum.layers.declared_weights import by_name
from maeum.layers.layer import Layer
from maeum.layers.recurrent_loop import check_cell, initial_states, run_cell
from maeum.layers.stacked_rnn_cells import StackedRNNCells, build_cell
from maeum.ops.kernels.rows import reverse

C = TypeVar("C", bound=type)


class RNN(Layer):
    """Run a cell, or a stack of cells, over the steps of sequences.

    A cell has ``call(inputs, states)``, which takes the inputs of one step ``(batch, features)``
    and returns the output and the new states, and ``state_size``, a size or a list of sizes. It
    may have ``get_initial_state(batch_size)``, zeros otherwise. What a cell draws at random is the
    same in all steps of a sequence.

    Shapes: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with
    ``return_sequences``. With ``return_state`` a tuple: the output, then the states.

    A mask (bools ``(batch, steps)``) excludes steps: there, the states stay, and the output is
    the one before. A row that is masked throughout gives the initial state.

    The states to begin with may be given: ``layer(x, initial_state=[h, c])`` or
    ``layer([x, h, c])``, as arrays or symbolic tensors.

    Args:
        cell: a cell, or a list of cells, the lowest first.
        return_sequences: whether the outputs of all steps are returned, or the last one.
        return_state: whether the last states are returned, too.
        go_backwards: whether sequences are read from their end. The outputs come in the order in
            which they are computed, and so does the mask.
        stateful: whether a batch goes on with the states of the batch before. The batch needs a
            fixed size then: ``Input(batch_shape=...)``. See `reset_states`.
        unroll: accepted as Keras's; the loop is compiled anyway.
        zero_output_for_mask: whether the outputs of masked steps are 0 with ``return_sequences``.
        input_length: the steps of an input, if this is the first layer (older code).
        input_dim: the features of an input, if this is the first layer (older code).

    Raises:
        ConfigError: for something that is not a cell.
        ShapeError: for inputs, masks or states that do not fit; for another batch size if
            ``stateful``.

    Example:
        >>> import numpy as np
        >>> from maeum.layers import Dense
        >>> class Sum(Layer):
        ...     state_size = 3
        ...     def call(self, inputs, states):
        ...         total = states[0] + inputs
        ...         return total, [total]
        >>> RNN(Sum())(np.ones((2, 5, 3), "float32")).tolist()
        [[5.0, 5.0, 5.0], [5.0, 5.0, 5.0]]
    """

    supports_masking = True
    input_rank = 3
    # The axes of the input of one step, the batch included; None if the cell takes any.
    step_rank: int | None = None
    # States belong to a batch, not to what was learned: they are no weights.
    _untracked = Layer._untracked | {"states"}
    # Arguments that are the cell's, where `makes_cell` let the layer make it.
    cell_arguments: tuple[str, ...] = ()
    fixed_by_build = frozenset({"stateful"})

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        *,
        input_length: int | None = None,
        input_dim: int | None = None,
        **kwargs: Any,
    ):
        if input_dim is not None:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell, dtype=self.dtype_policy)
        self.cell = check_cell(cell)
        self.return_sequences = bool(return_sequences)
        self.return_state = bool(return_state)
        self.go_backwards = bool(go_backwards)
        self.stateful = bool(stateful)
        self.unroll = bool(unroll)
        self.zero_output_for_mask = bool(zero_output_for_mask)
        self.states: Any = None

    def _changed_arguments(self) -> dict[str, Any]:
        changed = super()._changed_arguments()
        if self.cell_arguments:
            changed.pop("cell", None)
            inner = self.cell._changed_arguments()
            changed |= {name: inner[name] for name in self.cell_arguments if name in inner}
        return changed

    def build(self, input_shape: Any) -> None:
        """Build the cell; make the variables of the states, if they are to be kept."""
        shape = self._sequence_shape(input_shape)
        batch, features = shape[0], shape[2:]
        self.input_axes = {i: n for i, n in enumerate(features, 2) if n is not None}
        build_cell(self.cell, (batch, *features), self.dtype)
        if self.stateful:
            if batch is None:
                raise ShapeError(self._needs_batch_size())
            self.fixed_rows = batch
            zeros = jax.eval_shape(lambda: self.get_initial_state(batch))
            self.states = jax.tree.map(self._state_variable, zeros)

    def _sequence_shape(self, shape: Any) -> tuple:
        rank = None if self.step_rank is None else self.step_rank + 1
        if not is_shape(shape) or len(shape) != (rank or max(3, len(shape))):
            raise ShapeError("{layer} takes sequences (batch, steps, ...) with {rank} axes; got "
                             "shape {shape}. For one feature, give x[..., None]; for one sequence, "
                             "x[None].", layer=title(self), rank=rank or "3+",
                             shape=shape)  # fmt: skip
        return tuple(shape)

    def _state_variable(self, like: Any) -> Variable:
        state = Variable(
            np.zeros((), like.dtype), like.shape, like.dtype, trainable=False, name="rnn_state"
        )
        state.seed, state.path = 0, f"{self.name}/rnn_state"
        return state

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Return the initial states of ``batch_size`` sequences."""
        return initial_states(self.cell, batch_size, self.compute_dtype)

    def reset_states(self, states: Any = None) -> None:
        """Set the states that a stateful layer keeps: to 0, or to ``states``.

        Raises:
            ConfigError: if the layer is not stateful.
        """
        if not self.stateful:
            raise ConfigError("{layer} keeps no states: it is not stateful=True, so every batch "
                              "starts from zeros.", layer=title(self))  # fmt: skip
        kept = jax.tree.leaves(self.states)
        given = [np.zeros(v.shape) for v in kept]
        if states is not None:
            given = jax.tree.leaves(states)
            self._check_states(given, kept)
        for variable, value in zip(kept, given):
            variable.assign(np.asarray(value))

    reset_state = reset_states

    # ---- calling ---------------------------------------------------------------------------

    def __call__(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """Compute the outputs; ``layer([x, h, c])`` gives the initial states, too."""
        several = isinstance(sequences, (list, tuple)) and len(sequences) > 1
        if several and initial_state is None and all(hasattr(s, "shape") for s in sequences):
            sequences, *initial_state = sequences
        symbolic = graph.is_symbolic(sequences)
        if symbolic and self.stateful and sequences.shape[:1] == (None,):
            raise ShapeError(self._needs_batch_size())
        if initial_state is not None:
            kwargs["initial_state"] = initial_state
        return super().__call__(sequences, **kwargs)

    def _check_inputs(self, inputs: Any) -> None:
        self._sequence_shape(getattr(inputs, "shape", [inputs]))
        super()._check_inputs(inputs)

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Run the cell over the sequences."""
        scope = current_scope()
        carried = None if scope is None or self.go_backwards else scope.carried
        path = "" if scope is None else scope.path_of(self)
        if initial_state is None and carried is not None and not self.stateful:
            initial_state = carried.get(path)
        states = self._first_states(sequences.shape[0], initial_state)
        mask = self._checked_mask(mask, sequences)
        if self.go_backwards:
            sequences = reverse(sequences, 1)
            mask = None if mask is None else jnp.flip(mask, 1)
        outputs, output, states = run_cell(self.cell, sequences, states, mask, training)
        if self.stateful:
            jax.tree.map(lambda variable, value: variable.assign(value), self.states, states)
        elif carried is not None and scope is not None:
            scope.left[path] = states
        if self.return_sequences:
            output = outputs
            if self.zero_output_for_mask and mask is not None:
                kept = mask.reshape(mask.shape + (1,) * (outputs.ndim - 2))
                output = jnp.where(kept, outputs, jnp.zeros((), outputs.dtype))
        return (output, *states) if self.return_state else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs: none for the last output alone."""
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        if not self.return_sequences:
            mask = None
        elif mask is not None and self.go_backwards:
            mask = jnp.flip(mask, 1)
        return [mask] if self.return_state else mask

    def _first_states(self, batch: int, given: Any) -> list[Any]:
        if self.stateful:
            size = self.fixed_rows
            if size != batch:
                raise ShapeError("{layer} is stateful, and keeps the states of {size} rows; this "
                                 "batch has {batch}. Give batches of {size} rows: "
                                 "batch_size={size}, and a number of rows that it divides.",
                                 layer=title(self), size=size, batch=batch)  # fmt: skip
        if given is None and self.stateful:
            return jax.tree.map(lambda variable: variable.value, self.states)
        expected = self.get_initial_state(batch)
        if given is None:
            return expected
        leaves, structure = jax.tree.flatten(expected)
        values = [self._as_array(value) for value in jax.tree.leaves(given)]
        self._check_states(values, leaves)
        values = [jnp.asarray(v, leaf.dtype) for v, leaf in zip(values, leaves)]
        return jax.tree.unflatten(structure, values)

    def _check_states(self, given: list[Any], expected: list[Any]) -> None:
        got, wanted = [np.shape(s) for s in given], [tuple(s.shape) for s in expected]
        if got != wanted:
            raise ShapeError("{layer} takes states of the shapes {expected}; got {given}.",
                             layer=title(self), expected=wanted, given=got)  # fmt: skip

    def _checked_mask(self, mask: Any, x: jax.Array) -> Any:
        if mask is None:
            return None
        mask = jnp.asarray(mask, bool)
        if mask.ndim > 2:  # a step counts if any of its entries does
            mask = mask.any(tuple(range(2, mask.ndim)))
        return checked_mask(mask, x.shape[:2], self)

    def _needs_batch_size(self) -> str:
        return _(
            "{layer} is stateful: it keeps a state for each row of the batch, so the size of the "
            "batch has to be known. Give Input(batch_shape=(32, None, 8)), or batch_input_shape= "
            "to a first layer.", layer=title(self),
        )  # fmt: skip


class GatedRNN(RNN):
    """Base of `LSTM` and `GRU`, whose cells have a recurrent activation."""

    step_rank = 2

    if TYPE_CHECKING:  # the first of the arguments, for editors, which do not run `makes_cell`

        def __init__(
            self,
            units: int,
            activation: Any = "tanh",
            recurrent_activation: Any = "sigmoid",
            use_bias: bool = True,
            **arguments: Any,
        ): ...

    else:

        def __init__(self, use_cudnn: Any = "auto", **kwargs: Any):
            super().__init__(**kwargs)
            self.use_cudnn = check_choice(use_cudnn, ("auto", True, False), "use_cudnn")


LOOP_ARGUMENTS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")


def makes_cell(cell_class: type[Layer], *then: str, rank: bool = False) -> Callable[[C], C]:
    """Let a layer class take the arguments of its cell, make the cell, and show them as its own.

    ``layer.units`` is ``layer.cell.units`` then. The arguments stand in the cell's order, with
    ``activity_regularizer`` behind the other regularizers; those named in ``then``, which are the
    cell's or the layer's, come last.

    Args:
        cell_class: the class of the cell.
        then: the last arguments.
        rank: whether the cell takes the layer's ``rank`` first.
    """
    own = inspect.signature(cell_class.__init__).parameters
    of_cell = {
        name: p
        for name, p in _parameters_of(cell_class).items()
        if name in own or p.kind is p.KEYWORD_ONLY
    }

    def decorate(cls: C) -> C:
        written = cls.__init__  # type: ignore[misc]
        known = {**_parameters_of(cls), **of_cell}
        known["activity_regularizer"] = of_cell["kernel_regularizer"].replace(
            name="activity_regularizer"
        )
        names = [
            n for n, p in of_cell.items() if n not in then and p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        names.insert(names.index("kernel_constraint"), "activity_regularizer")
        names += then
        last = [p for p in of_cell.values() if p.kind is p.KEYWORD_ONLY]
        first, *_unused, rest = inspect.signature(written).parameters.values()
        signature = inspect.Signature([first, *(known[name] for name in names), *last, rest])

        @functools.wraps(written)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            arguments = by_name(signature, args, kwargs)
            given = {name: arguments.pop(name) for name in of_cell if name in arguments}
            if rank:
                given["rank"] = self.rank
            called = registry.snake_case(cell_class.__name__)
            cell = cell_class(**given, dtype=arguments.get("dtype"), name=called)
            written(self, cell=cell, **arguments)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[misc]
        cls.cell_arguments = tuple(of_cell)  # type: ignore[attr-defined]
        for name in set(of_cell) - {"implementation", "peepholes"}:
            setattr(cls, name, _of_cell(name))
        return cls

    return decorate


def _parameters_of(cls: type) -> dict[str, inspect.Parameter]:
    """Return the arguments of a class, with those of its bases below `Layer`."""
    found: dict[str, inspect.Parameter] = {}
    for base in cls.__mro__[: cls.__mro__.index(Layer)]:
        # Not by `init_signature`, which remembers: ``__init__`` is about to be replaced.
        for name, parameter in inspect.signature(base.__init__).parameters.items():  # type: ignore[misc]
            found.setdefault(name, parameter)
    return {name: p for name, p in found.items() if name not in ("self", "rank", "cell", "kwargs")}


def _of_cell(name: str) -> property:
    return property(
        lambda layer: getattr(layer.cell, name),
        lambda layer, value: setattr(layer.cell, name, value),
        doc=f"The cell's ``{name}``.",
    )
