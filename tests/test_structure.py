"""How the source is laid out: no file imports another in a circle, and none is too long."""

import ast
import importlib
import re
from pathlib import Path

import grimp
import pytest

import maeum

SOURCE, HERE = Path(maeum.__file__).parent, Path(__file__).parent
MOST_LINES = 400


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that can all be reached from each other (Tarjan, 1972)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in imports[module]:
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            place = stack.index(module)
            together = set(stack[place:])
            del stack[place:]
            if len(together) > 1 or module in imports[module]:
                found.append(together)

    for module in imports:
        if module not in number:
            visit(module)
    return found


def test_circles_are_found():
    def graph(text):
        pairs = [pair.split(">") for pair in text.split()]
        return {n: {b for a, b in pairs if a == n} for n in sorted({n for p in pairs for n in p})}

    assert circles(graph("a>b b>c a>c")) == []
    assert circles(graph("a>b b>c c>a c>d d>e e>d x>a")) == [{"d", "e"}, {"a", "b", "c"}]
    assert circles(graph("a>a a>b")) == [{"a"}]


def test_no_file_imports_another_in_a_circle():
    graph = grimp.build_graph("maeum", cache_dir=None)  # imports in functions and for types too
    imports = {m: graph.find_modules_directly_imported_by(m) for m in sorted(graph.modules)}
    assert circles(imports) == []


def test_no_file_is_longer_than_fits_in_a_head():
    lengths = {
        path.relative_to(SOURCE).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in SOURCE.rglob("*.py")
    }
    too_long = {name for name, lines in lengths.items() if lines > MOST_LINES}
    assert too_long == set()


SCRIPTS = [
    script
    for folder in ("benchmarks", "examples", "tools")
    for script in sorted(Path(__file__).parents[1].joinpath(folder).glob("*.py"))
]


@pytest.mark.parametrize(
    "script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}"
)
def test_scripts_import_names_that_are_there(script):
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "maeum":
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")


def test_slow_tests_that_are_named_exist():
    for line in (HERE / "slow_tests.txt").read_text(encoding="utf-8").splitlines()[2:]:
        file, *_classes, name = re.split(r"[\[ ]", line)[0].split("::")
        assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8"), line
