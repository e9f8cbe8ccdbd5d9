"""The verdict on a language model, its report and its files."""

import csv
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from maeum.core.messages import set_language
from maeum.experiment.files import write_results
from maeum.experiment.report import page_of
from maeum.experiment.trained import Trained
from maeum.language import train_language_model, verdict
from maeum.language.baselines import BIGRAMS, UNIFORM, UNIGRAMS, simple_models
from maeum.language.report import following, passage, prompt
from maeum.language.result import with_perplexity
from maeum.language.shown_tokens import isolated
from maeum.report.html import render

from ..pages import check

TINY = {"units": 8, "layers": 1, "window": 8, "epochs": 1, "report": False}


def compared(trained):
    """Return a training that was compared, but has written nothing, which is slow to compile."""
    run = replace(trained.run, models=[*trained.run.models[:1], *simple_models(trained.run.data)])
    return Trained(trained.model, run, trained.task)


def test_the_verdict_says_whether_counting_is_beaten(running):
    run = replace(running.run, models=[dict(model) for model in running.run.models])
    best = min(model["metrics"]["bits_per_character"] for model in run.models[1:])
    assert run.metrics["bits_per_character"] < best
    found = verdict.of(run)
    assert "fewer bits than the best of the simple models (Bigram" in found.sentences[0]
    assert found.headline.startswith("It narrows the next character down to about 1")
    for bits, said in (
        (9.0, "more bits than"),
        (best, "level with"),
        (math.nan, "not a number"),
    ):
        run.metrics = {**run.metrics, "bits_per_character": bits}
        assert said in verdict.of(run).sentences[0]


def test_files_and_page_of_a_running_text(running, tmp_path):
    paths = write_results(running, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "history.csv", "metrics.json", "model.maeum", "report.html",
    ]  # fmt: skip
    page = paths["report"].read_text(encoding="utf-8")
    check(page)
    for said in (
        "It narrows the next character",
        "Compared with other models",
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
    numbers = json.loads(paths["metrics"].read_text(encoding="utf-8"))
    assert numbers["metrics"] == running.run.metrics
    assert numbers["measured_on"] == "validation"
    assert [model["name"] for model in numbers["models"]][1:] == [BIGRAMS, UNIGRAMS, UNIFORM]
    assert [sample["temperature"] for sample in numbers["samples"]] == [0.4, 0.8, 1.2]
    with open(paths["history"], encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(running.run.history["loss"])


def test_a_page_in_korean_has_no_english_sentence(running, names):
    set_language("ko")
    try:
        for trained in (running, names):
            page = render(page_of(trained))
            check(page)
            assert "다음 글자의 후보를" in page
            for english in ("The network", "held out", "frequencies", "Temperature", "likeliest"):
                assert english not in page
    finally:
        set_language(None)


def test_a_training_that_broke_down_is_told(running, tmp_path):
    lost = dict.fromkeys(running.run.metrics, math.nan)
    models = [{**running.run.models[0], "metrics": lost}, *running.run.models[1:]]
    run = replace(running.run, metrics=lost, models=models)
    paths = write_results(Trained(running.model, run, running.task), tmp_path)
    page = paths["report"].read_text(encoding="utf-8")
    check(page)
    assert "It has not learnt to predict the next character" in page
    assert "Try a smaller learning rate" in page
    assert json.loads(paths["metrics"].read_text())["metrics"]["loss"] is None
    assert "NaN" not in paths["metrics"].read_text()


def test_what_it_writes_follows_from_the_seed_of_the_training(running):
    run = running.run
    for sample in run.samples:
        options = {"temperature": sample.temperature, "seed": run.data.options.seed}
        assert sample.text == running.model.generate("", 400, **options).strip("\n")
    assert "of its words stand in the text" in run.samples[0].note


def test_texts_with_an_end_are_written_one_a_line(names):
    assert all(sample.text.count("\n") == 11 for sample in names.run.samples)
    assert "of 12 are not among the texts" in names.run.samples[0].note
    page = render(page_of(names))
    check(page)
    assert "At the beginning of a text" in page
    assert "72 texts" in page


def test_next_tokens_are_the_likeliest_ones(running):
    charts = following(running.model, running.run.data)
    assert len(charts) == 6
    for chart in charts:
        widths = [bar.segments[0].width for bar in chart.bars]
        assert widths == sorted(widths, reverse=True)
        assert sum(widths) < 100.1
        assert "came (green)" in chart.caption  # the text is learnt
        assert sum(bar.segments[0].colour == "c2" for bar in chart.bars) == 1


@pytest.mark.parametrize("network", ["lstm", "transformer"])
def test_the_passage_is_the_text_with_the_probabilities_of_its_tokens(network):
    text = "나는 책을 읽는다.\nI read, you do!\n" * 20
    trained = train_language_model([text], **TINY, network=network, heads=2)
    data = trained.run.data
    pieces = passage(trained.model, data)
    held = data.held_out[0]
    assert "".join(piece.text for piece in pieces).replace("↵", "\n") == held[: len(pieces)]
    p = trained.model.network.predict(data.validation[None, :3], verbose=0)[0]
    assert pieces[0].note == "given"
    assert pieces[2].note == f"{100 * p[1, data.validation[2]]:.1f}%"
    assert all(-1 <= piece.weight <= 0 for piece in pieces)


def test_pieces_are_whole_syllables_and_letters():
    for unit, more in (("jamo", {}), ("bpe", {"vocabulary": 258})):
        trained = train_language_model(["값을 읽는다 "] * 30, unit=unit, **more, **TINY)
        pieces = [piece.text for piece in passage(trained.model, trained.run.data)]
        assert "".join(pieces).startswith("값을 읽는다 ⏎")
        assert all(len(piece) == 1 for piece in pieces)


def test_a_text_of_nothing_but_tags_and_directions_is_escaped(tmp_path):
    path = tmp_path / "<i>שלום.txt"
    path.write_text("<b>שלום</b> & \u202eعالم\x07\n" * 60, encoding="utf-8")
    page = render(page_of(compared(train_language_model(path, **TINY))))
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
        (["anna", "hanna", "nana", "ann"] * 8, {"validation_size": 0.0}),
    ],
)
def test_without_a_part_held_out_it_says_so(texts, options):
    trained = compared(train_language_model(texts, **TINY, **options))
    assert not trained.run.data.watched
    page = render(page_of(trained))
    check(page)
    assert "No text was held out" in page
    assert "<dd>nothing</dd>" in page
    assert math.isfinite(trained.run.models[1]["metrics"]["loss"])


@pytest.mark.parametrize("characters", [1, 2])
def test_a_validation_part_of_a_few_characters_is_enough(characters):
    text = "abcdefgh" * 20
    trained = train_language_model([text], validation_size=characters / len(text), **TINY)
    assert len(trained.run.data.validation) == characters
    trained = compared(trained)
    check(render(page_of(trained)))
    said = " ".join(verdict.of(trained.run).sentences)
    assert ("No text was held out" in said) == (characters == 1)
    assert ("only: another part" in said) == (characters > 1)


def test_a_large_vocabulary_and_its_unknown_words_are_told():
    random = np.random.default_rng(0)
    text = " ".join(f"w{n}" for n in random.integers(0, 900, 1500))
    trained = compared(train_language_model([text], unit="words", **TINY))
    page = render(page_of(trained))
    check(page)
    assert len(page) < 150_000
    assert verdict.unknown_fraction(trained.run) > 0.05
    assert any("not in its vocabulary" in said for said in verdict.of(trained.run).sentences)
    assert "Unknown, of those held out" in page


def test_perplexities_stand_beside_the_losses():
    found = with_perplexity({"loss": [1.0], "val_loss": [900.0], "learning_rate": [0.1]})
    assert found["perplexity"] == [pytest.approx(math.e)]
    assert math.isfinite(found["val_perplexity"][0])
    assert "val_learning_rate" not in found


def test_the_prompt_of_the_command_is_a_word_of_the_text(running):
    data = running.run.data
    assert prompt(data) == "so"
    assert prompt(replace(data, learnt=["... ;; 마음 가득"])) == "마음"
    assert prompt(replace(data, learnt=["... ;;"])) == ""
