"""An ensemble of networks blended with trees, by weights that rows held out choose.

Source: Caruana, Niculescu-Mizil, Crew & Ksikes, "Ensemble selection from libraries of models"
(2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from maeum.models import Ensemble, Model, WeightedEnsemble
from maeum.tabular.dataset import Dataset
from maeum.tabular.tree_learning import loss_weights, losses

ROUNDS = 25  # of the selection: a weight is a multiple of 1 / 25
FEWEST = 50  # rows held out that weights are chosen by
# What is gained at least, as a fraction of the loss and in standard errors. Of a row held out one
# member alone says what it thinks, and the mean of all members is better than that.
LEAST_GAIN, LEAST_ERRORS = 0.005, 0.5


def greedy_weights(
    outputs: Sequence[np.ndarray], y: np.ndarray, task: str, weights: np.ndarray | None = None,
    rounds: int = ROUNDS,
) -> np.ndarray:  # fmt: skip
    """Return by which weights the mean of several models is best, found by greedy selection.

    The first model is chosen first; then, time after time, the one that makes the mean of all that
    were chosen best. How often each was chosen, up to the best mean, is its weight.

    Args:
        outputs: of each model ``(n, units)``, what it says of rows that it did not learn from.
        y: ``(n,)`` class numbers or values.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``: log loss or squared error counts.
        weights: ``(n,)`` how much each row counts; None if all count the same.
        rounds: how many times one is chosen.

    Returns:
        ``(models,)`` weights, which sum to 1.

    >>> y = np.array([1.0, 2.0, 3.0])
    >>> greedy_weights([y[:, None] + 1, y[:, None] - 3], y, "regression").tolist()
    [0.75, 0.25]
    """
    chosen = np.zeros(len(outputs), int)
    chosen[0] = 1
    total = outputs[0].astype(np.float64)
    best, found = _mean_loss(task, y, total, weights), chosen.copy()
    for n in range(2, rounds + 1):
        each = [_mean_loss(task, y, (total + one) / n, weights) for one in outputs]
        place = int(np.argmin(each))
        chosen[place] += 1
        total = total + outputs[place]
        if each[place] < best:
            best, found = each[place], chosen.copy()
    return found / found.sum()


def _mean_loss(task: str, y: np.ndarray, outputs: np.ndarray, weights: np.ndarray | None) -> float:
    return float(np.average(losses(task, y, outputs), weights=weights))


def blend(network: Ensemble, data: Dataset, batch_size: int) -> Model:
    """Return the networks blended with the table's trees; as they are if these do not help.

    They help if the loss of the rows held out becomes smaller by `LEAST_GAIN` and `LEAST_ERRORS`.

    Args:
        network: the networks, trained with folds and calibrated.
        data: the table, with `Dataset.trees`.
        batch_size: the rows of a step.
    """
    rest, task = data.parts.rest, data.target.task
    rows, said = network.predict_held_out(data.inputs(rest), batch_size)
    common = reduce(np.intersect1d, (trees.rows for trees in data.trees), rows)
    if len(common) < FEWEST:
        return network
    outputs = [said[np.searchsorted(rows, common)].astype(np.float64)]
    outputs += [t.outputs[np.searchsorted(t.rows, common)] for t in data.trees]
    y, counted = data.goals(rest)[common], loss_weights(data)
    counted = np.ones(len(common)) if counted is None else counted[common]
    weights = greedy_weights(outputs, y, task, counted)
    mean = sum(weight * each for weight, each in zip(weights, outputs))
    alone = counted * losses(task, y, outputs[0])
    gained = alone - counted * losses(task, y, mean)
    least = LEAST_GAIN * alone.mean(), LEAST_ERRORS * gained.std() / np.sqrt(len(gained))
    if gained.mean() <= max(least):
        return network
    lead = network.members[0]
    models = [network, *(trees.beside(lead) for trees in data.trees)]
    kept = np.flatnonzero(weights)
    made = WeightedEnsemble([models[i] for i in kept], weights[kept].tolist())
    made.held_out = common, mean
    return made
