"""The command ``maeum compare``: a table in, the network beside other models and a page out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from maeum.classics.comparing.options import ComparisonOptions
from maeum.cli.arguments import chosen, read_values, source_of, stem
from maeum.cli.classics import folder_for, table_command
from maeum.cli.interrupts import GUARD
from maeum.core.messages import _
from maeum.tabular.options import TableReading

if TYPE_CHECKING:
    from maeum.classics.comparing.comparing import ModelTested
    from maeum.classics.comparing.comparison import Comparison
    from maeum.cli.display import Terminal

_FIELDS = {**TableReading.fields(), **ComparisonOptions.fields()}


def command() -> click.Command:
    """Return the command."""
    said = _(
        "Compare the network with linear or logistic regression, k-nearest neighbours, a support "
        "vector machine, a decision tree, a random forest and gradient boosting.\n\nDATA is a "
        "table, as for maeum train, of which a column is learnt (--target). All models are trained "
        "and tested on the same folds. The results are comparison.csv (a line for each model and "
        "fold), comparison.json and a page: who is ahead, and by how much more than chance. Ctrl-C "
        "ends it early; the folds that are finished are written."
    )
    return table_command(
        "compare", compare, ComparisonOptions, said, "maeum-DATA-compare", TableReading
    )


@click.pass_context
def compare(context: click.Context, data: tuple[Path, ...], **_options: Any) -> None:
    """Write how the network and other models do on a table."""
    from maeum.classics.comparing.comparing import compare_table
    from maeum.classics.files import write_answers
    from maeum.cli import display
    from maeum.experiment.events import heard_by, work
    from maeum.experiment.files import check_folder

    values = read_values(chosen(context, _FIELDS), _FIELDS)
    ComparisonOptions(**{k: v for k, v in values.items() if k in ComparisonOptions.fields()})
    folder = folder_for(context.params["out"], Path(f"maeum-{stem(data[0])}-compare"))
    check_folder(folder)
    GUARD.said = _("maeum: {why}; nothing was written.", why=_("stopped"))
    terminal = _terminal()
    try:
        with heard_by(terminal):
            work(_("Reading {name} ...", name=data[0].name))
            found = compare_table(source_of(data), events=terminal, **values)
            terminal.rest()
            _tell(found)
            paths = write_answers(found, folder)
    finally:
        terminal.rest()
    display.say_path(_("Comparison:"), paths["comparison"])
    display.say_path(_("Report:"), paths["report"])


def _terminal() -> Terminal:
    """Return what shows a comparison; once a model is tested, Ctrl-C asks for the results."""
    from maeum.cli.display import Terminal

    class Guarded(Terminal):
        """Knows that something is finished."""

        def _show_ModelTested(self, event: ModelTested) -> None:
            GUARD.allowed = 1  # it stands in the line of its fold

    return Guarded()


def _tell(found: Comparison) -> None:
    from maeum.classics.comparing.figures import metrics
    from maeum.classics.comparing.wording import headline_of, verdicts
    from maeum.cli import display

    display.say("")
    display.show_table(metrics(found))
    display.say("")
    display.say(f"{headline_of(found)}.")
    for sentence in verdicts(found):
        display.say(sentence)
    display.say("")
