"""Several networks that answer as one: the mean of what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from maeum.core import registry
from maeum.layers import Average, Input
from maeum.models import Ensemble, Model
from maeum.saving.archive import assign_weights, weights_of


def mean_of(networks: Sequence[Model]) -> Model:
    """Return a network whose answers are the means of others', compiled like the first.

    Those of one architecture become a `maeum.Ensemble`, which tells their spread, too; others the
    branches of one functional model.

    Args:
        networks: built and compiled, with the same inputs and outputs.
    """
    lead = networks[0]
    if len(networks) == 1:
        return lead
    kinds = [_without_numbers(registry.serialize(each)) for each in networks]
    if all(kind == kinds[0] for kind in kinds):
        made: Model = Ensemble(lead, members=len(networks), seed=lead.seed)
        for member, network in zip(members_of(made), networks):
            assign_weights(member, weights_of(network), network.name)
        return made
    inputs = inputs_like(lead)
    made = Model(inputs, Average()([network(inputs) for network in networks]), seed=lead.seed)
    again = registry.serialize({"optimizer": lead.optimizer, **lead.compile_arguments})
    made.compile(**registry.deserialize(again))
    return made


def inputs_like(network: Model) -> Any:
    """Return new inputs of the same shapes, types and names as a network's."""
    assert network.graph is not None
    return jax.tree.map(
        lambda x: Input(x.shape[1:], dtype=str(x.dtype), name=x.name), network.graph.inputs
    )


def members_of(network: Model) -> list[Model]:
    """Return the networks that a network is the mean of: itself, if it is one."""
    if isinstance(network, Ensemble):
        return list(network.members)
    return [each for each in network.layers if isinstance(each, Model)] or [network]


def _without_numbers(config: Any) -> Any:
    """Return a configuration without what may differ in one architecture: rates, seeds, names."""
    if isinstance(config, dict):
        kept = {key: value for key, value in config.items() if key not in ("seed", "name")}
        return {key: _without_numbers(value) for key, value in kept.items()}
    if isinstance(config, (list, tuple)):
        return [_without_numbers(each) for each in config]
    return None if isinstance(config, float) else config
