"""Two recurrent layers, one for each direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.checks import title
from maeum.layers.layer import Layer

_MERGES: dict[str | None, Callable[[jax.Array, jax.Array], Any]] = {
    "concat": lambda one, two: jnp.concatenate([one, two], -1),
    "sum": jnp.add,
    "mul": jnp.multiply,
    "ave": lambda one, two: (one + two) / 2,
    None: lambda one, two: (one, two),
}


class Bidirectional(Layer):
    """Read sequences in both directions, and merge the outputs (Schuster & Paliwal, 1997).

    Shapes: those of ``layer``; twice as many features with ``merge_mode="concat"``. With
    ``return_state`` of the layer, a tuple: the output, the states of the layer that goes forward,
    those of the other. The outputs of masked steps are 0.

    Args:
        layer: a recurrent layer, such as `LSTM`. Two new ones are made like it.
        merge_mode: how the two outputs are merged: ``"concat"``, ``"sum"``, ``"mul"``, ``"ave"``
            (the mean), or None for a tuple of both.
        weights: the initial weights of both layers, as a list of arrays (older code).
        backward_layer: the layer that goes backwards, if it is not like ``layer``; with
            ``go_backwards=True``.

    Raises:
        ConfigError: for something that is not a recurrent layer, an unknown ``merge_mode``, or two
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
        self._check_layer("layer", layer)
        if backward_layer is not None:
            self._check_layer("backward_layer", backward_layer)
        self.merge_mode = check_choice(merge_mode, _MERGES, "merge_mode")
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
        self._initial_weights = None if weights is None else list(weights)

    def _check_layer(self, name: str, layer: Any) -> None:
        if not isinstance(layer, Layer) or not hasattr(layer, "go_backwards"):
            raise ConfigError("The {name} of Bidirectional is a recurrent layer, such as LSTM(8); "
                              "got {layer!r}.", name=name, layer=layer)  # fmt: skip

    def _check_pair(self) -> None:
        one, two = self.forward_layer, self.backward_layer
        if one.go_backwards == two.go_backwards:
            raise ConfigError("One layer of Bidirectional goes forward and one backwards; got "
                              "go_backwards={go_backwards} for both. Give backward_layer "
                              "go_backwards=True.", go_backwards=one.go_backwards)  # fmt: skip
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(one, name) != getattr(two, name):
                raise ConfigError("Both layers of Bidirectional need the same {name}; got {one} "
                                  "and {other}.", name=name, one=getattr(one, name),
                                  other=getattr(two, name))  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            layer.build(input_shape)
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self._initial_weights = None

    def __call__(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """Compute the outputs; ``layer([x, *states])`` gives the initial states, too."""
        several = isinstance(sequences, (list, tuple)) and len(sequences) > 1
        if several and initial_state is None:
            sequences, *initial_state = sequences
        if initial_state is not None:
            kwargs["initial_state"] = initial_state
        return super().__call__(sequences, **kwargs)

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Run both layers and merge their outputs."""
        states: tuple[Any, Any] = (None, None)
        if initial_state is not None:
            given = list(initial_state) if isinstance(initial_state, (list, tuple)) else [None]
            half = len(given) // 2
            if not half or len(given) % 2:
                raise ShapeError("{layer} takes the states of both layers, those of the forward "
                                 "one first; got {n}.", layer=title(self),
                                 n=len(given))  # fmt: skip
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
            raise ShapeError("{layer} with merge_mode={merge_mode!r} needs outputs of one shape "
                             "from both layers; got {shape} and {other}.", layer=title(self),
                             merge_mode=self.merge_mode, shape=one.shape,
                             other=two.shape)  # fmt: skip
        return _MERGES[self.merge_mode](one, two)

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
        """Return the arguments that recreate this layer, with both layers as they are."""
        layers = {"layer": self.forward_layer, "backward_layer": self.backward_layer}
        return {**super().get_config(), **registry.serialize(layers)}


def _like(layer: Any, direction: str, **changes: Any) -> Any:
    """Return a new layer with the configuration of ``layer`` and these changes."""
    with registry.reference_scope():
        config = registry.serialize({**layer.whole_config(), **changes})
        config["name"] = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
        return type(layer).from_config(config)
