"""The command ``maeum generate``: a language model writes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from maeum.cli import arguments
from maeum.cli.arguments import option
from maeum.core.errors import ConfigError
from maeum.core.messages import _

if TYPE_CHECKING:
    from maeum.language import LanguageModel


def command() -> click.Command:
    """Return the command."""
    said = _("Write with a language model, as maeum train text.txt makes it.")
    params = [
        arguments.model(),
        option("prompt", str, "", "TEXT", _("What the text begins with; nothing by default.")),
        option("length", int, 300, "N",
               _("The most characters, words or byte pairs to write; 300 by default.")),
        option("temperature", float, None, "T",
               _("Below 1 is safer, above 1 bolder; 0 takes the likeliest; 0.8 by default.")),
        option("top-k", int, None, "K", _("Draw among the K likeliest only.")),
        option("top-p", float, None, "FRACTION",
               _("Draw among the likeliest that have this probability together.")),
        option("beam", int, None, "N",
               _("Look for the likeliest text with N beams; draws nothing.")),
        option("count", int, 1, "N", _("How many texts, one a line.")),
        option("seed", int, None, "N",
               _("The same seed gives the same text; by default it varies.")),
    ]  # fmt: skip
    return click.Command("generate", callback=generate, params=params, help=said)


def generate(
    model: Path,
    prompt: str = "",
    length: int = 300,
    beam: int | None = None,
    count: int = 1,
    **drawing: Any,
) -> None:
    """Write on from a prompt with a language model.

    Args:
        model: the model file.
        prompt: what the text begins with.
        length: the most tokens that are written.
        beam: how many beams look for the likeliest text; None draws one.
        count: how many texts are drawn.
        drawing: ``temperature``, ``top_k``, ``top_p`` and ``seed``; None for the default.
    """
    from maeum.language import LanguageModel

    found = LanguageModel.load(model)
    given = {name: value for name, value in drawing.items() if value is not None}
    if count < 1:
        raise ConfigError("--count takes whole numbers of 1 or more; got {n}.", n=count)
    prompt = prompt.replace("\\n", "\n")
    if beam is not None:
        for name in [*given, *(["count"] if count > 1 else [])]:
            raise ConfigError("--{name} is for drawing; a beam search draws nothing.",
                              name=name.replace("_", "-"))  # fmt: skip
        print(found.generate(prompt, length, beam=beam))
        return
    given = {"temperature": 0.8, **given}
    if count > 1:
        texts = found.generate([prompt] * count, length, **given)
        print("\n".join(text.strip("\n") for text in texts))
    else:
        _write(found, prompt, length, given)


def _write(model: LanguageModel, prompt: str, length: int, drawing: Mapping[str, Any]) -> None:
    """Print the text while it is written; Ctrl-C ends it."""
    every = 4 if sys.stdout.isatty() else length
    with contextlib.suppress(KeyboardInterrupt):
        for piece in model.stream(prompt, length, every=every, **drawing):
            print(piece, end="", flush=True)
    print()
