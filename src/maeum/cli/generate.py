"""The command ``maeum generate``: a model makes texts, images or music."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import Field
from pathlib import Path
from typing import Any

import click

from maeum.cli import arguments
from maeum.cli.arguments import chosen, field_option, read_values
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.wording import enumeration
from maeum.experiment.task import Task, open_model, tasks


class Generate(click.Command):
    """The command; its options are those of all models that make something."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the model, and each option once, with whose it is."""
        if len(self.params) == 1:
            found: dict[str, tuple[Field, dict[str, list[str]]]] = {}
            for task, fields in _makers():
                for name, field in fields.items():
                    helps = found.setdefault(name, (field, {}))[1]
                    helps.setdefault(_(field.metadata["help"]), []).append(_(task.title))
            every = len(list(_makers()))
            for name, (field, helps) in found.items():
                made = field_option(name, field)
                if len(helps) > 1 or len(next(iter(helps.values()))) < every:
                    said = (f"[{enumeration(kinds)}] {text}" for text, kinds in helps.items())
                    made.help = " ".join(said)
                self.params.append(made)
        return super().get_params(ctx)


def command() -> click.Command:
    """Return the command."""
    said = _("Let a model make something: a language model writes, and what maeum train --task "
             "generate has made of images or music makes more of them.")  # fmt: skip
    return Generate("generate", callback=generate, params=[arguments.model()], help=said)


@click.pass_context
def generate(context: click.Context, model: Path, **_options: Any) -> None:
    """Show, or write into files, what a model makes; Ctrl-C ends it."""
    values = chosen(context)
    values.pop("model", None)
    found = open_model(model)
    if found.making is None:
        [task] = (one for one in tasks() if one.kind == found.kind)
        use = next(iter(task.commands), "").replace("model.maeum", str(model))
        raise ConfigError("{model} is for {kind}, and makes nothing. What it does: {command}",
                          model=model, kind=_(task.title), command=use)  # fmt: skip
    known = found.making.fields()
    for name in values.keys() - known.keys():
        kinds = [_(task.title) for task, fields in _makers() if name in fields]
        raise ConfigError("--{name} is for {kinds}, and {model} is none of these. It takes "
                          "{known}.", name=name.replace("_", "-"), kinds=enumeration(kinds),
                          model=model, known=enumeration([*map(_flag, known)]))  # fmt: skip
    options = found.making(**read_values(values, known))
    with contextlib.suppress(KeyboardInterrupt):
        for piece in found.make(options):
            print(piece, end="", flush=True)
        return
    print()


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _makers() -> Iterator[tuple[Task, dict[str, Field]]]:
    """Yield the tasks whose models make something, the most general first, with the options."""
    for task in [*tasks()][::-1]:
        if task.model.making is not None:
            yield task, task.model.making.fields()
