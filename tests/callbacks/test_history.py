"""The record of a training: History and CSVLogger."""

import numpy as np
import pandas as pd
import pytest

from maeum.callbacks import CSVLogger, LambdaCallback
from maeum.core.errors import SaveError


def columns(path, separator=","):
    return pd.read_csv(path, sep=separator, keep_default_na=False)


def test_the_file_holds_what_keras_writes(twins, data, tmp_path):
    tables = []
    for i, twin in enumerate(twins):
        path = tmp_path / f"{i}.csv"
        array = twin.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: logs.update(many=np.arange(epoch + 1))
        )
        logger = twin.callbacks.CSVLogger(path, separator=";")
        twin.fit(array, logger, validation_data=data, validation_freq=2, epochs=4)
        tables.append(columns(path, ";"))
    mine, theirs = tables
    # Keras has a column of validation for what a callback added as well; there is none.
    assert set(theirs.columns) - set(mine.columns) <= {"val_many"}
    for name in set(mine.columns) - {"val_many"}:
        a, b = mine[name].astype(str), theirs[name].astype(str)
        if name in ("epoch", "many"):
            assert list(a) == list(b)
        else:
            assert list(a == "NA") == list(b == "NA")
            kept = a != "NA"
            np.testing.assert_allclose(a[kept].astype(float), b[kept].astype(float), rtol=1e-5)
    assert list(mine["val_loss"] == "NA") == [True, False, True, False]


def test_without_a_validation_there_are_no_columns_for_it(ours, tmp_path):
    path = tmp_path / "log.csv"
    history = ours.fit(CSVLogger(path), epochs=2).history
    table = columns(path)
    assert list(table.columns) == ["epoch", "loss", "accuracy"]
    np.testing.assert_allclose(table["loss"], history["loss"])  # every digit is there


def test_a_file_is_replaced_or_continued(ours, tmp_path):
    path = tmp_path / "log.csv"
    for _ in range(2):
        ours.fit(CSVLogger(path), epochs=2)
        assert list(columns(path)["epoch"]) == [0, 1]
    logger = CSVLogger(path, append=True)
    for _ in range(2):  # one logger may be used again
        ours.fit(logger, initial_epoch=2, epochs=3)
    assert list(columns(path)["epoch"]) == [0, 1, 2, 2]
    empty = tmp_path / "empty.csv"
    empty.touch()
    ours.fit(CSVLogger(empty, append=True), epochs=1)
    assert list(columns(empty)["epoch"]) == [0]


def test_the_file_is_whole_when_a_training_fails(ours, tmp_path):
    def fail(epoch, logs):
        if epoch == 1:
            raise RuntimeError

    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    with pytest.raises(RuntimeError):
        ours.fit(logger, LambdaCallback(on_epoch_end=fail), epochs=4)
    assert list(columns(path)["epoch"]) == [0, 1]
    assert logger._file is None


def test_a_file_that_cannot_be_written_says_so(ours, tmp_path):
    with pytest.raises(SaveError, match="cannot be written"):
        ours.fit(CSVLogger(tmp_path / "no" / "log.csv"))
