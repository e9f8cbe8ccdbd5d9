"""The commands ``maeum cluster`` and ``maeum map``: a table in, groups or a map and a page out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from maeum.classics.options import ClusterOptions, MapOptions, SeededOptions
from maeum.cli import arguments
from maeum.cli.arguments import chosen, data, field_option, source_of, stem
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.options import Options, Reading

if TYPE_CHECKING:
    from maeum.classics.clustering import Clustering
    from maeum.classics.projecting import Projection

_SENTENCES = 3  # that the terminal tells of a group; the page has more
_GROUPS = 12


def cluster_command() -> click.Command:
    """Return ``maeum cluster``."""
    said = _(
        "Find groups of rows that are alike, and say what makes each group different.\n\nDATA is a "
        "table, as for maeum train; a column that shall not count is left out with --ignore. The "
        "results are groups.csv (your rows with the group of each) and a page that explains the "
        "groups: typical values, a map, and how the method came to them."
    )
    return table_command("cluster", cluster, ClusterOptions, said, "maeum-DATA-cluster")


def map_command() -> click.Command:
    """Return ``maeum map``."""
    said = _(
        "Draw a map of the rows of a table: rows that are alike lie near each other.\n\nDATA is a "
        "table, as for maeum train. The results are map.csv (the place of each row) and a page "
        "with the map, which can be coloured by any column, and with what its directions mean."
    )
    return table_command("map", map_, MapOptions, said, "maeum-DATA-map")


def table_command(
    name: str, run: Any, options: type[Options], said: str, folder: str,
    reading: type[Reading] = Reading,
) -> click.Command:  # fmt: skip
    """Return a command that takes a table and writes a folder.

    Args:
        name: what it is called.
        run: its callback.
        options: its options.
        said: its help.
        folder: what its results go to by default, as it is told.
        reading: how the table is read.
    """
    out = _("Where the results go, in place of earlier ones; by default {folder}, or {folder}-2 "
            "and so on where there are earlier ones.", folder=folder)  # fmt: skip
    params: list[click.Parameter] = [
        data(),
        click.Option(["--out", "--output"], metavar="FOLDER", help=out,
                     type=click.Path(path_type=Path)),
        *(field_option(each, field) for each, field in options.fields().items()),
        *(field_option(each, field) for each, field in reading.fields().items()),
    ]  # fmt: skip
    return click.Command(name, callback=run, params=params, help=said)


@click.pass_context
def cluster(context: click.Context, data: tuple[Path, ...], **_options: Any) -> None:
    """Write the groups of the rows of a table."""
    from maeum.classics.clustering import cluster_table

    _run(context, data, ClusterOptions, cluster_table, "cluster")


@click.pass_context
def map_(context: click.Context, data: tuple[Path, ...], **_options: Any) -> None:
    """Write a map of the rows of a table."""
    from maeum.classics.projecting import map_table

    _run(context, data, MapOptions, map_table, "map")


def _run(
    context: click.Context, data: tuple[Path, ...], options: type[SeededOptions], compute: Any,
    name: str,
) -> None:  # fmt: skip
    from maeum.classics.clustering import Clustering
    from maeum.classics.files import write_answers
    from maeum.cli import display
    from maeum.experiment.events import heard_by, work
    from maeum.experiment.files import check_folder
    from maeum.tables.reading import read_table

    known = {**Reading.fields(), **options.fields()}
    values = arguments.read_values(chosen(context, known), known)
    options(**{key: value for key, value in values.items() if key in options.fields()})
    folder = folder_for(context.params["out"], Path(f"maeum-{stem(data[0])}-{name}"))
    check_folder(folder)
    terminal = display.Terminal()
    try:
        with heard_by(terminal):
            work(_("Reading {name} ...", name=data[0].name))
            of_file = Reading(**{k: values.pop(k) for k in Reading.fields() if k in values}).of_file
            found = compute(read_table(source_of(data), **of_file), **values)
            terminal.rest()
            if isinstance(found, Clustering):
                _tell_groups(found)
            else:
                _tell_map(found)
            paths = write_answers(found, folder)
    finally:
        terminal.rest()
    first = _("Groups:") if "groups" in paths else _("Map:")
    display.say_path(first, next(iter(paths.values())))
    display.say_path(_("Report:"), paths["report"])


def folder_for(asked: Path | None, usual: Path) -> Path:
    """Return where the results go: where it is asked for, else where no earlier ones are."""
    from maeum.experiment.files import free_folder

    return asked if asked is not None else free_folder(usual, lambda folder: False)


def _tell_table(found: Clustering | Projection) -> None:
    from maeum.cli import display

    points = found.points
    rows = ngettext("{n:,} row", "{n:,} rows", len(points))
    columns = ngettext("{n:,} column", "{n:,} columns", len(points.used))
    display.say(_("{source}: {rows}, {columns} used as {features:,} features", source=points.source,
                  rows=rows, columns=columns, features=len(points.names)))  # fmt: skip
    left = [_("Excluded {name!r}: {reason}", name=c.name, reason=c.reason) for c in points.excluded]
    display.show_notes([*left, *found.notes])


def _tell_groups(found: Clustering) -> None:
    from maeum.classics.cluster_report import headline_of, how_clear, how_many
    from maeum.cli import display

    _tell_table(found)
    display.say("")
    display.say(" ".join(filter(None, [f"{headline_of(found)}.", how_many(found),
                                       how_clear(found)])))  # fmt: skip
    for profile in found.profiles[:_GROUPS]:
        display.say("")
        size = ngettext("{n:,} row", "{n:,} rows", profile.rows)
        name = f": {profile.name}" if profile.name else ""
        display.say(f"{profile.title}{name} ({size}, {profile.fraction:.0%})")
        for trait in profile.traits[:_SENTENCES]:
            display.say(shorten(trait.sentence, 200), indent=2)
    if left := len(found.profiles) - _GROUPS:
        display.show_notes([_("and {n:,} more", n=left)] if left > 0 else [])
    display.say("")


def _tell_map(found: Projection) -> None:
    from maeum.classics.map_report import flatness
    from maeum.cli import display
    from maeum.report.wording import number

    _tell_table(found)
    display.say("")
    display.say(flatness(found))
    for layout in found.layouts:
        if layout.trust == layout.trust:
            trust = number(layout.trust, 3)
            display.say(_("{method}: trustworthiness {value}", method=layout.title, value=trust),
                        indent=2)  # fmt: skip
    display.say("")
