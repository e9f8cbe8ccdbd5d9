"""A language model together with its vocabulary."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _, ngettext
from maeum.experiment.model import TaskModel
from maeum.experiment.run import Things
from maeum.language import decoding
from maeum.language.beam import beam_search
from maeum.language.data import read_texts, without_empty
from maeum.language.decoding import Decoder
from maeum.language.options import unit_name
from maeum.language.scores import cross_entropy, metrics_of
from maeum.language.steps import decoder_of
from maeum.language.writing import WritingOptions
from maeum.models import Model
from maeum.text import BytePairEncoding, TextEncoder
from maeum.text.byte_pairs import as_encoder
from maeum.text.normalization import check_text


@dataclass(repr=False)
class LanguageModel(TaskModel):
    """A trained language model.

    Attributes:
        network: the network: tokens ``(rows, length)`` in, the probabilities of the next token
            after each out.
        encoder: how texts become tokens, a `TextEncoder` or a `BytePairEncoding`.
        start: the token that an empty prompt stands for: the one that begins a text, or a line
            feed (else the first token of the training) where one running text was learnt.
        end: the token that ends a text; None if it was one running text.
        facts: what is known of its training: metrics, tokens, settings, source.

    Example:
        >>> from maeum.language import train_language_model
        >>> texts = ["to be or not to be. "] * 20
        >>> trained = train_language_model(texts, epochs=2, units=8, report=False)
        >>> text = trained.model.generate("to be", length=10, seed=1)
        >>> text == trained.model.generate("to be", length=10, seed=1)
        True
    """

    kind = "language"
    things = Things("{n:,} token", "{n:,} tokens", N_("tokens"))
    reads_with = ("encoding",)
    making = WritingOptions

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
                raise ConfigError("A beam search draws nothing: give no temperature, top_k or "
                                  "top_p.")  # fmt: skip
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

    def make(self, options: WritingOptions) -> Iterator[str]:
        """Yield what it writes, while it writes it."""
        prompt, length = options.prompt.replace("\\n", "\n"), options.length
        if options.beam is not None:
            yield self.generate(prompt, length, beam=options.beam)
        elif options.count > 1:
            texts = self.generate([prompt] * options.count, length, **_drawing(options))
            yield "\n".join(text.strip("\n") for text in texts)
        else:
            yield from self.stream(prompt, length, every=4, **_drawing(options))
        yield "\n"

    def predict(self, source: Any, **reading: Any) -> Any:
        """Refuse: a language model writes.

        Raises:
            ConfigError: always.
        """
        raise ConfigError("This is a language model: it writes, with maeum generate or "
                          "model.generate.")  # fmt: skip

    def evaluate(  # type: ignore[override]
        self, text: str | Sequence[str] | os.PathLike, *, encoding: str | None = None
    ) -> dict[str, Any]:
        """Return how well the model predicts a text, or several.

        Long texts are read in stretches of 512 tokens (of a transformer, as many as it sees).

        Args:
            text: a text, a list of texts, or a `pathlib.Path`: the file of a running text, or of
                a text on each line if the model learnt such.
            encoding: the encoding of the file; recognised by default.

        Returns:
            ``loss`` (the mean of ``-log p`` of a token, in nats), ``perplexity`` (its
            exponential) and ``bits_per_character``; ``rows``, the number of tokens that were
            predicted, and ``notes``.

        Raises:
            DataError: if there is no token to predict, or an unknown one.
        """
        notes: list[str] = []
        if isinstance(text, os.PathLike):
            name, texts = read_texts(text, self.end is not None, encoding)
            texts, notes = without_empty(texts, name)
        else:
            texts = _listed(text, "text")
        rows = []
        for each in texts:
            tokens = self._encoded(each, N_("The text cannot be read: {why}"))
            if self.end is not None:
                tokens = [self.start, *tokens, self.end]
            rows.append(np.array(tokens, np.int32))
        loss, count = cross_entropy(self.network, rows, self.decoder.longest)
        return {"rows": count, "notes": notes, **metrics_of(loss, count, sum(map(len, texts)))}

    def describe(self) -> list[str]:
        """Return what the model writes, as sentences."""
        token = unit_name(self.facts.get("settings", {}).get("unit"))
        if self.end is None:
            what = _("Writes running text, {token} by {token}", token=token)
        else:
            what = _("Writes texts with an end, {token} by {token}", token=token)
        n = len(self.encoder.vocabulary)
        return [what, ngettext("Vocabulary: {n:,} token", "Vocabulary: {n:,} tokens", n)]

    def to_json(self) -> dict[str, Any]:
        """Return the vocabulary, as plain data."""
        return {"encoder": registry.serialize(self.encoder), "start": self.start, "end": self.end}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> LanguageModel:
        """Return the model that `to_json` described."""
        encoder = as_encoder(registry.deserialize(saved["encoder"]))
        end, size = saved["end"], len(encoder.vocabulary)
        start, end = int(saved["start"]), None if end is None else int(end)
        inside = 0 <= start < size and 0 <= (end or 0) < size
        if not inside or network.output_shape[-1] != size:
            raise ValueError(f"{size} tokens for {network.output_shape[-1]} outputs")
        return cls(network, encoder, start, end)

    def _prompt(self, prompt: str) -> tuple[int, list[int]]:
        """Return the tokens of a prompt, and how many of the first ones are not shown."""
        numbers = self._encoded(prompt, N_("The prompt cannot be read: {why}"))
        hidden = int(self.end is not None or not numbers)
        return hidden, [self.start] * hidden + numbers

    def _encoded(self, text: str, refusal: str) -> list[int]:
        try:
            return self.encoder.encode(check_text(text))
        except DataError as error:
            raise DataError(_(refusal, why=error)) from None


def _drawing(options: WritingOptions) -> dict[str, Any]:
    return {"temperature": 0.8, **options.drawing}


def _listed(texts: Any, name: str) -> list[str]:
    if isinstance(texts, (bytes, dict)) or not hasattr(texts, "__iter__"):
        raise DataError("{name} is a text or a list of texts; got {value:.60}.", name=name,
                        value=repr(texts))  # fmt: skip
    return [texts] if isinstance(texts, str) else list(texts)
