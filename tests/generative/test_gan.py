"""GANs: a step against the same step by hand, penalties, averages, labels, resuming, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core import functional
from maeum.core.errors import (
    ConfigError,
    DataError,
    NonFiniteLossError,
    ShapeError,
    UnknownNameError,
)
from maeum.generative import (
    GAN,
    CollapseDetector,
    CollapseWarning,
    RelativisticGAN,
    WassersteinGAN,
)
from maeum.generative.adversarial_losses import LOSSES, gradient_penalty, logits_and_slopes
from maeum.generative.latent_walks import arc
from maeum.layers import Conv2D, Dense, Flatten, Reshape

rng = np.random.default_rng(0)
X = rng.random((24, 6, 5, 1)).astype("float32")
LABELS = np.arange(24) % 3
SGD = mm.optimizers.SGD


def parts(classes=None, channels=1):
    generator = mm.Sequential(
        [mm.Input((2,)), Dense(30 * channels, "sigmoid"), Reshape((6, 5, channels))]
    )
    discriminator = mm.Sequential(
        [mm.Input((6, 5, channels)), Conv2D(3, 3, activation="tanh"), Flatten(), Dense(1)]
    )
    return generator, discriminator


def gan(kind=GAN, **options):
    model = kind(*parts(), latent_size=2, seed=1, **options)
    model.compile((SGD(0.5), SGD(0.25)))
    return model


def values_of(part):
    return [jnp.asarray(v.numpy()) for v in part.trainable_variables]


# ---- a step by hand ------------------------------------------------------------------------------

FORMULAS = {  # D's loss and G's loss of logits, written out for float64
    "minimax": (
        lambda r, f: -np.log(1 / (1 + np.exp(-r))) - np.log(1 - 1 / (1 + np.exp(-f))),
        lambda r, f: np.log(1 - 1 / (1 + np.exp(-f))),
    ),
    "non_saturating": (
        lambda r, f: -np.log(1 / (1 + np.exp(-r))) - np.log(1 - 1 / (1 + np.exp(-f))),
        lambda r, f: -np.log(1 / (1 + np.exp(-f))),
    ),
    "least_squares": (
        lambda r, f: ((r - 1) ** 2 + f**2) / 2,
        lambda r, f: (f - 1) ** 2 / 2,
    ),
    "wasserstein": (lambda r, f: f - r, lambda r, f: -f),
    "relativistic": (
        lambda r, f: np.log(1 + np.exp(f - r)),
        lambda r, f: np.log(1 + np.exp(r - f)),
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_losses_are_their_formulas(name):
    real, made = rng.normal(size=5), rng.normal(size=5)
    for ours, formula in zip(LOSSES[name][:2], FORMULAS[name]):
        np.testing.assert_allclose(ours(real, made), formula(real, made), rtol=1e-5)


# Each loss once; the penalties that come with it by default, and steps of the discriminator.
STEPS = {
    "minimax": {},
    "non_saturating": {"r1": 0.5},
    "least_squares": {"discriminator_steps": 2},
    "wasserstein": {"discriminator_steps": 2},
    "relativistic": {"r2": 0.7},
}


@pytest.mark.parametrize("loss", STEPS)
def test_a_step_is_the_step_by_hand(loss, monkeypatch):
    codes = [jnp.asarray(rng.normal(size=(6, 2)), "float32") for _ in range(2)]
    fractions = jnp.asarray(rng.random(6), "float32")
    model = gan(loss=loss, **STEPS[loss])
    turns = model.discriminator_steps
    learner = [0]

    def noting(number, learn):
        def noted(*args):
            learner[0] = number
            return learn(*args)

        return noted

    for number, name in enumerate(("_learn_discriminator", "_learn_generator")):
        monkeypatch.setattr(model, name, noting(number, getattr(model, name)))
    generator, discriminator = values_of(model.generator), values_of(model.discriminator)
    monkeypatch.setattr(model, "_codes", lambda rows: codes[learner[0]])
    monkeypatch.setattr("maeum.ops.random.uniform", lambda key, shape: fractions)
    real = jnp.asarray(X[:6])

    def made(g, codes):
        return jax.nn.sigmoid(codes @ g[0] + g[1]).reshape(6, 6, 5, 1)

    def judge(d, images):
        dimensions = ("NHWC", "HWIO", "NHWC")
        h = jax.lax.conv_general_dilated(
            images, d[0], (1, 1), "VALID", dimension_numbers=dimensions
        )
        return (jnp.tanh(h + d[1]).reshape(6, -1) @ d[2] + d[3])[:, 0]

    def squared_slopes(d, images):
        one = jax.vmap(jax.grad(lambda image: judge_one(d, image)))(images)
        return (one**2).sum((1, 2, 3))

    def judge_one(d, image):
        return judge(d, jnp.broadcast_to(image, (6, 6, 5, 1)))[0]

    d_loss, g_loss = LOSSES[loss][:2]  # compared with their formulas above
    weights = model.penalties

    def objective(d, fake):
        value = d_loss(judge(d, real), judge(d, fake)).mean()
        value += weights["r1"] / 2 * squared_slopes(d, real).mean()
        value += weights["r2"] / 2 * squared_slopes(d, fake).mean()
        if weights["gradient_penalty"]:
            between = real + fractions[:, None, None, None] * (fake - real)
            norms = jnp.sqrt(squared_slopes(d, between))
            value += weights["gradient_penalty"] * ((norms - 1) ** 2).mean()
        return value

    for _turn in range(turns):
        slope = jax.grad(objective)(discriminator, made(generator, codes[0]))
        discriminator = [v - 0.25 * g for v, g in zip(discriminator, slope)]

    def fooled(g):
        fake = judge(discriminator, made(g, codes[1]))
        return g_loss(judge(discriminator, real), fake).mean()

    slope = jax.grad(fooled)(generator)
    generator = [v - 0.5 * g for v, g in zip(generator, slope)]

    logs = model.train_on_batch(X[:6], return_dict=True)
    for part, wanted in ((model.discriminator, discriminator), (model.generator, generator)):
        for got, value in zip(values_of(part), wanted):
            np.testing.assert_allclose(got, value, rtol=1e-4, atol=1e-5)
    assert np.isfinite(list(logs.values())).all()
    assert ("penalty" in logs) == any(weights.values())


def test_each_turn_of_the_discriminator_draws_codes_of_its_own(monkeypatch):
    model, drawn = gan(discriminator_steps=3), set()
    draw = model._codes

    def codes(rows):
        found = draw(rows)
        jax.debug.callback(lambda a: drawn.add(np.asarray(a).tobytes()), found)
        return found

    monkeypatch.setattr(model, "_codes", codes)
    model.train_on_batch(X[:6])
    jax.effects_barrier()
    assert len(drawn) == 4  # one of them is the generator's


# ---- penalties -----------------------------------------------------------------------------------


def test_slopes_and_the_gradient_penalty_agree_with_finite_differences():
    model = gan()
    d = model.discriminator
    x = jnp.asarray(X[:2])

    def judge(images):
        return d(images).reshape(-1)

    logits, squares = logits_and_slopes(judge, x)
    np.testing.assert_allclose(logits, d.predict(X[:2])[:, 0], rtol=1e-5)
    step, flat = 1e-2, np.array(X[:2]).reshape(2, -1)
    slopes = np.zeros_like(flat)
    for i in range(flat.shape[1]):
        up, down = flat.copy(), flat.copy()
        up[:, i] += step
        down[:, i] -= step
        high, low = (d.predict(a.reshape(2, 6, 5, 1))[:, 0] for a in (up, down))
        slopes[:, i] = (high - low) / (2 * step)
    np.testing.assert_allclose(squares, (slopes**2).sum(1), rtol=2e-3)
    # At the first images themselves: no part of the way to others.
    found = gradient_penalty(judge, x, x + 1, jnp.zeros(2))
    np.testing.assert_allclose(found, ((np.sqrt(squares) - 1) ** 2).mean(), rtol=1e-4)

    # The derivative of the penalty by the weights.
    kernel = d.trainable_variables[0]
    direction = jnp.asarray(np.random.default_rng(1).normal(size=kernel.shape), "float32")

    def penalty():
        return gradient_penalty(judge, x, x[::-1], jnp.asarray([0.3, 0.6]))

    _value, (slope,) = functional.value_and_grad(penalty, [kernel])
    at = kernel.value
    around = [
        functional.with_values([kernel], [at + sign * step * direction], penalty)[0]
        for sign in (1, -1)
    ]
    expected = (float(around[0]) - float(around[1])) / (2 * step)
    assert float((slope * direction).sum()) == pytest.approx(expected, rel=5e-3)


# ---- averages, samples, labels -------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    model = gan(moving_average=0.5)
    model.fit(X, batch_size=8, epochs=2, verbose=0, callbacks=[CollapseDetector()])
    return model


def test_training_tells_of_both_networks(trained):
    history = trained.history.history
    assert set(history) == {
        "accuracy", "discriminator_loss", "diversity", "generator_loss", "margin", "penalty",
    }  # fmt: skip
    assert all(len(values) == 2 for values in history.values())
    told = trained.evaluate(X, verbose=0, return_dict=True)
    assert set(told) == set(history)


def test_averages_follow_the_generator():
    model = gan(moving_average=0.15)
    kernel, average = model.generator.trainable_variables[0], model.averages[0]
    seen = []
    for _ in range(4):
        model.train_on_batch(X[:8])
        seen.append(kernel.numpy())
    expected = seen[0]  # the first is a copy; then min(0.15, n / (n + 10)) stays
    for n, weights in enumerate(seen[1:], 1):
        kept = min(0.15, n / (n + 10))
        expected = kept * expected + (1 - kept) * weights
    np.testing.assert_allclose(average.numpy(), expected, rtol=1e-5)


def test_samples_are_made_with_the_averages(trained):
    codes = trained.draw_codes(70, seed=3)  # more than are made at once
    kernel, bias = (average.numpy() for average in trained.averages)
    expected = 1 / (1 + np.exp(-(codes @ kernel + bias)))
    made = trained.sample(70, seed=3)
    np.testing.assert_allclose(made.reshape(70, -1), expected, rtol=1e-5)
    np.testing.assert_array_equal(trained.sample(70, seed=3), made)
    plain = trained.sample(70, seed=3, averaged=False)
    np.testing.assert_allclose(plain, trained.predict(codes), rtol=1e-5)
    assert np.abs(plain - made).max() > 1e-4
    assert np.abs(trained.sample(2) - trained.sample(2)).max() > 1e-4


def test_a_new_one_samples_with_its_first_weights():
    model = gan()
    codes = model.draw_codes(3, seed=1)
    np.testing.assert_allclose(model.decode(codes), model.predict(codes), rtol=1e-5)


def test_ways_between_codes(trained):
    a, b = trained.draw_codes(2, seed=1)
    images = trained.interpolate(a, b, steps=5)
    np.testing.assert_allclose(images[[0, -1]], trained.decode([a, b]), rtol=1e-5)
    walk = trained.walk(3, 4, seed=1)
    assert walk.shape == (12, 6, 5, 1)
    np.testing.assert_allclose(walk[[4, 8, 0]], trained.decode(trained.draw_codes(3, seed=1))[
        [0, 1, 2]], rtol=1e-5)  # fmt: skip
    # A quarter of a circle, in thirds of 30 degrees; and a straight line where there is no arc.
    points = arc(np.array([2.0, 0]), np.array([0, 2.0]), np.array([0, 1 / 3, 1]))
    np.testing.assert_allclose(points, [[2, 0], [3**0.5, 1], [0, 2]], atol=1e-12)
    np.testing.assert_allclose(
        arc(np.ones(2), np.ones(2), np.array([0.5])), [[1.0, 1.0]]
    )  # fmt: skip


@pytest.fixture(scope="module")
def conditional():
    model = GAN.convolutional((8, 6, 1), (4,), hidden=4, latent_size=2, classes=3, seed=1)
    model.compile()
    x = np.zeros((24, 8, 6, 1), "float32")
    x[np.arange(24), LABELS] = 1  # a row for each class
    model.fit(x, LABELS, batch_size=8, epochs=1, verbose=0)
    return model


def test_labels_reach_both_networks(conditional):
    codes = conditional.draw_codes(3, seed=1)
    one, two = (conditional.decode(codes, label) for label in (0, 2))
    assert np.abs(one - two).max() > 1e-5
    by_hand = conditional.decode(codes, np.eye(3)[[2, 2, 2]])
    np.testing.assert_array_equal(two, by_hand)
    image = jnp.zeros((3, 8, 6, 1))
    logits = conditional.discriminate(image, jnp.eye(3), False)
    assert len(np.unique(np.asarray(logits))) == 3
    # All classes in turn, unless some are asked for.
    np.testing.assert_array_equal(
        conditional.sample(6, seed=1), conditional.sample(6, np.arange(6) % 3, seed=1)
    )
    on_the_way = conditional.interpolate(codes[0], codes[1], 3, labels=(0, 2))
    np.testing.assert_allclose(on_the_way[-1], conditional.decode(codes[1:2], 2)[0], rtol=1e-5)
    assert conditional.walk(2, 2, labels=1, seed=1).shape == (4, 8, 6, 1)


def test_wrong_labels_are_errors(conditional):
    x = np.zeros((4, 8, 6, 1), "float32")
    for y, kind, said in (
        (
            [0, 1, 2, 3],
            DataError,
            "Labels go from 0 to 2, as classes=3 says; y holds labels from 0",
        ),
        ([0, 1, -1, 2], DataError, "from -1 to 2"),
        ([0.5, 1, 2, 1], DataError, "whole numbers"),
        (np.zeros((4, 2)), ShapeError, "shape"),
        (None, DataError, "need labels: fit"),
    ):
        with pytest.raises(kind, match=said):
            conditional.fit(x, None if y is None else np.asarray(y), verbose=0)
    with pytest.raises(DataError, match="Labels go from 0 to 2"):
        conditional.sample(2, 5)
    with pytest.raises(ShapeError, match="one label for each row, 2 of them"):
        conditional.sample(2, [1, 1, 1])
    with pytest.raises(ConfigError, match="say of which"):
        conditional.decode(np.zeros((1, 2)))


def test_one_hot_labels_are_taken_as_they_are(conditional):
    x = np.zeros((4, 8, 6, 1), "float32")
    numbers = conditional.evaluate(x, np.array([0, 1, 2, 0]), verbose=0, return_dict=True)
    conditional.trainer.counter.assign(conditional.trainer.counter.value)
    one_hot = conditional.evaluate(x, np.eye(3)[[0, 1, 2, 0]], verbose=0, return_dict=True)
    assert numbers == pytest.approx(one_hot)


# ---- keeping and resuming ------------------------------------------------------------------------


class Killed(Exception):
    pass


class Kill(mm.callbacks.Callback):
    """Break a training off behind so many steps."""

    def __init__(self, steps):
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if not self.steps:
            raise Killed


def adam():
    model = GAN(*parts(), latent_size=2, seed=1, augmentation=True)
    model.compile()
    return model


def test_a_killed_training_goes_on_to_the_same_bits(tmp_path):
    def fit(model, *callbacks, backup=None):
        return model.fit(X, batch_size=8, epochs=3, verbose=0, backup=backup, callbacks=callbacks)

    straight = adam()
    whole = fit(straight).history
    backup = mm.training.Backup(tmp_path, steps=1, overhead=1)
    with pytest.raises(Killed):
        fit(adam(), Kill(5), backup=backup)
    resumed = adam()
    assert fit(resumed, backup=mm.training.Backup(tmp_path, steps=1, overhead=1)).history == whole
    for path, value in functional.values(straight).items():
        np.testing.assert_array_equal(value, functional.values(resumed)[path])


def test_a_saved_one_makes_the_same_images_and_goes_on(tmp_path):
    model = adam()
    model.fit(X, batch_size=8, epochs=1, verbose=0)
    model.save(tmp_path / "gan.maeum")
    again = mm.load_model(tmp_path / "gan.maeum")
    np.testing.assert_array_equal(model.sample(3, seed=1), again.sample(3, seed=1))
    assert again.get_config() == model.get_config()
    one, two = (m.fit(X, batch_size=8, epochs=1, verbose=0).history for m in (model, again))
    assert one == two


@pytest.mark.parametrize("kind", [RelativisticGAN, WassersteinGAN])
def test_named_kinds_are_saved_as_themselves(kind, tmp_path):
    model = kind(*parts(), latent_size=2, seed=1)
    model.save(tmp_path / "gan.maeum")
    again = mm.load_model(tmp_path / "gan.maeum")
    assert type(again) is kind
    assert again.penalties == model.penalties
    assert again.discriminator_steps == (5 if kind is WassersteinGAN else 1)


# ---- collapse ------------------------------------------------------------------------------------


def test_signs_of_collapse_are_told_once(trained):
    detector = CollapseDetector(patience=2, warmup_steps=6)  # as many as it was trained
    detector.set_model(trained)
    seen = [(0.1, 0.7), (0.9, 0.7), *[(0.1, 0.7)] * 3, *[(1.0, 1.0)] * 3]

    def train():
        for epoch, (diversity, accuracy) in enumerate(seen):
            detector.on_epoch_end(epoch, {"diversity": diversity, "accuracy": accuracy})

    with pytest.warns(CollapseWarning) as told:
        train()
    assert detector.signs == {"diversity": 3, "accuracy": 6}
    texts = [str(one.message) for one in told]
    assert len(texts) == 2
    assert "differ 10% as much as real ones (epoch 4)" in texts[0]
    assert "The discriminator wins" in texts[1]


def test_a_generator_of_one_image_is_noticed():
    model = gan()
    model.compile((SGD(1e-9), SGD(1e-9)))
    model.generator.set_weights([np.zeros((2, 30)), np.zeros(30)])
    with pytest.warns(CollapseWarning, match="may have collapsed"):
        model.fit(X, epochs=3, verbose=0, callbacks=[CollapseDetector(warmup_steps=0)])


@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_what_is_not_finite_is_named(part):
    model = gan()
    weight = getattr(model, part).trainable_variables[-1]
    weight.assign(np.full(weight.shape, np.nan, "float32"))
    with pytest.raises(NonFiniteLossError, match=f"It was the {part}'s"):
        model.fit(X, batch_size=8, verbose=0)


def test_after_a_loss_that_is_not_finite_the_weights_are_those_before():
    model = gan()
    model.compile((SGD(3e38), SGD(3e38)))
    before = [v.numpy() for v in model.weights]
    with pytest.raises(NonFiniteLossError, match="at step"):
        model.fit(X, batch_size=8, verbose=0)
    for value, old in zip(model.weights, before):
        np.testing.assert_array_equal(value.numpy(), old)


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "kind", "said"),
    [
        (X[:1], DataError, "1 is too few"),
        (X[:, :4], ShapeError, r"shape \(6, 5, 1\), and the images in x have the shape \(4, 5, 1"),
        (np.where(X > 0.99, np.nan, X), DataError, "not finite in"),
        (X * 255, DataError, "makes pixels from 0 to 1, and x holds values from .* Scale them"),
        ([X, X], DataError, "one array of images"),
    ],
)
def test_images_that_do_not_fit_are_errors(x, kind, said):
    model = gan()
    with pytest.raises(kind, match=said):
        model.fit(x, verbose=0)
    assert int(model.trainer.counter.value) == 0


def test_images_without_channels_are_taken(trained):
    assert trained.match_inputs(X[..., 0]).shape == X.shape


def test_networks_that_do_not_fit_are_errors():
    generator, discriminator = parts()
    larger = mm.Sequential([mm.Input((2,)), Dense(36), Reshape((6, 6, 1))])
    two = mm.Sequential([mm.Input((6, 5, 1)), Flatten(), Dense(2)])
    probability = mm.Sequential([mm.Input((6, 5, 1)), Flatten(), Dense(1, "sigmoid")])
    for pair, kind, said in (
        ((larger, discriminator), ShapeError, r"images of shape \(6, 6, 1\), .* \(6, 5, 1\)"),
        ((generator, two), ShapeError, r"one number for each image.*\(None, 2\)"),
        ((generator, probability), ConfigError, "gives logits"),
        ((generator, "discriminator"), ConfigError, "The discriminator is a model"),
        ((None, discriminator), ConfigError, "The generator is a model"),
    ):
        with pytest.raises(kind, match=said):
            GAN(*pair, latent_size=2)
    with pytest.raises(ShapeError, match=r"does not take inputs of shape \(None, 3\)"):
        GAN(generator, discriminator, latent_size=3)
    with pytest.raises(ConfigError, match="divided by 8"):
        GAN.convolutional((28, 28, 1), (8, 8, 8))


def test_options_that_make_no_sense_are_errors(trained):
    pair = parts()
    for options, kind, said in (
        ({"loss": "wasserstien"}, UnknownNameError, "Did you mean 'wasserstein'"),
        ({"augmentation": "colour"}, UnknownNameError, "Did you mean 'color'"),
        ({"augmentation": 3}, ConfigError, "augmentation is a list"),
        ({"discriminator_steps": 0}, ConfigError, "discriminator_steps"),
        ({"r1": -1}, ConfigError, "r1"),
        ({"moving_average": 1.0}, ConfigError, "moving_average"),
        ({"classes": 1}, ConfigError, "classes"),
    ):
        with pytest.raises(kind, match=said):
            GAN(*pair, latent_size=2, **options)
    one = SGD()
    for arguments, said in (
        ({"optimizer": "adam", "generator_optimizer": "adam"}, "Give either"),
        ({"optimizer": one}, "an optimizer each"),
        ({"optimizer": (one, one)}, "one object for both"),
        ({"optimizer": ("sgd",)}, "is a pair"),
        ({"loss": "mse"}, "objective of its own"),
    ):
        with pytest.raises(ConfigError, match=said):
            gan().compile(**arguments)
    with pytest.raises(ConfigError, match="learns from images alone"):
        trained.fit(X, LABELS, verbose=0)
    with pytest.raises(ConfigError, match="no weights of samples"):
        trained.fit(X, sample_weight=np.ones(24), verbose=0)
    with pytest.raises(ConfigError, match="made without classes"):
        trained.sample(3, 1)
    with pytest.raises(ShapeError, match=r"Latent codes have the shape \(rows, 2\)"):
        trained.decode(np.zeros((3, 4)))
