"""What a search tries for a table: which choices of a training vary, and between which values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from maeum.core.randomness import next_seed
from maeum.models import Model
from maeum.tabular.dataset import Dataset
from maeum.tabular.network import MOST_ADAPTED, build_network
from maeum.tabular.options import TableOptions
from maeum.tuner import HyperParameters

Space = Callable[[HyperParameters, TableOptions, Collection[str]], TableOptions]


class _Ranges(NamedTuple):
    """Between which values a search looks; of the hidden layers, which there are.

    Attributes:
        hidden: each of these is a program of its own.
        learning_rate, weight_decay: the least and the largest.
        dropout: the largest.
    """

    hidden: tuple[tuple[int, ...], ...]
    learning_rate: tuple[float, float]
    weight_decay: tuple[float, float]
    dropout: float


_RANGES = {
    "mlp": _Ranges(((64,), (128, 64, 32), (256, 128)), (1e-4, 1e-2), (1e-5, 1e-1), 0.6),
    "ensemble": _Ranges(((64, 64), (32,), (128, 128, 128)), (3e-3, 1e-1), (1e-3, 0.5), 0.5),
}
_FEW = {  # values of each for a search that tries every combination, as parts of the usual ones
    "learning_rate": (0.3, 1.0, 3.0),
    "dropout": (0.1, 0.3, 0.5),
    "weight_decay": (1e-3, 2e-2),
}


def usual_space(hp: HyperParameters, options: TableOptions, fixed: Collection[str]) -> TableOptions:
    """Return the options of a trial: its learning rate, dropout, weight decay, hidden layers.

    The defaults are those of a training without a search.

    Args:
        hp: what is asked for values.
        options: the options, resolved.
        fixed: the names of those that were chosen, and stay.
    """
    ranges, found = _RANGES[options.network or "mlp"], options
    for name in ("learning_rate", "weight_decay"):
        if name not in fixed:
            least, most = getattr(ranges, name)
            usual = min(max(getattr(options, name) or least, least), most)
            asked = hp.Float(name, least, most, sampling="log", default=usual)
            found = replace(found, **{name: asked})
    if "hidden" not in fixed:
        more = [options.layers] if options.layers not in ranges.hidden else []
        names = {_named(layers): layers for layers in (*more, *ranges.hidden)}
        chosen = hp.Choice("hidden", list(names), default=_named(options.layers))
        found = replace(found, hidden=names[chosen], dropout=None)
    if "dropout" not in fixed and (options.layers or "hidden" not in fixed):
        usual_rate = max(options.rates, default=0.0)
        asked = hp.Float("dropout", 0.0, max(ranges.dropout, usual_rate), default=usual_rate)
        found = replace(found, dropout=(asked,))
    elif "hidden" not in fixed:  # as many rates as there are layers
        found = replace(found, dropout=(max(options.rates, default=0.0),))
    return found


def few_values(options: TableOptions, fixed: Collection[str]) -> HyperParameters:
    """Return a space of few values of each, for a search that tries every combination."""
    found = HyperParameters()
    for name, values in _FEW.items():
        if name not in fixed:
            usual = (options.learning_rate or 0.001) if name == "learning_rate" else 1.0
            found.Choice(name, [float(f"{usual * value:.3g}") for value in values])
    return found


def builder(
    data: Dataset, rows: np.ndarray, space: Space, fixed: Collection[str] = (),
    metrics: bool = True,
) -> Callable[[HyperParameters], Model]:  # fmt: skip
    """Return the ``build(hp)`` of a search: the network of a table with the options of a trial.

    Each trial has another seed.

    Args:
        data: the table.
        rows: the rows that a trial learns from.
        space: returns the options of a trial.
        fixed: the names of the options that stay.
        metrics: whether more than the loss is measured.
    """
    some = rows[:: -(-len(rows) // MOST_ADAPTED) or 1]
    numbers, goals = data.arrays["numbers"][some], data.goals(some)

    def build(hp: HyperParameters) -> Model:
        options = replace(space(hp, data.options, fixed), seed=next_seed())
        return build_network(data.preparation, data.target, options, len(rows), numbers, goals,
                             metrics)  # fmt: skip

    return build


def _named(layers: tuple[int, ...]) -> str:
    return ",".join(map(str, layers)) or "none"
