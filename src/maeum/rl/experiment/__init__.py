"""Agents as a task of `maeum.experiment`: from an environment to a judged agent and its report.

>>> from maeum.rl.experiment import train_agent
>>> trained = train_agent("CliffWalking-v1", seeds=2, steps=16_000)
>>> trained.run.metrics["return"]
-13.0
"""

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily

if TYPE_CHECKING:
    from maeum.rl.experiment.task import train_agent
    from maeum.rl.experiment.watching import watch

__all__ = ["train_agent", "watch"]

__getattr__, __dir__ = lazily(
    __name__,
    {"maeum.rl.experiment.task": ("train_agent",), "maeum.rl.experiment.watching": ("watch",)},
)
