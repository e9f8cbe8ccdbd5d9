"""Trees beside the networks of a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maeum import ops
from maeum.core.messages import N_, _, ngettext
from maeum.layers import Concatenate, DecisionTrees
from maeum.models import Ensemble, Model, WeightedEnsemble
from maeum.report.wording import percent
from maeum.tabular.averaging import inputs_like

TITLES = {
    "gradient_boosting": N_("gradient boosting"),
    "random_forest": N_("random forest"),
    "extra_trees": N_("extra trees"),
}


class Trees(NamedTuple):
    """Trees that have learnt a table, and what they say of rows that they did not learn from.

    Attributes:
        name: a key of `TITLES`.
        layer: the trees.
        rows: ``(m,)`` of the rows that are not for the test, those that were held out, ascending.
        outputs: ``(m, units)`` what was said of these, in the units of the network's outputs.
    """

    name: str
    layer: DecisionTrees
    rows: np.ndarray
    outputs: np.ndarray

    def beside(self, network: Model) -> Model:
        """Return a model of the trees that takes what a network for the table takes."""
        inputs = inputs_like(network)
        parts = []
        for x in inputs if isinstance(inputs, list) else [inputs]:
            if x.dtype != "int32":
                parts.append(x)
            elif len(x.shape) == 1:  # the number of a category
                parts.append(ops.expand_dims(ops.cast(x, "float32"), -1))
        features = parts[0] if len(parts) == 1 else Concatenate()(parts)
        return Model(inputs, self.layer(features), name=self.name)


def blended(network: Model) -> str:
    """Say of what a blend consists, and by which weights; or that trees did not help."""
    if not isinstance(network, WeightedEnsemble):
        return _("Trees were trained beside the networks, and the rows held out say that blending "
                 "them in would not help.")  # fmt: skip
    said = []
    for model, weight in zip(network.models, network.model_weights):
        name = _(TITLES[model.name]) if model.name in TITLES else _("a network")
        if isinstance(model, Ensemble):
            name = ngettext("{n} network", "{n} networks", len(model.members))
        said.append(f"{name} {percent(weight, 0)}")
    return _("Blended: {parts}.", parts=", ".join(said))
