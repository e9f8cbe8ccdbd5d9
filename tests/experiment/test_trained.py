"""What a training returns shows itself in a notebook."""

import html

import pandas as pd

from maeum.tabular import train_table


def test_a_training_shows_its_report_and_says_its_headline():
    table = pd.DataFrame({"hours": range(60), "passed": [h > 20 for h in range(60)]})
    trained = train_table(table, "passed", epochs=1, report=False)
    shown = trained._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    page = html.unescape(shown.partition('srcdoc="')[2].partition('"')[0])
    assert page.startswith("<!DOCTYPE html>")
    assert repr(trained).startswith("<Trained: passed: right for ")
    assert repr(trained.model) == (
        "<TabularModel: Predicts 'passed', one of 2 classes. Classes: False, True. "
        "From 1 column: hours>"
    )
    assert "ROC AUC" in trained.model._repr_html_()
