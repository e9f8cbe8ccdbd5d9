"""The page of a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maeum.classics.colouring import by_column, point_map
from maeum.classics.components import Components
from maeum.classics.pages import next_chapter, table_chapter
from maeum.classics.points import ROWS
from maeum.classics.projecting import Layout, Projection
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.report.charts import Axis, Chart, Dots, Line, Reading, Rule
from maeum.report.charts.points import Colouring, View, view_of
from maeum.report.sections import (
    Bar,
    Bars,
    Chapter,
    Grid,
    Heading,
    Legend,
    Page,
    Section,
    Table,
    Text,
    Tile,
    from_middle,
)
from maeum.report.wording import number, percent
from maeum.tables.columns import Column

MOST_COMPONENTS = 4  # that are shown as bars
MOST_WEIGHTS = 10  # features of a component
MOST_BARS = 20  # components whose variance is drawn
_MEANINGS = {
    "pca": N_("The two directions along which the rows differ most (principal component "
              "analysis). Straight lines stay straight, and far is far."),
    "kernel-pca": N_("PCA in a space where nearness counts (an RBF kernel): curved shapes become "
                     "straight."),
    "lle": N_("Each row stays the same mixture of its neighbours (locally linear embedding): a "
              "rolled-up sheet is unrolled."),
    "tsne": N_("Neighbours stay neighbours (t-distributed stochastic neighbour embedding): groups "
               "show clearly, but how far and how large they are says nothing."),
}  # fmt: skip


def page_of(found: Projection) -> Page:
    """Return the report of a map."""
    source = shorten(found.points.source, 60)
    headline = _("A map of {rows}", rows=ROWS.count(len(found.points)))
    chapters = [_map(found), _components(found.components), _methods(found),
                table_chapter(found.points, found.notes, found.options), _next(found)]  # fmt: skip
    return Page(
        title=f"{headline}: {source}",
        eyebrow=(source, enumeration([layout.title for layout in found.layouts])),
        headline=headline,
        sentences=_sentences(found),
        tiles=_tiles(found),
        chapters=[chapter for chapter in chapters if chapter.sections],
    )


def flatness(found: Projection) -> str:
    """Say how much of the table two dimensions hold."""
    kept = float(found.components.explained[:2].sum())
    return _("The first two principal components hold {fraction} of the variance.",
             fraction=percent(kept, 0))  # fmt: skip


def _sentences(found: Projection) -> list[str]:
    first = _direction(found.components, 0)
    needed = found.components.needed(0.9)
    most = ngettext("{n} component holds 90% of it.", "{n} components hold 90% of it.", needed)
    return [f"{flatness(found)} {most}", *([first] if first else []), *_most_trusted(found)]


def _most_trusted(found: Projection) -> list[str]:
    known = [layout for layout in found.layouts if layout.trust == layout.trust]
    if len(known) < 2:
        return []
    best = max(known, key=lambda layout: layout.trust)
    return [_("{method} keeps neighbours best (trustworthiness {value}).", method=best.title,
              value=number(best.trust, 3))]  # fmt: skip


def _tiles(found: Projection) -> list[Tile]:
    points, explained = found.points, found.components.explained
    columns = ngettext("{n:,} column", "{n:,} columns", len(points.used))
    return [
        Tile(_("Rows"), f"{len(points):,}", columns),
        Tile(_("Features"), f"{len(points.names):,}", _("after categories and dates are taken "
                                                        "apart")),
        Tile(_("First component"), percent(float(explained[0]), 0), _("of the variance")),
        Tile(_("First two"), percent(float(explained[:2].sum()), 0), _("of the variance")),
    ]  # fmt: skip


def _colouring(found: Projection) -> Colouring | None:
    name = found.options.color
    if name is None:
        return None
    return by_column(found.points.typed[name], shorten(name, 40), found.rows)


def _offered(found: Projection) -> list[Column]:
    """The columns in the order in which they are offered as colours: what is asked for aside, those
    that tell most about the first two components come first."""
    weights = np.abs(found.components.weights[:2]).max(axis=0)
    strength: dict[str, float] = {}
    for name, weight in zip(found.points.of, weights.tolist()):
        strength[name] = max(strength.get(name, 0.0), weight)
    kept = [c for c in found.points.columns if c.name != found.options.color]
    return sorted(kept, key=lambda c: -strength.get(c.name, -1.0))


def _map(found: Projection) -> Chapter:
    points, rows = found.points, found.rows
    views = [View(each.title, each.places[rows, 0], each.places[rows, 1]) for each in found.layouts]
    caption = _("Point at a row to see its values; choose a column to colour the rows by it.")
    if len(rows) < len(points):
        caption += " " + _("{rows:,} of {n:,} rows are drawn.", rows=len(rows), n=len(points))
    said = _("Each point is a row of the table; rows that are alike lie near each other.")
    shown = point_map(
        _("The rows"), _("Map of the rows, coloured by a column"), views, _colouring(found),
        points.frame, points.typed, _offered(found), rows, caption,
    )  # fmt: skip
    return Chapter("map", _("The map"), [Text(said), shown])


def _direction(components: Components, place: int) -> str:
    """Say what a component rises and falls with."""
    weights = components.weights[place]
    strong = [i for i in np.argsort(-np.abs(weights), kind="stable")[:6].tolist()
              if abs(weights[i]) >= 0.35 * np.abs(weights).max()]  # fmt: skip
    up = [shorten(components.names[i], 40) for i in strong if weights[i] > 0][:3]
    down = [shorten(components.names[i], 40) for i in strong if weights[i] < 0][:3]
    facts = {"n": place + 1, "up": enumeration(up), "down": enumeration(down)}
    if up and down:
        return _("Component {n} rises with {up}, and falls with {down}.", **facts)
    return _("Component {n} rises with {up}.", **facts)


def _components(components: Components) -> Chapter:
    count = min(MOST_COMPONENTS, len(components.weights))
    count = min(count, int((components.explained > 1e-6).sum()))
    cards = [_bars(components, place) for place in range(count)]
    said = _("A component is a direction in the table: a weight for each feature. The bars show "
             "the largest weights; features with bars to the same side rise together.")  # fmt: skip
    sections: list[Section] = [Text(said)]
    if len(components.explained) > 2:
        sections.append(Grid([_variance(components)]))
    return Chapter("components", _("The components"), [*sections, Heading(_("Weights")),
                                                       Grid(cards)])  # fmt: skip


def _bars(components: Components, place: int) -> Bars:
    weights = components.weights[place]
    order = np.argsort(-np.abs(weights), kind="stable")[:MOST_WEIGHTS].tolist()
    most = float(np.abs(weights).max())
    bars = [
        Bar(shorten(components.names[i], 40), f"{weights[i]:+.2f}".replace("-", "−"),
            [from_middle(float(weights[i]) / most)])
        for i in order if abs(weights[i]) > 0.005
    ]  # fmt: skip
    title = _("Component {n}: {fraction} of the variance", n=place + 1,
              fraction=percent(float(components.explained[place])))  # fmt: skip
    return Bars(title, bars, _direction(components, place), signed=True)


def _variance(components: Components) -> Chart:
    explained = components.explained[:MOST_BARS]
    total = np.cumsum(explained)
    x = np.arange(1, len(explained) + 1)
    heads = [_("Component {n}", n=n) for n in x.tolist()]
    told = [(_("alone"), [percent(v) for v in explained.tolist()]),
            (_("so far"), [percent(v) for v in total.tolist()])]  # fmt: skip
    needed = components.needed(0.9)
    said = ngettext("{n} component holds 90% of the variance.",
                    "{n} components hold 90% of the variance.", needed)  # fmt: skip
    return Chart(_("Explained variance"), _("Explained variance of each component, and of all up "
                                            "to it"),
                 [Line(x, explained), Dots(x, explained), Line(x, total, "c1"),
                  Dots(x, total, "c1"), Rule(y=0.9)],
                 Axis(_("component"), kind="whole"),
                 Axis(_("of the variance"), 0.0, 1.0, "percent"),
                 Reading.along(x, heads, told), said,
                 [(_("alone"), "c0"), (_("so far"), "c1")], "two")  # fmt: skip


def _methods(found: Projection) -> Chapter:
    head = [_("Map"), _("What it keeps"), _("Trustworthiness"), _("Settings")]
    rows = [
        [each.title, _(_MEANINGS[each.method]), number(each.trust, 3),
         ", ".join(f"{name} {value}" for name, value in each.settings)]
        for each in found.layouts
    ]  # fmt: skip
    known = [layout.trust for layout in found.layouts]
    best = int(np.nanargmax(known)) if not np.isnan(known).all() else None
    strong = frozenset([(best, 2)] if best is not None and len(known) > 1 else [])
    said = _("The trustworthiness says how far rows that are near on the map are near in the "
             "table, too: 1 is best.")  # fmt: skip
    table = Table(_("Methods"), head, rows, strong, style="wide", titled=False, named=True)
    return Chapter("methods", _("The methods"), [Text(said), table, *_side_by_side(found)])


def _side_by_side(found: Projection) -> Sequence[Section]:
    """All maps beside each other, in the same colours."""
    if len(found.layouts) < 2:
        return []
    colouring = _colouring(found)
    if colouring is None:
        made = (by_column(found.points.typed[c.name], shorten(c.name, 40), found.rows)
                for c in _offered(found) if c.used)  # fmt: skip
        colouring = next((each for each in made if each is not None), None)
    if colouring is None:
        return []
    charts = [view_of(_view(each, found.rows), colouring) for each in found.layouts]
    title = _("Coloured by {name}", name=colouring.name)
    return [Heading(title), Legend(tuple(colouring.legend)), Grid(charts)]


def _view(layout: Layout, rows: np.ndarray) -> View:
    return View(layout.title, layout.places[rows, 0], layout.places[rows, 1])


def _next(found: Projection) -> Chapter:
    said = _("map.csv beside this report holds the number of each row (from 1 on) and its place on "
             "each map. Groups of rows that are alike are found by:")  # fmt: skip
    source = shorten(found.points.source, 40)
    python = (
        "from maeum.classics import map_table\n\n"
        f"made = map_table({source!r}, method={found.options.method!r})\n"
        "made.table(), made.components.weights"
    )
    return next_chapter(said, [f"maeum cluster {source}"], python)
