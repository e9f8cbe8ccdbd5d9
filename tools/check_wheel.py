"""Check what `make wheel` built: all files are in it, and it works where nothing else is.

    python tools/check_wheel.py dist

The wheel is installed into a fresh environment, away from this folder, with what it depends on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOT_IN_WHEEL = ("native/src/",)  # they are compiled
IMPORTS = """
import maeum, importlib.metadata, pathlib, sys
from maeum import native
assert pathlib.Path(maeum.__file__).is_relative_to(sys.prefix), maeum.__file__
assert importlib.metadata.version("maeum") == maeum.__version__, maeum.__version__
status = native.status()
print("native kernels:", status.instruction_set if status.present else status.reason)
"""


def main(folder: Path) -> None:
    """Check the one wheel and the one sdist of a folder."""
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    expected = package_files()
    compiled = check_wheel(wheel, expected)
    check_sdist(sdist, expected)
    run([sys.executable, "-m", "twine", "check", "--strict", wheel, sdist])
    with tempfile.TemporaryDirectory() as place:
        check_installed(wheel, Path(place), compiled)
    print(f"{wheel.name} and {sdist.name} are in order.")


def package_files() -> set[str]:
    """Return the files of the package that are under version control."""
    listed = run(["git", "ls-files", "-z", "src"], cwd=ROOT).split("\0")
    return {name.removeprefix("src/") for name in listed if name}


def check_wheel(wheel: Path, expected: set[str]) -> bool:
    """See that a wheel holds every file of the package and no other; is it a compiled one?"""
    names = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    compiled = {name for name in names if name.startswith("maeum/native/_kernels.")}
    expected = {n for n in expected if not n.removeprefix("maeum/").startswith(NOT_IN_WHEEL)}
    compare(wheel, names - compiled, expected)
    print(f"{wheel.name}: {len(names)} files, {'with' if compiled else 'WITHOUT'} native kernels")
    return bool(compiled)


def check_sdist(sdist: Path, expected: set[str]) -> None:
    """See that an sdist holds every file of the package, with the sources of the kernels."""
    with tarfile.open(sdist) as archive:
        inside = [m.name.partition("/")[2] for m in archive.getmembers() if m.isfile()]
    names = {n.removeprefix("src/") for n in inside if n.startswith("src/maeum/")}
    compare(sdist, names, expected)
    for name in ("README.md", "LICENSE", "pyproject.toml", "setup.py"):
        assert name in inside, f"{sdist.name} lacks {name}"


def compare(archive: Path, names: set[str], expected: set[str]) -> None:
    """Raise unless two sets of files are the same."""
    if missing := sorted(expected - names):
        raise SystemExit(f"{archive.name} lacks {len(missing)} files: {', '.join(missing[:20])}")
    if more := sorted(names - expected):
        raise SystemExit(f"{archive.name} should not hold {', '.join(more[:20])}")


def check_installed(wheel: Path, place: Path, compiled: bool) -> None:
    """Install a wheel into an environment of its own, and train and predict with it."""
    run([sys.executable, "-m", "venv", place / "venv"])
    bin = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run([bin / "python", "-m", "pip", "install", "--quiet", f"{wheel}[all]"])
    said = run([bin / "python", "-c", IMPORTS], cwd=place)
    print(said.strip())
    assert compiled == ("no C++ compiler" not in said), said
    print(run([bin / "maeum", "--version"], cwd=place).strip())
    table = ROOT / "examples" / "customers.csv"
    train = ["train", table, "--target", "Churn", "--epochs", "1", "--out", place / "out"]
    run([bin / "maeum", *train], cwd=place)
    for name in ("report.html", "model.maeum"):
        assert (place / "out" / name).stat().st_size > 10_000, name
    said = run([bin / "maeum", "predict", place / "out" / "model.maeum", table], cwd=place)
    assert "prediction" in said or list(place.glob("*.csv")), said


def run(command: list, cwd: Path | None = None) -> str:
    """Run a command as a user would, without what this process knows; return what it said."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MAEUM"))}
    ran = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=known, capture_output=True, text=True
    )
    if ran.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
