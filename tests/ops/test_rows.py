"""Sequences that were looked up in a table: the same results and gradients, by fewer products."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum import layers, ops
from maeum.core import functional
from maeum.ops.kernels import choice, rows

GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
UNITS, SIZE, COUNT = 5, 4, 3


def numbers(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(0, 0.5, shape).astype(np.float32)


def weights(name, size=SIZE):
    columns = GATES[name] * UNITS
    bias = (2, columns) if name == "gru" else (columns,)
    return numbers(size, columns), numbers(UNITS, columns), numbers(*bias)


def run(name, x, given, bias=True, mask=None):
    h = jnp.full((x.shape[0], UNITS), 0.25)
    state = (h, h) if name == "lstm" else h
    return getattr(ops, name)(x, state, *given[:2], given[2] if bias else None, mask=mask)[0]


def forgotten(x):
    """Return the same numbers without what is known of them."""
    return jax.lax.optimization_barrier(x)


def close(got, expected):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, 2e-5, 2e-5), got, expected)


@pytest.fixture(params=["native", "plain"])
def way(request, monkeypatch):
    """With the native kernels where they are, and without."""
    if request.param == "plain":
        monkeypatch.setattr(choice, "_recurs", lambda *_: False)


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize(("bias", "masked"), [(True, False), (False, True)])
def test_a_looked_up_sequence_has_the_results_and_gradients_of_any(way, name, bias, masked):
    index = np.random.default_rng(1).integers(0, COUNT, (4, 9)).astype(np.int32)
    mask = index > 0 if masked else None

    def loss(known, table, given):
        x = ops.embedding(index, table)
        assert rows.rows_of(x) is not None
        y = run(name, x if known else forgotten(x), given, bias, mask)
        return jnp.sum(jnp.sin(y) * numbers(*y.shape)), y

    results = [
        jax.jit(jax.value_and_grad(loss, (1, 2), has_aux=True), static_argnums=0)(
            known, numbers(COUNT, SIZE), weights(name)
        )
        for known in (True, False)
    ]
    close(*results)


@pytest.mark.parametrize("name", GATES)
def test_one_hot_rows_are_rows_of_the_kernel(way, name):
    index = np.random.default_rng(1).integers(-1, COUNT + 1, (4, 9)).astype(np.int32)

    def loss(known, given):
        x = ops.one_hot(index, COUNT)
        y = run(name, x if known else forgotten(x), given)
        return jnp.sum(jnp.sin(y) * numbers(*y.shape)), y

    compiled = jax.jit(jax.value_and_grad(loss, 1, has_aux=True), static_argnums=0)
    close(*(compiled(known, weights(name, COUNT)) for known in (True, False)))


def test_an_index_outside_the_table_gives_nan_from_there_on_and_in_its_row_only(way):
    index = np.zeros((2, 9), np.int32)
    index[1, 4] = COUNT
    given = weights("lstm")
    y = jax.jit(lambda table: run("lstm", ops.embedding(index, table), given))(numbers(COUNT, SIZE))
    assert np.isfinite(y[0]).all()
    assert np.isfinite(y[1, :4]).all()
    assert np.isnan(y[1, 4:]).all()


def test_the_derivative_of_a_gradient_is_that_of_any_sequence(way):
    index = np.random.default_rng(1).integers(0, COUNT, (2, 5)).astype(np.int32)
    given = weights("lstm")

    def steepness(known, table):
        def loss(table):
            x = ops.embedding(index, table)
            return jnp.sum(jnp.sin(run("lstm", x if known else forgotten(x), given)))

        return jnp.sum(jax.grad(loss)(table) ** 2)

    second = jax.jit(jax.grad(steepness, 1), static_argnums=0)
    close(*(second(known, numbers(COUNT, SIZE)) for known in (True, False)))


def products(rows_of_table):
    """Return how many rows are multiplied by the inputs' kernel."""
    index = np.zeros((4, 9), np.int32)
    given = weights("gru")

    def outputs(table):
        return run("gru", ops.embedding(index, table), given)

    text = str(jax.make_jaxpr(outputs)(numbers(rows_of_table, SIZE)))
    return [n for n in (rows_of_table, 36) if f"f32[{n},{3 * UNITS}] = dot_general" in text]


def test_a_table_is_multiplied_only_if_it_has_few_rows(monkeypatch):
    monkeypatch.setattr(choice, "_recurs", lambda *_: False)
    assert products(18) == [18]
    assert products(19) == [36]  # those of all steps


def test_what_came_of_looked_up_rows_is_not_taken_for_them(way):
    index = np.zeros((4, 9), np.int32)
    given = weights("lstm")

    def outputs(table):
        return run("lstm", 2 * ops.embedding(index, table), given)

    table = numbers(COUNT, SIZE)
    expected = run("lstm", 2 * table[index], given)
    close(jax.jit(outputs)(table), expected)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("masked", [False, True])
def test_layers_read_looked_up_sequences_from_either_end(way, name, masked):
    index = np.random.default_rng(1).integers(0, COUNT, (3, 8)).astype(np.int32)
    embedding = layers.Embedding(COUNT, SIZE, mask_zero=masked)
    both = layers.Bidirectional(getattr(layers, name)(UNITS, return_sequences=True))
    expected = np.asarray(both(np.asarray(embedding(index)), mask=index > 0 if masked else None))

    def outputs(of_both, of_embedding):
        x, _ = functional.apply(embedding, of_embedding, index)
        assert rows.rows_of(x) is not None
        return functional.apply(both, of_both, x)[0]

    got = jax.jit(outputs)(functional.values(both), functional.values(embedding))
    close(got, expected)


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize(("batch", "units"), [(1, 33), (7, 5), (40, 1), (7, 33)])
def test_many_rows_of_inputs_give_what_the_plain_way_gives(monkeypatch, name, batch, units):
    steps, columns = 150 // batch + 1, GATES[name] * units
    x, kernel = numbers(batch, steps, 6), numbers(6, columns)
    bias = numbers(*((2, columns) if name == "gru" else (columns,)))
    given = (x, kernel, numbers(units, columns) / 3, bias)

    def loss(x, kernel, recurrent, bias):
        h = jnp.full((batch, units), 0.25)
        state = (h, h) if name == "lstm" else h
        y = getattr(ops, name)(x, state, kernel, recurrent, bias)[0]
        return jnp.sum(jnp.sin(y) * numbers(*y.shape)) / steps, y

    def compute():
        return jax.jit(jax.value_and_grad(loss, (0, 1, 2, 3), has_aux=True))(*given)

    got = compute()
    monkeypatch.setattr(choice, "_recurs", lambda *_: False)
    close(got, compute())
