"""How the report says numbers, names and times."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import as_written, shorten

MISSING = "–"
MOST_PERCENT = 10.0  # of an error relative to the truth, where that is near 0


class MetricName(NamedTuple):
    """How a metric is shown: its label, which way is better (+1 up, -1 down), as a percentage."""

    label: str
    better: int
    percent: bool = False
    any_size: bool = False  # shown with so many digits, rather than three behind the point


METRICS = {
    "accuracy": MetricName(N_("Accuracy"), +1, True),
    "balanced_accuracy": MetricName(N_("Balanced accuracy"), +1, True),
    "auc": MetricName(N_("ROC AUC"), +1),
    "roc_auc": MetricName(N_("ROC AUC"), +1),
    "pr_auc": MetricName(N_("PR AUC"), +1),
    "average_precision": MetricName(N_("Average precision"), +1),
    "precision": MetricName(N_("Precision"), +1, True),
    "recall": MetricName(N_("Recall"), +1, True),
    "f1": MetricName(N_("F1"), +1),
    "macro_f1": MetricName(N_("Macro F1"), +1),
    "top_3_accuracy": MetricName(N_("Top-3 accuracy"), +1, True),
    "loss": MetricName(N_("Loss"), -1),
    "log_loss": MetricName(N_("Log loss"), -1),
    "perplexity": MetricName(N_("Perplexity"), -1),
    "bits_per_character": MetricName(N_("Bits per character"), -1),
    "brier": MetricName(N_("Brier score"), -1),
    "r2": MetricName(N_("R²"), +1),
    "rmse": MetricName(N_("RMSE"), -1),
    "mse": MetricName(N_("MSE"), -1),
    "mae": MetricName(N_("MAE"), -1),
    "median_absolute_error": MetricName(N_("Median error"), -1),
    "mape": MetricName(N_("MAPE"), -1, True),
    "smape": MetricName(N_("sMAPE"), -1, True),
    "mase": MetricName(N_("MASE"), -1),
    "interval": MetricName(N_("Interval"), 0, True),
    "coverage": MetricName(N_("In the interval"), 0, True),
    "interval_width": MetricName(N_("Width of the interval"), 0),
    "bound": MetricName(N_("Bound on the log-likelihood (nats)"), +1),
    "reconstruction": MetricName(N_("Reconstruction (nats)"), -1),
    "kl": MetricName(N_("Divergence (nats)"), 0),
    "reconstruction_error": MetricName(N_("Reconstruction error"), -1),
    "free_energy": MetricName(N_("Free energy (nats)"), 0),
    "pseudo_likelihood": MetricName(N_("Pseudo-likelihood (nats)"), +1),
    "generator_loss": MetricName(N_("Loss of the generator"), 0),
    "discriminator_loss": MetricName(N_("Loss of the discriminator"), 0),
    "penalty": MetricName(N_("Penalty on the discriminator's slopes"), 0),
    "margin": MetricName(N_("Margin between real and made"), 0),
    "diversity": MetricName(N_("Diversity of made images"), 0),
    "return": MetricName(N_("Return"), +1, any_size=True),
    "return_deviation": MetricName(N_("Standard deviation"), 0),
    "lowest_return": MetricName(N_("Lowest return"), +1, any_size=True),
    "length": MetricName(N_("Episode length"), 0),
    "optimal": MetricName(N_("Best arm"), +1, True),
    "reward": MetricName(N_("Reward"), +1),
    "entropy": MetricName(N_("Entropy (nats)"), 0),
    "policy_loss": MetricName(N_("Loss of the policy"), 0),
    "value_loss": MetricName(N_("Loss of the values"), 0),
    "nats_per_step": MetricName(N_("Nats per step"), -1),
    "measure_error": MetricName(N_("Distance of the measures"), -1, True),
    "frechet_distance": MetricName(N_("Fréchet distance"), -1),
    "modes": MetricName(N_("Classes among them"), 0),
    "last_value_mae": MetricName(N_("MAE of the last value"), 0),
}


def metric_name(key: str) -> MetricName:
    """How to show the metric ``key``; an unknown one keeps its name and claims no direction."""
    known = METRICS.get(key)
    if known is None:
        return MetricName(shorten(key.replace("_", " ").capitalize(), 30), 0)
    return known._replace(label=_(known.label))


def metric(key: str, value: object) -> str:
    """The metric's value as the report shows it.

    >>> metric("accuracy", 0.8061), metric("auc", 0.84567), metric("rmse", float("nan"))
    ('80.6%', '0.846', '–')
    >>> metric("r2", -0.0001), metric("r2", -0.25)
    ('0.000', '−0.250')
    >>> metric("mape", 31798468.85)
    '>1,000%'
    """
    if metric_name(key).percent:
        if finite(value) and float(value) > MOST_PERCENT:  # type: ignore[arg-type]
            return f">{MOST_PERCENT:,.0%}"  # of truths near 0: more digits would say nothing
        return percent(value)
    exact = metric_name(key).better > 0 and not metric_name(key).any_size
    if finite(value) and (exact or key == "log_loss"):
        text = f"{round(float(value), 3) + 0.0:.3f}"  # type: ignore[arg-type]
        return text.replace("-", "−")
    return number(value)


def finite(value: object) -> bool:
    """Whether ``value`` is a number that can be shown."""
    try:
        return math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def number(value: object, digits: int = 4) -> str:
    """A number with about that many digits; whole numbers in full.

    >>> number(7043), number(0.012345), number(-1234.5678), number(2.718, 3), number(None)
    ('7,043', '0.01235', '−1,235', '2.72', '–')
    >>> number(0.000012), number(1155989086482.3)
    ('0.000012', '1,155,989,086,482')
    """
    if not finite(value):
        return MISSING
    v = float(value)  # type: ignore[arg-type]
    if v == round(v) and abs(v) < 1e15:
        text = f"{v + 0.0:,.0f}"
    elif 1e-4 <= abs(v) < 1e15:
        text = f"{v:,.{max(0, digits - 1 - math.floor(math.log10(abs(v))))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = as_written(v, 3)
    return text.replace("-", "−")


def compact(value: float, _position: object = None) -> str:
    """A number short enough for an axis.

    >>> compact(0.25), compact(12500), compact(3e6), compact(-2.0)
    ('0.25', '12.5k', '3M', '−2')
    """
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.4g}{unit}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def percent(share: object, digits: int = 1) -> str:
    """A share of one as a percentage.

    >>> percent(0.2654), percent(1.0), percent(0.00001)
    ('26.5%', '100%', '<0.1%')
    """
    if not finite(share):
        return MISSING
    p = 100 * float(share)  # type: ignore[arg-type]
    if 0 < p < 10**-digits / 2:
        return f"<{10**-digits:g}%"
    if 100 - 10**-digits / 2 < p < 100:
        return f">{100 - 10**-digits:g}%"
    return f"{p:.0f}%" if p in (0, 100) else f"{p:.{digits}f}%"


def duration(seconds: object) -> str:
    """A time in the unit that fits.

    >>> duration(0.0123), duration(2.34), duration(200)
    ('12 ms', '2.3 s', '3 min 20 s')
    """
    if not finite(seconds):
        return MISSING
    s = float(seconds)  # type: ignore[arg-type]
    if s < 1:
        return _("{n:.0f} ms", n=1000 * s) if s >= 0.001 or s <= 0 else _("<1 ms")
    if s < 60:
        return _("{n:.1f} s", n=s)
    minutes, rest = divmod(round(s), 60)
    return _("{m} min {s} s", m=minutes, s=rest) if rest else _("{m} min", m=minutes)


def loss(value: float) -> str:
    """A loss or another figure of an epoch: four digits behind the point, more of a small one.

    >>> loss(0.69314718), loss(0.0), loss(0.0000123), loss(12000000.0)
    ('0.6931', '0.0000', '0.0000123', '12,000,000')
    """
    if not finite(value) or value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.4f}"
    return number(value, 3 if abs(value) < 1 else 6)


def epochs(n: int) -> str:
    """So many epochs, in words."""
    return ngettext("{n:,} epoch", "{n:,} epochs", n)


def more(n: int) -> str:
    """How many there are beside those that are shown, as a caption; empty for none.

    >>> more(3), more(0), more(-2)
    ('and 3 more', '', '')
    """
    return _("and {n:,} more", n=n) if n > 0 else ""


def cell(value: Any) -> str:
    """A cell of a table as text: missing values as a dash, numbers readable, text shortened."""
    if value is None or value != value:
        return MISSING
    if isinstance(value, float) or hasattr(value, "dtype"):
        return number(value) if finite(value) else shorten(value, 40)
    return shorten(str(value).removesuffix(" 00:00:00"), 40) or _("(blank)")
