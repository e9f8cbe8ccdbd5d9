"""Signs that the training of a GAN goes wrong, told while it can still be stopped."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from maeum.callbacks import Callback
from maeum.core.checks import check_fraction, check_whole
from maeum.core.messages import _


class CollapseWarning(UserWarning):
    """A sign that a GAN collapses."""


class CollapseDetector(Callback):
    """Warn of signs of collapse, each once; `fit` of a `GAN` brings one along.

    After each epoch it looks whether

    - the images that were made are far more alike than real ones are (``diversity``);
    - the discriminator is always right (``accuracy``), so that the generator learns little.

    Args:
        diversity: warn below this fraction of the spread of real images.
        accuracy: warn if the discriminator's is at least this,
        patience: in so many epochs in a row.
        warmup_steps: look from this step of the training on; a new generator makes one grey.
        tell: is given each sentence, in place of a warning.

    Attributes:
        signs: the epoch in which each sign was seen first, from 0: ``"diversity"``, ``"accuracy"``.

    Example:
        >>> from maeum.generative import CollapseDetector
        >>> CollapseDetector(diversity=0.5).signs
        {}
    """

    state_attributes = ("signs", "epochs_in_a_row")

    def __init__(
        self,
        diversity: float = 0.3,
        accuracy: float = 0.995,
        patience: int = 3,
        warmup_steps: int = 200,
        tell: Callable[[str], Any] | None = None,
    ):
        self.diversity = check_fraction(diversity, "diversity")
        self.accuracy = check_fraction(accuracy, "accuracy")
        self.patience = check_whole(patience, "patience")
        self.warmup_steps = check_whole(warmup_steps, "warmup_steps", 0)
        self.tell = tell
        self.signs: dict[str, int] = {}
        self.epochs_in_a_row = {"diversity": 0, "accuracy": 0}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the logs of an epoch."""
        if int(self.model.trainer.counter.value) < self.warmup_steps:
            return
        logs = logs or {}
        spread, right = logs.get("diversity"), logs.get("accuracy")
        if self._lasts("diversity", epoch, spread is not None and spread < self.diversity):
            said = _("The generator may have collapsed: its images differ {spread:.0%} as much as "
                     "real ones (epoch {epoch}). Other seeds, stronger penalties (r1, r2) or more "
                     "steps of the discriminator may help.", spread=spread,
                     epoch=epoch + 1)  # fmt: skip
            self._say(said)
        if self._lasts("accuracy", epoch, right is not None and right >= self.accuracy):
            said = _("The discriminator wins: it is right in {right:.1%} of its answers (epoch "
                     "{epoch}), so that the generator learns little. Stronger penalties (r1, r2), "
                     "augmentation=True if images are few, or a smaller learning rate of the "
                     "discriminator may help.", right=right, epoch=epoch + 1)  # fmt: skip
            self._say(said)

    def _say(self, said: str) -> None:
        if self.tell is not None:
            self.tell(said)
        else:
            warnings.warn(said, CollapseWarning, stacklevel=3)

    def _lasts(self, sign: str, epoch: int, seen: bool) -> bool:
        self.epochs_in_a_row[sign] = self.epochs_in_a_row[sign] + 1 if seen else 0
        new = self.epochs_in_a_row[sign] >= self.patience and sign not in self.signs
        if new:
            self.signs[sign] = epoch
        return new
