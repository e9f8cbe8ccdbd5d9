"""The drawings of a comparison."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from maeum.classics.boundaries import MOST_ROWS, Plane, decision_boundaries
from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.pictures import Pictures
from maeum.classics.comparing.trials import NETWORK
from maeum.classics.comparing.wording import apart, title_of
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.answers import comparison
from maeum.report.charts import SERIES, Axis, Chart, Dots, Line, Mark, Reading
from maeum.report.charts.points import ends
from maeum.report.sections import Bar, Bars, Grid, Section, Segment, Table
from maeum.report.wording import MISSING, duration, metric, metric_name, number

DOT = 1.2  # percent of a track that a dot takes
FAR = 5.0  # times as far from the best as the one before it: it would press the others together
_STEPS = 200  # places along a curve
_ORDER = (NETWORK, "linear", "knn", "svm", "tree", "forest", "boosting", "perceptron")


def colour_of(key: str) -> str:
    """Return the colour of a model, the same in all charts."""
    return SERIES[_ORDER.index(key)]


def drawn(found: Comparison) -> tuple[list[str], str]:
    """Return the models that a chart has room for, and a sentence on the one that is far off."""
    keys = found.ranking
    away = [abs(found.mean(key) - found.mean(keys[0])) for key in keys]
    if len(keys) < 3 or keys[-1] == NETWORK or away[-1] <= FAR * away[-2] or not away[-2]:
        return keys, ""
    said = _("{model} is far off ({value}) and not drawn to scale.", model=found.title(keys[-1]),
             value=metric(found.metric, found.mean(keys[-1])))  # fmt: skip
    return keys[:-1], said


def ranking(found: Comparison) -> Bars:
    """The mean score of each model, with the interval of its difference to the network."""
    ours, spans = found.mean(NETWORK), dict[str, tuple[float, float]]()
    for key in found.ranking:
        away = found.difference(key)
        if key != NETWORK and not math.isnan(away.low):
            edges = sorted(ours - found.better * end for end in (away.low, away.high))
            spans[key] = edges[0], edges[1]
    near, far_off = drawn(found)
    values = [end for key in near for end in (found.mean(key), *spans.get(key, ()))]
    low, high = min(values), max(values)
    room = (high - low) / 20 or abs(low) / 10 or 1.0
    low, high = low - room, high + room

    def place(value: float) -> float:
        return min(max(100 * (value - low) / (high - low), 0.0), 100.0)

    bars = []
    for key in found.ranking:
        mean = found.mean(key)
        dot = Segment(min(max(place(mean) - DOT / 2, 0.0), 100 - DOT), DOT, colour_of(key))
        whisker, note = None, ""
        if key in spans:
            first, last = map(place, spans[key])
            whisker = (first, last - first) if key in near else None
            note = {1: _("behind"), 0: _("level"), -1: _("ahead")}[found.difference(key).says]
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
    return Bars(title, bars, f"{said} {far_off}".rstrip(), style="wide")


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
        says = {1: _("the network is ahead"), 0: _("level"), -1: _("the network is behind")}
        rows.append([found.title(key), metric(found.metric, found.mean(key)),
                     apart(found, away.value), interval,
                     says[away.says] if known else MISSING])  # fmt: skip
    head = [_("Model"), metric_name(found.metric).label, _("Network ahead by"), _("95% interval"),
            _("Verdict")]  # fmt: skip
    said = _("Above 0 the network is better, whichever way the metric goes.")
    return Table(_("Differences to the network"), head, rows, caption=said, style="wide numbers",
                 titled=False)  # fmt: skip


def metrics(found: Comparison) -> Table:
    """The means of all metrics, the best of each marked."""
    models = [
        {"name": found.title(key), "metrics": found.metrics(key),
         "seconds": found.cost(key, "train_seconds")}
        for key in found.ranking
    ]  # fmt: skip
    return replace(comparison(models), style="wide numbers")


def by_fold(found: Comparison) -> Chart | None:
    """The score of each model in each fold, as paired lines; None for a single fold."""
    folds = found.folds
    if len(folds) < 2:
        return None
    marks: list[Mark] = []
    told: list[tuple[str, list[str]]] = []
    near, far_off = drawn(found)
    for key in reversed(near):
        values = found.values(key)
        look = "thick" if key == NETWORK else ""
        marks += [Line(folds, values, colour_of(key), look), Dots(folds, values, colour_of(key))]
        told.insert(0, (found.title(key), [metric(found.metric, value) for value in values]))
    heads = [_("Fold {n}", n=n) for n in folds]
    name = metric_name(found.metric).label
    said = _("Where all lines rise or fall together, a fold is easy or hard for every model: so "
             "models are compared fold by fold.")  # fmt: skip
    axis = Axis(_("fold"), folds[0] - 0.2, folds[-1] + 0.2, "whole")
    legend = [(found.title(key), colour_of(key)) for key in near]
    said = f"{said} {far_off}".rstrip()
    return Chart(_("Every fold"), _("{metric} of each model in each fold", metric=name), marks,
                 axis, Axis(name), Reading.along(folds, heads, told), said, legend, "wide",
                 height=300)  # fmt: skip


def time_and_score(found: Comparison) -> Chart:
    """What each model takes to train, and how good it is."""
    near, far_off = drawn(found)
    times = {key: max(found.cost(key, "train_seconds"), 1e-3) for key in near}
    marks: list[Mark] = [
        Dots([times[key]], [found.mean(key)], colour_of(key), "huge") for key in near
    ]
    name = metric_name(found.metric)
    where = _("top left") if name.better > 0 else _("bottom left")
    low, high = 10.0 ** math.floor(math.log10(min(times.values()))), max(times.values())
    high = max(10.0 ** math.ceil(math.log10(high)), 10 * low)
    legend = [(f"{found.title(key)} ({duration(times[key])})", colour_of(key)) for key in near]
    said = _("Quick and good is {where}.", where=where)
    said = f"{said} {far_off}".rstrip()
    return Chart(_("Time and score"), _("Seconds of training and {metric} of each model",
                                        metric=name.label), marks,
                 Axis(_("seconds to train one fold"), low, high, "log"), Axis(name.label),
                 caption=said, legend=legend, style="wide", height=260)  # fmt: skip


def costs(found: Comparison) -> Table:
    """How long each model takes, and how large it is."""
    rows = [
        [found.title(key), duration(found.cost(key, "train_seconds")),
         duration(found.cost(key, "predict_seconds")), in_bytes(found.cost(key, "size")),
         f"{found.cost(key, 'trained'):,.0f}"]
        for key in found.ranking
    ]  # fmt: skip
    head = [_("Model"), _("Training"), _("Predicting"), _("Size"), _("Rows of training")]
    said = _("Medians of the folds, with the preparation of the rows; {rows:,.0f} rows are "
             "predicted. The network’s time holds the compiling of its program, where that was not "
             "done before. The size is that of the fitted model: of the network its file, of the "
             "others pickled. (What training takes at its peak is not told: in one process, models "
             "use memory that others left.)",
             rows=found.cost(NETWORK, "tested"))  # fmt: skip
    return Table(_("Time and size"), head, rows, caption=said, style="wide numbers", titled=False)


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
