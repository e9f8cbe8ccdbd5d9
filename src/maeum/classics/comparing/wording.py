"""A comparison in words: who is ahead, by how much, and what each model is."""

from __future__ import annotations

from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.differences import Difference
from maeum.classics.comparing.pictures import PERCEPTRON
from maeum.classics.comparing.trials import NETWORK
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration
from maeum.report.wording import metric_name, number

_WITHIN = {
    "linear": N_("logistic regression"),
    "knn": N_("k-nearest neighbours"),
    "svm": N_("the support vector machine"),
    "tree": N_("the decision tree"),
    "forest": N_("the random forest"),
    "boosting": N_("gradient boosting"),
}
_RIDGE = N_("ridge regression")
_EXPLAINED = {
    NETWORK: N_("Layers of neurons: each is a weighted sum of what the layer before it says, bent "
                "by an activation. All weights are learnt together, step by step down the gradient "
                "of the loss."),
    "linear": N_("One weight for each feature: the weighted sum becomes the probability of a "
                 "class. The simplest model, and hard to beat where effects add up."),
    "knn": N_("It looks for the k training rows that are nearest to a new one, and answers what "
              "most of them are, or their mean. It learns nothing but keeps all rows; k is near "
              "the root of their number, and odd for two classes."),
    "svm": N_("It draws the border that keeps the widest margin to the rows on both sides, bent by "
              "a kernel (RBF); only the rows near it, the support vectors, count. Its distances "
              "become probabilities by Platt’s method."),
    "tree": N_("It asks one question about one column after the other, until the rows that are "
               "left are alike. Easy to read, and apt to overfit."),
    "forest": N_("The mean of 100 decision trees, each grown on rows drawn with replacement and "
                 "asking about other columns: their errors cancel out."),
    "boosting": N_("Small decision trees one after the other, each of which corrects what those "
                   "before it got wrong."),
    PERCEPTRON: N_("A single neuron with a threshold (Rosenblatt, 1958), of which networks are "
                   "made: it can only draw a straight line."),
}  # fmt: skip
_RIDGE_EXPLAINED = N_("One weight for each feature, and the weighted sum is the prediction; large "
                      "weights are held back a little. The simplest model, and hard to beat where "
                      "effects add up.")  # fmt: skip


def title_of(found: Comparison, key: str) -> str:
    """Return what a model is called, the perceptron of the pictures too."""
    return _("Perceptron") if key == PERCEPTRON else found.title(key)


def explained(found: Comparison, key: str) -> str:
    """Say what a model is."""
    if key == "linear" and found.task == "regression":
        return _(_RIDGE_EXPLAINED)
    return _(_EXPLAINED[key])


def headline_of(found: Comparison) -> str:
    """Say in one sentence where the network stands."""
    place, count = found.ranking.index(NETWORK) + 1, len(found.ranking)
    name = metric_name(found.metric).label
    if place == 1:
        return _("The network is first of {n} models by {metric}", n=count, metric=name)
    best = within(found, found.ranking[0])
    return _("The network is number {place} of {n} models by {metric}; first is {best}",
             place=place, n=count, metric=name, best=best)  # fmt: skip


def verdicts(found: Comparison) -> list[str]:
    """Say which models the network is ahead of, level with, and behind."""
    others = [key for key in found.ranking if key != NETWORK]
    if not others:
        return [_("No other model was finished.")]
    away = {key: found.difference(key) for key in others}
    if any(each.folds < 2 for each in away.values()):
        return [_("Only one fold was finished, so nothing can be said about what is chance.")]
    name = metric_name(found.metric).label
    level = enumeration([within(found, key) for key in others if not away[key].says])
    sentences = []
    if ahead := _apart_from(found, away, 1):
        sentences.append(_("By {metric}, the network is ahead of {models}.", metric=name,
                           models=ahead))  # fmt: skip
    if level:
        sentences.append(_("By {metric}, the network is level with {models}: chance may explain "
                           "the difference.", metric=name, models=level))  # fmt: skip
    if behind := _apart_from(found, away, -1):
        sentences.append(_("By {metric}, the network is behind {models}.", metric=name,
                           models=behind))  # fmt: skip
    return sentences


def _apart_from(found: Comparison, away: dict[str, Difference], says: int) -> str:
    """List the models that the network is ahead of (1) or behind (-1), and by how much."""
    return enumeration([
        _("{model} by {value} (95% interval {low} to {high})", model=within(found, key),
          **_written(found, each, says))
        for key, each in away.items() if each.says == says
    ])  # fmt: skip


def within(found: Comparison, key: str) -> str:
    """Return what a model is called within a sentence."""
    if key == NETWORK:
        return _("the network")
    of_numbers = key == "linear" and found.task == "regression"
    return _(_RIDGE) if of_numbers else _(_WITHIN[key])


def _written(found: Comparison, away: Difference, says: int) -> dict[str, str]:
    """Return a difference as texts, without its sign for a model that is ahead."""
    ends = (away.low, away.high) if says > 0 else (-away.high, -away.low)
    low, high = (apart(found, end) for end in ends)
    return {"value": apart(found, says * away.value), "low": low, "high": high}


def apart(found: Comparison, value: float) -> str:
    """Return a difference of the metric as it is shown; of a percentage in points of it.

    Three digits behind the point, of RMSE and the like four digits.
    """
    name = metric_name(found.metric)
    if name.percent:
        return _("{n} points", n=f"{100 * value:.1f}".replace("-", "−"))
    if name.better > 0 or found.metric in ("log_loss", "brier"):
        return f"{round(value, 3) + 0.0:.3f}".replace("-", "−")
    return number(value, 3)
