"""Tables: what their cells, columns and files hold, whatever they are read for."""

from maeum.tables.columns import Column, convert, find_column, recognise
from maeum.tables.reading import MissingFileError, Table, read_table, tidy

__all__ = [
    "Column",
    "MissingFileError",
    "Table",
    "convert",
    "find_column",
    "read_table",
    "recognise",
    "tidy",
]
