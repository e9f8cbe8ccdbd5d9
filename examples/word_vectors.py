"""Words as vectors: one-hot against an embedding, then five ways to learn vectors from a text.

Word2Vec (the bag of words, CBOW, and the skip-gram), FastText, GloVe and LSA read the same text. By
default a small grammar makes it, whose classes of words are known, so that what lies near can be
judged without any data: near a fruit should be fruits. Beside it tinyshakespeare is read, where it
is in the folder that MAEUM_DATA names; --data takes a text of yours instead.

    python examples/word_vectors.py --output pictures
    python examples/word_vectors.py --data my-text.txt --epochs 10
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.manifold import TSNE

import course
from maeum.layers import Embedding
from maeum.text import Vocabulary, read_text
from maeum.text.vectors import LSA, FastText, GloVe, KeyedVectors, Word2Vec, read_corpus

_WORDS = {
    "animals": "dog cat horse rabbit sheep pony kitten puppy goat mouse",
    "fruit": "apple pear grape melon cherry plum peach lemon fig berry",
    "drinks": "tea coffee milk juice water cocoa soda cider lemonade broth",
    "places": "town village city harbour market garden meadow forest castle valley",
    "people": "farmer teacher sailor baker doctor singer painter miller weaver gardener",
    "colours": "red green blue yellow white black brown purple orange grey",
}
CLASSES = {name: words.split() for name, words in _WORDS.items()}
RELATED = {"fruit", "drinks"}  # both are food: alike, but less than words of one class
SENTENCES = (
    "the {colours} {animals} follows the {people} to the {places}",
    "every {people} eats a {colours} {fruit} and drinks warm {drinks}",
    "a bowl of {fruit} and {fruit} with a cup of {drinks}",
    "the {people} feeds the {animals} near the {places}",
    "in the {places} the {people} sells {fruit} and {drinks}",
    "the {animals} runs and the {animals} sleeps behind the {places}",
    "she poured {drinks} for the {people} and he peeled a {fruit}",
    "they painted the {places} {colours} and {colours}",
)
ASKED = ("dog", "plum", "tea", "village")
NEW = "farmers"  # no sentence has it
ASTRAY = 1 / 6  # of the words stand where any word may
NEAREST = 5
PAIRS = 90  # of each kind: of one class, of related ones, of others
WORDS, DENSE = 10_000, 128


Learnt = dict[str, tuple[KeyedVectors, float]]  # the vectors of each method, and its seconds
_CLASS = {word: name for name, words in CLASSES.items() for word in words}


def one_hot_and_dense() -> None:
    """Show a word as 10,000 numbers of which one is not 0, and as 128 numbers."""
    vocabulary = Vocabulary([f"word{i}" for i in range(WORDS)], padding=None, unknown=None)
    numbers = vocabulary.encode(["word7", "word42"])
    sparse = vocabulary.one_hot(numbers)
    embedding = Embedding(WORDS, DENSE)
    dense = np.asarray(embedding(np.array(numbers)))
    table = embedding.get_weights()[0]
    assert np.allclose(sparse @ table, dense)  # a lookup, not a product, but the same
    print(f"{'':22}{'one-hot':>12}{'embedding':>12}")
    for told, both in {
        "numbers a word": [x.shape[1] for x in (sparse, dense)],
        "of which are not 0": [np.count_nonzero(x[0]) for x in (sparse, dense)],
        "bytes a word": [x[0].nbytes for x in (sparse, dense)],
        "cosine of two words": [f"{_cosine(*x):.2f}" for x in (sparse, dense)],
    }.items():
        print(f"{told:22}" + "".join(f"{v if isinstance(v, str) else f'{v:,}':>12}" for v in both))
    print(
        "Any two one-hot words are equally unlike. The numbers of an embedding are learnt, so that"
    )
    print("words that are used alike come near each other.")


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return abs(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))


def grammar(sentences: int, seed: int) -> list[str]:
    """Make sentences whose words stand where their class does, but for one in six.

    The first words of each class come most often, as in any language.
    """
    random = np.random.default_rng(seed)
    weights = 1 / np.arange(3, 3 + len(CLASSES["fruit"]))
    weights /= weights.sum()
    everything = list(_CLASS)
    made = []
    for pattern in random.choice(SENTENCES, sentences):
        words = pattern.split()
        for i, word in enumerate(words):
            if word[0] == "{":
                astray = random.random() < ASTRAY
                words[i] = (
                    random.choice(everything) if astray
                    else random.choice(CLASSES[word[1:-1]], p=weights)
                )  # fmt: skip
        made.append(" ".join(words))
    return made


def methods(size: int, epochs: int, seed: int, min_count: int) -> dict[str, Callable[[Any], Any]]:
    """Return the five methods (Word2Vec in both ways), ready to be given a text."""
    shared: dict[str, Any] = {"vector_size": size, "seed": seed, "min_count": min_count}
    window: dict[str, Any] = {**shared, "epochs": epochs, "workers": 1, "window": 4}
    return {
        "Word2Vec, CBOW": lambda text: Word2Vec(text, sg=0, alpha=0.05, **window),
        "Word2Vec, skip-gram": lambda text: Word2Vec(text, sg=1, **window),
        "FastText": lambda text: FastText(text, sg=1, alpha=0.05, bucket=50_000, **window),
        "GloVe": lambda text: GloVe(text, **{**window, "epochs": 3 * epochs}, x_max=20),
        "LSA": lambda text: LSA(text, weighting="ppmi", window=4, **shared),
    }


def learn(text: Any, **settings: Any) -> Learnt:
    """Learn vectors of a text in each way."""
    made = {}
    for name, method in methods(**settings).items():
        began = time.perf_counter()
        vectors = method(text).wv
        made[name] = vectors, time.perf_counter() - began
    return made


def pairs(seed: int) -> list[tuple[str, str, float]]:
    """Return word-similarity pairs by the grammar: 10 within a class, 4 for food and food, else 0.

    There are as many of each kind, since equal scores say nothing about their order.
    """
    kinds: dict[float, list] = {10.0: [], 4.0: [], 0.0: []}
    for a, b in itertools.combinations(_CLASS, 2):
        both = {_CLASS[a], _CLASS[b]}
        kinds[10.0 if len(both) == 1 else 4.0 if both == RELATED else 0.0].append((a, b))
    random = np.random.default_rng(seed)
    return [
        (*found[i], score)
        for score, found in kinds.items()
        for i in random.choice(len(found), PAIRS, replace=False)
    ]


def share_in_class(vectors: KeyedVectors) -> float:
    """Return the share of the nearest words that are of the word's own class."""
    known = [word for word in _CLASS if word in vectors.key_to_index]
    hits = [
        _CLASS.get(near) == _CLASS[word]
        for word in known
        for near, _ in vectors.most_similar(word, topn=NEAREST)
    ]
    return float(np.mean(hits))


def chance() -> float:
    """Return that share of words drawn blindly; every class has as many words."""
    every = {word for sentence in SENTENCES for word in sentence.split() if word[0] != "{"}
    each = len(_CLASS) // len(CLASSES)
    return (each - 1) / (len(_CLASS) + len(every) - 1)


def judge(told: Learnt, seed: int) -> None:
    """Print a table of the methods: how near the classes lie, and by what time."""
    judged = pairs(seed)
    print(f"\n{'':20}{'seconds':>8}{'in class':>10}{'Spearman':>10}   nearest to {ASKED[0]!r}")
    for name, (vectors, seconds) in told.items():
        score = vectors.evaluate_word_pairs(judged).spearman
        near = ", ".join(word for word, _ in vectors.most_similar(ASKED[0], topn=4))
        print(f"{name:20}{seconds:8.2f}{share_in_class(vectors):10.0%}{score:10.2f}   {near}")
    print(f"{'by chance':20}{'':8}{chance():10.0%}{0:10.2f}")
    print(f"In class: of the {NEAREST} nearest words, the share of the word's own class.")
    print(f"Spearman: against {len(judged)} pairs scored by the grammar; 0.94 would be perfect.")


def neighbours(told: Learnt, asked: Sequence[str]) -> None:
    """Print the nearest words of some words by each method."""
    for word in asked:
        print(f"\nNearest to {word!r}")
        for name, (vectors, _) in told.items():
            near = vectors.most_similar(word, topn=NEAREST)
            print(f"  {name:20}" + ", ".join(f"{w} {c:.2f}" for w, c in near))


def unseen(told: Learnt, word: str, why: str) -> None:
    """Print what FastText makes of a word that has no vector of its own."""
    fast = told["FastText"][0]
    near = ", ".join(f"{w} {c:.2f}" for w, c in fast.most_similar(word, topn=NEAREST))
    print(f"\n{word!r} {why}. FastText builds it of its parts; nearest: {near}")


def frequent(vectors: KeyedVectors, count: int) -> list[str]:
    """Return the most frequent words of four letters or more, else of any."""
    words = [word for word in vectors.index_to_key if len(word) > 3]
    return (words if len(words) >= count else vectors.index_to_key)[:count]


def flat(vectors: KeyedVectors, words: Sequence[str]) -> np.ndarray:
    """Return the places of words on a map, ``(words, 2)``: t-SNE, which keeps near what is near."""
    matrix = np.stack([vectors.get_vector(word, norm=True) for word in words])
    if len(words) < 5:  # too few for that
        return matrix[:, :2]
    perplexity = min(25.0, (len(words) - 1) / 3)
    made = TSNE(perplexity=perplexity, init="random", method="exact", random_state=0)
    return made.fit_transform(matrix)


def draw(told: Learnt, classes: Mapping[str, Sequence[str]], what: str, folder: Path) -> Path:
    """Draw the maps side by side; return where the picture is."""
    judged = len(classes) > 1
    sheet = course.figure(15.5, 10.4, f"Words as vectors, learnt from {what}")
    *maps, last = sheet.subplots(2, 3).flat
    for axes, (name, (vectors, _)) in zip(maps, told.items()):
        words = [word for some in classes.values() for word in some]
        places = dict(zip(words, flat(vectors, words)))
        for shade, (kind, some) in zip(course.COLOURS, classes.items()):
            here = np.array([places[word] for word in some])
            axes.plot(*here.T, "o", ms=4, color=shade, label=kind)
            for word in some:
                axes.annotate(word, places[word], (3, 2), textcoords="offset points", fontsize=6.5)
        axes.set(xticks=[], yticks=[], title=name)
        axes.margins(0.09)
    if judged:
        maps[0].legend(fontsize=7, framealpha=0.7)
        values = [share_in_class(vectors) for vectors, _ in told.values()]
        last.barh(list(told), values, color=course.COLOURS[0])
        last.axvline(chance(), color=course.GREY, linestyle="--")
        last.set(xlim=(0, 1), yticks=[], title=f"of the {NEAREST} nearest, in the same class")
        for row, name in enumerate(told):
            last.text(0.015, row, name, va="center", color="white", fontsize=9)
        last.text(chance(), -0.62, "by chance", ha="center", fontsize=8, color=course.GREY)
        last.invert_yaxis()
        last.grid(axis="x", color="#dddddd", linewidth=0.6)
        last.set_axisbelow(True)
        last.xaxis.set_major_formatter(course.PercentFormatter(1))
        last.spines[["top", "right"]].set_visible(False)
    else:
        last.set_axis_off()
        lines = []
        for word in next(iter(classes.values()))[:4]:
            lines.append(f"nearest to {word}")
            for name, (vectors, _) in told.items():
                near = vectors.most_similar(word, topn=3)
                lines.append(f"   {name}: " + ", ".join(w for w, _ in near))
        last.text(0, 1, "\n".join(lines), va="top", fontsize=8)
    return course.save(sheet, folder, "word_vectors")


def from_file(path: Path, judged: Path | None, **settings: Any) -> tuple[Learnt, list[str]]:
    """Learn a text file and print what lies near; return that, and some frequent words."""
    lines = read_text(path).splitlines()
    print(f"\n{path.name}: {len(lines):,} lines.")
    told = learn(lines, min_count=5, **settings)
    words = frequent(told["LSA"][0], 40)
    neighbours(told, words[: len(ASKED)])
    known = told["FastText"][0].key_to_index
    rare = [w for w in read_corpus(lines).vocabulary if w not in known and len(w) > 5]
    if rare:
        unseen(told, rare[0], "is too rare for a vector")
    if judged is not None:
        for name, (vectors, _) in told.items():
            found = vectors.evaluate_word_pairs(judged)
            print(f"{name:20} Spearman {found.spearman:.2f} on {found.pairs} pairs")
    return told, words


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Show the two kinds of vectors, learn them in each way, judge and draw them."""
    parser = course.options(__doc__, epochs=15)
    parser.add_argument("--data", type=Path, help="a text file, a sentence or verse on each line")
    parser.add_argument("--pairs", type=Path, help="word, word and score on each line, with tabs")
    parser.add_argument("--sentences", type=course.positive, default=1200, help="of the grammar")
    parser.add_argument("--size", type=course.positive, default=32, help="of the vectors")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    settings = {"size": given.size, "epochs": given.epochs, "seed": given.seed}
    path = None
    if given.data is not None or "MAEUM_DATA" in os.environ:
        path = course.text_file(given.data, "tinyshakespeare.txt")
        if path is None and given.data is not None:
            return None
    one_hot_and_dense()
    if given.data is None:
        text = grammar(given.sentences, given.seed)
        print(f"\nA grammar's text: {len(text):,} sentences such as “{text[0]}”.")
        made = learn(text, min_count=1, **settings)
        judge(made, given.seed)
        neighbours(made, ASKED[1:])
        unseen(made, NEW, "is not in the text")
        drawn = made, CLASSES, "a text of which the grammar is known"
    if path is not None:
        told, words = from_file(path, given.pairs, **settings)
        if given.data is not None:
            drawn = told, {"": words}, path.name
    return draw(*drawn, given.output)


if __name__ == "__main__":
    main()
