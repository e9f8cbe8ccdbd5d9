"""``maeum run``: scripts run as Python runs them, and what is not covered is named."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from maeum.cli.run import command
from maeum.compat.running import check_script, run_script
from maeum.core.errors import DataError


@pytest.fixture
def script(tmp_path):
    def write(text, name="script.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_script_is_main_and_has_its_arguments(script, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("answer\n"))
    script("VALUE = 3\n", "beside.py")
    path = script(
        "import sys, beside\n"
        "if __name__ == '__main__':\n"
        "    print(__file__, sys.argv[1:], beside.VALUE, input())\n"
        "    sys.exit(4)\n"
    )
    before = sys.modules["__main__"], sys.argv, list(sys.path)
    with pytest.raises(SystemExit) as stop:
        run_script(path, ["a", "--b=1"])
    assert stop.value.code == 4
    assert capsys.readouterr().out.split() == [str(path), "['a',", "'--b=1']", "3", "answer"]
    assert (sys.modules["__main__"], sys.argv, sys.path) == before


def test_the_command_hands_arguments_on(script):
    path = script("import sys; print(sys.argv[1:]); sys.exit(3)")
    found = CliRunner().invoke(command(), [str(path), "--help", "-x", "1"])
    assert found.exit_code == 3
    assert found.output == "['--help', '-x', '1']\n"


def test_an_error_shows_the_line_of_the_script(script):
    path = script("import tensorflow as tf\n\ntf.nn.no_such_thing()\n")
    found = CliRunner().invoke(command(), [str(path)])
    assert found.exit_code == 1
    assert "tf.nn.no_such_thing is not covered" in found.stderr
    assert "line 3" in found.stderr


def test_a_script_that_is_not_there(tmp_path):
    found = CliRunner().invoke(command(), [str(tmp_path / "nowhere.py")])
    assert isinstance(found.exception, DataError)  # which the command says without a traceback
    assert "Cannot read" in str(found.exception)


def test_no_python(script):
    found = CliRunner().invoke(command(), [str(script("def f(:\n"))])
    assert found.exit_code == 1
    assert "SyntaxError" in found.stderr


def test_names_that_are_not_covered_are_listed_without_running(script):
    script("from tensorflow.contrib import slim\n", "helper.py")
    path = script(
        "import tensorflow as tf, helper\n"
        "from tensorflow.keras.layers import Dense, Dens\n"
        "raise SystemExit(9)\n"
        "tf.nn.relu(1); tf.train.AdamOptimiser(); tf.train.AdamOptimizer().minimize\n"
        "tf.own = 1; print(tf.own.real)\n"
    )
    found = check_script(path)
    assert [(one.path.name, one.line, one.name) for one in found] == [
        ("helper.py", 1, "tf.contrib.slim"),
        ("script.py", 2, "tf.keras.layers.Dens"),
        ("script.py", 4, "tf.train.AdamOptimiser"),
    ]
    assert "Dense" in found[1].hint
    assert "AdamOptimizer" in found[2].hint
    assert CliRunner().invoke(command(), ["--check", str(path)]).exit_code == 1
    fine = CliRunner().invoke(command(), ["--check", str(script("import keras\n", "fine.py"))])
    assert fine.exit_code == 0


def test_a_module_that_is_not_covered(script):
    with pytest.raises(ModuleNotFoundError, match=r"tf\.contrib\.layerz.*layers"):
        run_script(script("import tensorflow.contrib.layerz\n"))


def test_processes_that_begin_anew_find_maeum(script):
    path = script(
        "import multiprocessing\n"
        "import tensorflow as tf\n"
        "def double(x):\n"
        "    return float(tf.constant(x).numpy() * 2)\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(double, [1.0, 2.0]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "maeum", "run", str(path)], capture_output=True, text=True
    )
    assert ran.stdout.strip() == "[2.0, 4.0]", ran.stderr


def test_figures_are_saved_beside_the_script(script):
    pytest.importorskip("matplotlib")
    path = script(
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2])\nplt.show()\nplt.plot([2, 1])\nplt.show()\n"
    )
    environment = {k: v for k, v in __import__("os").environ.items()
                   if k not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")}  # fmt: skip
    ran = subprocess.run([sys.executable, "-m", "maeum", "run", str(path)], capture_output=True,
                         text=True, env=environment)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert sorted(p.name for p in path.parent.glob("*.png")) == ["script_1.png", "script_2.png"]


def test_every_name_of_the_surface_is_there():
    from maeum.compat import namespaces
    from maeum.compat.surface import MODULES

    missing = []
    for path, module in MODULES.items():
        missing += [
            f"{path}.{name}"
            for name in module.names
            if namespaces.lookup(path, name) is namespaces.MISSING
        ]
    assert not missing
    assert Path(namespaces.__file__).is_file()
