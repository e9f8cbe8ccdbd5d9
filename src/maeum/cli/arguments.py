"""Arguments that several commands take."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from maeum.core.messages import _
from maeum.experiment.checks import Check
from maeum.experiment.options import Reading

STDIN = Path("-")
_PACKED = (".gz", ".bz2", ".xz", ".zip")


def data() -> click.Argument:
    """The file or folder with the data, or several tables with the same columns."""
    return click.Argument(["data"], metavar="DATA...", type=click.Path(path_type=Path), nargs=-1,
                          required=True)  # fmt: skip


def model() -> click.Argument:
    """The model file."""
    return click.Argument(["model"], metavar="MODEL", type=click.Path(path_type=Path))


def option(name: str, kind: Any, default: Any, metavar: str, help: str) -> click.Option:
    """Return an option with a value of its own type."""
    return click.Option([f"--{name}"], type=kind, default=default, metavar=metavar, help=help)


def field_option(
    name: str, field: Any, hidden: bool = False, former: Iterable[str] = ()
) -> click.Option:
    """Return a field of `maeum.experiment.options.Options` as an option of the command.

    What is given is a text (several, where it may be given several times), or True or False.
    ``former`` names are taken, too.
    """
    check: Check = field.metadata["check"]
    flags = [f"--{one.replace('_', '-')}" for one in (name, *former)]
    known: dict[str, Any] = {"help": _(field.metadata["help"]), "hidden": hidden}
    if not check.metavar:
        forms = [flag if field.default is False else f"{flag}/--no-{flag[2:]}" for flag in flags]
        return click.Option(forms, is_flag=True, default=None, show_default=False, **known)
    return click.Option(flags, metavar=check.metavar, multiple=field.metadata["repeated"], **known)


def reading() -> list[click.Option]:
    """How a table is read."""
    return [field_option(name, each) for name, each in Reading.fields().items()]


def chosen(context: click.Context, names: Collection[str] | None = None) -> dict[str, Any]:
    """Return the values that were given, by name."""
    found = {}
    for name, value in context.params.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT" and (names is None or name in names):
            found[name] = value
    return found


def read_values(values: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts that were given as values.

    Args:
        values: what was given for each field.
        known: the fields of `maeum.experiment.options.Options`, by name.

    Raises:
        ConfigError: for a text that cannot be read as such a value, or a value that is not taken.
    """
    found = {}
    for name, value in values.items():
        check, said = known[name].metadata["check"], f"--{name.replace('_', '-')}"
        if isinstance(value, tuple):
            value = tuple(part for text in value for part in check.read(text, said))
        elif isinstance(value, str):
            value = check.read(value, said)
        check(value, said)  # named as it was written; the options check it again, by its field
        found[name] = value
    return found


def stem(path: Path) -> str:
    """Return the name of a file without its suffixes, or of a folder; for the results' name.

    >>> stem(Path("data/table.csv.gz")), stem(Path("photos")), stem(Path("-"))
    ('table', 'photos', 'stdin')
    >>> stem(Path("my_env.py:make"))
    'my_env'
    """
    if path == STDIN:
        return "stdin"
    if path.is_dir():
        return path.resolve().name
    name = path.name or path.resolve().name
    name = name.removesuffix(next(filter(name.endswith, _PACKED), ""))
    return (name.rpartition(".")[0] or name).replace(":", "-")


def source_of(data: tuple[Path, ...]) -> Any:
    """Return the one path that was given, or all of them."""
    return data[0] if len(data) == 1 else data


def model_first(model: Path, data: tuple[Path, ...]) -> tuple[Path, tuple[Path, ...], bool]:
    """Return the model and the data, whichever was given first; and whether that was the data."""
    if not _is_model(model) and (found := [path for path in data if _is_model(path)]):
        return found[0], (model, *(path for path in data if path != found[0])), True
    return model, data, False


def _is_model(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "model.json" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
