"""A network together with what prepares its data: it takes files just as they are."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Self

from maeum.core.errors import ConfigError, ModelFileError, UnknownNameError
from maeum.core.json import from_bytes, to_bytes
from maeum.experiment.classes import PROBABILITY
from maeum.experiment.options import Options, Reading
from maeum.experiment.run import ROWS, Things
from maeum.experiment.seen import Seen
from maeum.models import Model
from maeum.report.wording import metric, metric_name
from maeum.saving import archive

if TYPE_CHECKING:
    import pandas as pd

ENTRY = "preprocessing.json"


class TaskModel:
    """A trained network with what it needs to take raw data; base of the models of all tasks.

    A subclass is a dataclass with at least ``network`` and ``facts``.

    Attributes:
        kind: the name of the task in the file.
        things: what it takes, to be counted.
        reads_with: the options with which it reads a file.
        making: the options of what it makes, of a model that makes something.
        network: the network itself, a `maeum.Model`.
        facts: what is known of its training: source, metrics, rows, settings.
        seen: what it was trained on, as hashes.
    """

    kind: ClassVar[str]
    things: ClassVar[Things] = ROWS
    reads_with: ClassVar[tuple[str, ...]] = tuple(Reading.fields())
    making: ClassVar[type[Options] | None] = None
    network: Model
    facts: dict[str, Any]
    seen: Seen = Seen()

    def predict(self, source: Any, **reading: Any) -> pd.DataFrame:
        """Return the predictions for raw data, a line for each."""
        raise NotImplementedError

    def evaluate(self, source: Any, **reading: Any) -> dict[str, Any]:
        """Return the metrics on labelled data, their number (``rows``) and ``notes``."""
        raise NotImplementedError

    def make(self, options: Any) -> Iterator[str]:
        """Make what ``maeum generate`` is asked for; yield what the terminal shows, in pieces.

        Args:
            options: an instance of `making`.
        """
        raise NotImplementedError

    def describe(self) -> list[str]:
        """Return what the network predicts, and from what, as sentences."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Return what prepares the data, as plain data."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> Self:
        """Return the model that `to_json` described, ``facts`` and ``seen`` aside."""
        raise NotImplementedError

    @classmethod
    def of_network(cls, network: Model) -> Self | None:
        """Return a model around a network that was saved alone; None if it takes a preparation."""
        return None

    def is_single(self, source: Any) -> bool:
        """Tell whether data are a single thing, whose prediction is shown instead of written."""
        return False

    def predictions(self, source: Any, **reading: Any) -> tuple[pd.DataFrame, list[str]]:
        """Return what the command writes about some data, probabilities rounded, and notes."""
        with warnings_as_notes() as notes:
            found = self.predict(source, **reading)
        return rounded(found), notes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {'. '.join(self.describe())}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: what it predicts from what, and how good it was."""
        lines = "<br>".join(map(escape, self.describe()))
        metrics = {k: v for k, v in self.facts.get("metrics", {}).items() if v is not None}
        rows = "".join(
            f"<tr><td>{escape(metric_name(k).label)}</td><td>{metric(k, v)}</td></tr>"
            for k, v in metrics.items()
        )
        return f"<div>{lines}<table>{rows}</table></div>"

    def save(self, path: str | os.PathLike) -> None:
        """Save everything in one model file; see `maeum.Model.save`."""
        description = {"kind": self.kind, **self.to_json(), "facts": self.facts}
        if self.seen.rows:
            description["seen"] = self.seen.to_json()
        archive.save_model(self.network, path, extras={ENTRY: to_bytes(description)})

    @classmethod
    def load(cls, path: str | os.PathLike) -> Self:
        """Load what `save` wrote.

        Raises:
            ModelFileError: if the file is no model, or not one of this task.
        """
        return cls.from_entries(archive.read_entries(path), str(path))

    @classmethod
    def from_entries(cls, entries: Mapping[str, bytes], what: str) -> Self:
        """Return the model of an archive's entries; ``what`` names the file in errors."""
        kind = check_prepared(entries, what)
        if kind != cls.kind:
            raise ModelFileError("{what!r} is a model of the kind {kind!r}, not {wanted!r}. "
                                 "maeum.experiment.open_model opens every kind.", what=what,
                                 kind=kind, wanted=cls.kind)  # fmt: skip
        network = archive.from_entries(entries, what)
        try:
            saved = from_bytes(entries[ENTRY])
            made = cls.from_json(network, saved)
            made.facts = dict(saved.get("facts", {}))
            made.seen = Seen.from_json(saved.get("seen", {}))  # earlier files know of no rows
        except UnknownNameError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
            raise ModelFileError(
                "{what!r} is damaged: {error!r}.", what=what, error=error
            ) from error
        return made


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[list[str]]:
    """Yield a list that holds in the end what was warned of, in place of the warnings."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield notes
    notes += [str(warning.message) for warning in told]


def rounded(found: pd.DataFrame) -> pd.DataFrame:
    """Return predictions with the digits that may be believed: 6 of a probability, or 10."""
    found = found.round({name: 6 for name in found if str(name).startswith(PROBABILITY)})
    for name in found.columns[found.dtypes == "float64"]:
        found[name] = [float(f"{value:.10g}") for value in found[name]]
    return found


def beside(rows: pd.DataFrame, found: Any) -> tuple[pd.DataFrame, list[str]]:
    """Return rows with predictions as further columns, and which of these were renamed.

    Args:
        rows: the rows as they were read; all their columns stay what they are.
        found: the predictions, as a frame or as columns by name.
    """
    import pandas as pd

    from maeum.tables.reading import tidy

    columns = rounded(pd.DataFrame(found, index=rows.index))
    return tidy(pd.concat([rows, columns], axis=1))


def kind_of(entries: Mapping[str, bytes]) -> str | None:
    """Return the kind of the model of an archive's entries; None without preparation."""
    if ENTRY not in entries:
        return None
    try:
        return str(from_bytes(entries[ENTRY]).get("kind", "table"))  # the first ones had none
    except (ValueError, AttributeError):  # damaged, which is told when it is read
        return "table"


def check_prepared(entries: Mapping[str, bytes], what: str) -> str:
    """Return the kind of the model of an archive's entries.

    Raises:
        ModelFileError: for a model without preparation.
    """
    kind = kind_of(entries)
    if kind is None:
        raise ModelFileError("{what!r} is a model, but it does not say how raw data are prepared "
                             "for it. Load it with maeum.load_model and give it arrays.",
                             what=what)  # fmt: skip
    return kind
