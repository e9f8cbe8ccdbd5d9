"""Models: Sequential, functional and subclassed, and what a model can do as a whole."""

from maeum.models.cloning import clone_model, model_from_json
from maeum.models.model import Model
from maeum.models.sequential import Sequential

__all__ = ["Model", "Sequential", "clone_model", "model_from_json"]
