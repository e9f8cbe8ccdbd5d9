"""How a text becomes the input of a classifier: which words are known, and how many are read."""

from __future__ import annotations

from collections.abc import Sequence

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.text import Vocabulary, tokenizers
from maeum.text.word_encoders import NgramsEncoder, WordsEncoder, ngrams, word_tokenizer
from maeum.texts.options import UNITS, TextOptions

MOST = 1000  # tokens of a text that are read, unless more are asked for


def make_encoder(texts: Sequence[str], options: TextOptions) -> WordsEncoder:
    """Return the encoder of a network, with the vocabulary of the training texts.

    Raises:
        DataError: if there is no word in them.
    """
    unit = options.unit or "words"
    cut = word_tokenizer() if unit == "words" else tokenizers.get(unit)
    tokens = [cut.tokenize(text) for text in texts]
    bag = options.network == "bag"
    if bag:
        cuts = ngrams if options.pairs else list
        tokens = [list(dict.fromkeys(cuts(found))) for found in tokens]
    if not any(tokens):
        raise DataError("There are no {unit} in the texts to train on.",
                        unit=_(UNITS[unit]))  # fmt: skip
    least = 2 if len(texts) > 2000 and not bag else 1  # a word of one text teaches a network little
    known = Vocabulary.build(tokens, max_size=options.vocabulary, min_count=least)
    longest = min(max(map(len, tokens)), 2 * MOST if bag else MOST)
    return (NgramsEncoder if bag else WordsEncoder)(cut, known, options.length or longest)
