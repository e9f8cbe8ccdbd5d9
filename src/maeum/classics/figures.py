"""The drawings of a clustering."""

from __future__ import annotations

import numpy as np

from maeum.classics.choosing import Choice, best
from maeum.classics.clustering import Clustering
from maeum.classics.colouring import group_colour
from maeum.classics.components import Components
from maeum.classics.density import Density
from maeum.classics.hierarchical import Tree, dendrogram
from maeum.classics.kmeans import Step
from maeum.classics.mixtures import Mixture
from maeum.classics.profiles import title_of
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.charts import Axis, Cells, Chart, Dots, Line, Mark, Reading, Rule, Steps
from maeum.report.charts.points import ends
from maeum.report.sections import Bar, Bars, Slides, Table
from maeum.report.wording import number, percent

DRAWN_ROWS = 1_000  # as dots of one step
MOST_STEPS = 9  # of k-means that are drawn
MOST_FEATURES = 24  # in the heat map of differences
MOST_COLUMNS = 40  # in the table of typical values
MOST_GROUPS = 12  # that stand beside each other in a table
FULL = 2.0  # standard deviations of the strongest colour


def sizes(found: Clustering) -> Bars:
    """How many rows each group has."""
    most = max(profile.fraction for profile in found.profiles)
    bars = [
        Bar.of(profile.title, f"{profile.rows:,}", profile.fraction / most,
               group_colour(profile.number), percent(profile.fraction, 0))
        for profile in found.profiles
    ]  # fmt: skip
    return Bars(_("Sizes"), bars, style="wide")


def differences(found: Clustering) -> Chart | None:
    """Where each group lies above or below the rest, as a heat map; None for one group."""
    groups = found.profiles[:MOST_GROUPS]
    if len(groups) < 2:
        return None
    values, masks = found.points.values, [found.groups == each.number for each in groups]
    spread = np.where(values.std(axis=0) > 0, values.std(axis=0), 1.0)
    table = np.array([(values[m].mean(axis=0) - values[~m].mean(axis=0)) / spread for m in masks]).T
    order = np.argsort(-np.abs(table).max(axis=1), kind="stable")[:MOST_FEATURES]
    names = [shorten(found.points.names[i], 19) for i in order]
    told = [
        [f"{found.points.names[i]}\n{group.title}: {table[i, j]:+.2f}".replace("-", "−")
         for j, group in enumerate(groups)]
        for i in order
    ]  # fmt: skip
    shown = np.clip(table[order] / FULL, -1, 1)
    caption = _("How far the mean of a group lies from the mean of all other rows: orange above, "
                "blue below; the strongest colour is 2 standard deviations or more.")  # fmt: skip
    heads = [str(each.number) if each.number else "–" for each in groups]
    cells = Cells(names, shown, heads, told, written=False)
    legend = [(_("above the others"), "c1"), (_("below the others"), "c0")]
    return Chart(_("Differences at a glance"), _("Heat map of the groups’ differences"), [cells],
                 Axis(_("Group")), caption=caption, legend=legend, style="wide")  # fmt: skip


def typical(found: Clustering) -> Table:
    """The typical value of each column in each group."""
    groups = found.profiles[:MOST_GROUPS]
    columns = [column.name for column in found.points.used][:MOST_COLUMNS]
    rows = [[shorten(name, 40), *(each.typical[name] for each in groups)] for name in columns]
    left = len(found.points.used) - len(columns)
    said = _("Numbers and dates: the median. Categories: the most frequent value, and how many of "
             "the group’s rows have it.")  # fmt: skip
    said += " " + _("and {n:,} more", n=left) if left else ""
    head = [_("Column"), *(each.title for each in groups)]
    return Table(
        _("Typical values"),
        head,
        rows,
        caption=said,
        style="wide numbers",
        titled=False,
        named=True,
    )


def counts(choice: Choice, method: str) -> list[Chart]:
    """The silhouette and the elbow (or BIC) of each number of groups."""
    x = choice.counts
    heads = [ngettext("{n:,} group", "{n:,} groups", n) for n in x]
    whole = Axis(_("groups"), float(x[0]) - 0.2, float(x[-1]) + 0.2, "whole")
    silhouettes, costs = np.array(choice.silhouettes), np.array(choice.costs)
    chosen = [i for i, n in enumerate(x) if n == choice.chosen]
    charts = []
    if not np.isnan(silhouettes).all():
        marks: list[Mark] = [Line(x, silhouettes), Dots(x, silhouettes)]
        marks += [Dots([x[i]], [silhouettes[i]], "c1", "large") for i in chosen]
        at = x[best(choice.silhouettes)]
        charts.append(
            Chart(_("Silhouette"), _("Silhouette of each number of groups, highest at {n}", n=at),
                  marks, whole, Axis(_("mean silhouette")),
                  Reading.along(x, heads, [(_("Silhouette"), choice.silhouettes)]),
                  _("How much nearer a row is to its own group than to the next one, from −1 to 1; "
                    "higher is better."))
        )  # fmt: skip
    title, up, said = _COSTS[method]()
    marks = [Line(x, costs), Dots(x, costs)]
    marks += [Dots([x[i]], [costs[i]], "c1", "large") for i in chosen]
    if choice.elbow is not None:
        said += " " + _("The curve bends most at {n}.", n=choice.elbow)
    charts.append(
        Chart(title, _("{name} of each number of groups", name=title), marks, whole, Axis(up),
              Reading.along(x, heads, [(title, choice.costs)]), said)
    )  # fmt: skip
    return charts


def _inertia() -> tuple[str, str, str]:
    return _("Elbow"), _("inertia"), _(
        "The sum of the squared distances of all rows to their centre: it always falls; behind the "
        "elbow, a further group gains little.")  # fmt: skip


def _height() -> tuple[str, str, str]:
    return _("Elbow"), _("distance of the next join"), _(
        "How far apart the next two groups are that would be joined: behind the elbow, groups are "
        "near to each other.")  # fmt: skip


def _bic() -> tuple[str, str, str]:
    return _("BIC"), _("BIC"), _(
        "How well bells describe the rows, and how many numbers they need for it; lower is "
        "better.")  # fmt: skip


_COSTS = {"kmeans": _inertia, "hierarchical": _height, "mixture": _bic}


def silhouette_plot(found: Clustering) -> Chart | None:
    """The silhouette of each row, group by group; None where there is none."""
    groups, values = found.groups[found.judged], found.silhouettes
    marks: list[Mark] = []
    readings, at = [], 0
    for profile in found.profiles:
        own = np.sort(values[(groups == profile.number) & ~np.isnan(values)])[::-1]
        if not len(own) or not profile.number:
            continue
        bins = np.array_split(own, min(len(own), 60))
        edges = at + np.cumsum([0, *map(len, bins)])
        heights = [float(part.mean()) for part in bins]
        marks.append(Steps(edges, heights, group_colour(profile.number)))
        mean = number(float(own.mean()), 2)
        readings.append(Reading(at, at + len(own), f"{profile.title}\n{_('Silhouette')}: {mean}"))
        at += len(own) + max(len(values) // 60, 1)
    if not marks:
        return None
    said = _("Each row’s silhouette, group by group. Rows below 0 are nearer to another group.")
    if len(found.judged) < len(found.points):
        said += " " + _drawn(len(found.judged), len(found.points))
    legend = [(title_of(each.number), group_colour(each.number))
              for each in found.profiles if each.number]  # fmt: skip
    return Chart(_("How well each row belongs"), _("Silhouettes of the rows of each group"), marks,
                 Axis(_("rows"), marked=False), Axis(_("silhouette")), readings, said, legend,
                 "wide")  # fmt: skip


def _drawn(rows: int, n: int) -> str:
    return _("{rows:,} of {n:,} rows are drawn.", rows=rows, n=n)


def steps(found: Clustering, components: Components) -> Slides:
    """How k-means came to its groups: centres and rows, step by step."""
    taken = found.division.detail
    assert isinstance(taken, list)
    rows = found.points.drawn(DRAWN_ROWS, found.options.seed)
    places = components.places(found.points.values[rows])
    shown = _some(len(taken))
    axes = [Axis("", *ends(places[:, i]), marked=False) for i in (0, 1)]
    charts = [_step(found, components, taken, at, places, rows, axes) for at in shown]
    names = [_("{step} of {all}", step=at, all=len(taken) - 1) for at in shown]
    said = _("Rows and centres on the plane of the first two principal components. Large dots are "
             "the centres.")  # fmt: skip
    if len(shown) < len(taken):
        said += " " + _("{n} of {all} steps are shown.", n=len(shown), all=len(taken))
    if len(rows) < len(found.points):
        said += " " + _drawn(len(rows), len(found.points))
    return Slides(_("Assign, move, assign, move"), _("Step"), names, charts, said)


def _some(count: int) -> list[int]:
    """The first steps, in which most happens, some later ones, and the last."""
    if count <= MOST_STEPS:
        return list(range(count))
    places = np.unique(np.round(np.geomspace(1, count, MOST_STEPS)).astype(int)) - 1
    first = sorted({0, 1, 2, *places.tolist()} - {count - 1})
    return [*first[: MOST_STEPS - 1], count - 1]


def _step(
    found: Clustering, components: Components, taken: list[Step], at: int, places: np.ndarray,
    rows: np.ndarray, axes: list[Axis],
) -> Chart:  # fmt: skip
    step, order = taken[at], found.order
    labels, centers = step.labels[rows], components.places(step.centers)
    marks: list[Mark] = []
    for own in range(len(centers)):
        mask, colour = labels == own, group_colour(order.get(own, 0))
        marks.append(Dots(places[mask, 0], places[mask, 1], colour, "small"))
    for own in range(len(centers)):  # on top of the rows
        past = np.array([components.places(one.centers)[own] for one in taken[: at + 1]])
        marks.append(Line(past[:, 0], past[:, 1], "ink", "thin"))
        marks.append(Dots(centers[own : own + 1, 0], centers[own : own + 1, 1], "ink", "huge"))
        colour = group_colour(order.get(own, 0))
        marks.append(Dots(centers[own : own + 1, 0], centers[own : own + 1, 1], colour, "large"))
    title = _("Step {n}", n=at) if at else _("Beginning")
    cost = _("inertia {value}", value=number(step.inertia))
    if at:
        moved = ngettext("{n:,} row changes its group", "{n:,} rows change their group", step.moved)
        said = _("The centres have moved to the middle of their rows, and each row to its nearest "
                 "centre: {moved}; {cost}.", moved=moved, cost=cost)  # fmt: skip
    else:
        said = _("Centres are drawn far from each other (k-means++), and each row goes to the "
                 "nearest one: {cost}.", cost=cost)  # fmt: skip
    return Chart(title, said, marks, axes[0], axes[1], caption=said, height=300)


def descent(taken: list[Step]) -> Chart | None:
    """The inertia of each step; None for a single one."""
    if len(taken) < 2:
        return None
    x, y = list(range(len(taken))), [step.inertia for step in taken]
    moved = [f"{step.moved:,}" if at else "" for at, step in enumerate(taken)]
    readings = Reading.along(x, [_("Step {n}", n=n) for n in x],
                             [(_("Inertia"), y), (_("Rows that moved"), moved)])  # fmt: skip
    said = _("It falls with every step, until no row changes its group any more.")
    return Chart(_("Inertia"), _("Inertia of each step, falling from {first} to {last}",
                                 first=number(y[0]), last=number(y[-1])),
                 [Line(x, y), Dots(x, y)], Axis(_("step"), kind="whole"), Axis(_("inertia")),
                 readings, said)  # fmt: skip


def tree(found: Clustering) -> Chart:
    """The dendrogram, cut into the groups."""
    joined, order = found.division.detail, found.order
    assert isinstance(joined, Tree)
    drawing = dendrogram(joined, found.division.labels[joined.rows])
    marks: list[Mark] = []
    for branch in drawing.branches:
        colour = "muted" if branch.label is None else group_colour(order[branch.label])
        marks.append(Line(branch.x, branch.y, colour, "thin"))
    cut = joined.cut(found.count)
    marks.append(Rule(y=cut))
    readings = [
        Reading(10 * i, 10 * (i + 1), "\n".join(
            [ngettext("{n:,} row", "{n:,} rows", rows),
             *([title_of(order[label])] if label >= 0 else [])]))
        for i, (rows, label) in enumerate(zip(drawing.leaves, drawing.labels))
    ]  # fmt: skip
    said = _("Rows that are nearest are joined first, at the bottom; the height of a join is the "
             "distance between what it joins. The dashed line cuts the tree into {n} groups.",
             n=found.count)  # fmt: skip
    if len(drawing.leaves) < len(joined.rows):
        said += " " + _("Below each of the {n} ends there are further rows, which are not drawn.",
                        n=len(drawing.leaves))  # fmt: skip
    legend = [(title_of(each.number), group_colour(each.number)) for each in found.profiles]
    width = 10.0 * len(drawing.leaves)
    return Chart(_("Dendrogram"), _("Dendrogram, cut at {height}", height=number(cut)), marks,
                 Axis("", 0.0, width, marked=False), Axis(_("distance"), 0.0), readings, said,
                 legend, "wide", height=320)  # fmt: skip


def k_distances(density: Density) -> Chart:
    """The k-distance plot, with eps."""
    n = len(density.away)
    kept = np.unique(np.linspace(0, n - 1, min(n, 400)).round().astype(int))
    y = density.away[kept]
    said = _("From each row the distance to its neighbour number {n} (itself counted), sorted. "
             "Rows left of where the line meets eps are cores of groups.",
             n=density.min_samples)  # fmt: skip
    if not density.asked:
        said += " " + _(
            "eps is where the curve bends most, or higher on it where the "
            "groups get clearer (silhouette)."
        )
    heads = [_("row {n:,} of {all:,}", n=place + 1, all=n) for place in kept.tolist()]
    return Chart(_("k-distance plot"), _("Sorted distances to the neighbour number {n}; eps is "
                                         "{eps}", n=density.min_samples, eps=number(density.eps)),
                 [Line(kept, y), Rule(y=density.eps)], Axis(_("rows, sorted"), kind="whole"),
                 Axis(_("distance"), 0.0), Reading.along(kept, heads, [(_("Distance"), y)]), said,
                 style="wide", height=260)  # fmt: skip


def covariances(mixture: Mixture, choice: Choice) -> Chart:
    """BIC of both kinds of bells."""
    x, colours = choice.counts, {"full": "c0", "diag": "c2"}
    names = {"full": _("any direction (full)"), "diag": _("along the axes (diag)")}
    marks: list[Mark] = [Line(x, values, colours[c]) for c, values in mixture.bic.items()]
    marks += [Dots(x, values, colours[c]) for c, values in mixture.bic.items()]
    told = [(names[c], values) for c, values in mixture.bic.items()]
    heads = [ngettext("{n:,} group", "{n:,} groups", n) for n in x]
    return Chart(_("BIC of both kinds of bells"), _("BIC of each number of groups, for both kinds"),
                 marks, Axis(_("groups"), kind="whole"), Axis("BIC"), Reading.along(x, heads, told),
                 _("Lower is better. Bells in any direction follow columns that go together; bells "
                   "along the axes need fewer numbers."),
                 [(names[c], colours[c]) for c in mixture.bic])  # fmt: skip


def certainty(mixture: Mixture) -> Chart:
    """How sure the rows' groups are, as a histogram."""
    edges = np.linspace(0, 1, 21)
    heights = np.histogram(mixture.probabilities, edges)[0] / len(mixture.probabilities)
    readings = [
        Reading(low, high, f"{percent(low, 0)} – {percent(high, 0)}\n{percent(height)}")
        for low, high, height in zip(edges[:-1].tolist(), edges[1:].tolist(), heights.tolist())
    ]
    unsure = float((mixture.probabilities < 0.8).mean())
    return Chart(_("How sure each row’s group is"), _("Histogram of the likeliest group’s "
                                                      "probability"),
                 [Steps(edges, heights)], Axis(_("probability of the likeliest group"), 0.0, 1.0,
                                               "percent"), Axis(_("rows"), 0.0, kind="percent"),
                 readings, _("{fraction} of the rows have a group that is less than 80% sure.",
                             fraction=percent(unsure)))  # fmt: skip
