"""The pages of the site that nobody writes: the start, the examples, and the reference.

A hook of mkdocs; see mkdocs.yml and `make docs`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import posixpath
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))
from notebooks import notebook

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PICTURES = {  # by the name of the example; see `make gallery`
    path.stem: drawn
    for path in EXAMPLES
    if (drawn := ROOT / "results" / f"{path.stem}.png").exists()
}
STARTS = {"index.md": "README.md", "ko/index.md": "README.ko.md"}
ROOMS = {
    "Models and layers": ["models", "layers", "applications", "inspect"],
    "Learning": [
        "optimizers", "losses", "metrics", "callbacks", "activations", "initializers",
        "regularizers", "constraints",
    ],
    "Numbers": ["ops", "ops.nn", "ops.linalg", "ops.image", "random", "tree"],
    "From a file to a report": [
        "experiment", "tabular", "forecasting", "images", "texts", "language", "tables", "text",
        "music",
    ],
    "Making and acting": ["generative", "rl"],
    "Around it": [
        "saving", "datasets", "utils", "config", "dtype_policies", "testing", "wrappers",
        "preprocessing",
    ],
}  # fmt: skip
ONE_PAGE = 16  # a room with more names has a page for each


def on_config(config: Any) -> Any:
    """Put the reference into the navigation."""
    for entry in config.nav:
        if "Reference" in entry:
            entry["Reference"] = [
                {group: [{room: f"api/{room}.md"} for room in rooms]}
                for group, rooms in ROOMS.items()
            ]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages."""
    made = [*pages(), *of_guides()]
    for where, content in made:
        files.append(File.generated(config, where, content=content))
    for name, drawn in PICTURES.items():
        files.append(File.generated(config, f"examples/{name}.png", abs_src_path=str(drawn)))
    # The theme asks for one beside the pages of each language.
    files.append(File.generated(config, "ko/sitemap.xml", content="<urlset/>"))
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Let links lead to pages of the site (others are no links), and guides to their notebook."""
    folder, known = page.file.src_uri.rpartition("/")[0], files.src_uris
    if (own := page.file.src_uri.replace(".md", ".ipynb")) in known:
        name = "Notebook" if not folder else "노트북"
        title, line, rest = markdown.partition("\n")
        markdown = (
            f"{title}{line}\n[{name}]({own.rpartition('/')[2]}){{ .md-button download }}\n{rest}"
        )
    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", lambda m: link(m, folder, known), markdown)


def on_page_context(context: Any, page: Any, config: Any, **_: Any) -> Any:
    """Let the words around a Korean page be Korean; the other language leads to the same page."""
    own = page.file.src_uri
    config.theme["language"] = "ko" if own.startswith("ko/") else "en"
    addresses = {file.src_uri: file.url for file in context["pages"]}
    same = own.removeprefix("ko/")
    same = same if f"ko/{same}" in addresses else "index.md"
    for entry in config.extra["alternate"]:
        entry["link"] = addresses[f"ko/{same}" if entry["lang"] == "ko" else same]
    return context


def link(found: re.Match, folder: str, known: Collection[str]) -> str:
    """Return a link of a page in ``folder`` as it has to be there."""
    text, target = found.groups()
    if target.startswith(("http", "#", "mailto")):
        return found[0]
    path, mark, anchor = target.partition("#")
    up = "../" * (folder.count("/") + bool(folder))
    name = path.rpartition("/")[2]
    if path.startswith("docs/") and (ROOT / path).exists():  # from one of the READMEs
        return f"[{text}]({up}{path.removeprefix('docs/')}{mark}{anchor})"
    if name in STARTS.values():
        start = next(where for where, source in STARTS.items() if source == name)
        return f"[{text}]({up}{start}{mark}{anchor})"
    if name.endswith(".py") and (ROOT / "examples" / name).exists():
        return f"[{text}]({up}examples/{name[:-3]}.md)"
    return found[0] if posixpath.normpath(posixpath.join(folder, path)) in known else text


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and the content of each page."""
    for where, source in STARTS.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        deeper = "../" if "/" in where else ""
        yield where, text.replace("](docs/report", f"]({deeper}report")
    yield from of_examples()
    for rooms in ROOMS.values():
        for room in rooms:
            yield from of_room(room)


def of_guides() -> Iterator[tuple[str, str]]:
    """Yield each guide that has programs as a notebook."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if "```python" in text:
            where = path.relative_to(ROOT / "docs").with_suffix(".ipynb")
            yield where.as_posix(), notebook(text)


def of_examples() -> Iterator[tuple[str, str]]:
    """Yield the gallery, and a page for each example with its program."""
    shown, others = ["| Drawn | Example |", "| --- | --- |"], []
    for path in EXAMPLES:
        source = path.read_text(encoding="utf-8")
        said = ast.get_docstring(ast.parse(source)) or ""
        title, _, more = said.partition("\n\n")
        title = " ".join(title.split())
        row = f"[`{path.name}`](examples/{path.stem}.md): {title}"
        more = re.sub(r"(?m)^    (python .*)$", r"```sh\n\1\n```", more)
        code = f"```python\n{source}```\n"
        drawn = ""
        if path.stem in PICTURES:
            drawn = f"![What it draws]({path.stem}.png)\n\n"
            small = f"![What {path.name} draws](examples/{path.stem}.png){{ width=300 }}"
            shown.append(f"| [{small}](examples/{path.stem}.md) | {row} |")
        else:
            others.append(f"- {row}")
        yield f"examples/{path.stem}.md", f"# {path.name}\n\n{title}\n\n{more}\n\n{drawn}{code}"
    intro = "# Examples\n\nEach is a program of its own in the folder `examples`.\n\n"
    shown = shown if PICTURES else []
    yield "examples.md", intro + "\n".join([*shown, "", *others]) + "\n"


def of_room(room: str) -> Iterator[tuple[str, str]]:
    """Yield the page of a room, and those of its names where they are many."""
    module = importlib.import_module(f"maeum.{room}")
    title = f"# maeum.{room}\n\n{inspect.getdoc(module) or ''}\n\n"
    names = public(module)
    if len(names) <= ONE_PAGE:
        yield f"api/{room}.md", title + "\n".join(entry(module, name, 2) for name in names)
        return
    lines = []
    for name in names:
        said = (inspect.getdoc(getattr(module, name)) or "").partition("\n")[0]
        lines.append(f"- [`{name}`]({room}/{name}.md): {said}")
        yield f"api/{room}/{name}.md", entry(module, name, 1)
    yield f"api/{room}.md", title + "\n".join(lines) + "\n"


def public(module: ModuleType) -> list[str]:
    """Return the names of a room that have a docstring of their own."""
    names = getattr(module, "__all__", None) or [
        name for name, found in vars(module).items()
        if not name.startswith("_") and getattr(found, "__module__", "").startswith("maeum.")
    ]  # fmt: skip
    found = {name: getattr(module, name) for name in names}
    return [name for name, it in sorted(found.items()) if callable(it) and inspect.getdoc(it)]


def entry(module: ModuleType, name: str, level: int) -> str:
    """Return what makes mkdocstrings describe a name, below a heading of this level."""
    return f"::: {module.__name__}.{name}\n    options:\n      heading_level: {level}\n"
