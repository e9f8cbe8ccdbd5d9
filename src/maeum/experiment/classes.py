"""What trainings on classes share: weights, metrics, and other models beside the network."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from maeum.core.messages import N_, _
from maeum.experiment.events import work
from maeum.experiment.run import likeliest
from maeum.report.scores import score

MOST_FREQUENT = N_("Always the most frequent class")
PROBABILITY = "probability of "  # and the class: the name of a column of predictions
SMALL = 50_000  # with fewer rows, threads wait for each other longer than they work


def score_classes(
    truth: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> dict[str, float | None]:
    """Return the metrics of probabilities ``(n, k)``, the most telling first.

    Args:
        truth: ``(n,)`` class numbers.
        probabilities: ``(n, k)``.
        classes: the names of the ``k`` classes.
    """
    if len(classes) == 2:
        return score("binary", truth, probabilities[:, 1])
    found = score("multiclass", truth, probabilities, classes)
    return {k: v for k, v in found.items() if k != "top_3_accuracy" or v is not None}


def tested(truth: np.ndarray, probabilities: np.ndarray, data: Any) -> dict[str, Any]:
    """Return what `Task.score` says of a network that tells the ``classes`` of some data apart."""
    metrics = score_classes(truth, probabilities, data.classes)
    return {"metrics": metrics, "truth": truth, "probabilities": probabilities,
            "classes": data.classes, "data": data}  # fmt: skip


def predicted(
    probabilities: np.ndarray, classes: Sequence[str], threshold: float | np.ndarray = 0.5
) -> dict[str, Any]:
    """Return the columns of a prediction by name: the answer, and a probability for each class."""
    answers = [classes[k] for k in likeliest(probabilities, threshold)]
    columns = {PROBABILITY + name: probabilities[:, k] for k, name in enumerate(classes)}
    return {"prediction": np.array(answers, object), **columns}


def fit_others(
    models: Iterable[tuple[str, Any, Any, Any]],
    y: np.ndarray,
    truth: np.ndarray,
    classes: Sequence[Any],
    judge: Callable[[str, np.ndarray, np.ndarray], dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Train scikit-learn's models and score them.

    Args:
        models: the name (inside ``N_``), the model, and what it is trained and tested on, each.
        y: the class numbers (or values) to train with.
        truth: those to test with.
        classes: the names of the classes; none where values are learnt.
        judge: returns the metrics of a prediction, from the model's name, the truth and the
            probabilities of the classes (or the values); by default those of classes.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ..., "prediction": ...}`` for each, the last
        being what it says of the rows of the test; and ``"constant": True`` if that is the same
        for all of them.
    """
    found = []
    for name, model, x, x_test in models:
        work(_("Training {name} to compare with ...", name=_(name)))
        began = time.perf_counter()
        with calm(len(y)):
            model.fit(x, y)
            p = said_by(model, x_test, len(classes))
        seconds = time.perf_counter() - began
        metrics = judge(name, truth, p) if judge else score_classes(truth, p, classes)
        entry = {"name": name, "metrics": metrics, "seconds": seconds, "prediction": p}
        alike = len(p) > 1 and bool((p == p[0]).all())
        found.append(entry | ({"constant": True} if alike else {}))
    return found


@contextmanager
def calm(rows: int) -> Iterator[None]:
    """Let scikit-learn work on so many rows without warnings, and on few without threads."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1 if rows < SMALL else None), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence: the score shows how good it is
        yield


def said_by(model: Any, x: Any, classes: int) -> np.ndarray:
    """Return what one of scikit-learn's models says of some rows.

    Args:
        model: the model, trained on class numbers or values.
        x: the rows.
        classes: how many classes there are, also such as it was not trained on; 0 for values.

    Returns:
        ``(n, classes)`` probabilities, or ``(n,)`` values.
    """
    if not classes:
        return model.predict(x)
    known = model.predict_proba(x)
    p = np.zeros((len(known), classes))
    p[:, model.classes_.astype(int)] = known
    return p
