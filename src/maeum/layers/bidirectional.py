"""Two recurrent layers, one for each direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.layer import Layer

_MERGE_MODES = ("concat", "sum", "mul", "ave", None)


@registry.builtin
class Bidirectional(Layer):
    """Read sequences from both ends, and join what is found (Schuster & Paliwal, 1997).

    Shapes: those of ``layer``; twice as many features with ``merge_mode="concat"``. With
    ``return_state`` of the layer, a tuple: the output, the states of the layer that goes forward,
    those of the other. The outputs of masked steps are 0.

    Args:
        layer: a recurrent layer, such as `LSTM`. Two new ones are made like it.
        merge_mode: how the two outputs are joined: ``"concat"``, ``"sum"``, ``"mul"``, ``"ave"``
            (the mean), or None for a tuple of both.
        weights: the first weights of both layers, as a list of arrays (older code).
        backward_layer: the layer that goes backwards, if it is not like ``layer``; with
            ``go_backwards=True``.

    Raises:
        ConfigError: for something that is no recurrent layer, an unknown ``merge_mode``, or two
            layers that do not fit together.
        ShapeError: for initial states that are not those of both layers; for outputs that are to
            be added or multiplied and have different shapes.

    Example:
        >>> import numpy as np
        >>> from maeum.layers import LSTM
        >>> Bidirectional(LSTM(4))(np.ones((2, 5, 3), "float32")).shape
        (2, 8)
    """

    supports_masking = True
    undescribed = frozenset({"weights"})  # which are saved as weights

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Sequence[Any] | None = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        for name, given in (("layer", layer), ("backward_layer", backward_layer)):
            self._check_layer(name, given, optional=name != "layer")
        self.merge_mode = check_choice(merge_mode, _MERGE_MODES, "merge_mode")
        self.forward_layer = _like(layer, "forward")
        if backward_layer is None:
            self.backward_layer = _like(layer, "backward", go_backwards=not layer.go_backwards)
        else:
            self.backward_layer = _like(backward_layer, "backward")
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            one.zero_output_for_mask = one.return_sequences
        self.first_shape = self.first_shape or layer.first_shape
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self._first_weights = None if weights is None else list(weights)

    def _check_layer(self, name: str, layer: Any, optional: bool) -> None:
        if layer is None and optional:
            return
        if not isinstance(layer, Layer) or not hasattr(layer, "go_backwards"):
            raise ConfigError(
                f"The {name} of Bidirectional is a recurrent layer, such as LSTM(8); got {layer!r}."
            )

    def _check_pair(self) -> None:
        one, two = self.forward_layer, self.backward_layer
        if one.go_backwards == two.go_backwards:
            raise ConfigError(
                "One layer of Bidirectional goes forward and one backwards; got go_backwards="
                f"{one.go_backwards} for both. Give backward_layer go_backwards=True."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(one, name) != getattr(two, name):
                raise ConfigError(
                    f"Both layers of Bidirectional need the same {name}; got "
                    f"{getattr(one, name)} and {getattr(two, name)}."
                )

    def build(self, input_shape: Any) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            layer.build(input_shape)
        if self._first_weights is not None:
            self.set_weights(self._first_weights)
            self._first_weights = None

    def __call__(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """Compute the outputs; ``layer([x, *states])`` gives the states to begin with, too."""
        several = isinstance(sequences, (list, tuple)) and len(sequences) > 1
        if several and initial_state is None:
            sequences, *initial_state = sequences
        if initial_state is not None:
            kwargs["initial_state"] = initial_state
        return super().__call__(sequences, **kwargs)

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Run both layers and join their outputs."""
        states: tuple[Any, Any] = (None, None)
        if initial_state is not None:
            given = list(initial_state) if isinstance(initial_state, (list, tuple)) else []
            half = len(given) // 2
            if not half or len(given) % 2:
                raise ShapeError(
                    f"The layer {self.name!r} (Bidirectional) takes the states of both layers, "
                    f"those of the forward one first; got {len(given) or 'one array'}."
                )
            states = given[:half], given[half:]
        forward, backward = (
            layer(sequences, initial_state=state, mask=mask, training=training)
            for layer, state in zip((self.forward_layer, self.backward_layer), states)
        )
        last: tuple = ()
        if self.return_state:
            last = (*forward[1:], *backward[1:])
            forward, backward = forward[0], backward[0]
        if self.return_sequences:
            if self.forward_layer.go_backwards:
                forward = jnp.flip(forward, 1)
            else:
                backward = jnp.flip(backward, 1)
        merged = self._merged(forward, backward)
        if self.merge_mode is None:
            return (*merged, *last)
        return (merged, *last) if self.return_state else merged

    def _merged(self, one: jax.Array, two: jax.Array) -> Any:
        if self.merge_mode in ("sum", "mul", "ave") and one.shape != two.shape:
            raise ShapeError(
                f"The layer {self.name!r} with merge_mode={self.merge_mode!r} needs "
                f"outputs of one shape from both layers; got {one.shape} and {two.shape}."
            )
        match self.merge_mode:
            case "concat":
                return jnp.concatenate([one, two], -1)
            case "sum":
                return one + two
            case "mul":
                return one * two
            case "ave":
                return (one + two) / 2
        return one, two

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs: none for the last outputs alone."""
        mask = mask if self.return_sequences else None
        outputs = [mask, mask] if self.merge_mode is None else [mask]
        return outputs if self.return_state or self.merge_mode is None else mask

    def reset_states(self) -> None:
        """Set the states of both layers to 0."""
        self.forward_layer.reset_states()
        self.backward_layer.reset_states()

    reset_state = reset_states

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer again, with both layers as they are."""
        layers = {"layer": self.forward_layer, "backward_layer": self.backward_layer}
        return {**super().get_config(), **registry.serialize(layers)}


def _like(layer: Any, direction: str, **changes: Any) -> Any:
    """Return a new layer with the configuration of ``layer`` and these changes."""
    with registry.reference_scope():
        config = registry.serialize({**layer.get_config(), **changes})
        config["name"] = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
        return type(layer).from_config(config)
