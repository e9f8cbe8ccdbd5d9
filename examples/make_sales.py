"""Make a table of daily sales to try `maeum train` on.

    python examples/make_sales.py            # writes examples/sales.csv
    maeum train examples/sales.csv --time date --target units --horizon 7

Three years of a shop: more at the end of the week and before the holidays, a slow growth, chance.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

DAYS = 3 * 365
WEEK = [0.8, 0.75, 0.8, 0.9, 1.2, 1.5, 1.05]


def table(seed: int = 0) -> pd.DataFrame:
    """Return the table."""
    rng = np.random.default_rng(seed)
    date = pd.date_range("2023-01-01", periods=DAYS)
    growth = 200 * (1 + 0.15 * np.arange(DAYS) / 365)
    year = 1 + 0.15 * np.sin(2 * np.pi * (date.day_of_year - 80) / 365)
    season = np.where((date.month == 12) & (date.day > 5) & (date.day < 25), 1.6, 1.0)
    luck = rng.lognormal(0, 0.06, DAYS)
    units = growth * year * season * np.take(WEEK, date.day_of_week) * luck
    return pd.DataFrame({"date": date.strftime("%Y-%m-%d"), "units": units.round().astype(int)})


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a table of daily sales.")
    default = Path(__file__).with_name("sales.csv")
    parser.add_argument("file", nargs="?", type=Path, default=default)
    given = parser.parse_args()
    table().to_csv(given.file, index=False)
    print(f"{given.file}: {DAYS} days")


if __name__ == "__main__":
    main()
