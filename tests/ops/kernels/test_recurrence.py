"""Recurrent networks, each way to compute them, against a loop over their steps in float64."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import native
from maeum.ops.kernels import compiled_recurrence, recurrence

needs_native = pytest.mark.skipif(not native.status().present, reason="no native kernels")
CELLS = ["tanh", "relu", "lstm", "gru", "gru before"]
GATES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3, "gru before": 3}


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(z / 2)


def by_hand(cell, x, h, c, w, u, b, peepholes, mask, noise):
    """Return the outputs and the last states, step by step, in float64."""
    x, h, c, w, u = (np.asarray(a, np.float64) for a in (x, h, c, w, u))
    units = h.shape[-1]
    b = np.zeros(w.shape[-1]) if b is None else np.asarray(b, np.float64)
    d = np.zeros(w.shape[-1])
    if cell == "gru" and b.ndim == 2:
        b, d = b
    p = np.zeros((3, units)) if peepholes is None else np.asarray(peepholes, np.float64)
    outputs = []
    for t in range(x.shape[1]):
        inner = h if noise is None else h * noise
        a = x[:, t] @ w + b
        new_c = c
        if cell in ("tanh", "relu"):
            z = a + inner @ u
            new = np.tanh(z) if cell == "tanh" else np.where(z < 0, 0, z)
        elif cell == "lstm":
            i, f, g, o = np.split(a + inner @ u, 4, axis=-1)
            i, f = sigmoid(i + p[0] * c), sigmoid(f + p[1] * c)
            new_c = f * c + i * np.tanh(g)
            new = sigmoid(o + p[2] * new_c) * np.tanh(new_c)
        else:
            (a_z, a_r, a_g), (u_z, u_r, u_g) = np.split(a, 3, -1), np.split(u, 3, -1)
            d_z, d_r, d_g = np.split(d, 3)
            z, r = sigmoid(a_z + inner @ u_z + d_z), sigmoid(a_r + inner @ u_r + d_r)
            recalled = r * (inner @ u_g + d_g) if cell == "gru" else (r * inner) @ u_g
            new = z * h + (1 - z) * np.tanh(a_g + recalled)
        there = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
        h, c = np.where(there, new, h), np.where(there, new_c, c)
        outputs.append(h)
    return (np.stack(outputs, 1), h, c) if cell == "lstm" else (np.stack(outputs, 1), h)


def compute(way, cell, x, h, c, w, u, b, peepholes, mask, noise):
    """Call one of the modules; the native one takes neither peepholes nor noise."""
    sequences = recurrence.Sequences(x, w, u, b, mask, noise)
    is_plain = way is recurrence
    if cell == "lstm":
        return way.lstm(sequences, h, c, *[peepholes] * is_plain)
    if cell in ("tanh", "relu"):
        return way.simple_rnn(sequences, h, cell)
    return way.gru(sequences, h, *[cell == "gru"] * is_plain)


def operands(cell, batch, steps, features, units, options=(), seed=0):
    rng = np.random.default_rng(seed)

    def numbers(*shape, scale=0.7):
        return rng.normal(0, scale, shape).astype(np.float32)

    columns = GATES[cell] * units
    bias = numbers(2, columns) if cell == "gru" else numbers(columns)
    return {
        "x": numbers(batch, steps, features),
        "h": numbers(batch, units),
        "c": numbers(batch, units),
        "w": numbers(features, columns),
        "u": numbers(units, columns, scale=units**-0.5),
        "b": bias if "bias" in options else None,
        "peepholes": numbers(3, units) if "peepholes" in options and cell == "lstm" else None,
        "mask": rng.random((batch, steps)) < 0.6 if "mask" in options else None,
        "noise": numbers(batch, units) if "noise" in options else None,
    }


def compare(way, cell, given, used=(True, True, True), tolerance=3e-5):
    """Compare values, and every gradient along a drawn direction with finite differences.

    ``used`` tells which of the outputs come into the gradients.
    """
    rng = np.random.default_rng(1)
    expected = by_hand(cell, **given)
    used = used[: len(expected)]
    variables = {k: v for k, v in given.items() if v is not None and k != "mask"}
    if cell != "lstm":
        variables.pop("c")

    def run(variables):
        outputs = compute(way, cell, **{**given, **variables})
        return [y for y, wanted in zip(outputs, used) if wanted]

    @jax.jit
    def both(variables, weights):
        got, transpose = jax.vjp(run, variables)
        return got, transpose(weights)[0]

    expected = [y for y, wanted in zip(expected, used) if wanted]
    weights = [rng.normal(size=y.shape).astype(np.float32) for y in expected]
    got, gradients = both(variables, weights)
    for y, wanted in zip(got, expected):
        np.testing.assert_allclose(y, wanted, atol=tolerance * max(1, np.abs(wanted).max()))

    def total(name, step):
        moved = {**given, name: given[name].astype(np.float64) + step}
        outputs = [y for y, wanted in zip(by_hand(cell, **moved), used) if wanted]
        return sum((weight * y).sum() for weight, y in zip(weights, outputs))

    for name, gradient in gradients.items():
        along = rng.normal(size=gradient.shape)
        tiny = 1e-6 * along
        slope = (total(name, tiny) - total(name, -tiny)) / 2e-6
        size = max(1, np.linalg.norm(gradient) * np.sqrt(gradient.size))
        assert abs((gradient * along).sum() - slope) < tolerance * size, name


# One that uses everything, one that uses nothing, and few of what could go wrong at an edge.
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("sizes", "options"),
    [((3, 4, 2, 5), ("bias", "peepholes", "mask", "noise")), ((1, 1, 3, 1), ())],
    ids=["all", "nothing"],
)
def test_plain_steps_and_gradients_are_those_of_the_definition(cell, sizes, options):
    compare(recurrence, cell, operands(cell, *sizes, options))


@needs_native
@settings(max_examples=8)
@given(
    st.sampled_from(CELLS[:4]),
    st.tuples(st.integers(1, 40), st.integers(1, 7), st.integers(1, 5)),
    st.sampled_from([1, 3, 4, 8, 15, 16, 17, 31, 48, 70]),
    st.sets(st.sampled_from(["bias", "mask"])),
    st.tuples(*[st.booleans()] * 3).filter(lambda used: any(used[:2])),
)
def test_native_steps_and_gradients_are_those_of_the_definition(cell, sizes, units, options, used):
    compare(compiled_recurrence, cell, operands(cell, *sizes, units, options), used)


@needs_native
@pytest.mark.parametrize("cell", CELLS[:4])
def test_every_number_of_rows_in_a_tile(cell):
    run = jax.jit(functools.partial(compute, compiled_recurrence, cell))
    given = operands(cell, 60, 3, 2, 20, ("bias", "mask"))
    whole = jax.jit(lambda x: jax.vjp(lambda x: run(**{**given, "x": x})[0], x)[0])(given["x"])
    for rows in [*range(1, 26), 33]:
        some = {k: v[:rows] if k in ("x", "h", "c", "mask") else v for k, v in given.items()}
        np.testing.assert_allclose(run(**some)[0], whole[:rows], atol=1e-6)


def ways(cell):
    return [recurrence, *([compiled_recurrence] if native.status().present else [])][
        : 1 if cell == "gru before" else 2
    ]


@pytest.mark.parametrize("cell", CELLS)
def test_only_what_is_asked_for_is_differentiated(cell):
    given = operands(cell, 3, 4, 2, 5, ("bias", "mask"))
    for way in ways(cell):

        def loss(*some, names=(), way=way):
            return jnp.sum(compute(way, cell, **{**given, **dict(zip(names, some))})[0] ** 2)

        together = ("x", "h", "w", "u", "b")
        every = jax.jit(jax.grad(functools.partial(loss, names=together), range(5)))(
            *(given[k] for k in together)
        )
        for name, wanted in zip(together, every):
            alone = jax.jit(jax.grad(functools.partial(loss, names=(name,))))(given[name])
            np.testing.assert_allclose(alone, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_second_derivatives_agree_with_finite_differences(cell):
    given = operands(cell, 2, 3, 2, 3, ("bias", "mask"))
    if cell == "relu":
        given["b"] = np.full(3, 5, np.float32)  # far from the corner
    for way in ways(cell):

        def smooth(x, h, w, u, way=way):
            out = compute(way, cell, **{**given, "x": x, "h": h, "w": w, "u": u})
            return sum((0.1 * y**2).sum() for y in out)

        values = [0.3 * given[k] for k in ("x", "h", "w", "u")]
        check_grads(jax.jit(smooth), values, 2, ["rev"], atol=0.05, rtol=0.05, eps=1e-2)


@pytest.mark.parametrize("cell", CELLS)
def test_under_vmap_each_entry_is_a_network(cell):
    given = operands(cell, 3, 4, 2, 5, ("bias", "mask"))
    stack = np.stack([given["u"], 0.5 * given["u"]])
    for way in ways(cell):

        @jax.jit
        def gradient(u, way=way):
            return jax.grad(lambda u: compute(way, cell, **{**given, "u": u})[0].sum())(u)

        together = jax.jit(jax.vmap(gradient))(stack)
        alone = np.stack([gradient(u) for u in stack])
        np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_row_without_sense_leaves_the_others_alone(cell, bad):
    given = operands(cell, 5, 4, 2, 6, ("bias",))
    spoilt = {**given, "x": given["x"].copy()}
    spoilt["x"][2, 1] = bad
    others = [0, 1, 3, 4]
    for way in ways(cell):

        @jax.jit
        def both(given, way=way):
            y, transpose = jax.vjp(lambda x: compute(way, cell, **{**given, "x": x})[0], given["x"])
            return y, transpose(jnp.ones_like(y))[0]

        for got, wanted in zip(both(spoilt), both(given)):
            np.testing.assert_array_equal(got[np.array(others)], wanted[np.array(others)])
        y, _ = both(spoilt)
        assert np.isfinite(y[2, 0]).all()
        assert np.isnan(y[2, 1]).any() or np.isinf(bad)


@pytest.mark.parametrize("cell", CELLS)
def test_large_sums_saturate(cell):
    given = operands(cell, 4, 3, 2, 5)
    given["x"] *= np.float32(1e4)
    for way in ways(cell):

        @jax.jit
        def both(x, way=way):
            y, transpose = jax.vjp(lambda x: compute(way, cell, **{**given, "x": x})[0], x)
            return y, transpose(jnp.ones_like(y))[0]

        y, dx = both(given["x"])
        wanted = by_hand(cell, **given)[0]
        np.testing.assert_allclose(y, wanted, rtol=1e-5, atol=1e-5)
        assert np.isfinite(dx).all()


@pytest.mark.parametrize("cell", CELLS)
def test_masked_rows_keep_their_state_whatever_they_hold(cell):
    given = operands(cell, 3, 4, 2, 5, ("bias",))
    given["mask"] = np.array([[True] * 4, [False] * 4, [True, False, True, False]])
    given["x"][1] = np.nan
    for way in ways(cell):

        @jax.jit
        def both(h, c, way=way):
            y, transpose = jax.vjp(
                lambda h, c: compute(way, cell, **{**given, "h": h, "c": c})[0], h, c
            )
            return y, transpose(jnp.ones_like(y))[0]

        y, dh = both(given["h"], given["c"])
        np.testing.assert_array_equal(y[1], np.broadcast_to(given["h"][1], (4, 5)))
        np.testing.assert_array_equal(y[2, 1::2], y[2, ::2])
        np.testing.assert_array_equal(dh[1], np.full(5, 4))


@needs_native
def test_operands_that_are_needed_again_are_not_overwritten():
    given = operands("lstm", 9, 5, 3, 16, ("bias",))
    x = jnp.asarray(given["x"])

    @jax.jit
    def run(x):
        def out(x):
            return compute(compiled_recurrence, "lstm", **{**given, "x": x})[0]

        y, transpose = jax.vjp(out, x)
        return y, transpose(y)[0], transpose(2 * y)[0], recurrence.product(x, given["w"])

    y, once, twice, a = run(x)
    np.testing.assert_allclose(y, by_hand("lstm", **given)[0], atol=1e-5)
    np.testing.assert_allclose(2 * once, twice, atol=1e-5)
    np.testing.assert_allclose(a, x @ given["w"], atol=1e-5)


@needs_native
@pytest.mark.parametrize("cell", CELLS[:4])
def test_it_comes_out_the_same_every_time(cell):
    given = operands(cell, 33, 6, 3, 40, ("bias",))
    run = jax.jit(
        lambda u: jax.grad(
            lambda u: compute(compiled_recurrence, cell, **{**given, "u": u})[0].sum()
        )(u)
    )
    np.testing.assert_array_equal(run(given["u"]), run(given["u"]))


@needs_native
def test_gates_are_exact_to_a_few_units_in_the_last_place():
    # One unit that sees nothing of the past: its only step is a function of x.
    z = np.linspace(-30, 30, 20001, dtype=np.float32)[:, None, None]
    one, zero = np.ones((1, 1), np.float32), np.zeros((len(z), 1), np.float32)
    y, _ = compiled_recurrence.simple_rnn(recurrence.Sequences(z, one, 0 * one), zero, "tanh")
    np.testing.assert_allclose(y[:, 0], np.tanh(z[:, 0].astype(np.float64)), rtol=4e-7, atol=0)
    # c = sigmoid(z) with i = sigmoid(z), tanh(20) = 1 in float32, and c = 0 before.
    w = np.array([[1, 0, 0, 0]], np.float32)
    b = np.array([0, 0, 20, 0], np.float32)
    *_, c = compiled_recurrence.lstm(recurrence.Sequences(z, w, 0 * w, b), zero, zero)
    wanted = 1 / (1 + np.exp(-z[:, 0].astype(np.float64)))
    np.testing.assert_allclose(c, wanted, rtol=1e-6, atol=0)
