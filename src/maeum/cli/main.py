"""The commands, and what stands around all of them."""

from __future__ import annotations

import gettext
import importlib
import os
import sys
import unicodedata
from importlib.metadata import version
from typing import Any

import click

from maeum.cli.interrupts import GUARD
from maeum.core.errors import ConfigError, MaeumError, nearest
from maeum.core.messages import DOMAIN, FOLDER, N_, _, language, languages, set_language
from maeum.core.wording import Things

_COMMANDS = {
    "train": "maeum.cli.train:command",
    "tune": "maeum.cli.tune:command",
    "predict": "maeum.cli.predict:predict_command",
    "evaluate": "maeum.cli.predict:evaluate_command",
    "compare": "maeum.cli.compare:command",
    "cluster": "maeum.cli.classics:cluster_command",
    "map": "maeum.cli.classics:map_command",
    "rules": "maeum.cli.rules:command",
    "generate": "maeum.cli.generate:command",
    "watch": "maeum.cli.watch:command",
    "run": "maeum.cli.run:command",
    "show": "maeum.cli.predict:show_command",
    "info": "maeum.cli.info:command",
    "cache": "maeum.cli.cache:command",
    "benchmark": "maeum.cli.benchmark:command",
}
OF_CLICK = (  # what click says itself, in our catalogues
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("Error: {message}"),
    N_("Missing command."),
    N_("Missing argument"),
    N_("No such option {name!r}."),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("default: {default}"),
    Things("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
)


class Maeum(click.Group):
    """The command as a whole; a command is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of their use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command; None for one that is not there."""
        if name not in _COMMANDS:
            return None
        room, _colon, function = _COMMANDS[name].partition(":")
        return getattr(importlib.import_module(room), function)()

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command that is meant, or say which one may be."""
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            hint = nearest(args[0], _COMMANDS)
            if os.path.exists(args[0]):
                hint = " " + _("To learn from what is there: maeum train {data}", data=args[0])
            ctx.fail(_("There is no command {name!r}.{hint}", name=args[0], hint=hint))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; Ctrl-C is no traceback."""
        GUARD.reset()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            GUARD.tell()
            raise click.exceptions.Exit(130) from None


def command() -> click.Group:
    """Return the command, in the language of the messages."""
    said = _("Maeum (마음): train a network on your own tables, series, texts, images or "
             "environments, and trust the result.")  # fmt: skip
    choices = "|".join(languages())
    params = [
        click.Option(["--version"], is_flag=True, help=_("Show the version and exit.")),
        click.Option(["--language"], metavar=f"[{choices}]", expose_value=False,
                     help=_("The language of messages and reports; by default the system's.")),
    ]  # fmt: skip
    # click counts letters, and those of Korean take two columns
    wide = unicodedata.east_asian_width(_("The training")[0]) == "W"
    settings = {"max_content_width": 54 if wide else 80}
    return Maeum("maeum", callback=_start, params=params, help=said, no_args_is_help=True,
                 invoke_without_command=True, context_settings=settings)  # fmt: skip


def _start(**asked: bool) -> None:
    if asked.get("version"):
        click.echo(f"maeum {version('maeum')}")
        click.get_current_context().exit()


def take_language(arguments: list[str]) -> str | None:
    """Take ``--language`` out of the arguments, wherever it stands, and return its value.

    >>> arguments = ["train", "a.csv", "--language", "en"]
    >>> take_language(arguments), arguments
    ('en', ['train', 'a.csv'])
    """
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--language":
            if not equals:
                if place + 1 == len(arguments):
                    raise ConfigError("--language needs a language, such as en or ko.")
                value = arguments.pop(place + 1)
            del arguments[place]
            return value
    return None


def _speak(code: str | None) -> None:
    try:
        set_language(code)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _showable() -> str | None:
    """Return English where the terminal cannot show the letters of the system's language."""
    try:
        _("The training").encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "en"
    return None


def main() -> None:
    """Run the command; an error of Maeum's is a message, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is replaced
            stream.reconfigure(errors="replace")
    arguments = sys.argv[1:]
    try:
        _speak(take_language(arguments) or _showable())
        gettext.bindtextdomain(DOMAIN, FOLDER)
        gettext.textdomain(DOMAIN)
        os.environ["LANGUAGE"] = language()  # for what click says
        command().main(arguments, prog_name="maeum")
    except (MaeumError, ImportError) as error:  # an optional library may be missing
        print(f"maeum: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
