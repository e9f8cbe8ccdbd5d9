"""The README and the pages of docs/ say what is true: their code runs, their links lead on."""

import ast
import contextlib
import io
import re
import textwrap
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from maeum.cli.main import command
from maeum.cli.train import fields_of
from maeum.core import randomness
from maeum.experiment.task import tasks

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MAEUM = command()
CONTEXT = click.Context(MAEUM)


def options(command) -> set[str]:
    return {
        option
        for p in command.get_params(CONTEXT)
        for option in (*p.opts, *p.secondary_opts)
        if option.startswith("--")
    }


def named(kind: str) -> set[str]:
    """Return the options of a task."""
    task = next(task for task in tasks() if task.kind == kind)
    return {f"--{name.replace('_', '-')}" for name in fields_of(task)}


COMMANDS = {n: options(MAEUM.get_command(CONTEXT, n)) for n in MAEUM.list_commands(CONTEXT)}
READING = {"--separator", "--encoding", "--header"}  # of tables; others inherit them
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=relative)


class Block(NamedTuple):
    """A fenced block: its language, its text and the line on which it begins."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[2], textwrap.dedent(found[3]), text.count("\n", 0, found.start(3)))
        for found in BLOCK.finditer(text)
    ]


def prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def slug(heading: str) -> str:
    """Name a heading as GitHub does in its anchors."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")


def meaning(text: str) -> str:
    """Return what a program does, without its comments, docstrings and spacing."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return ast.dump(tree)


def programs(page: Path) -> list[Any]:
    """Return the code of a page, in any language, and what it prints."""
    return [
        meaning(block.text) if block.language == "python" else block.text.split()
        for block in blocks(page)
        if block.language in ("python", "output")
    ]


def original(page: Path) -> Path:
    """Return the English page of a Korean one; others are their own."""
    if page.parent.name == "ko":
        return page.parents[1] / page.name
    return page.with_name(page.name.replace(".ko.", "."))


@each_page
def test_code_runs_in_the_order_of_the_page(page, tmp_path, monkeypatch):
    """``python`` blocks share one namespace; an ``output`` block is what the one before printed."""
    if page != original(page) and programs(page) == programs(original(page)):
        return  # it runs there
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(randomness, "_stream", None)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    namespace: dict = {"__name__": "__main__"}
    printed = io.StringIO()
    for block in blocks(page):
        if block.language == "python":
            printed = io.StringIO()
            # The lines before, left empty, make a traceback name the line of the page.
            code = compile("\n" * block.line + block.text, str(page), "exec")
            with contextlib.redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)
                exec(code, namespace)
        elif block.language == "output":
            assert block.text.split() == printed.getvalue().split(), f"{page}:{block.line}"


@each_page
def test_links_and_pictures_lead_somewhere(page):
    for link in [a or b for a, b in LINK.findall(prose(page))]:
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}, which is not there"
        assert target.is_relative_to(ROOT), f"{page.name} links out of the repository: {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", prose(target), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name}: {link} has no such heading"


@each_page
def test_commands_exist_with_their_options(page):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    lines = [line for b in blocks(page) if b.language == "console" for line in b.text.splitlines()]
    for line in lines:
        words = line.removeprefix("$ ").partition("#")[0].split()
        if words[:1] == ["make"]:
            assert words[1] in targets, line
        elif words and words[0].rpartition("/")[2] == "maeum":
            assert words[1] in COMMANDS, line
            assert set(OPTION.findall(line)) <= COMMANDS[words[1]], line


@pytest.mark.parametrize(
    ("page", "kind"),
    [(page, kind) for kind, name in {"table": "tables", "images": "images"}.items()
     for page in sorted(ROOT.glob(f"docs/**/{name}.md"))],
    ids=str,
)  # fmt: skip
def test_the_page_on_a_task_names_every_option_of_it(page, kind):
    found = set(OPTION.findall(page.read_text(encoding="utf-8")))
    assert named(kind) - READING <= found
    assert found <= options(MAEUM).union(*COMMANDS.values())


def test_pre_commit_checks_what_make_lint_does():
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = recipe[1].replace("$(BIN)", ".venv/bin").split("\n\t")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"entry: (.*)", hooks) == [command.strip() for command in commands]
