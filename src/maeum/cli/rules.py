"""The command ``maeum rules``: what is found together in baskets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from maeum.classics.rules.options import BasketReading, RuleOptions
from maeum.cli.arguments import chosen, data, field_option, read_values, source_of, stem
from maeum.cli.interrupts import GUARD
from maeum.core.messages import _

_FIELDS = {**RuleOptions.fields(), **BasketReading.fields()}
_SHOWN = 10


def command() -> click.Command:
    """Return the command."""
    said = _(
        "Find what is found together in baskets, as rules.\n\nDATA is a table: a row for each item "
        "in a basket; a row for each basket, with an item in each cell or a list in one; or a "
        "column of 0 and 1 for each item. Which one it is, is recognised. The rules are measured "
        "by support, confidence and lift, tested against chance, and explained on a page."
    )
    out = _("Where the results go, in place of earlier ones; by default maeum-DATA-rules, or "
            "maeum-DATA-rules-2 and so on where there are earlier ones.")  # fmt: skip
    folder = click.Path(path_type=Path)
    params = [
        data(),
        click.Option(["--out", "--output"], metavar="FOLDER", help=out, type=folder),
        *(field_option(name, each) for name, each in _FIELDS.items()),
    ]
    return click.Command("rules", callback=rules, params=params, help=said)


@click.pass_context
def rules(
    context: click.Context, data: tuple[Path, ...], out: Path | None, **_options: Any
) -> None:
    """Find the rules of a table, show the best and write all."""
    from maeum.classics.rules.finding import FILES, find_rules, write_tables
    from maeum.classics.rules.page import page_of
    from maeum.classics.rules.sentences import best_table, closing
    from maeum.cli import display
    from maeum.experiment.files import check_folder, free_folder
    from maeum.report.html import write_page

    values = read_values(chosen(context, _FIELDS), _FIELDS)
    options = RuleOptions(**{k: v for k, v in values.items() if k in RuleOptions.fields()})
    reading = BasketReading(**{k: v for k, v in values.items() if k in BasketReading.fields()})
    folder = out or free_folder(Path(f"maeum-{stem(data[0])}-rules"), lambda folder: False)
    check_folder(folder)
    GUARD.said = _("maeum: {why}; nothing was written.", why=_("stopped"))
    found = find_rules(source_of(data), reading, options, display.say)
    if len(found.rules):
        display.say("")
        display.show_table(best_table(found, _SHOWN))
    display.say("")
    for line in closing(found):
        display.say(line)
    paths = write_tables(found, folder)
    report = write_page(page_of(found), folder / FILES["report"])
    display.say_path(_("Report:"), report)
    display.say_path(_("Rules:"), paths["rules"])
    display.say_path(_("Itemsets:"), paths["itemsets"])
