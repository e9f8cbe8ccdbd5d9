"""The worked examples of a first course in deep learning, with the numbers it arrives at.

Each test says what is given; the results are worked out by hand beside it, or in NumPy.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import losses, ops, optimizers
from maeum.core import functional
from maeum.layers import Dense, Maxout

HOURS = np.array([2.0, 4.0, 6.0, 8.0])
SCORES = np.array([81.0, 93.0, 91.0, 97.0])
XOR_X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
XOR_Y = np.array([[0], [1], [1], [0]], "float32")


def line(slope, intercept, optimizer="sgd"):
    model = mm.Sequential([mm.Input((1,)), Dense(1)])
    model.set_weights([[[slope]], [intercept]])
    model.compile(optimizer, "mse", metrics=["root_mean_squared_error"])
    return model


# ---- 1 to 3: lines and probabilities -------------------------------------------------------------


def test_least_squares_finds_the_line_through_the_scores():
    # Means 5 and 90.5; slope sum((x-5)(y-90.5)) / sum((x-5)^2) = 46 / 20, intercept 90.5 - 2.3 * 5.
    model = line(0.0, 0.0, optimizers.SGD(0.02, momentum=0.9))
    model.fit(HOURS, SCORES, epochs=1500, verbose=0)
    [[slope]], [intercept] = model.get_weights()
    assert slope == pytest.approx(2.3, abs=1e-3)
    assert intercept == pytest.approx(79, abs=1e-2)
    np.testing.assert_allclose(model.predict(HOURS)[:, 0], [83.6, 88.2, 92.8, 97.4], atol=1e-2)


def test_the_line_3x_plus_76_misses_by_11():
    # Errors -1, 5, -3, 3 (predicted minus true: 1, -5, 3, 3): (1 + 25 + 9 + 9) / 4 = 11.
    model = line(3.0, 76.0)
    np.testing.assert_allclose(model.predict(HOURS)[:, 0], [82, 88, 94, 100])
    squared, root = model.evaluate(HOURS, SCORES, verbose=0)
    assert squared == pytest.approx(11)
    assert root == pytest.approx(3.3166, abs=1e-4)


def test_logistic_regression_parts_the_hours_between_6_and_8():
    x, y = np.arange(2.0, 15.0, 2.0), np.array([0, 0, 0, 1, 1, 1, 1])
    model = mm.Sequential([mm.Input((1,)), Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizers.Adam(0.2), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=600, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] == 1.0
    [[a]], [b] = model.get_weights()
    assert 6 < -b / a < 8  # where a x + b = 0, the probability is one half
    six, eight = model.predict(np.array([6.0, 8.0]))[:, 0]
    assert six < 0.5 < eight
    assert six == pytest.approx(1 / (1 + np.exp(-(a * 6 + b))), rel=1e-4)


# ---- 4 to 7: vectors and matrices ----------------------------------------------------------------


def test_softmax_of_large_numbers_does_not_overflow():
    # exp(-1) / (1 + exp(-1)) and 1 / (1 + exp(-1)); the rest is e^-787 and less.
    result = ops.softmax(jnp.array([1.0, 2.0, 788.0, 789.0]))
    np.testing.assert_allclose(result, [0, 0, 0.268941, 0.731059], atol=1e-6)


def test_argmax_of_one_hot_rows_is_the_class():
    assert int(ops.argmax(jnp.array([0, 0, 1, 0]))) == 2
    assert ops.argmax(jnp.array([[1, 0, 0, 0], [0, 0, 1, 0]]), axis=-1).tolist() == [0, 2]


def test_one_hot_of_the_animals():
    animals = ["Cat", "Dog", "Turtle", "Fish", "Cat"]
    order = list(dict.fromkeys(animals))
    rows = ops.one_hot(jnp.array([order.index(animal) for animal in animals]), 4)
    assert ["".join(str(int(v)) for v in row) for row in rows] == [
        "1000", "0100", "0010", "0001", "1000",
    ]  # fmt: skip


def test_features_times_weights_is_a_layer():
    features = np.array([(4, 3, 2), (2, 9, 1), (3, 3, 2), (2, 4, 1)], "float32")
    w = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], "float32")  # w1 w2 / w3 w4 / w5 w6
    model = mm.Sequential([mm.Input((3,)), Dense(2, use_bias=False)])
    model.set_weights([w])
    result = model.predict(features)
    assert result.shape == (4, 2)
    assert result[0, 0] == pytest.approx(4 * 0.1 + 3 * 0.3 + 2 * 0.5)


# ---- 8 and 9: learning by hand -------------------------------------------------------------------


def perceptron(x, y, activation, epochs=20, rate=0.5):
    """Rosenblatt's rule, one row after the other: dw = a (t - y) x."""
    w, b = np.zeros(2), 0.0
    for _ in range(epochs):
        for row, target in zip(x, y):
            error = target - float(activation(jnp.asarray(row @ w + b)))
            w, b = w + rate * error * row, b + rate * error
    return np.asarray(activation(jnp.asarray(x @ w + b)))


@pytest.mark.parametrize(
    ("targets", "learnt"), [([0, 0, 0, 1], True), ([0, 1, 1, 1], True), ([0, 1, 1, 0], False)]
)
def test_a_perceptron_learns_and_and_or_but_not_xor(targets, learnt):
    assert np.array_equal(perceptron(XOR_X, targets, ops.step), targets) is learnt
    signs = [2 * t - 1 for t in targets]
    assert np.array_equal(perceptron(XOR_X, signs, ops.sign), signs) is learnt


def test_hebbs_rule_learns_and_from_signs():
    # dw = k x y over the four rows, a column of ones as the bias: w = (2, 2), b = -2.
    x = np.c_[2 * XOR_X - 1, np.ones(4)]
    y = np.array([-1, -1, -1, 1])
    w = sum(row * target for row, target in zip(x, y))
    np.testing.assert_array_equal(w, [2, 2, -2])
    np.testing.assert_array_equal(ops.sign(jnp.asarray(x @ w)), y)


def test_the_delta_rule_is_a_step_of_gradient_descent():
    # dw = a (t - y) g'(h) x, with half the squared error and g the sigmoid: g' = y (1 - y).
    w, x, t, a = np.array([0.3, -0.2]), np.array([1.0, 2.0]), 1.0, 0.5
    y = 1 / (1 + np.exp(-x @ w))
    by_hand = w + a * (t - y) * y * (1 - y) * x
    variable = mm.Variable((2,), w.astype("float32"))
    half_squared_error = lambda: 0.5 * (t - ops.sigmoid(jnp.dot(x, variable.value))) ** 2  # noqa: E731
    _, gradients = mm.value_and_grad(half_squared_error, [variable])
    optimizers.SGD(a).apply_gradients(zip(gradients, [variable]))
    np.testing.assert_allclose(variable.numpy(), by_hand, rtol=1e-6)


class TwoLayers:
    """ReLU then sigmoid, with the derivatives worked out by hand; columns are examples."""

    def __init__(self, hidden, seed):
        rng = np.random.default_rng(seed)
        # No bias is 0: at z = 0 exactly, the course lets the gradient through and JAX does not.
        self.w1, self.b1 = rng.normal(size=(hidden, 2)), rng.normal(size=(hidden, 1)) * 0.1
        self.w2, self.b2 = rng.normal(size=(1, hidden)), np.zeros((1, 1))

    def gradients(self, x, y):
        m = x.shape[1]
        z1 = self.w1 @ x + self.b1
        a1 = np.maximum(z1, 0)
        yhat = 1 / (1 + np.exp(-(self.w2 @ a1 + self.b2)))
        dz2 = (yhat - y) / m
        dw2, db2 = dz2 @ a1.T, dz2.sum(1, keepdims=True)
        dz1 = (self.w2.T @ dz2) * (z1 >= 0)
        return yhat, [dz1 @ x.T, dz1.sum(1, keepdims=True), dw2, db2]

    def step(self, x, y, rate):
        yhat, (dw1, db1, dw2, db2) = self.gradients(x, y)
        self.w1, self.b1 = self.w1 - rate * dw1, self.b1 - rate * db1
        self.w2, self.b2 = self.w2 - rate * dw2, self.b2 - rate * db2
        return yhat

    def weights(self):
        return [self.w1.T, self.b1[:, 0], self.w2.T, self.b2[:, 0]]


def test_a_two_layer_network_by_hand_equals_autodiff_and_learns_xor():
    by_hand = TwoLayers(hidden=8, seed=3)
    model = mm.Sequential(
        [mm.Input((2,)), Dense(8, activation="relu"), Dense(1, activation="sigmoid")]
    )
    model.set_weights(by_hand.weights())
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 2)).astype("float32"), rng.integers(0, 2, (30, 1))

    def objective():
        return losses.binary_crossentropy(y, model(x)).mean()

    _, gradients = mm.value_and_grad(objective, model.trainable_variables)
    _, expected = by_hand.gradients(x.T.astype("float64"), y.T)
    for gradient, other in zip(gradients, expected):
        np.testing.assert_allclose(gradient, other.T.reshape(gradient.shape), atol=1e-6)
    # The same 1,000 steps of gradient descent end at the same network, which knows XOR.
    model.set_weights(by_hand.weights())
    model.compile(optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
    model.fit(XOR_X, XOR_Y, epochs=1000, shuffle=False, verbose=0)
    for _ in range(1000):
        by_hand.step(XOR_X.T.astype("float64"), XOR_Y.T, 0.5)
    assert model.evaluate(XOR_X, XOR_Y, verbose=0)[1] == 1.0
    yhat, _ = by_hand.gradients(XOR_X.T.astype("float64"), XOR_Y.T)
    np.testing.assert_allclose(model.predict(XOR_X), yhat.T, atol=1e-4)


# ---- 10: the vanishing gradient ------------------------------------------------------------------


def deep(activation, seed):
    hidden = [Dense(5, activation=activation, name=f"hidden{i}") for i in range(5)]
    model = mm.Sequential([mm.Input((2,)), *hidden, Dense(1, activation="sigmoid")], seed=seed)
    model.compile(optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    return model


def gradient_sizes(model):
    """The mean size of the gradient of each hidden layer's kernel, first layer first."""

    def objective(values):
        outputs, _ = functional.apply(model, values, XOR_X)
        return losses.binary_crossentropy(XOR_Y, outputs).mean()

    gradients = jax.grad(objective)(functional.values(model))
    return np.array([np.abs(gradients[f"hidden{i}/kernel"]).mean() for i in range(5)])


def test_five_sigmoid_layers_learn_nothing_of_xor_and_relu_layers_do():
    # How many times larger depends on the initial values: 30 to 1,200 times with twelve seeds.
    stuck = deep("sigmoid", seed=0)
    sizes = gradient_sizes(stuck)
    # The derivative of a sigmoid is at most 1/4: every layer on the way back takes its share.
    assert (sizes[:-1] < sizes[1:] / 2).all()
    assert sizes[0] < sizes[-1] / 100
    stuck.fit(XOR_X, XOR_Y, epochs=1500, verbose=0)
    loss, accuracy = stuck.evaluate(XOR_X, XOR_Y, verbose=0)
    assert loss == pytest.approx(np.log(2), abs=1e-4)  # 0.693147: a coin
    assert accuracy == 0.5

    learning = deep("relu", seed=0)
    flowing = gradient_sizes(learning)
    assert flowing[0] > sizes[0] * 100
    learning.fit(XOR_X, XOR_Y, epochs=1500, verbose=0)
    loss, accuracy = learning.evaluate(XOR_X, XOR_Y, verbose=0)
    assert accuracy == 1.0
    assert loss < 0.1


# ---- 11 to 13: losses, activations, optimizers ---------------------------------------------------


def test_the_losses_of_the_course():
    y, p = np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 1.0, 4.0]])
    loss = lambda name: float(losses.as_loss(name)(y, p))  # noqa: E731
    assert loss("mse") == pytest.approx((0.25 + 1) / 3)
    assert loss("mae") == pytest.approx(0.5)
    assert loss("mape") == pytest.approx(100 * (0.5 + 0.5) / 3)
    cosine = (1.5 + 2 + 16) / np.sqrt(21 * (2.25 + 1 + 16))
    assert loss("cosine_similarity") == pytest.approx(-cosine)
    half = losses.as_loss(lambda a, b: 0.5 * jnp.sum((a - b) ** 2, -1))
    assert float(half(y, p)) == pytest.approx(0.5 * 1.25)
    # max(0, 1 - y p) of signs and scores: 0.5, 2.
    assert float(losses.Hinge()([[1.0, -1.0]], [[0.5, 1.0]])) == pytest.approx(1.25)


def test_cross_entropy_is_entropy_plus_divergence():
    p, q = np.array([[0.2, 0.5, 0.3]]), np.array([[0.1, 0.6, 0.3]])
    entropy = -(p * np.log(p)).sum()
    cross = float(losses.CategoricalCrossentropy()(p, q))
    assert cross == pytest.approx(-(p * np.log(q)).sum(), rel=1e-6)
    divergence = float(losses.KLDivergence()(p, q))
    assert cross == pytest.approx(entropy + divergence, rel=1e-5)
    # Of a class it is the logarithm of its probability, however the class is written.
    assert float(losses.SparseCategoricalCrossentropy()([1], q)) == pytest.approx(-np.log(0.6))
    assert float(losses.CategoricalCrossentropy()([[0, 1, 0]], q)) == pytest.approx(-np.log(0.6))
    binary = float(losses.BinaryCrossentropy()([[1.0], [0.0]], [[0.8], [0.4]]))
    assert binary == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2, rel=1e-5)


def test_the_activations_of_the_course():
    x = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
    expected = {
        "step": x >= 0,
        "sign": np.sign(x),
        "linear": x,
        "sigmoid": 1 / (1 + np.exp(-x)),
        "tanh": np.tanh(x),
        "relu": np.maximum(x, 0),
        "elu": np.where(x > 0, x, np.exp(x) - 1),
        "softmax": np.exp(x) / np.exp(x).sum(),
    }
    for name, values in expected.items():
        result = mm.activations.get(name)(jnp.asarray(x, "float32"))
        np.testing.assert_allclose(result, values, rtol=1e-5, atol=1e-7, err_msg=name)
    np.testing.assert_allclose(
        ops.leaky_relu(x, negative_slope=0.1), np.where(x > 0, x, 0.1 * x), rtol=1e-6
    )
    np.testing.assert_array_equal(ops.maxout(jnp.array([1.0, 4.0, 3.0, 2.0]), 2), [4, 3])
    assert Maxout(2)(np.ones((3, 6), "float32")).shape == (3, 2)


def by_hand(name, gradient, w, steps, lr):
    """The rules of the course, one number at a time."""
    v = s = 0.0
    path = []
    for t in range(1, steps + 1):
        g = gradient(w)
        if name == "sgd":
            w -= lr * g
        elif name == "momentum":
            v = 0.9 * v - lr * g
            w += v
        elif name == "nesterov":  # the gradient of the place that the momentum leads to
            g = gradient(w + 0.9 * v)
            v = 0.9 * v - lr * g
            w += v
        elif name == "adagrad":
            s += g * g
            w -= lr * g / np.sqrt(s)
        elif name == "rmsprop":
            s = 0.9 * s + 0.1 * g * g
            w -= lr * g / np.sqrt(s)
        elif name == "adam":
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g * g
            w -= lr * (v / (1 - 0.9**t)) / np.sqrt(s / (1 - 0.999**t))
        path.append(w + 0.9 * v if name == "nesterov" else w)
    return path


RULES = {
    "sgd": optimizers.SGD(0.1),
    "momentum": optimizers.SGD(0.1, momentum=0.9),
    "nesterov": optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adagrad": optimizers.Adagrad(0.1, initial_accumulator_value=0.0),
    "rmsprop": optimizers.RMSprop(0.1, rho=0.9),
    "adam": optimizers.Adam(0.1),
}


@pytest.mark.parametrize("name", RULES)
def test_the_optimizers_of_the_course_step_by_step(name):
    # A parabola: the gradient of (w - 3)^2 is 2 (w - 3). Keras's Nesterov keeps w + m v.
    expected = by_hand(name, lambda w: 2 * (w - 3), 0.5, 20, 0.1)
    rule, weights = RULES[name], [np.float32(0.5)]
    state, path = rule.init(weights), []
    for _ in range(20):
        weights, state = rule.advance(weights, [2 * (weights[0] - 3)], state)
        path.append(float(weights[0]))
    np.testing.assert_allclose(path, expected, rtol=1e-4, atol=1e-4)


# ---- 14 to 16: iterations, tensors, learning rates -----------------------------------------------


def test_a_million_rows_in_batches_of_a_thousand_are_a_thousand_iterations():
    rows = np.zeros((1_000_000, 1), "float32")
    model = line(0.0, 0.0)
    model.fit(rows, rows, batch_size=1000, verbose=0)
    assert int(model.optimizer.iterations) == 1000


def test_tensors_have_ranks_and_types():
    for rank in range(7):
        x = ops.ones((2,) * rank)
        assert x.ndim == rank
        assert float(ops.sum(x)) == 2**rank
    for dtype in ("float32", "int8", "int16", "int32", "uint8", "bool"):
        assert ops.cast(jnp.ones(3), dtype).dtype == dtype
    # 64 bits are understood and kept in 32, which is what devices compute with.
    model = line(1.0, 0.0)
    for dtype in ("float64", "int64"):
        assert model.predict(np.ones((2, 1), dtype)).dtype == np.float32


def test_a_learning_rate_too_large_diverges_and_one_too_small_crawls():
    # The loss of y = w x over the hours curves by 2 mean(x^2) = 60: steps above 2/60 diverge.
    def losses_of(rate):
        model = mm.Sequential([mm.Input((1,)), Dense(1, use_bias=False)])
        model.set_weights([[[0.0]]])
        model.compile(optimizers.SGD(rate), "mse")
        return np.array(model.fit(HOURS, 10 * HOURS, epochs=20, verbose=0).history["loss"])

    large, good, small = losses_of(0.04), losses_of(0.015), losses_of(1e-5)
    assert (np.diff(large) > 0).all()
    assert good[-1] < 1e-6
    assert (np.diff(small) < 0).all()
    assert small[-1] > 0.9 * small[0]
