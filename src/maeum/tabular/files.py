"""The former place of what writes the results of every task."""

from maeum.experiment.files import check_folder, write_results

__all__ = ["check_folder", "write_results"]
