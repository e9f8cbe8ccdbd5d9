"""The command ``maeum run``: a script for TensorFlow or Keras runs on Maeum, as it is."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import click

from maeum.core import tracebacks
from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext


def command() -> click.Command:
    """Return the command."""
    said = _("Run a script that was written for TensorFlow 1 or 2 or for Keras 2, as it is: Maeum "
             "takes their place. The arguments behind its name are the script's.")  # fmt: skip
    params = [
        click.Option(["--check"], is_flag=True, help=_(
            "Only list the names of TensorFlow and Keras that Maeum does not cover.")),
        click.Argument(["script"], metavar="SCRIPT", type=click.Path(path_type=Path)),
        click.Argument(["arguments"], metavar="[ARGUMENTS]...", nargs=-1,
                       type=click.UNPROCESSED),
    ]  # fmt: skip
    settings = {"ignore_unknown_options": True, "allow_interspersed_args": False}
    return click.Command("run", callback=run, params=params, help=said, context_settings=settings)


def run(script: Path, arguments: tuple[str, ...], check: bool) -> None:
    """Run a script, or list what is not covered of what it uses."""
    from maeum.compat import running

    if not script.is_file():
        raise DataError("Cannot read {path}: there is no such file.", path=script)
    try:
        if check:
            _check(running.check_script(script))
        else:
            running.run_script(script, list(arguments))
    except SyntaxError as error:
        traceback.print_exception(error, limit=0)
        sys.exit(1)
    except Exception as error:  # the script's own, told as Python would
        print("\n".join(tracebacks.lines(error)), file=sys.stderr)
        sys.exit(1)


def _check(missing: list) -> None:
    for path, line, name, hint in missing:
        click.echo(_("{path}, line {line}: {name} is not covered.{hint}", path=path, line=line,
                     name=name, hint=hint))  # fmt: skip
    if missing:
        click.echo(ngettext("{n:,} name is not covered.", "{n:,} names are not covered.",
                            len(missing)))  # fmt: skip
        sys.exit(1)
    click.echo(_("Everything that it uses is covered."))
