"""The former place of `maeum.experiment.files.write_results`, which all tasks share."""

from maeum.experiment.files import write_results

__all__ = ["write_results"]
