"""Temperature scaling of the members of an ensemble."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from maeum.models import Ensemble
from maeum.tabular import TableOptions
from maeum.tabular.calibration import calibrate, temperature_of
from maeum.tabular.network import as_inputs
from maeum.tabular.untested import fit_table

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("true", [0.7, 1.0, 1.6])
def test_the_temperature_that_was_put_in_is_found(true):
    logits = RANDOM.normal(size=(20_000, 3)) * 2
    p = np.exp(logits / true)
    truth = (RANDOM.random((20_000, 1)) > np.cumsum(p / p.sum(1, keepdims=True), axis=1)).sum(1)
    said = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    found = temperature_of(truth, said)
    assert found == pytest.approx(true, rel=0.06)
    tempered = said ** (1 / found)
    tempered /= tempered.sum(1, keepdims=True)
    for other in (0.97, 1.03):
        worse = said ** (1 / (found * other))
        assert log_loss(truth, tempered) < log_loss(truth, worse / worse.sum(1, keepdims=True))


def test_perfect_and_useless_probabilities_have_bounds():
    truth = np.array([0, 1] * 40)
    assert 0.5 <= temperature_of(truth, np.eye(2)[truth]) <= 3
    assert 0.5 <= temperature_of(truth, np.eye(2)[1 - truth]) <= 3


def test_members_become_less_sure_and_answer_the_same(monkeypatch):
    import pandas as pd

    frame = pd.DataFrame({"x": RANDOM.normal(size=200)})
    y = (frame["x"] + RANDOM.normal(size=200) > 0).astype(int).to_numpy()
    fitted = fit_table(frame, y, TableOptions(epochs=2, members=2), classes=["no", "yes"])
    network, preparation = fitted.model.network, fitted.model.preparation
    assert isinstance(network, Ensemble)
    x = as_inputs(preparation, preparation.transform(frame)[0])
    before = network.predict_members(x).astype(np.float64)
    monkeypatch.setattr("maeum.tabular.calibration.temperature_of", lambda truth, p: 4.0)
    calibrate(network, x, y, 4096)
    after = network.predict_members(x).astype(np.float64)
    logits = [np.log(p / (1 - p)) for p in (before, after)]
    np.testing.assert_allclose(logits[1], logits[0] / 2, atol=1e-4)
