"""What a beam search cannot do is refused, not passed over in silence."""

import pytest

from maeum.language import train_language_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.maeum"
    tiny = {"epochs": 1, "units": 4, "window": 8, "report": False}
    train_language_model(["to be or not "] * 20, **tiny).model.save(path)
    return path


@pytest.mark.parametrize(
    "option",
    ["--top-k 3", "--top-p 0.5", "--temperature 0.8", "--count 2", "--seed 1"],
)
def test_options_of_drawing_are_refused_by_a_beam_search(refuse, model, option):
    said = refuse("generate", model, "--beam", "2", "--length", "4", *option.split())
    assert f"{option.split()[0]} is for drawing" in said
