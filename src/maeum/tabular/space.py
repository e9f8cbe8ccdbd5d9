"""What a search tries for a table: which choices of a training vary, and between which values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from maeum.core.randomness import next_seed
from maeum.models import Model
from maeum.tabular.dataset import Dataset
from maeum.tabular.network import build_network
from maeum.tabular.options import TableOptions
from maeum.tuner import HyperParameters

Space = Callable[[HyperParameters, TableOptions, Collection[str]], TableOptions]

_HIDDEN = ((64,), (128, 64, 32), (256, 128))  # each is a program of its own
_RATES = (1e-4, 1e-2)
_DROPOUT = 0.6
_DECAY = (1e-5, 1e-1)
_FEW = {  # values of each for a search that tries every combination
    "learning_rate": (0.0003, 0.001, 0.003),
    "dropout": (0.1, 0.3, 0.5),
    "weight_decay": (1e-4, 1e-2),
}


def usual_space(hp: HyperParameters, options: TableOptions, fixed: Collection[str]) -> TableOptions:
    """Return the options of a trial: its learning rate, dropout and hidden layers.

    The defaults are those of a training without a search.

    Args:
        hp: what is asked for values.
        options: the options, resolved.
        fixed: the names of those that were chosen, and stay.
    """
    found = options
    if "learning_rate" not in fixed:
        rate = min(max(options.learning_rate or 0.001, _RATES[0]), _RATES[1])
        asked = hp.Float("learning_rate", *_RATES, sampling="log", default=rate)
        found = replace(found, learning_rate=asked)
    if "hidden" not in fixed:
        usual = [options.layers] if options.layers not in _HIDDEN else []
        names = {_named(layers): layers for layers in (*usual, *_HIDDEN)}
        chosen = hp.Choice("hidden", list(names), default=_named(options.layers))
        found = replace(found, hidden=names[chosen], dropout=None)
    if "dropout" not in fixed and (options.layers or "hidden" not in fixed):
        usual_rate = max(options.rates, default=0.0)
        asked = hp.Float("dropout", 0.0, max(_DROPOUT, usual_rate), default=usual_rate)
        found = replace(found, dropout=(asked,))
    elif "hidden" not in fixed:  # as many rates as there are layers
        found = replace(found, dropout=(max(options.rates, default=0.0),))
    return found


def few_values(fixed: Collection[str]) -> HyperParameters:
    """Return a space of few values of each, for a search that tries every combination."""
    found = HyperParameters()
    for name, values in _FEW.items():
        if name not in fixed:
            found.Choice(name, values)
    return found


def builder(
    data: Dataset, space: Space, fixed: Collection[str] = ()
) -> Callable[[HyperParameters], Model]:
    """Return the ``build(hp)`` of a search: the network of a table with the options of a trial.

    In the usual space there is a weight decay, too: no option of a training, but a number of the
    optimizer. Each trial has another seed.

    Args:
        data: the table.
        space: returns the options of a trial.
        fixed: the names of the options that stay.
    """

    def build(hp: HyperParameters) -> Model:
        options = replace(space(hp, data.options, fixed), seed=next_seed())
        model = build_network(data.preparation, data.target, options)
        if space is usual_space and "weight_decay" not in fixed:
            decay = hp.Float("weight_decay", *_DECAY, sampling="log")
            model.optimizer.weight_decay = decay
        return model

    return build


def _named(layers: tuple[int, ...]) -> str:
    return ",".join(map(str, layers)) or "none"
