"""What the network learns from: in the right units, and nothing of what comes later."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.forecasting import SeriesData, SeriesOptions, SeriesReading, SeriesSet
from maeum.forecasting.data import WindowBatches

from .conftest import daily


def prepare(source, reading=None, **options):
    reading = reading or SeriesReading("units", time="date")
    return SeriesData.prepare(source, reading, SeriesOptions(**options))


def test_scaling_and_inputs_of_the_training_part_know_nothing_of_later_values(sales):
    changed = sales.copy()
    changed.loc[140:, "units"] = 1e6 + np.arange(60) ** 2
    first, second = (prepare(frame, horizon=3, window=7) for frame in (sales, changed))
    assert first.split == second.split
    assert first.split.validation == sales["date"][140].value // 1000
    seen = [data.arrays(data.parts["train"]) for data in (first, second)]
    (x, known), truth = seen[0]
    for made, again in zip((x, known, truth), (*seen[1][0], seen[1][1])):
        np.testing.assert_array_equal(made, again)
    scaler = next(iter(first.preparation.scalers.values()))
    assert scaler.center[0] == pytest.approx(sales["units"][:140].mean())
    assert scaler.spread[0] == pytest.approx(sales["units"][:140].std(ddof=0))


@pytest.mark.parametrize("scale", ["last", "standard", "minmax", "window", "none"])
@pytest.mark.parametrize(("log", "difference"), [(False, 0), (True, 0), (False, 1), (True, 7)])
def test_right_answers_become_the_true_values(stores, scale, log, difference):
    reading = SeriesReading("units", time="date", group="store")
    data = prepare(
        stores, reading, horizon=4, window=9, scale=scale, log=log, difference=difference
    )
    windows = data.parts["test"]
    contexts = data.preparation.contexts(data.steps, windows)
    _inputs, center, spread = data.preparation.inputs(contexts)
    outputs = data.preparation.truth(data.steps, windows) * spread + center
    levels, _factor = data.preparation.levels(outputs, contexts, data.series)
    np.testing.assert_allclose(
        data.preparation.decode(levels), windows.behind(data.steps.values), rtol=2e-5
    )


def test_the_network_sees_the_window_and_the_covariates(sales):
    sales["promo"] = np.arange(200) % 5
    sales["rain"] = np.arange(200) % 3
    reading = SeriesReading("units", time="date", past_covariates="rain", future_covariates="promo")
    data = prepare(sales, reading, horizon=2, window=6, calendar=False, scale="none")
    (x, ahead), truth = data.arrays(data.parts["test"])
    origin = int(data.parts["test"].origins[0])
    np.testing.assert_allclose(x[0, :, 0], sales["units"][origin - 6 : origin], rtol=1e-6)
    back = data.preparation.past.undo(x[0, :, 1:2].astype(float))
    np.testing.assert_allclose(back[:, 0], sales["rain"][origin - 6 : origin], atol=1e-5)
    known = data.preparation.future.undo(ahead[0].astype(float))
    np.testing.assert_allclose(known[:, 0], sales["promo"][origin : origin + 2], atol=1e-5)
    np.testing.assert_allclose(truth[0, :, 0], sales["units"][origin : origin + 2], rtol=1e-6)


def test_the_end_is_seen_as_a_window_would_be(sales):
    sales["promo"] = np.arange(200) % 5
    reading = SeriesReading("units", time="date", future_covariates="promo")
    options = {"horizon": 3, "window": 8, "difference": 1}
    data = prepare(sales, reading, **options)
    last = data.preparation.windows(data.series).take(np.array([-1]))
    whole = data.preparation.contexts(data.steps, last)
    cut = sales.copy()
    cut.loc[197:, "units"] = np.nan
    series = SeriesData.prepare(cut, reading, SeriesOptions(**options)).series
    end = data.preparation.last_contexts(series)
    for name in ("scaled", "past", "future", "level"):
        np.testing.assert_allclose(getattr(end, name)[0], getattr(whole, name)[0], rtol=1e-6)


def test_short_and_late_series_are_named_and_excluded(stores):
    short = daily(5).assign(store="작은 곳")
    late = daily(30, start="2023-06-20").assign(store="새 곳")
    frame = pd.concat([stores, short, late])
    data = prepare(frame, SeriesReading("units", time="date", group="store"), horizon=2, window=7)
    assert [one.name for one in data.series] == ["서울", "부산"]
    assert any("(9 steps): 작은 곳 (5 steps)." in note for note in data.notes)
    assert "Excluded, not in the training part: 새 곳." in data.notes


def test_no_series_is_long_enough():
    with pytest.raises(DataError, match=r"too short: the series .40 steps"):
        prepare(daily(40), horizon=2, window=60)
    with pytest.raises(DataError, match="no whole window to train on"):
        prepare(daily(40), horizon=2, window=30)
    with pytest.raises(DataError, match="5 steps are too few"):
        prepare(daily(5), horizon=2)


def test_windows_do_not_cross_gaps_that_are_skipped(sales):
    gapped = sales.drop(index=[50, 51, 120])
    reading = SeriesReading("units", time="date", gaps="skip")
    data = prepare(gapped, reading, horizon=2, window=5)
    every = np.concatenate([part.origins for part in data.parts.values()])
    when = data.steps.moments
    spans = when[every + 1] - when[every - 5]
    assert (spans == 6 * 86_400_000_000).all()


def test_recursive_cannot_use_past_covariates(sales):
    reading = SeriesReading("units", time="date", past_covariates="rain")
    with pytest.raises(ConfigError, match="recursive forecast cannot use rain"):
        prepare(sales.assign(rain=1.0), reading, horizon=2, recursive=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"horizon": 0}, "horizon is a whole number of 1 or more"),
        ({"window": 2.5}, "window is a whole number"),
        ({"network": "lsmt"}, "Did you mean 'lstm'"),
        ({"scale": "minmix"}, "Did you mean 'minmax'"),
        ({"test_size": 0}, "test_size takes numbers above 0"),
        ({"test_size": 0.6, "validation_size": 0.4}, "leave nothing"),
        ({"interval": 1.0}, "interval takes numbers above 0, below 1"),
        ({"dropout": -1}, "dropout takes numbers from 0"),
        ({"learning_rate": 0}, "learning_rate takes numbers above 0"),
        ({"difference": -1}, "difference is a whole number of 0 or more"),
        ({"hidden": (0,)}, "hidden is a whole number of 1"),
        ({"seed": -1}, "seed lies between"),
    ],
)
def test_options_that_make_no_sense(options, said):
    with pytest.raises(ConfigError, match=said):
        SeriesOptions(**options)


def test_choices_follow_the_frequency(sales):
    data = prepare(sales, horizon=3)
    assert (data.options.window, data.options.season, data.options.scale) == (14, 7, "last")
    assert data.preparation.parts == ["weekday", "day"]
    assert prepare(sales, difference=1).options.scale == "standard"
    untimed = prepare(SeriesSet.from_array(np.arange(90.0)), SeriesReading("value"))
    assert untimed.preparation.parts == []
    assert untimed.options.season is None


def test_batches_of_windows_hold_what_the_arrays_hold(sales):
    data = prepare(sales, horizon=2)
    batches = list(WindowBatches(data, data.parts["train"], shuffle=False))
    (x, future), y = data.arrays(data.parts["train"])
    np.testing.assert_array_equal(np.concatenate([b[0][0] for b in batches]), x)
    np.testing.assert_array_equal(np.concatenate([b[0][1] for b in batches]), future)
    np.testing.assert_array_equal(np.concatenate([b[1] for b in batches]), y)


def test_former_names_are_taken_and_shown(sales):
    old = SeriesReading("units", time="date", past="rain", future="promo")
    assert old == SeriesReading("units", time="date", past_covariates="rain",
                                future_covariates="promo")  # fmt: skip
    assert (old.past, old.future) == (("rain",), ("promo",))
    data = prepare(sales, ahead=3)
    assert data.options == prepare(sales, horizon=3).options
    assert data.options.ahead == data.parts["test"].ahead == 3
    assert data.many is data.series
    with pytest.raises(TypeError, match="'ahead' is the former name of 'horizon'"):
        SeriesOptions(ahead=3, horizon=4)
