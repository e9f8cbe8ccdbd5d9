"""The command ``maeum generate``: a language model writes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

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
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    beam: int | None = None,
    count: int = 1,
    seed: int | None = None,
) -> None:
    """Write on from a prompt with a language model, as ``maeum train text.txt`` makes it."""
    from maeum.language import LanguageModel

    found = LanguageModel.load(model)
    if count < 1:
        raise ConfigError(f"--count takes whole numbers of 1 or more; got {count}.")
    prompt = prompt.replace("\\n", "\n")
    if beam is not None:
        drawn = {"temperature": temperature, "top-k": top_k, "top-p": top_p, "seed": seed}
        for name, value in {**drawn, "count": None if count == 1 else count}.items():
            if value is not None:
                raise ConfigError(f"--{name} is for drawing; a beam search draws nothing.")
        print(found.generate(prompt, length, beam=beam))
        return
    temperature = 0.8 if temperature is None else temperature
    if count > 1:
        made = found.generate(
            [prompt] * count, length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed
        )
        print("\n".join(text.strip("\n") for text in made))
        return
    _write(found, prompt, length, temperature, top_k, top_p, seed)


def _write(
    model: LanguageModel,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
) -> None:
    """Print the text while it is written; Ctrl-C ends it."""
    every = 4 if sys.stdout.isatty() else length
    pieces = model.stream(
        prompt, length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, every=every
    )
    try:
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
    except KeyboardInterrupt:
        pass
    sys.stdout.write("\n")
