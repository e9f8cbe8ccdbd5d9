"""What holds for everything that is made from now on: `maeum.config` reads and writes it."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any

LOG = logging.getLogger("maeum")


def _count(variable: str) -> int | None:
    given = os.environ.get(variable, "")
    return int(given) if given.isdigit() and int(given) else None


@dataclass
class Settings:
    """The settings of this process.

    Attributes:
        floatx: the dtype of floating numbers where none is given.
        epsilon: what logarithms and divisions are kept away from 0 with.
        image_data_format: where the channels of images are where nothing is said.
        dtype_policy: the policy of layers without one; None for ``floatx``.
        interactive: whether messages are printed, rather than logged.
        filtering: whether frames inside Maeum and JAX are left out of tracebacks.
        max_epochs: the most epochs of any ``fit``, for trying out; ``MAEUM_MAX_EPOCHS`` sets it.
        max_steps: the most steps of an epoch, an evaluation or a prediction, likewise by
            ``MAEUM_MAX_STEPS_PER_EPOCH``.
        flash_attention: whether attention is computed block by block; None to choose.
    """

    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"
    dtype_policy: Any = None
    interactive: bool = True
    filtering: bool = True
    max_epochs: int | None = None
    max_steps: int | None = None
    flash_attention: bool | None = None

    @property
    def traced(self) -> tuple[Any, ...]:
        """What compiled programs depend on."""
        return self.floatx, self.epsilon, self.image_data_format, self.flash_attention


settings = Settings(
    max_epochs=_count("MAEUM_MAX_EPOCHS"), max_steps=_count("MAEUM_MAX_STEPS_PER_EPOCH")
)


def epsilon() -> float:
    """Return what logarithms and divisions are kept away from 0 with, now."""
    return settings.epsilon


def terminal_width() -> int | None:
    """Return how many columns the terminal has; None where the output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def say(message: str, end: str = "\n") -> None:
    """Print a message; or log it, after ``maeum.config.disable_interactive_logging()``."""
    if not settings.interactive:
        LOG.info(message)
        return
    try:
        sys.stdout.write(message + end)
    except UnicodeEncodeError:  # a terminal without the characters of a bar
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(
            (message.replace("━", "=") + end).encode(encoding, "replace").decode(encoding)
        )
    sys.stdout.flush()
