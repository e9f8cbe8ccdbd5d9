"""Taxi: fetch a passenger, and bring them where they want to go."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Circle, Drawing, Label, Mark, Path, rectangle
from maeum.rl.envs.tables import Outcome, TableEnvironment
from maeum.rl.spaces import random_index

_MAP = (
    "|R: | : :G|",
    "| : | : : |",
    "| : : : : |",
    "| | : | : |",
    "|Y| : |B: |",
)
_STOPS = ((0, 0), (0, 4), (4, 0), (4, 3))
_STOP_COLOURS = ("wrong", "right", "c4", "c0")
_MOVES = ((1, 0), (-1, 0), (0, 1), (0, -1))  # south, north, east, west
_LEFT_OF = (2, 3, 1, 0)  # whoever drives south has the east to the left
_STATES = 500


@builtin
class Taxi(TableEnvironment):
    """Taxi-v4: a town of 5 x 5 places, four stops, one passenger (Dietterich, 2000).

    A state is ``((row * 5 + column) * 5 + passenger) * 4 + destination``, where passenger 4 rides
    in the taxi. The actions 0 to 5 go south, north, east, west, pick up and drop off. Each step
    costs 1, picking up or dropping off in vain 10; arriving is rewarded with 20 and ends the task.

    Args:
        is_rainy: whether the taxi slides to either side of where it drives.
        fickle_passenger: whether passengers may change their mind after the first drive.
        rainy_probability: how often the taxi goes as intended in the rain.
        fickle_probability: how often a passenger is of that kind.
        max_episode_steps: the time limit.
    """

    name = "Taxi-v4"
    reward_threshold = 8.0

    def __init__(
        self,
        is_rainy: bool = False,
        fickle_passenger: bool = False,
        rainy_probability: float = 0.8,
        fickle_probability: float = 0.3,
        max_episode_steps: int | None = 200,
    ):
        self.is_rainy, self.fickle_passenger = is_rainy, fickle_passenger
        self.rainy_probability = check_number(rainy_probability, "rainy_probability", most=1)
        self.fickle_probability = check_number(fickle_probability, "fickle_probability", most=1)
        self.max_episode_steps = max_episode_steps
        first = np.zeros(_STATES)
        for state in range(_STATES):
            _, _, passenger, destination = decode(state)
            first[state] = passenger < 4 and passenger != destination
        self.tabulate(_STATES, 6, self._outcomes, first)

    def _outcomes(self, state: int, action: int) -> list[Outcome]:
        row, column, passenger, destination = decode(state)
        here = row, column
        if action == 4:
            if passenger < 4 and here == _STOPS[passenger]:
                return [(1.0, encode(row, column, 4, destination), -1.0, False)]
            return [(1.0, state, -10.0, False)]
        if action == 5:
            if passenger == 4 and here in _STOPS:
                stop, arrived = _STOPS.index(here), here == _STOPS[destination]
                return [(1.0, encode(*here, stop, destination), 20.0 if arrived else -1.0, arrived)]
            return [(1.0, state, -10.0, False)]
        if not self.is_rainy:
            return [(1.0, encode(*_driven(here, action), passenger, destination), -1.0, False)]
        left = _LEFT_OF[action]
        ways = [action, left, left ^ 1]  # south and north, east and west are opposite
        slid = (1.0 - self.rainy_probability) / 2.0
        places = [_driven(here, action), *(_slid(here, way) for way in ways[1:])]
        if places[0] == here:  # what stands still does not slide
            places = [here] * 3
        chances = (self.rainy_probability, slid, slid)
        return [
            (chance, encode(*place, passenger, destination), -1.0, False)
            for chance, place in zip(chances, places)
        ]

    # A passenger who may still change their mind is a second copy of the states.

    def reset(self, key: Any) -> jax.Array:
        """Return a state: the taxi anywhere, the passenger at a stop, the destination another."""
        state = super().reset(key)
        if not self.fickle_passenger:
            return state
        fickle = random.uniform(fold(key, "fickle"), ()) < self.fickle_probability
        return state + _STATES * fickle

    def step(self, state: Any, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Drive, pick up or drop off."""
        before = state % _STATES
        after, reward, terminated = super().step(before, action, key)
        if not self.fickle_passenger:
            return after, reward, terminated
        fickle = state >= _STATES
        riding, drove = before // 4 % 5 == 4, before // 20 != after // 20
        changes = fickle & riding & drove
        other = (before % 4 + 1 + random_index(fold(key, "destination"), 3)) % 4
        changed = jnp.where(changes, after - after % 4 + other, after)
        return changed + _STATES * (fickle & ~changes), reward, terminated

    def observe(self, state: Any) -> Any:
        """Return the number of the state, from 0 to 499."""
        return state % _STATES

    def render(self, state: Any) -> Drawing:
        """Draw the town with its walls, the stops, the passenger and the taxi."""
        row, column, passenger, destination = decode(int(state) % _STATES)
        marks: list[Mark] = [rectangle(0, 0, 5, 5, "card")]
        for stop, (r, c) in enumerate(_STOPS):
            marks.append(rectangle(c, 4 - r, c + 1, 5 - r, _STOP_COLOURS[stop]))
        r, c = _STOPS[destination]
        marks.append(Label((c + 0.5, 4.5 - r), "★", "page", 0.6))
        for r, line in enumerate(_MAP):
            for c in range(6):
                if line[2 * c] == "|":
                    marks.append(Path([(c, 4 - r), (c, 5 - r)], "ink", 0.08))
        marks.append(rectangle(column + 0.2, 4.3 - row, column + 0.8, 4.7 - row, "ink"))
        place = (row, column) if passenger == 4 else _STOPS[passenger]
        marks.append(Circle((place[1] + 0.5, 4.5 - place[0]), 0.14, "c1"))
        return Drawing((-0.1, -0.1), (5.1, 5.1), marks)


def encode(row: int, column: int, passenger: int, destination: int) -> int:
    """Return the number of a state."""
    return ((row * 5 + column) * 5 + passenger) * 4 + destination


def decode(state: int) -> tuple[int, int, int, int]:
    """Return row, column, passenger and destination of a state.

    >>> decode(encode(3, 1, 4, 2))
    (3, 1, 4, 2)
    """
    rest, destination = divmod(state, 4)
    rest, passenger = divmod(rest, 5)
    return (*divmod(rest, 5), passenger, destination)


def _driven(place: tuple[int, int], way: int) -> tuple[int, int]:
    """Return where a drive ends, which walls and the edge of the town may stop."""
    row, column = place
    if way == 2 and _MAP[row][2 * column + 2] != ":":
        return place
    if way == 3 and _MAP[row][2 * column] != ":":
        return place
    down, right = _MOVES[way]
    return min(max(row + down, 0), 4), min(max(column + right, 0), 4)


def _slid(place: tuple[int, int], way: int) -> tuple[int, int]:
    """Return where a taxi slides to; Gymnasium looks for the wall beside the new place."""
    down, right = _MOVES[way]
    row, column = min(max(place[0] + down, 0), 4), min(max(place[1] + right, 0), 4)
    if right == 1 and _MAP[row][2 * column] != ":":
        return place
    if right == -1 and _MAP[row][2 * column + 2] != ":":
        return place
    return row, column
