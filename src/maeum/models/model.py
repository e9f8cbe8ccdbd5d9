"""The model: a layer that can be trained, made from a graph or by subclassing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maeum.core import graph, registry
from maeum.core.errors import ConfigError, UnknownNameError, nearest
from maeum.core.graph import Graph, SymbolicTensor
from maeum.core.randomness import check_seed, next_seed
from maeum.core.settings import say, terminal_width
from maeum.core.variable import has_value
from maeum.layers.layer import Layer
from maeum.models import graph_config
from maeum.models.attached import AddLoss, AddMetric
from maeum.models.attributes import ModelAttributes
from maeum.models.functional import single
from maeum.models.summary import summarize
from maeum.saving import archive
from maeum.saving.keras_weights import is_keras_file, load_keras_weights


@registry.builtin
class Model(ModelAttributes):
    """A network that can be trained.

    Two ways to make one (`Sequential` is the third):

    - functional: ``Model(inputs, outputs)`` for whatever graph of layers and ops lies between
      them. A `maeum.Variable` that an op takes beside a symbolic tensor, as in ``x @ w``, is a
      weight of every such model. Models that share one see one value; each saves and loads it, and
      what one loads, the other sees;
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
    undescribed = ModelAttributes.undescribed | {"inputs", "outputs"}
    casts_inputs = False  # the layers inside do, and they know better
    _untracked = Layer._untracked | {
        "graph", "_host", "trainer", "optimizer", "history", "compile_arguments",
    }  # fmt: skip
    # What a program depends on of these, it is told: see `maeum.training.trainer`.
    _uncounted = frozenset({"history", "stop_training"})
    _untraced = Layer._untraced | {
        "trainer", "optimizer", "history", "compile_arguments", "stop_training",
        "seed", "_seed_chosen", "_component", "_name", "_auto_named", "_first_call",
    }  # fmt: skip

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
        if (inputs is None) != (outputs is None):
            raise ConfigError("A functional model needs both: Model(inputs, outputs).")
        if inputs is not None:
            self._set_graph(graph.Graph(single(inputs), single(outputs)))

    # ---- what it consists of ---------------------------------------------------------------------

    def _adopt(self) -> None:
        """Give every variable its path under this model and, if it is new, the model's seed.

        The first value of a variable follows from both. A model whose seed nobody chose leaves
        those of other models alone: looking at a part of a model does not change it.
        """
        for path, variable in self.named_variables().items():
            new = not has_value(variable)
            if new and (variable.seed is None or self._seed_chosen):
                variable.seed, variable.path = self.seed, path
            elif not new:
                variable.path = path

    def reseed(self, seed: int) -> None:
        """Let everything random follow from ``seed``, first weights not made yet included."""
        self.seed, self._seed_chosen = check_seed(seed), True
        if self.built:
            self._adopt()

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Add to the loss in training and evaluation.

        Args:
            loss: a symbolic tensor of a functional model that follows from its inputs, or a list
                of them; within ``call``, what a layer's ``add_loss`` takes. An array is summed up.
            inputs: what older code says the loss depends on; it need not be said.

        Raises:
            ConfigError: if it follows from something else than the model's inputs.

        Example:
            >>> import maeum as mm
            >>> x = mm.Input((3,))
            >>> code = mm.layers.Dense(2)(x)
            >>> again = mm.layers.Dense(3)(code)
            >>> model = mm.Model(x, again)
            >>> model.add_loss(mm.ops.mean((x - again) ** 2))
            >>> model.add_metric(mm.ops.mean(abs(code)), name="size")
            >>> model.compile("adam")
            >>> history = model.fit(mm.ops.ones((8, 3)), verbose=0)
            >>> sorted(history.history)
            ['loss', 'size']
        """
        if not graph.symbolic_leaves(loss):
            super().add_loss(loss)
            return
        for tensor in loss if isinstance(loss, (list, tuple)) else [loss]:
            self._attach(AddLoss(), tensor)

    def add_metric(self, value: Any, name: str, aggregation: str | None = "mean") -> None:
        """Show a value among the metrics, as its mean; see `add_loss`, whose tensors it takes."""
        if not graph.symbolic_leaves(value):
            super().add_metric(value, name, aggregation)
            return
        if name in ("loss", *(metric.name for metric in self._own_metrics())):
            raise ConfigError(
                "{model!r} has a metric named {name!r}; choose another name.",
                model=self.name,
                name=name,
            )
        self._attach(AddMetric(name, aggregation), value)

    def _attach(self, layer: Layer, tensor: SymbolicTensor) -> None:
        """Let the graph compute ``layer(tensor)`` whenever it computes its outputs."""
        made = self._require_graph()
        self._set_graph(Graph(made.inputs, made.outputs, [*made.attached, layer(tensor)]))

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside the model, in the order in which they stand in it."""
        unique = {id(layer): layer for _, layer in self._children()}
        return list(unique.values())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of that name, or with that index.

        Raises:
            UnknownNameError: for a name or an index that no layer has.
            ConfigError: if both are given.
        """
        if index is not None and name is not None:
            raise ConfigError("A layer is asked for by name or by index, not both; got {name!r} "
                              "and {index}.", name=name, index=index)  # fmt: skip
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise UnknownNameError("{model!r} was asked for its layer at index {index}; it has "
                                       "{n} layers.", model=self.name, index=index,
                                       n=len(self.layers))  # fmt: skip
            return self.layers[index]
        by_name = {layer.name: layer for layer in self.layers}
        by_name |= dict(self._children())
        if name not in by_name:
            raise UnknownNameError(
                "{model!r} has no layer {name!r}.{hint} It has: {layers}.",
                model=self.name,
                name=name,
                hint=nearest(name, by_name),
                layers=", ".join(by_name),
            )
        return by_name[name]

    def traced_attributes(self) -> dict[str, Any]:
        """Return the attributes that programs may depend on: of a mere graph, the graph alone."""
        if self.graph is None or not type(self).__module__.startswith("maeum."):
            return super().traced_attributes()
        return {"graph": self.graph, "_trainable": self._trainable}

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

    # ---- looking at it and keeping it ------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the layers with their output shapes and numbers of parameters.

        Args:
            line_length: the least width of the table.
            positions: where the columns end, as characters or as fractions of ``line_length``.
            print_fn: what is called with the text, in place of ``print``.
            expand_nested: whether models inside are listed with their layers.
            show_trainable: whether to tell which layers are trained.
            layer_range: the names of the first and the last layer to list (or regular expressions
                that their names match).

        Raises:
            ConfigError: for a range that no layers are in.
        """
        how = line_length, expand_nested, show_trainable, positions, layer_range
        narrow = print_fn is None and line_length is None and positions is None
        text = summarize(self, *how, most=terminal_width() if narrow else None)
        (print_fn or say)(text)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the layers, their output shapes and parameters."""
        from maeum.models.html import model_html

        return model_html(self)

    def get_config(self) -> dict[str, Any]:
        """Return what makes this model again, without its weights."""
        if type(self) is Model and self.graph is not None:
            return {**graph_config.describe(self), "seed": self.seed}
        config = super().get_config()
        return {k: v for k, v in config.items() if k not in ("inputs", "outputs")}

    @classmethod
    def from_config(  # type: ignore[override]
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Make a model from what `get_config` returned.

        Args:
            config: the configuration.
            custom_objects: classes and functions of yours that it names.
        """
        with registry.custom_object_scope(custom_objects):
            return cls._from_config(dict(config))

    @classmethod
    def _from_config(cls, config: dict[str, Any]) -> Any:
        if "nodes" in config:
            inputs, outputs, attached = graph_config.rebuild(config)
            trainable = config.get("trainable", True)
            model = cls(
                inputs=inputs, outputs=outputs, name=config["name"], seed=config.get("seed")
            )
            if attached:
                model._set_graph(Graph(model.input, model.output, attached))
            model._trainable = bool(trainable)
            return model
        return super().from_config(config)

    def to_json(self, **kwargs: Any) -> str:
        """Return the architecture as JSON, for `maeum.models.model_from_json`.

        Args:
            **kwargs: what ``json.dumps`` takes, such as ``indent=2``.
        """
        return json.dumps(archive.architecture(self), **kwargs)

    def save(
        self,
        filepath: str | os.PathLike,
        overwrite: bool = True,
        zipped: bool | None = None,
        *,
        include_optimizer: bool = True,
    ) -> None:
        """Save the model with everything it needs to predict and to go on training.

        Args:
            filepath: the file, ``*.maeum``.
            overwrite: False to raise if the file is there already.
            zipped: only True (or None): the file is one archive.
            include_optimizer: False to leave the state of the training out.

        Raises:
            SaveError: if it cannot be written; a file that was there before is still whole.
        """
        if zipped is not None and not zipped:
            raise ConfigError("A model is saved as one file, an archive; zipped=False asks for a "
                              "folder.")  # fmt: skip
        archive.save_model(self, filepath, overwrite, include_optimizer)

    def save_weights(
        self,
        filepath: str | os.PathLike,
        overwrite: bool = True,
        max_shard_size: float | None = None,
    ) -> None:
        """Save the weights alone, as a safetensors file.

        Args:
            filepath: the file, ``*.safetensors``.
            overwrite: False to raise if the file is there already.
            max_shard_size: only None: the weights are one file.
        """
        if max_shard_size is not None:
            raise ConfigError("The weights are written as one file; leave max_shard_size out.")
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
