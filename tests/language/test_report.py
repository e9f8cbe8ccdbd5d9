"""The report of a network that writes: what it counts, says, shows and bears."""

import csv
import itertools
import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from maeum.language import train_language_model, verdict
from maeum.language.baselines import (
    FREQUENCY,
    GUESSING,
    NEIGHBOUR,
    neighbour_chances,
    simple_models,
)
from maeum.language.files import write_results
from maeum.language.options import LanguageOptions
from maeum.language.report import following, passage, prompt, render, with_perplexity
from maeum.language.result import LanguageRun, Written
from maeum.language.shown_tokens import isolated, quoted, readable, shown, visible
from maeum.language.training import LanguageData
from maeum.report.page import write_page
from maeum.text import BytePairEncoding, TextEncoder

from ..pages import check

TINY = {"units": 8, "layers": 1, "window": 8, "epochs": 1}
NAMES = ["anna", "hanna", "nana", "ann", "hana", "johanna"] * 8


@pytest.fixture(scope="module")
def running():
    return train_language_model(
        ["so long,\tand thanks\n" * 60], units=24, layers=1, window=16, epochs=12,
        learning_rate=0.02, dropout=0.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def names():
    return train_language_model(NAMES, **TINY)


@pytest.fixture(scope="module")
def run(running):
    return LanguageRun.of(running)


def quick(trained):
    """A run that has written nothing, which takes a while to compile."""
    own = {"name": "Maeum network", "metrics": trained.metrics, "seconds": 1.0}
    return LanguageRun(trained, [own, *simple_models(trained.data)], [Written(0.8, "so", "")], "")


def by_name(models):
    return {model["name"]: model["metrics"] for model in models}


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_simple_models_of_a_running_text_are_those_counted_by_hand(unit):
    text = "the cat saw the dog and the dog saw a cat . " * 6 + "a bird saw the cat ! " * 2
    data = LanguageData.prepare([text], LanguageOptions(unit=unit, window=4, validation_size=0.2))
    train, held = data.train.tolist(), data.validation.tolist()
    size = len(data.encoder.vocabulary)
    ones, twos = Counter(train[1:]), Counter(itertools.pairwise(train))
    firsts = Counter(train[:-1])
    alone = -np.mean([math.log((ones[b] + 1) / (len(train) - 1 + size)) for b in held[1:]])
    pairs = -np.mean(
        [math.log((twos[a, b] + 1) / (firsts[a] + size)) for a, b in itertools.pairwise(held)]
    )
    found = by_name(simple_models(data))
    assert found[FREQUENCY]["loss"] == pytest.approx(alone)
    assert found[NEIGHBOUR]["loss"] == pytest.approx(pairs)
    assert found[GUESSING]["perplexity"] == pytest.approx(size)
    bits = pairs * (len(held) - 1) / math.log(2) / len(data.held_out[0])
    assert found[NEIGHBOUR]["bits_per_character"] == pytest.approx(bits)


def test_simple_models_of_several_texts_foresee_their_ends_but_not_their_beginnings(names):
    data = names.data
    train, held = (
        [[data.start, *data.encoder.encode(name), data.end] for name in texts]
        for texts in (data.learnt, data.held_out)
    )
    size = len(data.encoder.vocabulary) - 1
    twos = Counter(pair for row in train for pair in itertools.pairwise(row))
    firsts = Counter(token for row in train for token in row[:-1])
    steps = [pair for row in held for pair in itertools.pairwise(row)]
    loss = -np.mean([math.log((twos[a, b] + 1) / (firsts[a] + size)) for a, b in steps])
    found = by_name(simple_models(data))
    assert found[NEIGHBOUR]["loss"] == pytest.approx(loss)
    assert found[GUESSING]["perplexity"] == pytest.approx(size)
    # The network is judged on the very same steps.
    again = names.model.evaluate(data.held_out)
    assert names.metrics == pytest.approx(again, rel=1e-5)


def test_chances_behind_a_token_sum_to_one():
    random = np.random.default_rng(0)
    before, after = random.integers(0, 5, (2, 40))
    for last in range(6):  # 5 was never seen
        every = np.arange(7)
        p = neighbour_chances(before, after, np.full(7, last), every, 7)
        assert p.sum() == pytest.approx(1)


def test_the_verdict_says_whether_counting_is_beaten(running):
    run = quick(running)
    own, *simple = run.models
    assert own["metrics"] == running.metrics
    best = min(model["metrics"]["bits_per_character"] for model in simple)
    assert own["metrics"]["bits_per_character"] < best
    assert "fewer bits than the best simple rule" in verdict.sentences(run)[0]
    assert verdict.headline(run).startswith("It narrows the next character down to about 1")
    run.models[0] = {**own, "metrics": {**own["metrics"], "bits_per_character": 9.0}}
    assert "more bits than" in verdict.sentences(run)[0]
    run.models[0]["metrics"]["bits_per_character"] = best
    assert "level with" in verdict.sentences(run)[0]
    run.models[0]["metrics"]["bits_per_character"] = math.nan
    assert "no number" in verdict.sentences(run)[0]


def test_files_and_page_of_a_running_text(running, tmp_path):
    paths = write_results(running, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "history.csv", "model.maeum", "report.html", "report.json",
    ]  # fmt: skip
    page = paths["report"].read_text(encoding="utf-8")
    check(page)
    for said in (
        "It narrows the next character",
        "Beside simple rules",
        "Where it is surprised",
        "Temperature 0.4",
        "Temperature 1.2",
        "What comes next",
        "Most frequent characters",
        "How it begins",
        "maeum generate model.maeum --prompt so",
        "↵",
        "⇥",
        "␣",
    ):
        assert said in page
    numbers = json.loads(paths["numbers"].read_text(encoding="utf-8"))
    assert numbers["metrics"] == running.metrics
    assert numbers["measured_on"] == "validation"
    assert [model["name"] for model in numbers["models"]][1:] == [NEIGHBOUR, FREQUENCY, GUESSING]
    with open(paths["history"], encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(running.history["loss"])


def test_a_training_that_broke_down_is_told(running, tmp_path, monkeypatch):
    lost = replace(running, metrics=dict.fromkeys(running.metrics, math.nan))
    monkeypatch.setattr(LanguageRun, "of", quick)
    paths = write_results(lost, tmp_path)
    page = paths["report"].read_text(encoding="utf-8")
    check(page)
    assert "It has not learnt to foresee the next character" in page
    assert "Try a smaller learning rate" in page
    assert json.loads(paths["numbers"].read_text())["metrics"]["loss"] is None
    assert "NaN" not in paths["numbers"].read_text()


def test_what_it_writes_follows_from_the_seed_of_the_training(running, run):
    assert [one.temperature for one in run.written] == [0.4, 0.8, 1.2]
    seed = running.data.options.seed
    for one in run.written:
        again = running.model.generate("", 400, temperature=one.temperature, seed=seed)
        assert one.text == again.strip("\n")


def test_texts_with_an_end_are_written_one_a_line(names):
    run = LanguageRun.of(names)
    assert all(one.text.count("\n") == 11 for one in run.written)
    assert "of 12 are not among the texts" in run.written[0].note
    page = render(run)
    check(page)
    assert "At the beginning of a text" in page
    assert "48 texts" in page


def test_next_tokens_are_the_likeliest_ones(run):
    charts = following(run)
    assert len(charts) == 6
    for chart in charts:
        shares = [bar.segments[0].width for bar in chart.bars]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) < 100.1
        assert "came (green)" in chart.caption  # the text is learnt
        assert sum(bar.segments[0].colour == "c2" for bar in chart.bars) == 1


@pytest.mark.parametrize("network", ["lstm", "transformer"])
def test_the_passage_is_the_text_with_the_probabilities_of_its_tokens(network):
    text = "나는 책을 읽는다.\nI read, you do!\n" * 20
    given = {**TINY, "network": network, "heads": 2, "window": 8}
    trained = train_language_model([text], unit="characters", **given)
    run = quick(trained)
    pieces = passage(run)
    held = trained.data.held_out[0]
    assert "".join(piece.text for piece in pieces).replace("↵", "\n") == held[: len(pieces)]
    tokens = trained.data.validation
    p = trained.model.network.predict(tokens[None, :3], verbose=0)[0]
    assert pieces[0].said == "given"
    assert pieces[2].said == f"{100 * p[1, tokens[2]]:.1f}%"


def test_pieces_are_whole_syllables_and_letters():
    for unit, more in (("jamo", {}), ("bpe", {"vocabulary": 258})):
        trained = train_language_model(["값을 읽는다 "] * 30, unit=unit, **more, **TINY)
        pieces = [piece.text for piece in passage(quick(trained))]
        assert "".join(pieces).startswith("값을 읽는다 ⏎")
        assert all(len(piece) == 1 for piece in pieces)


def test_a_text_of_nothing_but_tags_and_directions_is_escaped(tmp_path):
    path = tmp_path / "<i>שלום.txt"
    path.write_text("<b>שלום</b> & \u202eعالم\x07\n" * 60, encoding="utf-8")
    trained = train_language_model(path, **TINY)
    page = write_page(render(quick(trained)), tmp_path / "x.html").read_text(encoding="utf-8")
    check(page)
    for bad in ("<i>", "<b>ש", "\u202e", "\x07"):
        assert bad not in page
    assert "&lt;b&gt;שלום" in page
    assert 'dir="auto"' in page
    assert "U+202E" in page
    assert isolated("ש") in page


@pytest.mark.parametrize(
    ("texts", "options"),
    [
        (["to be or not to be\n" * 20], {"validation_size": 0.0}),
        (["to be or not to be " * 20 + "\n" * 30], {"unit": "words", "validation_size": 0.05}),
        (NAMES, {"validation_size": 0.0}),
    ],
)
def test_without_a_part_held_back_it_says_so(texts, options):
    trained = train_language_model(texts, **TINY, **options)
    assert not trained.data.watched
    run = quick(trained)
    page = render(run)
    check(page)
    assert "No text was held back" in page
    assert "none held back" in page
    assert math.isfinite(run.models[1]["metrics"]["loss"])


@pytest.mark.parametrize("characters", [1, 2, 3])
def test_a_validation_part_of_a_few_characters_is_borne(characters):
    text = "abcdefgh" * 20
    share = characters / len(text)
    trained = train_language_model([text], validation_size=share, **TINY)
    assert len(trained.data.validation) == characters
    run = quick(trained)
    check(render(run))
    said = " ".join(verdict.sentences(run))
    assert ("No text was held back" in said) == (characters == 1)
    assert ("only: another part" in said) == (characters > 1)


def test_a_large_vocabulary_and_its_unknown_words_are_told():
    random = np.random.default_rng(0)
    text = " ".join(f"w{n}" for n in random.integers(0, 900, 1500))
    trained = train_language_model([text], unit="words", **TINY)
    run = quick(trained)
    page = render(run)
    check(page)
    assert len(page) < 150_000
    assert verdict.unknown_share(run) > 0.05
    assert any("not in its vocabulary" in said for said in verdict.sentences(run))
    assert "Unknown among those held back" in page


def test_tokens_are_shown_so_that_they_can_be_told_apart():
    characters = TextEncoder.train(["a \n\t\u00a0\u3000\u0301"], "characters")
    signs = {shown(characters, n) for n in range(len(characters.vocabulary))}
    assert signs == {"(padding)", "(unknown)", "a", "␣", "↵", "⇥", "⍽", "U+3000", "◌\u0301"}
    jamo = TextEncoder.train(["각"], "jamo", padding=None, unknown=None)
    assert {shown(jamo, n) for n in range(3)} == {"ㄱ", "ㅏ", "ㄱ (final)"}
    pairs = BytePairEncoding.train(["마음 마음"], 259)
    table = pairs.vocabulary
    assert shown(pairs, table.number("Ġ")) == "␣"
    assert shown(pairs, pairs.encode("\xff")[0]) == "bytes C3"
    ends = TextEncoder.train(["x"], "words", start="<s>", end="</s>")
    assert [shown(ends, n) for n in (2, 3)] == ["(beginning)", "(end)"]


def test_texts_are_shown_in_one_line_or_as_they_are():
    assert visible("a\nb c") == "a↵b␣c"
    assert quoted("so it is\n") == "so it is↵"
    assert quoted(" a  ") == "␣a␣␣"
    assert quoted("x" * 40 + " end ") == "…" + "x" * 21 + " end␣"
    assert quoted("   ") == "␣␣␣"
    assert readable("a\ud800\x00\n\t가\u200d") == "a\ufffd\ufffd\n\t가\u200d"
    assert readable("\u1100a") == "ㄱa"


def test_perplexities_stand_beside_the_losses():
    found = with_perplexity({"loss": [1.0], "val_loss": [900.0], "learning_rate": [0.1]})
    assert found["perplexity"] == [pytest.approx(math.e)]
    assert math.isfinite(found["val_perplexity"][0])
    assert "val_learning_rate" not in found


def test_the_prompt_of_the_commands_is_a_word_of_the_text(running):
    run = quick(running)
    assert prompt(run) == ("so", "'so'")
    run.trained = replace(running, data=replace(running.data, learnt=["... ;; 마음 가득"]))
    assert prompt(run) == ("'마음'", "'마음'")
    run.trained = replace(running, data=replace(running.data, learnt=["... ;;"]))
    assert prompt(run) == ("", "''")
