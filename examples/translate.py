"""From English to Korean: an encoder, a decoder, and attention between them.

A GRU reads the English words in both directions. Another one writes Korean syllables; at each step
it looks back on the words that matter (Luong et al., 2015, arXiv:1508.04025). It learns with the
true syllables before each step (teacher forcing), and writes with beam search. The pairs are those
of kor-eng.tsv in the folder that MAEUM_DATA names: some thousand short sentences, so it is a
translator of small talk, and it makes mistakes.

    python examples/translate.py --data kor-eng.tsv --epochs 50 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.font_manager import get_font_names

import course
import maeum as mm
from maeum.core import functional
from maeum.language import Decoder, beam_search, generate
from maeum.layers import GRU, Attention, Bidirectional, Concatenate, Dense, Dropout, Embedding
from maeum.text import SyllableTokenizer, TextEncoder, TextLines, WordTokenizer, pad_sequences

SENTENCES = ("I love you.", "Where is Tom?", "I don't know.", "He is a doctor.", "Come with me.")
WORDS, LONGEST = 12, 20  # English words and Korean syllables of a sentence
KOREAN_FONTS = ("Noto Sans CJK", "Nanum", "Malgun Gothic", "AppleGothic", "UnDotum", "Baekmuk")
FONTS = [*[n for n in get_font_names() if n.startswith(KOREAN_FONTS)][:1], "DejaVu Sans"]


class Translator(NamedTuple):
    """The model to train, its halves (which share their layers), and both vocabularies."""

    whole: mm.Model
    reading: mm.Model
    writing: mm.Model
    english: TextEncoder
    korean: TextEncoder

    def begin(self, sentences: Sequence[str]) -> tuple[Decoder, list[list[int]], int]:
        """Return the decoder for some sentences, its prompts, and the token that ends one."""
        x = rows_of(self.english, sentences, False)
        read, state = self.reading.predict(x, verbose=0)
        first = [state, read, (x > 0).astype("float32")]
        [start, end] = self.korean.vocabulary.encode(["[START]", "[END]"])

        def step(values: Any, tokens: Any, carried: Any, position: Any) -> tuple:
            outputs, _ = functional.apply(self.writing, values, [tokens[:, None], *carried])
            p, state, _ = outputs
            return mm.ops.log(p[:, 0] + 1e-9), [state, *carried[1:]]

        def at_first(rows: int, length: int) -> list:
            return [mm.ops.repeat(array, rows // len(sentences), axis=0) for array in first]

        decoder = Decoder(
            step, at_first, lambda: functional.values(self.writing), len(self.korean.vocabulary)
        )
        return decoder, [[start]] * len(sentences), end

    def translate(self, sentences: Sequence[str], beams: int = 4) -> list[str]:
        """Translate sentences; with one beam greedily."""
        decoder, prompts, end = self.begin(sentences)
        if beams == 1:
            made = generate(decoder, prompts, LONGEST, temperature=0, end=end)
        else:
            found = beam_search(decoder, prompts, LONGEST, width=beams, length_penalty=0.6, end=end)
            made = [best[0].tokens for best in found]
        return [self.korean.decode(tokens) for tokens in made]

    def attention(self, sentence: str, written: str) -> np.ndarray:
        """Return how much each syllable looked at each word: ``(syllables + 1, words)``."""
        x = rows_of(self.english, [sentence], False)
        read, state = self.reading.predict(x, verbose=0)
        before = np.array([self.korean.encode(written, ends=True)[:-1]])
        seen = self.writing.predict([before, state, read, (x > 0).astype("float32")], verbose=0)[2]
        return seen[0][:, : int((x > 0).sum())]


def rows_of(encoder: TextEncoder, texts: Sequence[str], ends: bool) -> np.ndarray:
    """Return texts as rows of numbers, filled up with 0."""
    longest = LONGEST if ends else WORDS
    cut = [encoder.encode(text, ends)[:longest] for text in texts]
    return pad_sequences(cut, longest, padding="post")


def read_pairs(path: Path, limit: int | None) -> tuple[list[str], list[str]]:
    """Return English sentences and the first translation of each, both short enough."""
    pairs: dict[str, str] = {}
    for line in TextLines(path):
        english, _, korean = line.partition("\t")
        if korean and len(korean) < LONGEST - 2 and len(english.split()) < WORDS - 1:
            pairs.setdefault(english, korean)
    chosen = list(pairs.items())[:limit]
    return [a for a, _ in chosen], [b for _, b in chosen]


def build(english: TextEncoder, korean: TextEncoder, units: int = 128, seed: int = 0) -> Translator:
    """Make the model and its halves."""
    source = mm.Input((WORDS,), dtype="int32", name="english")
    words = Dropout(0.2)(Embedding(len(english.vocabulary), 96, mask_zero=True)(source))
    reader = GRU(units // 2, return_sequences=True, return_state=True)
    read, ahead, back = Bidirectional(reader, name="reader")(words)
    state = Dense(units, "tanh", name="bridge")(Concatenate()([ahead, back]))
    reading = mm.Model(source, [read, state])

    embedding = Embedding(len(korean.vocabulary), 96, name="syllables")
    writer = GRU(units, return_sequences=True, return_state=True, name="writer")
    look, mix = Attention(name="look"), Dense(units, "tanh", name="mix")
    dropping = Dropout(0.2)
    head = Dense(len(korean.vocabulary), "softmax", name="next_syllable")

    def write(tokens: Any, before: Any, read: Any, there: Any) -> tuple:
        outputs, after = writer(dropping(embedding(tokens)), initial_state=before)
        kept = mm.ops.greater(there, 0.5)
        context, seen = look([outputs, read], mask=[None, kept], return_attention_scores=True)
        return head(dropping(mix(Concatenate()([outputs, context])))), after, seen

    tokens = mm.Input((None,), dtype="int32", name="korean")
    there = mm.ops.cast(mm.ops.not_equal(source, 0), "float32")
    whole = mm.Model([source, tokens], write(tokens, state, read, there)[0], seed=seed)
    inputs = [
        mm.Input((units,), name="before"),
        mm.Input((WORDS, units), name="read"),
        mm.Input((WORDS,), name="there"),
    ]
    writing = mm.Model([tokens, *inputs], list(write(tokens, *inputs)))
    return Translator(whole, reading, writing, english, korean)


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Train, translate, draw the attention; return where the picture is."""
    parser = course.text_options(__doc__, "kor-eng.tsv", epochs=50)
    parser.add_argument("--units", type=course.positive, default=128, help="default: %(default)s")
    given = parser.parse_args(argv)
    path = course.text_file(given.data, "kor-eng.tsv")
    if path is None:
        return None
    source, target = read_pairs(path, given.limit)
    order = np.random.default_rng(0).permutation(len(source))
    held_out = order[: max(1, len(order) // 20)]
    kept = order[len(held_out) :]
    known = [source[i] for i in kept], [target[i] for i in kept]
    cut = WordTokenizer(punctuation=True, lower=True)
    english = TextEncoder.train(known[0], cut)
    korean = TextEncoder.train(known[1], SyllableTokenizer(), start="[START]", end="[END]")
    print(f"{len(kept):,} pairs to train, {len(held_out):,} to test; {len(english.vocabulary):,} "
          f"English words, {len(korean.vocabulary):,} Korean syllables.")  # fmt: skip
    translator = build(english, korean, given.units)
    x, rows = rows_of(english, known[0], False), rows_of(korean, known[1], True)
    translator.whole.compile(mm.optimizers.Adam(0.003, global_clipnorm=1.0),
                             "sparse_categorical_crossentropy")  # fmt: skip
    losses = translator.whole.fit(
        [x, rows[:, :-1]], rows[:, 1:], batch_size=64, epochs=given.epochs, verbose=0,
        sample_weight=(rows[:, 1:] > 0).astype("float32"),
    ).history["loss"]  # fmt: skip
    print(f"Loss {losses[0]:.2f} in the first epoch, {losses[-1]:.2f} in the last.")

    some = [source[i] for i in held_out[:5]]
    for title, sentences, truth in (
        ("Sentences of the file's kind", SENTENCES, None),
        ("Sentences kept from the training", some, [target[i] for i in held_out[:5]]),
    ):
        print(f"{title}:")
        greedy, best = translator.translate(sentences, 1), translator.translate(sentences)
        for i, sentence in enumerate(sentences):
            other = "" if greedy[i] == best[i] else f"  (greedy: {greedy[i]})"
            right = "" if truth is None else f"  [{truth[i]}]"
            print(f"  {sentence} → {best[i]}{other}{right}")

    sheet = course.figure(12, 4.6, "Where the translator looks")
    for axes, sentence in zip(sheet.subplots(1, 3), SENTENCES[1:4]):
        draw(axes, translator, sentence)
    return course.save(sheet, given.output, "translate")


def draw(axes: course.Axes, translator: Translator, sentence: str) -> None:
    """Draw how much each written syllable (a row) looked at each word (a column)."""
    written = translator.translate([sentence])[0]
    seen = translator.attention(sentence, written)
    words = translator.english.tokenizer.tokenize(sentence)
    rows = [*translator.korean.tokenizer.tokenize(written), "end"]
    axes.imshow(seen, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(words)), words)
    axes.set_yticks(range(len(rows)), ["␣" if r == " " else r for r in rows], family=FONTS)
    axes.set_title(written, fontsize=11, family=FONTS)


if __name__ == "__main__":
    main()
