"""Recurrent cells over sequences: step by step, and by the kernels, as their formulas say."""

import numpy as np
import pytest

import maeum.compat


@pytest.fixture
def tf():
    maeum.compat.install(shadow=True, graph=True)
    import tensorflow

    with tensorflow.Graph().as_default():
        yield tensorflow
    maeum.compat.uninstall()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, w, lengths, n, forget, peepholes=(0, 0, 0)):
    """Hochreiter and Schmidhuber (1997), with TensorFlow's order of the gates: i, j, f, o."""
    kernel, bias = w[:2]
    outputs, c, h = np.zeros((*x.shape[:2], n)), np.zeros((len(x), n)), np.zeros((len(x), n))
    for t in range(x.shape[1]):
        z = np.hstack([x[:, t], h]) @ kernel + bias
        i, j, f, o = (z[:, k * n : (k + 1) * n] for k in range(4))
        new = sigmoid(f + forget + peepholes[0] * c) * c
        new = new + sigmoid(i + peepholes[1] * c) * np.tanh(j)
        out = sigmoid(o + peepholes[2] * new) * np.tanh(new)
        going = (t < np.asarray(lengths))[:, None]
        c, h = np.where(going, new, c), np.where(going, out, h)
        outputs[:, t] = np.where(going, out, 0)
    return outputs, c, h


def gru(x, w, lengths, n):
    gates, gate_bias, own, bias = w
    outputs, h = np.zeros((*x.shape[:2], n)), np.zeros((len(x), n))
    for t in range(x.shape[1]):
        r, u = np.split(sigmoid(np.hstack([x[:, t], h]) @ gates + gate_bias), 2, 1)
        new = u * h + (1 - u) * np.tanh(np.hstack([x[:, t], r * h]) @ own + bias)
        going = (t < np.asarray(lengths))[:, None]
        h = np.where(going, new, h)
        outputs[:, t] = np.where(going, new, 0)
    return outputs, h


X = np.random.default_rng(0).normal(size=(3, 5, 4))
LENGTHS = [5, 2, 0]
CELLS = {
    "lstm": lambda tf, act: tf.nn.rnn_cell.BasicLSTMCell(6, forget_bias=0.5, activation=act),
    "peepholes": lambda tf, act: tf.nn.rnn_cell.LSTMCell(6, use_peepholes=True, activation=act),
    "gru": lambda tf, act: tf.nn.rnn_cell.GRUCell(6, activation=act),
}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("by_kernel", [True, False])
def test_cells_follow_their_formulas(tf, name, by_kernel):
    # Another function of the same values is not known to be tanh, so that the cell is run stepwise.
    activation = tf.tanh if by_kernel else lambda x: tf.tanh(x)
    x = tf.placeholder(tf.float32, [None, 5, 4])
    outputs, state = tf.nn.dynamic_rnn(
        CELLS[name](tf, activation), x, sequence_length=LENGTHS, dtype=tf.float32
    )
    kinds = {op.type for op in tf.get_default_graph().get_operations()}
    assert by_kernel == bool(kinds & {"LSTM", "GRU"})
    random = np.random.default_rng(1)
    variables = tf.global_variables()
    weights = [random.normal(size=v.shape.as_list()) for v in variables]
    slopes = tf.gradients(tf.reduce_sum(outputs**2), variables)
    with tf.Session() as sess:
        for variable, value in zip(variables, weights):
            variable.load(value, sess)
        found, last, grads = sess.run([outputs, state, slopes], {x: X})
        if name == "gru":
            expected = gru(X, weights, LENGTHS, 6)
            last = [last]
        else:
            forget = 1.0 if name == "peepholes" else 0.5
            expected = lstm(X, weights, LENGTHS, 6, forget, weights[2:] or (0, 0, 0))
        for one, other in zip([found, *last], expected):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
        # the slope of one weight, by finite differences
        moved = []
        for change in (1e-2, -1e-2):
            other = weights[0].copy()
            other[0, 0] += change
            variables[0].load(other, sess)
            moved.append((sess.run(outputs, {x: X}).astype(float) ** 2).sum())
        assert grads[0][0, 0] == pytest.approx((moved[0] - moved[1]) / 2e-2, rel=0.02, abs=1e-3)


def test_layers_of_cells_with_dropout_and_projection(tf):
    def cell():
        made = tf.nn.rnn_cell.BasicRNNCell(4, activation=tf.nn.relu)
        return tf.nn.rnn_cell.DropoutWrapper(made, output_keep_prob=1.0)

    x = tf.placeholder(tf.float32, [None, 5, 4])
    stacked = tf.nn.rnn_cell.MultiRNNCell([cell() for _ in range(2)])
    projected = tf.contrib.rnn.OutputProjectionWrapper(stacked, output_size=2)
    outputs, state = tf.nn.dynamic_rnn(projected, x, dtype=tf.float32)
    assert outputs.shape.as_list() == [None, 5, 2]
    assert len(state) == 2
    with pytest.raises(ValueError, match="same cell"):
        tf.nn.rnn_cell.MultiRNNCell([projected] * 2)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(outputs, {x: X}).shape == (3, 5, 2)


def test_sequences_as_lists_and_from_both_ends(tf):
    x = tf.placeholder(tf.float32, [None, 5, 4])
    with tf.variable_scope("list"):
        cell = tf.nn.rnn_cell.BasicRNNCell(3)
        listed, last = tf.nn.static_rnn(cell, tf.unstack(x, 5, 1), dtype=tf.float32)
    cells = [tf.nn.rnn_cell.GRUCell(2) for _ in range(2)]
    both, states = tf.nn.bidirectional_dynamic_rnn(*cells, x, LENGTHS, dtype=tf.float32)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        outputs, end, found, ends = sess.run([listed, last, both, states], {x: X})
    assert len(outputs) == 5
    np.testing.assert_array_equal(outputs[-1], end)
    np.testing.assert_allclose(found[1][:, 0][:2], ends[1][:2], rtol=1e-6)  # the end is the first
    assert (found[0][1, 2:] == 0).all()


def test_a_cell_of_a_script(tf):
    class Counter(tf.nn.rnn_cell.RNNCell):
        state_size = output_size = 1

        def call(self, inputs, state):
            return state + tf.reduce_sum(inputs, 1, keepdims=True), state + 1

    outputs, state = tf.nn.dynamic_rnn(Counter(), tf.ones([2, 3, 1]), dtype=tf.float32)
    with tf.Session() as sess:
        assert sess.run(outputs)[0].ravel().tolist() == [1, 2, 3]
        assert sess.run(state).ravel().tolist() == [3, 3]
