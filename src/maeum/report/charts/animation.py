"""An animation: drawings one after the other, which the page plays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from maeum.report.charts.data import in_page
from maeum.report.sections import Section


@dataclass(frozen=True)
class Animation(Section):
    """Drawings that the page shows one after the other, with a slider, steps and speeds.

    What several drawings have in common is held once.

    Attributes:
        title, alt: its heading, and what it shows, for those who do not see it.
        size: width and height of the drawings.
        pieces: parts of drawings, as SVG.
        frames: of each drawing, the numbers of its pieces, the lowest first.
        told: what is said beside each drawing; a line for each value.
        rate: how many drawings a second are shown.
        shown: the number of the drawing that is there without a script, and on paper.
        caption: words below.
        style: ``"wide"`` for one that takes the whole width of the page.
        titled: whether the title is shown.
    """

    scripts: ClassVar[tuple[str, ...]] = ("animation.js",)

    title: str
    alt: str
    size: tuple[float, float]
    pieces: Sequence[str]
    frames: Sequence[Sequence[int]]
    told: Sequence[str]
    rate: float = 20.0
    shown: int = 0
    caption: str = ""
    style: str = ""
    titled: bool = True

    @classmethod
    def of(cls, title: str, alt: str, drawings: Iterable[tuple[Sequence[str], float, float]],
           told: Sequence[str], **more: object) -> Animation:  # fmt: skip
        """Return the animation of drawings, each as its pieces, its width and its height."""
        known: dict[str, int] = {}
        frames, size = [], (1.0, 1.0)
        for pieces, width, height in drawings:
            size = max(size[0], width), max(size[1], height)
            frames.append([known.setdefault(piece, len(known)) for piece in pieces])
        return cls(title, alt, size, list(known), frames, told, **more)  # type: ignore[arg-type]

    @property
    def picture(self) -> Markup:
        """The drawing that is shown first."""
        if not self.frames:
            return Markup("")
        return Markup("".join(self.pieces[number] for number in self.frames[self.shown]))

    @property
    def data(self) -> Markup:
        """What the script plays, as JSON."""
        return in_page({"pieces": list(self.pieces), "frames": [list(f) for f in self.frames],
                        "told": list(self.told), "rate": self.rate})  # fmt: skip
