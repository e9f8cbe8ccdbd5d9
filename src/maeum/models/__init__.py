"""Models: Sequential, functional and subclassed, and what a model can do as a whole."""

from maeum.models.cloning import clone_model, model_from_json
from maeum.models.ensemble import Ensemble
from maeum.models.model import Model
from maeum.models.sequential import Sequential
from maeum.models.weighted_ensemble import WeightedEnsemble
from maeum.saving import load_model, save_model

__all__ = [
    "Ensemble", "Model", "Sequential", "WeightedEnsemble", "clone_model", "load_model",
    "model_from_json", "save_model",
]  # fmt: skip
