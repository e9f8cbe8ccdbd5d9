"""The recurrent ops: against Keras's layers, at the edges, and for what makes no sense."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from maeum import native, ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.ops.kernels import choice, compiled_recurrence, recurrence

GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}


def numbers(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(0, 0.5, shape).astype(np.float32)


def call(name, x, h, *weights, c=None, **options):
    """Call an op; the cell of an LSTM is 0 unless told, and does not come back."""
    if name != "lstm":
        return getattr(ops, name)(x, h, *weights, **options)
    outputs, (h, _) = ops.lstm(x, (h, np.zeros_like(h) if c is None else c), *weights, **options)
    return outputs, h


def weights(name, features=3, units=5):
    columns = GATES[name] * units
    bias = (2, columns) if name == "gru" else (columns,)
    return numbers(features, columns), numbers(units, columns), numbers(*bias)


@pytest.mark.parametrize(
    ("name", "layer", "options"),
    [
        ("simple_rnn", "SimpleRNN", {}),
        ("simple_rnn", "SimpleRNN", {"activation": "relu"}),
        ("lstm", "LSTM", {}),
        ("gru", "GRU", {}),
        ("gru", "GRU", {"reset_after": False}),
    ],
)
@pytest.mark.parametrize("masked", [False, True])
def test_outputs_and_states_are_those_of_keras(name, layer, options, masked):
    x, h, c = numbers(4, 6, 3), numbers(4, 5), numbers(4, 5, seed=1)
    w, u, b = weights(name)
    if options.get("reset_after") is False:
        b = b[0]
    mask = np.random.default_rng(3).random((4, 6)) < 0.6 if masked else None
    theirs = getattr(keras.layers, layer)(5, return_sequences=True, return_state=True, **options)
    theirs.build(x.shape)
    theirs.set_weights([w, u, b])
    states = [h, c] if name == "lstm" else [h]
    expected = theirs(x, initial_state=states, mask=mask)
    got = getattr(ops, name)(
        x, tuple(states) if name == "lstm" else h, w, u, b, mask=mask, **options
    )
    for ours, wanted in zip(jax.tree.leaves(got), expected):
        np.testing.assert_allclose(ours, wanted, atol=2e-6)


def test_an_lstm_with_peepholes_sees_its_cell():
    # One unit, weights 0: i = f = sigmoid(c), o sees the new cell.
    zero = np.zeros((1, 4), np.float32)
    looks = np.ones((3, 1), np.float32)
    y, (h, c) = ops.lstm(
        np.zeros((1, 1, 1)), ([[0.0]], [[2.0]]), zero, zero, [0, 0, 1, 0], peepholes=looks
    )
    gate = 1 / (1 + np.exp(-2.0))
    cell = gate * 2 + gate * np.tanh(1)
    np.testing.assert_allclose(c, [[cell]], rtol=1e-6)
    np.testing.assert_allclose(h, [[np.tanh(cell) / (1 + np.exp(-cell))]], rtol=1e-6)
    np.testing.assert_array_equal(y[:, 0], h)


def test_recurrent_noise_goes_into_the_product_only():
    # z = sigmoid(100) = 1: a GRU that keeps its state keeps all of it, noise or not.
    bias = np.zeros((2, 3), np.float32)
    bias[0, 0] = 100
    h = np.float32([[3.0]])
    zeros = np.zeros((1, 3), np.float32)
    _, kept = ops.gru(np.zeros((1, 2, 1)), h, zeros, zeros, bias, recurrent_noise=0 * h)
    np.testing.assert_array_equal(kept, h)
    one = np.ones((1, 1), np.float32)
    outputs, _ = ops.simple_rnn(
        np.ones((1, 3, 1)), h, one, one, activation="relu", recurrent_noise=[[0.5]]
    )
    assert outputs[0, :, 0].tolist() == [2.5, 2.25, 2.125]


@pytest.mark.parametrize("name", GATES)
def test_no_steps_leave_the_state_and_no_rows_make_none(name):
    h, ws = numbers(4, 5), weights(name)
    outputs, last = call(name, np.zeros((4, 0, 3), np.float32), h, *ws)
    assert outputs.shape == (4, 0, 5)
    np.testing.assert_array_equal(last, h)
    outputs, last = call(name, np.zeros((0, 2, 3), np.float32), h[:0], *ws)
    assert (outputs.shape, last.shape) == ((0, 2, 5), (0, 5))
    gradient = jax.grad(lambda u: call(name, np.zeros((0, 2, 3)), h[:0], ws[0], u)[0].sum())
    np.testing.assert_array_equal(gradient(ws[1]), 0 * ws[1])


@pytest.mark.parametrize("name", GATES)
def test_rows_masked_throughout_keep_their_state_without_nan(name):
    x, h = np.full((2, 3, 3), np.nan, np.float32), numbers(2, 5)
    outputs, last = call(name, x, h, *weights(name), mask=np.zeros((2, 3)))
    np.testing.assert_array_equal(last, h)
    np.testing.assert_array_equal(outputs, np.repeat(h[:, None], 3, 1))


@pytest.mark.parametrize("name", GATES)
def test_half_precision_is_computed_in_single(name):
    x, h, ws = numbers(2, 4, 3), numbers(2, 5), weights(name)
    half = [jnp.asarray(a, jnp.bfloat16) for a in (x, h, *ws)]
    outputs, last = call(name, *half)
    assert outputs.dtype == last.dtype == jnp.bfloat16
    exact, _ = call(name, *(np.asarray(a, np.float32) for a in half))
    np.testing.assert_array_equal(outputs, exact.astype(jnp.bfloat16))
    whole, _ = call(name, np.ones((2, 4, 3), int), h, *ws)
    np.testing.assert_array_equal(whole, call(name, np.ones((2, 4, 3), np.float32), h, *ws)[0])


@pytest.mark.parametrize("name", GATES)
def test_parts_of_a_sequence_make_the_whole(name):
    x, h, ws = numbers(3, 7, 3), numbers(3, 5), weights(name)
    if name == "lstm":
        state = (h, 2 * h)
        whole, last = ops.lstm(x, state, *ws)
        first, state = ops.lstm(x[:, :1], state, *ws)
        rest, state = ops.lstm(x[:, 1:], state, *ws)
    else:
        whole, last = call(name, x, h, *ws)
        first, state = call(name, x[:, :1], h, *ws)
        rest, state = call(name, x[:, 1:], state, *ws)
    np.testing.assert_allclose(np.concatenate([first, rest], 1), whole, atol=1e-6)
    for ours, wanted in zip(jax.tree.leaves(state), jax.tree.leaves(last)):
        np.testing.assert_allclose(ours, wanted, atol=1e-6)


@pytest.mark.parametrize("name", GATES)
def test_shapes_that_do_not_fit_are_told(name):
    x, h, (w, u, b) = numbers(2, 4, 3), numbers(2, 5), weights(name)
    wrong = [
        ((x[0], h, w, u, b), {}, "x of shape"),
        ((x, h[:1], w, u, b), {}, "h of shape"),
        ((x, h, w[:2], u, b), {}, "takes kernel"),
        ((x, h, w, u[:, :-1], b), {}, "recurrent_kernel"),
        ((x, h, w, np.float32(1), b), {}, "recurrent_kernel"),
        ((x, h, w, u, b[..., :-1]), {}, "bias"),
        ((x, h, w, u, b), {"mask": np.ones((4, 2))}, "mask"),
        ((x, h, w, u, b), {"recurrent_noise": h[:, :1]}, "recurrent_noise"),
    ]
    for arguments, options, told in wrong:
        with pytest.raises(ShapeError, match=told):
            call(name, *arguments, **options)


def test_what_makes_no_sense_is_told():
    x, h = numbers(2, 4, 3), numbers(2, 5)
    with pytest.raises(ConfigError, match="'tanh', 'relu'"):
        ops.simple_rnn(x, h, *weights("simple_rnn"), activation="gelu")
    with pytest.raises(ShapeError, match="pair"):
        ops.lstm(x, h, *weights("lstm"))
    with pytest.raises(ShapeError, match="c of shape"):
        ops.lstm(x, (h, h[:, :1]), *weights("lstm"))
    with pytest.raises(ShapeError, match="peepholes"):
        ops.lstm(x, (h, h), *weights("lstm"), peepholes=h)


def test_the_native_way_is_chosen_where_it_can_be(monkeypatch):
    seen = []
    for way, name in ((compiled_recurrence, "native"), (recurrence, "plain")):
        original = way.gru
        monkeypatch.setattr(way, "gru", lambda *a, o=original, n=name: (seen.append(n), o(*a))[1])
    x, h, ws = numbers(2, 4, 3), numbers(2, 5), weights("gru")
    ops.gru(x, h, *ws)
    ops.gru(x[:, :1], h, *ws)
    ops.gru(x, h, *ws, recurrent_noise=h)
    ops.gru(x, h, ws[0], ws[1], ws[2][0], reset_after=False)
    monkeypatch.setattr(choice, "_on_cpu", lambda: False)
    ops.gru(x, h, *ws)
    first = "native" if native.status().present else "plain"
    assert seen == [first, "plain", "plain", "plain", "plain"]
