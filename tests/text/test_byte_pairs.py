"""Byte-pair encoding: against a plain definition, against `tokenizers`, and there and back."""

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.text import BytePairEncoding, TextEncoder
from maeum.text.byte_pair_training import learn_merges

TEXTS = [
    "the cat sat on the mat, and the rat sat on the cat; that's that!",
    "마음이 마음을 만나 마음으로 12 345  ",
    "aaaa aaaaaaa banana bandana\n\n\tabab",
] * 3
TRAINED = {level: BytePairEncoding.train(TEXTS, 320, level) for level in ("bytes", "characters")}


def plain_merges(counts, alphabet, most, min_count):
    """The definition, with all pairs counted anew before every merge."""
    number = {token: i for i, token in enumerate(alphabet)}
    words = {word: list(word) for word in counts}
    merges = []
    while len(merges) < most:
        pairs = Counter()
        for word, parts in words.items():
            for pair in itertools.pairwise(parts):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], number[p[0]], number[p[1]]))
        if pairs[best] < min_count:
            break
        merges.append(best)
        number.setdefault(best[0] + best[1], len(number))
        for parts in words.values():
            i = 0
            while i + 1 < len(parts):
                if (parts[i], parts[i + 1]) == best:
                    parts[i : i + 2] = [best[0] + best[1]]
                i += 1
    return merges


@given(st.dictionaries(st.text("abcd", min_size=1, max_size=7), st.integers(1, 9), min_size=1))
@settings(max_examples=100)
def test_merges_are_those_of_the_definition(counts):
    # Merges to a token that there is already make the order of ties a matter of taste.
    expected = plain_merges(counts, "abcd", 12, 2)
    tokens = [a + b for a, b in expected]
    if len(set(tokens)) == len(tokens):
        assert learn_merges(counts, "abcd", 12, 2) == expected


@given(st.text())
@settings(max_examples=200)
def test_bytes_there_and_back(text):
    pairs = TRAINED["bytes"]
    assert pairs.decode(pairs.encode(text)) == text
    assert pairs.detokenize(pairs.tokenize(text)) == text


@given(st.text("abcdehint ,;!마음이0123\n\t'"))
@settings(max_examples=50)
def test_known_characters_there_and_back(text):
    pairs = TRAINED["characters"]
    known = "".join(c for c in text if c in pairs.vocabulary)
    assert pairs.decode(pairs.encode(known)) == known


def test_tokens_follow_from_merging_in_order():
    """Each word is merged by the pairs in the order in which they were learnt."""
    pairs = TRAINED["characters"]
    for word in (" the", " banana", "aaaaaaaaa", " 마음이", "thethe"):
        parts = list(word)
        for left, right in pairs.merges:
            i = 0
            while i + 1 < len(parts):
                if parts[i] == left and parts[i + 1] == right:
                    parts[i : i + 2] = [left + right]
                i += 1
        assert pairs.tokenize(word) == parts


def test_unknown_characters_and_odd_bytes():
    pairs = TRAINED["characters"]
    assert pairs.encode("Z")[0] == 1
    assert pairs.decode(pairs.encode("Zcat")) == "[UNK]cat"
    byte = TRAINED["bytes"]
    half = byte.encode("가")[:1]
    assert byte.decode(half) == "\ufffd"
    assert byte.decode(byte.encode("\ud800")) == "\ud800"  # a lone surrogate
    assert byte.decode([0, *byte.encode("cat"), 0]) == "cat"
    with pytest.raises(DataError, match="There is no token"):
        byte.decode([len(byte)])


def test_start_and_end_tokens():
    pairs = BytePairEncoding.train(["ab ab"], 270, start="<s>", end="</s>")
    ids = pairs.encode("ab", ends=True)
    assert (ids[0], ids[-1]) == (2, 3)
    assert pairs.decode(ids) == "ab"


def test_saved_and_read_again(tmp_path):
    for level, pairs in TRAINED.items():
        pairs.save(tmp_path / level)
        again = BytePairEncoding.load(tmp_path / level)
        assert again == pairs
        assert again.tokenize(TEXTS[0]) == pairs.tokenize(TEXTS[0])
        assert again.vocabulary == pairs.vocabulary
    TRAINED["bytes"].save(tmp_path / "other")
    (tmp_path / "words").write_text(TextEncoder.train(["a"]).tokenizer.to_json())
    (tmp_path / "broken").write_bytes(b"\xff\xfe{")
    for wrong in ("words", "broken", "missing"):
        with pytest.raises(ModelFileError):
            BytePairEncoding.load(tmp_path / wrong)


def test_bad_training():
    with pytest.raises(DataError, match="no text to learn"):
        BytePairEncoding.train(["", ""])
    with pytest.raises(DataError, match="A single text"):
        BytePairEncoding.train("a text")
    with pytest.raises(DataError, match="A text was expected"):
        BytePairEncoding.train([1, 2])
    with pytest.raises(ConfigError, match="at least 258"):
        BytePairEncoding.train(["ab"], 100)
    with pytest.raises(ConfigError, match="level is one of"):
        BytePairEncoding(["a"], [], "words")
    with pytest.raises(ConfigError, match="not in the vocabulary"):
        BytePairEncoding(["a", "b"], [("a", "c")])
    assert not BytePairEncoding.train(["abc"], 300).merges  # no pair is there twice


@pytest.mark.parametrize("level", ["bytes", "characters"])
def test_agrees_with_the_tokenizers_library(level):
    library = pytest.importorskip("tokenizers")
    pre, pattern = library.pre_tokenizers, (
        r"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    )  # fmt: skip
    theirs = library.Tokenizer(library.models.BPE(unk_token="[UNK]"))
    theirs.pre_tokenizer = (
        pre.ByteLevel(add_prefix_space=False)
        if level == "bytes"
        else pre.Split(library.Regex(pattern), "isolated")
    )
    trainer = library.trainers.BpeTrainer(
        vocab_size=320,
        min_frequency=2,
        special_tokens=["[PAD]", "[UNK]"],
        initial_alphabet=pre.ByteLevel.alphabet() if level == "bytes" else [],
        show_progress=False,
    )
    theirs.train_from_iterator(TEXTS, trainer)
    ours = TRAINED[level]
    for text in [*TEXTS, "the bat's mat 999"]:
        assert ours.encode(text) == theirs.encode(text).ids
