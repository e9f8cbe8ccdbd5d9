"""How good a language model is, in plain sentences and key numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from maeum.core.messages import N_, _
from maeum.experiment.verdict import Verdict, parts
from maeum.language.baselines import BIGRAMS, UNIGRAMS
from maeum.language.result import LanguageRun
from maeum.report.sections import Tile
from maeum.report.wording import metric, metric_name, number, percent

_FEW = 1000  # tokens that say little
_LEVEL = 0.02  # of the bits: no difference


def of(run: LanguageRun) -> Verdict:
    """Return the verdict on a language model."""
    choices, perplexity = len(run.data.encoder.vocabulary), run.metrics["perplexity"]
    if perplexity is not None and perplexity < choices:  # of a training that broke down it is NaN
        headline = _("It narrows the next {token} down to about {left} of {choices:,}",
                     token=run.token, left=number(perplexity, 2), choices=choices)  # fmt: skip
    else:
        headline = _("It has not learnt to predict the next {token}", token=run.token)
    said = [*_against_counting(run), *_caution(run), *_unknown(run)]
    return Verdict(headline, said, _tiles(run))


_MORE = {
    BIGRAMS: N_("So it has learnt more than which {token} follows which."),
    UNIGRAMS: N_("So it has learnt more than how frequent each {token} is."),
}


def _against_counting(run: LanguageRun) -> Iterable[str]:
    """Say how the network stands beside the best of the simple models."""
    key = "bits_per_character"
    bits = run.metrics[key]
    if bits is None or not math.isfinite(bits):
        yield _("The training broke down: its loss is not a number. Try a smaller learning rate.")
        return
    if len(run.models) < 2:
        return
    best = min(run.models[1:], key=lambda model: model["metrics"][key])
    gain = 1 - bits / best["metrics"][key]
    words = {
        "fraction": percent(abs(gain), 0),
        "name": _(best["name"]),
        "perplexity": number(best["metrics"]["perplexity"], 3),
    }
    if gain > _LEVEL:
        said = _("It needs {fraction} fewer bits than the best of the simple models ({name}, "
                 "perplexity {perplexity}).", **words)  # fmt: skip
        more = _MORE.get(best["name"], "")
        yield f"{said} {_(more, token=run.token)}".strip()
    elif gain >= -_LEVEL:
        yield _("It is level with the best of the simple models ({name}, perplexity "
                "{perplexity}), so it has learnt little that counting does not know. More text, "
                "more epochs or more units may help.", **words)  # fmt: skip
    else:
        yield _("It needs {fraction} more bits than the best of the simple models ({name}, "
                "perplexity {perplexity}). Train longer or on more text.", **words)  # fmt: skip


def _caution(run: LanguageRun) -> Iterable[str]:
    """Say what the figures rest on, if that is little."""
    tokens = sum(len(row) - 1 for row in run.data.measured()[0])
    if not run.data.watched:
        yield _("No text was held out, so this is measured on text that it was trained on, and "
                "says little about new text.")  # fmt: skip
    elif tokens < _FEW:
        yield _("This is measured on {tokens} only: another part of the text may give other "
                "values.", tokens=run.things.count(tokens))  # fmt: skip


def _unknown(run: LanguageRun) -> Iterable[str]:
    """Say how many tokens the vocabulary does not have, if they are many."""
    fraction, sign = unknown_fraction(run), run.data.encoder.vocabulary.unknown
    if sign is None or fraction <= 0.01:
        return
    if np.isin(run.data.encoder.vocabulary.number(sign), run.data.train):
        said = N_("{fraction} of the {tokens} that were held out are not in its vocabulary, and "
                  "all count as {sign}: that makes the text easier to predict.")  # fmt: skip
    else:
        said = N_("{fraction} of the {tokens} that were held out are not in its vocabulary, and "
                  "all count as {sign}, which it never met in training.")  # fmt: skip
    yield _(said, fraction=percent(fraction), tokens=run.tokens, sign=sign)


def unknown_fraction(run: LanguageRun) -> float:
    """The fraction of the tokens held out that the vocabulary does not have."""
    data = run.data
    unknown = data.encoder.vocabulary.unknown
    if unknown is None or not len(data.validation):
        return 0.0
    return float((data.validation == data.encoder.vocabulary.number(unknown)).mean())


_MEANING = {
    "perplexity": N_("as unsure as between so many {tokens}; guessing has {choices:,}, and 1 "
                     "would be perfect"),
    "loss": N_("mean of −ln p over the {tokens}; guessing has {guessing}, and 0 would be perfect"),
    "bits_per_character": N_("the space that a character of the text takes, compressed with the "
                             "network; a plain file takes 8 or more"),
}  # fmt: skip


def _tiles(run: LanguageRun) -> list[Tile]:
    """The key numbers: the text, then how well it is predicted."""
    choices = len(run.data.encoder.vocabulary)
    words = {"tokens": run.tokens, "choices": choices, "guessing": number(math.log(choices), 3)}
    shown = [
        Tile(run.tokens.capitalize(), f"{sum(run.rows.values()):,}", parts(run.rows)),
        Tile(_("Vocabulary"), f"{choices:,}", _("different {tokens}", tokens=run.tokens)),
    ]
    for key, said in _MEANING.items():
        value = run.metrics[key]
        rounded = None if value is None else float(f"{value:.3g}")  # as much as can be trusted
        shown.append(Tile(metric_name(key).label, metric(key, rounded), _(said, **words)))
    return shown
