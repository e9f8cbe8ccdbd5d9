"""How good an agent is, in plain sentences and key numbers."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import N_, _, ngettext
from maeum.experiment.verdict import Verdict
from maeum.report.sections import Tile
from maeum.report.wording import finite, number, percent
from maeum.rl.experiment.result import AgentRun

_LEAST = 3  # standard errors by which an agent is better than chance


def of(run: AgentRun) -> Verdict:
    """Return the verdict on an agent."""
    if run.bandit:
        return _of_bandit(run)
    n, mean = len(run.greedy.total), run.metrics["return"]  # type: ignore[union-attr]
    words = {"environment": run.environment, "mean": number(mean), "n": n,
             "bar": number(run.solved)}  # fmt: skip
    if run.is_solved:
        said = N_("Solves {environment}: a mean return of {mean} in {n} new episodes (solved from "
                  "{bar} on)")  # fmt: skip
    elif run.solved is not None:
        said = N_("Does not solve {environment} yet: a mean return of {mean} in {n} new episodes "
                  "(solved from {bar} on)")  # fmt: skip
    elif _best_possible(run):
        said = N_("As good as the best policy of {environment}: a mean return of {mean} in {n} new "
                  "episodes")  # fmt: skip
    else:
        said = N_("A mean return of {mean} in {n} new episodes of {environment}")
    sentences = [_against_chance(run), _optimal(run), _over_seeds(run), _exploring(run), _cut(run)]
    told = [sentence for sentence in sentences if sentence]
    behind = [] if run.is_solved or not _no_better(run) else [_against_chance(run)]
    return Verdict(_(said, **words), told, _tiles(run), behind)


def _of_bandit(run: AgentRun) -> Verdict:
    optimal = run.metrics.get("optimal")
    said = _("Pulls the best arm of {environment} in {fraction} of the pulls in the end",
             environment=run.environment, fraction=percent(optimal, 0))  # fmt: skip
    arms = _("Each bandit is learnt anew, by itself; the figures are means over all of them at the "
             "end of the training.")  # fmt: skip
    tiles = [
        Tile(_("Best arm"), percent(optimal, 0), _("of the pulls in the end")),
        Tile(_("Reward"), number(run.metrics.get("reward"), 3), _("mean of a pull in the end")),
        Tile(_("Seeds"), str(len(run.seeds)), _("learnt side by side")),
    ]
    return Verdict(said, [arms], tiles)


def _best_possible(run: AgentRun) -> bool:
    """Tell whether the agent does what the best policy does, as far as chance lets one tell."""
    if run.optimal is None or run.greedy is None:
        return False
    totals = run.greedy.total.astype(float)
    error = totals.std() / np.sqrt(len(totals))
    return bool(totals.mean() >= run.optimal - _LEAST * error - 1e-6 * abs(run.optimal))


def _no_better(run: AgentRun) -> bool:
    """Tell whether the agent is not clearly better than actions that are drawn evenly."""
    assert run.greedy is not None
    assert run.random is not None
    ours, theirs = run.greedy.total.astype(float), run.random.total.astype(float)
    error = np.sqrt(ours.var() / len(ours) + theirs.var() / len(theirs))
    return bool(ours.mean() - theirs.mean() <= _LEAST * error)


def _against_chance(run: AgentRun) -> str:
    assert run.random is not None
    theirs = number(float(run.random.total.mean()))
    if _no_better(run):
        return _("That is not clearly better than actions drawn evenly ({mean}): it has not learnt "
                 "the task. More --steps, or another --agent, may help.", mean=theirs)  # fmt: skip
    return _("Actions drawn evenly bring {mean}.", mean=theirs)


def _optimal(run: AgentRun) -> str:
    if run.optimal is None:
        return ""
    return _("The best policy, computed from the chances of the environment, brings {mean} on "
             "average.", mean=number(run.optimal))  # fmt: skip


def _over_seeds(run: AgentRun) -> str:
    if run.overall is None or len(run.seeds) < 2:
        return ""
    found = run.overall
    said = _("Of {n} agents, each from a seed of its own, this is the best one (seed {kept}; "
             "chosen by other episodes than these). The interquartile mean of all is {mean} ({low} "
             "to {high} with 95% confidence).", n=len(run.seeds), kept=run.kept,
             mean=number(found.value), low=number(found.low), high=number(found.high))  # fmt: skip
    if run.solved is not None:
        hits = sum(score >= run.solved for score in run.seeds.values())
        said += " " + ngettext("{n} of {all} reaches the bar.", "{n} of {all} reach the bar.",
                               hits, all=len(run.seeds))  # fmt: skip
    return said


def _exploring(run: AgentRun) -> str:
    assert run.exploring is not None
    return _("With actions drawn as in training, the mean return is {mean}.",
             mean=number(float(run.exploring.total.mean())))  # fmt: skip


def _cut(run: AgentRun) -> str:
    assert run.greedy is not None
    cut = int(run.greedy.cut.sum())
    if not cut:
        return ""
    return _("{n} of {all} episodes had not ended after {steps:,} steps and were given up; their "
             "returns are those up to there. --max-episode-steps sets a time limit.", n=cut,
             all=len(run.greedy.cut), steps=int(run.greedy.length.max()))  # fmt: skip


def _tiles(run: AgentRun) -> list[Tile]:
    assert run.greedy is not None
    assert run.random is not None
    totals = run.greedy.total.astype(float)
    spread = _("mean of {n} new episodes, best actions; {low} to {high}", n=len(totals),
               low=number(totals.min()), high=number(totals.max()))  # fmt: skip
    tiles = [Tile(_("Return"), number(run.metrics["return"]), spread)]
    if run.solved is not None:
        said = _("mean return that counts as solving it")
        tiles.append(Tile(_("Solved from"), number(run.solved), said))
    if run.optimal is not None:
        tiles.append(Tile(_("Best possible"), number(run.optimal), _("mean of the best policy")))
    chance = number(float(run.random.total.mean()))
    tiles.append(Tile(_("At random"), chance, _("mean return of actions drawn evenly")))
    if run.overall is not None and len(run.seeds) > 1:
        said = _("interquartile mean of {n} seeds", n=len(run.seeds))
        tiles.append(Tile(_("All seeds"), number(run.overall.value), said))
    length = number(float(run.greedy.length.mean()))
    tiles.append(Tile(_("Episode length"), length, _("steps, mean of the same episodes")))
    if len(run.steps) and finite(run.steps[-1]):
        tiles.append(Tile(_("Learnt from"), f"{int(run.steps[-1]):,}",
                          _("steps in the environment, each seed")))  # fmt: skip
    return tiles[:6]
