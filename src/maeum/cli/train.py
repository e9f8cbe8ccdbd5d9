"""The command ``maeum train``: data in, a model and a report out, whatever the data are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from maeum.cli.arguments import chosen, data, field_option, read_values, source_of, stem
from maeum.cli.interrupts import GUARD
from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration
from maeum.experiment.options import ClassificationOptions, Reading
from maeum.experiment.task import Task, prepare, task_for, tasks

if TYPE_CHECKING:
    from maeum.cli.display import Terminal
    from maeum.experiment.events import EpochEnded, Folding

_NAMES = {"table": "tables"}  # of --help-tables, where that is not the kind


class Train(click.Command):
    """The command; its options are those of all tasks, which are looked up when it is run."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the shared options, and (hidden) those of each task."""
        if len(self.params) == 1:
            known = ClassificationOptions.fields()
            shared = [field_option(name, each) for name, each in known.items()]
            helps = [_help_of(task) for task in _in_order()]
            other = {
                name: field_option(name, each, True, _former_names(task, name))
                for task in tasks()
                for name, each in fields_of(task).items()
                if name not in known
            }
            self.params += [*_places(), *shared, *other.values(), *helps]
        return super().get_params(ctx)


def command() -> click.Command:
    """Return the command."""
    said = _(
        "Train a network on DATA, test it, and write a report.\n\nDATA is a table (.csv, .tsv, "
        ".xlsx, .parquet, .json, .arff, also packed; several files, or - for the standard input), "
        "of which a column is learnt (--target), series in a table (--time), texts in a "
        "table (--text), a text (.txt), or a folder with one folder of texts or images for each "
        "class; images also as an IDX, .h5 or .npz file. Or it is an environment in which an agent "
        "learns: CartPole-v1 and others of Maeum, a name of Gymnasium's, FILE.py:FUNCTION or "
        "MODULE:FUNCTION of your own. Each kind has further options, see --help-tables and so "
        "on.\n\nThe test is on rows, images or texts that the network has "
        "never seen. Ctrl-C ends the training early: the best network so far is tested and saved. "
        "A training that was killed goes on where it was with --resume; SIGTERM ends it with the "
        "exit code 143, once all is written."
    )
    tasks_ = _(
        "--task says what is learnt where the data leave that open: --task generate makes more "
        "images or music like that of a folder or file (maeum generate writes it), --task anomaly "
        "finds the unusual rows of a table."
    )
    return Train("train", callback=train, params=[data()], help=f"{said}\n\n{tasks_}")


@click.pass_context
def train(context: click.Context, data: tuple[Path, ...], **_options: Any) -> None:
    """Train on a file or folder, or on several tables."""
    from maeum.cli import display
    from maeum.experiment.events import heard_by, work
    from maeum.experiment.files import check_folder, write_results
    from maeum.experiment.resuming import checkpoints, finish, is_unfinished, remove
    from maeum.experiment.training import train as train_

    values = chosen(context)
    values.pop("data", None)
    resume = values.pop("resume", None)
    _refuse_swapped(data[0], values.get("target"))
    folder = _folder(values.pop("out", None), Path(f"maeum-{stem(data[0])}"))
    task = task_for(data[0], values)
    _refuse_others(task, data[0], values)
    if len(data) > 1 and not issubclass(task.reading, Reading):
        raise ConfigError("Several files are read as one table, and {data} is taken for {kind}: "
                          "give one file or folder.", data=data[0], kind=_(task.title))  # fmt: skip
    values = read_values(values, fields_of(task))
    task.split(values)  # refuses what makes no sense, before any file is touched
    check_folder(folder)
    stopped = N_("maeum: {why}; nothing was written.")
    GUARD.said = _(stopped, why=_("stopped"))
    terminal = _terminal()
    try:
        with heard_by(terminal):
            work(_("Reading {name} ...", name=data[0].name))
            task, prepared = prepare(task, source_of(data), values)
        with checkpoints(folder, lambda: _goes_on(folder, resume)) as backup, heard_by(terminal):
            if is_unfinished(folder):
                GUARD.allowed = 1
            else:
                GUARD.cleaning = lambda: remove(folder)
            trained = train_(task, prepared, events=terminal, backup=backup)
            terminal.rest()
            display.conclude(trained)
            GUARD.said = _("maeum: {why} while the results were written to {folder}.",
                           why=_("stopped"), folder=folder)  # fmt: skip
            paths = write_results(trained, folder)
            terminal.rest()
            if trained.interrupted:
                display.say(_("--resume goes on with the training."))
            else:
                finish(folder)
        display.say_path(_("Model: "), paths["model"])
        display.say_path(_("Report:"), paths["report"])
        if "predictions" in paths:
            display.say_path(_("Predictions:"), paths["predictions"])
    except KeyboardInterrupt as stop:
        GUARD.said = _(stopped, why=str(stop)) if str(stop) else GUARD.said
        GUARD.tell()
        raise click.exceptions.Exit(130) from None
    finally:
        terminal.rest()


def _folder(asked: Path | None, usual: Path) -> Path:
    """Return where the results go; what becomes of earlier ones there is told.

    A folder that was asked for is used again; otherwise earlier results stay, and the new ones go
    into a folder with a number.
    """
    from maeum.experiment.files import free_folder, holds_results
    from maeum.experiment.resuming import is_unfinished

    if asked is not None:
        if holds_results(asked):
            click.echo(_("{folder} holds the results of an earlier training, which these will "
                         "replace.", folder=asked))  # fmt: skip
        return asked
    found = free_folder(usual, is_unfinished)
    if found != usual and not is_unfinished(found):
        click.echo(_("{earlier} holds the results of an earlier training, so these go to {folder}. "
                     "(--out chooses a folder.)", earlier=usual, folder=found))  # fmt: skip
    return found


def _terminal() -> Terminal:
    """Return what shows a training; once an epoch is over, Ctrl-C asks for the test."""
    from maeum.cli.display import Terminal, say

    class Guarded(Terminal):
        """Knows that there is a network."""

        def _show_EpochEnded(self, event: EpochEnded) -> None:
            GUARD.allowed = 1
            super()._show_EpochEnded(event)

        def _show_Folding(self, event: Folding) -> None:
            GUARD.allowed = int(event.number > 1)  # within them, epochs are not told
            say(event)

    return Guarded()


def _goes_on(folder: Path, resume: bool | None) -> bool:
    """Tell whether to go on with the training that a folder holds."""
    if resume is None and sys.stdin.isatty() and sys.stdout.isatty():
        asked = _("{folder} holds a training that was broken off. Go on with it?", folder=folder)
        return click.confirm(asked, default=True)
    if resume is None:
        click.echo(_("{folder} holds a training that was broken off; a new one begins. (--resume "
                     "goes on with the old one.)", folder=folder))  # fmt: skip
    return bool(resume)


def fields_of(task: Task) -> dict[str, Any]:
    """Return the fields of a task's reading and options, by name."""
    return {**task.reading.fields(), **task.options.fields()}


def _former_names(task: Task, name: str) -> list[str]:
    """Return the names that an option of a task had before."""
    former = {**task.reading.former_names, **task.options.former_names}
    return [old for old, new in former.items() if new == name]


def _refuse_swapped(data: Path, target: str | None) -> None:
    """Refuse a column in the place of the data, and the data in that of the column."""
    if target and not data.exists() and str(data) != "-" and Path(target).exists():
        raise ConfigError("There is no file {data}, but {target} is one: the data come first, and "
                          "--target names a column. Perhaps: maeum train {target} --target {data}",
                          data=str(data), target=target)  # fmt: skip


def _refuse_others(task: Task, data: Path, values: dict[str, Any]) -> None:
    """Refuse an option of another task, and say whose it is."""
    for name in values:
        if name in fields_of(task):
            continue
        kinds = [
            _(other.title) + (f" ({_(other.told_by)})" if other.told_by else "")
            for other in _in_order() if name in fields_of(other)
        ]  # fmt: skip
        raise ConfigError("--{name} is for {kinds}, and {data} is taken for {kind}.",
                          name=name.replace("_", "-"), kinds=enumeration(kinds), data=data,
                          kind=_(task.title))  # fmt: skip


def _in_order() -> list[Task]:
    """Return the tasks, the most general first."""
    return list(tasks())[::-1]


def _places() -> list[click.Option]:
    """Where the results go, and whether what is there goes on."""
    out = _("Where the results go, in place of earlier ones; by default maeum-DATA, or "
            "maeum-DATA-2 and so on where there are earlier ones.")  # fmt: skip
    resume = _("Go on with the training that the folder of the results holds, if it was broken "
               "off; --no-resume begins a new one. By default you are asked.")  # fmt: skip
    folder = click.Path(path_type=Path)
    return [
        click.Option(["--out", "--output"], metavar="FOLDER", help=out, type=folder),
        click.Option(["--resume/--no-resume"], default=None, help=resume, show_default=False),
    ]


def _help_of(task: Task) -> click.Option:
    """Return the option that shows the options of one kind."""

    def show(context: click.Context, option: click.Parameter, asked: bool) -> None:
        if asked:
            formatter = context.make_formatter()
            formatter.write_text(_("Options of maeum train for {kind}.", kind=_(task.title)))
            formatter.write_paragraph()
            formatter.write_dl([_line(context, task, name) for name in fields_of(task)])
            click.echo(formatter.getvalue().rstrip("\n"))
            context.exit()

    name = _NAMES.get(task.kind, task.kind)
    said = _("Show the options for {kind} and exit.", kind=_(task.title))
    return click.Option([f"--help-{name}"], is_flag=True, is_eager=True, expose_value=False,
                        callback=show, help=said)  # fmt: skip


def _line(context: click.Context, task: Task, name: str) -> tuple[str, str]:
    """Return an option as the help shows it, with its default."""
    field = fields_of(task)[name]
    record = field_option(name, field, former=_former_names(task, name)).get_help_record(context)
    assert record is not None
    shown, said = record
    if field.default not in (None, False, True, ()):
        said += " " + _("[{default} by default]", default=field.default)
    return shown, said
