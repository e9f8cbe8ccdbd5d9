"""A network trained on all rows of a table."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import DataError
from maeum.tabular import TableOptions
from maeum.tabular.untested import fit_table, several_passes


def test_numbers_of_the_rows_are_learnt_from_and_predictions_are_in_their_units():
    frame = pd.DataFrame({"id": np.arange(100, 200), "target": np.tile([0.0, 1.0], 50)})
    y = np.arange(100) * 3.0 + 1000
    fitted = fit_table(frame, y, TableOptions(epochs=60, learning_rate=0.01))
    assert fitted.model.preparation.columns == ["id", "target"]
    assert np.abs(fitted.model.predict(frame)["prediction"] - y).mean() < 30
    assert fitted.model.target.name == "target"
    assert not fitted.interrupted


def test_what_a_row_stands_for_matters_to_the_preparation():
    frame = pd.DataFrame({"a": [0.0, 1.0, 4.0]})
    options = TableOptions(epochs=1)
    shifts = [
        fit_table(frame, np.arange(3.0), options, repeats=repeats).model.preparation.encoders[0]
        for repeats in (None, np.array([2, 1, 1]))
    ]
    assert shifts[0].shift == pytest.approx([5 / 3])
    assert shifts[1].shift == pytest.approx([5 / 4])


@pytest.mark.parametrize(("rows", "epochs", "patience"), [
    (100, 300, 20), (30, 7, 3), (1, 1, 0), (600, 300, 20), (40, 60, 0),
])  # fmt: skip
def test_several_passes_are_as_many_as_were_asked_for(rows, epochs, patience):
    options = TableOptions(epochs=epochs, patience=patience)
    passes, chosen = several_passes(rows, options)
    assert (passes * chosen.epochs, passes * chosen.patience) == (epochs, patience)
    assert passes == 1 or passes * rows <= 512


def test_nothing_is_refused():
    with pytest.raises(DataError, match="no rows"):
        fit_table(pd.DataFrame({"a": []}), np.zeros(0), TableOptions())
