"""A network that has read Shakespeare writes on, letter by letter.

Two LSTM layers read tinyshakespeare (one megabyte; in the folder that MAEUM_DATA names), or any
text of yours, in 64 streams, their state carried along (truncated backpropagation through time).

    python examples/shakespeare.py --data tinyshakespeare.txt --epochs 3 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
from maeum.language import train_language_model
from maeum.text import read_text

TEMPERATURES = (0.3, 0.7, 1.2)


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Train, write at several temperatures, draw the curves; return where the picture is."""
    parser = course.text_options(__doc__, "tinyshakespeare.txt", epochs=3, limit=400_000)
    parser.add_argument("--units", type=course.positive, default=128, help="default: %(default)s")
    parser.add_argument("--prompt", default="ROMEO:", help="what the text begins with")
    parser.add_argument("--length", type=course.positive, default=300)
    given = parser.parse_args(argv)
    path = course.text_file(given.data, "tinyshakespeare.txt")
    if path is None:
        return None
    text = read_text(path)[: given.limit]
    told = train_language_model(
        [text], units=given.units, layers=2, epochs=given.epochs, learning_rate=0.005,
        batch_size=32, validation_size=0.05, report=False,
    )  # fmt: skip
    found = told.run.metrics
    print(
        f"{len(text):,} letters; perplexity {found['perplexity']:.2f} for each letter of the "
        f"validation part ({found['bits_per_character']:.2f} bits)."
    )
    written = {t: told.model.generate(given.prompt, given.length, temperature=t, seed=3)
               for t in TEMPERATURES}  # fmt: skip
    for temperature, made in written.items():
        print(f"\n--- temperature {temperature} ---\n{made}")

    sheet = course.figure(12, 5, "A network that has read Shakespeare")
    left, *others = sheet.subplots(1, 1 + len(written), width_ratios=(1.2, 1, 1, 1))
    epochs = np.arange(1, len(told.run.history["loss"]) + 1)
    for key, label in (("loss", "training"), ("val_loss", "validation")):
        left.plot(epochs, np.exp(told.run.history[key]), ".-", label=label)
    left.axhline(len(told.model.encoder.vocabulary), color=course.GREY, linestyle=":")
    left.set(xlabel="epoch", ylabel="perplexity", yscale="log")
    left.set_title("dotted: any letter is as likely", fontsize=9)
    left.legend(frameon=False)
    course.tidy(left, percent=False)
    for axes, (temperature, made) in zip(others, written.items()):
        axes.set_axis_off()
        axes.set_title(f"temperature {temperature}", fontsize=10)
        lines = [line[:34] for line in made.splitlines()[:20]]
        axes.text(0, 1, "\n".join(lines), va="top", fontsize=7, family="monospace")
    return course.save(sheet, given.output, "shakespeare")


if __name__ == "__main__":
    main()
