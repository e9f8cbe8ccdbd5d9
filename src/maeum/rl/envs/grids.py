"""Worlds of cells: grid world, cliff, frozen lake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_number
from maeum.core.errors import ConfigError
from maeum.core.registry import builtin
from maeum.rl.envs.drawing import Circle, Drawing, Label, Mark, rectangle
from maeum.rl.envs.tables import Outcome, TableEnvironment

Cell = tuple[int, int]

MAPS = {
    "4x4": ("SFFF", "FHFH", "FFFH", "HFFG"),
    "8x8": (
        "SFFFFFFF",
        "FFFFFFFF",
        "FFFHFFFF",
        "FFFFFHFF",
        "FFFHFFFF",
        "FHHFFFHF",
        "FHFFHFHF",
        "FFFHFFFG",
    ),
}
_COLOURS = {"H": "c0", "C": "wrong", "X": "wrong", "G": "right", "#": "ink", "S": "tint"}


class CellWorld(TableEnvironment):
    """Base of environments whose states are the cells of a map, numbered row by row.

    Attributes:
        cells: the letters of the map, of shape ``(rows, columns)``.
        moves: of each action, the step of row and column.
    """

    cells: np.ndarray
    moves: tuple[Cell, ...]

    def lay_out(self, rows: Sequence[str], outcomes: Callable[[Cell, int], list[Outcome]]) -> None:
        """Take over a map whose ``S`` are the starts, and make the tables.

        Args:
            rows: strings of one length, a letter for each cell.
            outcomes: of a cell (row and column) and an action.

        Raises:
            ConfigError: if the rows have several lengths, or there is no start or no goal ``G``.
        """
        self.cells = check_map(rows)
        columns = self.cells.shape[1]
        self.tabulate(
            self.cells.size,
            len(self.moves),
            lambda state, action: outcomes(divmod(state, columns), action),
            (self.cells == "S").ravel(),
        )

    def moved(self, cell: Cell, action: int) -> Cell:
        """Return the cell that an action leads to; at the edge one stays."""
        rows, columns = self.cells.shape
        row, column = cell[0] + self.moves[action][0], cell[1] + self.moves[action][1]
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def number(self, cell: Cell) -> int:
        """Return the number of the state of a cell."""
        return cell[0] * self.cells.shape[1] + cell[1]

    def render(self, state: Any) -> Drawing:
        """Draw the cells, and who is where."""
        rows, columns = self.cells.shape
        row, column = divmod(int(state), columns)
        here = (column + 0.5, rows - row - 0.5)
        drawing = self.map()
        drawing.marks.append(Circle(here, 0.3, "c1"))
        return drawing

    def map(self) -> Drawing:
        """Draw the cells alone; cell ``(0, 0)`` is in the upper left corner, each is 1 wide."""
        rows, columns = self.cells.shape
        marks: list[Mark] = [rectangle(0, 0, columns, rows, "line")]
        for (row, column), letter in np.ndenumerate(self.cells):
            top = rows - row
            colour = _COLOURS.get(str(letter), "card")
            marks.append(rectangle(column + 0.02, top - 0.98, column + 0.98, top - 0.02, colour))
            if letter == "G":
                marks.append(Label((column + 0.5, top - 0.5), "G", "page", 0.4))
            elif letter == "S":  # in a corner: an arrow may be drawn in the middle
                marks.append(Label((column + 0.14, top - 0.16), "S", "muted", 0.22))
        return Drawing((0, 0), (columns, rows), marks)


def check_map(rows: Sequence[str]) -> np.ndarray:
    """Return the letters of a map, or raise `ConfigError`."""
    texts = [row for row in rows if isinstance(row, str)]
    if not rows or len(texts) != len(rows) or len({len(row) for row in texts}) != 1 or not texts[0]:
        raise ConfigError(
            "A map is a list of strings of one length, a letter for each cell; got {rows!r}.",
            rows=rows,
        )
    cells = np.array([list(row) for row in texts])
    for letter in "SG":
        if not (cells == letter).any():
            raise ConfigError(
                "The map {rows!r} has no {letter!r}: S is where episodes begin, G where they end.",
                rows=list(rows),
                letter=letter,
            )
    return cells


@builtin
class FrozenLake(CellWorld):
    """FrozenLake-v1: cross a lake without falling into a hole; ice is slippery.

    The actions 0, 1, 2, 3 go left, down, right, up. Where it is slippery, one goes as intended with
    ``success_rate``, and else to either side of it. The task ends in a hole (``H``) or at the goal
    (``G``).

    Args:
        desc: a map of one's own: strings of the letters S (start), F (frozen), H (hole), G (goal).
        map_name: ``"4x4"`` or ``"8x8"``, if there is no ``desc``.
        is_slippery: whether ice is slippery.
        success_rate: how often one goes as intended.
        reward_schedule: the rewards of reaching the goal, a hole, and frozen cells.
        max_episode_steps: the time limit.

    Example:
        >>> lake = FrozenLake(["SFG"], is_slippery=False)
        >>> lake.transitions.state[:, :, 0].tolist()
        [[0, 0, 1, 0], [0, 1, 2, 1], [2, 2, 2, 2]]
    """

    name = "FrozenLake-v1"
    reward_threshold: float | None = 0.70
    moves = ((0, -1), (1, 0), (0, 1), (-1, 0))

    def __init__(
        self,
        desc: Sequence[str] | None = None,
        map_name: str = "4x4",
        is_slippery: bool = True,
        success_rate: float = 1 / 3,
        reward_schedule: Sequence[float] = (1, 0, 0),
        max_episode_steps: int | None = 100,
    ):
        self.desc = None if desc is None else tuple(desc)
        self.map_name = map_name
        self.is_slippery, self.success_rate = is_slippery, success_rate
        self.reward_schedule = tuple(reward_schedule)
        self.max_episode_steps = max_episode_steps
        check_number(success_rate, "success_rate", most=1)
        if len(reward_schedule) != 3:
            raise ConfigError(
                "reward_schedule has three rewards: of the goal, of holes and of frozen cells; "
                "got {value!r}.",
                value=reward_schedule,
            )
        rows = MAPS[check_choice(map_name, MAPS, "map_name")] if desc is None else desc
        self.lay_out(rows, self._outcomes)

    def _outcomes(self, cell: Cell, action: int) -> list[Outcome]:
        if self.cells[cell] in "GH":
            return [(1.0, self.number(cell), 0.0, True)]
        chances = {action: 1.0}
        if self.is_slippery:
            rest = (1.0 - self.success_rate) / 2.0
            sides = {(action - 1) % 4: rest, action: self.success_rate, (action + 1) % 4: rest}
            chances = sides
        found = []
        for way, chance in chances.items():
            new = self.moved(cell, way)
            letter = str(self.cells[new])
            reward = self.reward_schedule["GH".find(letter) if letter in "GH" else 2]
            found.append((chance, self.number(new), float(reward), letter in "GH"))
        return found


@builtin
class FrozenLake8x8(FrozenLake):
    """FrozenLake8x8-v1: the larger lake, with more time; the arguments are `FrozenLake`'s."""

    name = "FrozenLake8x8-v1"
    reward_threshold = 0.85

    def __init__(
        self,
        desc: Sequence[str] | None = None,
        map_name: str = "8x8",
        is_slippery: bool = True,
        success_rate: float = 1 / 3,
        reward_schedule: Sequence[float] = (1, 0, 0),
        max_episode_steps: int | None = 200,
    ):
        super().__init__(
            desc, map_name, is_slippery, success_rate, reward_schedule, max_episode_steps
        )


@builtin
class CliffWalking(CellWorld):
    """CliffWalking-v1: walk along a cliff (Sutton and Barto, 2018, example 6.6).

    The actions 0, 1, 2, 3 go up, right, down, left, on 4 x 12 cells. Each step costs 1; a step into
    the cliff (``C``) costs 100 and leads back to the start.

    Args:
        is_slippery: whether one goes as intended with 1/3, and to either side with 1/3 each.
        max_episode_steps: the time limit; there is none by default, as in Gymnasium.
    """

    name = "CliffWalking-v1"
    moves = ((-1, 0), (0, 1), (1, 0), (0, -1))

    def __init__(self, is_slippery: bool = False, max_episode_steps: int | None = None):
        self.is_slippery = is_slippery
        self.max_episode_steps = max_episode_steps
        self.lay_out(["." * 12] * 3 + ["S" + "C" * 10 + "G"], self._outcomes)

    def _outcomes(self, cell: Cell, action: int) -> list[Outcome]:
        ways = [(action - 1) % 4, action, (action + 1) % 4] if self.is_slippery else [action]
        found = []
        for way in ways:
            new = self.moved(cell, way)
            letter = self.cells[new]
            if letter == "C":
                found.append((1 / len(ways), self.number((3, 0)), -100.0, False))
            else:
                found.append((1 / len(ways), self.number(new), -1.0, bool(letter == "G")))
        return found


@builtin
class CliffWalkingSlippery(CliffWalking):
    """CliffWalkingSlippery-v1: the cliff after rain. The arguments are those of `CliffWalking`."""

    name = "CliffWalkingSlippery-v1"

    def __init__(self, is_slippery: bool = True, max_episode_steps: int | None = None):
        super().__init__(is_slippery, max_episode_steps)


@builtin
class GridWorld(CellWorld):
    """A grid world of one's own map.

    The actions 0, 1, 2, 3 go up, right, down, left. The letters are ``S`` (start; one of them is
    drawn), ``.`` (free), ``#`` (wall: one stays where one is), ``G`` (goal: ends the task), ``X``
    (trap: ends it, too). By default the map is that of Russell and Norvig's "Artificial
    Intelligence" (figure 17.1), with its costs and chances.

    Args:
        desc: the map, as strings of one length.
        slip: how often a step goes to either side of what was intended, in sum.
        step_reward: the reward of every step.
        goal_reward, trap_reward: what arriving there adds to it.
        max_episode_steps: the time limit.

    Example:
        >>> GridWorld(["S.G"]).observation_space
        Discrete(3)
    """

    name = "GridWorld"
    moves = CliffWalking.moves

    def __init__(
        self,
        desc: Sequence[str] = ("...G", ".#.X", "S..."),
        slip: float = 0.2,
        step_reward: float = -0.04,
        goal_reward: float = 1.0,
        trap_reward: float = -1.0,
        max_episode_steps: int | None = 100,
    ):
        self.desc, self.slip = tuple(desc), check_number(slip, "slip", most=1)
        self.step_reward = step_reward
        self.goal_reward, self.trap_reward = goal_reward, trap_reward
        self.max_episode_steps = max_episode_steps
        self.lay_out(desc, self._outcomes)

    def _outcomes(self, cell: Cell, action: int) -> list[Outcome]:
        if self.cells[cell] in "GX#":
            return [(1.0, self.number(cell), 0.0, True)]
        side = self.slip / 2
        chances = [(1 - self.slip, action), (side, (action - 1) % 4), (side, (action + 1) % 4)]
        found = []
        for chance, way in chances if self.slip else chances[:1]:
            new = self.moved(cell, way)
            new = cell if self.cells[new] == "#" else new
            letter = str(self.cells[new])
            more = {"G": self.goal_reward, "X": self.trap_reward}.get(letter, 0.0)
            found.append((chance, self.number(new), self.step_reward + more, letter in "GX"))
        return found
