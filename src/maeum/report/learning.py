"""How a network learnt: its curves, and which epoch was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from maeum.core.messages import N_, _
from maeum.report.charts import Axis, Chart, Dots, Line, Mark, Reading, Rule
from maeum.report.wording import epochs, finite, metric_name, number

History = Mapping[str, Sequence[float]]

_NO_CURVES = ("lr", "learning_rate", "epoch")


def learning_curves(history: History, best_epoch: int, most: int = 3) -> list[Chart]:
    """Loss and metrics per epoch, training and validation, with the best epoch marked."""
    plain = [k for k in history if not k.startswith("val_") and k not in _NO_CURVES]
    keys = [k for k in plain if any(finite(v) for v in history[k])]
    keys.sort(key=lambda k: k != "loss")
    return [_learning_curve(history, best_epoch, key) for key in keys[:most]]


def _learning_curve(history: History, best_epoch: int, key: str) -> Chart:
    label = metric_name(key).label
    training = np.asarray(history[key], dtype=float)
    validation = np.asarray(history.get(f"val_{key}", []), dtype=float)
    curves = [(_("training"), "c0", training), (_("validation"), "c1", validation)]
    curves = [curve for curve in curves if len(curve[2])]
    legend = [(name, colour) for name, colour, _values in curves]
    marks: list[Mark] = [
        Line(np.arange(1, len(values) + 1), values, paint) for _name, paint, values in curves
    ]
    if 0 <= best_epoch < len(training):
        legend.append((_("best epoch: {best}", best=best_epoch + 1), "muted"))
        *_rest, (_name, paint, values) = [c for c in curves if best_epoch < len(c[2])]
        marks.append(Rule(x=best_epoch + 1))
        marks.append(Dots([best_epoch + 1], [values[best_epoch]], paint, "large"))
    heads = [_("epoch {n}", n=n) for n in range(1, len(training) + 1)]
    said = N_("{label} over {epochs}, best epoch {best}")
    said = said if best_epoch >= 0 else N_("{label} over {epochs}")
    alt = _(said, label=label, epochs=epochs(len(training)), best=best_epoch + 1)
    return Chart(label, alt, marks, Axis(_("epoch"), 1, max(len(training), 2), kind="whole"),
                 Axis(kind="percent" if metric_name(key).percent else "number"),
                 Reading.along(np.arange(1, len(heads) + 1), heads, [c[::2] for c in curves]),
                 legend=legend)  # fmt: skip


def learning(
    history: History, best_epoch: int, refit: bool = False, members: int | None = None
) -> str:
    """Which epoch was kept, and whether the network began to overfit after it.

    Args:
        history: the values of each epoch.
        best_epoch: from 0.
        refit: whether a new network was trained for so many epochs.
        members: of an ensemble, how many networks each kept a best epoch of its own.
    """
    n = max((len(values) for values in history.values()), default=0)
    if not 0 <= best_epoch < n:
        return ""
    best, said = best_epoch + 1, []
    if members:
        said.append(_("Each of the {members} networks was kept as it was after the best of {n} "
                      "epochs, in the median epoch {best}.", members=members, n=n,
                      best=best))  # fmt: skip
    elif 1 < n == best:
        said.append(
            _("The last of {n} epochs was the best one, so more of them may still help.", n=n)
        )
    elif refit:
        said.append(_("Epoch {best} of {n} was the best one.", best=best, n=n))
    else:
        said.append(_("The weights after epoch {best} of {n} were kept.", best=best, n=n))
    losses = history.get("val_loss", [])
    if (
        not members
        and best <= len(losses)
        and finite(losses[best - 1])
        and losses[-1] > 1.05 * losses[best - 1]
    ):
        said.append(_("After that the validation loss rose again, from {low} to {high}: the "
                      "network began to overfit.",
                      low=number(losses[best - 1]), high=number(losses[-1])))  # fmt: skip
    if refit:
        said.append(_("Then it was refitted for {epochs}, with the validation part added to the "
                      "training part.", epochs=epochs(best)))  # fmt: skip
    return " ".join(said)
