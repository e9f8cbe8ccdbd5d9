"""Columns of a table as one vector: normalized, looked up, hashed, crossed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from maeum import layers
from maeum.core import graph, registry
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.models import Model
from maeum.utils.features import Cross, Feature


@registry.builtin
class FeatureSpace(Model):
    """A table's columns as one vector for each row, or as a dict of vectors.

    Each feature is named by what becomes of its column: ``"float"``, ``"float_rescaled"``,
    ``"float_normalized"``, ``"float_discretized"``, ``"integer_categorical"``,
    ``"integer_hashed"``, ``"string_categorical"`` or ``"string_hashed"``; or it is made by the
    class method of that name, with arguments, or by `feature`, with a layer of yours.

    Args:
        features: the features by the names of their columns.
        output_mode: ``"concat"`` for one vector (features by sorted name, then crosses), or
            ``"dict"``.
        crosses: tuples of names of features, or `cross` of them.
        crossing_dim: the bins of a cross that says nothing else.
        hashing_dim: the bins of a hashed feature that says nothing else.
        num_discretization_bins: the bins of a discretized feature that says nothing else.
        name: its name.

    Raises:
        ConfigError: for features, crosses or modes that are not known.

    Example:
        >>> table = {"size": [1.0, 2.0, 3.0], "kind": ["a", "b", "a"]}
        >>> space = FeatureSpace({"size": "float_normalized", "kind": "string_categorical"})
        >>> space.adapt(table)
        >>> space(table).shape  # 3 for the kinds (one unknown) and 1 for the size
        (3, 4)
        >>> inputs, features = space.get_inputs(), space.get_encoded_features()
        >>> model = Model(inputs, layers.Dense(1)(features))
    """

    _untracked = Model._untracked | {"features", "preprocessors", "crossers", "_inputs"}

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Iterable[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ):
        super().__init__(name=name)
        if not features:
            raise ConfigError("A FeatureSpace has features: {{'column': 'float', ...}}.")
        self.output_mode = check_choice(output_mode, ("concat", "dict"), "output_mode")
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {column: self._feature(column, f) for column, f in features.items()}
        self.crosses = [self._cross(cross) for cross in crosses or ()]
        self.preprocessors = {n: f.preprocessor for n, f in self.features.items()}
        self.crossers = {
            cross.name: layers.HashedCrossing(cross.crossing_dim, name=cross.name)
            for cross in self.crosses
        }
        self._inputs = {
            column: layers.Input((1,), dtype=feature.dtype, name=column)
            for column, feature in self.features.items()
        }

    # ---- features ----------------------------------------------------------------------------

    @classmethod
    def cross(
        cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot"
    ) -> Cross:
        """Return several features as one; see `Cross`."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """Return a feature with a layer of yours; see `Feature`."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Return a feature of numbers, taken as they are."""
        return Feature("float32", layers.Identity(name=_named(name)), "float")

    @classmethod
    def float_rescaled(
        cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None
    ) -> Feature:
        """Return a feature of numbers, as ``number * scale + offset``."""
        return Feature("float32", layers.Rescaling(scale, offset, name=_named(name)), "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Return a feature of numbers with mean 0 and variance 1, after `adapt`."""
        return Feature("float32", layers.Normalization(axis=-1, name=_named(name)), "float")

    @classmethod
    def float_discretized(
        cls,
        num_bins: int,
        bin_boundaries: Sequence[Any] | None = None,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return a feature of numbers in bins of about as many rows each, after `adapt`."""
        bins = None if bin_boundaries is not None else num_bins
        layer = layers.Discretization(bin_boundaries, bins, name=_named(name))
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return a feature of whole numbers that name categories, found by `adapt`."""
        layer = layers.IntegerLookup(max_tokens, num_oov_indices, name=_named(name))
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return a feature of texts that name categories, found by `adapt`."""
        layer = layers.StringLookup(max_tokens, num_oov_indices, name=_named(name))
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Return a feature of texts, in bins by their hash."""
        return Feature("string", layers.Hashing(num_bins, name=_named(name)), output_mode)

    @classmethod
    def integer_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Return a feature of whole numbers, in bins by their hash."""
        return Feature("int32", layers.Hashing(num_bins, name=_named(name)), output_mode)

    def _feature(self, column: str, given: Any) -> Feature:
        if isinstance(given, Feature):
            return given
        if isinstance(given, Mapping):
            return registry.deserialize(dict(given))
        if given not in _KINDS:
            raise UnknownNameError(
                "The feature {column!r} is a Feature, or one of {known}; got {given!r}.{hint}",
                column=column,
                known=", ".join(_KINDS),
                given=given,
                hint=nearest(given, _KINDS),
            )
        bins = {"float_discretized": self.num_discretization_bins}
        bins |= dict.fromkeys(("integer_hashed", "string_hashed"), self.hashing_dim)
        more = {"num_bins": bins[given]} if given in bins else {}
        return getattr(self, given)(**more, name=column)

    def _cross(self, given: Any) -> Cross:
        if isinstance(given, Mapping):
            given = registry.deserialize(dict(given))
        if not isinstance(given, Cross):
            if not self.crossing_dim:
                raise ConfigError("Crosses need the number of their bins: give crossing_dim.")
            given = Cross(given, self.crossing_dim)
        for column in given.feature_names:
            if column not in self.features:
                raise UnknownNameError(
                    "The cross of {names} has {column!r}, which is no feature.{hint}",
                    names=", ".join(given.feature_names),
                    column=column,
                    hint=nearest(column, self.features),
                )
        return given

    # ---- learning from data, and using it ----------------------------------------------------

    def adapt(self, dataset: Any) -> None:
        """Learn vocabularies, means and bins from data.

        Args:
            dataset: a table of pandas, a dict of arrays or lists by column; or batches (or rows)
                of such dicts, whose first part counts where a batch is a tuple.

        Raises:
            DataError: for data without the columns.
        """
        columns = self._columns(dataset)
        for column in self._adaptable():
            self.preprocessors[column].adapt(np.asarray(columns[column]).reshape(-1, 1))
        self._connect()

    def _adaptable(self) -> list[str]:
        """Return the features whose layers learn from data, and were not given what to know."""
        found = []
        for column, layer in self.preprocessors.items():
            told = any(
                layer._arguments.get(name) is not None
                for name in ("mean", "vocabulary", "bin_boundaries")
            )
            if hasattr(layer, "adapt") and not told:
                found.append(column)
        return found

    def _columns(self, dataset: Any) -> dict[str, Any]:
        if isinstance(dataset, Mapping) or hasattr(dataset, "columns"):
            return {column: _column(dataset, column) for column in self.features}
        if not isinstance(dataset, Iterable):
            raise DataError("adapt takes a table, a dict of columns, or batches of such dicts; got "
                            "a {kind}.", kind=type(dataset).__name__)  # fmt: skip
        batches = [part[0] if isinstance(part, (tuple, list)) else part for part in dataset]
        return {
            column: np.concatenate(
                [np.atleast_1d(np.asarray(_column(part, column))) for part in batches]
            )
            for column in self.features
        }

    def get_inputs(self) -> dict[str, Any]:
        """Return the symbolic inputs by column, with which a model begins.

        Raises:
            ConfigError: before `adapt`, if something has to be learned from data.
        """
        self._check_ready()
        return self._inputs

    def get_encoded_features(self) -> Any:
        """Return the symbolic vector, or the dict of vectors; see `get_inputs`."""
        self._check_ready()
        return self.output

    def _check_ready(self) -> None:
        if self.graph is None:
            if self._adaptable():
                raise ConfigError("{name!r} has to learn from data first: call adapt(dataset).",
                                    name=self.name)  # fmt: skip
            self._connect()

    def _connect(self) -> None:
        """Make the graph from the columns to the vectors."""
        made = {n: layer(self._inputs[n]) for n, layer in sorted(self.preprocessors.items())}
        encoded = {n: self._encoded(n, self.features[n], made[n]) for n in made}
        for cross in sorted(self.crosses, key=lambda cross: cross.name):
            crossed = self.crossers[cross.name]([made[n] for n in cross.feature_names])
            encoded[cross.name] = self._encoded(cross.name, cross, crossed)
        if self.output_mode == "concat":
            for column, tensor in encoded.items():
                if tensor.dtype.kind not in "f":
                    raise ConfigError(
                        "{column!r} is made of {dtype}, which cannot stand in one vector with "
                        'others; use its output_mode "one_hot", or output_mode="dict".',
                        column=column,
                        dtype=tensor.dtype.name,
                    )
            several = list(encoded.values())
            encoded = layers.Concatenate()(several) if len(several) > 1 else several[0]
        self._set_graph(graph.Graph(self._inputs, encoded))

    def _encoded(self, column: str, how: Any, tensor: Any) -> Any:
        if how.output_mode != "one_hot":
            return tensor
        layer: Any = self.preprocessors.get(column) or self.crossers[column]
        bins = None
        if hasattr(layer, "vocabulary_size"):
            bins = layer.vocabulary_size()
        elif getattr(layer, "bin_boundaries", None) is not None:
            # Adapting to few rows may give fewer bins than were asked for.
            bins = max(layer.num_bins or 0, len(layer.bin_boundaries) + 1)
        else:
            bins = getattr(layer, "num_bins", None) or getattr(layer, "num_tokens", None)
        if bins is None or tensor.dtype.kind not in "iu":
            raise ConfigError('{column!r} cannot be encoded as "one_hot": its layer does not tell '
                              'how many whole numbers it gives. Use output_mode="int" or '
                              '"float".', column=column)  # fmt: skip
        return layers.CategoryEncoding(bins, "multi_hot")(tensor)

    def __call__(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the vector of each row.

        Args:
            data: a dict (or table) by column: of arrays or lists, or of the values of one row.
        """
        self._check_ready()
        if graph.symbolic_leaves(data):
            return super().__call__(data, *args, **kwargs)
        if not isinstance(data, Mapping) and not hasattr(data, "columns"):
            raise DataError("A FeatureSpace takes a dict or a table; got a {kind}.",
                            kind=type(data).__name__)  # fmt: skip
        columns = {column: np.asarray(_column(data, column)) for column in self.features}
        single = all(array.ndim == 0 for array in columns.values())
        rows = {
            n: array.reshape(-1, 1) if array.ndim < 2 else array for n, array in columns.items()
        }
        outputs = super().__call__(rows, *args, **kwargs)
        return jax.tree.map(lambda array: array[0], outputs) if single else outputs

    # ---- files ---------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return what makes it again, with what it learned but for the numbers that are weights."""
        return {
            "features": registry.serialize(self.features),
            "output_mode": self.output_mode,
            "crosses": registry.serialize(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
            "name": self.name,
            "adapted": self.graph is not None,
        }

    @classmethod
    def _from_config(cls, config: dict[str, Any]) -> Any:
        adapted = config.pop("adapted", False)
        made = cls(**config)
        if adapted:
            made._connect()
        return made

    def save(self, filepath: str | os.PathLike, *args: Any, **kwargs: Any) -> None:
        """Save it as a ``*.maeum`` file, which `maeum.load_model` reads; see `maeum.Model.save`."""
        self._check_ready()
        super().save(filepath, *args, **kwargs)


_KINDS = (
    "float", "float_rescaled", "float_normalized", "float_discretized", "integer_categorical",
    "integer_hashed", "string_categorical", "string_hashed",
)  # fmt: skip


def _named(name: str | None) -> str | None:
    return None if name is None else f"{name}_preprocessor"


def _column(table: Any, column: str) -> Any:
    names: Iterator[str] | Any = table.columns if hasattr(table, "columns") else table
    if column not in names:
        raise DataError("The data have no column {column!r}.{hint}", column=column,
                        hint=nearest(column, map(str, names)))  # fmt: skip
    return table[column]
