"""``maeum train FOLDER`` and what becomes of it, as a customer uses it."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from maeum.cli import display
from maeum.images.experiment import ImageModel

from ..pages import check


def make_folder(top, each=14, names=("밝은", "어두운"), size=12):
    """Write light and dark images into one folder for each class; return it."""
    rng = np.random.default_rng(0)
    for label, name in enumerate(names):
        (top / name).mkdir(parents=True)
        for i in range(each):
            pixels = rng.integers(0, 60, (size, size, 3)) + 190 * (label == 0)
            Image.fromarray(pixels.astype("uint8")).save(top / name / f"사진 {i}.png")
    return top


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    top = make_folder(tmp_path_factory.mktemp("data") / "내 사진")
    (top / "밝은" / "빈 것.jpg").write_bytes(b"")
    return top


@pytest.fixture(scope="module")
def ran(maeum, photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "결과"
    options = ["--epochs", "6", "--augment", "light", "--learning-rate", "0.01", "--seed", "3"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAEUM_CACHE", "0")
        patch.setattr(display.console, "width", 200)
        return maeum("train", photos, "--output", out, *options), out


class TestTrain:
    def test_succeeds_and_writes_four_files(self, ran):
        told, out = ran
        assert told.code == 0, told.err
        names = ["history.csv", "metrics.json", "model.maeum", "predictions.csv", "report.html"]
        assert sorted(path.name for path in out.iterdir()) == names
        assert f"Report: {out / 'report.html'}" in told.out.splitlines()

    def test_tells_classes_choices_and_what_was_skipped(self, ran):
        told, _ = ran
        assert "내 사진: 28 images, 2 classes, 밝은 50.0%, 어두운 50.0%" in told.out
        assert "Read as 12x12" in told.out
        assert "빈 것.jpg (the file is empty" in told.out
        assert "Logistic regression" in told.out
        assert "images never seen before" in told.out

    def test_metrics_and_history(self, ran):
        _, out = ran
        metrics = json.loads((out / "metrics.json").read_text())
        assert metrics["classes"] == ["밝은", "어두운"]
        assert sum(metrics["rows"].values()) == 28
        assert [entry["reason"] for entry in metrics["skipped"]] == ["the file is empty (0 bytes)"]
        assert metrics["settings"]["seed"] == 3
        assert metrics["metrics"] == ImageModel.load(out / "model.maeum").facts["metrics"]
        rows = list(csv.DictReader((out / "history.csv").open()))
        assert len(rows) == 6

    def test_report_stands_alone_and_shows_korean_names(self, ran):
        _, out = ran
        page = (out / "report.html").read_text()
        assert "밝은" in page
        assert "빈 것.jpg" in page
        check(page)
        for heading in ("Confusion matrix", "Class by class", "Grad-CAM", "Feature maps", "Filters",
                        "Samples", "Augmentation", "Skipped", "Versions"):  # fmt: skip
            assert heading in page


class TestUse:
    def test_predict_an_image_says_its_class(self, maeum, ran, photos, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        told = maeum("predict", ran[1] / "model.maeum", photos / "밝은" / "사진 1.png")
        assert told.code == 0, told.err
        assert told.out.splitlines()[0] == "밝은"
        assert list(tmp_path.iterdir()) == []

    def test_predict_a_folder_writes_a_table(self, maeum, ran, photos, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        told = maeum("predict", ran[1] / "model.maeum", photos)
        assert told.code == 0, told.err
        rows = list(csv.DictReader((tmp_path / "내 사진-predictions.csv").open()))
        assert len(rows) == 28
        assert {row["prediction"] for row in rows} == {"밝은", "어두운"}
        assert "빈 것.jpg" in told.err
        told = maeum("predict", ran[1] / "model.maeum", photos / "밝은", "--out", "-")
        assert told.out.startswith("picture,prediction,probability of 밝은")

    def test_evaluate_a_folder(self, maeum, ran, photos):
        told = maeum("evaluate", ran[1] / "model.maeum", photos)
        assert told.code == 0, told.err
        assert "내 사진: 28 images" in told.out
        assert "Accuracy" in told.out

    def test_show(self, maeum, ran):
        told = maeum("show", ran[1] / "model.maeum")
        assert told.code == 0, told.err
        assert "one of 2 classes of an image; learnt from 내 사진" in told.out.replace("\n", " ")
        assert "stage1_conv1" in told.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train one", "Only the class 'a' has images"),
        ("train empty", "has no class folders"),
        ("train one.png", "is a single image"),
        ("train nowhere", "there is no such folder"),
        ("train two --target y", "--target is for tables"),
        ("train two --hidden 8", "--hidden is for tables"),
        (
            "train table.csv --target y --size 8",
            "and table.csv is taken for tables",
        ),
        ("train two --size big", "--size is (height, width) in pixels, such as (48, 64) or 48x64"),
        ("train two --size 0", "--size is (height, width) in pixels"),
        ("train two --network smal", "Did you mean 'small'?"),
        ("train two --augment much", "augment is one of"),
        ("train two --color blue", "color is one of"),
        ("train two --resize cut", "resize is one of"),
        ("train two --errors ignore", "errors is one of"),
        ("train two --epochs 0", "epochs is a whole number of 1 or more"),
        ("train two --test-size 0.9 --validation-size 0.3", "leave nothing to train on"),
        ("train two --weights w.h5", "the network is 'small'"),
        ("train two --network mobilenet --weights w.h5 --size 32", "There is no file 'w.h5'"),
        ("train two --network mobilenet --size 8", "at least 32x32"),
        ("train two --errors raise", "broken.jpg"),
        ("train two --test-data one", "Only the class 'a'"),
        ("train two --out table.csv", "cannot be written to (it is a file)"),
        ("train cut.npz", "no whole file of NumPy arrays"),
        ("train cut-images-idx3-ubyte", "cut-images-idx3-ubyte"),
        ("train cut.h5", "is no HDF5 file"),
    ],
)
def test_what_cannot_be_learnt_from(refuse, tmp_path, arguments, said, monkeypatch):
    monkeypatch.setenv("MAEUM_CACHE", "0")
    make_folder(tmp_path / "one", each=3, names=("a",))
    make_folder(tmp_path / "two", each=8, names=("a", "b"))
    (tmp_path / "two" / "b" / "broken.jpg").write_bytes(b"x")
    Image.new("L", (8, 8)).save(tmp_path / "one.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,y\n" + "1,2\n" * 40)
    for name in ("cut.npz", "cut.h5"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "cut-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03\0\0\0\x09\0\0\0\x04\0\0\0\x04")
    assert said in refuse(*arguments.split())


@pytest.mark.parametrize("arguments", ["predict", "evaluate"])
def test_options_of_tables_are_refused_for_images(refuse, ran, photos, arguments):
    told = refuse(arguments, ran[1] / "model.maeum", photos, "--separator", ";")
    assert "--separator is for tables" in told


def test_evaluate_without_any_of_its_classes(refuse, ran, tmp_path):
    make_folder(tmp_path / "other", each=2, names=("x", "y"))
    assert "does not know" in refuse("evaluate", ran[1] / "model.maeum", "other")


def test_predict_what_is_no_image(refuse, ran, tmp_path):
    (tmp_path / "text.jpg").write_text("not an image")
    assert "cannot be read" in refuse("predict", ran[1] / "model.maeum", "text.jpg")
    (tmp_path / "empty").mkdir()
    assert "holds no images" in refuse("predict", ran[1] / "model.maeum", "empty")
