"""The step of a network of Maeum's layers, for `maeum.language.decoding`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.applications import gpt
from maeum.core import functional
from maeum.core.compiling import compiled
from maeum.core.errors import ConfigError, NotBuiltError
from maeum.core.hints import hint_of
from maeum.language.decoding import Decoder, Step
from maeum.layers import RNN, PositionEmbedding, TransformerDecoder
from maeum.models import Model

_TRIED = 5  # tokens that are run in both ways, to see that a step is all there is


def decoder_of(model: Model) -> Decoder:
    """Return the step of a network that says, for each position, what token comes next.

    Recurrent layers go on from their states; `TransformerDecoder` blocks keep what they computed
    of the positions before. The output is either one prediction for each position, or one for
    the end of the text; a softmax at its end is taken off.

    A network whose steps do not give what it gives for a whole text (as with `Bidirectional`,
    convolutions and pooling over time) is refused: both are computed once for a few tokens.

    Args:
        model: tokens ``(rows, length)`` in; probabilities or logits ``(rows, length,
            vocabulary)`` or ``(rows, vocabulary)`` out.

    Raises:
        ConfigError: for such a network, or a stateful one.
        NotBuiltError: for one without weights.

    Example:
        >>> from maeum import Input, Sequential
        >>> from maeum.language import generate
        >>> from maeum.layers import GRU, Dense, Embedding
        >>> model = Sequential([Input((None,), dtype="int32"), Embedding(9, 4),
        ...                     GRU(8, return_sequences=True), Dense(9)])
        >>> [len(text) for text in generate(decoder_of(model), [[1], [2, 3]], 20, seed=0)]
        [20, 20]
    """
    if not model.built:
        raise NotBuiltError("{name!r} has no weights yet; give it an Input.", name=model.name)
    shape = model.output_shape
    if len(model.inputs) != 1 or isinstance(shape, list) or len(shape) not in (2, 3):
        raise ConfigError("{name!r} writes if it has one input of tokens and one output (rows, "
                          "length, vocabulary) or (rows, vocabulary); its output has the shape "
                          "{shape}.", name=model.name, shape=shape)  # fmt: skip
    fixed = model.inputs[0].shape[1]
    if fixed is not None:
        raise ConfigError("{name!r} takes texts of {n} tokens only, and writing goes on from texts "
                          "of any length. Make the same network with Input((None,)) and give it "
                          "the weights.", name=model.name, n=fixed)  # fmt: skip
    layers = model.named_layers()
    kept = next((p for p, layer in layers.items() if getattr(layer, "stateful", False)), None)
    if kept is not None:
        raise ConfigError("The layer {name!r} is stateful, for a batch of fixed size. Make the "
                          "same network with stateful=False and give it the weights: the state is "
                          "carried anyway.", name=kept)  # fmt: skip
    attends = any(isinstance(layer, TransformerDecoder) for layer in layers.values())
    decoder = _attention(model) if attends else _recurrent(model)
    _check(decoder)
    return decoder


@dataclass(eq=False)
class ModelDecoder(Decoder):
    """The step of a model: its programs are compiled with it, and shared by models alike.

    Attributes:
        model: the model.
    """

    model: Model = field(kw_only=True)

    def run(self, function: Callable, *args: Any, **static: Any) -> Any:
        """Return ``function(step, *args, **static)``, compiled with the model's variables."""

        def program(*args: Any) -> Any:
            variables = functional.built_variables(self.model)
            values = {path: variable.value for path, variable in variables.items()}
            return function(self.step_with(values), *args, **static)

        name = (function.__module__, function.__qualname__, *sorted(static.items()), self.never)
        return compiled(self.model, name, program)(*args)


def _attention(model: Model) -> ModelDecoder:
    places = [x for x in model.named_layers().values() if isinstance(x, PositionEmbedding)]
    longest = min((place.sequence_length for place in places), default=None)

    def step(values: Any, tokens: jax.Array, state: Any, position: Any) -> tuple:
        logits, state = gpt.step(model, values, tokens[:, None], state, position)
        return logits[:, -1], state

    def start(rows: int, length: int) -> Any:
        return gpt.init_cache(model, rows, length)

    return _decoder(model, step, start, longest)


def _recurrent(model: Model) -> ModelDecoder:
    layers = {
        path: layer
        for path, layer in model.named_layers().items()
        if isinstance(layer, RNN) and not layer.go_backwards
    }

    def step(values: Any, tokens: jax.Array, state: Any, position: Any) -> tuple:
        outputs, scope = functional.run(
            model, lambda: model(tokens[:, None]), values, carried=state
        )
        logits = _logits(outputs)
        after = {
            path: _like(states, scope.left.get(path, states)) for path, states in state.items()
        }
        return logits.reshape(logits.shape[0], logits.shape[-1]), after

    def start(rows: int, length: int) -> Any:
        return {path: layer.get_initial_state(rows) for path, layer in layers.items()}

    return _decoder(model, step, start)


def _decoder(model: Model, step: Any, start: Any, longest: int | None = None) -> ModelDecoder:
    size = int(model.output_shape[-1])
    return ModelDecoder(step, start, lambda: functional.values(model), size, longest, model=model)


def _like(states: Any, after: Any) -> Any:
    """Return the states after a step in the structure and the types of those before it."""
    leaves, structure = jax.tree.flatten(states)
    new = [jnp.asarray(a, leaf.dtype) for a, leaf in zip(jax.tree.leaves(after), leaves)]
    return jax.tree.unflatten(structure, new)


def _logits(outputs: Any) -> jax.Array:
    """Return the outputs of a model before the softmax at its end, if it has one."""
    logits = hint_of(outputs, "softmax_logits")
    return outputs if logits is None else logits


def _check(decoder: ModelDecoder) -> None:
    """See that the steps give what the whole text gives."""
    model = decoder.model

    def both_ways(step: Step, tokens: jax.Array, state: Any) -> tuple[jax.Array, jax.Array]:
        def one(state: Any, position: Any) -> tuple[Any, jax.Array]:
            logits, state = step(tokens[:, position], state, position)
            return state, logits

        stepwise = jax.lax.scan(one, state, jnp.arange(tokens.shape[1]))[1]
        return _logits(model(tokens)), stepwise

    tokens = (np.arange(1, _TRIED + 1) % decoder.vocabulary)[None].astype(np.int32)
    tokens = tokens[:, : decoder.longest]
    found = decoder.run(both_ways, tokens, decoder.start(1, _TRIED))
    whole, stepwise = (np.asarray(f, np.float64).reshape(-1, decoder.vocabulary) for f in found)
    stepwise = stepwise[-len(whole) :]  # of one output, that of the end
    if not (np.abs(stepwise - whole) <= 1e-3 * (1 + np.abs(whole))).all():
        raise ConfigError("{name!r} cannot write token by token: what it says of a text's end does "
                          "not follow from the last token and the states. It may hold a "
                          "Bidirectional layer, a convolution or a pooling over time; use "
                          "recurrent layers or TransformerDecoder.", name=model.name)  # fmt: skip
