"""The core alone: networks train without what tables, images, reports and the command need."""

import importlib
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import maeum
from maeum.core.extras import EXTRAS, Explained

PROGRAM = """
import numpy as np
import maeum as mm

x, y = np.random.rand(64, 8, 8, 1).astype("float32"), np.arange(64) % 2
model = mm.Sequential([
    mm.Input((8, 8, 1)), mm.layers.RandomFlip(), mm.layers.Conv2D(4, 3, activation="relu"),
    mm.layers.Flatten(), mm.layers.Dropout(0.2), mm.layers.Dense(2, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, class_weight="balanced", validation_split=0.25)
model.summary()
model.save("m.maeum")
assert (mm.load_model("m.maeum").predict(x) == model.predict(x)).all()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Return what runs a program where the libraries of the extras are not installed."""
    place = tmp_path_factory.mktemp("core")
    packages = place / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name not in EXTRAS and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    source = Path(maeum.__file__).parents[1]

    def run(code):
        # -S and -I leave out the site-packages of this environment
        paths = f"import sys; sys.path[:0] = [{str(source)!r}, {str(packages)!r}]\n"
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", paths + code],
            capture_output=True, text=True, cwd=place, timeout=300,
        )  # fmt: skip

    return run


def test_networks_need_the_core_alone(python):
    ran = python(PROGRAM)
    assert ran.returncode == 0, ran.stderr
    assert "accuracy" in ran.stdout


@pytest.mark.parametrize(
    ("code", "module", "extra"),
    [
        ("import maeum.tabular", "pandas", "tables"),
        ("import maeum.cli.main", "click", "cli"),
        ("from maeum import datasets; datasets.digits.load_data()", "sklearn", "tables"),
        ("import maeum.report.html", "jinja2", "report"),
        ("from maeum import music as m; m.write_midi(m.Piece([]), 'a')", "mido", "music"),
        ("from maeum.music import write_page", "markupsafe", "report"),
        ("from maeum import wrappers", "sklearn", "tables"),
        ("from maeum.datasets import cats; cats._read('cats.h5', 'train')", "h5py", "keras"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_its_installation(python, code, module, extra):
    ran = python(code)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert last == (
        f"ModuleNotFoundError: This needs {module}, which is not installed. Install it: "
        f"pip install 'maeum[{extra}]'"
    )


def test_the_command_says_it_in_one_line(python):
    ran = python("import maeum_command; maeum_command.main()")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("maeum: This needs click")
    assert len(ran.stderr.splitlines()) == 1


def test_others_are_told_what_python_tells(python):
    ran = python("import maeum\nimport pandas")
    assert "No module named 'pandas'" in ran.stderr


def test_what_imports_by_itself_is_not_disturbed():
    importlib.invalidate_caches()
    assert sum(isinstance(finder, Explained) for finder in sys.meta_path) == 1


def test_to_ask_for_a_library_is_no_error(python):
    ran = python(
        "import maeum, importlib.util\n"
        "space = {'__name__': 'maeum.asking', 'find': importlib.util.find_spec}\n"
        "exec('print(find(\"pandas\"))', space)"
    )
    assert ran.stdout == "None\n", ran.stderr
