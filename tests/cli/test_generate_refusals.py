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


def test_a_model_that_makes_nothing_is_told_with_what_it_does(refuse, tmp_path):
    from maeum.rl import QLearning
    from maeum.rl.experiment.model import AgentModel

    AgentModel(QLearning("CliffWalking-v1", seed=0)).save(tmp_path / "agent.maeum")
    said = refuse("generate", tmp_path / "agent.maeum")
    assert f"What it does: maeum watch {tmp_path / 'agent.maeum'}" in said
    assert "there is no such file" in refuse("run", tmp_path / "none.py")
