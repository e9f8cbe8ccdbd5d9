"""Bach's chorales: a recurrent network predicts the next chord, and goes on where a chorale begins.

Each quarter note is 88 pitches that sound or not, and the network says how likely each of them is
next. The figure is the one that papers give: nats a step, the sum over the pitches of the negative
logarithm of what was given to what came, on the chorales of the test part. Published recurrent
networks reach 8.4 to 8.7 (Boulanger-Lewandowski, Bengio and Vincent, 2012; Bai, Kolter and Koltun,
2018).

The chorales come from jsb-chorales-quarter.json, in the folder that MAEUM_DATA names or its folder
music.

    python examples/chorales.py --data jsb-chorales-quarter.json --output results
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
import maeum as mm
from maeum.music import read_chorales, synthesize, write_midi, write_page, write_wav
from maeum.music.voices import from_voices

LOWEST, PITCHES = 21, 88  # those of a piano
WINDOW = 80  # steps of a row of training; longer chorales are divided
FILE = "jsb-chorales-quarter.json"


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Train, print the nats a step, write a chorale and its page; return where that is."""
    parser = course.text_options(__doc__, FILE, epochs=120)
    parser.add_argument("--units", type=course.positive, default=128, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    given = parser.parse_args(argv)
    path = course.text_file(given.data, FILE)
    if path is None:
        return None
    chorales = read_chorales(path)
    train, validation = rows(chorales["train"][: given.limit]), rows(chorales["valid"])
    model = network(given.units, given.seed)
    best = mm.callbacks.EarlyStopping(patience=20, restore_best_weights=True)
    model.fit(
        *train[:2], sample_weight=train[2], validation_data=validation, batch_size=8,
        epochs=given.epochs, callbacks=[best], verbose=2,
    )  # fmt: skip
    for part in ("valid", "test"):
        print(f"{part}: {nats(model, chorales[part]):.3f} nats a step")

    given.output.mkdir(parents=True, exist_ok=True)
    begun = chorales["test"][0][:8]
    piece = from_voices(as_voices(go_on(model, hot(begun), 64, given.seed)), 1, tempo=80)
    write_midi(piece, given.output / "chorale.mid")
    write_wav(given.output / "chorale.wav", synthesize(piece))
    title = f"A chorale that goes on after {len(begun)} quarter notes"
    page = write_page(piece, given.output / "chorale.html", title)
    print(f"Page: {page}")
    return page


def hot(voices: np.ndarray) -> np.ndarray:
    """Turn pitches ``(steps, voices)`` into what sounds, ``(steps, 88)`` of 0 and 1."""
    found = np.zeros((len(voices), PITCHES), np.float32)
    step, voice = np.nonzero(voices >= 0)
    found[step, voices[step, voice] - LOWEST] = 1
    return found


def as_voices(sounds: np.ndarray, voices: int = 4) -> np.ndarray:
    """Turn what sounds into pitches, the highest four first, and -1 for silence."""
    found = np.full((len(sounds), voices), -1)
    for row, step in zip(found, sounds):
        pitches = LOWEST + np.flatnonzero(step)[::-1][:voices]
        row[: len(pitches)] = pitches
    return found


def rows(chorales: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of steps: the chord before, the chord, and 1 where there is one."""
    parts = []
    for chorale in chorales:
        y = hot(chorale)
        x = np.concatenate([np.zeros((1, PITCHES), np.float32), y[:-1]])
        for begin in range(0, len(y), WINDOW):
            here = [each[begin : begin + WINDOW] for each in (x, y, np.ones(len(y), np.float32))]
            missing = WINDOW - len(here[0])
            parts.append([np.pad(a, [(0, missing)] + [(0, 0)] * (a.ndim - 1)) for a in here])
    x, y, there = (np.stack(each) for each in zip(*parts))
    return x, y, there


def network(units: int, seed: int) -> mm.Model:
    """Make the network: one layer of LSTM, and a probability for each pitch."""
    mm.utils.set_random_seed(seed)
    layers = mm.layers
    model = mm.Sequential([
        mm.Input((None, PITCHES)),
        layers.LSTM(units, return_sequences=True),
        layers.Dropout(0.4),
        layers.Dense(PITCHES, activation="sigmoid"),
    ])  # fmt: skip
    model.compile(mm.optimizers.Adam(0.004), "binary_crossentropy")
    return model


def nats(model: mm.Model, chorales: Sequence[np.ndarray]) -> float:
    """Return the negative log-likelihood of a step: every chord counts, the first one, too."""
    total, steps = 0.0, 0
    longest = max(map(len, chorales))
    x = np.zeros((len(chorales), longest, PITCHES), np.float32)
    for row, chorale in zip(x, chorales):
        row[1 : len(chorale)] = hot(chorale)[:-1]
    told = np.clip(model.predict(x, verbose=0).astype(float), 1e-7, 1 - 1e-7)
    for p, chorale in zip(told, chorales):
        y, p = hot(chorale), p[: len(chorale)]
        total -= (y * np.log(p) + (1 - y) * np.log1p(-p)).sum()
        steps += len(chorale)
    return total / steps


def go_on(model: mm.Model, begun: np.ndarray, steps: int, seed: int) -> np.ndarray:
    """Return a beginning ``(n, 88)`` and what the network makes of it, ``(steps, 88)`` in all."""
    draw = np.random.default_rng(seed)
    made = np.zeros((steps + 1, PITCHES), np.float32)  # the row before is the input of a step
    made[1 : len(begun) + 1] = begun
    for step in range(len(begun), steps):
        p = model.predict(made[None, :-1], verbose=0)[0, step]
        made[step + 1] = draw.random(PITCHES) < p
    return made[1:]


if __name__ == "__main__":
    main()
