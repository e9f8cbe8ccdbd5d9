"""Reading a CSV file of 18 columns, and preparing it for a network.

Eight columns of decimals, four of whole numbers, four of words, one of dates, and a target, of
10,000, 100,000 and 1,000,000 rows. Maeum recognises encoding, separator, header, what is no row and
what the columns hold, converts, splits and scales; what pandas and Polars need for `read_csv` alone
stands beside it. Each measurement is a process of its own: its peak memory includes the imports.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import common

ROWS = (10_000, 100_000, 1_000_000)
FILE = "MAEUM_BENCHMARK_TABLE"  # tells the workers where the file is
PEERS = ("pandas", "polars", "maeum")


def work(peer: str) -> Iterator[dict]:
    path = os.environ[FILE]
    if peer == "maeum":
        import sklearn.model_selection  # noqa: F401 - imports are not what is measured

        from maeum.tables.reading import read_table
        from maeum.tabular.dataset import Dataset
        from maeum.tabular.options import TableOptions

        start = time.perf_counter()
        table = read_table(path)
        read = time.perf_counter() - start
        ready = Dataset.prepare(table, "target", TableOptions())
        assert len(ready.frame) == len(table.frame)
        both = time.perf_counter() - start
    else:
        from importlib import import_module

        module = import_module(peer)
        start = time.perf_counter()
        frame = module.read_csv(path)
        read = both = time.perf_counter() - start
        assert len(frame.columns) == 18
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield {"read": read, "both": both, "peak": peak * (1 if sys.platform == "darwin" else 1024)}


def make_table(path: Path, rows: int) -> None:
    """Write the file, by a process of its own: the parent stays small."""
    import subprocess

    code = f"import table_reading; table_reading.write({str(path)!r}, {rows})"
    folder = Path(__file__).parent
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


def write(path: str, rows: int) -> None:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    columns = {f"x{i}": np.round(rng.normal(size=rows) * 10 ** (i % 3), 4) for i in range(8)}
    columns |= {f"n{i}": rng.integers(0, 10**5, rows) for i in range(3)}
    columns["age"] = rng.integers(18, 90, rows)
    days = pd.date_range("2020-01-01", periods=1000).strftime("%Y-%m-%d").to_numpy()
    columns["city"] = rng.choice(["Rome", "Oslo", "Seoul", "Berlin", "Paris"], rows)
    columns["plan"] = rng.choice(["basic", "plus", "premium"], rows)
    columns["vip"] = rng.choice(["yes", "no"], rows)
    columns["day"] = days[rng.integers(0, len(days), rows)]
    columns["score"] = np.round(rng.random(rows), 6)
    columns["target"] = np.where(columns["x0"] + columns["x1"] > 0, "stays", "leaves")
    pd.DataFrame(columns).to_csv(path, index=False)


def report(options: argparse.Namespace) -> None:
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            make_table(path, rows)
            size = path.stat().st_size
            os.environ[FILE] = str(path)
            _, later, failed = common.fresh(__file__, options)
        ours = common.median(later[common.OURS], "read") if common.OURS in later else None
        lines = []
        for peer, steps in later.items():
            read, both, peak = (common.median(steps, key) for key in ("read", "both", "peak"))
            prepared = common.quantity(both, "s") if peer == common.OURS else ""
            ratio = common.times(read / ours) if ours else "-"
            lines.append([common.NAMES[peer], common.quantity(read, "s"), ratio, prepared,
                          common.quantity(peak, "MB")])  # fmt: skip
        heads = ["", "reading", "times Maeum's", "reading and preparing", "peak memory"]
        common.table(f"A CSV file of {rows:,} rows and 18 columns, {common.quantity(size, 'MB')}",
                     heads, lines, failed)  # fmt: skip


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=PEERS)
