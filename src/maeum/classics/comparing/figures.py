"""The drawings of a comparison."""

from __future__ import annotations

import math

import numpy as np

from maeum.classics.boundaries import MOST_ROWS, Plane, decision_boundaries
from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.pictures import Pictures
from maeum.classics.comparing.trials import NETWORK
from maeum.classics.comparing.wording import apart, title_of
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.charts import SERIES, Axis, Chart, Dots, Line, Mark, Reading
from maeum.report.charts.points import ends
from maeum.report.sections import Bar, Bars, Grid, Section, Segment, Table
from maeum.report.wording import MISSING, duration, metric, metric_name, number

DOT = 1.2  # percent of a track that a dot takes
_STEPS = 200  # places along a curve
_ORDER = (NETWORK, "linear", "knn", "svm", "tree", "forest", "boosting", "perceptron")


def colour_of(key: str) -> str:
    """Return the colour of a model, the same in all charts."""
    return SERIES[_ORDER.index(key)]


def ranking(found: Comparison) -> Bars:
    """The mean score of each model, with the interval of its difference to the network."""
    ours, spans = found.mean(NETWORK), dict[str, tuple[float, float]]()
    for key in found.ranking:
        away = found.difference(key)
        if key != NETWORK and not math.isnan(away.low):
            edges = sorted(ours - found.better * end for end in (away.low, away.high))
            spans[key] = edges[0], edges[1]
    values = [*(found.mean(key) for key in found.ranking), *(e for s in spans.values() for e in s)]
    low, high = min(values), max(values)
    room = (high - low) / 20 or abs(low) / 10 or 1.0
    low, high = low - room, high + room

    def place(value: float) -> float:
        return 100 * (value - low) / (high - low)

    bars = []
    for key in found.ranking:
        mean = found.mean(key)
        dot = Segment(min(max(place(mean) - DOT / 2, 0), 100 - DOT), DOT, colour_of(key))
        whisker, note = None, ""
        if key in spans:
            first, last = map(place, spans[key])
            whisker = first, last - first
            note = _says(found, key)
        bars.append(Bar(found.title(key), metric(found.metric, mean), [dot], note, place(ours),
                        whisker))  # fmt: skip
    name = metric_name(found.metric)
    which = _("higher is better") if name.better > 0 else _("lower is better")
    title = _("{metric}, mean of {n} folds ({which})", metric=name.label, n=len(found.folds),
              which=which)  # fmt: skip
    said = _("The best first, on a scale from {low} to {high}. The tall tick is the network’s "
             "score. The thin line around a model’s is the 95% interval of its difference to the "
             "network: where it reaches the tick, chance may explain the difference.",
             low=metric(found.metric, low), high=metric(found.metric, high))  # fmt: skip
    return Bars(title, bars, said, style="wide")


def _says(found: Comparison, key: str) -> str:
    says = found.difference(key).says
    return {1: _("the network is ahead"), 0: _("level"), -1: _("the network is behind")}[says]


def differences(found: Comparison) -> Table:
    """How far the network is ahead of each other model."""
    rows = []
    for key in found.ranking:
        if key == NETWORK:
            continue
        away = found.difference(key)
        known = not math.isnan(away.low)
        interval = MISSING
        if known:
            interval = _("{low} to {high}", low=apart(found, away.low),
                         high=apart(found, away.high))  # fmt: skip
        rows.append([found.title(key), apart(found, away.value), interval,
                     _says(found, key) if known else MISSING])  # fmt: skip
    head = [_("Model"), _("Network ahead by"), _("95% interval"), _("Verdict")]
    said = _("Above 0 the network is better, whichever way the metric goes.")
    return Table(_("Differences to the network"), head, rows, caption=said, style="wide numbers",
                 titled=False, named=True)  # fmt: skip


def by_fold(found: Comparison) -> Chart | None:
    """The score of each model in each fold, as paired lines; None for a single fold."""
    folds = found.folds
    if len(folds) < 2:
        return None
    marks: list[Mark] = []
    told: list[tuple[str, list[str]]] = []
    for key in reversed(found.ranking):
        values = found.values(key)
        look = "thick" if key == NETWORK else ""
        marks += [Line(folds, values, colour_of(key), look), Dots(folds, values, colour_of(key))]
        told.insert(0, (found.title(key), [metric(found.metric, value) for value in values]))
    heads = [_("Fold {n}", n=n) for n in folds]
    name = metric_name(found.metric).label
    said = _("Where all lines rise or fall together, a fold is easy or hard for every model: so "
             "models are compared fold by fold.")  # fmt: skip
    axis = Axis(_("fold"), folds[0] - 0.2, folds[-1] + 0.2, "whole")
    legend = [(found.title(key), colour_of(key)) for key in found.ranking]
    return Chart(_("Every fold"), _("{metric} of each model in each fold", metric=name), marks,
                 axis, Axis(name), Reading.along(folds, heads, told), said, legend, "wide",
                 height=300)  # fmt: skip


def time_and_score(found: Comparison) -> Chart:
    """What each model takes to train, and how good it is."""
    marks: list[Mark] = []
    for key in found.ranking:
        seconds = max(found.cost(key, "train_seconds"), 1e-4)
        marks.append(Dots([seconds], [found.mean(key)], colour_of(key), "huge"))
    name = metric_name(found.metric)
    where = _("top left") if name.better > 0 else _("bottom left")
    times = [found.cost(key, "train_seconds") for key in found.ranking]
    low, high = (10.0 ** step(math.log10(max(end, 1e-4))) for step, end in
                 ((math.floor, min(times)), (math.ceil, max(times))))  # fmt: skip
    legend = [(f"{found.title(key)} ({duration(found.cost(key, 'train_seconds'))})",
               colour_of(key)) for key in found.ranking]  # fmt: skip
    return Chart(_("Time and score"), _("Seconds of training and {metric} of each model",
                                        metric=name.label), marks,
                 Axis(_("seconds to train one fold"), low, high if high > low else 10 * low, "log"),
                 Axis(name.label), caption=_("Quick and good is {where}.", where=where),
                 legend=legend, style="wide", height=260)  # fmt: skip


def costs(found: Comparison) -> Table:
    """How long each model takes, and how large it is."""
    rows = []
    for key in found.ranking:
        tested = max(found.cost(key, "tested"), 1)
        of_thousand = found.cost(key, "predict_seconds") * 1000 / tested
        rows.append([found.title(key), duration(found.cost(key, "train_seconds")),
                     duration(of_thousand), in_bytes(found.cost(key, "size")),
                     f"{found.cost(key, 'trained'):,.0f}"])  # fmt: skip
    head = [_("Model"), _("Training"), _("Predicting 1,000 rows"), _("Size"), _("Trained on")]
    return Table(_("Time and size"), head, rows, style="wide numbers", titled=False, named=True)


def in_bytes(size: float) -> str:
    """Return a number of bytes in the unit that fits.

    >>> in_bytes(743), in_bytes(187591), in_bytes(2.6e9)
    ('743 B', '188 kB', '2.6 GB')
    """
    for unit, one in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= one:
            return f"{number(size / one, 3)} {unit}"
    return f"{size:.0f} B"


def boundaries(found: Comparison, pictures: Pictures) -> list[Section]:
    """What each model answers everywhere on the plane of two columns."""
    plane = Plane.of_features(pictures.x, pictures.names, 0, 1)
    models = {title_of(found, key): ask for key, ask in pictures.models.items()}
    return decision_boundaries(plane, pictures.y, found.data.target.classes, models)


def curves(found: Comparison, pictures: Pictures) -> list[Section]:
    """What each model predicts along one column, over the rows."""
    x, y = pictures.x[:, 0], pictures.y
    shown = np.arange(len(x))[:MOST_ROWS]
    low, high = ends(x)
    along = np.linspace(low, high, _STEPS)
    across = Axis(shorten(pictures.names[0], 40), low, high)
    up = Axis(shorten(found.data.target.name, 40), *ends(y))
    charts = []
    for key, ask in pictures.models.items():
        title = title_of(found, key)
        marks: list[Mark] = [Dots(x[shown], y[shown], "muted", "small"),
                             Line(along, ask(along[:, None]), colour_of(key), "thick")]  # fmt: skip
        alt = _("What {model} predicts along {column}", model=title, column=pictures.names[0])
        charts.append(Chart(title, alt, marks, across, up, height=220))
    return [Grid(charts)]


def rows_of(pictures: Pictures) -> str:
    """Say how many rows the pictures are of."""
    return ngettext("{n:,} row", "{n:,} rows", len(pictures.x))
