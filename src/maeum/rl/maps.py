"""Values and policies of tables, drawn on the cells of the world that they are about."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.callbacks import Callback
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.rl.envs.drawing import Drawing, Label, Mark, Path, Polygon, rectangle
from maeum.rl.envs.grids import CellWorld


def draw_policy(environment: Any, values: Any, policy: Any) -> Drawing:
    """Return the map of a world of cells, with the value of each cell, and an arrow for its action.

    The better a cell, the stronger its colour.

    Args:
        environment: a world of cells, such as `maeum.rl.envs.FrozenLake`.
        values: a number for each state.
        policy: an action for each state.

    Raises:
        ConfigError: for an environment without cells.

    Example:
        >>> from maeum.rl import ValueIteration
        >>> agent = ValueIteration("FrozenLake-v1")
        >>> history = agent.fit(steps_per_epoch=500, verbose=0)
        >>> drawing = draw_policy(agent.environment, agent.values(), agent.policy())
        >>> drawing.high, drawing.svg().count("<text")
        ((4, 4), 13)
    """
    if not isinstance(environment, CellWorld):
        raise ConfigError(
            "Only worlds of cells have a map, such as FrozenLake-v1; got {value!r}.",
            value=environment,
        )
    drawing = environment.map()
    rows, columns = environment.cells.shape
    values = np.asarray(values, float).reshape(rows, columns)
    policy = np.asarray(policy).reshape(rows, columns)
    ends = np.isin(environment.cells, list("GHXC#"))
    shown = values[~ends]
    low, spread = shown.min(), max(np.ptp(shown), 1e-12)
    for (row, column), value in np.ndenumerate(values):
        if ends[row, column]:
            continue
        left, top = column, rows - row
        strength = 0.6 * (value - low) / spread
        drawing.marks.append(rectangle(left, top - 1, left + 1, top, "right", strength))
        drawing.marks.extend(_arrow(left + 0.5, top - 0.4, *environment.moves[policy[row, column]]))
        drawing.marks.append(Label((left + 0.5, top - 0.83), _short(value), "ink", 0.2))
    return drawing


def _arrow(x: float, y: float, down: int, right: int) -> list[Mark]:
    dx, dy = 0.22 * right, -0.22 * down
    tip = x + dx, y + dy
    side = 0.45 * dy, 0.45 * -dx
    head = [tip, (x + 0.4 * dx + side[0], y + 0.4 * dy + side[1]),
            (x + 0.4 * dx - side[0], y + 0.4 * dy - side[1])]  # fmt: skip
    return [Path([(x - dx, y - dy), (x + 0.5 * dx, y + 0.5 * dy)], "ink", 0.05),
            Polygon(head, "ink")]  # fmt: skip


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Snapshots(Callback):
    """Keeps the values and the policy of an agent with a table while it learns.

    Args:
        every: after how many epochs.

    Attributes:
        epochs: after how many epochs each was taken, 0 first.
        values, policies: of each, a list with a number for each state.

    Example:
        >>> from maeum.rl import QLearning
        >>> seen = Snapshots()
        >>> history = QLearning("FrozenLake-v1", seed=0).fit(50, 3, verbose=0, callbacks=[seen])
        >>> seen.epochs, len(seen.values[0])
        ([0, 1, 2, 3], 16)
    """

    state_attributes = ("epochs", "values", "policies")

    def __init__(self, every: int = 1):
        super().__init__()
        self.every = check_whole(every, "every")
        self.epochs: list[int] = []
        self.values: list[list[float]] = []
        self.policies: list[list[int]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Take the first one, unless an earlier process did."""
        if not self.epochs:
            self._take(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take one."""
        if (epoch + 1) % self.every == 0:
            self._take(epoch + 1)

    def drawings(self, environment: Any) -> list[Drawing]:
        """Return each of them on the map of the environment; see `draw_policy`."""
        pairs = zip(self.values, self.policies)
        return [draw_policy(environment, values, policy) for values, policy in pairs]

    def _take(self, epoch: int) -> None:
        agent: Any = self.model
        self.epochs.append(epoch)
        self.values.append(agent.values().tolist())
        self.policies.append(agent.policy().tolist())
