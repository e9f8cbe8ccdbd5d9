"""What the command prints fits the terminal, and nothing of it is lost."""

import io
import re
import time

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from maeum.cli import display
from maeum.core.messages import language, set_language
from maeum.experiment import events
from maeum.report.answers import comparison

METRICS = {
    "roc_auc": 0.91, "pr_auc": 0.82, "accuracy": 0.73, "balanced_accuracy": 0.64, "f1": 0.55,
    "precision": 0.46, "recall": 0.37, "log_loss": 0.28, "brier": 0.19,
}  # fmt: skip
MODELS = [
    {"name": "Maeum network", "metrics": METRICS, "seconds": 3},
    {"name": "TF-IDF and logistic regression", "metrics": METRICS, "seconds": 100},
]


@pytest.fixture
def shown(monkeypatch):
    """Return the lines that a function prints to a terminal of so many columns."""

    def shown(width, function, *arguments):
        out = io.StringIO()
        terminal = Console(
            file=out, force_terminal=True, width=width, color_system=None, highlight=False
        )
        monkeypatch.setattr(display, "console", terminal)
        function(*arguments)
        return re.sub(r"\x1b\[[\d?]*\w", "", out.getvalue()).splitlines()

    return shown


@pytest.fixture
def in_language():
    before = language()
    yield set_language
    set_language(before)


@pytest.mark.parametrize("code", ["en", "ko"])
@pytest.mark.parametrize("width", [60, 40])
def test_a_comparison_fits_and_loses_no_column(shown, in_language, code, width):
    in_language(code)
    table = comparison(MODELS)
    lines = shown(width, display.show_table, table)
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    for name, value in zip(table.head, table.rows[0]):
        assert name in text
        assert value in text


def test_a_wide_terminal_shows_one_table(shown):
    lines = shown(200, display.show_table, comparison(MODELS))
    assert len(lines) == 3
    assert lines[1].split() == [
        "Maeum", "network", "0.910", "0.820", "73.0%", "64.0%", "0.550", "46.0%", "37.0%", "0.280",
        "0.19", "3.0", "s",
    ]  # fmt: skip


def test_without_a_terminal_every_sentence_is_one_line(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    out = io.StringIO()
    monkeypatch.setattr(display, "console", Console(file=out, width=40))
    display.say("a long sentence " * 10, indent=2)
    assert out.getvalue() == "  " + ("a long sentence " * 10).strip() + "\n"


@pytest.mark.parametrize("width", [60, 40])
def test_the_live_line_folds_instead_of_losing_its_end(shown, width):
    def train():
        terminal = display.Terminal()
        terminal(events.TrainingBegan(300))
        terminal(events.EpochEnded(11, 300, {"loss": 0.25, "val_loss": 0.5}, 10))
        terminal._bar.refresh()
        terminal._bar.stop()

    lines = shown(width, train)
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    for word in ("12/300", "0.2500", "0.5000", "11"):
        assert word in text


def test_notes_are_wrapped_under_each_other(shown):
    lines = shown(40, display.Terminal(), events.Note("가나다라 마바사 " * 10))
    assert len(lines) > 1
    assert all(line.startswith("  ") and cell_len(line) <= 40 for line in lines)


def test_the_predictions_stay_when_not_all_columns_fit(shown):
    table = pd.DataFrame(
        {
            "review": ["word " * 30, None],
            "price": [12000000.0, 0.00012],
            **{f"further_{i}": [1, 2] for i in range(30)},
            "prediction": ["yes", "no"],
        }
    )
    lines = shown(60, display.show_rows, table)
    assert max(map(cell_len, lines)) <= 60
    text = "\n".join(lines)
    for part in ("prediction", "12000000", "0.00012", "further columns are not shown here"):
        assert part in text


def test_percentages_of_almost_nothing_are_not_spelt_out(shown):
    assert shown(60, display.show_metrics, {"mape": 31798468.85}) == ["  MAPE  >1,000%"]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (events.EpochEnded(0, 9, {"loss": 0.0000123}, None), "loss 0.0000123"),
        (events.EpochEnded(0, 9, {"loss": 12000000.0}, None), "loss 12,000,000"),
        (events.EpochEnded(0, 9, {"loss": 0.25}, None), "loss 0.2500"),
        (events.TrainingEnded(1, 2.0, 0, 0.5), "Trained 1 epoch in 2.0 s; best validation loss "
         "0.5000 in epoch 1"),
    ],
)  # fmt: skip
def test_losses_are_shown_as_they_are(event, said):
    assert str(event) == said


def test_one_prediction_is_said_in_the_singular(maeum, tmp_path, monkeypatch):
    from maeum.tabular import train_table

    table = pd.DataFrame({"x": range(60), "y": [i >= 30 for i in range(60)]})
    train_table(table, "y", epochs=1, report=False).model.save(tmp_path / "m.maeum")
    table.head(1).to_csv(tmp_path / "one.csv", index=False)
    monkeypatch.chdir(tmp_path)
    assert "1 prediction: one-predictions.csv" in maeum("predict", "m.maeum", "one.csv").out


@pytest.mark.parametrize("width", [80, 40])
def test_facts_fit_and_paths_stay_whole(shown, width):
    path = "/a/folder/whose/path/is/longer/than/forty/columns"
    lines = shown(width, display.show_fact, "Cache", path, 19)
    assert path in "\n".join(lines)
    lines = shown(width, display.show_fact, "캐시", "several words that are wrapped " * 3, 19)
    assert max(map(cell_len, lines)) <= width


def test_work_that_takes_long_is_told_where_there_is_no_terminal(monkeypatch):
    told = []
    monkeypatch.setattr(display, "_SLOW", 0.01)
    monkeypatch.setattr(display, "say", lambda text, **_how: told.append(str(text).strip()))
    terminal = display.Terminal()
    terminal(events.Working("Weighing ..."))
    while not told:
        time.sleep(0.005)
    monkeypatch.setattr(display, "_SLOW", 100.0)
    terminal(events.Working("Measuring ..."))
    terminal(events.Folding(2, 5))
    assert told == ["Weighing ...", "Cross-validation: network 2 of 5"]


def test_work_is_told_to_whoever_listens():
    heard = []
    events.work("nobody listens")
    with events.heard_by(heard.append):
        events.work("Weighing ...")
    events.work("nobody listens any more")
    assert [str(event) for event in heard] == ["Weighing ..."]


def test_days_are_shown_without_midnight_and_hours_with_it(shown):
    days = pd.date_range("2024-01-01", periods=2)
    lines = shown(60, display.show_rows, pd.DataFrame({"date": days}))
    assert [line.strip() for line in lines[1:3]] == ["2024-01-01", "2024-01-02"]
    hours = pd.date_range("2024-01-01", periods=2, freq="h")
    lines = shown(60, display.show_rows, pd.DataFrame({"date": hours}))
    assert lines[1].strip() == "2024-01-01 00:00:00"
