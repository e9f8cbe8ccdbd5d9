"""What a notebook shows of a model: its layers as a table."""

from __future__ import annotations

from html import escape
from typing import Any

from maeum.core.messages import _
from maeum.models.summary import layer_rows, parameter_lines

MOST = 60  # layers that are shown


def model_html(model: Any) -> str:
    """Return the layers of a model with their output shapes and parameters as HTML.

    >>> import maeum as mm
    >>> html = model_html(mm.Sequential([mm.Input((3,)), mm.layers.Dense(2, name="out")]))
    >>> "<td>out (Dense)</td><td>(None, 2)</td>" in html
    True
    """
    header, rows = layer_rows(model)
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    shown = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[:MOST]
    )
    more = _("and {n:,} more", n=len(rows) - MOST) if len(rows) > MOST else ""
    lines = [f'Model "{model.name}"', *parameter_lines(model), *([more] if more else [])]
    said = "<br>".join(escape(line) for line in lines[1:])
    return (
        f"<div><b>{escape(lines[0])}</b><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{shown}</tbody></table>{said}</div>"
    )
