"""A network together with how its texts are read: it takes texts as they are."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core import registry
from maeum.core.errors import DataError, nearest
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.experiment.classes import predicted, score_classes
from maeum.experiment.model import TaskModel, beside, warnings_as_notes
from maeum.experiment.run import Things
from maeum.experiment.seen import Seen
from maeum.models import Model
from maeum.text.word_encoders import WordsEncoder
from maeum.texts.reading import read_labelled, read_texts, read_unlabelled, text_hashes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(repr=False)
class TextClassifier(TaskModel):
    """A trained network for texts.

    Attributes:
        network: the network itself, a `maeum.Model`: the numbers of words in, a probability for
            each class out.
        encoder: how texts become its inputs.
        classes: the names of the classes.
        column, target: the columns of the table that it learnt from; None for a folder.
        facts: what is known of its training: source, metrics, rows, settings.
        seen: which texts it was trained on, as hashes.

    Example:
        >>> import pandas as pd
        >>> from maeum.texts import train_text
        >>> table = pd.DataFrame({"text": ["good film", "bad film"] * 20, "label": ["+", "-"] * 20})
        >>> table["text"] += [f" {i}" for i in range(40)]
        >>> model = train_text(table, target="label", epochs=1, report=False).model
        >>> model.predict(["a good one", "so bad"])["prediction"].tolist()
        ['+', '-']
    """

    kind = "texts"
    things = Things("{n:,} text", "{n:,} texts", N_("texts"))

    network: Model
    encoder: WordsEncoder
    classes: list[str]
    column: str | None = None
    target: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def predict(self, texts: Any, **reading: Any) -> pd.DataFrame:  # type: ignore[override]
        """Return a prediction for each text, with a probability for each class.

        An empty or missing text, and one without a known word, gets what the network says when
        it sees nothing; a warning counts them.

        Args:
            texts: a text, or a list of them; a table or a data frame with the column of the
                training; a text file with a text on each line; or a folder of text files.
            reading: ``separator``, ``encoding`` and ``header`` of a table.

        Raises:
            DataError: for something that is not a text.
            UnknownNameError: for a table without the column.
        """
        import pandas as pd

        found, names = read_texts([texts] if _is_text(texts) else texts, self.column, **reading)
        return pd.DataFrame({"text": names, **predicted(self.probabilities(found), self.classes)})

    def predictions(self, source: Any, **reading: Any) -> tuple[pd.DataFrame, list[str]]:
        """Return the rows with the predictions beside them, and what was found and renamed."""
        found = read_unlabelled(source, self.column, **reading)
        with warnings_as_notes() as told:
            answers = predicted(self.probabilities(found.texts), self.classes)
        result, renamed = beside(found.rows, answers)
        return result, [*found.notes, *told, *renamed]

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """Return the probabilities ``(n, classes)`` of texts.

        Raises:
            DataError: if there are none.
        """
        if not texts:
            raise DataError("There is no text to predict for.")
        x = self.encoder.encode(texts)
        if blind := int((~(x > 1).any(axis=1)).sum()):
            empty = sum(not text.strip() for text in texts)
            said = _("Texts without a word that the network knows, for which the answer says "
                     "little: {n:,}.", n=blind)  # fmt: skip
            if empty:
                said += " " + _("Empty ones among them: {n:,}.", n=empty)
            warnings.warn(said, stacklevel=3)
        return self.predict_encoded(x)

    def predict_encoded(self, x: np.ndarray) -> np.ndarray:
        """Return the probabilities ``(n, classes)`` of what the encoder made of texts."""
        p = self.network.predict(x, batch_size=256, verbose=0).astype(np.float64)
        return p / p.sum(axis=1, keepdims=True)

    def evaluate(self, source: Any, **reading: Any) -> dict[str, Any]:
        """Return the metrics on labelled texts, how many there were, and notes.

        Args:
            source: a table with the columns of the training, or a folder of class folders. That
                its texts were trained on is told in the notes.
            reading: as for `predict`.

        Raises:
            DataError: for labels that the network does not know.
        """
        columns = {} if self.column is None else {"text": self.column, "target": self.target}
        found = read_labelled(source, **columns, **reading)
        number = {name: k for k, name in enumerate(self.classes)}
        unknown = next((label for label in found.labels if label not in number), None)
        if unknown is not None:
            raise DataError("There are texts of the class {name!r}, which the model does not "
                            "know.{hint} Its classes: {classes}.", name=unknown,
                            hint=nearest(unknown, self.classes),
                            classes=some(self.classes, 10))  # fmt: skip
        truth = np.array([number[label] for label in found.labels])
        with warnings_as_notes() as notes:
            p = self.probabilities(found.texts)
        notes = [
            *self.seen.told(text_hashes(found.texts, found.labels), self.things),
            *found.notes,
            *notes,
        ]
        return {"rows": len(truth), "notes": notes, **score_classes(truth, p, self.classes)}

    def describe(self) -> list[str]:
        """Return what the network predicts, and from what, as sentences."""
        return [
            _("Predicts one of {n} classes of a text", n=len(self.classes)),
            _("Classes: {names}", names=some(self.classes, 8, 40)),
            _("Vocabulary: {tokens}", tokens=self.encoder.describe()),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return how texts are read, as plain data."""
        columns = {"column": self.column, "target": self.target}
        return {"encoder": registry.serialize(self.encoder), "classes": self.classes, **columns}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> TextClassifier:
        """Return the model that `to_json` described."""
        encoder = registry.deserialize(saved["encoder"])
        classes = [str(name) for name in saved["classes"]]
        if not isinstance(encoder, WordsEncoder) or network.output_shape[-1] != len(classes):
            raise ValueError(f"{len(classes)} classes, {type(encoder).__name__}")
        return cls(network, encoder, classes, saved["column"], saved["target"])


def _is_text(source: Any) -> bool:
    """Tell a text from the path of a file: only a path that exists is one."""
    if not isinstance(source, str):
        return False
    try:
        return not os.path.exists(source)
    except ValueError:
        return True
