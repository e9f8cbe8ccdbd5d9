"""The command ``maeum tune``: a table in, the best network that a search finds and a page out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from maeum.cli.arguments import chosen, data, field_option, read_values, source_of, stem
from maeum.cli.interrupts import GUARD
from maeum.core.messages import N_, _

if TYPE_CHECKING:
    from maeum.cli.display import Terminal
    from maeum.tabular.search_events import SearchBegan, SearchEnded, SearchProgress, TrialEnded

_ALONE = ("folds",)  # options of a training that a search has no use for


class Tune(click.Command):
    """The command; its options are those of a search and, behind them, of a training on tables."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options."""
        if len(self.params) == 1:
            known = _fields()
            self.params += [*_places(), *(field_option(name, each) for name, each in known.items())]
        return super().get_params(ctx)


def command() -> click.Command:
    """Return the command."""
    said = _(
        "Search for the hyper-parameters of a network for a table, test the best, and write a page "
        "on the search.\n\nDATA is a table, as for maeum train, of which a column is learnt "
        "(--target). An option that is given, such as --hidden 64,32, stays as it is; the others "
        "are searched. Trials that differ in numbers alone are trained side by side, as one "
        "program.\n\nThe results are model.maeum (the best network, or the mean of the best ones), "
        "report.html (its test on rows that no trial has seen), search.html (the search) and "
        "trials.csv. Ctrl-C ends the search early: the best so far is tested and saved. A search "
        "that was ended, or killed, goes on where it was with --resume."
    )
    return Tune("tune", callback=tune, params=[data()], help=said)


@click.pass_context
def tune(context: click.Context, data: tuple[Path, ...], **_options: Any) -> None:
    """Search for the network of a table."""
    from maeum.cli import display
    from maeum.experiment.events import heard_by, work
    from maeum.experiment.files import check_folder, write_results
    from maeum.experiment.training import train
    from maeum.tabular.search_files import PAGE, SEARCH, remove_search, write_search
    from maeum.tabular.tuning import TunedTable, TuneOptions, given

    values = chosen(context)
    values.pop("data", None)
    resume = values.pop("resume", None)
    out = values.pop("out", None)
    values = read_values(values, _fields())
    own = {name: values.pop(name) for name in TuneOptions.fields() if name in values}
    folder, goes_on = _folder(out, Path(f"maeum-{stem(data[0])}-tune"), resume)
    task = TunedTable(TuneOptions(**own), given(values), folder / SEARCH, not goes_on,
                      page=PAGE)  # fmt: skip
    reading, options = task.split(values)
    check_folder(folder)
    stopped = N_("maeum: {why}; nothing was written.")
    GUARD.said = _(stopped, why=_("stopped"))
    if not goes_on:  # until a trial is over, after which the search can go on
        GUARD.cleaning = lambda: remove_search(folder)
    terminal = _terminal()
    try:
        with heard_by(terminal):
            work(_("Reading {name} ...", name=data[0].name))
            prepared = task.prepare(source_of(data), reading, options)
            trained = train(task, prepared, events=terminal)
            terminal.rest()
            display.conclude(trained)
            paths = write_results(trained, folder) | write_search(task, folder)
            terminal.rest()
            if trained.interrupted:
                display.say(_("--resume goes on with the search."))
        display.say_path(_("Model: "), paths["model"])
        display.say_path(_("Report:"), paths["report"])
        display.say_path(_("Search:"), paths["search"])
        display.say_path(_("Trials:"), paths["trials"])
    except KeyboardInterrupt as stop:
        GUARD.said = _(stopped, why=str(stop)) if str(stop) else GUARD.said
        if GUARD.cleaning is not None:
            GUARD.cleaning()
        GUARD.tell()
        raise click.exceptions.Exit(130) from None
    finally:
        terminal.rest()


def _fields() -> dict[str, Any]:
    """Return the fields of a search, and of a training on a table, by name."""
    from maeum.tabular.options import TableOptions, TableReading
    from maeum.tabular.tuning import TuneOptions

    of_training = {**TableReading.fields(), **TableOptions.fields()}
    found = {**TuneOptions.fields(), **of_training, **TuneOptions.fields()}  # its minutes, first
    return {name: each for name, each in found.items() if name not in _ALONE}


def _places() -> list[click.Option]:
    """Where the results go, and whether a search that is there goes on."""
    usual = "maeum-DATA-tune"
    out = _("Where the results go, in place of earlier ones; by default {folder}, or {folder}-2 "
            "and so on where there are earlier ones.", folder=usual)  # fmt: skip
    resume = _("Go on with the search that the folder of the results holds, for as many minutes "
               "again, or with more --trials; --no-resume begins a new one.")  # fmt: skip
    return [
        click.Option(["--out", "--output"], metavar="FOLDER", help=out,
                     type=click.Path(path_type=Path)),
        click.Option(["--resume/--no-resume"], default=None, help=resume, show_default=False),
    ]  # fmt: skip


def _folder(asked: Path | None, usual: Path, resume: bool | None) -> tuple[Path, bool]:
    """Return where the results go, and whether the search that is there goes on."""
    from maeum.experiment.files import free_folder, holds_results
    from maeum.tabular.search_files import holds_search

    def unfinished(folder: Path) -> bool:
        return holds_search(folder) and (bool(resume) or not holds_results(folder))

    folder = asked or free_folder(usual, unfinished)
    if not holds_search(folder):
        if resume:
            click.echo(_("There is no search in {folder} to go on with: a new one begins.",
                         folder=folder))  # fmt: skip
        elif asked is not None and holds_results(folder):
            click.echo(_("{folder} holds the results of an earlier training, which these will "
                         "replace.", folder=folder))  # fmt: skip
        return folder, False
    if resume is None and sys.stdin.isatty() and sys.stdout.isatty():
        resume = click.confirm(_("{folder} holds a search. Go on with it?", folder=folder),
                               default=True)  # fmt: skip
    elif not resume:
        click.echo(_("{folder} holds a search; a new one begins in its place. (--resume goes on "
                     "with the old one.)", folder=folder))  # fmt: skip
    return folder, bool(resume)


def _terminal() -> Terminal:
    """Return what shows a search; once a trial is over, Ctrl-C asks for the test."""
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    from maeum.cli.display import _NARROW, Terminal, console, say

    class Searching(Terminal):
        """A live line with the trials, the best so far and the time left."""

        def _show_SearchBegan(self, event: SearchBegan) -> None:
            say(event)
            GUARD.allowed = int(event.done > 0)
            if self.live:
                bar = [TextColumn(_("Trials")), BarColumn(bar_width=16)]
                self._bar = Progress(
                    *(bar if console.width >= _NARROW else []),
                    TextColumn("{task.completed:.0f}/{task.total:.0f}"),
                    TextColumn("{task.fields[facts]}", table_column=Column(overflow="fold")),
                    console=console,
                    transient=True,
                )
                self._task = self._bar.add_task("", total=event.trials, facts="")
                self._bar.start()

        def _show_SearchProgress(self, event: SearchProgress) -> None:
            if self._bar is not None:
                self._bar.update(self._task, completed=event.over, total=event.trials,
                                 facts=str(event))  # fmt: skip

        def _show_TrialEnded(self, event: TrialEnded) -> None:
            GUARD.allowed, GUARD.cleaning = 1, None
            round_number = str(event.number + 1).rstrip("0") in ("1", "2", "5")
            if event.better or event.score is None or (round_number and not self.live):
                say(event, indent=2)

        def _show_SearchEnded(self, event: SearchEnded) -> None:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None
            say(event)

    return Searching()
