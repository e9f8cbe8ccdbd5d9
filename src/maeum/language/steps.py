"""The step of a network of Maeum's layers, for `maeum.language.decoding`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.applications import gpt
from maeum.core import functional
from maeum.core.errors import ConfigError, NotBuiltError
from maeum.core.hints import hint_of
from maeum.language.decoding import Decoder
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
        raise NotBuiltError(f"{model.name!r} has no weights yet; give it an Input.")
    shape = model.output_shape
    if len(model.inputs) != 1 or isinstance(shape, list) or len(shape) not in (2, 3):
        raise ConfigError(
            f"{model.name!r} writes if it has one input of tokens and one output (rows, length, "
            f"vocabulary) or (rows, vocabulary); its output has the shape {shape}."
        )
    fixed = model.inputs[0].shape[1]
    if fixed is not None:
        raise ConfigError(
            f"{model.name!r} takes texts of {fixed} tokens only, and writing goes on from texts of "
            "any length. Make the same network with Input((None,)) and give it the weights."
        )
    layers = model.named_layers()
    kept = next((p for p, layer in layers.items() if getattr(layer, "stateful", False)), None)
    if kept is not None:
        raise ConfigError(
            f"The layer {kept!r} is stateful, for a batch of fixed size. Make the same network "
            "with stateful=False and give it the weights: the state is carried anyway."
        )
    attends = any(isinstance(layer, TransformerDecoder) for layer in layers.values())
    decoder = _attention(model) if attends else _recurrent(model)
    _check(model, decoder)
    return decoder


def without(decoder: Decoder, tokens: Sequence[int]) -> Decoder:
    """Return a decoder that never writes some tokens, such as the one for unknown words."""
    if not tokens:
        return decoder
    never = np.isin(np.arange(decoder.vocabulary), tokens)

    def step(values: Any, tokens: jax.Array, state: Any, position: Any) -> tuple:
        logits, state = decoder.step(values, tokens, state, position)
        return jnp.where(never, -jnp.inf, logits), state

    return Decoder(step, decoder.start, decoder.values, decoder.vocabulary, decoder.longest)


def _attention(model: Model) -> Decoder:
    places = [x for x in model.named_layers().values() if isinstance(x, PositionEmbedding)]
    tables = [place.sequence_length for place in places]

    def step(values: Any, tokens: jax.Array, state: Any, position: Any) -> tuple:
        logits, state = gpt.step(model, values, tokens[:, None], state, position)
        return logits[:, -1], state

    def start(rows: int, length: int) -> Any:
        return gpt.init_cache(model, rows, length)

    longest = min(tables, default=None)
    return Decoder(step, start, lambda: functional.values(model), _vocabulary(model), longest)


def _recurrent(model: Model) -> Decoder:
    def step(values: Any, tokens: jax.Array, state: Any, position: Any) -> tuple:
        outputs, scope = functional.run(
            model, lambda: model(tokens[:, None]), values, carried=state
        )
        logits = hint_of(outputs, "softmax_logits")
        logits = outputs if logits is None else logits
        return logits.reshape(logits.shape[0], logits.shape[-1]), scope.left

    def start(rows: int, length: int) -> Any:
        one = jax.ShapeDtypeStruct((rows,), jnp.int32)
        _, left = jax.eval_shape(lambda t: step(functional.values(model), t, {}, 0), one)
        layers = model.named_layers()
        return {path: _first(layers[path], rows, states) for path, states in left.items()}

    return Decoder(step, start, lambda: functional.values(model), _vocabulary(model))


def _first(layer: Any, rows: int, like: Any) -> Any:
    """Return the states that a layer begins with, in the structure in which it leaves them."""
    if isinstance(layer, RNN):
        states = jax.tree.leaves(layer.get_initial_state(rows))
        leaves, structure = jax.tree.flatten(like)
        return jax.tree.unflatten(
            structure, [jnp.asarray(s, leaf.dtype) for s, leaf in zip(states, leaves)]
        )
    return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), like)


def _vocabulary(model: Model) -> int:
    return int(model.output_shape[-1])


def _check(model: Model, decoder: Decoder) -> None:
    """See that the steps give what the whole text gives."""
    tokens = (np.arange(1, _TRIED + 1) % decoder.vocabulary)[None].astype(np.int32)
    tokens = tokens[:, : decoder.longest]
    values = decoder.values()
    outputs = model(tokens)
    logits = hint_of(outputs, "softmax_logits")
    whole = np.asarray(outputs if logits is None else logits, np.float64)
    whole = whole.reshape(-1, whole.shape[-1])
    state, step, found = decoder.start(1, _TRIED), jax.jit(decoder.step), []
    for position in range(tokens.shape[1]):
        one, state = step(values, jnp.asarray(tokens[:, position]), state, position)
        found.append(one[0])
    stepwise = np.asarray(found, np.float64)[-len(whole) :]  # of one output, that of the end
    if not (np.abs(stepwise - whole) <= 1e-3 * (1 + np.abs(whole))).all():
        raise ConfigError(
            f"{model.name!r} cannot write token by token: what it says of a text's end does not "
            "follow from the last token and the states. It may hold a Bidirectional layer, a "
            "convolution or a pooling over time; use recurrent layers or TransformerDecoder."
        )
