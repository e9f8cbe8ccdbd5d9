"""Tokenizers: a text becomes a list of tokens, by rules."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from typing import Any

from maeum.core import registry
from maeum.core.config import Configurable
from maeum.core.errors import ConfigError, DataError, ModelFileError, UnknownNameError
from maeum.core.messages import _
from maeum.text import hangul, unicode_classes
from maeum.text.normalization import check_text


class Tokenizer(Configurable):
    """Base of the tokenizers.

    A tokenizer writes ``tokenize(text) -> list of tokens`` and ``detokenize(tokens) -> text``. An
    empty text has no tokens. Calling it tokenizes. It is described by its arguments, so that
    `to_json` keeps it without any code.
    """

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of a text."""
        return self.tokenize(text)

    def tokenize(self, text: str) -> list[str]:
        """Return the tokens of a text.

        Raises:
            DataError: for something that is not a text.
        """
        kind = type(self).__name__
        raise NotImplementedError(_("{kind} has no tokenize(text) yet; write one.", kind=kind))

    def detokenize(self, tokens: Sequence[str]) -> str:
        """Return a text that has these tokens."""
        return "".join(tokens)

    def to_json(self) -> str:
        """Return the tokenizer as JSON, for `from_json`."""
        return json.dumps(registry.serialize(self), ensure_ascii=False)

    @staticmethod
    def from_json(text: str | bytes) -> Any:
        """Return the tokenizer that `to_json` described.

        Raises:
            ModelFileError: if the text does not describe one.
            UnknownNameError: if it describes one of a class that is not registered.
        """
        try:
            made = registry.deserialize(json.loads(text))
        except UnknownNameError:
            raise
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ModelFileError("This JSON does not describe a tokenizer: {error}",
                                 error=error) from error  # fmt: skip
        if not isinstance(made, Tokenizer):
            raise ModelFileError("This JSON does not describe a tokenizer, but {made!r}.",
                                 made=made)  # fmt: skip
        return made

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return hash(type(self))


@registry.builtin
class WordTokenizer(Tokenizer):
    """Words, by rule.

    - A word is a run of letters, marks and digits; ``_`` separates words.
    - A hyphen or a full stop between letters, and ``.``, ``,`` or ``:`` between digits, stay
      inside: ``home-based``, ``U.S.A``, ``3.14``, ``12:30``.
    - English contractions are split as in the Penn Treebank: ``doesn't`` is ``does``, ``n't``;
      ``we'll`` is ``we``, ``'ll``; ``can't`` is ``ca``, ``n't``. The typographic apostrophe (’)
      counts as the plain one, which is what the tokens have.
    - Any other apostrophe between letters stays inside: ``o'clock``.
    - Punctuation and symbols are ignored, unless ``punctuation`` is set: then each is a token.

    `detokenize` puts spaces between tokens, but none before what a contraction split off or
    before closing punctuation: a readable text, not always the one there was.

    Args:
        punctuation: whether punctuation marks and symbols are tokens, too.
        lower: whether to convert the tokens to lower case.

    Example:
        >>> WordTokenizer().tokenize("Time is an illusion. Lunchtime double so!")
        ['Time', 'is', 'an', 'illusion', 'Lunchtime', 'double', 'so']
        >>> WordTokenizer().tokenize("A home-based office doesn't cost 1,000")
        ['A', 'home-based', 'office', 'does', "n't", 'cost', '1,000']
    """

    def __init__(self, punctuation: bool = False, lower: bool = False):
        self.punctuation = bool(punctuation)
        self.lower = bool(lower)

    def tokenize(self, text: str) -> list[str]:
        """Return the words of a text."""
        text = check_text(text).replace("’", "'")
        if self.lower:
            text = text.lower()
        words, contraction = _word_rules()
        tokens: list[str] = []
        for found in words.finditer(text):
            token = found[0]
            if found.lastgroup == "mark":
                if self.punctuation:
                    tokens.append(token)
                continue
            split = contraction.match(token) if "'" in token else None
            tokens.extend(split.groups() if split else [token])
        return tokens

    def detokenize(self, tokens: Sequence[str]) -> str:
        """Return a readable text of the tokens."""
        text = ""
        glued = True
        for token in tokens:
            closing = token in _CLOSING or _SPLIT_OFF.fullmatch(token)
            text += token if glued or closing else " " + token
            glued = token in _OPENING
        return text


_SPLIT_OFF = re.compile(r"n't|'(?:s|m|d|ll|re|ve)", re.IGNORECASE)
_CLOSING = frozenset(".,:;!?)]}%…”»、。")
_OPENING = frozenset("([{$€£₩#“«")


@functools.cache
def _word_rules() -> tuple[re.Pattern, re.Pattern]:
    """Return what finds words and marks, and what splits a contraction."""
    letter, digit = unicode_classes.members("LM"), unicode_classes.members("N")
    letters, digits = f"[{letter}]", f"[{digit}]"
    run = f"[{letter}{digit}]+"
    words = re.compile(
        f"(?P<word>{run}(?:(?:-(?={run})|'(?={letters})|(?<={letters})\\.(?={letters})"
        f"|(?<={digits})[.,:](?={digits})){run})*)|(?P<mark>[^\\s{letter}{digit}])"
    )
    contraction = re.compile("(.+?)(n't|'(?:s|m|d|ll|re|ve))$", re.IGNORECASE)
    return words, contraction


@registry.builtin
class WhitespaceTokenizer(Tokenizer):
    """Whatever is separated by white space.

    `detokenize` puts one space between tokens.

    Example:
        >>> WhitespaceTokenizer().tokenize("  so long,\\tand thanks ")
        ['so', 'long,', 'and', 'thanks']
    """

    def tokenize(self, text: str) -> list[str]:
        """Return what is separated by white space."""
        return check_text(text).split()

    def detokenize(self, tokens: Sequence[str]) -> str:
        """Return the tokens with a space between them."""
        return " ".join(tokens)


@registry.builtin
class CharacterTokenizer(Tokenizer):
    """Every character (code point) is a token; `detokenize` gives back the exact text.

    Example:
        >>> CharacterTokenizer().tokenize("hi 마음")
        ['h', 'i', ' ', '마', '음']
    """

    def tokenize(self, text: str) -> list[str]:
        """Return the characters."""
        return list(check_text(text))


@registry.builtin
class SyllableTokenizer(Tokenizer):
    """Every Hangul syllable is a token; so is each run of other letters and digits.

    White space and punctuation are tokens of one character. Conjoining jamo are put together to
    syllables first; but for that `detokenize` gives back the exact text.

    Example:
        >>> SyllableTokenizer().tokenize("딥러닝 model, 2개")
        ['딥', '러', '닝', ' ', 'model', ',', ' ', '2', '개']
    """

    def tokenize(self, text: str) -> list[str]:
        """Return the syllables, and what stands between them."""
        return _syllable_rule().findall(hangul.compose(check_text(text)))


@functools.cache
def _syllable_rule() -> re.Pattern:
    run = f"(?:(?![{hangul.SYLLABLES}])[{unicode_classes.members('LMN')}])+"
    return re.compile(f"{run}|.", re.DOTALL)


@registry.builtin
class JamoTokenizer(Tokenizer):
    """Hangul syllables become their jamo; every other character is a token of its own.

    There are 67 jamo in place of 11,172 syllables. `detokenize` gives back the exact text if that
    was in Unicode's form NFC.

    Example:
        >>> len(JamoTokenizer().tokenize("마음"))
        5
        >>> JamoTokenizer().detokenize(JamoTokenizer().tokenize("마음 mind"))
        '마음 mind'
    """

    def tokenize(self, text: str) -> list[str]:
        """Return the jamo and the other characters."""
        return list(hangul.decompose(check_text(text)))

    def detokenize(self, tokens: Sequence[str]) -> str:
        """Return the text with its syllables put together again."""
        return hangul.compose("".join(tokens))


_KNOWN = registry.Family(
    "tokenizer",
    {
        "words": WordTokenizer,
        "whitespace": WhitespaceTokenizer,
        "characters": CharacterTokenizer,
        "character": CharacterTokenizer,
        "syllables": SyllableTokenizer,
        "jamo": JamoTokenizer,
    },
)


def get(tokenizer: Any) -> Tokenizer:
    """Return a tokenizer by its name, or the tokenizer that was given.

    Args:
        tokenizer: ``"words"``, ``"whitespace"``, ``"characters"``, ``"syllables"``, ``"jamo"``, a
            `Tokenizer`, or the configuration of one.

    Raises:
        UnknownNameError: for a name that is none of these.
        ConfigError: for something else.

    Example:
        >>> get("whitespace").tokenize("so long")
        ['so', 'long']
    """
    found = _KNOWN.get(tokenizer)
    if isinstance(found, Tokenizer):
        return found
    raise ConfigError("A tokenizer is given by its name or as a Tokenizer; got {given!r} of type "
                      "{kind}.", given=tokenizer, kind=type(tokenizer).__name__)  # fmt: skip


def check_texts(texts: Any, what: str = "texts") -> Any:
    """Return ``texts`` if it can be a collection of texts; one text alone is an error."""
    if isinstance(texts, (str, bytes)) or not hasattr(texts, "__iter__"):
        raise DataError("{what} is a list of texts, or another iterable of texts; got "
                        "{given!r:.60}. A single text is given as a list: [text].", what=what,
                        given=texts)  # fmt: skip
    return texts
