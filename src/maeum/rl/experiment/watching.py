"""Watching an agent: episodes as a page that plays them, and as an animation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _, ngettext
from maeum.core.randomness import next_seed
from maeum.report.sections import Chapter, Grid, Page, Section, Table, Tile
from maeum.report.wording import number
from maeum.rl.agent import Agent
from maeum.rl.envs.from_gymnasium import FromGymnasium
from maeum.rl.experiment.frames import Film, film_of, write_gif
from maeum.rl.experiment.hosted import played_on_host
from maeum.rl.experiment.playing import EXPLORING, GREEDY, play

FILES = {"page": "watch.html", "animation": "watch.gif"}
MOST = 20  # episodes


def watch(
    agent: Agent, episodes: int = 3, seed: int | None = None, greedy: bool = True
) -> list[Film]:
    """Play episodes, and return them as drawings.

    Args:
        agent: an agent whose environment is there.
        episodes: how many, up to 20.
        seed: what happens by chance follows from it; another each time by default.
        greedy: whether the best known actions are taken, or such as in training.

    Raises:
        ConfigError: for more episodes, or an agent without its environment.
        DataError: if the environment raises.

    Example:
        >>> from maeum.rl import ValueIteration
        >>> agent = ValueIteration("CliffWalking-v1", discount=1.0)
        >>> history = agent.fit(steps_per_epoch=50, verbose=0)
        >>> [film] = watch(agent, episodes=1)
        >>> film.total, len(film.drawings)
        (-13.0, 14)
    """
    if check_whole(episodes, "episodes") > MOST:
        raise ConfigError("At most {most} episodes are drawn; got {episodes}.", most=MOST,
                          episodes=episodes)  # fmt: skip
    seed = next_seed() if seed is None else seed
    if isinstance(agent.environment, FromGymnasium):
        return [played_on_host(agent, seed + n, greedy) for n in range(episodes)]
    modes = {GREEDY if greedy else EXPLORING: episodes}
    found = play(agent, modes, seed, traced=episodes)
    return [film_of(agent.environment, episode) for episode in found.episodes]


def page_of(agent: Agent, films: Sequence[Film], greedy: bool = True) -> Page:
    """Return the page of some episodes."""
    totals = np.array([film.total for film in films])
    name, kind = agent.environment.name, type(agent).__name__
    headline = ngettext("{agent} plays {n} episode of {environment}",
                        "{agent} plays {n} episodes of {environment}", len(films), agent=kind,
                        environment=name)  # fmt: skip
    how = N_("It takes the best actions that it knows.")
    if not greedy:
        how = N_("It takes actions drawn as in training.")
    tiles = [
        Tile(_("Return"), number(float(totals.mean())), _("mean; {low} to {high}",
             low=number(totals.min()), high=number(totals.max()))),
        Tile(_("Episode length"), number(float(np.mean([len(f.rewards) for f in films]))),
             _("steps, mean")),
    ]  # fmt: skip
    shown: list[Section] = [
        film.animation(_("Episode {n}", n=n), f"{_first_up(film.headline())}.")
        for n, film in enumerate(films, start=1)
    ]
    chapters = [Chapter("episodes", _("The episodes"), shown)]
    if len(films) > 1:
        chapters.append(Chapter("figures", _("In figures"), [Grid([_table(films)])]))
    return Page(_("{headline}: watch", headline=headline), (name, _("an agent: {agent}",
                agent=kind)), headline, [_(how)], tiles, chapters)  # fmt: skip


def write_watched(
    agent: Agent, films: Sequence[Film], folder: str | os.PathLike, greedy: bool = True
) -> dict[str, Path]:
    """Write the page and the animation of some episodes.

    Returns:
        The path of each: ``page`` and ``animation``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.report.html import write_page

    paths = {what: Path(folder) / name for what, name in FILES.items()}
    write_page(page_of(agent, films, greedy), paths["page"])
    write_gif(films, paths["animation"])
    return paths


def _table(films: Sequence[Film]) -> Table:
    rows = [
        [str(n), number(film.total), f"{len(film.rewards):,}",
         _("the task ended") if film.ended else _("time limit")]
        for n, film in enumerate(films, start=1)
    ]  # fmt: skip
    head = [_("Episode"), _("Return"), _("Steps"), _("Ended by")]
    return Table(_("The episodes"), head, rows, style="wide numbers", titled=False)


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
