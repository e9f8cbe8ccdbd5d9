"""LazyAdam is Adam on the rows that a batch looks up, and leaves the others alone."""

import numpy as np
import pytest

import maeum as mm
from maeum.layers import Dense, Embedding, Flatten
from maeum.optimizers import Adam, LazyAdam

ROWS, DEPTH = 3000, 3


def reference(batches, lr=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """SparseAdam of PyTorch in NumPy: a table of zeros, and gradients 1, 2, ... of some rows."""
    w, m, v = (np.zeros((ROWS, DEPTH)) for _ in range(3))
    for step, rows in enumerate(batches):
        g = np.outer(rows + 1.0, np.arange(1.0, DEPTH + 1))
        m[rows] += (1 - beta_1) * (g - m[rows])
        v[rows] += (1 - beta_2) * (g * g - v[rows])
        rate = lr * np.sqrt(1 - beta_2 ** (step + 1)) / (1 - beta_1 ** (step + 1))
        w[rows] -= rate * m[rows] / (np.sqrt(v[rows]) + epsilon)
    return w


@pytest.mark.parametrize("count", [1, 5, 1024, 2500, ROWS])
def test_the_rows_of_a_batch_are_changed_as_in_numpy(count):
    rng = np.random.default_rng(count)
    batches = [rng.choice(ROWS, count, replace=False) for _ in range(4)]
    table = Embedding(ROWS, DEPTH, embeddings_initializer="zeros")
    table.build()
    optimizer = LazyAdam(0.01)
    optimizer.build(table.weights)
    for rows in batches:
        gradient = np.zeros((ROWS, DEPTH), "float32")
        gradient[rows] = np.outer(rows + 1.0, np.arange(1.0, DEPTH + 1))
        optimizer.apply([gradient], table.weights)
    np.testing.assert_allclose(table.embeddings.value, reference(batches), rtol=1e-4, atol=1e-7)


def _model(optimizer):
    model = mm.Sequential([mm.Input((2,)), Embedding(50, 4), Flatten(), Dense(1)], seed=3)
    model.compile(optimizer, "mse")
    return model


@pytest.mark.parametrize("amsgrad", [False, True])
def test_a_training_that_looks_up_every_row_is_adam_s(amsgrad):
    x = np.arange(100).reshape(50, 2) % 50
    y = np.random.default_rng(0).normal(size=50)
    lazy, dense = (_model(kind(0.01, amsgrad=amsgrad)) for kind in (LazyAdam, Adam))
    for model in (lazy, dense):
        model.fit(x, y, epochs=3, batch_size=50, verbose=0)
    for one, two in zip(lazy.get_weights(), dense.get_weights()):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_rows_that_no_batch_has_stay_and_the_rest_is_saved(tmp_path):
    model = _model("lazy_adam")
    before = model.get_weights()
    x = np.random.default_rng(0).integers(0, 10, (64, 2))
    model.fit(x, x.sum(axis=1), epochs=2, verbose=0)
    table, kernel = model.get_weights()[:2]
    np.testing.assert_array_equal(table[10:], before[0][10:])
    assert (table[:10] != before[0][:10]).all()
    assert (kernel != before[1]).any()
    model.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    for each in (model, again):
        each.fit(x, x.sum(axis=1), epochs=1, verbose=0, shuffle=False)
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
