"""``tf.logging``."""

from __future__ import annotations

import logging

__all__ = [
    "DEBUG", "ERROR", "FATAL", "INFO", "WARN", "debug", "error", "fatal", "get_verbosity", "info",
    "log", "set_verbosity", "warn", "warning",
]  # fmt: skip

DEBUG, INFO, WARN, ERROR, FATAL = 10, 20, 30, 40, 50
_logger = logging.getLogger("tensorflow")
debug, info, error, fatal, log = (
    _logger.debug, _logger.info, _logger.error, _logger.critical, _logger.log
)  # fmt: skip
warn = warning = _logger.warning


def set_verbosity(v: int) -> None:
    """Choose what is told: what is at least so urgent."""
    _logger.setLevel(v)


def get_verbosity() -> int:
    """Return what is told."""
    return _logger.getEffectiveLevel()
