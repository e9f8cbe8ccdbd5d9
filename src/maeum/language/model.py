"""A network that writes, together with its vocabulary."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.errors import ConfigError, DataError, ModelFileError, UnknownNameError
from maeum.language import decoding
from maeum.language.beam import beam_search
from maeum.language.decoding import Decoder
from maeum.language.steps import decoder_of
from maeum.models import Model
from maeum.saving import archive
from maeum.text import BytePairEncoding, TextEncoder
from maeum.text.byte_pairs import as_encoder
from maeum.text.normalization import check_text

_ENTRY = "preprocessing.json"
KIND = "language"
_STRETCH = 512  # tokens that are read in one go where a text is judged


@dataclass
class LanguageModel:
    """A trained language model.

    Attributes:
        network: the network: tokens ``(rows, length)`` in, the probabilities of the next token
            behind each out.
        encoder: how texts become tokens, a `TextEncoder` or a `BytePairEncoding`.
        start: the token that an empty prompt stands for: the one that begins a text, or a line
            feed (else the first token of the training) where one running text was learnt.
        end: the token that ends a text; None if it was one running text.
        facts: what is known of its training: perplexity, settings, source.

    Example:
        >>> from maeum.language import train_language_model
        >>> trained = train_language_model(["to be or not to be. "] * 20, epochs=2, units=8)
        >>> text = trained.model.generate("to be", length=10, seed=1)
        >>> text == trained.model.generate("to be", length=10, seed=1)
        True
    """

    network: Model
    encoder: TextEncoder | BytePairEncoding
    start: int
    end: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    _decoder: Decoder | None = field(default=None, repr=False, compare=False)

    @property
    def decoder(self) -> Decoder:
        """The network's step, see `decoder_of`."""
        if self._decoder is None:
            vocabulary = self.encoder.vocabulary
            special = {vocabulary.number(token) for token in vocabulary.specials}
            never = tuple(sorted(special - {self.end}))
            self._decoder = replace(decoder_of(self.network), never=never)
        return self._decoder

    def generate(
        self,
        prompt: str | Sequence[str] = "",
        length: int = 200,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        beam: int | None = None,
        length_penalty: float = 0.0,
        seed: int | None = None,
    ) -> Any:
        """Write on from a prompt, or from several at once.

        An empty prompt begins a new text: see `start`. What stands in a prompt has to be in the
        vocabulary where that has no token for unknown ones (characters, syllables, jamo); unknown
        words are read as the unknown token, and never written.

        Args:
            prompt: the beginning, or a list of beginnings.
            length: the most tokens (characters, words ...) that are written.
            temperature: below 1 the text gets safer, above 1 more surprising; 0 takes the
                likeliest token each time.
            top_k, top_p: draw among the likeliest tokens only, see `Sampling`.
            beam: look for the likeliest text with so many beams, instead of drawing.
            length_penalty: of the beam search; above 0 favours longer texts.
            seed: the same seed gives the same text; another one each time by default.

        Returns:
            The prompt with what follows; a list of such texts for a list.

        Raises:
            DataError: for a prompt with something unknown.
            ConfigError: for options that make no sense.
        """
        one = isinstance(prompt, str)
        texts = _listed(prompt, "prompt")
        hidden, prompts = zip(*map(self._prompt, texts)) if texts else ((), ())
        if beam is not None:
            if (temperature, top_k, top_p) != (1.0, None, None):
                raise ConfigError("A beam search draws nothing: leave temperature and top_* out.")
            found = beam_search(
                self.decoder, prompts, length, width=beam, length_penalty=length_penalty,
                end=self.end,
            )  # fmt: skip
            made = [beams[0].tokens for beams in found]
        else:
            limits: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
            made = decoding.generate(
                self.decoder, prompts, length, end=self.end, seed=seed, **limits
            )
        written = [self.encoder.decode([*p[h:], *new]) for h, p, new in zip(hidden, prompts, made)]
        return written[0] if one else written

    def stream(
        self,
        prompt: str = "",
        length: int = 200,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
        every: int = 1,
    ) -> Iterator[str]:
        """Write as `generate` does, and yield the text piece by piece, the prompt first."""
        hidden, tokens = self._prompt(prompt)
        limits: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        shown, made = "", list[int]()
        pieces = decoding.stream(
            self.decoder, [tokens], length, end=self.end, seed=seed, every=every, **limits
        )
        for [new] in pieces:
            made += new
            text = self.encoder.decode([*tokens[hidden:], *made])
            # A byte pair may end within a letter, and a jamo within a syllable.
            safe = text if len(made) >= length else text[:-1]
            if safe.startswith(shown):
                yield safe[len(shown) :]
                shown = safe
        yield self.encoder.decode([*tokens[hidden:], *made])[len(shown) :]

    def _prompt(self, prompt: str) -> tuple[int, list[int]]:
        """Return the tokens of a prompt, and how many of the first ones are not shown."""
        numbers = self._encoded(prompt, "The prompt")
        hidden = int(self.end is not None or not numbers)
        return hidden, [self.start] * hidden + numbers

    def _encoded(self, text: str, what: str) -> list[int]:
        try:
            return self.encoder.encode(check_text(text))
        except DataError as error:
            raise DataError(f"{what} cannot be read: {error}") from None

    def evaluate(self, text: str | Sequence[str]) -> dict[str, float]:
        """Return how well the model foresees a text, or several.

        Long texts are read in stretches of 512 tokens (of a transformer, as many as it sees).

        Returns:
            ``loss`` (the mean of ``-log p`` of a token, in nats), ``perplexity`` (its
            exponential) and ``bits_per_character``.

        Raises:
            DataError: if there is no token to foresee, or an unknown one.
        """
        texts = _listed(text, "text")
        rows = []
        for one in texts:
            tokens = self._encoded(one, "The text")
            if self.end is not None:
                tokens = [self.start, *tokens, self.end]
            rows.append(np.array(tokens, np.int32))
        loss, count = foresight(self.network, rows, self.decoder.longest)
        return figures(loss, count, sum(map(len, texts)))

    def save(self, path: str | os.PathLike) -> None:
        """Save everything in one model file; see `maeum.Model.save`."""
        description = {
            "kind": KIND,
            "encoder": registry.serialize(self.encoder),
            "start": self.start,
            "end": self.end,
            "facts": self.facts,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        extras = {_ENTRY: text.encode("utf-8", "surrogatepass")}
        archive.save_model(self.network, path, extras=extras)

    @classmethod
    def load(cls, path: str | os.PathLike) -> LanguageModel:
        """Load what `save` wrote.

        Raises:
            ModelFileError: if the file is no model, or no language model.
        """
        return cls.from_entries(archive.read_entries(path), str(path))

    @classmethod
    def from_entries(cls, entries: Mapping[str, bytes], what: str) -> LanguageModel:
        """Return the model of an archive's entries."""
        if not is_language_model(entries):
            raise ModelFileError(
                f"{what!r} is a model, but no language model: it does not say what its tokens "
                "are. A language model is trained with `maeum train text.txt`."
            )
        network = archive.from_entries(entries, what)
        try:
            saved = json.loads(entries[_ENTRY].decode("utf-8", "surrogatepass"))
            encoder = as_encoder(registry.deserialize(saved["encoder"]))
            end, size = saved["end"], len(encoder.vocabulary)
            start, end = int(saved["start"]), None if end is None else int(end)
            inside = 0 <= start < size and 0 <= (end or 0) < size
            if not inside or network.output_shape[-1] != size:
                raise ValueError(f"{size} tokens for {network.output_shape[-1]} outputs")
            return cls(network, encoder, start, end, dict(saved.get("facts", {})))
        except UnknownNameError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(f"{what!r} is damaged: {error!r}.") from error


def _listed(texts: Any, what: str) -> list[str]:
    if isinstance(texts, (bytes, dict)) or not hasattr(texts, "__iter__"):
        raise DataError(f"{what} is a text or a list of texts; got {texts!r:.60}.")
    return [texts] if isinstance(texts, str) else list(texts)


def is_language_model(entries: Mapping[str, bytes]) -> bool:
    """Tell whether the model of an archive's entries is a language model."""
    try:
        found = entries.get(_ENTRY, b"{}").decode("utf-8", "surrogatepass")
        return bool(json.loads(found).get("kind") == KIND)
    except (ValueError, AttributeError):
        return False


def figures(loss: float, count: int, characters: int) -> dict[str, float]:
    """Return the figures of a text: loss, perplexity and bits per character.

    Args:
        loss: the mean of ``-log p`` of a token.
        count: how many tokens were foreseen.
        characters: how many characters the text has.
    """
    return {
        "loss": loss,
        "perplexity": math.exp(min(loss, 700.0)),
        "bits_per_character": loss * count / math.log(2) / max(characters, 1),
    }


def foresight(
    network: Model, rows: Sequence[np.ndarray], longest: int | None = None
) -> tuple[float, int]:
    """Return the mean of ``-log p`` of the tokens of some texts behind their first, and how many.

    Args:
        network: tokens in, the probabilities of the next ones out.
        rows: the tokens of each text.
        longest: the most positions that the network takes.

    Raises:
        DataError: if no text has two tokens.
    """
    size = min(longest or _STRETCH, max(2, max((len(row) for row in rows), default=2)) - 1)
    x, y = [], []
    for row in rows:
        for at in range(0, len(row) - 1, size):
            x.append(row[at : at + size][: len(row) - 1 - at])
            y.append(row[at + 1 : at + 1 + size])
    if not x:
        raise DataError("There is no token to foresee: give texts of two tokens or more.")
    total = count = 0.0
    for at in range(0, len(x), 16):
        given = np.zeros((16, size), np.int32)
        for place, tokens in enumerate(x[at : at + 16]):
            given[place, : len(tokens)] = tokens
        chances = network.predict(given, batch_size=16, verbose=0)
        for place, tokens in enumerate(y[at : at + 16]):
            p = chances[place, np.arange(len(tokens)), tokens].astype(np.float64)
            total -= np.log(np.maximum(p, 1e-30)).sum()
            count += len(tokens)
    return float(total / count), int(count)
