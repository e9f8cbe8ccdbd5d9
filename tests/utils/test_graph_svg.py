"""A drawing of a graph: nothing overlaps, and edges run from rank to rank."""

import re

import pytest

import maeum as mm
from maeum.layers import Add, Dense
from maeum.utils import plot_model
from maeum.utils.graph_svg import graph_svg

GRAPH = {name: [f"the box {name}", "(None, 3)"] for name in "abcdef"}
EDGES = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("a", "e"), ("e", "f"), ("d", "f")]


def rectangles(svg):
    found = re.findall(r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    return [tuple(map(float, numbers)) for numbers in found]


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_boxes_lie_inside_and_apart(rankdir):
    svg = graph_svg(GRAPH, EDGES, rankdir)
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    boxes = rectangles(svg)
    assert len(boxes) == len(GRAPH)
    assert svg.count("<path d=") == len(EDGES) + 1  # and the tip of the arrows
    for i, (x, y, w, h) in enumerate(boxes):
        assert -1 <= x <= x + w <= width + 1
        assert -1 <= y <= y + h <= height + 1
        for u, v, s, t in boxes[:i]:
            assert x >= u + s or u >= x + w or y >= v + t or v >= y + h
    down = rankdir in ("TB", "BT")
    order = [boxes[list(GRAPH).index(name)][down] for name in "abcdf"]
    assert order == sorted(order, reverse=rankdir in ("BT", "RL"))


def test_a_model_is_drawn_without_graphviz(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    x = mm.Input((4,), name="taken")
    hidden = Dense(4, activation="relu", name="hidden")(x)
    plot_model(mm.Model(x, Add()([x, hidden])), tmp_path / "model.svg", show_layer_names=True)
    svg = (tmp_path / "model.svg").read_text()
    assert len(rectangles(svg)) == 3
    assert ">hidden (Dense)<" in svg


def test_without_a_name_and_graphviz_the_drawing_is_an_svg(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    plot_model(mm.Sequential([mm.Input((2,)), Dense(1)]))
    assert (tmp_path / "model.svg").read_text().startswith("<svg")
    assert "model.svg" in capsys.readouterr().out
