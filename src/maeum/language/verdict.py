"""How good a network that writes is, in plain sentences and key numbers."""

from __future__ import annotations

import math

from maeum.core.wording import plural
from maeum.language.baselines import FREQUENCY, NEIGHBOUR
from maeum.language.result import LanguageRun
from maeum.report.pieces import Tile
from maeum.report.wording import metric, metric_name, number, percent

_ONE = {
    "characters": "character",
    "words": "word",
    "syllables": "syllable",
    "jamo": "jamo",
    "bpe": "byte pair",
}
_FEW = 1000  # tokens that say little
_LEVEL = 0.02


def token_name(run: LanguageRun, count: int = 1) -> str:
    """What the network writes one after the other, such as ``character``."""
    name = _ONE[run.trained.data.options.unit]
    return name if count == 1 or name == "jamo" else name + "s"


def headline(run: LanguageRun) -> str:
    """The result in one plain sentence."""
    choices, one = len(run.trained.data.encoder.vocabulary), token_name(run)
    left = run.trained.metrics["perplexity"]
    if not left < choices:  # of a training that broke down it is no number
        return f"It has not learnt to foresee the next {one}"
    return f"It narrows the next {one} down to about {number(left, 2)} of {choices:,}"


def sentences(run: LanguageRun) -> list[str]:
    """How good that is: beside simple models, on how much text, and of what kind."""
    data, one = run.trained.data, token_name(run)
    said = [_beside(run)]
    tokens = sum(len(row) - 1 for row in data.measured()[0])
    if not data.watched:
        said.append(
            "No text was held back, so this is measured on text that it learnt from, and says "
            "little about new text."
        )
    elif tokens < _FEW:
        said.append(
            f"This is measured on {tokens:,} {token_name(run, tokens)} only: another part of the "
            "text may give other figures."
        )
    unknown = unknown_share(run)
    if unknown > 0.01:
        sign = data.encoder.vocabulary.unknown
        met = bool((data.train == data.encoder.vocabulary.number(sign)).any())
        said.append(
            f"{percent(unknown)} of the {token_name(run, 2)} held back are not in its vocabulary "
            f"and count as one unknown {one}, shown as {sign}"
            + (": that makes the text easier to foresee." if met
               else ", which it never met in learning.")
        )  # fmt: skip
    return said


def _beside(run: LanguageRun) -> str:
    own, *simple = run.models
    best = min(simple, key=lambda model: model["metrics"]["bits_per_character"])
    bits, other = (m["metrics"]["bits_per_character"] for m in (own, best))
    if not math.isfinite(bits):
        return "The training broke down: its loss is no number. Try a smaller learning rate."
    perplexity = number(best["metrics"]["perplexity"], 3)
    rule = f"the best simple rule (“{best['name'].lower()}”, perplexity {perplexity})"
    gain = 1 - bits / other
    if gain > _LEVEL:
        more = {
            NEIGHBOUR: f"more than which {token_name(run)} follows which",
            FREQUENCY: f"more than how frequent each {token_name(run)} is",
        }.get(best["name"], "something")
        return f"It needs {percent(gain, 0)} fewer bits than {rule}: it has learnt {more}."
    if gain >= -_LEVEL:
        return (
            f"That is level with {rule}, so it has learnt little that counting does not know. More "
            "text, more epochs or more units may help."
        )
    return (
        f"It needs {percent(-gain, 0)} more bits than {rule}: that rule foresees this text better. "
        "Train longer or on more text."
    )


def unknown_share(run: LanguageRun) -> float:
    """The share of the tokens held back that the vocabulary does not have."""
    data = run.trained.data
    unknown = data.encoder.vocabulary.unknown
    if unknown is None or not len(data.validation):
        return 0.0
    return float((data.validation == data.encoder.vocabulary.number(unknown)).mean())


def tiles(run: LanguageRun) -> list[Tile]:
    """The key numbers: the text, then how well it is foreseen."""
    data, found = run.trained.data, run.trained.metrics
    one, choices = token_name(run), len(data.encoder.vocabulary)
    characters = sum(map(len, data.learnt)) + sum(map(len, data.held_out))
    parts = (
        f"characters; {len(data.train):,} {token_name(run, 2)} to learn from, "
        f"{len(data.validation):,} held back"
    )
    meanings = {
        "perplexity": f"as unsure as between so many {token_name(run, 2)}; guessing has "
        f"{choices:,}, and 1 would be perfect",
        "loss": f"surprise at a {one}, −ln p on average; guessing has "
        f"{number(math.log(choices), 3)}, and 0 would be perfect",
        "bits_per_character": "room that a character of the text takes, packed with the network; "
        "a plain file takes 8 or more",
    }
    shown = [
        Tile("Text", f"{characters:,}", parts),
        Tile("Vocabulary", f"{choices:,}", plural(choices, f"different {one}",
             f"different {token_name(run, 2)}").partition(" ")[2]),
    ]  # fmt: skip
    for key, meaning in meanings.items():
        shown.append(Tile(metric_name(key).label, metric(key, round_(found[key])), meaning))
    return shown


def round_(value: float) -> float:
    """Return a value with three digits, which is as much as can be trusted."""
    return float(f"{value:.3g}")
