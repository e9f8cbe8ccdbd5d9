"""The command ``maeum generate``: a language model writes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from maeum.cli.arguments import ModelFile
from maeum.core.errors import ConfigError

if TYPE_CHECKING:
    from maeum.language import LanguageModel


def generate(
    model: ModelFile,
    prompt: Annotated[
        str, typer.Option(metavar="TEXT", help="What the text begins with; nothing by default.")
    ] = "",
    length: Annotated[
        int, typer.Option(metavar="N", help="The most characters, words or byte pairs to write.")
    ] = 300,
    temperature: Annotated[
        float | None,
        typer.Option(
            metavar="T",
            help="Below 1 is safer, above 1 bolder; 0 takes the likeliest; 0.8 by default.",
        ),
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(metavar="K", help="Draw among the K likeliest only.")
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Draw among the likeliest with this share in all."),
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(metavar="N", help="Look for the likeliest text with N beams; draws nothing."),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", help="How many texts, one a line.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="The same seed gives the same text; by default it varies."),
    ] = None,
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
