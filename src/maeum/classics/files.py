"""The files of a clustering, of a map and of a comparison."""

from __future__ import annotations

from pathlib import Path

from maeum.classics.clustering import Clustering
from maeum.classics.comparing.comparison import Comparison
from maeum.classics.projecting import Projection
from maeum.core.files import write_atomically
from maeum.core.json import to_bytes
from maeum.core.messages import _
from maeum.experiment.events import work

FILES = {"groups": "groups.csv", "map": "map.csv", "comparison": "comparison.csv",
         "metrics": "metrics.json", "report": "report.html"}  # fmt: skip


def write_answers(found: Clustering | Projection | Comparison, folder: Path) -> dict[str, Path]:
    """Write the rows with their groups or places, or the models' scores; figures and page.

    Returns:
        The path of each: ``groups``, ``map`` or ``comparison``; ``metrics`` (of a comparison,
        ``comparison.json``); and ``report``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.report.html import write_page  # with jinja2

    work(_("Writing the report ..."))
    if isinstance(found, Clustering):
        from maeum.classics import cluster_report

        what, page = "groups", cluster_report.page_of(found)
    elif isinstance(found, Comparison):
        from maeum.classics.comparing import page as comparison_report

        what, page = "comparison", comparison_report.page_of(found)
    else:
        from maeum.classics import map_report

        what, page = "map", map_report.page_of(found)
    paths = {name: folder / FILES[name] for name in (what, "metrics", "report")}
    if what == "comparison":
        paths["metrics"] = paths[what].with_suffix(".json")
    text = found.table().to_csv(index=False, lineterminator="\n")
    write_atomically(paths[what], text.encode("utf-8", "surrogateescape"))
    write_atomically(paths["metrics"], to_bytes(found.to_json()))
    write_page(page, paths["report"])
    return paths
