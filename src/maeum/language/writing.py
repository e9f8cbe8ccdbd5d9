"""What can be chosen where a language model writes."""

from __future__ import annotations

from dataclasses import dataclass

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import any_text, number, random_seed, whole
from maeum.experiment.options import Options, option

OF_DRAWING = ("temperature", "top_k", "top_p", "seed")


@dataclass(frozen=True)
class WritingOptions(Options):
    """The choices of what a language model writes.

    Attributes:
        prompt: what the text begins with; ``\\n`` stands for a line feed.
        length: the most tokens that are written.
        temperature: below 1 is safer, above 1 bolder; 0 takes the likeliest.
        top_k: draw among so many likeliest tokens only.
        top_p: draw among the likeliest that have this probability together.
        beam: look for the likeliest text with so many beams, instead of drawing.
        count: how many texts.
        seed: the same seed gives the same text; another one each time by default.

    Raises:
        ConfigError: for a value that makes no sense, or one for drawing beside ``beam``.
    """

    prompt: str = option("", N_("What the text begins with; nothing by default."), any_text())
    length: int = option(300, N_("The most characters, words or byte pairs to write."), whole())
    temperature: float | None = option(
        None, N_("Below 1 is safer, above 1 bolder; 0 takes the likeliest; 0.8 by default."),
        number("T"),
    )  # fmt: skip
    top_k: int | None = option(None, N_("Draw among the N likeliest only."), whole())
    top_p: float | None = option(
        None, N_("Draw among the likeliest that have this probability together."),
        number("FRACTION", most=1),
    )  # fmt: skip
    beam: int | None = option(
        None, N_("Look for the likeliest text with N beams; draws nothing."), whole()
    )
    count: int = option(1, N_("How many texts, one a line."), whole())
    seed: int | None = option(
        None, N_("The same seed gives the same; by default it varies."), random_seed()
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.beam is None:
            return
        for name in [*self.drawing, *(["count"] if self.count > 1 else [])]:
            raise ConfigError("--{name} is for drawing; a beam search draws nothing.",
                              name=name.replace("_", "-"))  # fmt: skip

    @property
    def drawing(self) -> dict[str, float]:
        """The choices of drawing that were made."""
        found = {name: getattr(self, name) for name in OF_DRAWING}
        return {name: value for name, value in found.items() if value is not None}
