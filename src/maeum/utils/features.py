"""What a `FeatureSpace` is made of: features, and crosses of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from maeum.core import registry
from maeum.core.checks import check_choice


class Cross:
    """Several features as one: each combination of their values gets a bin by its hash.

    Args:
        feature_names: the features.
        crossing_dim: the number of bins.
        output_mode: ``"one_hot"`` or ``"int"``.
    """

    def __init__(
        self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot"
    ):
        self.output_mode = check_choice(output_mode, ("int", "one_hot"), "output_mode")
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim

    @property
    def name(self) -> str:
        """What it is called: ``"a_X_b"``."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Cross:
        """Make one from what `get_config` returned."""
        return cls(**registry.deserialize(dict(config)))


class Feature:
    """One column: its dtype, the layer that reads it, and the form in which it is used.

    Args:
        dtype: ``"float32"``, ``"int32"`` or ``"string"``.
        preprocessor: a layer that takes ``(rows, 1)``.
        output_mode: ``"float"``, ``"int"`` or ``"one_hot"``.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str):
        self.output_mode = check_choice(output_mode, ("int", "one_hot", "float"), "output_mode")
        self.dtype = dtype
        self.preprocessor = (
            registry.deserialize(preprocessor) if isinstance(preprocessor, dict) else preprocessor
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            "dtype": self.dtype,
            "preprocessor": registry.serialize(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Feature:
        """Make one from what `get_config` returned."""
        return cls(**config)


for _class in (Cross, Feature):
    registry.add(f"FeatureSpace.{_class.__name__}", _class)
