"""Search for hyper-parameters, with KerasTuner's names.

``build(hp)`` asks for what it does not know, and a search tries values::

    tuner = maeum.tuner.RandomSearch(build, "val_accuracy", max_trials=20)
    tuner.search(x, y, epochs=10, validation_split=0.2)
    model = tuner.get_best_models()[0]
"""

from maeum.core.lazy import lazily
from maeum.tuner.bayesian import BayesianOptimizationOracle
from maeum.tuner.errors import FailedTrialError, SearchError
from maeum.tuner.grid_search import GridSearchOracle
from maeum.tuner.hyperband import HyperbandOracle, SuccessiveHalvingOracle
from maeum.tuner.hypermodel import HyperModel
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.importances import Importances
from maeum.tuner.objective import Objective
from maeum.tuner.oracle import Oracle
from maeum.tuner.random_search import RandomSearchOracle, RefinedSearchOracle
from maeum.tuner.searches import (
    BayesianOptimization,
    GridSearch,
    Hyperband,
    RandomSearch,
    RefinedSearch,
    SuccessiveHalving,
)
from maeum.tuner.telling import Listener
from maeum.tuner.trial import Trial, TrialStatus
from maeum.tuner.tuner import Tuner

__all__ = [
    "BayesianOptimization",
    "BayesianOptimizationOracle",
    "FailedTrialError",
    "GridSearch",
    "GridSearchOracle",
    "HyperModel",
    "HyperParameters",
    "Hyperband",
    "HyperbandOracle",
    "Importances",
    "Listener",
    "Objective",
    "Oracle",
    "RandomSearch",
    "RandomSearchOracle",
    "RefinedSearch",
    "RefinedSearchOracle",
    "SearchError",
    "SuccessiveHalving",
    "SuccessiveHalvingOracle",
    "Trial",
    "TrialStatus",
    "Tuner",
]

__getattr__, __dir__ = lazily(__name__, {})
