"""Image captioning in miniature: a drawn shape goes in, a sentence comes out (one-to-many).

Convolutions see the picture and set the state with which an LSTM begins; from there it writes
word by word: "a large red circle at the top left". The pictures are drawn here, with noise.

    python examples/captions.py --epochs 16 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import course
import maeum as mm
from maeum.core import functional
from maeum.language import Decoder, beam_search
from maeum.layers import LSTM, Conv2D, Dense, Embedding, Flatten, MaxPooling2D, Rescaling
from maeum.text import TextEncoder, pad_sequences

SIDE = 32
COLOURS = {"red": (0.9, 0.2, 0.2), "green": (0.1, 0.6, 0.2), "blue": (0.2, 0.3, 0.9)}
SHAPES = ("circle", "square", "triangle")
SIZES = {"small": 4, "large": 7}
LONGEST = 10


class Captioner(NamedTuple):
    """The model to train, and its two halves: pictures to a state, and one step of writing."""

    whole: mm.Model
    seeing: mm.Model
    writing: mm.Model


def draw(random: np.random.Generator) -> tuple[np.ndarray, str]:
    """Draw a picture (32, 32, 3) and say what is on it."""
    size, colour, shape = (str(random.choice(list(k))) for k in (SIZES, COLOURS, SHAPES))
    down, right = (bool(k) for k in random.integers(0, 2, 2))
    radius = SIZES[size] + random.uniform(-0.7, 0.7)
    y, x = (8 + 15 * k + random.uniform(-2, 2) for k in (down, right))
    rows, columns = np.mgrid[:SIDE, :SIDE]
    dy, dx = rows - y, columns - x
    inside = {
        "circle": dy**2 + dx**2 < radius**2,
        "square": np.maximum(abs(dy), abs(dx)) < 0.85 * radius,
        "triangle": (dy < 0.8 * radius) & (2 * abs(dx) < dy + 1.1 * radius),
    }[shape]
    picture = np.where(inside[..., None], COLOURS[colour], 0.95)
    picture = np.clip(picture + random.normal(0, 0.06, picture.shape), 0, 1)
    place = f"{'bottom' if down else 'top'} {'right' if right else 'left'}"
    return picture.astype(np.float32), f"a {size} {colour} {shape} at the {place}"


def draw_some(count: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Draw pictures with their captions."""
    random = np.random.default_rng(seed)
    drawn = [draw(random) for _ in range(count)]
    return np.stack([picture for picture, _ in drawn]), [caption for _, caption in drawn]


def build(vocabulary: int, units: int = 64, seed: int = 0) -> Captioner:
    """Make the model and its halves, which share their layers."""
    picture = mm.Input((SIDE, SIDE, 3), name="picture")
    x: Any = Rescaling(-1.0, 1.0)(picture)  # the white around says nothing
    for filters in (16, 32, 32):
        x = MaxPooling2D()(Conv2D(filters, 3, padding="same", activation="relu")(x))
    x = Dense(units, "relu")(Flatten()(x))
    states = [Dense(units, name=f"first_{name}")(x) for name in "hc"]
    tokens = mm.Input((None,), dtype="int32", name="tokens")
    embedding = Embedding(vocabulary, 24, name="words")
    lstm = LSTM(units, return_sequences=True, return_state=True, name="lstm")
    head = Dense(vocabulary, "softmax", name="next_word")
    whole = mm.Model(
        [picture, tokens], head(lstm(embedding(tokens), initial_state=states)[0]), seed=seed
    )
    before = [mm.Input((units,), name=f"before_{name}") for name in "hc"]
    outputs, h, c = lstm(embedding(tokens), initial_state=before)
    writing = mm.Model([tokens, *before], [head(outputs), h, c])
    return Captioner(whole, mm.Model(picture, states), writing)


def describe(parts: Captioner, encoder: TextEncoder, pictures: np.ndarray) -> list[str]:
    """Write a caption for each picture, with three beams."""
    states = parts.seeing.predict(pictures, verbose=0)
    [start, end] = encoder.vocabulary.encode(["[START]", "[END]"])

    def step(values: Any, tokens: Any, state: Any, position: Any) -> tuple:
        (p, *after), _ = functional.apply(parts.writing, values, [tokens[:, None], *state])
        return mm.ops.log(p[:, 0] + 1e-9), after

    def begin(rows: int, length: int) -> list:
        return [mm.ops.repeat(state, rows // len(pictures), axis=0) for state in states]

    decoder = Decoder(
        step, begin, lambda: functional.values(parts.writing), len(encoder.vocabulary)
    )
    found = beam_search(decoder, [[start]] * len(pictures), LONGEST, width=3, end=end)
    return [encoder.decode(beams[0].tokens) for beams in found]


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, tell and draw; return where the picture is."""
    parser = course.options(__doc__, epochs=16)
    parser.add_argument("--pictures", type=course.positive, default=3000)
    given = parser.parse_args(argv)
    x, captions = draw_some(given.pictures, seed=1)
    encoder = TextEncoder.train(captions, "whitespace", start="[START]", end="[END]")
    rows = pad_sequences([encoder.encode(c, ends=True) for c in captions], LONGEST, padding="post")
    parts = build(len(encoder.vocabulary))
    parts.whole.compile(mm.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    told = parts.whole.fit(
        [x, rows[:, :-1]], rows[:, 1:], batch_size=64, epochs=given.epochs, verbose=0,
        sample_weight=(rows[:, 1:] > 0).astype("float32"),
    )  # fmt: skip
    print(f"Loss {told.history['loss'][0]:.3f} in the first epoch, "
          f"{told.history['loss'][-1]:.3f} in the last.")  # fmt: skip
    pictures, truth = draw_some(200, seed=2)
    said = describe(parts, encoder, pictures)
    right = np.mean([a == b for a, b in zip(said, truth)])
    print(f"New pictures: {right:.0%} of the sentences are right, such as {said[0]!r}.")
    sheet = course.figure(12, 5, f"What the network says of new pictures ({right:.0%} right)")
    titles = [line.replace(" at", "\nat") for line in said]
    wrong = [a != b for a, b in zip(said, truth)]
    course.pictures(list(sheet.subplots(2, 6).flat), pictures, titles, wrong)
    return course.save(sheet, given.output, "captions")


if __name__ == "__main__":
    main()
