"""Numbers that are names are told from quantities."""

import numpy as np
import pandas as pd
import pytest

from maeum.layers import ValueEmbedding
from maeum.tabular import TableOptions
from maeum.tabular.names import values_of_names
from maeum.tabular.untested import fit_table

RANDOM = np.random.default_rng(0)
N = 1_200


def found(feature, y, classes=0):
    return values_of_names(np.float32(feature)[:, None], y, classes)[0]


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_the_numbers_of_persons_are_names(classes):
    person = RANDOM.integers(100, 300, 2 * N)
    own = RANDOM.normal(size=200)[person - 100] + 0.5 * RANDOM.normal(size=2 * N)
    y = own if not classes else np.digitize(own, [-0.5, 0.5][: classes - 1])
    assert found(person, y, classes) == sorted({*person.tolist()})


@pytest.mark.parametrize("name", ["noise", "line", "bump", "hours"])
def test_quantities_are_not(name):
    x = RANDOM.integers(0, 60, N).astype(float)
    shapes = {
        "noise": 0 * x, "line": x,
        "bump": 9 * np.exp(-(((x - 20) / 9) ** 2)), "hours": 5 * np.sin(x / 60 * 2 * np.pi),
    }  # fmt: skip
    assert found(x, shapes[name] + 3 * RANDOM.normal(size=N)) == []


def test_what_does_not_come_again_or_has_few_values_is_not():
    assert found(RANDOM.normal(size=N), RANDOM.normal(size=N)) == []
    few = RANDOM.integers(0, 9, N)
    assert found(few, RANDOM.normal(size=9)[few]) == []
    assert found(np.zeros(N), RANDOM.normal(size=N)) == []


def test_persons_and_items_are_learnt_though_they_are_numbers():
    person, item = RANDOM.integers(0, 80, N), RANDOM.integers(500, 560, N)
    y = RANDOM.normal(size=80)[person] + RANDOM.normal(size=60)[item - 500]
    frame = pd.DataFrame({"person": person, "item": item})
    fitted = fit_table(frame[:900], y[:900], TableOptions(members=2, hidden=(32,)))
    lead = fitted.model.network.members[0]
    assert [
        len(v) for v in next(e for e in lead.layers if isinstance(e, ValueEmbedding)).values
    ] == [80, 60]
    errors = fitted.model.predict(frame[900:])["prediction"] - y[900:]
    assert np.mean(errors**2) < 0.4 * y.var()
