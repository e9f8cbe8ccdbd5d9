"""Tables: from a file of cells to a trained network, its test and its report."""

from maeum.tables.columns import Column, recognise
from maeum.tables.columns import find_column as find_target
from maeum.tables.reading import Table, read_table
from maeum.tabular.baselines import fit_baselines, score
from maeum.tabular.dataset import Dataset
from maeum.tabular.model import TabularModel
from maeum.tabular.options import Options, TableOptions
from maeum.tabular.preparation import Preparation
from maeum.tabular.result import TableRun
from maeum.tabular.searching import TableSearch, search_table
from maeum.tabular.splitting import Split, split
from maeum.tabular.target import Target, recognise_target
from maeum.tabular.task import TableTask
from maeum.tabular.training import TrainedTable, train_dataset, train_table
from maeum.tabular.tuning import TuneOptions, tune_table

__all__ = [
    "Column",
    "Dataset",
    "Options",
    "Preparation",
    "Split",
    "Table",
    "TableOptions",
    "TableRun",
    "TableSearch",
    "TableTask",
    "TabularModel",
    "Target",
    "TrainedTable",
    "TuneOptions",
    "find_target",
    "fit_baselines",
    "read_table",
    "recognise",
    "recognise_target",
    "score",
    "search_table",
    "split",
    "train_dataset",
    "train_table",
    "tune_table",
]
