"""A graph of boxes as a drawing in SVG: layers of boxes below each other, edges between them.

The boxes stand in ranks by their longest way from a source; an edge over several ranks has a
place in each, so that it runs past the boxes there; ranks are ordered by the means of their
neighbours (Sugiyama, Tagawa and Toda, 1981).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from maeum.core.wording import columns

_LETTER, _LINE, _MARGIN, _GAP, _RANK_GAP = 6.4, 16, 10, 26, 34
_SWEEPS = 6


def graph_svg(
    boxes: Mapping[str, Sequence[str]], edges: Iterable[tuple[str, str]], rankdir: str = "TB"
) -> str:
    """Return a graph without cycles as SVG.

    Args:
        boxes: the lines of text in each box, by its name.
        edges: pairs of names, from and to.
        rankdir: ``"TB"`` from top to bottom, ``"LR"`` from left to right; ``"BT"``, ``"RL"``.

    >>> graph_svg({"a": ["in"], "b": ["out"]}, [("a", "b")]).count("<rect")
    2
    """
    sizes = {name: _size(lines) for name, lines in boxes.items()}
    lying = rankdir in ("LR", "RL")
    breadth = {name: size[lying] for name, size in sizes.items()}
    depth = {name: size[not lying] for name, size in sizes.items()}
    pairs = [pair for pair in dict.fromkeys(edges) if pair[0] in boxes and pair[1] in boxes]
    rank = _ranks(list(boxes), pairs)
    chains, links = [], []
    for number, (start, end) in enumerate(pairs):
        between = [f"{number}:{r}" for r in range(rank[start] + 1, rank[end])]
        rank |= {name: rank[start] + 1 + i for i, name in enumerate(between)}
        breadth |= dict.fromkeys(between, 4.0)
        chain = [start, *between, end]
        chains.append(chain)
        links += list(pairwise(chain))
    rows = _ordered(rank, links)
    across = _places(rows, links, breadth)
    tall = [max((depth.get(name, 0.0) for name in row), default=0.0) for row in rows]
    tops = [_MARGIN + sum(tall[:r]) + r * _RANK_GAP for r in range(len(rows))]
    along = {name: tops[rank[name]] + tall[rank[name]] / 2 for name in rank}
    least = min((across[name] - breadth[name] / 2 for name in across), default=0.0) - _MARGIN
    width = max((across[name] + breadth[name] / 2 for name in across), default=0.0)
    width, height = width - least + _MARGIN, (tops[-1] + tall[-1] if rows else 0.0) + _MARGIN

    def point(name: str, end: float = 0.0) -> tuple[float, float]:
        """Return a place of the drawing: the middle of a box, or its end towards the next rank."""
        a, b = across[name] - least, along[name] + end * depth.get(name, 0.0) / 2
        b = height - b if rankdir in ("BT", "RL") else b
        return (b, a) if lying else (a, b)

    drawn = [_edge([point(chain[0], 1), *map(point, chain[1:-1]), point(chain[-1], -1)], lying)
             for chain in chains]  # fmt: skip
    drawn += [_box(boxes[name], point(name), sizes[name]) for name in boxes]
    w, h = (height, width) if lying else (width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:.0f} {h:.0f}" width="{w:.0f}" '
        f'height="{h:.0f}" font-family="Helvetica,Arial,sans-serif" font-size="11" color="#222" '
        'style="background:#fff"><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(drawn)}</svg>"
    )


def _size(lines: Sequence[str]) -> tuple[float, float]:
    return _LETTER * max(map(columns, lines)) + 16, _LINE * len(lines) + 8.0


def _ranks(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return how many edges the longest way to each box has."""
    sources: dict[str, list[str]] = {name: [] for name in names}
    for start, end in edges:
        sources[end].append(start)
    rank: dict[str, int] = {}
    waiting = list(names)
    while waiting:
        ready = [name for name in waiting if all(s in rank for s in sources[name])]
        for name in ready or waiting[:1]:  # a cycle is cut open
            rank[name] = 1 + max((rank.get(s, -1) for s in sources[name]), default=-1)
        waiting = [name for name in waiting if name not in rank]
    return rank


def _ordered(rank: Mapping[str, int], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the names of each rank, ordered so that few edges cross."""
    rows: list[list[str]] = [[] for _r in range(max(rank.values(), default=-1) + 1)]
    for name, r in rank.items():
        rows[r].append(name)
    for sweep in range(_SWEEPS):
        near: dict[str, list[str]] = {}
        for start, end in links:
            own, other = (end, start) if sweep % 2 == 0 else (start, end)
            near.setdefault(own, []).append(other)
        place = {name: i / len(row) for row in rows for i, name in enumerate(row)}
        for row in rows if sweep % 2 == 0 else reversed(rows):
            means = {n: _mean([place[o] for o in near.get(n, ())], place[n]) for n in row}
            row.sort(key=means.__getitem__)
            place |= {name: i / len(row) for i, name in enumerate(row)}
    return rows


def _places(
    rows: Sequence[Sequence[str]], links: Sequence[tuple[str, str]], breadth: Mapping[str, float]
) -> dict[str, float]:
    """Return where the middle of each box is across its rank: near to its neighbours."""
    near: dict[str, list[str]] = {}
    for start, end in links:
        near.setdefault(start, []).append(end)
        near.setdefault(end, []).append(start)
    place: dict[str, float] = {}
    for row in rows:
        place |= _apart(row, dict.fromkeys(row, 0.0), breadth)
    for sweep in range(2 * _SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = {n: _mean([place[o] for o in near.get(n, ())], place[n]) for n in row}
            place |= _apart(row, wanted, breadth)
    return place


def _apart(
    row: Sequence[str], wanted: Mapping[str, float], breadth: Mapping[str, float]
) -> dict[str, float]:
    """Return places in the order of the row that do not overlap, as near as wanted."""
    room = [(breadth[a] + breadth[b]) / 2 + _GAP for a, b in pairwise(row)]
    right = [wanted[name] for name in row]
    left = list(right)
    for i in range(1, len(row)):
        right[i] = max(right[i], right[i - 1] + room[i - 1])
    for i in reversed(range(len(row) - 1)):
        left[i] = min(left[i], left[i + 1] - room[i])
    return {name: (a + b) / 2 for name, a, b in zip(row, left, right)}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _edge(points: Sequence[tuple[float, float]], lying: bool) -> str:
    path = "M{:.1f} {:.1f}".format(*points[0])
    for (x, y), (u, v) in pairwise(points):
        a, b = ((x + u) / 2, y) if lying else (x, (y + v) / 2)
        c, d = ((x + u) / 2, v) if lying else (u, (y + v) / 2)
        path += f"C{a:.1f} {b:.1f} {c:.1f} {d:.1f} {u:.1f} {v:.1f}"
    return f'<path d="{path}" fill="none" stroke="currentColor" marker-end="url(#tip)"/>'


def _box(lines: Sequence[str], middle: tuple[float, float], size: tuple[float, float]) -> str:
    x, y = middle[0] - size[0] / 2, middle[1] - size[1] / 2
    weights = ("bold", "normal")
    said = "".join(
        f'<text x="{middle[0]:.1f}" y="{y + 15 + _LINE * i:.1f}" text-anchor="middle" '
        f'font-weight="{weights[min(i, 1)]}" fill="currentColor">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}" rx="4" '
        f'fill="#eef3fa" stroke="currentColor"/>{said}'
    )
