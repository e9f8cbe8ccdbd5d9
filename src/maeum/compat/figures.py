"""A backend of matplotlib for where there is no screen: what is shown is saved beside the script.

It is chosen by ``MPLBACKEND=module://maeum.compat.figures``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from matplotlib import _pylab_helpers
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from maeum.core.messages import _

_saved: list[Path] = []


class FigureManager(FigureManagerBase):
    """Saves figures when they are shown."""

    def show(self) -> None:
        """Save the figure."""
        _save([self])

    @classmethod
    def pyplot_show(cls, *args: Any, **options: Any) -> None:
        """Save all figures, and close them, as closing their windows would."""
        managers = _pylab_helpers.Gcf.get_all_fig_managers()
        _save(managers)
        for manager in managers:
            _pylab_helpers.Gcf.destroy(manager)


class FigureCanvas(FigureCanvasAgg):
    """The canvas of figures that are saved."""

    manager_class = FigureManager  # type: ignore[assignment]


def _save(managers: list) -> None:
    script = Path(sys.argv[0] or "figure").resolve()
    for manager in managers:
        path = script.with_name(f"{script.stem}_{len(_saved) + 1}.png")
        try:
            manager.canvas.figure.savefig(path)
        except OSError:  # a folder that cannot be written to: where the script runs, then
            path = Path.cwd() / path.name
            manager.canvas.figure.savefig(path)
        _saved.append(path)
        print(_("(There is no screen: the figure is saved as {path}.)", path=path), file=sys.stderr)
