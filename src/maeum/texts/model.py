"""A network together with how its texts are read: it takes texts as they are."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core import registry
from maeum.core.errors import DataError, ModelFileError, UnknownNameError, nearest
from maeum.core.wording import plural
from maeum.models import Model
from maeum.saving import archive
from maeum.texts.encoding import WordsEncoder
from maeum.texts.reading import read_labelled, read_texts
from maeum.texts.scores import score_texts

if TYPE_CHECKING:
    import pandas as pd

_ENTRY = "preprocessing.json"
KIND = "texts"


@dataclass
class TextClassifier:
    """A trained network for texts.

    Attributes:
        network: the network itself, a `maeum.Model`: the numbers of words in, a probability for
            each class out.
        encoder: how texts become its inputs.
        classes: the names of the classes.
        column, target: the columns of the table that it learnt from; None for a folder.
        facts: what is known of its training: metrics, rows, settings.

    Example:
        >>> import pandas as pd
        >>> from maeum.texts import train_text
        >>> table = pd.DataFrame({"text": ["good film", "bad film"] * 20, "label": ["+", "-"] * 20})
        >>> table["text"] += [f" {i}" for i in range(40)]
        >>> model = train_text(table, target="label", epochs=1, report=False).model
        >>> model.predict(["a good one", "so bad"])["prediction"].tolist()
        ['+', '-']
    """

    network: Model
    encoder: WordsEncoder
    classes: list[str]
    column: str | None = None
    target: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def predict(self, texts: Any, **reading: Any) -> pd.DataFrame:
        """Return a prediction for each text, with a probability for each class.

        An empty or missing text, and one without a known word, gets what the network says when
        it sees nothing; a warning counts them.

        Args:
            texts: a list of texts; a table or a data frame with the column of the training; a
                text file with a text on each line; or a folder of text files.
            reading: ``separator``, ``encoding`` and ``header`` of a table.

        Raises:
            DataError: for something that is no text.
            UnknownNameError: for a table without the column.
        """
        import pandas as pd

        found, names = read_texts([texts] if _is_text(texts) else texts, self.column, **reading)
        p = self.probabilities(found)
        answers = [self.classes[k] for k in p.argmax(axis=1)]
        columns: dict[str, Any] = {"text": names, "prediction": answers}
        columns |= {f"probability of {name}": p[:, k] for k, name in enumerate(self.classes)}
        return pd.DataFrame(columns)

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """Return the probabilities ``(n, classes)`` of texts."""
        if not texts:
            raise DataError("There is no text to predict for.")
        x = self.encoder.encode(texts)
        if blind := int((~(x > 1).any(axis=1)).sum()):
            warnings.warn(
                f"{plural(blind, 'text has', 'texts have')} no word that the network knows; the "
                "answer for such a text says little.",
                stacklevel=3,
            )
        p = self.network.predict(x, batch_size=256, verbose=0).astype(np.float64)
        return p / p.sum(axis=1, keepdims=True)

    def evaluate(self, source: Any, **reading: Any) -> dict[str, Any]:
        """Return the metrics on labelled texts, how many there were, and notes.

        Args:
            source: a table with the columns of the training, or a folder of class folders.
            reading: as for `predict`.

        Raises:
            DataError: for labels that the network does not know.
        """
        columns = {} if self.column is None else {"text": self.column, "target": self.target}
        found = read_labelled(source, **columns, **reading)
        unknown = next((label for label in found.labels if label not in self.classes), None)
        if unknown is not None:
            raise DataError(
                f"There are texts of the class {unknown!r}, which the model does not know."
                f"{nearest(unknown, self.classes)} Its classes: {', '.join(self.classes[:10])}."
            )
        number = {name: k for k, name in enumerate(self.classes)}
        truth = np.array([number[label] for label in found.labels])
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            p = self.probabilities(found.texts)
        notes = found.notes + [str(warning.message) for warning in told]
        metrics = score_texts(truth, p, self.classes)
        return {"rows": len(truth), "notes": notes, **metrics}

    def save(self, path: str | os.PathLike) -> None:
        """Save everything in one model file; see `maeum.Model.save`."""
        description = {
            "kind": KIND,
            "encoder": registry.serialize(self.encoder),
            "classes": self.classes,
            "column": self.column,
            "target": self.target,
            "facts": self.facts,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        extras = {_ENTRY: text.encode("utf-8", "surrogatepass")}
        archive.save_model(self.network, path, extras=extras)

    @classmethod
    def load(cls, path: str | os.PathLike) -> TextClassifier:
        """Load what `save` wrote.

        Raises:
            ModelFileError: if the file is no model, or not one for texts.
        """
        return cls.from_entries(archive.read_entries(path), str(path))

    @classmethod
    def from_entries(cls, entries: Mapping[str, bytes], what: str) -> TextClassifier:
        """Return the model of an archive's entries."""
        if not is_for_texts(entries):
            raise ModelFileError(
                f"{what!r} is a model, but not one that sorts texts: it does not say how they are "
                "read. Load it with maeum.load_model and give it arrays."
            )
        network = archive.from_entries(entries, what)
        try:
            saved = json.loads(entries[_ENTRY].decode("utf-8", "surrogatepass"))
            encoder = registry.deserialize(saved["encoder"])
            classes = [str(name) for name in saved["classes"]]
            if not isinstance(encoder, WordsEncoder) or network.output_shape[-1] != len(classes):
                raise ValueError(f"{len(classes)} classes, {type(encoder).__name__}")
            return cls(
                network, encoder, classes, saved["column"], saved["target"],
                dict(saved.get("facts", {})),
            )  # fmt: skip
        except UnknownNameError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(f"{what!r} is damaged: {error!r}.") from error


def is_for_texts(entries: Mapping[str, bytes]) -> bool:
    """Tell whether the model of an archive's entries also holds how its texts are read."""
    try:
        found = entries.get(_ENTRY, b"{}").decode("utf-8", "surrogatepass")
        return bool(json.loads(found).get("kind") == KIND)
    except (ValueError, AttributeError):
        return False


def _is_text(texts: Any) -> bool:
    """Tell a text from the path of a file: only a path that exists is one."""
    if not isinstance(texts, str):
        return False
    try:
        return not os.path.exists(texts)
    except ValueError:
        return True
