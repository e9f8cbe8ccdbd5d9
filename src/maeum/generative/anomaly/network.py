"""The network that finds what is unusual: it predicts columns that it does not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from maeum.core import registry
from maeum.core.checks import check_whole
from maeum.core.errors import ShapeError
from maeum.core.randomness import fold
from maeum.generative.anomaly.layout import Layout
from maeum.generative.own_objective import OwnObjective, check_one_array, rows_alone
from maeum.layers import Dense, Input
from maeum.models import Sequential
from maeum.models.model import Model
from maeum.ops import random

NEAR = 3.0  # deviations: no number that is seen is farther out, so that none misleads far
AT_ONCE = 1 << 23  # numbers of rows with hidden columns that are predicted in one go


@registry.builtin
class MaskedColumnModel(OwnObjective):
    """Denoising autoencoder for tables: columns are hidden, and it says what they may hold.

    In training, up to half of the columns of each row are hidden, drawn anew in each step, and the
    loss is the mean of ``-log p`` of what they hold, given the columns that are seen. A number's
    distribution is a mixture of normal ones (Bishop, "Mixture density networks", 1994), an
    outcome's a softmax. That the columns are each hidden in turn, and not reconstructed, keeps the
    network from copying (Besag's pseudo-likelihood, 1975, with the masks of He et al., 2022).

    Shapes: ``(rows, width)`` as `Layout` has them -> ``(rows, outputs)``.

    Args:
        network: a model from rows, some of whose columns are 0, to the outputs; see `dense`.
        columns: how many numbers, and how many outcomes, each column has.
        components: of the mixture for a number.
        most_hidden: the largest fraction of the columns that is hidden in training.
        name: the model's name.
        seed: the seed that all random numbers follow from.

    Raises:
        ShapeError: for a network whose inputs or outputs are not those of the columns.

    Example:
        >>> model = MaskedColumnModel.dense([(1, 2), (1, 2), (0, 3)], units=(16,), seed=1)
        >>> model.compile("adam")
        >>> x = np.zeros((8, 9), "float32")
        >>> x[:, [3, 5, 7]] = 1  # two numbers that are there, and the second of three outcomes
        >>> history = model.fit(x, epochs=2, verbose=0)
        >>> model.predict_hidden(x).surprises.shape
        (8, 3)
    """

    def __init__(
        self,
        network: Any,
        columns: Sequence[Sequence[int]],
        *,
        components: int = 3,
        most_hidden: float = 0.5,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, seed=seed)
        self.network = network
        self.columns = [list(map(int, column)) for column in columns]
        self.components = check_whole(components, "components")
        self.most_hidden = most_hidden
        self.layout = Layout(self.columns, components)
        given = network.input_shape[-1], network.output_shape[-1]
        wanted = self.layout.width, self.layout.outputs
        if given != wanted:
            raise ShapeError("The network takes {width} numbers of a row and returns {outputs}; "
                             "these columns ask for {wanted}.", width=given[0], outputs=given[1],
                             wanted=wanted)  # fmt: skip
        self._ensure_built((network.graph.inputs,), {})

    @classmethod
    def dense(
        cls,
        columns: Sequence[Sequence[int]],
        units: Sequence[int] = (128, 128),
        components: int = 3,
        activation: Any = "silu",
        seed: int | None = None,
    ) -> MaskedColumnModel:
        """Return a model whose network consists of fully connected layers."""
        layout = Layout(columns, components)
        hidden = [Dense(n, activation=activation) for n in units]
        network = Sequential([Input((layout.width,)), *hidden, Dense(layout.outputs)])
        return cls(network, columns, components=components, seed=seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Return what the network says of rows as they are."""
        return self.network(jnp.clip(x, -NEAR, NEAR), training=training)

    def match_inputs(self, x: Any) -> Any:
        """Fit data to the network's input."""
        check_one_array(x, self)
        return self.network.match_inputs(x)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch."""
        x = rows_alone(data, self)
        loss, outputs = self.learn(lambda: self._objective(x, True))
        self._track_loss(loss, outputs)
        return self.compute_metrics(x, None, outputs, None)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch, with columns hidden as in training."""
        x = rows_alone(data, self)
        loss, outputs = self._objective(x, False)
        self._track_loss(loss, outputs)
        return self.compute_metrics(x, None, outputs, None)

    def _objective(self, x: Any, training: bool) -> tuple[Any, Any]:
        hidden = self._hidden(x.shape[0])
        seen = jnp.where(hidden[:, self.layout.column], 0, x)
        outputs = self.call(seen, training=training)
        each = jnp.where(hidden, self.layout.surprises(x, outputs, jnp), 0)
        return jnp.mean(each.sum(1) / hidden.sum(1)), outputs

    def _hidden(self, rows: int) -> Any:
        """Draw which columns of each row are hidden, at least one: ``(rows, columns)``."""
        key = self.random_key()
        draws = random.uniform(key, (rows, len(self.columns)))
        rates = random.uniform(fold(key, "rates"), (rows, 1), high=self.most_hidden)
        return (draws < rates) | (draws == draws.min(1, keepdims=True))

    def predict_hidden(self, x: np.ndarray) -> Hidden:
        """Return what is said of each column of rows by their other columns.

        Args:
            x: the rows, ``(rows, width)``.
        """
        layout = self.layout
        groups = layout.groups
        many = max(1, AT_ONCE // (len(groups) * max(layout.width, layout.outputs)))
        found = []
        for start in range(0, len(x), many):
            rows = np.asarray(x[start : start + many], np.float32)
            stacked = np.concatenate([layout.hidden(rows, group) for group in groups])
            said = self.predict(stacked, verbose=0).reshape(len(groups), len(rows), -1)
            outputs = np.empty(said.shape[1:])
            for group, one in zip(groups, said):
                own = np.isin(layout.output_column, group)
                outputs[:, own] = one[:, own]
            found.append(Hidden.of(layout, rows, outputs))
        return Hidden(*(np.concatenate(parts) for parts in zip(*found)))

    def predict_together(self, x: np.ndarray, hide: np.ndarray) -> Hidden:
        """Return what is said of rows in which some columns are hidden at once.

        Args:
            x: the rows, ``(rows, width)``.
            hide: which columns of each are hidden, ``(rows, columns)`` bool.
        """
        seen = np.where(hide[:, self.layout.column], np.float32(0), x)
        return Hidden.of(self.layout, x, self.predict(seen, verbose=0).astype(float))


class Hidden(NamedTuple):
    """What is said of columns by the others.

    Attributes:
        surprises: ``(rows, columns)`` ``-log p`` of what they hold, in nats.
        values: ``(rows, numbers)`` the mean of the likeliest component of each number.
        chances: ``(rows, outcomes)`` how likely each outcome is.
    """

    surprises: np.ndarray
    values: np.ndarray
    chances: np.ndarray

    @classmethod
    def of(cls, layout: Layout, x: np.ndarray, outputs: np.ndarray) -> Hidden:
        """Return what outputs say of rows."""
        weights, means, _scales = layout.mixtures(outputs)
        likeliest = weights.argmax(-1)[..., None]
        values = np.take_along_axis(means, likeliest, -1)[..., 0]
        odds = np.exp(layout.logits(outputs))
        chances = odds / (odds @ layout.of_column)[:, layout.outcome_column]
        return cls(layout.surprises(x.astype(float), outputs), values, chances)


def predict_held_out(
    members: Sequence[Model], x: np.ndarray, held_out: Sequence[np.ndarray],
    which: np.ndarray | None = None, hide: np.ndarray | None = None,
) -> Hidden:  # fmt: skip
    """Return what members say of the rows that they did not learn from.

    Args:
        members: `MaskedColumnModel` each.
        x: all rows.
        held_out: for each member, the numbers of those that it did not learn from; each row is
            among those of one member.
        which: the numbers of some rows, in ascending order; None for all.
        hide: which of their columns are hidden at once; None hides each in turn.
    """
    rows = np.arange(len(x)) if which is None else which
    owner = np.zeros(len(x), int)
    for number, own in enumerate(held_out):
        owner[own] = number
    order, said = [], []
    for number, member in enumerate(members):
        if len(places := np.flatnonzero(owner[rows] == number)):
            order.append(places)
            said.append(_said(member, x[rows[places]], None if hide is None else hide[places]))
    back = np.argsort(np.concatenate(order), kind="stable")
    return Hidden(*(np.concatenate(parts)[back] for parts in zip(*said)))


def predict_new(
    members: Sequence[Model], x: np.ndarray, hide: np.ndarray | None = None
) -> Hidden:  # fmt: skip
    """Return what members say of rows that none of them has seen: the means.

    Args:
        members: `MaskedColumnModel` each.
        x: the rows.
        hide: which of their columns are hidden at once; None hides each in turn.
    """
    said = [_said(member, x, hide) for member in members]
    return Hidden(*(np.mean(parts, axis=0) for parts in zip(*said)))


def _said(member: Any, x: np.ndarray, hide: np.ndarray | None) -> Hidden:
    return member.predict_hidden(x) if hide is None else member.predict_together(x, hide)
