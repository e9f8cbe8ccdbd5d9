"""The model: a layer that can be trained, made from a graph or by subclassing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax.numpy as jnp

from maeum.core import graph, registry
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.graph import Graph, SymbolicTensor
from maeum.core.hosting import HostPart, is_text
from maeum.core.masks import mask_of, with_mask
from maeum.core.module import layers_in
from maeum.core.randomness import check_seed, next_seed
from maeum.layers.layer import Layer
from maeum.models import graph_config
from maeum.models.building import Builder
from maeum.models.summary import summarize
from maeum.saving import archive
from maeum.saving.keras_weights import is_keras_file, load_keras_weights
from maeum.training.arrays import (
    as_array,
    as_arrays,
    check_input,
    check_texts,
    holds_text,
    match_names,
)
from maeum.training.trainer import Trainer


@registry.builtin
class Model(Trainer, Builder):
    """A network that can be trained.

    Two ways to make one (`Sequential` is the third):

    - functional: ``Model(inputs, outputs)`` for whatever graph of layers lies between them;
    - subclassing: hold layers as attributes, and write ``call``.

    Args:
        inputs: a symbolic input, or a list or dict of them.
        outputs: the symbolic outputs.
        name: the model's name.
        trainable: whether an optimizer may change it.
        seed: the seed that its first weights and its training follow from; the next one of
            `maeum.utils.set_random_seed` by default. It stands in ``model.seed``.

    Example:
        >>> import maeum as mm
        >>> x = mm.Input((4,))
        >>> h = mm.layers.Dense(8, activation="relu")(x)
        >>> model = mm.Model(x, mm.layers.Dense(1)(h))
        >>> model.count_params()
        49
        >>> class Net(mm.Model):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.hidden = mm.layers.Dense(8, activation="relu")
        ...         self.out = mm.layers.Dense(1)
        ...     def call(self, x):
        ...         return self.out(self.hidden(x))
        >>> import numpy as np
        >>> Net().predict(np.ones((2, 4))).shape
        (2, 1)
    """

    supports_masking = True
    _untracked = (
        Layer._untracked
        | {"graph", "_host", "_counter", "_programs", "objectives", "optimizer"}
        | {"compile_arguments", "_augment"}
    )
    graph: Graph | None = None
    _host: HostPart | None = None  # what turns texts into numbers before the program

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        *,
        name: str | None = None,
        trainable: bool = True,
        seed: int | None = None,
    ):
        super().__init__(name=name, trainable=trainable)
        self.seed = next_seed() if seed is None else check_seed(seed)
        self._seed_chosen = seed is not None
        self._component: dict[int, str] = {}
        self._init_trainer()
        if (inputs is None) != (outputs is None):
            raise ConfigError("A functional model needs both: Model(inputs, outputs).")
        if inputs is not None:
            self._set_graph(graph.Graph(_single(inputs), _single(outputs)))

    def __setattr__(self, name: str, value: Any) -> None:
        inside = () if name in self._untracked else layers_in(name, value)
        if any(True for _ in inside) and "_programs" in vars(self):
            self._forget_programs()  # they were compiled for the layers there were before
        super().__setattr__(name, value)

    # ---- the graph -------------------------------------------------------------------------------

    def _set_graph(self, made: Graph) -> None:
        layers = [o for o in made.operations if isinstance(o, Layer)]
        self._component = component_names(layers, self.name)
        self.graph, self._host = made, HostPart(made)
        self.built = True
        self._forget_programs()
        self._adopt()

    def _adopt(self) -> None:
        """Give every variable its path under this model and, if it is new, the model's seed.

        The first value of a variable follows from both. A model whose seed nobody chose leaves
        those of other models alone: looking at a part of a model does not change it.
        """
        for path, variable in self.named_variables().items():
            new = variable._value is None
            if new and (variable.seed is None or self._seed_chosen):
                variable.seed, variable.path = self.seed, path
            elif not new:
                variable.path = path

    def reseed(self, seed: int) -> None:
        """Let everything random follow from ``seed``, first weights not made yet included."""
        self.seed, self._seed_chosen = check_seed(seed), True
        if self.built:
            self._adopt()

    def _children(self) -> Iterator[tuple[str, Any]]:
        if self.graph is not None:
            for operation in self.graph.operations:
                if isinstance(operation, Layer):
                    yield self._component[id(operation)], operation
        yield from super()._children()

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside the model, in the order in which they stand in it."""
        unique = {id(layer): layer for _, layer in self._children()}
        return list(unique.values())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of that name, or with that index.

        Raises:
            UnknownNameError: for a name that no layer has.
        """
        if index is not None:
            return self.layers[index]
        by_name = {layer.name: layer for layer in self.layers}
        by_name |= dict(self._children())
        if name not in by_name:
            raise UnknownNameError(
                f"{self.name!r} has no layer {name!r}.{nearest(name, by_name)} It has: "
                f"{', '.join(by_name)}."
            )
        return by_name[name]

    @property
    def stateful(self) -> bool:  # type: ignore[override]
        """Whether a batch goes on with the states of the one before, in some recurrent layer."""
        return any(layer.stateful for layer in self._stateful_candidates())

    @property
    def fixed_rows(self) -> int | None:  # type: ignore[override]
        """The only number of rows of a batch, if states are kept for each of them."""
        fixed = (layer.fixed_rows for layer in self._stateful_candidates())
        return next((rows for rows in fixed if rows is not None), None)

    def reset_states(self) -> None:
        """Set the states of stateful recurrent layers to 0, for sequences that begin anew."""
        for layer in self._stateful_candidates():
            if layer.stateful and hasattr(layer, "reset_states"):
                layer.reset_states()

    reset_state = reset_states

    def _stateful_candidates(self) -> list[Any]:
        return [part for part in self.named_layers().values() if not isinstance(part, Model)]

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic inputs of a model that was made from a graph."""
        return self._require_graph().input_tensors

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic outputs of a model that was made from a graph."""
        return self._require_graph().output_tensors

    @property
    def input(self) -> Any:
        """The symbolic input, or the structure of inputs."""
        return self._require_graph().inputs

    @property
    def output(self) -> Any:
        """The symbolic output, or the structure of outputs."""
        return self._require_graph().outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, with None for the rows."""
        return graph.map_structure(lambda tensor: tensor.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, with None for the rows."""
        return graph.map_structure(lambda tensor: tensor.shape, self.output)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [self._tensor_name(tensor) for tensor in self.inputs] if self.graph else []

    def _tensor_name(self, tensor: SymbolicTensor) -> str:
        operation = tensor.node.operation  # type: ignore[union-attr]
        return self._component.get(id(operation), tensor.name or operation.name)

    @property
    def output_names(self) -> list[str]:  # type: ignore[override]
        """The names of the outputs: those of the layers that they come from."""
        if self.graph is None:
            return []
        if isinstance(self.graph.outputs, Mapping):
            return sorted(self.graph.outputs)
        names: list[str] = []
        for tensor in self.outputs:
            name = base = self._tensor_name(tensor)
            count = 1
            while name in names:
                name, count = f"{base}_{count}", count + 1
            names.append(name)
        return names

    def _require_graph(self) -> Graph:
        if self.graph is None:
            raise ConfigError(
                f"{self.name!r} was not made from symbolic inputs, so it has no symbolic inputs "
                "and outputs. Give it an Input, or look at its layers."
            )
        return self.graph

    # ---- calling ---------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; texts become numbers on the way in."""
        if self._host and args and holds_text(args[0]):
            args = (self._read_texts(args[0]), *args[1:])
        return super().__call__(*args, **kwargs)

    def _read_texts(self, x: Any) -> Any:
        """Return what the program takes for inputs with texts, symbolic ones too."""
        if graph.symbolic_leaves(x):
            assert self._host is not None
            return _single(self._host.run(self._graph_inputs(x)))
        return self._match_inputs(as_arrays(x, "x", texts=True))

    def call(self, inputs: Any) -> Any:
        """Run the graph, from the point where all is numbers; a subclass writes its own."""
        if self.graph is None:
            raise NotImplementedError(
                f"{type(self).__name__} has neither a graph nor a call(inputs); write one."
            )
        if self._host:
            program = self._host.program
            arrays = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        else:
            program, arrays = self.graph, self._graph_inputs(inputs)
        arrays = [_as_declared(a, t) for a, t in zip(arrays, program.input_tensors)]
        return program.run(arrays, _call_node)

    def _graph_inputs(self, inputs: Any) -> list[Any]:
        """Return one value for every input tensor of the graph, in their order."""
        declared = self._require_graph().inputs
        if isinstance(inputs, Mapping):
            by_key = isinstance(declared, Mapping) and not set(self.input_names) <= set(inputs)
            names = sorted(declared) if by_key else self.input_names
            inputs = match_names(inputs, names, "x")
        given = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        given = [leaf for part in given for leaf in (part if isinstance(part, list) else [part])]
        if len(given) != len(self.inputs):
            raise DataError(
                f"{self.name!r} takes {len(self.inputs)} inputs ({', '.join(self.input_names)}); "
                f"got {len(given)}. A list stands for several inputs; give the rows of one input "
                "as one array: numpy.stack(x)."
            )
        return given

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return nothing: the layers inside attach the masks themselves."""
        return None

    def _match_inputs(self, x: Any) -> Any:
        """Fit what the user gave to the declared inputs: order, missing last axes, shapes.

        Texts become numbers here, on the host: what is returned is what the program takes.
        """
        if self.graph is None:
            return x
        arrays = self._graph_inputs(x)
        for i, tensor in enumerate(self.inputs):
            if is_text(tensor):
                check_texts(arrays[i], tensor.name)
            elif self._host:  # beside texts, numbers may have come as objects
                arrays[i] = as_array(arrays[i], tensor.name)
            if tensor.shape[-1:] == (1,) and arrays[i].ndim == len(tensor.shape) - 1:
                arrays[i] = arrays[i][..., None]
            check_input(arrays[i], tensor.shape, tensor.name)
        return _single(self._host.run(arrays) if self._host else arrays)

    # ---- looking at it and keeping it ------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
    ) -> None:
        """Print the layers with their output shapes and numbers of parameters."""
        text = summarize(self, line_length, expand_nested, show_trainable)
        (print_fn or print)(text)

    def get_config(self) -> dict[str, Any]:
        """Return what makes this model again, without its weights."""
        if type(self) is Model and self.graph is not None:
            return {**graph_config.describe(self), "seed": self.seed}
        config = super().get_config()
        return {k: v for k, v in config.items() if k not in ("inputs", "outputs")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a model from what `get_config` returned."""
        if "nodes" in config:
            inputs, outputs = graph_config.rebuild(config)
            trainable = config.get("trainable", True)
            model = cls(
                inputs=inputs, outputs=outputs, name=config["name"], seed=config.get("seed")
            )
            model._trainable = bool(trainable)
            return model
        return super().from_config(config)

    def to_json(self, **options: Any) -> str:
        """Return the architecture as JSON, for `maeum.models.model_from_json`."""
        return json.dumps(archive.architecture(self), **options)

    def save(
        self, filepath: str | os.PathLike, overwrite: bool = True, include_optimizer: bool = True
    ) -> None:
        """Save the model with everything it needs to predict and to go on training.

        Args:
            filepath: the file, ``*.maeum``.
            overwrite: False to raise if the file is there already.
            include_optimizer: False to leave the state of the training out.

        Raises:
            SaveError: if it cannot be written; a file that was there before is still whole.
        """
        archive.save_model(self, filepath, overwrite, include_optimizer)

    def save_weights(self, filepath: str | os.PathLike, overwrite: bool = True) -> None:
        """Save the weights alone, as a safetensors file."""
        archive.save_weights(self, filepath, overwrite)

    def load_weights(
        self,
        filepath: str | os.PathLike,
        skip_mismatch: bool = False,
        by_name: bool = False,
    ) -> None:
        """Load weights that `save_weights` or `save` wrote, by their paths; or those of Keras.

        Args:
            filepath: a ``*.safetensors`` or ``*.maeum`` file, or one that Keras wrote:
                ``*.weights.h5``, ``*.h5`` or ``*.keras``.
            skip_mismatch: leave alone what is missing or has another shape.
            by_name: for a file of Keras: match layers by name, and leave alone those that the
                file does not name.

        Raises:
            ModelFileError: if they do not fit; nothing is changed then.
        """
        if is_keras_file(filepath):
            load_keras_weights(self, filepath, by_name, skip_mismatch)
        elif by_name:
            raise ConfigError("by_name=True is for files of Keras; others go by path anyway.")
        else:
            archive.load_weights(self, filepath, skip_mismatch)

    def __reduce__(self) -> tuple:
        return archive.unpickle, archive.to_pickle(self)

    def __deepcopy__(self, memo: dict) -> Model:
        return archive.unpickle(*archive.to_pickle(self))


def component_names(layers: list[Layer], owner: str) -> dict[int, str]:
    """Name layers within a model: their own names, numbered where nobody chose them.

    Raises:
        ConfigError: if two layers were given the same name.
    """
    chosen = [layer._name for layer in layers if layer._name is not None and not layer._auto_named]
    twice = {name for name in chosen if chosen.count(name) > 1}
    if twice:
        raise ConfigError(
            f"{owner!r} has two layers named {twice.pop()!r}; names are unique within a model."
        )
    taken = set(chosen)
    names: dict[int, str] = {}
    for layer in layers:
        name = layer.name
        if layer._name is None or layer._auto_named:
            base = registry.snake_case(type(layer).__name__)
            name = layer._name or base
            count = 1
            while name in taken:
                name, count = f"{base}_{count}", count + 1
            if layer._name is None:
                layer._name, layer._auto_named = name, True
        taken.add(name)
        names[id(layer)] = name
    return names


def _call_node(node: graph.Node, args: tuple, kwargs: dict) -> Any:
    return node.operation(*args, **kwargs)


def _as_declared(array: Any, tensor: SymbolicTensor) -> Any:
    """Give an input the dtype that its Input declares."""
    array = jnp.asarray(array)
    check_input(array, tensor.shape, tensor.name)
    return (
        array
        if array.dtype == tensor.dtype
        else with_mask(array.astype(tensor.dtype), mask_of(array))
    )


def _single(structure: Any) -> Any:
    """Return the only entry of a list or tuple of one, which is what Keras makes of it, too."""
    one = isinstance(structure, (list, tuple)) and len(structure) == 1
    return structure[0] if one else structure
