"""Several layers one after the other, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.core import graph
from maeum.core.errors import ConfigError
from maeum.core.masks import mask_of
from maeum.layers.layer import Layer


class Pipeline(Layer):
    """Apply layers one after the other: mostly preprocessing and augmentation.

    Called by hand, layers that augment do so, as on their own.

    Args:
        layers: the layers, in their order.
        name: the layer's name.

    Raises:
        ConfigError: for something that is not a layer.

    Example:
        >>> import numpy as np
        >>> from maeum.layers import Rescaling, Resizing
        >>> Pipeline([Resizing(8, 8), Rescaling(1 / 255)])(np.ones((2, 20, 30, 3))).shape
        (2, 8, 8, 3)
    """

    casts_inputs = False  # each layer does that for itself

    def __init__(self, layers: Sequence[Any], name: str | None = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        wrong = [layer for layer in layers if not isinstance(layer, Layer)]
        if wrong:
            raise ConfigError("Pipeline takes a list of layers; got {value!r}.", value=wrong[0])
        self.layers = list(layers)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        """Apply the layers."""
        for layer in self.layers:
            known = {"training": training, "mask": mask}
            options = {k: v for k, v in known.items() if k in layer.call_arguments}
            inputs = layer(inputs, **options)
            mask = graph.map_structure(mask_of, inputs)
        return inputs

    @classmethod
    def from_config(cls, config: Any) -> Any:
        """Make a pipeline from what `get_config` returned."""
        if not isinstance(config.get("layers"), (list, tuple)):
            raise ConfigError('The configuration of a Pipeline has a list of "layers"; got '
                              "{layers!r}.", layers=config.get("layers"))  # fmt: skip
        return super().from_config(config)
