"""``maeum train FOLDER --task generate`` and ``maeum generate``, as a customer uses them."""

import os
import signal

import numpy as np
import pytest
from PIL import Image

from maeum.callbacks import Callback
from maeum.cli import display
from maeum.experiment.fitting import _EventTeller
from maeum.generative import VAE


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    monkeypatch.setenv("MAEUM_CACHE", "0")
    monkeypatch.setattr(display.console, "width", 200)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    top = tmp_path_factory.mktemp("data") / "photos"
    rng = np.random.default_rng(0)
    for name in ("밝은", "어두운"):
        (top / name).mkdir(parents=True)
        for i in range(8):
            pixels = rng.integers(0, 60, (8, 8, 3)) + 190 * (name == "밝은")
            Image.fromarray(pixels.astype("uint8")).save(top / name / f"{i}.png")
    (top / "밝은" / "빈 것.jpg").write_bytes(b"")
    return top


OPTIONS = ("--task", "generate", "--network", "vae", "--filters", "4,4", "--conditional")


@pytest.fixture(scope="module")
def ran(maeum, photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAEUM_CACHE", "0")
        patch.setattr(display.console, "width", 200)
        return maeum("train", photos, *OPTIONS, "--epochs", 2, "--out", out), out


def test_it_tells_what_it_read_and_writes_its_files(ran):
    told, out = ran
    assert told.code == 0, told.err
    assert "photos: 16 images" in told.out
    assert "Read as 8x8 rgb" in told.out
    assert "빈 것.jpg (the file is empty" in told.out
    assert "Labels: 2 classes, 밝은 50.0%, 어두운 50.0% (learnt, too)" in told.out
    names = ["history.csv", "metrics.json", "model.maeum", "report.html"]
    assert sorted(path.name for path in out.iterdir()) == names


def test_the_model_generates_shows_and_refuses_to_predict(
    maeum, ran, photos, tmp_path, monkeypatch
):
    model = ran[1] / "model.maeum"
    monkeypatch.chdir(tmp_path)
    made = maeum("generate", model, "--count", 4, "--labels", "밝은", "--seed", 1, "--no-walk")
    assert made.code == 0, made.err
    assert "4 images: generated-images" in made.out
    found = sorted(path.name for path in (tmp_path / "generated-images").iterdir())
    assert found == [*(f"image-{n}-밝은.png" for n in range(1, 5)), "sheet.png"]
    assert "Makes images of 8x8 pixels, in colour; learnt from photos" in maeum("show", model).out
    for command in ("predict", "evaluate"):
        refused = maeum(command, model, photos)
        assert refused.code == 2
        assert "makes images" in refused.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "0"], "--count"),
        (["--labels", "밝"], "'밝은'"),
        (["--prompt", "a"], "--prompt is for language models"),
        (["--out", "file/inside"], "cannot be written to"),
        (["--temperature", "-1"], "--temperature"),
    ],
)
def test_what_cannot_be_generated_is_refused(refuse, ran, tmp_path, arguments, said):
    (tmp_path / "file").write_text("")
    assert said in refuse("generate", ran[1] / "model.maeum", *arguments)


def test_a_model_that_was_saved_alone_generates(maeum, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    VAE.convolutional((8, 8, 1), (4, 4), code=2, output_activation="sigmoid").save("bare.maeum")
    made = maeum("generate", "bare.maeum", "--count", 2, "--no-walk")
    assert made.code == 0, made.err
    assert (tmp_path / "generated-images" / "image-2.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t.csv", "--task", "generate"], "taken for tables"),
        (["missing", "--task", "generate"], "no such folder"),
        (["empty", "--task", "generate"], "holds no images"),
        (["one", "--task", "generate"], "1 image"),
        (["PHOTOS", "--task", "generate", "--size", "30"], "do not suit the network"),
        (["PHOTOS", "--task", "generate", "--filters", "4,4,4,4"], "divided by 16"),
        (["PHOTOS", "--task", "generate", "--test-size", "0.1"], "--test-size is for"),
        (["PHOTOS", "--task", "generate", "--patience", "3"], "patience is for network='vae'"),
        (["PHOTOS", "--conditional"], "say --task generate"),
        (["PHOTOS", "--task", "generate", "--out", "t.csv/inside"], "cannot be written to"),
        (["PHOTOS", "--task", "genrate"], "generate"),
    ],
)
def test_what_cannot_be_learnt_is_refused(refuse, photos, tmp_path, arguments, said):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "one").mkdir()
    Image.new("L", (8, 8)).save(tmp_path / "one" / "a.png")
    given = [photos if one == "PHOTOS" else one for one in arguments]
    assert said in refuse("train", *given)


def test_ctrl_c_keeps_what_was_learnt_and_resume_goes_on(maeum, photos, tmp_path, monkeypatch):
    ended = _EventTeller.on_epoch_end

    def press(self: Callback, epoch, logs=None):
        ended(self, epoch, logs)
        if epoch == 1 and not monkeypatch.pressed:
            monkeypatch.pressed = True
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.pressed = False
    monkeypatch.setattr(_EventTeller, "on_epoch_end", press)
    out = tmp_path / "out"
    stopped = maeum("train", photos, *OPTIONS, "--epochs", 4, "--out", out)
    assert stopped.code == 0, stopped.err
    assert "stopped by hand after 2 epochs" in stopped.out
    assert "--resume goes on" in stopped.out
    assert (out / "model.maeum").exists()
    assert len((out / "history.csv").read_text().splitlines()) == 3
    again = maeum("train", photos, *OPTIONS, "--epochs", 4, "--out", out, "--resume")
    assert again.code == 0, again.err
    assert len((out / "history.csv").read_text().splitlines()) == 5


def test_the_help_names_the_tasks(maeum):
    said = " ".join(maeum("train", "--help").out.split())
    assert "--task generate" in said
    assert "--task anomaly" in said
    assert "--conditional" in maeum("train", "--help-generator").out
    helped = " ".join(maeum("generate", "--help").out.split())
    assert "[networks that make images] How many images." in helped
    assert "[language models] How many texts, one a line." in helped
