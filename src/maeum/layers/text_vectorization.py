"""`TextVectorization`: texts become numbers inside the model."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers.checks import whole_number
from maeum.layers.host_layer import HostLayer, text_array
from maeum.layers.index_lookup import IndexLookup
from maeum.layers.string_lookup import listed_texts

_STANDARDS = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class TextVectorization(IndexLookup, HostLayer):
    """Texts as rows of numbers: standardize them, split them into tokens, look these up.

    The layer comes first in a model, after ``Input(shape=(1,), dtype="string")``
    (``Sequential`` puts that before it by itself), so that ``fit`` and ``predict`` take texts:
    lists, arrays and columns. It runs on the host, before the compiled program; called on texts
    it returns a NumPy array. Its vocabulary is part of the model's file.

    With ``output_mode="int"`` a row holds one number for each token: 0 is padding, 1 every token
    that is not in the vocabulary. An empty text is a row of padding. The other modes give one
    float32 vector for each text, in which number 0 is the unknown token.

    Args:
        max_tokens: the most tokens there may be, special ones included.
        standardize: ``"lower_and_strip_punctuation"``, ``"lower"``, ``"strip_punctuation"`` (that
            of ASCII), None, or a function of one text (a `maeum.text.Normalizer`). Capitals
            become small letters in every script; Keras knows those of ASCII.
        split: ``"whitespace"``, ``"character"``, None for texts that are tokens already, a
            function of one text, one of the tokenizers of `maeum.text` or its name (``"words"``,
            ``"characters"``, ``"syllables"``, ``"jamo"``). A `BytePairEncoding` brings its
            vocabulary along; give ``standardize=None`` with it.
        ngrams: None; the longest run of neighbouring tokens that are taken together, too; or a
            tuple of such lengths.
        output_mode: ``"int"``, ``"multi_hot"``, ``"count"`` or ``"tf_idf"``.
        output_sequence_length: the length of all rows; longer texts are cut. By default that of
            the longest text given at once: batches of a stream then differ in length, and each
            length compiles a program of its own.
        pad_to_max_tokens: whether the vectors always have ``max_tokens`` entries.
        vocabulary: the vocabulary; see `set_vocabulary`. Without one, call `adapt`.
        idf_weights: with the mode ``"tf_idf"``, the weights of the vocabulary.
        sparse, ragged: only False.
        encoding: that of bytes.
        name: the layer's name.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: for an input that is not text, with its row.

    Example:
        >>> layer = TextVectorization(max_tokens=5000, output_sequence_length=4)
        >>> layer.adapt(["foo bar", "bar baz", "baz bada boom"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'baz', 'bar', 'foo', 'boom', 'bada']
        >>> layer([["foo qux bar"], ["qux baz"]]).tolist()
        [[4, 1, 3, 0], [1, 2, 0, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: int | Sequence[int] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ):
        if ragged:
            raise ConfigError("TextVectorization does not return ragged arrays; omit ragged.")
        if output_mode == "one_hot":
            raise ConfigError('TextVectorization has no mode "one_hot"; use "multi_hot".')
        length = output_sequence_length
        if length is not None and output_mode != "int":
            raise ConfigError('output_sequence_length goes with output_mode="int"; got {mode!r}.',
                              mode=output_mode)  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.encoding = encoding
        self.output_sequence_length = (
            None if length is None else whole_number(length, "output_sequence_length", 1, self)
        )
        self.ngrams = _lengths(ngrams)
        self._standardized = _standardizing(standardize)
        self._splitted, own = _splitting(split)
        vocabulary = own if vocabulary is None else vocabulary
        self._set_up(
            *(max_tokens, 1, "", "[UNK]", vocabulary, idf_weights, False),
            *(output_mode, pad_to_max_tokens, sparse),
        )
        if self.first_shape is None:
            self.first_shape = (None, 1)

    def call(self, inputs: Any) -> np.ndarray:
        """Return the numbers of texts."""
        self._require_vocabulary()
        rows = self.tokens(inputs)
        widths = [len(row) for row in rows]
        numbers = self.lookup([token for row in rows for token in row])
        ends = np.cumsum(widths)
        cut = [numbers[end - width : end] for end, width in zip(ends.tolist(), widths)]
        # One text gives one row. (NumPy's ndim would make an array of all texts, each as long as
        # the longest.)
        alone = isinstance(inputs, (str, bytes)) or getattr(inputs, "ndim", 1) == 0
        if self.output_mode != "int":
            vectors = self.encoded(cut)
            return vectors[0] if alone else vectors
        length = self.output_sequence_length
        if length is None:
            length = max(widths, default=0)
        padded = np.zeros((len(cut), length), np.int32)
        for place, row in enumerate(cut):
            padded[place, : min(len(row), length)] = row[:length]
        return padded[0] if alone else padded

    def tokens(self, inputs: Any) -> list[list[str]]:
        """Return the tokens of each text, before they are looked up."""
        texts, shape = text_array(inputs, self.encoding)
        width = 1
        if len(shape) > 1 and shape[1:] != (1,):
            if self._splitted is not None or len(shape) > 2:
                raise ShapeError("TextVectorization takes texts of shape (rows,) or (rows, 1), or "
                                 "(rows, tokens) with split=None; got shape {shape}.",
                                 shape=shape)  # fmt: skip
            width = shape[1]
        if self._standardized is not None:
            texts = [self._standardized(text) for text in texts]
        if self._splitted is None:
            rows = [texts[i : i + width] for i in range(0, len(texts), width)] if width else []
        else:
            rows = [list(self._splitted(text)) for text in texts]
        return rows if self.ngrams is None else [_joined(row, self.ngrams) for row in rows]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for texts of ``input_shape``."""
        rows = tuple(input_shape[:1])
        if self.output_mode != "int":
            return (*rows, self.depth)
        return (*rows, self.output_sequence_length)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        import maeum.text.byte_pairs  # noqa: F401  (which registers the tokenizers)

        return super().from_config(config)

    def _listed(self, vocabulary: Any) -> list:
        return listed_texts(vocabulary, self.encoding)

    def _rows(self, batch: Any) -> list[list]:
        return self.tokens(batch)


def _joined(row: list[str], lengths: Sequence[int]) -> list[str]:
    """Return the runs of neighbouring tokens, those of each length one after the other."""
    return [" ".join(row[i : i + n]) for n in lengths for i in range(len(row) - n + 1)]


def _lengths(ngrams: Any) -> tuple[int, ...] | None:
    if ngrams is None:
        return None
    if isinstance(ngrams, (tuple, list)):
        return tuple(whole_number(n, "ngrams", 1, "TextVectorization") for n in ngrams)
    return tuple(range(1, whole_number(ngrams, "ngrams", 1, "TextVectorization") + 1))


def _standardizing(standardize: Any) -> Callable[[str], str] | None:
    """Return the function that standardizes a text."""
    if standardize is None:
        return None
    if isinstance(standardize, str):
        check_choice(standardize, (*_STANDARDS, None), "standardize")
        lower, strip = "lower" in standardize, "strip" in standardize

        def standard(text: str) -> str:
            text = text.lower() if lower else text
            return text.translate(_PUNCTUATION) if strip else text

        return standard
    return _text_function(standardize, "standardize", str)


def _splitting(split: Any) -> tuple[Callable[[str], Sequence[str]] | None, Any]:
    """Return the function that splits a text, and the vocabulary that comes with it."""
    if split is None:
        return None, None
    if split == "whitespace":
        return str.split, None
    if split in ("character", "characters"):
        return list, None
    from maeum.text.tokenizers import Tokenizer, get

    if isinstance(split, (str, Tokenizer)):
        tokenizer = get(split)
        return tokenizer.tokenize, getattr(tokenizer, "vocabulary", None)
    return _text_function(split, "split", list), None


def _text_function(function: Any, what: str, kind: type) -> Callable[[str], Any]:
    """Return a function of the user's, with its results checked."""
    if not callable(function):
        raise ConfigError("{argument} is a name, None or a function of one text; got {function!r}.",
                          argument=what, function=function)  # fmt: skip

    def checked(text: str) -> Any:
        result = function(text)
        if isinstance(result, np.ndarray) and not result.ndim:  # numpy.char gives such
            result = result.item()
        fits = isinstance(result, str) if kind is str else not isinstance(result, (str, bytes))
        if not fits or not hasattr(result, "__iter__"):
            if kind is str:
                raise DataError("The function given as {argument} returned {result!r:.60} for "
                                "{text!r:.60}; it takes one text and returns a text.",
                                argument=what, result=result, text=text)  # fmt: skip
            raise DataError("The function given as {argument} returned {result!r:.60} for "
                            "{text!r:.60}; it takes one text and returns a list of tokens.",
                            argument=what, result=result, text=text)  # fmt: skip
        return result

    return checked
