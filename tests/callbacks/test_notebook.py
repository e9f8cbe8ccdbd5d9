"""In a notebook: one place that is updated, curves, and a record that shows itself."""

import sys
import types

import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import History
from maeum.callbacks.curves import curves
from maeum.callbacks.notebook import in_notebook
from maeum.layers import Dense, Input


class Shown(list):
    """Takes what is displayed, as IPython's display does."""

    def __call__(self, html, display_id=False):
        self.append([html])
        return types.SimpleNamespace(update=self[-1].append)


@pytest.fixture
def notebook(monkeypatch):
    """Put a kernel in place of IPython, and return what it shows."""
    shown = Shown()
    package = types.ModuleType("IPython")
    package.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    package.display = types.ModuleType("IPython.display")
    package.display.HTML, package.display.display = str, shown
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", package.display)
    return shown


def fitted(verbose):
    x = np.linspace(0, 1, 24, dtype=np.float32)[:, None]
    model = mm.Sequential([Input((1,)), Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model.fit(x, x, epochs=3, verbose=verbose, validation_split=0.25)


def test_a_training_has_one_place_that_is_updated(notebook, capsys):
    assert in_notebook()
    fitted(1)
    assert len(notebook) == 1
    last = notebook[0][-1]
    assert "Epoch 3/3" in last
    assert "width:100.0%" in last
    assert last.count("<polyline") == 4  # of loss and mae, each for both parts
    assert "val_loss" in last
    assert capsys.readouterr().out == ""


def test_lines_are_printed_where_they_were_asked_for(notebook, capsys):
    fitted(2)
    assert notebook == []
    assert capsys.readouterr().out.count("Epoch ") == 3


def test_without_a_kernel_lines_are_printed(monkeypatch, capsys):
    terminal = types.ModuleType("IPython")
    terminal.get_ipython = object
    monkeypatch.setitem(sys.modules, "IPython", terminal)
    assert not in_notebook()
    fitted(1)
    assert capsys.readouterr().out.count("Epoch ") == 3


def test_a_record_shows_its_curves_and_values(tmp_path):
    history = History()
    for epoch, loss in enumerate([4.0, 1.0, 2.0]):
        history.on_epoch_end(epoch, {"loss": loss, "parts": np.ones(2)})
    html = history._repr_html_()
    assert "3 epochs" in html
    assert "<td>loss</td><td>2</td><td>1</td><td>4</td>" in html
    drawn = history.plot()
    assert drawn.svg in html
    drawn.save(tmp_path / "curves.svg")
    assert (tmp_path / "curves.svg").read_text() == drawn.svg
    assert "0 epochs" in History()._repr_html_()


def test_curves_lie_where_their_values_are():
    # two values at the ends of the axis: its left lower and its right upper corner
    svg = curves({"loss": [0.0, 1.0]})
    points = svg.partition('points="')[2].partition('"')[0].split()
    (x0, y0), (x1, y1) = (tuple(map(float, point.split(","))) for point in points)
    assert x0 < x1
    assert y0 > y1
    thousands = curves({"loss": range(3001)}).partition('points="')[2].partition('"')[0].split()
    assert len(thousands) <= 500
    assert thousands[-1] == points[1]  # the last one is there
    assert "<circle" in curves({"loss": [0.5]})  # one epoch is a point
    assert curves({"loss": [np.nan]}) == ""
    assert "&lt;b&gt;" in curves({"<b>": [1.0, 2.0]})
