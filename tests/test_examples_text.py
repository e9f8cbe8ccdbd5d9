"""The examples of language run from their options to a picture that opens."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maeum.language import generate
from maeum.text import TextEncoder

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run an example's main in this process, with its pictures in a new folder."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAEUM_DATA", raising=False)

    def run(name, *options):
        made = importlib.import_module(name).main([*options, "--output", str(tmp_path / "made")])
        if made is not None:
            with Image.open(made) as picture:
                picture.load()
                assert min(picture.size) > 200
                assert len(picture.convert("L").getcolors()) > 20  # it is not blank
        return made

    return run


def test_exercise_7_shows_numbers_and_one_hot_rows(run, capsys):
    run("exercise7_indexing")
    said = capsys.readouterr().out
    assert "x: hihell [4, 2, 4, 0, 1, 1]" in said
    assert "y: ihello [2, 4, 0, 1, 1, 3]" in said


def test_exercise_8_parts_good_words_from_bad_ones(run, capsys):
    run("exercise8_reviews")
    said = capsys.readouterr().out
    assert "Right for 100% of the seven reviews." in said
    assert "Lovely quality" in said


def test_exercise_9_completes_hihell_to_ihello(run, capsys):
    run("exercise9_hihello", "--epochs", "60")
    assert capsys.readouterr().out.splitlines()[-2].endswith("hihell → ihello")


def test_names_are_made(run, tmp_path, capsys):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(a + b for a in ("an", "mae", "jo", "seo") for b in "abcdefghij"))
    run("names", "--data", str(path), "--epochs", "2", "--units", "8")
    assert "40 names" in capsys.readouterr().out


def test_a_text_is_written_at_three_temperatures(run, tmp_path, capsys):
    (tmp_path / "tinyshakespeare.txt").write_text("ROMEO: to be or not to be.\n" * 80)
    run("shakespeare", "--data", str(tmp_path), "--epochs", "1", "--units", "8", "--length", "20")
    assert capsys.readouterr().out.count("--- temperature") == 3


def test_sentiment_is_told_with_its_words(run, tmp_path, capsys):
    random = np.random.default_rng(0)
    for end, words in (("pos", ["funny", "superb"]), ("neg", ["thin", "never"])):
        lines = [" ".join(random.choice([*words, "the", "film", "is"], 5)) for _ in range(40)]
        (tmp_path / f"rt-polarity.{end}").write_text("\n".join(lines), encoding="latin-1")
    run("sentiment", "--data", str(tmp_path), "--epochs", "1")
    said = capsys.readouterr().out
    assert "TF-IDF" in said
    assert "praise: a warm , funny film" in said


def test_digits_are_read_row_by_row(run, capsys):
    run("mnist_rows", "--data", "digits", "--limit", "64", "--epochs", "1")
    assert "of the test pictures" in capsys.readouterr().out


def test_captions_are_written(run, capsys):
    run("captions", "--epochs", "1", "--pictures", "64")
    assert "New pictures: " in capsys.readouterr().out


def test_sentences_are_translated(run, tmp_path, capsys):
    pairs = ["I go.\t나는 간다.", "You go.\t너는 간다.", "I eat.\t나는 먹는다.", "Go!\t가!"] * 10
    lines = [f"{english[:-1]} {i}.\t{korean}" for i, pair in enumerate(pairs)
             for english, korean in [pair.split("\t")]]  # fmt: skip
    path = tmp_path / "kor-eng.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    run("translate", "--data", str(path), "--epochs", "1", "--units", "8")
    said = capsys.readouterr().out
    assert "38 pairs to train, 2 to test" in said
    assert "I love you. → " in said


def test_word_vectors_of_a_grammar_find_the_words_of_a_class(run, monkeypatch, capsys):
    monkeypatch.syspath_prepend(EXAMPLES)
    example = importlib.import_module("word_vectors")
    shares, share_in_class = [], example.share_in_class
    monkeypatch.setattr(
        example, "share_in_class", lambda v: shares.append(share_in_class(v)) or shares[-1]
    )
    run("word_vectors")
    said = capsys.readouterr().out
    assert "numbers a word              10,000         128" in said
    assert "of which are not 0               1         128" in said
    assert "'farmers' is not in the text" in said
    assert example.chance() < 0.12
    assert len(shares) == 10  # five methods: in the table and in the picture
    assert min(shares) > 0.6
    for name in ("CBOW", "skip-gram", "FastText", "GloVe", "LSA"):
        [row] = [line for line in said.splitlines() if f"{name} " in line and "%" in line]
        assert float(row.split("%")[1].split()[0]) > 0.6  # Spearman


def test_the_pairs_of_the_grammar_are_scored_by_its_classes(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    example = importlib.import_module("word_vectors")
    scores = {frozenset(pair): score for *pair, score in example.pairs(seed=1)}
    assert sorted(scores.values()) == [0.0] * 90 + [4.0] * 90 + [10.0] * 90
    for pair, score in scores.items():
        classes = {name for name, words in example.CLASSES.items() for w in words if w in pair}
        assert (len(classes) == 1) == (score == 10)
        assert (classes == {"fruit", "drinks"}) == (score == 4)


def test_word_vectors_of_a_text_of_ones_own(run, tmp_path, capsys):
    path = tmp_path / "mine.txt"
    path.write_text("the old king sees the young queen\na queen feeds the dog\n" * 20 + "kingdom\n")
    (tmp_path / "pairs.tsv").write_text("king\tqueen\t9\nking\tdog\t2\nyoung\told\t7\n")
    run("word_vectors", "--data", str(path), "--pairs", str(tmp_path / "pairs.tsv"),
        "--epochs", "1", "--size", "4")  # fmt: skip
    said = capsys.readouterr().out
    assert "mine.txt: 41 lines" in said
    assert "'kingdom' is too rare for a vector" in said
    assert said.count("on 3 pairs") == 5
    assert run("word_vectors", "--data", str(tmp_path / "none.txt")) is None
    assert "Skipped, for want of" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["names", "shakespeare", "sentiment", "translate"])
def test_without_its_text_an_example_says_so_in_one_line(run, capsys, name):
    assert run(name) is None
    [said] = capsys.readouterr().out.splitlines()
    assert said.startswith("Skipped, for want of ")


def test_steps_of_the_translator_give_what_the_whole_network_gives(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    translate = importlib.import_module("translate")
    english = TextEncoder.train(["I go home .", "you eat"], "whitespace")
    korean = TextEncoder.train(["나는 간다"], "syllables", start="[START]", end="[END]")
    made = translate.build(english, korean, units=6)
    random = np.random.default_rng(0)
    made.whole.set_weights([w + random.normal(0, 0.7, w.shape) for w in made.whole.get_weights()])
    sentences = ["I go home .", "you"]
    decoder, prompts, _ = made.begin(sentences)
    written = generate(decoder, prompts, 8, temperature=0)
    x = translate.rows_of(english, sentences, False)
    before = np.concatenate([prompts, written], axis=1)
    said = made.whole.predict([x, before], verbose=0).argmax(axis=-1)
    np.testing.assert_array_equal(said[:, :-1], written)
