"""The page of a search: its trials, what mattered, their curves, the best and the failed ones."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from maeum.core.messages import _, ngettext
from maeum.core.runtime import installed
from maeum.core.wording import shorten
from maeum.report.charts import Told
from maeum.report.sections import (
    Caution,
    Chapter,
    Code,
    Grid,
    Heading,
    Page,
    Pairs,
    Section,
    Table,
    Text,
    Tile,
)
from maeum.report.wording import more, number, percent
from maeum.tuner import figures
from maeum.tuner.finished import Finished
from maeum.tuner.importances import Importances, told_or_why_not
from maeum.tuner.oracle import Oracle
from maeum.tuner.trial import Trial, TrialStatus, shown

MOST_BEST = 50  # trials in the table of the best
MOST_FAILED = 30
MOST_AXES = 14  # hyper-parameters with a drawing of their own
_LITTLE = 0.1  # of the differences: what is explained then is hardly more than chance


def page_of(oracle: Oracle, settings: Mapping[str, Any], source: str = "") -> Page:
    """Return the page of a search.

    Args:
        oracle: what was searched.
        settings: what else is told of it, by name.
        source: the name of the data.
    """
    finished, objective = Finished.of(oracle), oracle.objective
    ended = oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED)
    best = oracle.get_best_trials()
    found, why = told_or_why_not(oracle)
    score = number(best[0].score) if best else ""
    headline = ngettext("{n:,} trial; the best {name} is {score}",
                        "{n:,} trials; the best {name} is {score}", len(ended),
                        name=objective.name, score=score)  # fmt: skip
    if not best:
        headline = ngettext("{n:,} trial, which came to no score",
                            "{n:,} trials, none of which came to a score", len(ended))  # fmt: skip
    chapters = [_settings(oracle, settings)]
    if best:
        chapters = [_trials(finished, ended, oracle), _mattered(finished, oracle, found, why),
                    *_curves(finished, oracle), _best(finished, oracle), *_failed(ended),
                    *chapters, _next(oracle)]  # fmt: skip
    else:
        chapters = [*_failed(ended), *chapters]
    return Page(
        title=_("{headline}: search", headline=headline),
        eyebrow=(*([shorten(source, 60)] if source else []), _("search of hyper-parameters")),
        headline=headline,
        sentences=_sentences(finished, oracle, found) if best else (),
        tiles=_tiles(finished, ended, oracle, found) if best else (),
        chapters=chapters,
    )


def values_of(trial: Trial) -> str:
    """Return the values of a trial in a line."""
    return ", ".join(f"{name} {shown(value)}" for name, value in trial.values.items())


def _sentences(finished: Finished, oracle: Oracle, found: Importances | None) -> list[str]:
    best = oracle.get_best_trials()[0]
    said = [_("The best is trial {n}: {values}.", n=best.number,
              values=shorten(values_of(best), 300) or _("nothing to choose"))]  # fmt: skip
    ranked = oracle.get_best_trials(len(finished))
    if len(ranked) > 2:
        middle = ranked[len(ranked) // 2].score
        said.append(_("The trial in the middle has {score}.", score=number(middle)))
    first = finished.trials[0]
    usual = {e.name: e.default for e in finished.tuned if e.name in first.values}
    if first.number == 0 and first is not best and usual.items() <= first.values.items():
        said.append(_("The first trial, with the usual values, has {score}.",
                      score=number(first.score)))  # fmt: skip
    if found is not None and found.explained > _LITTLE:
        name = next(iter(found.fractions))
        said.append(_("{name} mattered most.", name=shorten(name, 40)))
    return said


def _tiles(
    finished: Finished, ended: list[Trial], oracle: Oracle, found: Importances | None
) -> list[Tile]:
    best, failed = oracle.get_best_trials()[0], len(ended) - len(finished)
    total = sum(len(next(iter((t.curves or {"": []}).values()), [])) for t in finished.trials)
    tiles = [
        Tile(_("Best {name}", name=oracle.objective.name), number(best.score),
             _("in epoch {n}", n=best.best_step + 1) if best.curves else ""),
        Tile(_("Trials"), f"{len(ended):,}",
             ngettext("{n:,} failed", "{n:,} failed", failed) if failed else _("none failed")),
    ]  # fmt: skip
    if total:
        tiles.append(Tile(_("Epochs"), f"{total:,}", _("of all trials together")))
    if found is not None and found.fractions:
        name, value = next(iter(found.fractions.items()))
        tiles.append(Tile(_("Mattered most"), percent(value, 0), shorten(name, 30)))
    return tiles


def _trials(finished: Finished, ended: list[Trial], oracle: Oracle) -> Chapter:
    objective = oracle.objective
    sections: list[Section] = [figures.course(finished, ended, objective)]
    if finished.tuned:
        sections += [figures.parallel(finished, objective)]
    return Chapter("trials", _("The trials"), [*sections, told_of(oracle)])


def told_of(oracle: Oracle) -> Told:
    """Return what is told of each trial in the drawings of a search."""
    return Told([_told(trial, oracle.objective.name) for trial in oracle.trials.values()])


def summary(oracle: Oracle) -> list[Section]:
    """Return the search in short, for other pages: its course, and what mattered."""
    finished = Finished.of(oracle)
    ended = oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED)
    found, why = told_or_why_not(oracle)
    shown_: Section = Text(why, small=True) if found is None else figures.mattered(found)
    return [figures.course(finished, ended, oracle.objective), told_of(oracle),
            Heading(_("What mattered")), shown_]  # fmt: skip


def _told(trial: Trial, name: str) -> str:
    lines = [_("Trial {number}", number=trial.number)]
    if trial.score is not None:
        lines[0] += f": {name} {number(trial.score)}"
        if trial.curves:
            lines.append(_("best in epoch {n}", n=trial.best_step + 1))
    if trial.message:
        lines.append(shorten(trial.message, 120))
    return "\n".join([*lines, *(f"{key}: {shown(v)}" for key, v in trial.values.items())])


def _mattered(finished: Finished, oracle: Oracle, found: Importances | None, why: str) -> Chapter:
    sections: list[Section] = []
    if found is None:
        sections.append(Text(why))
    else:
        said = _("The values explain {fraction} of the differences between the scores (R², of a "
                 "random forest on trials that it has not seen); the rest is chance, such as the "
                 "seed.", fraction=percent(max(found.explained, 0.0), 0))  # fmt: skip
        sections.append(Text(said))
        if found.explained <= _LITTLE:
            sections.append(Caution(_("That is so little that the parts below say hardly "
                                      "anything: more trials would help.")))  # fmt: skip
        sections.append(figures.mattered(found))
    order = [*(found.fractions if found else finished.names)]
    places = sorted(range(len(finished.tuned)), key=lambda i: order.index(finished.names[i]))
    charts = [figures.against(finished, i, oracle.objective) for i in places[:MOST_AXES]]
    drawn = [chart for chart in charts if chart is not None]
    if drawn:
        sections += [Heading(_("Each value against the score")), Grid(drawn)]
    if rest := more(len(places) - MOST_AXES):
        sections.append(Text(rest, small=True))
    return Chapter("mattered", _("What mattered"), sections)


def _curves(finished: Finished, oracle: Oracle) -> list[Chapter]:
    chart = figures.curves(finished, oracle.objective)
    return [] if chart is None else [Chapter("curves", _("The curves"), [chart])]


def _best(finished: Finished, oracle: Oracle) -> Chapter:
    ranked = oracle.get_best_trials(MOST_BEST)
    names = list(dict.fromkeys(each.name for each in finished.tuned))
    curved = any(trial.curves for trial in ranked)
    head = [_("Trial"), oracle.objective.name, *([_("Best epoch")] if curved else []),
            *(shorten(name, 24) for name in names)]  # fmt: skip
    rows = []
    for trial in ranked:
        values = [trial.values.get(name) for name in names]
        cells = ["–" if value is None else shorten(shown(value), 24) for value in values]
        begun = trial.hyperparameters.values.get("tuner/initial_epoch", 0)
        at = [f"{begun + trial.best_step + 1:,}"] if curved else []
        rows.append([str(trial.number), number(trial.score, 5), *at, *cells])
    strong = frozenset((0, j) for j in range(len(head)))
    style = "wide numbers" if len(head) < 9 else "wide"
    table = Table(_("The best trials"), head, rows, strong, more(len(finished) - len(ranked)),
                  style, titled=False, named=True, searched=len(rows) > 10)  # fmt: skip
    return Chapter("best", _("The best trials"), [table])


def _failed(ended: list[Trial]) -> list[Chapter]:
    """The failed trials, by their reasons."""
    reasons: dict[str, list[Trial]] = defaultdict(list)
    for trial in ended:
        if trial.status == TrialStatus.FAILED:
            reasons[trial.message or ""].append(trial)
    if not reasons:
        return []
    count = sum(map(len, reasons.values()))
    said = ngettext("{n:,} trial failed. A failed trial is a result: it says which values cannot "
                    "be used.",
                    "{n:,} trials failed. A failed trial is a result: it says which values cannot "
                    "be used.", count)  # fmt: skip
    head = [_("Reason"), _("Trials"), _("Values of the first")]
    shown_reasons = sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:MOST_FAILED]
    rows = [
        [shorten(reason, 300), _numbers(own), shorten(values_of(own[0]), 200)]
        for reason, own in shown_reasons
    ]
    table = Table(_("Failed trials"), head, rows, caption=more(len(reasons) - MOST_FAILED),
                  titled=False)  # fmt: skip
    return [Chapter("failed", _("Failed trials"), [Text(said), table])]


def _numbers(trials: list[Trial]) -> str:
    numbers = ", ".join(str(trial.number) for trial in trials[:8])
    return f"{numbers} …  ({len(trials):,})" if len(trials) > 8 else numbers


def _settings(oracle: Oracle, settings: Mapping[str, Any]) -> Chapter:
    head = [_("Name"), _("Kind"), _("Values"), _("Usually"), _("Only if")]
    rows = []
    for each in oracle.hyperparameters.space:
        config = each.get_config()
        low, high = config.get("min_value"), config.get("max_value")
        values = ", ".join(shown(v) for v in each.values)
        if low is not None:
            values = _("{low} to {high}", low=number(low), high=number(high))
            values += f", {config['sampling']}" if config["sampling"] != "linear" else ""
        conditions = ", ".join(
            f"{c.name} = {' | '.join(map(str, c.values))}" for c in each.conditions
        )
        rows.append([each.name, type(each).__name__, shorten(values, 120),
                     shown(each.default), conditions])  # fmt: skip
    if not any(row[-1] for row in rows):
        head, rows = head[:-1], [row[:-1] for row in rows]
    table = Table(_("The space"), head, rows, titled=False, named=True)
    names = ("maeum", "jax", "numpy", "scikit-learn", "optuna")
    versions = {name: version for name in names if (version := installed(name))}
    told = {
        _("Search"): type(oracle).__name__.removesuffix("Oracle"),
        _("Objective"): f"{oracle.objective.name}, {oracle.objective.direction}",
        _("Seed"): oracle.seed,
        **oracle.settings(),
        **settings,
    }
    cards: list[Section] = [
        Pairs(_("Settings"), [(str(k), shorten(shown(v), 160)) for k, v in told.items()
                              if v is not None]),
        Pairs(_("Versions"), sorted({"python": platform.python_version(), **versions}.items())),
    ]  # fmt: skip
    space: list[Section] = [Heading(_("The space")), table] if rows else []
    return Chapter("settings", _("How"), [Grid(cards), *space])


def _next(oracle: Oracle) -> Chapter:
    said = _("The search goes on from its folder: with more trials, it finds more. In Python:")
    python = (
        "model = tuner.get_best_models()[0]\n"
        "values = tuner.get_best_hyperparameters()[0].values\n"
        "print(tuner.importances())"
    )
    return Chapter("next", _("What next"), [Text(said), Code(python)])
