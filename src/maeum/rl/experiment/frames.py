"""Episodes as drawings: for a page to play, and for a file of an animation."""

from __future__ import annotations

import base64
import copy
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from maeum.core.files import write_atomically
from maeum.core.messages import _, ngettext
from maeum.report.charts.animation import Animation
from maeum.report.wording import number
from maeum.rl.envs.drawing import Drawing, Label, Path, rectangle
from maeum.rl.envs.environment import Environment
from maeum.rl.experiment.playing import Episode
from maeum.rl.spaces import Box

MOST = 1000  # steps of an episode that are drawn
MOST_IMAGES = 200  # of an episode in a file
WIDTH, IMAGE_WIDTH = 400, 320  # pixels, on a page and in a file
SECONDS = 20.0  # that an animation lasts at most, at the usual speed
SLOWEST, FASTEST = 4.0, 40.0  # drawings a second
_CURVES = 8  # entries of an observation that are drawn as curves
_HIGH = 0.5  # of curves, relative to their width


@dataclass(frozen=True)
class Film:
    """An episode as drawings.

    Attributes:
        drawings: one for each state, the first one included; drawings, or images of shape
            ``(height, width, 3)`` and dtype uint8.
        rewards: float32 of shape ``(n,)``.
        ended: whether the task ended, rather than the time.
    """

    drawings: Sequence[Any]
    rewards: np.ndarray
    ended: bool

    @property
    def shown(self) -> int:
        """How many states are drawn."""
        return min(len(self.drawings), MOST + 1)

    @property
    def total(self) -> float:
        """The return."""
        return float(self.rewards.sum())

    @property
    def rate(self) -> float:
        """How many drawings a second are shown."""
        return float(np.clip(self.shown / SECONDS, SLOWEST, FASTEST))

    def headline(self) -> str:
        """Say what the episode brought."""
        return ngettext("return {total} after {n:,} step", "return {total} after {n:,} steps",
                        len(self.rewards), total=number(self.total))  # fmt: skip

    def animation(self, title: str, caption: str = "", style: str = "wide") -> Animation:
        """Return what a page plays."""
        sums = np.concatenate([[0.0], np.cumsum(self.rewards, dtype=np.float64)])
        told = [
            _("Step {step:,} of {all:,}", step=i, all=len(self.rewards)) + "\n"
            + _("reward {reward}, return so far {total}",
                reward=number(float(self.rewards[i - 1])) if i else "–",
                total=number(round(float(sums[i]), 6)))
            for i in range(self.shown)
        ]  # fmt: skip
        if len(self.drawings) > self.shown:
            more = _("The first {n:,} steps are drawn.", n=MOST)
            caption = f"{caption} {more}".strip()
        alt = _("An episode as an animation: {said}", said=self.headline())
        return Animation.of(
            title, alt, map(_pieces, self.drawings[: self.shown]), told, rate=self.rate,
            shown=self.shown // 2, caption=caption, style=style,
        )  # fmt: skip

    def images(self, most: int = MOST_IMAGES) -> Iterator[np.ndarray]:
        """Yield the drawings as images of one size; of more than ``most``, as many evenly spread.

        They are shown in as much time as the drawings on a page.
        """
        from maeum.rl.envs.painting import paint  # with Pillow

        places = np.linspace(0, self.shown - 1, min(most, self.shown)).round().astype(int)
        for one in (self.drawings[place] for place in places):
            yield paint(one, IMAGE_WIDTH) if isinstance(one, Drawing) else one


def film_of(environment: Environment, episode: Episode) -> Film:
    """Return an episode in an environment of Maeum's as drawings.

    An environment that draws nothing is shown by the curves of its observations.
    """
    count = min(len(episode.rewards), MOST) + 1
    states = [jax.tree.map(lambda a, i=i: a[i], episode.states) for i in range(count)]
    quick = copy.copy(environment)
    vars(quick)["observe"] = jax.jit(environment.observe)  # games of pixels draw what is observed
    try:
        drawings: Sequence[Any] = [quick.render(state) for state in states]
    except NotImplementedError:
        seen = np.stack([_flat(quick.observe(state)) for state in states])
        drawings = curves(environment, seen)
    return Film(drawings, episode.rewards, episode.terminated)


def curves(environment: Environment, seen: np.ndarray) -> list[Drawing]:
    """Return drawings of the entries of observations along time, with a line at each step.

    Args:
        environment: what was observed; an image is shown as such.
        seen: of shape ``(steps, entries)``.
    """
    space = environment.observation_space
    if isinstance(space, Box) and len(space.shape) == 3 and space.shape[-1] in (1, 3):
        return [_image(frame.reshape(space.shape), space) for frame in seen]
    kept = seen[:, :_CURVES].astype(float)
    steps, entries = kept.shape
    row = _HIGH / entries
    low, high = kept.min(0), kept.max(0)
    heights = (kept - low) / np.maximum(high - low, 1e-9)
    marks: list[Any] = [rectangle(0, 0, 1, _HIGH, "card")]
    for entry in range(entries):
        base = _HIGH - (entry + 0.9) * row
        x = np.linspace(0, 1, max(steps, 2))[:steps]
        points = [*zip(x.tolist(), (base + 0.8 * row * heights[:, entry]).tolist())]
        marks.append(Path(points, f"c{entry % 8}", 0.004))
        marks.append(Label((0.02, base + 0.7 * row), f"{entry}", "muted", 0.025))
    return [
        Drawing((0, 0), (1, _HIGH), [*marks, _cursor(i / max(steps - 1, 1))]) for i in range(steps)
    ]


def _cursor(x: float) -> Path:
    return Path([(x, 0.0), (x, _HIGH)], "ink", 0.003)


def _image(frame: np.ndarray, space: Box) -> Any:
    if space.dtype != np.uint8:
        frame = np.clip(frame, 0, 1) * 255
    return np.repeat(frame.astype(np.uint8), 3 // frame.shape[-1], -1)


def _flat(seen: Any) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in jax.tree.leaves(seen)])


def _pieces(drawing: Any) -> tuple[list[str], float, float]:
    """Return a drawing or an image as pieces of SVG, with its size."""
    if isinstance(drawing, Drawing):
        return drawing.pieces(WIDTH)
    high, wide = drawing.shape[:2]
    height = round(WIDTH * high / wide, 2)
    look = ' image-rendering="pixelated"' if wide < WIDTH // 4 else ""
    return ([f'<image width="{WIDTH}" height="{height:g}"{look} href="{_address(drawing)}"/>'],
            WIDTH, height)  # fmt: skip


def _address(image: np.ndarray) -> str:
    """Return an image as a ``data:`` address: a palette is enough for what environments draw."""
    from PIL import Image

    stream = io.BytesIO()
    picture = Image.fromarray(image)
    if picture.width > WIDTH:
        picture = picture.resize((WIDTH, round(WIDTH * picture.height / picture.width)))
    picture.quantize(64).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def write_gif(films: Sequence[Film], path: Any) -> None:
    """Write episodes as one animated GIF, one after the other.

    Raises:
        SaveError: if it cannot be written.
        ModuleNotFoundError: if Pillow is not installed: ``pip install 'maeum[images]'``.
    """
    from PIL import Image

    frames, durations = [], []
    for film in films:
        images = [Image.fromarray(image) for image in film.images()]
        each = max(20, round(100 * film.shown / film.rate / len(images)) * 10)
        durations += [each] * (len(images) - 1) + [1000]
        frames += images
    size = frames[0].size
    frames = [one if one.size == size else one.resize(size) for one in frames]
    # One palette for all, of what is in several of them: else colours flicker.
    sample = Image.new("RGB", (size[0], size[1] * min(len(frames), 6)))
    for place, number_ in enumerate(np.linspace(0, len(frames) - 1, 6).astype(int)):
        sample.paste(frames[number_], (0, place * size[1]))
    palette = sample.quantize(128)
    drawn = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in frames]
    stream = io.BytesIO()
    drawn[0].save(stream, "GIF", save_all=True, append_images=drawn[1:], duration=durations,
                  loop=0, optimize=False)  # fmt: skip
    write_atomically(path, stream.getvalue())
