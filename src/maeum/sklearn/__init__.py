"""Networks as estimators of scikit-learn: for its pipelines, searches and ensembles."""

from maeum.sklearn.estimators import MaeumClassifier, MaeumRegressor

__all__ = ["MaeumClassifier", "MaeumRegressor"]
