"""The page of a clustering."""

from __future__ import annotations

import numpy as np

from maeum.classics import figures
from maeum.classics.clustering import Clustering, method_title
from maeum.classics.colouring import by_groups, point_map
from maeum.classics.components import components_of
from maeum.classics.density import Density
from maeum.classics.hierarchical import Tree
from maeum.classics.mixtures import Mixture
from maeum.classics.pages import next_chapter, table_chapter
from maeum.classics.points import ROWS
from maeum.classics.profiles import Profile
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.report.charts.points import View
from maeum.report.sections import (
    Caution,
    Chapter,
    Grid,
    Heading,
    Notes,
    Page,
    Section,
    Table,
    Text,
    Tile,
)
from maeum.report.wording import number, percent

MAP_ROWS = 2_000
MOST_CARDS = 12  # groups that are described
_CLEAR = (
    (0.7, N_("clearly apart")),
    (0.5, N_("well apart")),
    (0.25, N_("near to each other, with overlaps")),
    (-1.0, N_("hardly apart: the rows rather form one cloud")),
)


def page_of(found: Clustering) -> Page:
    """Return the report of a clustering."""
    source = shorten(found.points.source, 60)
    headline = headline_of(found)
    chapters = [_groups(found), _map(found), _number(found), _method(found), _others(found),
                table_chapter(found.points, found.notes, found.options), _next(found)]  # fmt: skip
    return Page(
        title=_("{headline}: groups of {source}", headline=headline, source=source),
        eyebrow=(source, method_title(found.options.method)),
        headline=headline,
        sentences=_sentences(found),
        tiles=_tiles(found),
        chapters=[chapter for chapter in chapters if chapter.sections],
    )


def headline_of(found: Clustering) -> str:
    """Say how many groups there are."""
    n = len(found.points)
    return ngettext("{n:,} group among {rows}", "{n:,} groups among {rows}", found.count,
                    rows=ROWS.count(n)) if found.count else _("No group among {rows}",
                                                              rows=ROWS.count(n))  # fmt: skip


def how_clear(found: Clustering) -> str:
    """Say in words how far the groups are apart; empty where there are not two."""
    value = found.silhouette
    if np.isnan(value):
        return ""
    said = _(next(words for least, words in _CLEAR if value >= least))
    return _("The groups are {said} (mean silhouette {value}).", said=said,
             value=number(value, 2))  # fmt: skip


def how_many(found: Clustering) -> str:
    """Say how the number of groups came about."""
    choice, detail = found.choice, found.division.detail
    if choice is None:
        assert isinstance(detail, Density)
        way = N_("given") if detail.asked else N_("chosen by the k-distance plot")
        return _("DBSCAN found their number itself, with eps {eps} ({way}) and {n} rows that make "
                 "a core.", eps=number(detail.eps, 3), way=_(way),
                 n=detail.min_samples)  # fmt: skip
    if choice.asked:
        return _("Their number was given.")
    most = max(choice.counts)
    if isinstance(detail, Mixture):
        return _("Of 2 to {most} groups, {n} have the lowest BIC.", most=most, n=choice.chosen)
    said = _("Of 2 to {most} groups, {n} have the highest silhouette.", most=most, n=choice.chosen)
    if choice.elbow is not None and choice.elbow != choice.chosen:
        said += " " + _("The elbow would say {n}: look at both curves.", n=choice.elbow)
    elif choice.elbow is not None:
        said += " " + _("The elbow says the same.")
    return said


def _sentences(found: Clustering) -> list[str]:
    names = [f"{each.title} ({percent(each.fraction, 0)})" + (f": {each.name}" if each.name else "")
             for each in found.profiles if each.number][:6]  # fmt: skip
    told = filter(None, [how_clear(found), how_many(found)])
    return ["; ".join(names) + "." if names else how_many(found), *(told if names else [])]


def _tiles(found: Clustering) -> list[Tile]:
    tiles = [
        Tile(_("Groups"), f"{found.count:,}", method_title(found.options.method)),
        Tile(_("Silhouette"), number(found.silhouette, 2), _("from −1 to 1, higher is clearer")),
    ]
    real = [each for each in found.profiles if each.number]
    if real:
        tiles.append(Tile(_("Largest group"), percent(real[0].fraction, 0),
                          ROWS.count(real[0].rows)))  # fmt: skip
        tiles.append(Tile(_("Smallest group"), percent(real[-1].fraction, 0),
                          ROWS.count(real[-1].rows)))  # fmt: skip
    if noise := int((found.groups == 0).sum()):
        tiles.append(Tile(_("Noise"), percent(noise / len(found.points), 0), ROWS.count(noise)))
    return tiles


def _groups(found: Clustering) -> Chapter:
    sections: list[Section] = []
    if found.silhouette < 0.25:
        said = _("These groups overlap much. They may be useful as parts of one cloud, but another "
                 "sample of rows may be cut elsewhere.")  # fmt: skip
        sections.append(Caution(said))
    if found.profiles and found.count:
        sections.append(figures.sizes(found))
    for profile in found.profiles[:MOST_CARDS]:
        sections += _told(profile)
    heat = figures.differences(found)
    table = figures.typical(found)
    sections += [heat] if heat is not None else []
    sections += [Heading(table.title), table] if found.count else []
    return Chapter("groups", _("What makes each group different"), sections)


def _told(profile: Profile) -> list[Section]:
    size = f"{ROWS.count(profile.rows)}, {percent(profile.fraction, 0)}"
    name = f": {profile.name}" if profile.name else ""
    traits = [trait.sentence for trait in profile.traits]
    nothing = Text(_("It differs in no column by much ({least} standard deviations).", least="0.3"))
    return [Heading(f"{profile.title}{name} ({size})"), Notes(traits) if traits else nothing]


def _map(found: Clustering) -> Chapter:
    points = found.points
    rows = points.drawn(MAP_ROWS, found.options.seed)
    components = components_of(points.values, points.names)
    places = components.places(points.values[rows])
    kept = percent(float(components.explained[:2].sum()), 0)
    said = _("Each point is a row of the table, on the plane of the first two principal "
             "components, which hold {fraction} of the variance: groups that lie over each other "
             "here may be apart in other directions.", fraction=kept)  # fmt: skip
    caption = _("Point at a row to see its values; choose a column to colour the rows by it.")
    if len(rows) < len(points):
        caption += " " + _("{rows:,} of {n:,} rows are drawn.", rows=len(rows), n=len(points))
    shown = point_map(
        _("The rows"), _("Map of the rows, coloured by their groups"),
        [View(_("PCA"), places[:, 0], places[:, 1])], by_groups(found.groups[rows], _("Group")),
        points.frame, points.typed, points.columns, rows, caption,
    )  # fmt: skip
    return Chapter("map", _("The map"), [Text(said), shown])


def _number(found: Clustering) -> Chapter:
    choice = found.choice
    plot = figures.silhouette_plot(found)
    wide: list[Section] = [] if plot is None else [plot]
    if choice is None or len(choice.counts) < 2:
        return Chapter("number", _("How clear the groups are"), [Text(how_clear(found)), *wide]
                       if wide else [])  # fmt: skip
    said = " ".join(filter(None, [how_many(found), how_clear(found)]))
    if choice.rows < len(found.points):
        said += " " + _("The number was tried on {rows:,} rows, drawn at random.", rows=choice.rows)
    return Chapter("number", _("How many groups"), [
        Text(said), Grid(figures.counts(choice, found.options.method)), *wide
    ])  # fmt: skip


def _method(found: Clustering) -> Chapter:
    detail, points = found.division.detail, found.points
    title = method_title(found.options.method)
    if isinstance(detail, list):
        said = _("k-means begins with centres, then repeats two steps: every row is assigned to "
                 "its nearest centre (expectation), and every centre moves to the mean of its rows "
                 "(maximization). The best of ten beginnings is shown.")  # fmt: skip
        if found.options.distance == "manhattan":
            title = _("k-medians")
            said = _("With Manhattan’s distance (the sum of the differences, column by column) "
                     "k-means becomes k-medians: every row is assigned to its nearest centre, and "
                     "every centre moves to the median of its rows. The best of ten beginnings is "
                     "shown.")  # fmt: skip
        components = components_of(points.values, points.names)
        curve = figures.descent(detail)
        last: list[Section] = [] if curve is None else [Grid([curve])]
        return Chapter("method", title, [Text(said), figures.steps(found, components), *last])
    if isinstance(detail, Tree):
        linkage = _(_LINKAGES[detail.linkage])
        said = _("Each row begins as a group of its own; then the two nearest groups are joined, "
                 "again and again, until all are one. How far groups are apart is {linkage}.",
                 linkage=linkage)  # fmt: skip
        return Chapter("method", title, [Text(said), figures.tree(found)])
    if isinstance(detail, Density):
        said = _("DBSCAN calls a row a core if {n} rows (itself counted) lie within eps {eps} of "
                 "it. Cores within eps of each other, and the rows around them, are a group; what "
                 "is near to no core is noise.", n=detail.min_samples,
                 eps=number(detail.eps, 3))  # fmt: skip
        return Chapter("method", title, [Text(said), figures.k_distances(detail)])
    said = _("A Gaussian mixture describes each group as a bell; expectation maximization fits "
             "all bells at once, and says how sure each row’s group is.")  # fmt: skip
    charts: list[Section] = [figures.certainty(detail)]
    if found.choice is not None:
        charts.insert(0, figures.covariances(detail, found.choice))
    return Chapter("method", title, [Text(said), Grid(charts)])


_LINKAGES = {
    "ward": N_("how much joining them adds to the squared distances from the mean (Ward)"),
    "complete": N_("the largest distance between two of their rows (complete linkage)"),
    "average": N_("the mean distance between their rows (average linkage)"),
    "single": N_("the least distance between two of their rows (single linkage)"),
}


def _others(found: Clustering) -> Chapter:
    if len(found.beside) < 2:
        return Chapter("others", "", [])
    head = [_("Method"), _("Groups"), _("Silhouette"), _("Noise"), _("Agreement")]
    rows = [
        [method_title(each.method), f"{each.groups:,}", number(each.silhouette, 2),
         percent(each.noise, 0), number(each.agreement, 2)]
        for each in found.beside
    ]  # fmt: skip
    said = _("All methods on {rows}; into as many groups as above, but for DBSCAN, which finds "
             "their number. The agreement (adjusted Rand index) with the groups above is 1 for the "
             "same groups, and 0 for no more than chance. Where methods agree, the groups lie in "
             "the rows and not in the method.", rows=ROWS.count(found.beside_rows))  # fmt: skip
    table = Table(_("All methods"), head, rows, style="wide numbers first", titled=False)
    agreeing = [method_title(each.method) for each in found.beside[1:] if each.agreement >= 0.8]
    more = (
        [Text(_("The same groups, but for few rows: {methods}.", methods=enumeration(agreeing)))]
        if agreeing else []
    )  # fmt: skip
    return Chapter("others", _("Other methods"), [Text(said), table, *more])


def _next(found: Clustering) -> Chapter:
    said = _("groups.csv beside this report holds your rows as they were, with the group of each. "
             "A network that learns this column puts new rows into the groups:")  # fmt: skip
    name = found.table().columns[-1]
    commands = [f"maeum train groups.csv --target {name} --task multiclass",
                f"maeum predict maeum-groups/model.maeum {_('NEW_ROWS.csv')}"]  # fmt: skip
    source = shorten(found.points.source, 40)
    python = (
        "from maeum.classics import cluster_table\n\n"
        f"found = cluster_table({source!r}, method={found.options.method!r})\n"
        "found.groups, found.centers, found.profiles"
    )
    return next_chapter(said, commands, python)
