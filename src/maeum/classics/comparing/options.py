"""What can be chosen where the network is compared with other models."""

from __future__ import annotations

from dataclasses import Field, dataclass, fields

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import one_of, several, whole
from maeum.experiment.options import option
from maeum.report.scores import METRICS_OF
from maeum.tabular.options import TableOptions
from maeum.tabular.usual_models import USUAL_MODELS

METRICS = tuple(dict.fromkeys(name for names in METRICS_OF.values() for name in names))
RANKING = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
_OF_A_SINGLE_TEST = ("test_size", "time_split", "minutes")


@dataclass(frozen=True, kw_only=True)
class ComparisonOptions(TableOptions):
    """The choices of a comparison: those of a training, but for a single test, and its own.

    Those of the network (``hidden``, ``epochs`` ...) are for the network alone.

    Attributes:
        folds: into how many parts the rows are divided; each is the test part once.
        metric: by which the models are ranked; ROC AUC for two classes, log loss for several, RMSE
            for numbers if None.
        models: which ones stand beside the network, of `maeum.tabular.usual_models.USUAL_MODELS`.
        neighbors: how many neighbours k-nearest neighbours asks; near the root of the rows if None.
    """

    folds: int = option(
        5, N_("Into how many parts the rows are divided; each is tested once."), whole(2)
    )
    metric: str | None = option(
        None,
        N_("By which metric the models are ranked; roc_auc, log_loss or rmse, by the target."),
        one_of(METRICS),
    )
    models: tuple[str, ...] = option(
        tuple(USUAL_MODELS),
        N_("Which models stand beside the network: linear,knn,svm,tree,forest,boosting."),
        several(one_of(USUAL_MODELS), "NAMES"),
    )
    neighbors: int | None = option(
        None, N_("How many neighbours k-NN asks; near the root of the rows."), whole()
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.models:
            raise ConfigError("Give models at least one name, such as linear; there are: {known}.",
                              known=", ".join(USUAL_MODELS))  # fmt: skip
        object.__setattr__(self, "models", tuple(dict.fromkeys(self.models)))

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """Return the fields by name, without those of a single test."""
        return {n: each for n, each in super().fields().items() if n not in _OF_A_SINGLE_TEST}

    @property
    def of_network(self) -> TableOptions:
        """The choices of each network."""
        return TableOptions(
            **{each.name: getattr(self, each.name) for each in fields(TableOptions)}
        )

    def ranks_by(self, task: str) -> str:
        """Return the metric by which models are ranked.

        Raises:
            ConfigError: for one that the task does not have.
        """
        if self.metric is None:
            return RANKING[task]
        if self.metric not in METRICS_OF[task]:
            raise ConfigError("The metric {metric!r} is not for this target, which is taken for "
                              "{task}. There are: {known}.", metric=self.metric, task=task,
                              known=", ".join(METRICS_OF[task]))  # fmt: skip
        return self.metric
