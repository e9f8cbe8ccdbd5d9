"""Rolling origins: nothing is known too early, and the page says how it went."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.forecasting import backtest

from ..pages import check

QUICK = {"time": "date", "horizon": 2, "epochs": 2, "network": "linear"}


def test_growing_backtest_rolls_on_without_looking_ahead(sales):
    told = []
    done = backtest(sales, "units", folds=2, tell=told.append, **QUICK)
    assert told == ["Backtest 1 of 2 ...", "Backtest 2 of 2 ..."]
    begins = [fold.begins for fold in done.folds]
    assert begins == sorted(begins)
    assert done.folds[0].trained < done.folds[1].trained
    assert "Last value" in done.to_frame().columns
    assert set(done.mean()) == set(done.folds[0].errors)
    changed = sales.copy()
    changed.loc[changed["date"] >= begins[1] + np.timedelta64(3, "D"), "units"] = 0.0
    again = backtest(changed, "units", folds=2, **QUICK)
    assert again.folds[0].errors == done.folds[0].errors


def test_sliding_backtest_with_one_network_and_its_page(sales, tmp_path):
    done = backtest(sales, "units", folds=2, refit=False, sliding=True, **QUICK)
    assert done.folds[0].trained == done.folds[1].trained
    page = done.write_report(tmp_path / "backtest.html").read_text()
    check(page)
    assert "One network was trained up to the first origin" in page
    assert "The training part kept its length." in page


def test_backtests_that_cannot_be(sales):
    with pytest.raises(DataError, match=r"too few to train, .* fewer origins"):
        backtest(sales, "units", time="date", folds=60, ahead=4)
    with pytest.raises(ConfigError, match="folds"):
        backtest(sales, "units", time="date", folds=0)
