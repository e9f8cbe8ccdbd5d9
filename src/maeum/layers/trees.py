"""Decision trees as arrays: boosting and forests, learnt elsewhere, inside a network.

A tree is a table of its nodes: which feature a node asks for, up to which threshold a row goes
left, where its children are, what is answered. All rows go down all trees at the same time, one
level with each step. Nothing is learnt here; `DecisionTrees.from_sklearn` takes over what
scikit-learn learnt.
"""

from __future__ import annotations

from typing import Any, Self

import jax
import jax.numpy as jnp

from maeum import activations
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.layers.checks import fixed_size, title, whole_number
from maeum.layers.layer import Layer
from maeum.layers.tree_nodes import Forest, forest_of

STRATEGIES = ("one_output_per_tree", "multi_output_tree")


class DecisionTrees(Layer):
    """The sum of what decision trees answer: ``activation(sum(trees) + bias)``.

    Shapes: ``(rows, n) -> (rows, units)``. A row goes left at a node if its feature is at most the
    threshold, or if it is NaN and ``missing_left`` says so. The weights are not trained; they are
    set by `from_sklearn`, or by ``set_weights``: ``root`` ``(trees,)`` the first node of each tree;
    ``feature``, ``threshold``, ``left`` and ``missing_left`` ``(nodes,)``, where ``left`` is the
    left child's number, and the right child's is one more; ``value`` ``(nodes, 1)``, or
    ``(nodes, units)`` where a tree answers all outputs; and ``bias`` ``(units,)``. A leaf is its
    own left child, with an infinite threshold.

    Args:
        units: the size of the output.
        trees: how many trees there are.
        nodes: how many nodes all trees have together.
        depth: how many nodes a row passes at most below the first.
        activation: a name or a function; none by default.
        multi_strategy: ``"one_output_per_tree"``, where the trees take turns with the outputs, as
            in boosting; or ``"multi_output_tree"``, where each answers all, as in a forest.

    Raises:
        ConfigError: for sizes that are not whole numbers above 0, or trees that cannot take turns.
        ShapeError: if the number of features is unknown.

    Example:
        >>> import numpy as np
        >>> from sklearn.ensemble import RandomForestRegressor
        >>> x = np.arange(20.0, dtype="float32")[:, None]
        >>> forest = RandomForestRegressor(5, random_state=0).fit(x, x[:, 0] ** 2)
        >>> layer = DecisionTrees.from_sklearn(forest)
        >>> bool(np.allclose(layer(x)[:, 0], forest.predict(x)))
        True
    """

    input_rank = 2
    fixed_by_build = frozenset({"units", "trees", "nodes", "depth", "multi_strategy"})

    def __init__(
        self,
        units: int,
        trees: int,
        nodes: int,
        depth: int,
        activation: Any = None,
        multi_strategy: str = "one_output_per_tree",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units = whole_number(units, "units", 1, self)
        self.trees = whole_number(trees, "trees", 1, self)
        self.nodes = whole_number(nodes, "nodes", 1, self)
        self.depth = whole_number(depth, "depth", 0, self)
        self.activation = activations.get(activation)
        self.multi_strategy = check_choice(multi_strategy, STRATEGIES, "multi_strategy")
        if multi_strategy == STRATEGIES[0] and self.trees % self.units:
            raise ConfigError("{layer} has {trees} trees, which cannot take turns with {units} "
                              "outputs: give a multiple.", layer=title(self), trees=self.trees,
                              units=self.units)  # fmt: skip

    @classmethod
    def from_sklearn(cls, *models: Any, activation: Any = None, name: str | None = None) -> Self:
        """Return the trees of trained models of scikit-learn; of several, the mean of their sums.

        Gradient boosting gives what its ``decision_function`` or, of numbers, its ``predict``
        gives: ``activation="sigmoid"`` or ``"softmax"`` makes probabilities of it. Forests and
        single trees give their ``predict_proba`` or ``predict``.

        Args:
            models: ``HistGradientBoosting*``, or ``RandomForest*``, ``ExtraTrees*``,
                ``DecisionTree*``; several of one kind, with the same outputs.
            activation: that of the layer.
            name: the layer's name.

        Raises:
            ConfigError: for other models, or splits on categories.
        """
        found = Forest.mean([forest_of(model) for model in models])
        strategy = STRATEGIES[int(found.value.shape[1] == len(found.bias))]
        made = cls(len(found.bias), len(found.root), len(found.feature), found.depth, activation,
                   strategy, name=name)  # fmt: skip
        made.build((None, found.features))
        made.set_weights(list(found.weights))
        return made

    def build(self, input_shape: Any) -> None:
        """Make the nodes."""
        fixed_size(input_shape, -1, self)

        def add(name: str, shape: tuple[int, ...], dtype: str | None = None) -> Any:
            return self.add_weight(name, shape, "zeros", dtype=dtype, trainable=False)

        self.root = add("root", (self.trees,), "int32")
        self.feature = add("feature", (self.nodes,), "int32")
        self.threshold = add("threshold", (self.nodes,))
        self.left = add("left", (self.nodes,), "int32")
        self.missing_left = add("missing_left", (self.nodes,), "int8")
        width = self.units if self.multi_strategy == "multi_output_tree" else 1
        self.value = add("value", (self.nodes, width))
        self.bias = add("bias", (self.units,))

    def call(self, x: jax.Array) -> jax.Array:
        """Let the rows go down the trees, and add up what their leaves say."""
        feature, threshold, left, missing_left = (
            jnp.asarray(each) for each in (self.feature, self.threshold, self.left,
                                           self.missing_left)
        )  # fmt: skip

        def down(_level: Any, place: jax.Array) -> jax.Array:
            asked = jnp.take_along_axis(x, feature[place], axis=1)
            right = jnp.where(jnp.isnan(asked), missing_left[place] == 0, asked > threshold[place])
            return left[place] + right

        place = jnp.broadcast_to(jnp.asarray(self.root), (x.shape[0], self.trees))
        leaf = jax.lax.fori_loop(0, self.depth, down, place)
        value = jnp.asarray(self.value)[leaf]
        total = value.reshape(x.shape[0], -1, self.units).sum(axis=1)
        return self.activation(total + jnp.asarray(self.bias))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs."""
        return (*input_shape[:-1], self.units)
